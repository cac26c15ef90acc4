"""Refresh policies: when a turn starts by itself."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from training_bridge.models import RefreshPolicy
from training_bridge.recipe import recipe_load
from training_bridge.selectors import news_since, seen_now
from training_bridge.services.turns import turn_start
from webapp.common.audit import audit_record
from webapp.common.errors import DomainError, Invalid
from webapp.common.models import Corpus, User

logger = logging.getLogger(__name__)


@transaction.atomic
def refresh_policy_set(
    *,
    corpus: Corpus,
    actor: User | None,
    enabled: bool,
    recipe: str = "tiny",
    after_verdicts: int | None = None,
    after_rankings: int | None = None,
    every_hours: int | None = None,
) -> RefreshPolicy:
    """Set the corpus's policy; counting starts now. Raises Invalid for an enabled policy without a condition."""
    recipe_load(recipe)
    conditions = {
        "after_verdicts": after_verdicts,
        "after_rankings": after_rankings,
        "every_hours": every_hours,
    }
    if any(value is not None and not 0 < value < 2**31 for value in conditions.values()):
        raise Invalid("Counts and hours are whole numbers above 0.", code="policy")
    if enabled and not any(conditions.values()):
        raise Invalid("Say after how many verdicts or rankings, or how often, a turn starts.", code="policy")
    verdicts, rankings = seen_now(corpus)
    policy, _ = RefreshPolicy.objects.update_or_create(
        corpus=corpus,
        defaults={
            "enabled": enabled, "recipe": recipe, **conditions, "verdicts_seen": verdicts, "rankings_seen": rankings,
            "last_started_at": timezone.now(), "updated_by": actor,
        },
    )  # fmt: skip
    audit_record(
        actor=actor, corpus=corpus, action="refresh_policy.set", subject=policy,
        data={"enabled": enabled, "recipe": recipe, **conditions},
    )  # fmt: skip
    return policy


def policies_apply() -> int:
    """Start a turn for every corpus whose policy is due; returns how many started."""
    started = 0
    for policy in RefreshPolicy.objects.filter(enabled=True).select_related("corpus", "updated_by"):
        if not _is_due(policy):
            continue
        try:
            turn_start(corpus=policy.corpus, actor=policy.updated_by, recipe=policy.recipe, cause="policy")
            started += 1
        except (
            DomainError
        ) as refusal:  # one is running already, or the corpus is not ready: tried again next minute
            logger.info("no turn for %s: %s", policy.corpus.slug, refusal)
    return started


def _is_due(policy: RefreshPolicy) -> bool:
    last = policy.last_started_at
    if policy.every_hours and (last is None or timezone.now() - last >= timedelta(hours=policy.every_hours)):
        return True
    if not policy.after_verdicts and not policy.after_rankings:
        return False
    verdicts, rankings = news_since(policy.corpus, policy.verdicts_seen, policy.rankings_seen)
    return bool(
        (policy.after_verdicts and verdicts >= policy.after_verdicts)
        or (policy.after_rankings and rankings >= policy.after_rankings)
    )
