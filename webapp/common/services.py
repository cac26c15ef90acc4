"""Writes of the ground floor: corpora, people, memberships, invitations, keys."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from webapp.common.audit import audit_record
from webapp.common.authentication import key_digest
from webapp.common.errors import Conflict, Invalid, Refused
from webapp.common.models import ApiKey, Corpus, Invitation, Membership, Role, User

INVITATION_DAYS = 14


@transaction.atomic
def corpus_create(
    *,
    slug: str,
    name: str,
    actor: User | None,
    synthetic: bool = False,
    source: str = "",
    licence: str = "",
    attribution: str = "",
) -> Corpus:
    """A new corpus; whoever makes it is its first admin. Raises Conflict when the slug is taken."""
    if Corpus.objects.filter(slug=slug).exists():
        raise Conflict(f"A corpus named {slug} exists already: choose another name.")
    corpus = Corpus(
        slug=slug, name=name, synthetic=synthetic, source=source, licence=licence, attribution=attribution
    )
    try:
        corpus.full_clean()
    except ValidationError as error:
        raise Invalid("; ".join(error.messages)) from error
    corpus.save()
    if actor is not None:
        Membership.objects.create(user=actor, corpus=corpus, role=Role.ADMIN)
    audit_record(actor=actor, corpus=corpus, action="corpus.create", subject=corpus)
    return corpus


@transaction.atomic
def membership_set(*, corpus: Corpus, user: User, roles: Iterable[str], actor: User | None) -> None:
    """Give a person exactly these roles in the corpus (none: she is out). The last admin cannot be taken away."""
    wanted = _roles_valid(roles)
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    before = set(user.memberships.filter(corpus=corpus).values_list("role", flat=True))
    admins = Membership.objects.filter(corpus=corpus, role=Role.ADMIN, user__is_active=True)
    if Role.ADMIN in before - wanted and not admins.exclude(user=user).exists():
        raise Refused("This is the last admin of the corpus: make somebody else admin first.")
    user.memberships.filter(corpus=corpus).exclude(role__in=wanted).delete()
    Membership.objects.bulk_create(
        [Membership(user=user, corpus=corpus, role=role) for role in sorted(wanted - before)]
    )
    audit_record(
        actor=actor,
        corpus=corpus,
        action="membership.set",
        subject=user,
        data={"before": sorted(before), "after": sorted(wanted)},
    )


def _roles_valid(roles: Iterable[str]) -> set[str]:
    wanted = set(roles)
    if unknown := wanted - set(Role.values):
        raise Invalid(f"There is no role {', '.join(sorted(unknown))}: use {', '.join(Role.values)}.")
    return wanted


@transaction.atomic
def member_invite(*, corpus: Corpus, email: str, roles: Iterable[str], actor: User) -> tuple[Invitation, str]:
    """Invite by e-mail address; returns the invitation and the secret of its link, which is shown once."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(f"{email!r} is not an e-mail address.") from error
    wanted = _roles_valid(roles)
    if not wanted:
        raise Invalid("Choose at least one role.")
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        corpus=corpus,
        roles=sorted(wanted),
        token_hash=key_digest(secret),
        created_by=actor,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    audit_record(
        actor=actor,
        corpus=corpus,
        action="member.invite",
        subject=invitation,
        data={"email": email, "roles": roles_list(wanted)},
    )
    return invitation, secret


def roles_list(roles: set[str]) -> list[str]:
    return [role for role in Role.values if role in roles]


