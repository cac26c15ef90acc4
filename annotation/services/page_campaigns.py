"""Campaigns over pages, and over two pages of a query side by side: made from the catalog's lists."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from annotation.models import AnnotationTask, Campaign, ListSettings, Slot
from annotation.selectors.page_sources import PageChoice, pages_chosen, same_lists
from annotation.services.blinding import pages_hide
from catalog.models import Page
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Corpus, User


@dataclass(frozen=True)
class Asking:
    """What a campaign over pages asks of people, beside which pages."""

    redundancy: int = 1
    blind_share: float = 0.0
    guideline: str = ""
    items: str = ListSettings.Items.OPTIONAL
    five_grades: bool = False


def page_campaign_create(
    *, corpus: Corpus, name: str, actor: User | None, pages: Sequence[int], asking: Asking = Asking(),
    source: str = "",
) -> Campaign:  # fmt: skip
    """A draft campaign over pages (ids of this corpus), each judged by `redundancy` different people."""
    held = Page.objects.filter(corpus=corpus, pk__in=pages, entries__isnull=False).distinct()
    by_id = {page.pk: page for page in held}
    with transaction.atomic():
        campaign = _campaign(corpus, name, actor, Campaign.Kind.PAGE, asking)
        ListSettings.objects.create(campaign=campaign, items=asking.items, source=source[:120])
        _fill(
            campaign, [AnnotationTask(page=by_id[pk]) for pk in dict.fromkeys(pages) if pk in by_id], asking
        )
        pages_hide(campaign)
        _written(campaign, actor)
    return campaign


def sides_campaign_create(
    *, corpus: Corpus, name: str, actor: User | None, choice: PageChoice, other_source: str,
    asking: Asking = Asking(),
) -> Campaign:  # fmt: skip
    """A draft campaign over the queries that have a page of both sources. Who is which is decided task by task.

    Queries whose two lists are the same are not asked about: they are counted, and stand as ties in the result.
    """
    if choice.source == other_source:
        raise Invalid("Choose two different sources to set side by side.", code="source")
    left, right = pages_chosen(corpus, choice), pages_chosen(corpus, choice.of(other_source))
    both = [(left[query], right[query]) for query in left if query in right]
    same = same_lists(both)
    with transaction.atomic():
        campaign = _campaign(corpus, name, actor, Campaign.Kind.PAGE_PAIR, asking)
        ListSettings.objects.create(
            campaign=campaign, items=ListSettings.Items.NONE, five_grades=asking.five_grades,
            source=choice.source, other_source=other_source, identical=len(same),
        )  # fmt: skip
        asked = [(one, other) for one, other in both if one not in same]
        _fill(campaign, [_shuffled(campaign.pk, one, other) for one, other in asked], asking)
        _written(campaign, actor)
    return campaign


def page_campaign_clone(*, campaign: Campaign, actor: User | None, name: str) -> Campaign:
    """A draft with the same settings over the same pages; which of two stands first is drawn anew."""
    told = ListSettings.objects.get(campaign=campaign)
    asking = Asking(
        campaign.redundancy, campaign.blind_share, campaign.guideline, told.items, told.five_grades
    )
    asked = list(campaign.annotation_tasks.order_by("pk").values_list("page_id", "other_page_id"))
    with transaction.atomic():
        made = _campaign(campaign.corpus, name, actor, Campaign.Kind(campaign.kind), asking)
        ListSettings.objects.create(
            campaign=made, items=told.items, five_grades=told.five_grades, source=told.source,
            other_source=told.other_source, identical=told.identical,
        )  # fmt: skip
        if campaign.kind == Campaign.Kind.PAGE:
            _fill(made, [AnnotationTask(page_id=page) for page, _ in asked], asking)
            pages_hide(made)
        else:
            both = [(page, other) for page, other in asked if page and other]
            _fill(made, [_shuffled(made.pk, page, other) for page, other in both], asking)
        _written(made, actor)
    return made


def _shuffled(campaign: int, one: int, other: int) -> AnnotationTask:
    """Which of the two stands first in the row is drawn too: not even the order of ids tells them apart."""
    first, second = (
        (one, other) if random.Random(f"{campaign}:{one}:{other}").random() < 0.5 else (other, one)
    )
    return AnnotationTask(page_id=first, other_page_id=second)


def _campaign(corpus: Corpus, name: str, actor: User | None, kind: str, asking: Asking) -> Campaign:
    if not name.strip():
        raise Invalid("A campaign needs a name.", code="name")
    if not 1 <= asking.redundancy <= 9:
        raise Invalid("Between 1 and 9 people judge each subject.", code="redundancy")
    if not 0 <= asking.blind_share <= 1:
        raise Invalid("The share judged blind lies between 0 and 1.", code="blind_share")
    if Campaign.objects.filter(corpus=corpus, name=name.strip()).exists():
        raise Conflict("There is a campaign of that name already.", code="campaign_name")
    return Campaign.objects.create(
        corpus=corpus, name=name.strip()[:120], kind=kind, redundancy=asking.redundancy,
        blind_share=asking.blind_share, guideline=asking.guideline, created_by=actor,
    )  # fmt: skip


def _fill(campaign: Campaign, tasks: list[AnnotationTask], asking: Asking) -> None:
    """Tasks and their places: every task's first place stands before any second one."""
    if not tasks:
        raise Invalid("No page fits that choice, so there is nothing to judge.", code="no_pages")
    for task in tasks:
        task.campaign = campaign
        task.blind = random.Random(f"{campaign.pk}:{task.page_id}").random() < asking.blind_share
    made = AnnotationTask.objects.bulk_create(tasks, batch_size=2000)
    slots = [
        Slot(campaign=campaign, annotation_task=task, number=number)
        for number in range(1, asking.redundancy + 1)
        for task in made
    ]
    Slot.objects.bulk_create(slots, batch_size=5000)
    campaign.slots_total = len(slots)
    campaign.save(update_fields=["slots_total"])


def _written(campaign: Campaign, actor: User | None) -> None:
    facts: dict[str, Any] = {
        "kind": campaign.kind, "slots": campaign.slots_total, "redundancy": campaign.redundancy,
    }  # fmt: skip
    audit_record(actor=actor, corpus=campaign.corpus, action="campaign.create", subject=campaign, data=facts)
