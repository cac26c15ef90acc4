"""Rows out of a catalogue: repeatable, true of the facts they stand on, and readable back."""

import io
import random
from collections import Counter
from typing import Any

import pytest
from PIL import Image, ImageDraw

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, RuleLine, direct_prompt
from relevance.reasoning import Reasoning, parse
from training_bridge.recipes import load_recipe, read_recipe, recipe_names
from training_bridge.synthesis import image_evidence
from training_bridge.synthesis.augment import renamed
from training_bridge.synthesis.knowledge import knowledge_rows
from training_bridge.synthesis.progressive import Judged, Mixture, counts_by_stage, progressive_rows
from training_bridge.synthesis.reasonings import build_reasoning
from training_bridge.synthesis.rules import Fired, rule_rows
from training_bridge.synthesis.visual import visual_rows
from training_bridge.trainer.options import OptionError

COLOURS, KINDS, BRANDS = (
    ("red", "blue", "green"),
    ("desk lamp", "mug", "phone case"),
    ("Acme", "Birch", "Cobalt"),
)
ITEMS: list[dict[str, Any]] = [
    {"title": f"{brand} {kind}", "brand": brand, "color": colour, "description": f"A {kind} by {brand}"}
    for brand in BRANDS
    for kind in KINDS
    for colour in COLOURS
]


def test_knowledge_rows_are_repeatable_and_of_every_grade() -> None:
    rows = list(knowledge_rows(ITEMS, 300, seed=5, reasoned_share=0.5))
    assert rows == list(knowledge_rows(ITEMS, 300, seed=5, reasoned_share=0.5))
    assert rows != list(knowledge_rows(ITEMS, 300, seed=6, reasoned_share=0.5))
    assert len(rows) == 300
    assert {"L1", "L2", "L4"} <= set(Counter(row["grade"] for row in rows))
    for row in rows:
        assert row["stage"] == "knowledge" and row["pair"] is None
        if row["mode"] == "reasoned":
            read = parse(row["completion"].strip())
            assert isinstance(read, Reasoning) and read.verdict and read.verdict.grade.name == row["grade"]
        else:
            assert row["prompt"].endswith(direct_prompt("")) and row["completion"].startswith(
                f" [{row['grade']}"
            )


def test_knowledge_verdicts_are_true_of_their_prompts() -> None:
    for row in knowledge_rows(ITEMS, 300, seed=5, reasoned_share=0):
        lines = dict(line.split(": ", 1) for line in row["prompt"].split("\n") if ": " in line)
        if row["completion"] == " [L2-colour]":
            asked = lines["asks"].removeprefix("color ")
            assert asked not in lines["attributes"]
        if row["completion"] == " [L2-brand]":
            assert lines["asks"].removeprefix("brand ") not in lines["item"].lower()


def test_nothing_to_know() -> None:
    assert list(knowledge_rows([], 10)) == []
    assert list(knowledge_rows([{"title": ""}], 10)) == []


FACTS = PairFacts.of(
    {"text": "red mugs", "color": "red"}, {"title": "Acme mug", "brand": "Acme", "color": "blue"}
)


def test_a_renamed_pair_agrees_where_it_agreed() -> None:
    copy = renamed(FACTS, ["zebra", "violin", "acorn", "basalt"], random.Random(1), noise=0.5)
    assert "mug" not in copy.query_text and "mug" not in copy.title
    before, after = FACTS.evidence(), copy.evidence()
    assert [place for _, place in after.places] == [place for _, place in before.places]
    assert (after.names, after.coverage) == (before.names, before.coverage)


def test_each_step_stands_on_the_prompt() -> None:
    rules = [RuleLine("R03", "Colour", fired=True, grade="L2"), RuleLine("R04", "Brand")]
    reasoning = build_reasoning(FACTS, rules, Verdict(Grade.L2, "colour"))
    assert reasoning.steps == {
        "query": "red mugs (color red)",
        "item": "Acme mug [title], Acme [brand]",
        "category": "mug names the item",
        "attributes": "few words seen; color red but is blue; unseen red",
        "rules": "(R03) L2",
    }
    assert reasoning.rules_cited == ("R03",)


