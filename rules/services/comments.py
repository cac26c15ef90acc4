"""A word on a release or on one of its rules; people named with @ are told of it."""

import re
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from rules.models import Comment, Release, Rule
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User
from webapp.common.notifications import notification_send

LONGEST = 2000
MENTION = re.compile(r"(?<!\w)@\[([^\]\n]{1,120})\]")


@transaction.atomic
def comment_create(
    *,
    corpus: Corpus,
    actor: User,
    text: str,
    release: Release | None = None,
    rule: Rule | None = None,
    step: str = "",
) -> Comment:
    """Say something of a release, a rule, or a rule in a release. `@[Name]` names a member of the corpus.

    `step` is the step of the release that it was said with (`Comment.Step`), which tells its author by itself.

    Raises Invalid for an empty or overlong text, and for a mention of somebody who is not a member.
    """
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST:
        raise Invalid(f"A comment has 1 to {LONGEST} characters.", code="comment")
    named = _members_named(corpus, MENTION.findall(text))
    entry = release.entries.filter(rule_version__rule=rule).first() if release and rule else None
    comment = Comment.objects.create(
        corpus=corpus, release=release, rule=rule, author=actor, text=text, step=step,
        rule_version_id=entry.rule_version_id if entry else (rule.latest_id if rule else None),
    )  # fmt: skip
    comment.mentioned.set(named)
    audit_record(
        actor=actor,
        corpus=corpus,
        action="comment.create",
        subject=comment,
        data={"release": release.number if release else None, "rule": rule.code if rule else None},
    )
    _tell(comment, named)
    return comment


def _members_named(corpus: Corpus, names: Iterable[str]) -> list[User]:
    wanted = set(names)
    rows = User.objects.filter(memberships__corpus=corpus, display_name__in=wanted, is_active=True).distinct()
    found = list(rows)
    if unknown := sorted(wanted - {person.display_name for person in found}):
        raise Invalid(f"{unknown[0]} is not a member of this corpus.", code="mention")
    return found


def comment_url(comment: Comment) -> str:
    slug = comment.corpus.slug
    if comment.release is not None:
        return f"{reverse('rules:release_detail', args=[slug, comment.release.number])}#comment-{comment.pk}"
    assert comment.rule is not None  # a constraint of the table
    return f"{reverse('rules:rule_history', args=[slug, comment.rule.code])}#comment-{comment.pk}"


def _tell(comment: Comment, named: list[User]) -> None:
    """Those who are named; and the release's author, who wants to know what is said of it."""
    where = comment.rule.code if comment.rule else str(comment.release)
    plain = MENTION.sub(r"\1", comment.text)
    told = {person.pk: ("rules.mention", person) for person in named}
    if comment.release is not None and comment.release.author is not None and not comment.step:
        told.setdefault(comment.release.author.pk, ("rules.comment", comment.release.author))
    for kind, person in told.values():
        verb = "mentions you on" if kind == "rules.mention" else "comments on"
        notification_send(
            person=person,
            corpus=comment.corpus,
            kind=kind,
            text=f"{comment.author.display_name} {verb} {where}: {plain}",
            url=comment_url(comment),
            actor=comment.author,
        )
