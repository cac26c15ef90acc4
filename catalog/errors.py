"""Refusals of this room."""

from webapp.common.errors import Invalid, Unavailable


class ImportRefused(Invalid):
    """Nothing can come of this import, and trying again would not help."""

    default_code = "import_refused"
    final = True  # the ledger does not try such a job again


class DiskRefuses(Unavailable):
    """A disk of this installation is full or read-only: what is committed stands, and the work goes on when it is not."""

    default_code = "disk_refuses"
