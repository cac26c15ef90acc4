"""Rows out of a catalogue: repeatable, true of the facts they stand on, and readable back."""

import io
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, RuleLine, direct_prompt
from relevance.reasoning import Reasoning, parse
from training_bridge.recipes import load_recipe, read_recipe, recipe_names
from training_bridge.synthesis.augment import renamed
from training_bridge.synthesis.image_evidence import dominant_colours, image_evidence
from training_bridge.synthesis.knowledge import knowledge_rows
from training_bridge.synthesis.picture_classes import classifiers_bytes, classifiers_read
from training_bridge.synthesis.picture_fitting import fit_classifiers
from training_bridge.synthesis.pictures import BadImage, pixels_of
from training_bridge.synthesis.progressive import Judged, Mixture, progressive_rows
from training_bridge.synthesis.reasonings import build_reasoning
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
    assert counts["L3"] > 150 and counts["L2"] > 3 * 100 and counts["L4"] < 450, (
        "the picture's pair counts three times"
    )
    assert {row["stage"] for row in rows} == {"knowledge", "visual", "judged"}
    assert [row["stage"] for row in rows[:20]] == ["knowledge"] * 20


def picture(colour: str, wide: bool = False) -> bytes:
    image = Image.new("RGB", (96, 96), "white")
    box = (8, 40, 88, 56) if wide else (40, 8, 56, 88)
    ImageDraw.Draw(image).rectangle(box, fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_dominant_colours_leave_the_background_out() -> None:
    (name, share), *_ = dominant_colours(pixels_of(picture("#c81e28")))
    assert name == "red" and share > 0.8
    assert dominant_colours(pixels_of(picture("#28b")))[0][0] == "blue"
    with pytest.raises(BadImage):
        pixels_of(b"no picture")


SHADES = {"lake blue": "#2e7fa8", "sky blue": "#8cc4ea", "red": "#c81e28", "moss": "#5b7a3a"}


def jittered(count: int) -> tuple[list[bytes], list[dict[str, str]]]:
    """Pictures of four shades and two shapes with a little noise, and what a shop's text says of each."""
    generator = random.Random(3)
    images, items = [], []
    for at in range(count):
        name, wide = list(SHADES)[at % 4], at % 8 < 4
        bands = [
            max(0, min(255, int(SHADES[name][k : k + 2], 16) + generator.randint(-6, 6))) for k in (1, 3, 5)
        ]
        images.append(picture("#{:02x}{:02x}{:02x}".format(*bands), wide))
        items.append({"color": name, "category": "rail" if wide else "post"})
    return images, items


def test_classifiers_name_the_corpus_s_own_colours_and_kinds_and_are_kept() -> None:
    images, items = jittered(80)
    fitted = fit_classifiers(images, items)
    assert {one.speaks: len(one.classes) for one in fitted} == {"looks": 4, "shows": 2}
    assert all(one.precision >= 0.8 and one.pictures == 80 for one in fitted)
    kept = classifiers_read(classifiers_bytes(fitted))
    assert classifiers_bytes(kept) == classifiers_bytes(fitted)
    for name, shade in SHADES.items():
        shown = image_evidence(picture(shade, True), kept)
        assert (shown["looks"], shown["shows"]) == (name, "rail")
    assert image_evidence(picture("#2e7fa8", True)) == {
        "colour": image_evidence(picture("#2e7fa8", True))["colour"]
    }


def test_a_classifier_that_only_guesses_says_nothing() -> None:
    images, items = jittered(80)
    generator = random.Random(5)
    guessed = [{"category": generator.choice(["one", "two", "three"])} for _ in items]
    assert all(one.coverage < 0.3 for one in fit_classifiers(images, guessed))
    assert fit_classifiers(images, [{"color": "red"}] * 80) == ()
    assert fit_classifiers([], []) == ()


def test_classifiers_are_read_without_objects() -> None:
    out = io.BytesIO()
    np.savez(out, **{"0.field": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(ValueError, match="[Oo]bject"):
        classifiers_read(out.getvalue())
    images, items = jittered(80)
    with np.load(io.BytesIO(classifiers_bytes(fit_classifiers(images, items)))) as held:
        parts = {name: held[name] for name in held.files if not name.endswith("weights")}
    out = io.BytesIO()
    np.savez(out, **parts)
    with pytest.raises(ValueError, match="weights"):
        classifiers_read(out.getvalue())


def test_visual_rows_ask_what_only_the_picture_shows() -> None:
    plain = [{"title": f"{brand} {kind}", "brand": brand} for brand in BRANDS for kind in KINDS]
    shown = [(item, image_evidence(picture("#c81e28"))) for item in plain]
    rows = list(visual_rows(shown, 40, seed=1))
    assert {row["grade"] for row in rows} == {"L4", "L2"}
    for row in rows:
        assert ("asks: color red\n" in row["prompt"]) == (row["grade"] == "L4")
        assert "image: colour red" in row["prompt"] and ("red image" in row["prompt"]) == (
            row["grade"] == "L4"
        )
    said = [({"title": "Red Acme mug", "brand": "Acme"}, {"colour": "red 90%"})] * 3
    assert list(visual_rows(said, 5)) == []


def test_neighbouring_shades_are_never_taught_as_a_mismatch() -> None:
    plain = [{"title": f"{brand} {kind}", "brand": brand} for brand in BRANDS for kind in KINDS]
    looks = [("lake blue", "blue 90%"), ("navy", "blue 80%"), ("scarlet", "red 90%")]
    shown = [(item, {"colour": looks[at % 3][1], "looks": looks[at % 3][0]}) for at, item in enumerate(plain)]
    rows = [row for row in visual_rows(shown, 200, seed=1) if row["grade"] == "L2"]
    assert rows
    for row in rows:
        reads_blue, asks_red = "looks scarlet" not in row["prompt"], "asks: color scarlet" in row["prompt"]
        assert reads_blue == asks_red


def test_a_kind_that_only_the_picture_shows_is_asked_for() -> None:
    plain = [{"title": f"{brand} piece", "brand": brand} for brand in BRANDS] * 2
    shown = [(dict(item), {"shows": "mug" if at % 2 else "lamp"}) for at, item in enumerate(plain)]
    rows = list(visual_rows(shown, 40, seed=1))
    assert {row["grade"] for row in rows} == {"L4", "L1"}
    for row in rows:
        asked = "mug" if "query: mug" in row["prompt"] else "lamp"
        assert (f"shows {asked}" in row["prompt"]) == (row["grade"] == "L4")
        assert ("names yes" in row["prompt"]) == (row["grade"] == "L4")


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
