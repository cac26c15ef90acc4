"""A word to a person about her own work: written with what it is about, read when she opens the page that shows it."""

from collections.abc import Iterable

from django.utils import timezone

from annotation.models import Notice
from webapp.common.models import Corpus, Membership, Role, User


def notices_write(
    *, corpus: Corpus, people: Iterable[int], kind: str, text: str, url: str = "", pair: int | None = None
) -> int:
    """The same word to several people (ids); in the caller's transaction."""
    rows = [
        Notice(corpus=corpus, person_id=pk, kind=kind, text=text[:500], url=url[:300], pair_id=pair)
        for pk in sorted(set(people))
    ]
    return len(Notice.objects.bulk_create(rows))


def notice_reviewers(*, corpus: Corpus, kind: str, text: str, url: str = "") -> int:
    """To everybody who reviews this corpus; the same text that is still unread is not written again."""
    reviewers = Membership.objects.filter(corpus=corpus, role=Role.REVIEWER).values_list("user_id", flat=True)
    waiting = Notice.objects.filter(corpus=corpus, kind=kind, text=text[:500], read_at=None)
    told = set(waiting.values_list("person_id", flat=True))
    return notices_write(corpus=corpus, people=set(reviewers) - told, kind=kind, text=text, url=url)


def notices_read(*, corpus: Corpus, person: User) -> int:
    """She has seen them all; returns how many were new."""
    unread = Notice.objects.filter(corpus=corpus, person=person, read_at=None)
    return unread.update(read_at=timezone.now())
