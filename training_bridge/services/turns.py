"""Start a turn of the loop: one ledger row, which a worker of the training queue takes up."""

from django.db import transaction

from rules.selectors import release_current
from training_bridge.models import RefreshPolicy, Turn
from training_bridge.recipe import recipe_load
from training_bridge.selectors import seen_now, turn_active
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User


@transaction.atomic
def turn_start(*, corpus: Corpus, actor: User | None, recipe: str = "tiny", cause: str = "button") -> Turn:
    """Queue one turn. Raises Conflict while another waits or runs, Invalid without a release, NotFound for a recipe."""
    plan = recipe_load(recipe)
    Corpus.objects.select_for_update().get(pk=corpus.pk)  # two people pressing at once start one turn
    active = turn_active(corpus)
    if active is not None:
        raise Conflict(
            "A turn is already waiting or running; watch it, or cancel it first.",
            code="turn_active",
            extra={"turn": active.pk},
        )
    if release_current(corpus) is None:
        raise Invalid(
            "Publish a rulebook release, or import judged pairs, before training.", code="no_release"
        )
    job = job_enqueue(kind="training.turn", corpus=corpus, actor=actor, queue=Job.Queue.TRAINING)
    turn = Turn.objects.create(
        corpus=corpus, job=job, recipe=recipe, recipe_content=plan.as_dict(), cause=cause, created_by=actor
    )
    verdicts, rankings = seen_now(corpus)
    RefreshPolicy.objects.filter(corpus=corpus).update(
        verdicts_seen=verdicts, rankings_seen=rankings, last_started_at=turn.created_at
    )
    audit_record(
        actor=actor, corpus=corpus, action="turn.start", subject=turn, data={"recipe": recipe, "cause": cause}
    )
    return turn
