"""The quiz before a campaign: gold pairs whose verdict a person has to get right before she is given subjects."""

import random
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotation.models import Campaign, Gold, QuizAttempt
from annotation.services.notices import notices_write
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound, Refused
from webapp.common.models import User


def quiz_start(*, campaign: Campaign, person: User) -> QuizAttempt:
    """Her attempt under way, or the next one. Refused where she has passed, or has no try left."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        attempts = list(QuizAttempt.objects.filter(campaign=campaign, person=person).order_by("number"))
        if attempts and attempts[-1].passed is None:
            return attempts[-1]
        if any(attempt.passed for attempt in attempts):
            raise Conflict("You have passed this quiz.", code="quiz_passed")
        if not campaign.quiz_size:
            raise NotFound("This campaign has no quiz.")
        if len(attempts) >= campaign.quiz_tries:
            raise Refused("You have no try left: ask a reviewer for another one.", code="quiz_tries")
        number = len(attempts) + 1
        pairs = _questions(campaign, person, number, {pk for attempt in attempts for pk in attempt.pairs})
        return QuizAttempt.objects.create(campaign=campaign, person=person, number=number, pairs=pairs)


def _questions(campaign: Campaign, person: User, number: int, asked: set[int]) -> list[int]:
    """Gold drawn by a seed of campaign, person and try; pairs she was not asked before come first, all grades mixed."""
    by_grade: dict[int, list[int]] = {}
    rows = Gold.objects.filter(pair__corpus=campaign.corpus_id, pair__item__deleted_at=None)
    draw = random.Random(f"{campaign.pk}:{person.pk}:{number}")
    for pk, grade in rows.order_by("pk").values_list("pk", "grade"):
        by_grade.setdefault(grade, []).append(pk)
    for pool in by_grade.values():
        draw.shuffle(pool)
        pool.sort(key=lambda pk: pk in asked)
    longest = max(map(len, by_grade.values()), default=0)
    order = [pool[at] for at in range(longest) for pool in by_grade.values() if at < len(pool)]
    order.sort(key=lambda pk: pk in asked)
    chosen = order[: campaign.quiz_size]
    if not chosen:
        raise Conflict("There is no gold to make a quiz of.", code="quiz_size")
    draw.shuffle(chosen)
    return chosen


def quiz_answer(*, attempt: QuizAttempt, pair: int, grade: int, dimension: str = "") -> QuizAttempt:
    """One answer; the last one ends the attempt and says whether she passed. An answer given is given."""
    if grade not in (1, 2, 3, 4):
        raise Invalid("A grade is L1, L2, L3 or L4.", code="grade")
    with transaction.atomic():
        held = (
            QuizAttempt.objects.select_for_update()
            .select_related("campaign__corpus", "person")
            .get(pk=attempt.pk)
        )
        if pair not in held.pairs:
            raise NotFound("That pair is not part of this quiz.")
        if held.passed is not None or str(pair) in held.answers:
            return held
        held.answers[str(pair)] = {"grade": grade, "dimension": dimension if grade < 3 else ""}
        if len(held.answers) == len(held.pairs):
            _finish(held)
        held.save(update_fields=["answers", "right", "passed", "finished_at"])
    return held


def _finish(attempt: QuizAttempt) -> None:
    """A pair that is gold no longer counts as right: it would be unfair either way, and rare."""
    campaign, gold = (
        attempt.campaign,
        dict(Gold.objects.filter(pk__in=attempt.pairs).values_list("pk", "grade")),
    )
    attempt.right = sum(
        said["grade"] == gold.get(int(pk), said["grade"]) for pk, said in attempt.answers.items()
    )
    attempt.passed = attempt.right >= campaign.quiz_pass * len(attempt.pairs) - 1e-9
    attempt.finished_at = timezone.now()
    facts: dict[str, Any] = {"right": attempt.right, "of": len(attempt.pairs), "try": attempt.number}
    audit_record(
        actor=attempt.person, corpus=campaign.corpus, action="quiz.passed" if attempt.passed else "quiz.failed",
        subject=campaign, data=facts,
    )  # fmt: skip
    _tell(attempt)


def _tell(attempt: QuizAttempt) -> None:
    """Whoever made the campaign hears how it went; she herself sees the result at once and finds it again later."""
    campaign, word = attempt.campaign, "passed" if attempt.passed else "did not pass"
    url = reverse("annotation:quiz_detail", args=[campaign.corpus.slug, campaign.pk])
    score = f"{attempt.right} of {len(attempt.pairs)} right"
    mine = f"You {word} the quiz of {campaign.name}: {score}."
    notices_write(corpus=campaign.corpus, people=[attempt.person_id], kind="quiz", text=mine, url=url)
    if campaign.created_by_id and campaign.created_by_id != attempt.person_id:
        text = f"{attempt.person.display_name} {word} the quiz of {campaign.name}: {score} (try {attempt.number})."
        url = reverse("annotation:campaign_detail", args=[campaign.corpus.slug, campaign.pk])
        notices_write(
            corpus=campaign.corpus, people=[campaign.created_by_id], kind="quiz", text=text, url=url
        )


def quiz_waive(*, campaign: Campaign, person: User, actor: User) -> QuizAttempt:
    """A reviewer lets somebody in without (or after failing) the quiz: an attempt without questions, passed."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        attempts = QuizAttempt.objects.filter(campaign=campaign, person=person)
        if attempts.filter(passed=True).exists():
            raise Conflict("This person has passed the quiz.", code="quiz_passed")
        attempts.filter(passed=None).update(passed=False, finished_at=timezone.now())
        row = QuizAttempt.objects.create(
            campaign=campaign, person=person, number=attempts.count() + 1, pairs=[], passed=True,
            finished_at=timezone.now(),
        )  # fmt: skip
        facts = {"person": person.pk, "name": person.display_name}
        audit_record(actor=actor, corpus=campaign.corpus, action="quiz.waive", subject=campaign, data=facts)
        text = f"{actor.display_name} let you into {campaign.name} without the quiz."
        url = reverse("annotation:quiz_detail", args=[campaign.corpus.slug, campaign.pk])
        notices_write(corpus=campaign.corpus, people=[person.pk], kind="quiz", text=text, url=url)
    return row
