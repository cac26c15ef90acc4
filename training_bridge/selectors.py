"""Reads of this room."""

from django.db.models import QuerySet

from annotation.models import Ranking
from catalog.models import SettledVerdict
from training_bridge.models import (
    Alias,
    Evaluation,
    Gate,
    ModelVersion,
    Promotion,
    Snapshot,
    TrainingJob,
    Turn,
)
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, Job

CHAMPION, CHALLENGER = "champion", "challenger"
ACTIVE = (Job.State.QUEUED, Job.State.RUNNING)


def champion(corpus: Corpus) -> ModelVersion | None:
    """The model that serves, or None before the first promotion."""
    return alias_of(corpus, CHAMPION)


def alias_of(corpus: Corpus, name: str) -> ModelVersion | None:
    row = Alias.objects.filter(corpus=corpus, name=name).select_related("model_version__release").first()
    return row.model_version if row else None


def model_find(corpus: Corpus, name: str) -> ModelVersion:
    """A model by alias ('champion') or number ('3'). Raises NotFound."""
    found = alias_of(corpus, name)
    if found is None and name.isdecimal() and len(name) < 9:
        found = ModelVersion.objects.filter(corpus=corpus, number=int(name)).select_related("release").first()
    if found is None:
        known = ", ".join(Alias.objects.filter(corpus=corpus).values_list("name", flat=True))
        said = f"aliases: {known}" if known else "no model is promoted yet: run a turn of the loop"
        raise NotFound(f"There is no model {name!r} in this corpus ({said}).", code="model")
    return found


def models_of(corpus: Corpus) -> QuerySet[ModelVersion]:
    rows = ModelVersion.objects.filter(corpus=corpus).select_related(
        "release", "training_job__turn", "parent"
    )
    return rows.prefetch_related("aliases", "gates")


def turns_of(corpus: Corpus) -> QuerySet[Turn]:
    return Turn.objects.filter(corpus=corpus).select_related("job", "snapshot", "created_by")


def turn_get(corpus: Corpus, pk: int) -> Turn:
    """Raises NotFound."""
    turn = turns_of(corpus).filter(pk=pk).first()
    if turn is None:
        raise NotFound("There is no such turn in this corpus.")
    return turn


def turn_active(corpus: Corpus) -> Turn | None:
    """The turn that waits or runs."""
    return turns_of(corpus).filter(job__state__in=ACTIVE).order_by("-id").first()


def turn_done(corpus: Corpus) -> Turn | None:
    """The last turn that ended well, unless another one waits or runs."""
    last = turns_of(corpus).filter(job__state__in=(*ACTIVE, Job.State.DONE)).order_by("-id").first()
    return last if last and last.job.state == Job.State.DONE else None


def snapshots_of(corpus: Corpus) -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(corpus=corpus).select_related("release", "created_by")


def snapshot_get(corpus: Corpus, number: int) -> Snapshot:
    """Raises NotFound."""
    found = snapshots_of(corpus).filter(number=number).first()
    if found is None:
        raise NotFound(f"There is no snapshot {number} in this corpus.")
    return found


def stages_of(turn: Turn) -> list[TrainingJob]:
    return list(turn.training_jobs.order_by("id").prefetch_related("model_versions"))


def evaluations_of(model: ModelVersion) -> list[Evaluation]:
    return list(model.evaluations.select_related("snapshot").order_by("-id"))


def gate_latest(model: ModelVersion) -> Gate | None:
    return model.gates.select_related("champion", "snapshot").order_by("-id").first()


def promotions_of(corpus: Corpus) -> QuerySet[Promotion]:
    return Promotion.objects.filter(corpus=corpus).select_related(
        "model_version", "previous", "actor", "gate"
    )


def news_since(corpus: Corpus, verdicts: int, rankings: int) -> tuple[int, int]:
    """How many verdicts and rankings there are beyond those counted before."""
    now_verdicts, now_rankings = seen_now(corpus)
    return max(0, now_verdicts - verdicts), max(0, now_rankings - rankings)


def seen_now(corpus: Corpus) -> tuple[int, int]:
    """(settled verdicts, standing rankings) of the corpus. Read by the beat and on starting a turn, never by a page."""
    verdicts = SettledVerdict.objects.filter(pair__corpus=corpus).count()
    rankings = Ranking.objects.filter(corpus=corpus, superseded_by=None, withdrawn=False).count()
    return verdicts, rankings
