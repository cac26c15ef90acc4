"""Quizzes as people see them: may she work here, what is asked next, how it went."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.models import Campaign, Gold, QuizAttempt
from catalog.models import Pair
from webapp.common.models import User


def quiz_passed(campaign: Campaign, person: User) -> bool:
    """Whether she may be given subjects: there is no quiz, or she has passed it."""
    if not campaign.quiz_size:
        return True
    return QuizAttempt.objects.filter(campaign=campaign, person=person, passed=True).exists()


def may_be_given(campaign: Campaign, person: User) -> bool:
    """Whether she is given further subjects: the campaign is open and not over, and its quiz is behind her."""
    open_now = campaign.state == Campaign.State.OPEN and not campaign.is_over
    return open_now and quiz_passed(campaign, person)


@dataclass(frozen=True)
class QuizAnswer:
    """One question of a finished attempt: her verdict, the gold one and why it is that."""

    pair: Pair
    grade: int
    dimension: str
    gold: Gold | None

    @property
    def right(self) -> bool:
        return self.gold is None or self.gold.grade == self.grade


@dataclass(frozen=True)
class QuizState:
    """Where she stands: an attempt under way, the finished ones, the tries she has left."""

    attempts: Sequence[QuizAttempt]
    tries: int

    @property
    def current(self) -> QuizAttempt | None:
        return next((row for row in self.attempts if row.passed is None), None)

    @property
    def last(self) -> QuizAttempt | None:
        done = [row for row in self.attempts if row.passed is not None]
        return done[-1] if done else None

    @property
    def passed(self) -> bool:
        return any(row.passed for row in self.attempts)

    @property
    def tries_left(self) -> int:
        return max(0, self.tries - len(self.attempts))


def quiz_state(campaign: Campaign, person: User) -> QuizState:
    rows = QuizAttempt.objects.filter(campaign=campaign, person=person).order_by("number")
    return QuizState(list(rows), campaign.quiz_tries)


def quiz_next(attempt: QuizAttempt) -> int | None:
    """The pair asked next, or None where all are answered."""
    return next((pk for pk in attempt.pairs if str(pk) not in attempt.answers), None)


def quiz_result(attempt: QuizAttempt) -> list[QuizAnswer]:
    """Every question with both verdicts, those she got wrong first. Three queries."""
    pairs = Pair.objects.filter(pk__in=attempt.pairs).select_related("query", "item__current").in_bulk()
    gold = Gold.objects.in_bulk(attempt.pairs)
    rows = [
        QuizAnswer(pairs[pk], said["grade"], said.get("dimension", ""), gold.get(pk))
        for pk in attempt.pairs
        if (said := attempt.answers.get(str(pk))) and pk in pairs
    ]
    return sorted(rows, key=lambda row: row.right)


def quiz_results(campaign: Campaign) -> list[QuizAttempt]:
    """Everybody's attempts, newest first, for those who run the campaign."""
    rows = QuizAttempt.objects.filter(campaign=campaign).select_related("person")
    return list(rows.order_by("-pk")[:100])
