"""Three made-up people who judge and rank: each slips in a way of their own, near misses (L3) most of all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.sample.pairs import JudgedPair
from catalog.sample.truth import Truth
from relevance.grades import Grade, Verdict
from relevance.reasoning import Reasoning, render

RANKINGS = 200


@dataclass(frozen=True)
class Person:
    """`lean`: +1 judges mildly, -1 strictly, 0 either way. `slips`: chance by true grade. `unseen`: chance to overlook
    what only the picture tells."""

    name: str
    lean: int
    slips: dict[int, float]
    unseen: float
    seconds: float


PEOPLE = (
    Person("Wilma Wren (synthetic)", -1, {4: 0.05, 3: 0.24, 2: 0.08, 1: 0.05}, 0.05, 11.0),
    Person("Otto Oriole (synthetic)", 1, {4: 0.03, 3: 0.26, 2: 0.12, 1: 0.06}, 0.10, 7.0),
    Person("Fay Finch (synthetic)", 0, {4: 0.06, 3: 0.20, 2: 0.09, 1: 0.05}, 0.25, 9.0),
)
Rating = dict[str, str | int | float]


def ratings_make(rng: random.Random, pairs: list[JudgedPair]) -> Iterator[Rating]:
    """Every person's rating of every pair."""
    for pair in pairs:
        for person in PEOPLE:
            yield _rating(rng, person, pair)


def _rating(rng: random.Random, person: Person, pair: JudgedPair) -> Rating:
    truth = pair.truth
    grade, dimension = truth.grade, truth.dimension
    visual = truth.capability == "visual"
    saw = not visual or rng.random() >= person.unseen
    if not saw and grade in (2, 4) and pair.item.color_silent:
        grade, dimension = 3, ""
    elif rng.random() < person.slips[grade]:
        grade, dimension = _slip(rng, person, truth)
    seconds = max(2.0, rng.lognormvariate(0, 0.35) * person.seconds * (1.3 if visual else 1.0))
    return {
        "query_id": pair.intent.id, "product_id": pair.item.id, "rater": person.name, "grade": grade - 1,
        "dimension": dimension, "picture_decided": int(visual and saw), "seconds": round(seconds, 1),
    }  # fmt: skip


def _slip(rng: random.Random, person: Person, truth: Truth) -> tuple[int, str]:
    step = person.lean if person.lean and rng.random() < 0.75 else rng.choice((-1, 1))
    grade = truth.grade + step
    if not 1 <= grade <= 4:
        grade = truth.grade - step
    if grade == 2:
        return 2, truth.dimension if truth.dimension not in ("", "component") else rng.choice(
            ("style", "other")
        )
    return grade, "category" if grade == 1 else ""


def rankings_make(rng: random.Random, pairs: list[JudgedPair]) -> Iterator[dict[str, Any]]:
    """200 rankings of four reasonings each, of pairs spread over the queries; grades of all levels."""
    spread = sorted(rng.sample(pairs, min(RANKINGS, len(pairs))), key=lambda p: (p.intent.id, p.item.id))
    for pair in spread:
        person = rng.choice(PEOPLE)
        ranked = _reasonings(rng, pair)
        places = list(range(len(ranked)))
        rng.shuffle(places)
        shown = sorted(range(len(ranked)), key=lambda at: places[at])
        yield {
            "query_id": pair.intent.id, "product_id": pair.item.id, "rater": person.name,
            "reasonings": [ranked[at] for at in shown],
            "tiers": [[places[at] for at in tier] for tier in _tiers(rng)],
            "seconds": round(rng.uniform(18, 75), 1),
        }  # fmt: skip


def _tiers(rng: random.Random) -> list[list[int]]:
    """Full before thin before wrong; ties and a changed mind among the wrong ones occur."""
    return rng.choice(([[0], [1], [2], [3]], [[0], [1], [2, 3]], [[0, 1], [2], [3]], [[0], [1], [3], [2]]))


def _reasonings(rng: random.Random, pair: JudgedPair) -> list[dict[str, Any]]:
    """Right and full, right and thin, wrong by an overlooked fact, wrong by far."""
    truth = pair.truth
    full, thin = _steps(pair), _steps(pair)
    thin.update(attributes="nothing else checked", item=pair.item.title)
    near = truth.grade - 1 if truth.grade == 4 else truth.grade + 1
    far = 1 if truth.grade >= 3 else 4
    missed = {
        **full,
        "attributes": "all that the query names is met" if near > 2 else "one part differs",
        "rules": "none",
    }
    wild = {**thin, "category": "another kind of thing" if far == 1 else "same kind", "rules": "none"}
    return [
        _told(full, truth.grade, truth.dimension, truth.rule), _told(thin, truth.grade, truth.dimension, ""),
        _told(missed, near, rng.choice(("style", "material")) if near == 2 else "", ""),
        _told(wild, far, "category" if far == 1 else "", ""),
    ]  # fmt: skip


def _told(steps: dict[str, str], grade: int, dimension: str, rule: str) -> dict[str, Any]:
    steps = {**steps, "rules": steps["rules"] if rule else "none"}
    cited = (rule,) if rule else ()
    return {
        "steps": steps, "grade": f"L{grade}", "dimension": dimension, "rules_cited": list(cited),
        "author_kind": "synthesiser", "author_name": "sample shop",
        "raw": render(Reasoning(steps, Verdict(Grade(grade), dimension), cited)),
    }  # fmt: skip


def _steps(pair: JudgedPair) -> dict[str, str]:
    intent, item, truth = pair.intent, pair.item, pair.truth
    seen = truth.capability == "visual"
    source = "image" if seen else "title"
    colour = f", {item.color.name} [{'image' if item.color_silent else 'attributes'}]"
    wanted = f"asks for {intent.kind}" if intent.kind else f"a need: {intent.text}"
    named = [
        str(v) for v in (intent.brand, intent.color, intent.audience, intent.material, intent.season) if v
    ]
    return {
        "query": wanted + (f", {', '.join(named)}" if named else ""),
        "item": f"{item.kind.name} by {item.brand} [{source}]{colour}",
        "category": "same kind"
        if item.kind.name == intent.kind
        else truth.reason
        if intent.need
        else "another kind",
        "attributes": truth.reason,
        "rules": f"({truth.rule}) {truth.reason}" if truth.rule else "none",
    }
