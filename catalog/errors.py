"""Refusals of this room."""

from webapp.common.errors import Invalid


class ImportRefused(Invalid):
    """Nothing can come of this import, and trying again would not help."""

    default_code = "import_refused"
    final = True  # the ledger does not try such a job again
