"""Long work of this room, by ledger kind."""

from typing import Any

from rules.models import Release
from training_bridge.models import TrainingJob, Turn
from training_bridge.runs import run_follow
from training_bridge.services.adherence import adherence_check
from training_bridge.services.registry import model_register
from training_bridge.services.suggestions import suggestions_make
from training_bridge.services.variants import variants_write
from training_bridge.turns import turn_run
from webapp.common.errors import Invalid
from webapp.common.jobs import JobContext, job_kind

# Each worker that dies costs an attempt, so there are many; an error of the trainer's own is final at once.
ATTEMPTS = 20


@job_kind(
    "training.turn", title="Turn of the loop", queue="training", lease_seconds=60, max_attempts=ATTEMPTS
)
def run_turn(ctx: JobContext) -> dict[str, Any]:
    """One turn of the loop; the ledger's row is the turn's own."""
    turn = Turn.objects.select_related("corpus", "snapshot__release", "created_by").get(job_id=ctx.job_id)
    return turn_run(ctx, turn)


@job_kind("training.run", title="Training", queue="training", lease_seconds=60, max_attempts=ATTEMPTS)
def run_training(ctx: JobContext) -> dict[str, Any]:
    """One run of the trainer by itself (`training_job` in the arguments); a trained model is registered."""
    training_job = TrainingJob.objects.select_related("corpus", "snapshot__release").get(
        pk=ctx.arguments["training_job"]
    )
    path = run_follow(ctx, training_job, ctx.progress)
    if training_job.method == TrainingJob.Method.EVALUATE:
        return {"run": str(path)}
    card = {"method": training_job.method, "lineage": training_job.config.get("lineage", {})}
    model = model_register(training_job=training_job, folder=path / "model", card=card)
    return {"model": model.number}


@job_kind(
    "training.adherence",
    title="The champion's adherence",
    queue="interactive",
    lease_seconds=120,
    max_attempts=3,
)
def check_adherence(ctx: JobContext) -> dict[str, Any]:
    """How far the champion's answers keep to a release in review (`release` in the arguments)."""
    release = Release.objects.select_related("corpus").get(pk=ctx.arguments["release"])
    check = adherence_check(release=release, ctx=ctx)
    return {"message": check.message if check else "no champion, or published already"}


@job_kind(
    "training.suggest",
    title="Suggestions of the champion",
    queue="interactive",
    lease_seconds=180,
    max_attempts=5,
)
def make_suggestions(ctx: JobContext) -> dict[str, Any]:
    """The champion's verdicts for annotation (`unjudged`: how many unsettled pairs beside those of campaigns)."""
    if ctx.corpus is None:
        raise Invalid("Suggestions are made for a corpus.", code="corpus")
    unjudged = int(ctx.arguments.get("unjudged") or 0)
    return dict(suggestions_make(corpus=ctx.corpus, ctx=ctx, unjudged=unjudged))


@job_kind(
    "training.variants", title="Reasonings to rank", queue="interactive", lease_seconds=120, max_attempts=3
)
def write_variants(ctx: JobContext) -> dict[str, Any]:
    """The synthesiser's reasonings as the lists of a ranking campaign (`campaign`, `pairs`, `variants`, `open`)."""
    return variants_write(ctx)
