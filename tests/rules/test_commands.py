import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from rules.formats import rulebook_parse, rulebook_text
from rules.models import Release, RuleVersion
from rules.selectors import release_current, rulebook_for
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.errors import Invalid


def run(*args):
    out = StringIO()
    call_command(*args, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_export_and_import_round_trip_exactly(corpus, people, tmp_path, form):
    source = tmp_path / "in.json"
    ladder = [
        {"when": "query.text.contains('yes: no')\n  && true", "grade": "L1", "reason": "naïve “quotes”\t#"}
    ]
    source.write_text(json.dumps([rule(principle="A\n\n- b\n- 007", ladder=ladder, examples=[]), EXACT]))
    run("rules_import", str(source), "--corpus", "shop")
    first = tmp_path / f"first.{form}"
    run("rules_export", "--corpus", "shop", "--format", form, "--out", str(first))
    assert "same        2  R01 R02" in run("rules_import", str(first), "--corpus", "shop")
    assert RuleVersion.objects.count() == 2
    assert run("rules_export", "--corpus", "shop", "--format", form) == first.read_text()


def test_import_can_publish(corpus, people, tmp_path):
    stock(corpus)
    source = tmp_path / "in.json"
    source.write_text(json.dumps([BRAND]))
    assert "created     1  R01" in run("rules_import", str(source), "--corpus", "shop")
    people_args = ("--author", people.editor.email, "--reviewer", people.reviewer.email)
    assert "release 1 is in force" in run(
        "rules_import", str(source), "--corpus", "shop", "--publish", *people_args
    )
    assert release_current(corpus).signed_off_by == people.reviewer
    assert run("rules_test", "--corpus", "shop", "--release", "current").startswith("2 of 2 examples pass")


def test_rules_test_ends_with_1_when_an_example_fails(tmp_path, db):
    source = tmp_path / "in.json"
    source.write_text(json.dumps([BRAND]))
    assert "2 of 2 examples pass" in run("rules_test", str(source))
    source.write_text(json.dumps([rule(examples=[{"query": {}, "item": {}, "grade": "L4"}])]))
    with pytest.raises(SystemExit) as end:
        run("rules_test", str(source))
    assert end.value.code == 1


BLUE = {"tables": {"colours": {"blue": ["navy"]}}, "rules": []}


def test_rules_test_runs_the_examples_of_tables(tmp_path, db):
    source = tmp_path / "in.json"
    same = {"a": "navy", "b": "blue", "same": True}
    source.write_text(json.dumps({**BLUE, "table_examples": {"colours": [same]}}))
    assert "1 of 1 examples pass, 0 rules" in run("rules_test", str(source))
    source.write_text(json.dumps({**BLUE, "table_examples": {"colours": [same, {**same, "b": "red"}]}}))
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("rules_test", str(source), stdout=out, stderr=out)
    assert end.value.code == 1
    assert "table colours example 2: “navy” and “red” should be of one family." in out.getvalue()


def test_rules_test_reads_a_spreadsheet_with_the_tables_of_a_corpus(corpus, people, tmp_path):
    families = rule(
        ladder=[{"when": "same_family(query.color, item.color)", "grade": "L3"}],
        scope="",
        examples=[{"query": {"color": "navy"}, "item": {"color": "blue"}, "grade": "L3"}],
    )
    whole, sheet = tmp_path / "in.json", tmp_path / "in.csv"
    whole.write_text(json.dumps({**BLUE, "rules": [families]}))
    run("rules_import", str(whole), "--corpus", "shop")
    run("rules_export", "--corpus", "shop", "--format", "csv", "--out", str(sheet))
    assert "1 of 1 examples pass" in run("rules_test", str(sheet), "--corpus", "shop")
    with pytest.raises(SystemExit):
        run("rules_test", str(sheet))


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (b"\xff\xfe\x00", [], "save it as UTF-8"),
        (json.dumps({**BLUE, "table_examples": {"sizes": []}}).encode(), [], "no such table"),
        (json.dumps({"rules": [BRAND], "dimensions": ["colour"]}).encode(), [], "lacks brand, which R01 use"),
        (json.dumps([BRAND]).encode(), ["--corpus", "shpo"], "no corpus shpo"),
        (None, ["--corpus", "shop", "--release", "two"], "a release's number or 'current', not two"),
        (None, ["--corpus", "shop", "--release", "current"], "No release is in force"),
        (None, ["--corpus", "shop", "--release", "9"], "no release 9"),
    ],
)
def test_rules_test_refuses_in_words(corpus, tmp_path, content, arguments, said):
    if content is not None:
        source = tmp_path / "in.json"
        source.write_bytes(content)
        arguments = [str(source), *arguments]
    with pytest.raises(CommandError, match=said):
        run("rules_test", *arguments)


def test_files_that_cannot_be_read_are_refused(corpus, tmp_path):
    source = tmp_path / "in.yaml"
    for text in ("rules: 5", "[1, 2", "rules:\n- code: R01\n  ladder: [{when: '((', grade: L2}]"):
        source.write_text(text)
        with pytest.raises(CommandError):
            run("rules_import", str(source), "--corpus", "shop")
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: *a",
        "!!python/object/apply:os.system [ls]",
        "[" * 5000,
        '{"a": NaN}',
        "{" * 5000,
        "\x00",
        "a: b: c",
    ],
)
def test_bombs_are_refused(text):
    with pytest.raises(Invalid):
        rulebook_parse(text)


def test_yaml_keeps_texts_that_look_like_something_else():
    document = {
        "a": "2024-01-01",
        "b": "yes",
        "c": "1e3",
        "d": "null",
        "e": "0x10",
        "f": 1.5,
        "g": "a\nb  \n",
    }
    assert rulebook_parse(rulebook_text(document, "yaml")) == document


def test_tables_of_a_file_go_into_a_draft_release(corpus, people, tmp_path):
    families = rule(ladder=[{"when": "same_family(query.color, item.color)", "grade": "L3"}], examples=[])
    source = tmp_path / "in.json"
    source.write_text(json.dumps({"tables": {"colours": {"blue": ["navy", "azure"]}}, "rules": [families]}))
    assert "draft release 1" in run("rules_import", str(source), "--corpus", "shop")
    release = Release.objects.get()
    assert release.state == "draft" and release.tables == {"colours": {"blue": ["navy", "azure"]}}
    found = rulebook_for(release).evaluate({"color": "navy", "brand": "x"}, {"color": "azure"})
    assert found.grade is not None and found.grade.name == "L3"
    assert "draft release" not in run("rules_import", str(source), "--corpus", "shop")