@transaction.atomic
def password_reset_start(*, corpus: Corpus, user: User, actor: User) -> str:
    """A link by which the person sets a new password; the admin hands it over. Returns the link's secret."""
    if not user.memberships.filter(corpus=corpus).exists():
        raise Refused("This person is not a member of the corpus.")
    if user.kind != User.Kind.PERSON and user.kind != User.Kind.SYNTHETIC:
        raise Refused("An imported rater cannot sign in.")
    _owner_spared(user, actor)
    if user.memberships.exclude(
        corpus__memberships__user=actor, corpus__memberships__role=Role.ADMIN
    ).exists():
        raise Refused(
            "This person also belongs to a corpus that you do not administer: ask an admin of both."
        )
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        purpose=Invitation.Purpose.RESET,
        email=user.email,
        corpus=corpus,
        token_hash=key_digest(secret),
        created_by=actor,
        expires_at=timezone.now() + timedelta(days=1),
    )
    audit_record(
        actor=actor, corpus=corpus, action="member.reset", subject=user, data={"invitation": invitation.pk}
    )
    return secret


def _owner_spared(user: User, actor: User) -> None:
    """An owner makes corpora and owners: whoever could set her password would be one."""
    if user.is_owner and not actor.is_owner:
        raise Refused("This person owns the installation: only another owner can do that.")


def invitation_get(secret: str) -> Invitation:
    """The open invitation behind a link. Raises Refused when it is unknown, used or expired."""
    invitation = (
        Invitation.objects.select_related("corpus")
        .filter(token_hash=key_digest(secret), used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if invitation is None:
        raise Refused("This link was used already, or has expired: ask an admin for a new one.")
    return invitation


@transaction.atomic
def invitation_accept(*, secret: str, display_name: str, password: str) -> User:
    """Make the account (or set its new password) and give the roles that were offered."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation_get(secret).pk)
    if invitation.used_at:
        raise Refused("This link was used already.")
    user = User.objects.filter(email=invitation.email).first()
    is_new = user is None
    if invitation.purpose == Invitation.Purpose.RESET and user is None:
        raise Refused("This account is gone.")
    user = user or User(email=invitation.email, display_name=display_name.strip() or invitation.email)
    if is_new or invitation.purpose == Invitation.Purpose.RESET:
        _password_set(user, password)
    Invitation.objects.filter(pk=invitation.pk).update(used_at=timezone.now())
    audit_record(actor=user, corpus=invitation.corpus, action="invitation.accept", subject=invitation)
    if invitation.purpose == Invitation.Purpose.JOIN and invitation.corpus:
        held = set(user.memberships.filter(corpus=invitation.corpus).values_list("role", flat=True))
        membership_set(corpus=invitation.corpus, user=user, roles=held | set(invitation.roles), actor=user)
    return user


def _password_set(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="password") from error
    user.set_password(password)
    user.save()


@transaction.atomic
def person_active_set(*, corpus: Corpus, user: User, active: bool, actor: User) -> None:
    """Close or open an account. What the person has judged stays. Only for people of this corpus alone."""
    if user.pk == actor.pk:
        raise Refused("You cannot close your own account.")
    if user.memberships.exclude(corpus=corpus).exists():
        raise Refused("This person belongs to other corpora too: take her roles here away instead.")
    _owner_spared(user, actor)
    User.objects.filter(pk=user.pk).update(is_active=active)
    action = "person.activate" if active else "person.deactivate"
    audit_record(actor=actor, corpus=corpus, action=action, subject=user)


@transaction.atomic
def api_key_create(*, corpus: Corpus, user: User, role: str, name: str) -> tuple[ApiKey, str]:
    """A key that acts as `user` with one role she holds; returns it and its secret, which is shown once."""
    if not user.memberships.filter(corpus=corpus, role=role).exists():
        raise Refused("A key can only carry a role that you hold yourself.")
    secret = f"lore_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user, corpus=corpus, role=role, name=name.strip() or "key", key_hash=key_digest(secret)
    )
    audit_record(actor=user, corpus=corpus, action="api_key.create", subject=key, data={"role": role})
    return key, secret


@transaction.atomic
def api_key_revoke(*, key: ApiKey, actor: User) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    audit_record(actor=actor, corpus=key.corpus, action="api_key.revoke", subject=key)
