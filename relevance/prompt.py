"""The prompt of a pair: the rules that apply, the item, the query and what their words show. Compact and bounded.

The body carries no question. Two cues ask it: `direct_prompt` (the verdict comes first and alone: its four candidates are
scored in one prefill) and `reasoned_prompt` (five steps and a verdict are generated). A model is trained on both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from relevance.evidence import Evidence, find_evidence
from relevance.words import shorten, words

# No colon: a small model that has learnt "Answer:" answers after "query:" as well, in the middle of a reasoning.
DIRECT_CUE = "Answer ->"
REASONED_CUE = {"last": "Reasoning:", "first": "Verdict and reasoning:"}
PROMPT_LIMIT = 4000
_TITLE, _ABOUT, _QUERY, _VALUE, _ATTRIBUTES, _RULES, _REASON = 110, 80, 120, 28, 5, 5, 110
# What a picture's evidence calls a field, and the shares among its words.
_SEEN_AS = {"color": "looks", "colour": "looks", "product_colour": "looks", "category": "shows"}
_SHARE = re.compile(r"\d+%")
_OWN_LINE = frozenset({"title", "brand", "category", "description", "id", "price", "url", "image"})
# Attributes that shops judge by come first; the others follow in their own order until the limit.
_FIRST = (
    "type", "product_type", "color", "colour", "product_colour", "material", "size", "model", "audience", "gender",
    "season", "style", "pattern", "form", "form_factor", "function", "compatibility", "capacity", "quantity",
)  # fmt: skip


@dataclass(frozen=True)
class PairFacts:
    """What is known of a pair. `attributes` is flat, with 'brand' and 'category' among them where they are known."""

    query_text: str
    title: str
    query_facets: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    image_evidence: Mapping[str, object] | None = None

    @classmethod
    def of(
        cls,
        query: Mapping[str, object],
        item: Mapping[str, object],
        image: Mapping[str, object] | None = None,
    ) -> "PairFacts":
        """From the flat field dicts that the rules see: query.text and facets; item.title, brand and the rest."""
        facets = {name: value for name, value in query.items() if name not in ("text", "tokens") and value}
        attributes = {name: value for name, value in item.items() if name not in ("title", "description")}
        return cls(
            query_text=_plain(query.get("text")), title=_plain(item.get("title")), query_facets=facets,
            attributes=attributes, description=_plain(item.get("description")), image_evidence=image,
        )  # fmt: skip

    def attribute(self, name: str) -> str:
        return _plain(self.attributes.get(name))

    @property
    def category(self) -> str:
        """The category, else the product type the source gives."""
        return self.attribute("category") or self.attribute("product_type") or self.attribute("type")

    def seen(self, name: str) -> str:
        """What the picture says of a field that the text leaves unsaid: its colour, its category; '' for nothing."""
        return _plain((self.image_evidence or {}).get(_SEEN_AS.get(name, "")))

    def shown_attributes(self) -> dict[str, str]:
        """The attributes that a prompt has room for, the deciding kinds first, in a fixed order."""
        held = {
            name: value
            for name in self.attributes
            if name not in _OWN_LINE and (value := self.attribute(name))
        }
        told = [name for name, value in held.items() if name not in _FIRST and not _is_measure(value)]
        kept = ([name for name in _FIRST if name in held] + told)[:_ATTRIBUTES]
        return {name: shorten(held[name], _VALUE) for name in kept if held[name] != self.category}

    def findings(self) -> "list[Finding]":
        """Each facet of the query beside what the item says, its picture and its title speaking where it is silent."""
        named = ((name, _plain(value)) for name, value in self.query_facets.items())
        return [self._finding(name, asked) for name, asked in named if asked]

    def _finding(self, name: str, asked: str) -> "Finding":
        held, wanted, title = (
            self.attribute(name) or self.seen(name),
            set(words(asked)),
            set(words(self.title)),
        )
        if not held:
            return Finding(name, asked, "title" if wanted <= title else "", True if wanted <= title else None)
        return Finding(name, asked, held, wanted <= set(words(held)) | title)

    def evidence(self) -> Evidence:
        """Where the query's words stand in this item."""
        values = [self.attribute(name) for name in self.attributes if name not in ("brand", "category")]
        shown = " ".join(_SHARE.sub("", _plain(value)) for value in (self.image_evidence or {}).values())
        kind = self.category or self.seen("category")
        return find_evidence(
            self.query_text, self.title, kind, self.attribute("brand"), values, self.description, shown
        )