def test_rule_rows_leave_out_conflict_and_silence() -> None:
    fires = RuleLine("R03", "Colour", fired=True, grade="L2", reason="red asked")
    verdict = Verdict(Grade.L2, "colour")
    given = [
        Fired(FACTS, [fires], verdict),
        Fired(FACTS, [fires], verdict, conflict=True),
        Fired(FACTS, [], verdict),
    ]
    rows = list(rule_rows(given, {}))
    assert [row["stage"] for row in rows] == ["rules"]
    assert "rule (R03) L2: red asked" in rows[0]["prompt"]


def test_progressive_rows_in_stage_order_and_balanced() -> None:
    judged = [Judged(str(n), FACTS, Verdict(Grade.L4)) for n in range(18)]
    judged += [
        Judged("x", FACTS, Verdict(Grade.L3)),
        Judged("v", FACTS, Verdict(Grade.L2, "colour"), (), "visual"),
    ]
    mixture = Mixture(knowledge=20, copies=50, plain=1, reasoned_share=0.0, balance=1.0)
    rows = progressive_rows(ITEMS, judged, {}, mixture)
    assert rows == progressive_rows(ITEMS, judged, {}, mixture)
    counts = Counter(row["grade"] for row in rows if row["stage"] != "knowledge")
    assert counts["L3"] > 250 and counts["L4"] < 450
    assert set(counts_by_stage(rows)) == {"knowledge", "visual", "judged"}
    assert [row["stage"] for row in rows[:20]] == ["knowledge"] * 20


def picture(colour: str, wide: bool = False) -> bytes:
    image = Image.new("RGB", (96, 96), "white")
    box = (8, 40, 88, 56) if wide else (40, 8, 56, 88)
    ImageDraw.Draw(image).rectangle(box, fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_dominant_colours_leave_the_background_out() -> None:
    (name, share), *_ = image_evidence.dominant_colours(picture("#c81e28"))
    assert name == "red" and share > 0.8
    assert image_evidence.dominant_colours(picture("#28b"))[0][0] == "blue"
    with pytest.raises(image_evidence.BadImage):
        image_evidence.dominant_colours(b"no picture")


def test_classifier_tells_shapes_and_is_kept(tmp_path: Any) -> None:
    shades = ["#c33", "#3a3", "#33c", "#222", "#aa3"]
    images = [picture(shade, wide) for shade in shades for wide in (False, True)]
    classes = ["tall", "wide"] * len(shades)
    classifier = image_evidence.fit(images, classes)
    image_evidence.save(classifier, tmp_path / "classes.npz")
    kept = image_evidence.load(tmp_path / "classes.npz")
    assert image_evidence.predict(kept, picture("#909", True))[0] == "wide"
    assert image_evidence.predict(kept, picture("#909", False))[0] == "tall"
    shown = image_evidence.image_evidence(picture("#c81e28", True), kept)
    assert shown["shows"] == "wide" and shown["colour"].startswith("red")
    with pytest.raises(ValueError, match="two classes"):
        image_evidence.fit(images, ["one"] * len(images))


def test_visual_rows_ask_what_only_the_picture_shows() -> None:
    plain = [{"title": f"{brand} {kind}", "brand": brand} for brand in BRANDS for kind in KINDS]
    shown = [(item, image_evidence.image_evidence(picture("#c81e28"))) for item in plain]
    rows = list(visual_rows(shown, 40, seed=1))
    assert {row["grade"] for row in rows} == {"L4", "L2"}
    for row in rows:
        assert ("query: red " in row["prompt"]) == (row["grade"] == "L4")
        assert "image: colour red" in row["prompt"]
    said = [({"title": "Red Acme mug", "brand": "Acme"}, {"colour": "red 90%"})] * 3
    assert list(visual_rows(said, 5)) == []


@pytest.mark.parametrize("name", recipe_names())
def test_recipes_that_ship_are_read_and_kept(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name and recipe.description
    assert read_recipe(recipe.as_dict()) == recipe
    for stage in (*recipe.stages, "evaluate"):
        assert recipe.stage_options(stage)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"colour": 1}, "colour"), ({"sft": {"lr": 1}}, "sft.lr"), ({"rows": {"knowledge": "all"}}, "rows.knowledge"),
        ({"stages": ["sft", "magic"]}, "magic"), ({"stages": []}, "stages"), ({"verdict_position": "middle"}, "middle"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(OptionError, match=named):
        read_recipe({"name": "mine", **given})


def test_no_such_recipe() -> None:
    with pytest.raises(OptionError, match="there are .*tiny"):
        load_recipe("../secret")
