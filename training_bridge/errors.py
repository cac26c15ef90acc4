"""Refusals of this room, and the ends a run can come to."""

from webapp.common.errors import Conflict, Invalid


class NotEnoughJudged(Invalid):
    """A corpus whose settled verdicts do not make a training set yet."""

    default_code = "not_enough_judged"
    final = True


class GateNotPassed(Conflict):
    """A model may not go live without a passed gate, or a reason to override it."""

    default_code = "gate_not_passed"


class RunFailed(RuntimeError):
    """The trainer ended by itself with an error; trying again would end the same way."""

    final = True


class RunInterrupted(RuntimeError):
    """The trainer was ended from outside more often than a job may start it again."""
