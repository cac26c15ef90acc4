"""A rule in its JSON form, made canonical: the one shape in the database, in files that travel, and in the editor.

The same content gives the same text and the same hash, so that an export and an import are each other's mirror.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from relevance.grades import Grade
from rules.engine import RulebookError
from rules.engine.rule import CAPABILITIES, CODE, MAX_STEPS, grade_of
from rules.language import clean_fields, field_name
from webapp.common.documents import document_fault

EVIDENCE = ("title", "attributes", "image")
LONGEST = {"code": 20, "title": 160, "principle": 20_000, "dimension": 40, "scope": 65_536}
MAX_EXAMPLES = 100
KEYS = (
    "code", "title", "principle", "dimension", "capability", "scope", "ladder", "evidence_order", "priority",
    "yields_to", "examples",
)  # fmt: skip


def form_clean(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a rule. Raises RulebookError with the place of what is wrong."""
    code = _text(raw, "code", "")
    if not CODE.fullmatch(code):
        raise RulebookError(
            "A rule's code is letters, digits, dots, hyphens or underscores, 20 at most.", code, "code"
        )
    if unknown := set(raw) - set(KEYS):
        raise RulebookError(f"A rule has no part named {', '.join(sorted(map(str, unknown)))}.", code)
    form: dict[str, Any] = {
        name: _text(raw, name, code) for name in ("code", "title", "principle", "dimension", "scope")
    }
    form["title"] = form["title"] or code
    form["capability"] = _text(raw, "capability", code) or "rules"
    if form["capability"] not in CAPABILITIES:
        raise RulebookError(f"A capability is one of {', '.join(CAPABILITIES)}.", code, "capability")
    form["ladder"] = _ladder(raw.get("ladder"), code)
    form["evidence_order"] = _evidence(raw.get("evidence_order"), code)
    form["priority"] = _whole(raw.get("priority") or 0, code)
    form["yields_to"] = _codes(raw.get("yields_to") or (), code)
    form["examples"] = _examples(raw.get("examples") or (), code)
    for name in KEYS:
        if fault := document_fault(form[name]):
            raise RulebookError(f"{name}: {fault}", code, name)
    return {name: form[name] for name in KEYS}


def form_hash(form: Mapping[str, Any]) -> str:
    """SHA-256 of a canonical form."""
    text = json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(raw: Mapping[str, Any], name: str, code: str) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RulebookError(f"{name} is a text.", code, name)
    value = value.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(value) > LONGEST.get(name, 1000):
        raise RulebookError(f"{name} is longer than {LONGEST.get(name, 1000)} characters.", code, name)
    return value


def _whole(value: object, code: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1_000_000:
        raise RulebookError("A priority is a whole number up to a million.", code, "priority")
    return value


def _codes(value: object, code: str) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RulebookError("yields_to is a list of codes.", code, "yields_to")
    found = [str(other).strip() for other in value]
    if wrong := [other for other in found if not CODE.fullmatch(other)]:
        raise RulebookError(f"{wrong[0]!r} is not a rule's code.", code, "yields_to")
    if code in found:
        raise RulebookError("A rule cannot yield to itself.", code, "yields_to")
    return list(dict.fromkeys(found))


def _evidence(value: object, code: str) -> list[str]:
    if value is None:
        return list(EVIDENCE)
    if not isinstance(value, Sequence) or isinstance(value, str) or not set(map(str, value)) <= set(EVIDENCE):
        raise RulebookError(
            f"evidence_order lists {', '.join(EVIDENCE)} in the order they count.", code, "evidence_order"
        )
    return list(dict.fromkeys(map(str, value)))


def _ladder(value: object, code: str) -> list[dict[str, str]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not 0 < len(value) <= MAX_STEPS:
        raise RulebookError(
            f"A rule has a ladder of 1 to {MAX_STEPS} steps: say when the first is true.", code, "ladder"
        )
    return [_step(step, code, f"ladder.{at}") for at, step in enumerate(value, 1)]


def _step(step: object, code: str, place: str) -> dict[str, str]:
    if not isinstance(step, Mapping):
        raise RulebookError("A step has when, grade, dimension and reason.", code, place)
    texts = {name: step.get(name) or "" for name in ("when", "dimension", "reason")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise RulebookError(f"{name} is a text.", code, f"{place}.{name}")
        if len(text) > LONGEST["scope"]:
            said = f"{name} is longer than {LONGEST['scope']} characters: share it out over steps or rules."
            raise RulebookError(said, code, f"{place}.{name}")
    grade = _grade(step.get("grade"), code, place)
    if grade is None:
        raise RulebookError("A step's grade is L1, L2, L3 or L4.", code, f"{place}.grade")
    return {
        "when": texts["when"].replace("\r\n", "\n").strip() or "true",
        "grade": grade,
        "dimension": texts["dimension"].strip()[:40],
        "reason": texts["reason"].strip(),
    }


def _grade(value: object, code: str, place: str) -> str | None:
    if value is None or value == "":
        return None
    try:
        return Grade(grade_of(value)).name
    except (ValueError, KeyError):
        raise RulebookError("A grade is L1, L2, L3 or L4.", code, f"{place}.grade") from None


def _examples(value: object, code: str) -> list[dict[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_EXAMPLES:
        raise RulebookError(f"examples is a list of at most {MAX_EXAMPLES}.", code, "examples")
    return [_example(example, code, f"examples.{at}") for at, example in enumerate(value, 1)]


def _example(example: object, code: str, place: str) -> dict[str, Any]:
    if not isinstance(example, Mapping):
        raise RulebookError("An example has query, item, grade, dimension and note.", code, place)
    fields: dict[str, dict[str, Any]] = {}
    for side in ("query", "item"):
        found = example.get(side) or {}
        if not isinstance(found, Mapping):
            raise RulebookError(f"An example's {side} holds field names and values.", code, f"{place}.{side}")
        named = {field_name(str(name)): value for name, value in found.items()}
        fields[side] = {name: value for name, value in clean_fields(named).items() if not _endless(value)}
    return {
        **fields,
        "grade": _grade(example.get("grade"), code, place),
        "dimension": str(example.get("dimension") or "").strip()[:40],
        "note": str(example.get("note") or "").strip()[:300],
    }


def _endless(value: object) -> bool:
    """NaN and infinity have no place in JSON."""
    return isinstance(value, float) and not math.isfinite(value)
