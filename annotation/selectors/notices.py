"""Words to a person about her own work."""

from django.db.models import QuerySet

from annotation.models import Notice
from webapp.common.models import Corpus, User


def notices_of(corpus: Corpus, person: User) -> QuerySet[Notice]:
    """Hers, newest first."""
    return Notice.objects.filter(corpus=corpus, person=person).order_by("-pk")


def unread_count(corpus: Corpus, person: User) -> int:
    return Notice.objects.filter(corpus=corpus, person=person, read_at=None).count()
