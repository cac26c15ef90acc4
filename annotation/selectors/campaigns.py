"""Campaigns as people see them: what is hers to do, how far it is, who did what."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from annotation.models import Campaign, QualityFigure, Skip, Slot
from annotation.selectors.standing import PersonLine, people_counted
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, Role, User
from webapp.common.statements import columns, fetch, row_of

CAMPAIGN_SQL = f"""
SELECT {columns(Campaign, "campaign")} FROM annotation_campaign campaign
WHERE campaign.id = %(campaign)s AND campaign.corpus_id = %(corpus)s
"""  # noqa: S608  (made of the model's own names)
LIVE = 10_000  # answers up to which a campaign's page counts for itself; above it reads what the job stored


def campaign_get_for(corpus: Corpus, pk: int) -> Campaign:
    """A campaign of this corpus, or NotFound."""
    found = fetch(CAMPAIGN_SQL, {"campaign": pk, "corpus": corpus.pk})
    if not found:
        raise NotFound("There is no such campaign in this corpus.")
    campaign = row_of(Campaign, {**found[0], "choice": json.loads(found[0]["choice"])})
    campaign.corpus = corpus
    return campaign


def slot_get_for(campaign: Campaign, pk: int) -> Slot:
    """A slot of this campaign, or NotFound: an id from another corpus leads nowhere."""
    slot = Slot.objects.filter(campaign=campaign, pk=pk).first()
    if slot is None:
        raise NotFound("That subject is not part of this campaign any more: reload the page.")
    return slot


def campaigns_for(corpus: Corpus, *, everything: bool = False) -> QuerySet[Campaign]:
    """Campaigns to show: those given out (open, the deadline ahead), or all but the archived for those who run them."""
    rows = Campaign.objects.filter(corpus=corpus)
    if everything:
        return rows.exclude(state=Campaign.State.ARCHIVED).order_by("-created_at", "-pk")
    running = Q(deadline=None) | Q(deadline__gt=timezone.now())
    rows = rows.filter(running, state=Campaign.State.OPEN)
    return rows.order_by(F("deadline").asc(nulls_last=True), "pk")


def next_campaign(corpus: Corpus) -> Campaign | None:
    """The open campaign with work left whose deadline is nearest."""
    return campaigns_for(corpus).filter(slots_done__lt=F("slots_total")).first()


@dataclass(frozen=True)
class Progress:
    """How a campaign stands for one person; `free_at` is when the next reserved place comes free."""

    done: int
    total: int
    mine: int
    reserved: int
    free_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.total - self.done)

    @property
    def minutes_to_free(self) -> int:
        return (
            0 if self.free_at is None else max(1, round((self.free_at - timezone.now()).total_seconds() / 60))
        )


def progress_of(campaign: Campaign, person: User) -> Progress:
    """Kept counters and one indexed look at the leases; nothing is counted over the whole campaign."""
    others = Slot.objects.filter(campaign=campaign, state=Slot.State.LEASED).exclude(person=person)
    leased = others.aggregate(n=Count("pk"), first=Min("lease_until"))
    mine = Slot.objects.filter(campaign=campaign, person=person, state=Slot.State.DONE).count()
    return Progress(campaign.slots_done, campaign.slots_total, mine, leased["n"], leased["first"])


def people_of(campaign: Campaign) -> list[PersonLine]:
    """Who did what: counted, or of a large campaign as its figures were last worked out."""
    if campaign.slots_done <= LIVE:
        return people_counted(campaign)
    rows = QualityFigure.objects.filter(campaign=campaign, slice="person", metric__in=["answers", "gold"])
    gold = {row.key: (row.n, row.detail["right"]) for row in rows if row.metric == "gold"}
    found = [
        PersonLine(
            int(row.key), row.label, row.n, row.detail.get("median"), row.detail.get("against", 0),
            *gold.get(row.key, row.detail.get("gold", (0, 0))),
        )
        for row in rows
        if row.metric == "answers"
    ]  # fmt: skip
    return sorted(found, key=lambda line: -line.answers)


def held_by(campaign: Campaign) -> list[tuple[str, int]]:
    """(person, places she holds and has not answered), most first."""
    rows = Slot.objects.filter(campaign=campaign, state=Slot.State.LEASED, person__isnull=False)
    return list(rows.values_list("person__display_name").annotate(n=Count("pk")).order_by("-n"))


def skips_of(campaign: Campaign) -> list[tuple[str, int]]:
    """(reason, how often), most often first."""
    rows = Skip.objects.filter(annotation_task__campaign=campaign)
    return list(rows.values_list("reason").annotate(n=Count("pk")).order_by("-n"))


def judges_of(corpus: Corpus) -> QuerySet[User]:
    """Who may judge in this corpus, by name."""
    roles = (Role.ANNOTATOR, Role.REVIEWER)
    rows = User.objects.filter(memberships__corpus=corpus, memberships__role__in=roles, is_active=True)
    return rows.distinct().order_by("display_name", "pk")


def judge_get_for(corpus: Corpus, pk: int) -> User:
    """Somebody who judges in this corpus, or NotFound."""
    person = judges_of(corpus).filter(pk=pk).first()
    if person is None:
        raise NotFound("Nobody of that name judges in this corpus.")
    return person
