"""Whom a step of a release or a word about it is told to."""

from django.urls import reverse

from rules.models import Release
from webapp.common.models import Role, User
from webapp.common.notifications import notification_send


def release_url(release: Release) -> str:
    return reverse("rules:release_detail", args=[release.corpus.slug, release.number])


def author_tell(*, release: Release, actor: User | None, kind: str, words: str) -> None:
    """Tell the author of a release what somebody did with it; `words` go on after that person's name."""
    who = actor.display_name if actor else "An operator"
    notification_send(
        person=release.author,
        corpus=release.corpus,
        kind=kind,
        text=f"{who} {words}",
        url=release_url(release),
        actor=actor,
    )


def reviewers_tell(*, release: Release, actor: User | None) -> None:
    """Tell those who may sign a release off that it waits for one of them."""
    rows = User.objects.filter(
        memberships__corpus=release.corpus, memberships__role=Role.REVIEWER, is_active=True
    ).distinct()
    for person in rows:
        notification_send(
            person=person,
            corpus=release.corpus,
            kind="rules.review",
            text=f"{release} waits for a second person: {release.title}".rstrip(": ").capitalize(),
            url=release_url(release),
            actor=actor,
        )
