"""The starter rulebooks on the judgments they were written for: clean by their own lint, every rule at work, measured."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from rules.lint import Kind
from rules.lint_selectors import lint_corpus, lint_release
from rules.models import Rule
from rules.selectors import release_current
from rules.services import rule_edit
from rules.starter import load
from webapp.common.models import Corpus

REAL = Path(os.environ.get("LORE_DATA_DIR") or Path(__file__).resolve().parents[3] / "shared" / "data")
SETS = {"chorus": "chorus_electronics", "esci": "esci_us_150"}

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=SETS)
def shop(request: pytest.FixtureRequest) -> Corpus:
    """A corpus of real judgments with its starter rulebook in force."""
    folder = REAL / SETS[request.param]
    if not folder.exists():
        pytest.skip(f"{folder.name} is not on this machine (LORE_DATA_DIR)")
    call_command("import_corpus", folder, corpus=request.param)
    return Corpus.objects.get(slug=request.param)


def test_a_starter_rulebook_is_clean_fires_and_is_measured(
    shop: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = release_current(shop)
    assert release is not None and not release.external
    assert lint_release(release).findings == () and lint_corpus(shop) == []

    call_command("rules_report", corpus=shop.slug, report=tmp_path / "report.json")
    assert "says nothing" in capsys.readouterr().out
    found: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert {rule["code"] for rule in found["rules"]} == {rule["code"] for rule in load(shop.slug)["rules"]}
    assert {rule["code"]: rule["queries"] for rule in found["rules"] if rule["queries"] < 5} == {}
    for subject in ("rules", "word overlap"):
        low, high = found["verdict"][subject]["intervals"]["macro_f1"]
        assert 0 < low < found["verdict"][subject]["macro_f1"] < high < 1
    assert found["against_overlap"]["macro_f1"]["interval"][0] > 0, "the rules add nothing to word overlap"

    _lint_sees_a_field_that_no_item_has(shop)


def _lint_sees_a_field_that_no_item_has(shop: Corpus) -> None:
    """The control: lint that is silent above is not silent for want of a vocabulary."""
    rule = Rule.objects.filter(corpus=shop).order_by("id")[0]
    form = next(form for form in load(shop.slug)["rules"] if form["code"] == rule.code)
    rule_edit(rule=rule, form={**form, "scope": f'({form["scope"]}) && item.moon_phase != "new"'}, actor=None)
    assert (rule.code, Kind.UNKNOWN) in {(f.code, f.kind) for f in lint_corpus(shop)}
