"""Ratings and rankings that came with an import become judgments and rankings, once."""

from types import SimpleNamespace

from annotation import services
from annotation.models import Judgment, Ranking
from annotation.selectors import effective_judgments
from catalog.models import ImportedRanking, ImportedRating
from relevance.grades import Grade, Verdict
from relevance.reasoning import Reasoning, render
from webapp.common.events import event_publish, events_deliver
from webapp.common.models import User

from .conftest import STEPS


def test_ratings_are_taken_up_once_and_changes_supersede(shop: SimpleNamespace) -> None:
    rater = User.objects.create_user("agent_1@shop.invalid", "agent_1", kind="rater")
    for pair in shop.pairs:
        version = pair.item.current
        ImportedRating.objects.create(
            corpus=shop.corpus, pair=pair, item_version=version, rater=rater, grade=2, dimension="unstated"
        )
    payload = {"source": "Some shop", "grade_map": {"1": "L2"}}
    event_publish(corpus=shop.corpus, kind="import.finished", payload=payload)
    events_deliver()
    rows = effective_judgments(shop.corpus)
    assert rows.count() == 12 and {row.release.number for row in rows.select_related("release")} == {0}
    assert rows[0].origin == "import" and rows[0].blind and rows[0].dimension == "unstated"
    ImportedRating.objects.update(taken_up=False)
    assert services.imports_take_up(corpus=shop.corpus) == (0, 0)
    ImportedRating.objects.filter(pair=shop.pairs[0]).update(grade=4, taken_up=False)
    assert services.imports_take_up(corpus=shop.corpus) == (1, 0)
    assert effective_judgments(shop.corpus).count() == 12 and Judgment.objects.count() == 13
    assert effective_judgments(shop.corpus).get(pair=shop.pairs[0]).grade == 4


def test_rankings_bring_their_reasonings(shop: SimpleNamespace) -> None:
    rater = User.objects.create_user("agent_1@shop.invalid", "agent_1", kind="rater")
    text = render(Reasoning(STEPS, Verdict(Grade.L2, "colour"), ("R01",)))
    content = {
        "reasonings": [text, {"steps": STEPS, "grade": "L4"}, "not a reasoning"],
        "tiers": [[1], [0]],
        "faults": {"2": {"text": "knowledge"}},
    }
    pair = shop.pairs[0]
    ImportedRanking.objects.create(
        corpus=shop.corpus,
        pair=pair,
        item_version=pair.item.current,
        rater=rater,
        content=content,
        content_hash="x",
    )
    assert services.imports_take_up(corpus=shop.corpus) == (0, 1)
    ImportedRanking.objects.update(taken_up=False)
    assert services.imports_take_up(corpus=shop.corpus) == (0, 0)
    row = Ranking.objects.get()
    by_grade = {reasoning.grade: reasoning.pk for reasoning in pair.reasonings.all()}
    assert set(by_grade) == {2, 4, None} and row.tiers == [[by_grade[4]], [by_grade[2]]]
    assert row.faults == {str(by_grade[None]): {"text": "knowledge"}}
