"""Words to a person about her own work: the site's notifications of this room."""

from django.db.models import QuerySet

from webapp.common.models import Corpus, Notification, User

PREFIX = "annotation."


def notices_of(corpus: Corpus, person: User) -> QuerySet[Notification]:
    """Hers, newest first."""
    rows = Notification.objects.filter(corpus=corpus, person=person, kind__startswith=PREFIX)
    return rows.order_by("-pk")


def unread_count(corpus: Corpus, person: User) -> int:
    return notices_of(corpus, person).filter(read_at=None).count()
