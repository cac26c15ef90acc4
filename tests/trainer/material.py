"""Small rows and models for the trainer's tests: seconds each, made in the test."""

import json
from pathlib import Path
from typing import Any

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, render_prompt
from training_bridge.synthesis.rows import grpo_row, judged_rows

COLOURS, KINDS = ("red", "blue", "green", "white"), ("mug", "lamp", "case", "chair")
SMALL = {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 600}


def facts(number: int) -> tuple[PairFacts, Verdict]:
    """A pair by number: four kinds, four colours, and the verdict that follows."""
    colour, kind = COLOURS[number % 4], KINDS[number // 4 % 4]
    asked_colour, asked_kind = COLOURS[number // 16 % 4], KINDS[number // 64 % 4]
    item = {"title": f"Acme {colour} {kind}", "brand": "Acme", "category": kind, "color": colour}
    verdict = Verdict(Grade.L1) if kind != asked_kind else Verdict(Grade.L4)
    if kind == asked_kind and colour != asked_colour:
        verdict = Verdict(Grade.L2, "colour")
    query = {"text": f"{asked_colour} {asked_kind}", "color": asked_colour}
    return PairFacts.of(query, item), verdict


def sft_rows(count: int = 64) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number in range(count):
        pair, verdict = facts(number * 5)
        rows += [dict(row) for row in judged_rows(pair, (), {}, verdict, str(number))]
    return rows


def grpo_rows(count: int = 32) -> list[dict[str, Any]]:
    return [dict(grpo_row(*_given(number), pair=str(number))) for number in range(count)]


def _given(number: int) -> tuple[Any, ...]:
    pair, verdict = facts(number * 7)
    return pair, (), {}, verdict


def eval_rows(count: int, split: str) -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        pair, verdict = facts(number * 3)
        body = render_prompt(pair, (), {})
        rows.append(
            {
                "pair": str(number), "query_id": pair.query_text, "query": pair.query_text, "title": pair.title,
                "text": pair.title, "prompt": body, "prompt_no_rules": body, "grade": verdict.grade.name,
                "dimension": verdict.dimension, "capability": "rules" if number % 3 == 0 else "knowledge",
                "rules_grade": verdict.grade.name if number % 2 else None, "split": split,
            }
        )  # fmt: skip
    return rows


def make_run(
    path: Path, method: str, recipe: dict[str, Any], base: str = "tiny", **rows: list[dict[str, Any]]
) -> Path:
    """A run directory with its config and rows."""
    (path / "data").mkdir(parents=True)
    config = {"method": method, "recipe": recipe, "seed": 1, "base_model": base, "lineage": {"snapshot": 1}}
    (path / "config.json").write_text(json.dumps(config), "utf-8")
    for name, content in rows.items():
        lines = "".join(json.dumps(row) + "\n" for row in content)
        (path / "data" / f"{name}.jsonl").write_text(lines, "utf-8")
    return path


def small_sft(**changes: Any) -> dict[str, Any]:
    return {"batch_size": 16, "save_steps": 3, "warmup_steps": 2, "tiny": SMALL, **changes}
