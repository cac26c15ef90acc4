"""People, corpora and the ledgers that every room writes to."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, display_name: str, password: str | None = None, kind: str = "person"
    ) -> "User":
        user = User(email=email.strip().lower(), display_name=display_name, kind=kind)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in; or a rater known only from an import, who never can."""

    class Kind(models.TextChoices):
        PERSON = "person"
        RATER = "rater", "imported rater"
        SYNTHETIC = "synthetic", "made-up person"

    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PERSON)
    is_active = models.BooleanField(default=True)
    is_owner = models.BooleanField(
        default=False, help_text="May create corpora; everything else is by membership."
    )
    preferences = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name


class Corpus(models.Model):
    """The tenancy key: queries, items, rules, releases, campaigns, models and memberships belong to one."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    synthetic = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    EDITOR = "editor", "rule editor"
    ADMIN = "admin"


class Membership(models.Model):
    """One role of one person in one corpus; a person may hold several."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "corpus", "role"], name="membership_once")]


class Invitation(models.Model):
    """A link by which a person joins, or sets a new password; only the hash of its token is kept."""

    class Purpose(models.TextChoices):
        JOIN = "join"
        RESET = "reset", "reset password"

    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.JOIN)
    email = models.EmailField()
    corpus = models.ForeignKey(Corpus, models.CASCADE, null=True)
    roles = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiKey(models.Model):
    """A key for programs: acts as its owner within one corpus and with one role. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="api_keys")
    role = models.CharField(max_length=12, choices=Role.choices)
    name = models.CharField(max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """Who did what to which object. Append-only: a trigger refuses UPDATE and DELETE."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["corpus", "-id"], name="audit_by_corpus"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject"),
        ]


class OutboxEvent(models.Model):
    """A fact that upper rooms may act on, written in the transaction that made it true."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    delivered = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(delivered=False), name="outbox_pending")]


class EventDelivery(models.Model):
    """One consumer has taken one event: written in the consumer's own transaction."""

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="deliveries")
    consumer = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "consumer"], name="delivery_once")]


class Blob(models.Model):
    """A file in the content-addressed store; its row is its proof."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)


class Job(models.Model):
    """One piece of long work: claimed by compare-and-set, held by a lease, finished only by the holder of its token."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Queue(models.TextChoices):
        INTERACTIVE = "interactive"
        TRAINING = "training"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    corpus = models.ForeignKey(Corpus, models.CASCADE, null=True, related_name="jobs")
    kind = models.CharField(max_length=60)
    queue = models.CharField(max_length=12, choices=Queue.choices, default=Queue.INTERACTIVE)
    arguments = models.JSONField(default=dict)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    idempotency_key = models.CharField(max_length=120, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    woken_at = models.DateTimeField(
        null=True, help_text="When a worker was last told; the sweep tells again."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="tries that ended in an error")
    deaths = models.PositiveSmallIntegerField(default=0, help_text="times that its worker went away")
    max_attempts = models.PositiveSmallIntegerField(default=3)
    cancel_requested = models.BooleanField(default=False)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_note = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "due_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_unfinished",
            ),
            models.Index(fields=["corpus", "-created_at"], name="job_by_corpus"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=F("max_attempts")), name="job_attempts_bounded"),
        ]

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def share_done(self) -> float | None:
        """Progress in 0..1, or None while the total is unknown."""
        return min(1.0, self.progress_done / self.progress_total) if self.progress_total else None

    @property
    def took(self) -> timedelta | None:
        """From the last start to the end; None while it is not over, or where it never began."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None

    @property
    def seconds_left(self) -> float | None:
        """Time left by the mean pace so far, or None where that cannot be told."""
        share = self.share_done
        if not share or not self.started_at or self.is_finished:
            return None
        return (timezone.now() - self.started_at).total_seconds() * (1 - share) / share


class Notification(models.Model):
    """Something a person should know of: shown in the top bar until she has read it."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=40, help_text="namespaced: 'rules.mention'")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, help_text="where it leads, on this site")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notification_unread"),
        ]


class Webhook(models.Model):
    """An address outside that is told of a corpus's events. Its secret is derived, so the row alone signs nothing."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list, help_text="events it is told of; empty: all")
    salt = models.CharField(
        max_length=64, help_text="what the secret is derived from; a new one is a new secret"
    )
    active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, help_text="tries in a row that failed")
    disabled_reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "name"], name="webhook_name")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one webhook, with what each try met."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40, help_text="what a receiver tells repeats by")
    kind = models.CharField(max_length=60)
    body = models.TextField(help_text="the very bytes that are signed")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.JSONField(
        default=list, help_text='[{"at", "status", "milliseconds", "answer" or "error"}]'
    )
    again = models.BooleanField(default=False, help_text="sent again by hand")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"], condition=Q(again=False), name="webhook_delivery_once"
            )
        ]
        indexes = [models.Index(fields=["webhook", "-id"], name="webhook_delivery_by_webhook")]

    @property
    def last(self) -> dict[str, Any]:
        return self.tries[-1] if self.tries else {}


class ConsistencyCheck(models.Model):
    """The last outcome of a check that recomputes a kept total from its rows."""

    name = models.CharField(max_length=80, unique=True)
    ok = models.BooleanField()
    detail = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
