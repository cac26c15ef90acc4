"""Rules and their versions, rulebook releases, what is said of both, and what publishing one changes."""

from rules.models.definitions import DefinitionsVersion
from rules.models.releases import (
    Publication,
    PublicationPlan,
    PublishCheck,
    Release,
    ReleaseAcknowledgement,
    ReleaseEntry,
    ReleaseOmission,
    VerdictChange,
)
from rules.models.review import Comment, EditorPresence, ReplayEntry, ReplaySet
from rules.models.rules import FiringStatistic, Rule, RuleExample, RuleVersion
from rules.models.tables import TableVersion

__all__ = [
    "Comment", "DefinitionsVersion", "EditorPresence", "FiringStatistic", "Publication", "PublicationPlan",
    "PublishCheck", "Release", "ReleaseAcknowledgement", "ReleaseEntry", "ReleaseOmission", "ReplayEntry",
    "ReplaySet", "Rule", "RuleExample", "RuleVersion", "TableVersion", "VerdictChange",
]  # fmt: skip
