"""The champion's verdicts handed down to annotation: what a campaign may show to be accepted or corrected."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import AnnotationTask, Campaign, Slot, Suggestion
from annotation.selectors.releases import dimensions_of
from annotation.services import Suggested, suggestions_record
from catalog.models import ItemVersion, Pair, SettledVerdict
from catalog.selectors import query_fields
from relevance.grades import Grade
from rules.models import Release
from rules.selectors import release_current
from training_bridge.model_client import Scored, score
from training_bridge.models import ModelVersion
from training_bridge.prompts import prompts_for
from training_bridge.selectors import champion
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.jobs import JobContext, job_enqueue
from webapp.common.models import Corpus, Job, User

CHUNK = 200
MOST_UNJUDGED = 100_000


def suggestions_ask(*, corpus: Corpus, actor: User | None, unjudged: int = 0, cause: str = "") -> Job:
    """Start the job that asks the champion; a `cause` starts one job. Raises Invalid, or Conflict without champion."""
    if not 0 <= unjudged <= MOST_UNJUDGED:
        raise Invalid(f"Between 0 and {MOST_UNJUDGED} unjudged pairs are asked about.", code="unjudged")
    if champion(corpus) is None:
        raise Conflict("No model serves this corpus yet: run a turn of the loop first.", code="no_champion")
    with transaction.atomic():
        job = job_enqueue(
            kind="training.suggest", corpus=corpus, actor=actor, arguments={"unjudged": unjudged},
            idempotency_key=f"training.suggest:{cause}" if cause else None,
        )  # fmt: skip
        audit_record(
            actor=actor, corpus=corpus, action="suggestions.ask", subject=job, data={"unjudged": unjudged}
        )
    return job


def suggestions_make(*, corpus: Corpus, ctx: JobContext, unjudged: int = 0) -> dict[str, int]:
    """Ask the champion about pairs it has not spoken of under the release in force; {"asked", "kept"}.

    Those of open campaigns that show suggestions come first, with reasonings; then at most `unjudged` pairs that nobody
    has settled, verdicts alone: campaigns choose by what the model is unsure of. Safe to repeat: it goes on where it ended.
    """
    model, release = champion(corpus), release_current(corpus)
    asked = kept = 0
    if model is None or release is None:
        return {"asked": 0, "kept": 0}
    for pairs, reasoned in _wanted(corpus, model, release, min(unjudged, MOST_UNJUDGED)):
        ids = list(pairs.values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            ctx.progress(start, len(ids), "asking the champion")
            rows = _ask(ids[start : start + CHUNK], model, release, reasoned)
            with ctx.fenced():
                kept += suggestions_record(
                    corpus=corpus, release=release, model_name=model_name(model), rows=rows
                )
            asked += len(ids[start : start + CHUNK])
    return {"asked": asked, "kept": kept}


def model_name(model: ModelVersion) -> str:
    """How suggestions name a model version."""
    return f"model {model.number}"


def _wanted(
    corpus: Corpus, model: ModelVersion, release: Release, unjudged: int
) -> Iterator[tuple["QuerySet[Pair]", bool]]:
    """(pairs, whether reasonings are wanted): a current item, and no suggestion of this model for it."""
    spoken = Suggestion.objects.filter(
        pair=OuterRef("pk"), item_version=OuterRef("item__current"), release=release, model_name=model_name(model)
    )  # fmt: skip
    silent = Pair.objects.filter(corpus=corpus, item__current__isnull=False).exclude(Exists(spoken))
    open_tasks = AnnotationTask.objects.filter(
        pair=OuterRef("pk"), campaign__state=Campaign.State.OPEN, campaign__shows_suggestions=True,
        slots__state=Slot.State.OPEN,
    )  # fmt: skip
    yield silent.filter(Exists(open_tasks)).order_by("query_id", "pk"), True
    if unjudged:
        settled = SettledVerdict.objects.filter(pair=OuterRef("pk"))
        ids = silent.exclude(Exists(settled)).order_by("pk").values_list("pk", flat=True)[:unjudged]
        yield Pair.objects.filter(pk__in=list(ids)).order_by("query_id", "pk"), False


def _ask(ids: Sequence[int], model: ModelVersion, release: Release, reasoned: bool) -> list[Suggested]:
    rows = Pair.objects.filter(pk__in=ids, item__current__isnull=False).order_by("query_id", "pk")
    pairs = list(rows.select_related("query", "item__current__payload"))
    prompts: list[str] = []
    for _, group in groupby(pairs, key=lambda pair: pair.query_id):
        held = list(group)
        prompts += prompts_for(query_fields(held[0].query), [_version(pair) for pair in held], model, release)
    answers = score(prompts, model, model.serving_mode)
    texts = _reasonings(prompts, answers, model) if reasoned else {}
    known = dimensions_of(release)
    found = (_suggested(pair, answers[at], texts.get(at, ""), known) for at, pair in enumerate(pairs))
    return [one for one in found if one is not None]


def _reasonings(prompts: Sequence[str], answers: Sequence[Scored], model: ModelVersion) -> Mapping[int, str]:
    """Answer's place -> the text of a reasoning that comes to the same grade; another would only confuse."""
    said = answers if model.serving_mode == "reasoned" else score(prompts, model, "reasoned")
    same = ((at, one) for at, one in enumerate(said) if one.grade and one.grade == answers[at].grade)
    return {at: one.reasoning for at, one in same}


def _version(pair: Pair) -> ItemVersion:
    version = pair.item.current
    assert version is not None  # asked for by the query
    return version


def _suggested(pair: Pair, answer: Scored, text: str, known: Collection[str]) -> Suggested | None:
    """None for an unparsable answer: nothing is suggested then. L1 and L2 name a dimension the release has."""
    if answer.grade is None:
        return None
    named = answer.grade in (Grade.L1, Grade.L2) and answer.dimension in known
    dimension = answer.dimension if named else ""
    return Suggested(
        pair=pair.pk, item_version=_version(pair).pk, grade=int(answer.grade), dimension=dimension,
        probabilities=answer.probabilities, reasoning=text,
    )  # fmt: skip
