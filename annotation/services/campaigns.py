"""Campaigns: work made set-based, so that a million pairs become slots in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from annotation.models import AnnotationTask, Campaign
from annotation.selectors.judgments import stale_judgments
from annotation.services.blinding import tasks_hide
from annotation.services.reasonings import reasonings_ensure
from catalog.models import Pair
from rules.models import Release
from rules.selectors import release_current
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Corpus, User

Pairs = Sequence[int] | QuerySet[Pair]

# Blind is drawn from the pair's own hash: the same share whoever makes the campaign, and no order to learn.
TASKS_SQL = """
INSERT INTO annotation_annotationtask (campaign_id, pair_id, priority, blind, is_gold, outcome)
SELECT %s, source.id, %s, (hashint8extended(source.id, %s) & 1023) < %s * 1024, false, ''
FROM ({source}) AS source(id)
ON CONFLICT (campaign_id, pair_id) WHERE pair_id IS NOT NULL DO NOTHING
"""
# Numbered first: a person walks over every task's first place before she meets a second one.
SLOTS_SQL = """
INSERT INTO annotation_slot (campaign_id, annotation_task_id, number, priority, state)
SELECT task.campaign_id, task.id, place.number, task.priority, 'open'
FROM annotation_annotationtask task CROSS JOIN generate_series(1, %s) AS place(number)
WHERE task.campaign_id = %s
ORDER BY place.number, {order}
ON CONFLICT (annotation_task_id, number) DO NOTHING
"""


def campaign_create(
    *,
    corpus: Corpus,
    name: str,
    actor: User | None,
    pairs: Pairs,
    redundancy: int = 1,
    blind_share: float = 0.0,
    gold_share: float = 0.0,
    guideline: str = "",
    deadline: datetime | None = None,
    priority: int = 0,
) -> Campaign:
    """A draft campaign over `pairs` (ids, or a queryset of the corpus's pairs), with all its slots.

    `gold_share` of the tasks, as far as the corpus has gold, are gold pairs strewn among the rest and judged blind.
    """
    with transaction.atomic():
        campaign = _campaign(
            corpus=corpus, name=name, kind=Campaign.Kind.PAIR, redundancy=redundancy, blind_share=blind_share,
            guideline=guideline, deadline=deadline, created_by=actor,
        )  # fmt: skip
        if not _tasks_insert(campaign, pairs, priority):
            raise Invalid("No pair fits that choice, so there is nothing to judge.", code="no_pairs")
        if gold_share > 0:
            _gold_insert(campaign, gold_share, priority)
        tasks_hide(campaign)
        _slots_insert(campaign, strewn=gold_share > 0)
        audit_record(
            actor=actor, corpus=corpus, action="campaign.create", subject=campaign, data=_facts(campaign)
        )
    return campaign


def ranking_campaign_create(
    *,
    corpus: Corpus,
    name: str,
    lists: Sequence[tuple[Pair, Sequence[Mapping[str, Any]]]],
    actor: User | None = None,
    redundancy: int = 1,
    guideline: str = "",
) -> Campaign:
    """A draft campaign that asks for an order of each pair's reasonings (2 to 8; see `reasonings_ensure`)."""
    release = release_current(corpus)
    with transaction.atomic():
        campaign = _campaign(
            corpus=corpus, name=name, kind=Campaign.Kind.RANKING, redundancy=redundancy, guideline=guideline,
            created_by=actor,
        )  # fmt: skip
        for pair, contents in lists:
            rows = {row.pk: row for row in reasonings_ensure(pair=pair, contents=contents, release=release)}
            if not 2 <= len(rows) <= 8:
                raise Invalid("A list to rank has 2 to 8 different reasonings.", code="reasonings")
            task = AnnotationTask.objects.create(campaign=campaign, pair=pair)
            task.reasonings.set(rows)
        _slots_insert(campaign, strewn=False)
        audit_record(
            actor=actor, corpus=corpus, action="campaign.create", subject=campaign, data=_facts(campaign)
        )
    return campaign


def stale_campaign_open(*, release: Release, most: int = 500) -> Campaign | None:
    """A small campaign over what a release overturned; None where it overturned nothing. Once a release."""
    name = f"After {release}"
    corpus = release.corpus
    if Campaign.objects.filter(corpus=corpus, name=name).exists():
        return None
    pairs = list(
        stale_judgments(corpus, release)
        .order_by("pair_id")
        .values_list("pair_id", flat=True)
        .distinct()[:most]
    )
    if not pairs:
        return None
    with transaction.atomic():
        campaign = campaign_create(corpus=corpus, name=name, actor=None, pairs=pairs, priority=1)
        return campaign_open(campaign=campaign, actor=None)


def _campaign(*, name: str, redundancy: int, blind_share: float = 0.0, **values: Any) -> Campaign:
    if not name.strip():
        raise Invalid("A campaign needs a name.", code="name")
    if not 1 <= redundancy <= 9:
        raise Invalid("Between 1 and 9 people judge each subject.", code="redundancy")
    if not 0 <= blind_share <= 1:
        raise Invalid("The share judged blind lies between 0 and 1.", code="blind_share")
    if Campaign.objects.filter(corpus=values["corpus"], name=name.strip()).exists():
        raise Conflict("There is a campaign of that name already.", code="campaign_name")
    return Campaign.objects.create(
        name=name.strip()[:120], redundancy=redundancy, blind_share=blind_share, **values
    )


def _tasks_insert(campaign: Campaign, pairs: Pairs, priority: int) -> int:
    """Tasks for a queryset without bringing its rows here; or for given ids, those of this corpus alone."""
    rows = (
        pairs
        if isinstance(pairs, QuerySet)
        else Pair.objects.filter(pk__in=list(pairs)).order_by("query_id", "pk")
    )
    found = (rows if rows.query.is_sliced else rows.filter(corpus_id=campaign.corpus_id)).values("id")
    sql, params = found.query.sql_with_params()
    values = [campaign.pk, priority, campaign.pk, campaign.blind_share, *params]
    with connection.cursor() as cursor:
        cursor.execute(TASKS_SQL.format(source=sql), values)
        return int(cursor.rowcount)


def _gold_insert(campaign: Campaign, share: float, priority: int) -> None:
    """Mark gold pairs that are in already, and add further ones until the share is met or gold runs out."""
    tasks = campaign.annotation_tasks
    tasks.filter(pair__gold__isnull=False).update(is_gold=True, blind=True)
    have, total = tasks.filter(is_gold=True).count(), tasks.count()
    missing = round((share * total - have) / max(0.01, 1 - share))
    if missing <= 0:
        return
    spare = Pair.objects.filter(corpus_id=campaign.corpus_id, gold__isnull=False).exclude(
        pk__in=tasks.values("pair_id")
    )
    AnnotationTask.objects.bulk_create(
        AnnotationTask(campaign=campaign, pair_id=pk, priority=priority, blind=True, is_gold=True)
        for pk in spare.order_by("?").values_list("pk", flat=True)[:missing]
    )


def _slots_insert(campaign: Campaign, *, strewn: bool) -> None:
    order = "task.priority DESC, hashint8extended(task.id, 7)" if strewn else "task.priority DESC, task.id"
    with connection.cursor() as cursor:
        cursor.execute(SLOTS_SQL.format(order=order), [campaign.redundancy, campaign.pk])
        campaign.slots_total = int(cursor.rowcount)
    campaign.save(update_fields=["slots_total"])


def _facts(campaign: Campaign) -> dict[str, Any]:
    return {"kind": campaign.kind, "slots": campaign.slots_total, "redundancy": campaign.redundancy}


def campaign_open(*, campaign: Campaign, actor: User | None) -> Campaign:
    """Give it out (again)."""
    return _state_set(campaign, actor, Campaign.State.OPEN, "draft", "paused", "closed")


def campaign_pause(*, campaign: Campaign, actor: User | None) -> Campaign:
    """Give out nothing new; answers under way are still taken."""
    return _state_set(campaign, actor, Campaign.State.PAUSED, "open")


def campaign_close(*, campaign: Campaign, actor: User | None) -> Campaign:
    return _state_set(campaign, actor, Campaign.State.CLOSED, "open", "paused", "draft")


def campaign_archive(*, campaign: Campaign, actor: User | None) -> Campaign:
    """Off the lists; nothing is deleted."""
    return _state_set(campaign, actor, Campaign.State.ARCHIVED, "closed", "draft")


def campaign_act(*, campaign: Campaign, actor: User | None, action: str) -> Campaign:
    """One of the above by its name, as buttons and programs send it."""
    acts = {
        "open": campaign_open,
        "pause": campaign_pause,
        "close": campaign_close,
        "archive": campaign_archive,
    }
    if action not in acts:
        raise Invalid("A campaign can be opened, paused, closed or archived.", code="action")
    return acts[action](campaign=campaign, actor=actor)


def _state_set(campaign: Campaign, actor: User | None, state: Campaign.State, *allowed: str) -> Campaign:
    """Compare-and-set: two people pressing different buttons cannot both win."""
    with transaction.atomic():
        changed = Campaign.objects.filter(pk=campaign.pk, state__in=allowed).update(state=state)
        campaign.refresh_from_db()
        if not changed and campaign.state != state:
            raise Conflict(
                f"A campaign that is {campaign.state} cannot become {state}.", code="campaign_state"
            )
        if changed:
            audit_record(actor=actor, corpus=campaign.corpus, action=f"campaign.{state}", subject=campaign)
    return campaign
