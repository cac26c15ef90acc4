"""One person's work as a reviewer looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, F, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import Judgment, QualityAlarm, QualityFigure, RaterModel
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, User

SAMPLE_SQL = "get_byte(uuid_send(annotation_judgment.id), 15) < 26"
SHOWN = {
    "all": "all answers",
    "gold": "on gold",
    "wrong": "wrong on gold",
    "apart": "apart from the settled verdict",
    "fast": "faster than two seconds",
    "against": "against the rules",
    "returned": "returned",
    "sample": "a sample to review",
}


def person_get_for(corpus: Corpus, pk: int) -> User:
    """Somebody who belongs to this corpus or has judged in it, or NotFound."""
    person = User.objects.filter(pk=pk).first()
    if person is not None:
        judged = Judgment.objects.filter(corpus=corpus, person=person).exists()
        if judged or person.memberships.filter(corpus=corpus).exists():
            return person
    raise NotFound("Nobody of that name works in this corpus.")


def work_of(corpus: Corpus, person: User, shown: str) -> QuerySet[Judgment]:
    """Her standing answers, narrowed; with what a row shows. `sample` is one in ten, drawn from the answers' own ids."""
    newer = Judgment.objects.filter(supersedes=OuterRef("pk"))
    rows = Judgment.objects.filter(corpus=corpus, person=person, grade__isnull=False).filter(~Exists(newer))
    rows = {
        "gold": lambda: rows.filter(pair__gold__isnull=False),
        "wrong": lambda: rows.filter(pair__gold__isnull=False).exclude(grade=F("pair__gold__grade")),
        "apart": lambda: rows.filter(pair__settled__isnull=False).exclude(grade=F("pair__settled__grade")),
        "fast": lambda: rows.filter(seconds__lt=2),
        "against": lambda: rows.exclude(disagreement=""),
        "returned": lambda: Judgment.objects.filter(corpus=corpus, person=person, review__verdict="returned"),
        "sample": lambda: rows.filter(RawSQL(SAMPLE_SQL, (), output_field=BooleanField())),
    }.get(shown, lambda: rows)()
    # Fetched beside, not joined: ten joins hide from the planner that thirty rows of an index are all that is wanted.
    return rows.prefetch_related(
        "pair__query", "pair__settled", "pair__gold", "item_version", "note", "review__reviewer"
    )


@dataclass(frozen=True)
class PersonReport:
    """Her stored figures over the corpus; absent ones are None."""

    figures: dict[str, QualityFigure]
    two: Sequence[QualityFigure]
    accuracy: float | None
    confusion: Sequence[Sequence[float]]
    alarms: Sequence[QualityAlarm]

    @property
    def answers(self) -> QualityFigure | None:
        return self.figures.get("answers")


def person_report(corpus: Corpus, person: User) -> PersonReport:
    """Four queries."""
    stored = QualityFigure.objects.filter(corpus=corpus, campaign=None)
    mine = {row.metric: row for row in stored.filter(slice="person", key=str(person.pk))}
    two = [row for row in stored.filter(metric="kappa", slice="two") if str(person.pk) in row.key.split(":")]
    model = RaterModel.objects.filter(corpus=corpus, person=person).first()
    alarms = QualityAlarm.objects.filter(corpus=corpus, person=person, resolved_at=None)
    return PersonReport(
        mine, sorted(two, key=lambda row: -row.n)[:20], model.accuracy if model else None,
        model.confusion if model else [], list(alarms),
    )  # fmt: skip
