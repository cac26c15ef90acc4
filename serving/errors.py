"""Refusals of this room."""

from webapp.common.errors import Conflict


class NothingServes(Conflict):
    """A corpus without a champion or without a release cannot answer."""

    default_code = "nothing_serves"
