import pytest

from rules import benchmarks
from rules.benchmarks import one_pair
from rules.models import Rule, RuleVersion
from webapp.common.models import Corpus, User


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_benchmark_runs_small_and_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(one_pair, "SECONDS", 0.001)
    monkeypatch.setattr(one_pair, "ROUNDS", 1)
    rows = benchmarks.run(2_000)
    names = " ".join(row["name"] for row in rows)
    for part in (
        "against 100 rules",
        "Rust CEL",
        "ZEN",
        "p99",
        "after one rule's edit",
        "counts",
        "Chorus's 17 rules on 2,000 pairs, each after a keystroke",
        "list page",
    ):
        assert part in names
    assert all(row["figure"] for row in rows)
    for model in (Rule, RuleVersion, Corpus, User):
        assert not model.objects.exists()


def test_an_engine_that_is_not_installed_is_said_to_be(monkeypatch):
    monkeypatch.setattr(one_pair, "SECONDS", 0.001)
    monkeypatch.setattr(one_pair, "ROUNDS", 1)
    monkeypatch.setattr(one_pair, "_cel", lambda forms, context=True: None)
    monkeypatch.setattr(one_pair, "_zen", lambda forms: None)
    said = [row.get("against", "") for row in one_pair.measure(10, 5)]
    assert said.count("not installed: pip install common-expression-language") == 2
    assert "not installed: pip install zen-engine" in said
