"""A reviewer's word over people who disagree."""

from django.db import transaction
from django.urls import reverse

from annotation.errors import DimensionNeeded
from annotation.models import Adjudication, AnnotationTask, Judgment
from annotation.services.gold import gold_set
from annotation.services.notices import notices_write
from catalog.models import Pair, SettledVerdict
from catalog.services import verdict_settle
from rules.models import Release
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import User


def adjudication_record(
    *,
    pair: Pair,
    actor: User,
    release: Release,
    grade: int,
    reason: str,
    dimension: str = "",
    picture_decided: bool = False,
    make_gold: bool = False,
) -> Adjudication:
    """Settle a pair by a reviewer's verdict; its disputed tasks are closed and it may become gold."""
    if grade not in (1, 2, 3, 4):
        raise Invalid("A grade is L1, L2, L3 or L4.", code="grade")
    if grade == 2 and not dimension:
        raise DimensionNeeded("L2 says that one thing conflicts: name it.")
    if not reason.strip():
        raise Invalid("Say why: the people concerned will read it.", code="reason")
    if pair.item.current is None:
        raise Conflict("This item has no version to judge.", code="item_version")
    with transaction.atomic():
        row = Adjudication.objects.create(
            corpus_id=pair.corpus_id, pair=pair, item_version=pair.item.current, release=release, person=actor,
            grade=grade, dimension=dimension if grade < 3 else "", picture_decided=picture_decided, reason=reason.strip(),
        )  # fmt: skip
        disputed = AnnotationTask.objects.filter(pair=pair, outcome=AnnotationTask.Outcome.DISPUTED)
        disputed.update(outcome=AnnotationTask.Outcome.ADJUDICATED)
        _settle(row)  # after the tasks, whose rows an answer holds while it settles: the same order
        audit_record(
            actor=actor, corpus=pair.corpus, action="adjudication.record", subject=pair,
            data={"grade": grade, "dimension": row.dimension, "reason": row.reason[:500]},
        )  # fmt: skip
        if make_gold:
            gold_set(pair=pair, grade=grade, dimension=row.dimension, reason=row.reason, actor=actor)
        _tell(row)
    return row


def _tell(row: Adjudication) -> None:
    """Everybody who judged this pair here reads why, beside what she said; imported raters are nobody who could."""
    said = Judgment.objects.filter(pair=row.pair, superseded_by=None).exclude(grade=None)
    said = said.exclude(origin=Judgment.Origin.IMPORT).exclude(person=row.person)
    what = f"“{row.pair.query.text[:60]}” – {row.item_version.title[:60]}"
    history = reverse("annotation:history_list", args=[row.pair.corpus.slug])
    for person, answer in {one.person_id: one for one in said.order_by("at")}.items():
        notices_write(
            corpus=row.pair.corpus, people=[person], kind="adjudicated",
            text=f"{what}: you said {_written(answer)}, it was settled as {_written(row)}: {row.reason}",
            url=f"{history}#answer-{answer.pk}", actor=row.person,
        )  # fmt: skip


def _written(row: Judgment | Adjudication) -> str:
    return f"L{row.grade}" + (f"-{row.dimension}" if row.dimension else "")


def _settle(row: Adjudication) -> None:
    verdict_settle(
        pair=row.pair,
        item_version=row.item_version,
        grade=row.grade,
        dimension=row.dimension,
        source=SettledVerdict.Source.ADJUDICATION,
        method="adjudication",
        actor=row.person,
        picture_decided=row.picture_decided,
        blind=False,
    )
