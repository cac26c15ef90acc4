"""A reviewer over one person's answers: accepted, or returned with a word and asked again."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationTask, AnswerReview, Campaign, Judgment, Slot
from annotation.services.notices import notices_write
from annotation.services.slots import task_lock
from annotation.services.unsettling import task_unsettle
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import User

ASKED_AGAIN_FOR = timedelta(days=14)


def answer_accept(*, judgment: Judgment, actor: User, comment: str = "") -> AnswerReview:
    """The reviewer has looked at it and agrees."""
    with transaction.atomic():
        row = _review(judgment, actor, AnswerReview.Verdict.ACCEPTED, comment)
        audit_record(actor=actor, corpus=judgment.corpus, action="answer.accept", subject=judgment)
    return row


def answer_return(*, judgment: Judgment, actor: User, comment: str) -> AnswerReview:
    """Ask a person again, saying why: her answer is withdrawn and the same place is hers, first in her queue.

    Nobody else gets the place, so overlap stays exact; if she never answers, its lease ends and it opens to others.
    """
    if not comment.strip():
        raise Invalid("Say why: the person concerned will read it.", code="comment")
    if judgment.slot_id is None:
        raise Conflict("Imported answers cannot be returned: nobody here gave them.", code="no_slot")
    with transaction.atomic():
        slot, task = task_lock(judgment.slot_id)
        if judgment.grade is None or Judgment.objects.filter(supersedes=judgment).exists():
            raise Conflict("This answer has been replaced or taken back since.", code="superseded")
        row = _review(judgment, actor, AnswerReview.Verdict.RETURNED, comment)
        _ask_again(judgment, slot, task)
        facts = {"person": judgment.person.display_name, "comment": comment.strip()[:300]}
        audit_record(
            actor=actor, corpus=judgment.corpus, action="answer.return", subject=judgment, data=facts
        )
        _tell(judgment, actor, comment.strip())
    return row


def _review(judgment: Judgment, actor: User, verdict: str, comment: str) -> AnswerReview:
    if judgment.person_id == actor.pk:
        raise Invalid("Somebody else reviews your answers.", code="own_answer")
    if AnswerReview.objects.filter(judgment=judgment).exists():
        raise Conflict("This answer has been reviewed already.", code="reviewed")
    return AnswerReview.objects.create(
        judgment=judgment, reviewer=actor, verdict=verdict, comment=comment.strip()[:1000]
    )


def _ask_again(judgment: Judgment, slot: Slot, task: AnnotationTask) -> None:
    Judgment.objects.create(
        corpus_id=judgment.corpus_id, pair_id=judgment.pair_id, item_version_id=judgment.item_version_id, slot=slot,
        person_id=judgment.person_id, release_id=judgment.release_id, grade=None, blind=judgment.blind,
        supersedes=judgment,
    )  # fmt: skip
    task_unsettle(task)
    Slot.objects.filter(pk=slot.pk).update(
        state=Slot.State.LEASED, lease=uuid.uuid4(), lease_until=timezone.now() + ASKED_AGAIN_FOR
    )
    Campaign.objects.filter(pk=slot.campaign_id).update(slots_done=F("slots_done") - 1)


def _tell(judgment: Judgment, actor: User, comment: str) -> None:
    text = f"{actor.display_name} asks you to look again at “{judgment.pair.query.text[:80]}”: {comment}"
    url = reverse("annotation:history_list", args=[judgment.corpus.slug])
    notices_write(
        corpus=judgment.corpus,
        people=[judgment.person_id],
        kind="returned",
        text=text,
        url=url,
    )
