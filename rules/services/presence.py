"""Who has a rule's editor open. A row lives as long as its browser renews it."""

from datetime import timedelta

from django.utils import timezone

from rules.models import EditorPresence, Rule
from webapp.common.models import User

EXPIRES = timedelta(seconds=40)


def presence_renew(*, rule: Rule, person: User, typing: bool) -> list[EditorPresence]:
    """Note that `person` has the editor open; returns the others who have, those with unsaved changes first."""
    now = timezone.now()
    EditorPresence.objects.update_or_create(
        rule=rule, person=person, defaults={"typing": typing, "seen_at": now}
    )
    EditorPresence.objects.filter(seen_at__lt=now - 100 * EXPIRES).delete()
    rows = EditorPresence.objects.filter(rule=rule, seen_at__gte=now - EXPIRES).exclude(person=person)
    return list(rows.select_related("person").order_by("-typing", "person__display_name"))


def presence_end(*, rule: Rule, person: User) -> None:
    EditorPresence.objects.filter(rule=rule, person=person).delete()
