"""This room's own refusals."""

from webapp.common.errors import Conflict, Invalid


class SlotTaken(Conflict):
    """Her lease ran out and somebody else has answered: what she typed comes back with the refusal."""

    default_code = "slot_taken"


class KeyTaken(Conflict):
    """Another person's answer already bears this idempotency key."""

    default_code = "key_taken"


class NothingToUndo(Conflict):
    default_code = "nothing_to_undo"


class DimensionNeeded(Invalid):
    """An L2 verdict says which attribute conflicts."""

    default_code = "dimension_needed"


NEEDS_REASON = "This is not what the rules leave open: say why you see it otherwise."


class ReasonNeeded(Invalid):
    """A verdict outside what the shown rules allow says why."""

    default_code = "reason_needed"


class KeyClash(Invalid):
    """One key would mean two things on one page, or is no key at all."""

    default_code = "key_clash"


class NoRelease(Conflict):
    """Judgments name the rulebook release they were made under, and this corpus has none."""

    default_code = "no_release"
