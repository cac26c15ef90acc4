"""Telling a person: a row that the top bar counts until she has read it. Written in the service's own transaction."""

from django.db.models import QuerySet
from django.utils import timezone

from webapp.common.models import Corpus, Notification, User


def notification_send(
    *, person: User | None, corpus: Corpus, kind: str, text: str, url: str, actor: User | None = None
) -> Notification | None:
    """Tell `person` of something on this site. Nobody is told of what she did herself, and an imported rater never."""
    if person is None or (actor is not None and person.pk == actor.pk) or person.kind == User.Kind.RATER:
        return None
    return Notification.objects.create(
        person=person, corpus=corpus, kind=kind, text=text[:300], url=url[:300], actor=actor
    )


def notifications_of(person: User) -> "QuerySet[Notification]":
    """Her notifications from corpora that she is a member of, to be listed newest first."""
    mine = person.memberships.values("corpus")
    return Notification.objects.filter(person=person, corpus__in=mine).select_related("corpus", "actor")


def notifications_unread(person: User) -> int:
    return notifications_of(person).filter(read_at=None).count()


def notifications_read(*, person: User, corpus: Corpus | None = None, pk: int | None = None) -> int:
    """Mark one of her notifications as read, or all of them (of one corpus); returns how many were not yet."""
    asked = {name: value for name, value in (("corpus", corpus), ("pk", pk)) if value is not None}
    return Notification.objects.filter(person=person, read_at=None, **asked).update(read_at=timezone.now())
