"""A word to a person about her own work: a notification of the site, of this room's kinds."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from annotation.models import Campaign
from annotation.selectors.notices import PREFIX, notices_of
from webapp.common.models import Corpus, Membership, Notification, Role, User
from webapp.common.notifications import notification_send


def notices_write(
    *, corpus: Corpus, people: Iterable[int], kind: str, text: str, url: str, actor: User | None = None
) -> int:
    """The same word to several people (ids), in the caller's transaction; nobody hears of what she did herself."""
    rows = User.objects.filter(pk__in=set(people)).order_by("pk")
    sent = [
        notification_send(person=person, corpus=corpus, kind=PREFIX + kind, text=text, url=url, actor=actor)
        for person in rows
    ]
    return sum(row is not None for row in sent)


def notice_reviewers(*, corpus: Corpus, kind: str, text: str, url: str = "") -> int:
    """To everybody who reviews this corpus; the same text that is still unread is not written again."""
    reviewers = Membership.objects.filter(corpus=corpus, role=Role.REVIEWER).values_list("user_id", flat=True)
    waiting = Notification.objects.filter(corpus=corpus, kind=PREFIX + kind, text=text[:300], read_at=None)
    told = set(waiting.values_list("person_id", flat=True))
    return notices_write(corpus=corpus, people=set(reviewers) - told, kind=kind, text=text, url=url)


def notice_campaign(*, campaign: Campaign, kind: str, text: str) -> int:
    """To everybody who reviews, of a campaign, which it leads to."""
    url = reverse("annotation:campaign_detail", args=[campaign.corpus.slug, campaign.pk])
    return notice_reviewers(corpus=campaign.corpus, kind=kind, text=text, url=url)


def notices_read(*, corpus: Corpus, person: User) -> int:
    """She has seen what this room told her; returns how many were new."""
    return notices_of(corpus, person).filter(read_at=None).update(read_at=timezone.now())
