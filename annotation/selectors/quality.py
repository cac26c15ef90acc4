"""Stored figures as pages and programs read them: a fixed number of indexed reads, whatever the corpus holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from annotation.figures.alarms import THRESHOLDS, thresholds_of
from annotation.models import Campaign, QualityAlarm, QualityFigure, QualityRun, QualitySettings, RaterModel
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, Job

KINDS = ("dimension", "rule", "week")
WINS = "wins"  # which of two lists won: told by the campaign's own page alone, which knows who may know


@dataclass(frozen=True)
class Report:
    """The figures of one scope; `run` None where nothing was worked out yet."""

    run: QualityRun | None
    figures: Sequence[QualityFigure] = field(default=())

    def of(self, metric: str, kind: str) -> list[QualityFigure]:
        return [row for row in self.figures if row.metric == metric and row.slice == kind]

    @property
    def overall(self) -> QualityFigure | None:
        return next(iter(self.of("alpha", "overall")), None)

    @property
    def by_rule(self) -> list[QualityFigure]:
        """Where people agree least, first: those are the rules to look at."""
        return sorted(self.of("alpha", "rule"), key=_lowest)

    @property
    def by_dimension(self) -> list[QualityFigure]:
        return sorted(self.of("alpha", "dimension"), key=_lowest)

    @property
    def by_week(self) -> list[QualityFigure]:
        return sorted(self.of("alpha", "week"), key=lambda row: row.key)

    @property
    def two(self) -> list[QualityFigure]:
        return sorted(self.of("kappa", "two"), key=lambda row: -row.n)

    @property
    def model(self) -> list[QualityFigure]:
        order = {"overall": 0, "peers": 1, "dimension": 2, "rule": 3}
        rows = [row for row in self.figures if row.metric == "model" and row.slice != "person"]
        return sorted(rows, key=lambda row: (order.get(row.slice, 9), _lowest(row)))

    @property
    def drift(self) -> list[QualityFigure]:
        rows = [row for row in self.figures if row.metric == "grades"]
        return sorted(rows, key=lambda row: (row.slice != "overall", -(row.value or 0.0)))


def _lowest(row: QualityFigure) -> float:
    return 2.0 if row.value is None else row.value


def report_for(corpus: Corpus, campaign: Campaign | None = None) -> Report:
    """Two queries."""
    run = QualityRun.objects.filter(corpus=corpus, campaign=campaign).first()
    if run is None:
        return Report(None)
    rows = QualityFigure.objects.filter(corpus=corpus, campaign=campaign).exclude(metric=WINS)
    return Report(run, list(rows))


@dataclass(frozen=True)
class PersonRow:
    """One person's figures side by side; None where there is none."""

    pk: int
    name: str
    answers: QualityFigure
    kappa: QualityFigure | None
    gold: QualityFigure | None
    model: QualityFigure | None
    accuracy: float | None
    alarms: Sequence[QualityAlarm] = ()


def people_rows(corpus: Corpus, report: Report) -> list[PersonRow]:
    """Everybody with an answer in the report's scope, the busiest first. Two queries beside the report's."""
    models = dict(RaterModel.objects.filter(corpus=corpus).values_list("person_id", "accuracy"))
    alarms: dict[int, list[QualityAlarm]] = {}
    for alarm in QualityAlarm.objects.filter(corpus=corpus, resolved_at=None, person__isnull=False):
        alarms.setdefault(int(alarm.person_id or 0), []).append(alarm)
    found = {
        metric: {row.key: row for row in report.of(metric, "person")} for metric in ("kappa", "gold", "model")
    }
    rows = [
        PersonRow(
            int(row.key), row.label, row, found["kappa"].get(row.key), found["gold"].get(row.key),
            found["model"].get(row.key), models.get(int(row.key)), alarms.get(int(row.key), ()),
        )
        for row in report.of("answers", "person")
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row.answers.n)


def alarms_open(corpus: Corpus) -> QuerySet[QualityAlarm]:
    """What waits for a reviewer, newest first."""
    return (
        QualityAlarm.objects.filter(corpus=corpus, resolved_at=None).select_related("person").order_by("-pk")
    )


def alarms_past(corpus: Corpus) -> QuerySet[QualityAlarm]:
    """What was dealt with or has passed, newest first."""
    rows = QualityAlarm.objects.filter(corpus=corpus).exclude(resolved_at=None)
    return rows.select_related("person", "resolved_by").order_by("-resolved_at")


def alarm_get_for(corpus: Corpus, pk: int) -> QualityAlarm:
    alarm = QualityAlarm.objects.filter(corpus=corpus, pk=pk).first()
    if alarm is None:
        raise NotFound("There is no such alarm in this corpus.")
    return alarm


@dataclass(frozen=True)
class Threshold:
    name: str
    value: float
    default: float
    meaning: str


def thresholds_for(corpus: Corpus) -> tuple[list[Threshold], QualitySettings]:
    """Every threshold with what holds in this corpus; and its row of settings (unsaved where it has none)."""
    row = QualitySettings.objects.filter(corpus=corpus).first() or QualitySettings(corpus=corpus)
    own = thresholds_of(row.thresholds)
    return [Threshold(name, own[name], default, text) for name, (default, text) in THRESHOLDS.items()], row


def quality_job(corpus: Corpus) -> Job | None:
    """The run of figures under way, or the newest that failed."""
    rows = Job.objects.filter(corpus=corpus, kind="annotation.quality").order_by("-created_at")
    job = rows.first()
    return job if job is not None and job.state != Job.State.DONE else None
