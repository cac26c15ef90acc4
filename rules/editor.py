"""The editor's form: what a browser posts, read into a rule's JSON form, and a rule laid out for the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from rules.engine import Resolution
from rules.engine.rule import CAPABILITIES
from rules.fields_text import fields_parse, fields_text
from rules.form import EVIDENCE
from webapp.common.errors import Invalid

GRADES = ("L4", "L3", "L2", "L1")


@dataclass(frozen=True)
class ExampleRow:
    query: str
    item: str
    grade: str
    dimension: str
    note: str
    pair: str = ""


@dataclass(frozen=True)
class EditorPage:
    """What the editor's template shows; `examples` as lines of text."""

    form: dict[str, Any]
    examples: list[ExampleRow]
    yields_to: str
    evidence_order: str
    dimensions: list[str] = field(default_factory=list)
    capabilities: tuple[str, ...] = CAPABILITIES
    grades: tuple[str, ...] = GRADES


def editor_page(
    form: Mapping[str, Any], dimensions: list[str], pairs: Mapping[int, int] | None = None
) -> EditorPage:
    known = pairs or {}
    rows = [
        ExampleRow(
            fields_text(example["query"]),
            fields_text(example["item"]),
            example["grade"] or "",
            example["dimension"],
            example["note"],
            str(known.get(at, "")),
        )
        for at, example in enumerate(form["examples"])
    ]
    return EditorPage(
        dict(form), rows, ", ".join(form["yields_to"]), ", ".join(form["evidence_order"]), dimensions
    )


def example_offered(
    alone: Resolution, query: Mapping[str, Any], item: Mapping[str, Any], pair: str
) -> ExampleRow:
    """A pair just tried, as an example that holds the rule to what it says now."""
    return ExampleRow(
        fields_text(query),
        fields_text({name: value for name, value in item.items() if name != "description"}),
        alone.grade.name if alone.grade else "",
        alone.dimension,
        "",
        pair,
    )


def empty_form(code: str) -> dict[str, Any]:
    """A new rule's starting point."""
    return {
        "code": code, "title": "", "principle": "", "dimension": "", "capability": "rules", "scope": "",
        "ladder": [{"when": "", "grade": "L2", "dimension": "", "reason": ""}], "evidence_order": list(EVIDENCE),
        "priority": 0, "yields_to": [], "examples": [],
    }  # fmt: skip


def form_posted(post: QueryDict, code: str = "") -> dict[str, Any]:
    """The rule's JSON form out of the editor's fields; rows left empty are left out. Raises Invalid."""
    form: dict[str, Any] = {
        name: post.get(name, "") for name in ("title", "principle", "dimension", "capability", "scope")
    }
    form["code"] = code or post.get("code", "").strip()
    form["ladder"] = [
        row for row in _rows(post, "step", ("when", "grade", "dimension", "reason")) if row["when"].strip()
    ]
    form["evidence_order"] = _names(post.get("evidence_order", "")) or list(EVIDENCE)
    form["yields_to"] = _names(post.get("yields_to", ""))
    form["priority"] = _number(post.get("priority", "0"))
    form["examples"] = [example for example, _ in _examples(post)]
    return form


def pairs_posted(post: QueryDict) -> dict[int, int]:
    """Which example (by place) was taken from which pair of the corpus."""
    return {
        at: int(pair) for at, (_, pair) in enumerate(_examples(post)) if pair.isdecimal() and len(pair) < 19
    }


def _examples(post: QueryDict) -> list[tuple[dict[str, Any], str]]:
    found = []
    names = ("query", "item", "grade", "dimension", "note", "pair")
    for at, row in enumerate(_rows(post, "example", names), 1):
        if not row["query"].strip() and not row["item"].strip():
            continue
        try:
            sides = {side: fields_parse(row[side]) for side in ("query", "item")}
        except ValueError as error:
            raise Invalid(
                f"Example {at}: {error}", code="rule_invalid", extra={"place": f"examples.{at}"}
            ) from error
        example = {**sides, "grade": row["grade"] or None, "dimension": row["dimension"], "note": row["note"]}
        found.append((example, row["pair"]))
    return found


def _rows(post: QueryDict, prefix: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Parallel lists of fields (`step_when`, `step_grade`, ...) as one mapping a row."""
    columns = [post.getlist(f"{prefix}_{name}") for name in names]
    size = max((len(column) for column in columns), default=0)
    full = [column + [""] * (size - len(column)) for column in columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*full, strict=True)]


def _names(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]


def _number(text: str) -> int:
    try:
        return int(text.strip() or "0")
    except ValueError:
        raise Invalid(
            "A priority is a whole number.", code="rule_invalid", extra={"place": "priority"}
        ) from None
