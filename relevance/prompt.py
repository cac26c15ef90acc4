"""The prompt: one pair as a short text that a small model can read. Deterministic, bounded, the same in training and serving.

Beside the shop's own words it carries matching evidence that is computed from the pair alone: which words of the query
stand where in the item and which do not, and which facets of the query the item meets. Two cues end a prompt:
`Reasoning:` asks for the five steps, `Answer:` for the bare verdict.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CUES = {"reasoned": "Reasoning:", "direct": "Answer:"}
TITLE_CHARACTERS, ATTRIBUTE_CHARACTERS, ATTRIBUTES, RULES = 140, 40, 8, 4
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_STOP = frozenset("a an and at by for from in of on or the to with".split())
HIDDEN_FACETS = frozenset({"tokens", "text", "head"})


@dataclass(frozen=True)
class PairFacts:
    """What is known of a pair: the query's text and facets, the item's fields, and evidence from its picture."""

    query_text: str
    query_facets: Mapping[str, object]
    title: str
    attributes: Mapping[str, object]
    description: str = ""
    image_evidence: Mapping[str, object] | None = None


@dataclass(frozen=True)
class RuleLine:
    """One rule as the prompt shows it: whether it fires here, with which grade, and why."""

    code: str
    title: str
    text: str
    fired: bool
    grade: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Overlap:
    """Query words by where the item has them; `missing` are nowhere."""

    title: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    head: str = field(default="")


def words(text: str) -> list[str]:
    """Words of a text: NFKC, case folded, without function words, with a plain plural's s dropped."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_stem(word) for word in _WORD.findall(folded) if word not in _STOP]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def overlap(facts: PairFacts) -> Overlap:
    """Where each distinct query word stands in the item."""
    query = list(dict.fromkeys(words(facts.query_text)))
    title = set(words(facts.title))
    category = set(words(str(facts.attributes.get("category") or "")))
    brand = set(words(str(facts.attributes.get("brand") or "")))
    rest = set(words(facts.description[:600])) | {
        word
        for name, value in facts.attributes.items()
        if name not in {"category", "brand"}
        for word in words(_text(value))
    }
    return Overlap(
        title=tuple(word for word in query if word in title),
        category=tuple(word for word in query if word in category),
        brand=tuple(word for word in query if word in brand),
        elsewhere=tuple(word for word in query if word in rest - title - category - brand),
        missing=tuple(word for word in query if word not in title | category | brand | rest),
        head=query[-1] if query else "",
    )


def render_prompt(
    facts: PairFacts,
    rules: Sequence[RuleLine] = (),
    definitions: Mapping[str, str] | None = None,
    *,
    mode: str = "reasoned",
) -> str:
    """The prompt's text, ending in the cue of `mode`. `definitions` are left out when None (a tiny model knows them)."""
    lines = [f"Query: {_cut(facts.query_text, 120)}"]
    if wanted := _facets(facts.query_facets):
        lines.append(f"Wanted: {wanted}")
    lines.append(f"Title: {_cut(facts.title, TITLE_CHARACTERS)}")
    lines += _attribute_lines(facts)
    if facts.image_evidence:
        lines.append(f"Picture: {_evidence(facts.image_evidence)}")
    lines.append(_overlap_line(overlap(facts)))
    lines += _rule_lines(rules)
    if definitions:
        lines += [f"{level}: {_cut(text, 120)}" for level, text in sorted(definitions.items(), reverse=True)]
    lines.append(CUES[mode])
    return "\n".join(lines)


def _cut(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0]


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _facets(facets: Mapping[str, object]) -> str:
    shown = [(name, _text(value)) for name, value in sorted(facets.items()) if name not in HIDDEN_FACETS]
    return "; ".join(f"{name} {value}" for name, value in shown if value)


def _attribute_lines(facts: PairFacts) -> list[str]:
    """Category and brand on lines of their own, then the attributes that share a word with the query, then the rest."""
    lines = [
        f"{name.capitalize()}: {_cut(_text(facts.attributes[name]), 60)}"
        for name in ("category", "brand")
        if facts.attributes.get(name)
    ]
    asked = set(words(facts.query_text))
    rest = [
        (not asked & set(words(f"{name} {_text(value)}")), name, _cut(_text(value), ATTRIBUTE_CHARACTERS))
        for name, value in facts.attributes.items()
        if name not in {"category", "brand", "title", "description"} and _text(value)
    ]
    shown = sorted(rest)[:ATTRIBUTES]
    if shown:
        lines.append(
            "Attributes: " + "; ".join(f"{name.replace('_', ' ')} {value}" for _, name, value in shown)
        )
    return lines


def _evidence(evidence: Mapping[str, object]) -> str:
    return "; ".join(f"{name} {_text(value)}" for name, value in sorted(evidence.items()) if _text(value))


def _overlap_line(found: Overlap) -> str:
    parts = [
        ("title", found.title),
        ("category", found.category),
        ("brand", found.brand),
        ("text", found.elsewhere),
        ("none", found.missing),
    ]
    return "Words: " + "; ".join(f"{place} {' '.join(some)}" for place, some in parts if some)


def _rule_lines(rules: Sequence[RuleLine]) -> list[str]:
    """Rules that fire first; a rule that does not fire is shown only by its title, where there is room."""
    shown = sorted(rules, key=lambda rule: not rule.fired)[:RULES]
    return [
        f"Rule {rule.code}: {_cut(rule.title, 60)} -> {rule.grade}. {_cut(rule.reason, 90)}"
        if rule.fired
        else f"Rule {rule.code}: {_cut(rule.title, 60)}"
        for rule in shown
    ]
