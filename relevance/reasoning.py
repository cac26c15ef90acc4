"""The reasoning format: five steps and a verdict. Rendered one way, parsed strictly; what does not parse is a value.

    Query: a red dress for a summer party
    Item: "Linen dress, midi" (title); picture: red 62 %
    Category: dress fits dress
    Attributes: colour red is met by the picture
    Rules: R03 allows L4
    Verdict: [L4]

With `verdict_position='first'` the verdict line comes before the steps. A step is one line: line breaks in its text are
rendered as spaces.
"""

import re
from dataclasses import dataclass, field

from relevance.grades import Verdict

TEMPLATE_VERSION = "r1"
STEPS = ("query", "item", "category", "attributes", "rules")
POSITIONS = ("first", "last")
VERDICT_LABEL = "Verdict"
_RULE_CODE = re.compile(r"\bR\d{2,4}\b")


@dataclass(frozen=True)
class Reasoning:
    """Steps by name (all five), the verdict, the codes of the rules that the rules step cites, and the raw text."""

    steps: dict[str, str]
    verdict: Verdict
    rules_cited: tuple[str, ...] = ()
    raw: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unparsable:
    """A text that is not a reasoning, and the first reason why."""

    reason: str
    raw: str


def rules_in(text: str) -> tuple[str, ...]:
    """Rule codes in the order of their first mention."""
    return tuple(dict.fromkeys(_RULE_CODE.findall(text)))


def render(reasoning: Reasoning, verdict_position: str = "last") -> str:
    """The text that `parse` reads back to an equal reasoning. Raises ValueError for an unknown position or a missing step."""
    if verdict_position not in POSITIONS:
        raise ValueError(f"verdict_position is {verdict_position!r}: use first or last")
    if missing := [name for name in STEPS if name not in reasoning.steps]:
        raise ValueError(f"the reasoning lacks the steps {', '.join(missing)}")
    lines = [f"{name.capitalize()}: {_one_line(reasoning.steps[name])}".rstrip() for name in STEPS]
    verdict = f"{VERDICT_LABEL}: {reasoning.verdict}"
    return "\n".join([verdict, *lines] if verdict_position == "first" else [*lines, verdict])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def parse(text: str) -> Reasoning | Unparsable:
    """Read a reasoning. Never guesses: a missing, doubled or unknown line, or a verdict in prose, is Unparsable."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        name, colon, content = line.partition(":")
        key = name.strip().lower()
        if not colon or key not in (*STEPS, VERDICT_LABEL.lower()):
            return Unparsable(f"unknown line: {line[:60]!r}", text)
        if key in found:
            return Unparsable(f"{key} stands twice", text)
        found[key] = content.strip()
    return _assemble(found, text)


def _assemble(found: dict[str, str], text: str) -> Reasoning | Unparsable:
    order = [name for name in found if name != "verdict"]
    if order != list(STEPS):
        missing = [name for name in STEPS if name not in found]
        return Unparsable(f"steps missing: {', '.join(missing)}" if missing else "steps out of order", text)
    if "verdict" not in found:
        return Unparsable("no verdict", text)
    if list(found).index("verdict") not in (0, len(STEPS)):
        return Unparsable("the verdict stands between steps", text)
    verdict = Verdict.parse(found.pop("verdict"))
    if verdict is None:
        return Unparsable("the verdict is not of the form [L2-colour]", text)
    return Reasoning(found, verdict, rules_in(found["rules"]), text)
