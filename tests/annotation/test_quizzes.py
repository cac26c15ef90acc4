"""The quiz before a campaign: gold to be got right before the first subject."""

from types import SimpleNamespace
from typing import Any

import pytest

from annotation import services
from annotation.models import Campaign, QuizAttempt
from annotation.selectors.quizzes import quiz_next, quiz_result
from webapp.common.errors import Conflict, Invalid, NotFound, Refused
from webapp.common.models import AuditEntry, Notification, User


def quiz(shop: SimpleNamespace, **values: Any) -> Campaign:
    for pair in shop.pairs[:6]:
        services.gold_set(pair=pair, grade=4, actor=shop.people.admin, reason="a dress all the same")
    pairs = [pair.pk for pair in shop.pairs[6:]]
    return shop.campaign(pairs=pairs, quiz_size=3, quiz_pass=0.66, quiz_tries=2, **values)


def sit(campaign: Campaign, person: User, grades: list[int]) -> QuizAttempt:
    attempt = services.quiz_start(campaign=campaign, person=person)
    for grade in grades:
        asked = quiz_next(attempt)
        assert asked is not None
        attempt = services.quiz_answer(attempt=attempt, pair=asked, grade=grade)
    return attempt


def test_nobody_is_given_a_subject_before_she_has_passed_the_quiz(shop: SimpleNamespace) -> None:
    campaign, me = quiz(shop), shop.people.annotator
    assert services.slots_hold(campaign=campaign, person=me, want=3) == []
    failed = sit(campaign, me, [4, 1, 1])
    assert failed.passed is False and failed.right == 1
    assert services.slot_lease(campaign=campaign, person=me) is None
    assert [row.right for row in quiz_result(failed)] == [False, False, True]
    passed = sit(campaign, me, [4, 4, 1])
    assert passed.passed and passed.number == 2 and not set(passed.pairs) & set(failed.pairs)
    assert services.slot_lease(campaign=campaign, person=me) is not None
    texts = list(Notification.objects.order_by("pk").values_list("person__display_name", "text"))
    assert [name for name, _ in texts] == ["Annotator", "Admin"] * 2 and "2 of 3 right" in texts[-1][1]
    with pytest.raises(Conflict):
        services.quiz_start(campaign=campaign, person=me)


def test_tries_run_out_and_a_reviewer_lets_her_in(shop: SimpleNamespace) -> None:
    campaign, me = quiz(shop), shop.people.annotator
    for _ in range(2):
        sit(campaign, me, [1, 1, 1])
    with pytest.raises(Refused):
        services.quiz_start(campaign=campaign, person=me)
    services.quiz_waive(campaign=campaign, person=me, actor=shop.people.reviewer)
    assert services.slot_lease(campaign=campaign, person=me) is not None
    assert AuditEntry.objects.filter(action="quiz.waive").exists()


def test_a_quiz_needs_gold_and_takes_an_answer_once(shop: SimpleNamespace) -> None:
    with pytest.raises(Invalid):
        shop.campaign(quiz_size=3)
    campaign = quiz(shop)
    attempt = services.quiz_start(campaign=campaign, person=shop.people.annotator)
    assert services.quiz_start(campaign=campaign, person=shop.people.annotator).pk == attempt.pk
    first = quiz_next(attempt) or 0
    services.quiz_answer(attempt=attempt, pair=first, grade=1)
    again = services.quiz_answer(attempt=attempt, pair=first, grade=4)
    assert again.answers[str(first)]["grade"] == 1
    with pytest.raises(NotFound):
        services.quiz_answer(attempt=attempt, pair=shop.pairs[11].pk, grade=4)