@dataclass(frozen=True)
class Finding:
    """A facet as the query asks for it and as the item has it ('title': in its words); agrees: None where it is unsaid."""

    name: str
    asked: str
    held: str
    agrees: bool | None


@dataclass(frozen=True)
class RuleLine:
    """A rule as a prompt names it: fired rules with their grade and reason, others by title alone."""

    code: str
    title: str
    text: str = ""
    fired: bool = False
    grade: str | None = None
    reason: str = ""


def render_prompt(
    facts: PairFacts,
    rules: Sequence[RuleLine],
    definitions: Mapping[str, str],
    verdict_position: str = "last",
) -> str:
    """The body of a prompt, at most PROMPT_LIMIT characters, the same for the same facts; no cue at its end.

    `verdict_position` is part of the signature so that a later template may depend on it; in r1 the body does not.
    Raises ValueError for a position that is neither 'last' nor 'first'.
    """
    if verdict_position not in REASONED_CUE:
        raise ValueError(f"verdict_position is 'last' or 'first', not {verdict_position!r}")
    lines = [
        f"{grade}: {shorten(text, 160)}" for grade, text in sorted(definitions.items(), reverse=True) if text
    ]
    lines += [_rule_line(rule) for rule in rules[:_RULES]] or ["rules: none"]
    lines += _item_lines(facts)
    lines.append(f"query: {shorten(facts.query_text, _QUERY)}")
    asked = [_asked(finding) for finding in facts.findings()]
    if asked:
        lines.append("asks: " + "; ".join(asked[:6]))
    lines.append(evidence_line(facts.evidence()))
    return "\n".join(lines)[-PROMPT_LIMIT:]


def evidence_line(evidence: Evidence) -> str:
    """'seen: phone head, case head; all; names yes; phrase; title early, about no, said 1; short'."""
    places = ", ".join(f"{shorten(word, 24)} {place}" for word, place in evidence.places[:12]) or "nothing"
    parts = [f"seen: {places}", evidence.coverage, f"names {evidence.names}"]
    parts += ["phrase"] if evidence.phrase else []
    parts += ["brand"] if evidence.makes else []
    if evidence.said:
        parts.append(f"title {evidence.stands}, about {evidence.in_about}, said {evidence.said}")
    parts.append(evidence.length)
    if evidence.negated:
        parts.append("not " + ", ".join(evidence.negated[:3]))
    return "; ".join(parts)


def direct_prompt(body: str) -> str:
    """The body with the cue after which the verdict alone follows."""
    return f"{body}\n{DIRECT_CUE}"


def reasoned_prompt(body: str, verdict_position: str = "last") -> str:
    """The body with the cue after which the five steps and the verdict follow."""
    return f"{body}\n{REASONED_CUE[verdict_position]}"


def _item_lines(facts: PairFacts) -> list[str]:
    lines = [f"item: {shorten(facts.title, _TITLE)}"]
    named = [
        f"{name}: {shorten(value, _VALUE)}" for name, value in _brand_and_category(facts) if value
    ]  # fmt: skip
    lines += ["; ".join(named)] if named else []
    shown = facts.shown_attributes()
    if shown:
        lines.append("attributes: " + "; ".join(f"{name} {value}" for name, value in shown.items()))
    if facts.image_evidence:
        seen = (f"{name} {shorten(_plain(value), _VALUE)}" for name, value in facts.image_evidence.items())
        lines.append("image: " + "; ".join(seen))
    if facts.description:
        lines.append(f"about: {shorten(facts.description, _ABOUT)}")
    return lines


def _asked(finding: Finding) -> str:
    """'color red as asked', 'color red but navy', 'color red': the comparison is made here, not left to be learnt."""
    held = shorten(finding.held, _VALUE)
    outcome = {True: " as asked", False: f" but {held}", None: ""}[finding.agrees]
    return f"{finding.name} {shorten(finding.asked, _VALUE)}{outcome}"


def _brand_and_category(facts: PairFacts) -> tuple[tuple[str, str], ...]:
    return (("brand", facts.attribute("brand")), ("category", facts.category))


def _rule_line(rule: RuleLine) -> str:
    if rule.fired:
        said = rule.reason or rule.text or rule.title
        return f"rule ({rule.code}) {rule.grade or ''}: {shorten(said, _REASON)}".replace(" : ", ": ")
    return f"rule ({rule.code}) not met: {shorten(rule.title, 80)}"


def _is_measure(value: str) -> bool:
    """A bare number, a yes: it fills a small model's context and seldom decides."""
    return value == "yes" or value[:1].isdigit()


def _plain(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    return " ".join(str(value).split())
