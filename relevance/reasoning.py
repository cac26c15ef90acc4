"""A reasoning: five steps and a verdict, as text. What cannot be read as exactly that is a value of its own.

    query: a case for a phone
    item: Samsung mobile phone case [title]
    category: same kind
    attributes: none asked
    rules: (R03) accessories for the named device
    verdict: [L4]

With the verdict first, its line opens the text. A rule is cited by its code in round brackets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from relevance.grades import Verdict

TEMPLATE_VERSION = "r1"
STEPS = ("query", "item", "category", "attributes", "rules")
POSITIONS = ("last", "first")
_LINE = re.compile(r"(query|item|category|attributes|rules|verdict):[ \t]*(.*)")
_CITED = re.compile(r"\(([A-Za-z0-9][A-Za-z0-9._-]{0,19})\)")
_CODED = re.compile(r"\d")


@dataclass(frozen=True)
class Reasoning:
    """Five steps by name, the verdict, the codes of the rules cited, and the text as it was written."""

    steps: Mapping[str, str]
    verdict: Verdict | None
    rules_cited: tuple[str, ...] = ()
    raw: str = field(default="", compare=False)


@dataclass(frozen=True)
class Unparsable:
    """A text that is no reasoning, and why."""

    reason: str
    raw: str


def render(reasoning: Reasoning, verdict_position: str = "last") -> str:
    """The text of a reasoning; codes in `rules_cited` that the rules step does not name are added to it.

    Raises ValueError without a verdict, or for a position that is neither 'last' nor 'first'.
    """
    if reasoning.verdict is None:
        raise ValueError("a reasoning without a verdict has no text form")
    if verdict_position not in POSITIONS:
        raise ValueError(f"verdict_position is 'last' or 'first', not {verdict_position!r}")
    steps = {name: " ".join(reasoning.steps.get(name, "").split()) or "none" for name in STEPS}
    missing = [code for code in reasoning.rules_cited if f"({code})" not in steps["rules"]]
    if missing:
        said = [] if steps["rules"] == "none" else [steps["rules"]]
        steps["rules"] = " ".join([*said, *(f"({code})" for code in missing)])
    lines = [f"{name}: {text}" for name, text in steps.items()]
    verdict = f"verdict: {reasoning.verdict}"
    return "\n".join([verdict, *lines] if verdict_position == "first" else [*lines, verdict])


def parse(text: str) -> Reasoning | Unparsable:
    """Read a reasoning; five steps in their order, each once, and one verdict line before or after them.

    Never guesses: anything else comes back as Unparsable with the reason. Blank lines are allowed between lines.
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return Unparsable(f"a line that is no step: {line.strip()[:60]!r}", text)
        if match[1] in found:
            return Unparsable(f"{match[1]} stands twice", text)
        found[match[1]] = match[2].strip()
    return _checked(found, text)


def cited_codes(step: str) -> tuple[str, ...]:
    """The rule codes cited in a rules step, each once in order: words in round brackets with a digit in them."""
    codes = (code for code in _CITED.findall(step) if _CODED.search(code))
    return tuple(dict.fromkeys(codes))


def _checked(found: dict[str, str], text: str) -> Reasoning | Unparsable:
    missing = [name for name in (*STEPS, "verdict") if not found.get(name)]
    if missing:
        return Unparsable(f"no {', '.join(missing)}", text)
    order = tuple(found)
    if order not in ((*STEPS, "verdict"), ("verdict", *STEPS)):
        return Unparsable(f"steps out of order: {', '.join(order)}", text)
    verdict = Verdict.parse(found["verdict"])
    if verdict is None:
        return Unparsable(f"no verdict in {found['verdict'][:60]!r}", text)
    steps = {name: found[name] for name in STEPS}
    return Reasoning(steps, verdict, cited_codes(steps["rules"]), text)
