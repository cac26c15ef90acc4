"""Campaigns: made, edited, cloned, given out, paused, closed, put away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from annotation.models import AnnotationTask, Campaign, Gold, ListSettings, Slot
from annotation.overlap import Overlap
from annotation.selectors.sources import PairChoice, choice_prepare, pairs_chosen
from annotation.services.blinding import gold_conceal, tasks_hide
from annotation.services.campaign_rows import Pairs, gold_insert, slots_insert, tasks_insert
from annotation.services.overlap import overlap_take_up
from annotation.services.page_campaigns import page_campaign_clone
from annotation.services.reasonings import reasonings_ensure
from annotation.services.slots import take_turns
from catalog.models import Pair
from rules.models import Release
from rules.selectors import release_current
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish
from webapp.common.models import Corpus, User

MOST_PEOPLE = 9
LOWERED = "Overlap can be raised, not lowered: answers that are there stay."
EDITORS = 0  # nobody's number: those who edit a campaign take turns under it


class CampaignSettings(TypedDict, total=False):
    """What a campaign is made with beside its name and its pairs."""

    redundancy: int
    redundancy_most: int
    sureness: float
    blind_share: float
    gold_share: float
    guideline: str
    deadline: datetime | None
    priority: int
    quiz_size: int
    quiz_pass: float
    quiz_tries: int
    shows_suggestions: bool
    choice: dict[str, Any]
    release: Release | None


class CampaignEdits(TypedDict, total=False):
    """What can be changed once people are at work; the rest is part of what was drawn."""

    name: str
    guideline: str
    deadline: datetime | None
    priority: int
    redundancy: int
    redundancy_most: int
    sureness: float
    quiz_pass: float
    quiz_tries: int
    shows_suggestions: bool


def campaign_create(
    *, corpus: Corpus, name: str, actor: User | None, pairs: Pairs, **settings: Unpack[CampaignSettings]
) -> Campaign:
    """A draft campaign over `pairs` (ids, or a queryset of the corpus's pairs), with all its slots.

    `gold_share` of the tasks, as far as the corpus has gold, are gold pairs strewn among the rest and judged blind,
    with twice as many others, so that being judged blind does not tell gold.
    With `redundancy_most` above `redundancy` people are added one by one while the consensus is not sure.
    """
    with transaction.atomic():
        campaign = _campaign(corpus=corpus, name=name, kind=Campaign.Kind.PAIR, created_by=actor, **settings)
        if not tasks_insert(campaign, pairs):
            raise Invalid("No pair fits that choice, so there is nothing to judge.", code="no_pairs")
        if campaign.gold_share > 0:
            gold_insert(campaign)
        tasks_hide(campaign)
        gold_conceal(campaign)
        slots_insert(campaign)
        _written(campaign, actor, "campaign.create")
    return campaign


def campaign_pairs(corpus: Corpus, choice: PairChoice) -> QuerySet[Pair]:
    """The pairs a new campaign takes by a choice; those it speaks of that are no rows yet become some."""
    choice_prepare(corpus, choice)
    return pairs_chosen(corpus, choice)


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
        tasks_hide(campaign)
        slots_insert(campaign)
        _written(campaign, actor, "campaign.create")
    return campaign


def campaign_edit(*, campaign: Campaign, actor: User | None, **edits: Unpack[CampaignEdits]) -> Campaign:
    """Change what may change while people work. The overlap asked of everybody can be raised, never lowered.

    A change of overlap is taken up by the tasks that are there: those whose answers are too few or not sure enough now
    are asked again, added places that nobody holds go where they are needed no more (see `overlap_take_up`).
    """
    with transaction.atomic():
        take_turns(campaign.pk, EDITORS)
        held = Campaign.objects.select_related("corpus").get(pk=campaign.pk)
        before = {name: getattr(held, name) for name in edits}
        changed = {name: value for name, value in edits.items() if value != before[name]}
        if not changed:
            return held
        for name, value in changed.items():
            setattr(held, name, value)
        _edits_check(held, before)
        if "priority" in changed:
            held.slots.exclude(state=Slot.State.DONE).update(priority=held.priority)
            held.annotation_tasks.update(priority=held.priority)
        said: dict[str, Any] = {name: str(value)[:200] for name, value in changed.items()}
        if changed.keys() & OF_OVERLAP and (fitted := overlap_take_up(campaign=held, actor=actor)):
            said |= vars(fitted)
        held.save(update_fields=sorted(changed))  # last: an answer holds its task's row as it counts
        held.refresh_from_db(fields=["slots_total", "slots_done"])
        audit_record(actor=actor, corpus=held.corpus, action="campaign.edit", subject=held, data=said)
    return held


# Overlap that grows, quizzes and suggestions are about verdicts on pairs.
OF_OVERLAP = {"redundancy", "redundancy_most", "sureness"}
OF_PAIRS = ("redundancy_most", "sureness", "quiz_pass", "quiz_tries", "shows_suggestions")


def _edits_check(campaign: Campaign, before: Mapping[str, Any]) -> None:
    alien = [name for name in OF_PAIRS if name in before and getattr(campaign, name) != before[name]]
    if alien and campaign.kind != Campaign.Kind.PAIR:
        raise Invalid("Only a campaign over pairs has that.", code=alien[0])
    _check(campaign.name, {name: getattr(campaign, name) for name in CHECKED})
    if campaign.redundancy < before.get("redundancy", 0):
        raise Invalid(LOWERED, code="redundancy")
    others = Campaign.objects.filter(corpus_id=campaign.corpus_id, name=campaign.name).exclude(pk=campaign.pk)
    if others.exists():
        raise Conflict("There is a campaign of that name already.", code="campaign_name")


def overlap_check(*, campaign: Campaign, overlap: Overlap) -> None:
    """Refuse another overlap in the words in which `campaign_edit` would. Writes nothing."""
    of_pairs = campaign.kind == Campaign.Kind.PAIR
    if not of_pairs and (overlap.most, overlap.sureness) != (campaign.redundancy_most, campaign.sureness):
        raise Invalid("Only a campaign over pairs has that.", code="redundancy_most")
    wanted = {"redundancy": overlap.redundancy, "redundancy_most": overlap.most, "sureness": overlap.sureness}
    _check(campaign.name, wanted)
    if overlap.redundancy < campaign.redundancy:
        raise Invalid(LOWERED, code="redundancy")


def campaign_clone(*, campaign: Campaign, actor: User | None, name: str, again: bool = False) -> Campaign:
    """A draft with the same settings: over the same pairs, or with `again` over what its choice comes to today."""
    if campaign.kind in (Campaign.Kind.PAGE, Campaign.Kind.PAGE_PAIR):
        return page_campaign_clone(campaign=campaign, actor=actor, name=name)
    if campaign.kind == Campaign.Kind.RANKING:
        return _ranking_clone(campaign, actor, name)
    pairs: Pairs = Pair.objects.filter(
        pk__in=campaign.annotation_tasks.filter(is_gold=False).values("pair_id")
    ).order_by("query_id", "pk")
    if again and campaign.choice:
        pairs = campaign_pairs(campaign.corpus, PairChoice.from_json(campaign.choice))
    settings: Any = {
        key: getattr(campaign, key) for key in CampaignSettings.__annotations__ if key != "release"
    }
    return campaign_create(corpus=campaign.corpus, name=name, actor=actor, pairs=pairs, **settings)


def _ranking_clone(campaign: Campaign, actor: User | None, name: str) -> Campaign:
    """The same lists again; the order in which a person sees them is drawn for each task anew."""
    rows = AnnotationTask.reasonings.through.objects.filter(annotationtask__campaign=campaign)
    lists: dict[int, list[int]] = {}
    for pair, reasoning in rows.order_by("pk").values_list("annotationtask__pair_id", "reasoning_id"):
        lists.setdefault(pair, []).append(reasoning)
    if not lists:
        raise Invalid("Its lists are not written yet: clone it when they are there.", code="no_lists")
    told = ListSettings.objects.filter(campaign=campaign).first()
    with transaction.atomic():
        made = _campaign(
            corpus=campaign.corpus, name=name, kind=campaign.kind, created_by=actor,
            redundancy=campaign.redundancy, guideline=campaign.guideline, deadline=campaign.deadline,
            priority=campaign.priority,
        )  # fmt: skip
        ListSettings.objects.create(campaign=made, hides_verdicts=told is not None and told.hides_verdicts)
        for pair, reasonings in lists.items():
            task = AnnotationTask.objects.create(campaign=made, pair_id=pair, priority=made.priority)
            task.reasonings.set(reasonings)
        tasks_hide(made)
        slots_insert(made)
        _written(made, actor, "campaign.create")
    return made


# field -> (least, most, what to say)
CHECKED: dict[str, tuple[float, float, str]] = {
    "redundancy": (1, MOST_PEOPLE, "Between 1 and 9 people judge each subject."),
    "redundancy_most": (0, MOST_PEOPLE, "At most 9 people judge each subject."),
    "sureness": (0.5, 0.999, "A consensus is sure somewhere between 0.5 and 0.999."),
    "blind_share": (0, 1, "The share judged blind lies between 0 and 1."),
    "gold_share": (0, 0.9, "The share of gold lies between 0 and 0.9."),
    "quiz_size": (0, 50, "A quiz has at most 50 questions."),
    "quiz_pass": (0, 1, "The pass mark lies between 0 and 1."),
    "quiz_tries": (1, 20, "Between 1 and 20 tries."),
}


def _check(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse what no campaign can be, in a sentence each."""
    if not name.strip():
        raise Invalid("A campaign needs a name.", code="name")
    for field, (least, most, sentence) in CHECKED.items():
        if field in settings and not least <= settings[field] <= most:
            raise Invalid(sentence, code=field)
    if 0 < settings.get("redundancy_most", 0) < settings.get("redundancy", 1):
        raise Invalid("The most people cannot be fewer than those asked first.", code="redundancy_most")


def _campaign(*, corpus: Corpus, name: str, **values: Any) -> Campaign:
    _check(name, values)
    if values.get("redundancy_most", 0) == values.get("redundancy", 1):
        values["redundancy_most"] = 0
    if Campaign.objects.filter(corpus=corpus, name=name.strip()).exists():
        raise Conflict("There is a campaign of that name already.", code="campaign_name")
    size = values.get("quiz_size", 0)
    if size and Gold.objects.filter(pair__corpus=corpus).count() < size:
        raise Invalid(
            f"A quiz of {size} needs {size} gold pairs, and this corpus has fewer.", code="quiz_size"
        )
    return Campaign.objects.create(corpus=corpus, name=name.strip()[:120], **values)


def _written(campaign: Campaign, actor: User | None, action: str) -> None:
    facts = {"kind": campaign.kind, "slots": campaign.slots_total, "redundancy": campaign.redundancy}
    audit_record(actor=actor, corpus=campaign.corpus, action=action, subject=campaign, data=facts)


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


def campaign_restore(*, campaign: Campaign, actor: User | None) -> Campaign:
    """Back from the archive, closed."""
    return _state_set(campaign, actor, Campaign.State.CLOSED, "archived")


ACTS = {
    "open": campaign_open,
    "pause": campaign_pause,
    "close": campaign_close,
    "archive": campaign_archive,
    "restore": campaign_restore,
}


def campaign_act(*, campaign: Campaign, actor: User | None, action: str) -> Campaign:
    """One of the above by its name, as buttons and programs send it."""
    if action not in ACTS:
        raise Invalid("A campaign can be opened, paused, closed, archived or restored.", code="action")
    return ACTS[action](campaign=campaign, actor=actor)


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
            kind = "campaign.opened" if state == Campaign.State.OPEN else f"campaign.{state}"
            event_publish(corpus=campaign.corpus, kind=kind, payload={"campaign": campaign.pk})
    return campaign
