"""Who does what in this room."""

from webapp.common.models import Role

JUDGES = (Role.ANNOTATOR, Role.REVIEWER)
RUNNERS = (Role.REVIEWER, Role.ADMIN)
IMPORTERS = (Role.ADMIN,)  # a file may speak in a member's name
