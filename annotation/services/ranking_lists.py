"""Lists of reasonings for a ranking campaign, and the first such campaign of a corpus, which needs no model."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from annotation.models import AnnotationTask, Campaign, ListSettings, Slot
from annotation.selectors.page_sources import PageChoice
from annotation.services.blinding import tasks_hide
from annotation.services.campaigns import campaign_open, ranking_campaign_create
from annotation.services.reasonings import reasonings_ensure
from catalog.keys import query_key
from catalog.models import Pair, Stratum
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User

VARIANTS_JOB = "training.variants"
LISTS, MOST_LISTS = 30, 500
Lists = Sequence[tuple[Pair, Sequence[Mapping[str, Any]]]]


def variants_campaign_create(
    *, corpus: Corpus, name: str, actor: User | None, choice: PageChoice, variants: int = 4, redundancy: int = 1,
    hides_verdicts: bool = False, guideline: str = "", open_now: bool = True,
) -> Campaign:  # fmt: skip
    """A ranking campaign whose lists are written by the synthesiser: what people rank before a model exists.

    The campaign is there at once; a job fills it, a list a pair, and opens it. The pairs are spread over the choice.
    """
    if not 2 <= variants <= 8:
        raise Invalid("A list to rank has 2 to 8 different reasonings.", code="variants")
    if choice.limit > MOST_LISTS:
        raise Invalid(f"At most {MOST_LISTS} lists are written at once.", code="limit")
    pairs = _pairs(corpus, choice)
    if not pairs:
        raise Invalid("No pair fits that choice, so there is nothing to reason about.", code="no_pairs")
    with transaction.atomic():
        campaign = ranking_campaign_create(
            corpus=corpus, name=name, lists=(), actor=actor, redundancy=redundancy, guideline=guideline
        )
        ListSettings.objects.create(campaign=campaign, hides_verdicts=hides_verdicts)
        job_enqueue(
            kind=VARIANTS_JOB, corpus=corpus, actor=actor, queue="interactive",
            arguments={"campaign": campaign.pk, "pairs": pairs, "variants": variants, "open": open_now},
            idempotency_key=f"{VARIANTS_JOB}:{campaign.pk}",
        )  # fmt: skip
    return campaign


def _pairs(corpus: Corpus, choice: PageChoice) -> list[int]:
    """So many pairs of the choice, evenly from the whole of it: one query does not fill the campaign."""
    rows = Pair.objects.filter(corpus=corpus, item__deleted_at=None).exclude(item__current=None)
    if choice.queries:
        rows = rows.filter(query__key__in=[query_key(text) for text in choice.queries])
    if choice.stratum in Stratum.values:
        rows = rows.filter(query__traffic__stratum=choice.stratum)
    wanted = choice.limit or LISTS
    ids = list(rows.order_by("query_id", "pk").values_list("pk", flat=True)[: 200 * wanted])
    return ids[:: max(1, len(ids) // wanted)][:wanted]


def ranking_lists_add(*, campaign: Campaign, lists: Lists, release: Release | None) -> int:
    """Put lists of 2 to 8 different reasonings into a ranking campaign; a pair that has one is passed over. Safe twice."""
    if campaign.kind != Campaign.Kind.RANKING:
        raise Invalid("Only a ranking campaign takes lists of reasonings.", code="kind")
    with transaction.atomic():
        held = Campaign.objects.select_for_update().get(pk=campaign.pk)
        have = set(held.annotation_tasks.values_list("pair_id", flat=True))
        made = [_task(held, pair, contents, release) for pair, contents in lists if pair.pk not in have]
        slots = [
            Slot(campaign=held, annotation_task=task, number=number, priority=task.priority)
            for number in range(1, held.redundancy + 1)
            for task in made
        ]
        tasks_hide(held)
        Slot.objects.bulk_create(slots)
        held.slots_total += len(slots)
        held.save(update_fields=["slots_total"])
    return len(made)


def _task(
    campaign: Campaign, pair: Pair, contents: Sequence[Mapping[str, Any]], release: Release | None
) -> AnnotationTask:
    rows = {row.pk: row for row in reasonings_ensure(pair=pair, contents=contents, release=release)}
    if not 2 <= len(rows) <= 8:
        raise Invalid("A list to rank has 2 to 8 different reasonings.", code="reasonings")
    task = AnnotationTask.objects.create(campaign=campaign, pair=pair)
    task.reasonings.set(rows)
    return task


def ranking_campaign_ready(*, campaign: Campaign, opens: bool, actor: User | None) -> Campaign:
    """The lists are there: give them out, where that was asked and nobody has decided otherwise meanwhile."""
    campaign.refresh_from_db(fields=["state"])
    if opens and campaign.state == Campaign.State.DRAFT:
        return campaign_open(campaign=campaign, actor=actor)
    return campaign
