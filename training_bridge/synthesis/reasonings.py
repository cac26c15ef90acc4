"""The five steps of a reasoning, written out of a pair's own facts: each sentence stands on something the prompt shows.

Nothing is invented to fit the verdict: where the facts do not explain it, the steps say what is seen and no more.
"""

from collections.abc import Sequence

from relevance.evidence import Evidence
from relevance.grades import Verdict
from relevance.prompt import PairFacts, RuleLine
from relevance.reasoning import Reasoning
from relevance.words import shorten

_NAMES = {
    "yes": "{last} names the item",
    "inside": "{last} is part of the item's name",
    "after": "{last} is what the item is for",
    "elsewhere": "{last} is only mentioned",
    "no": "{last} does not name the item",
}
_COVERAGE = {
    "all": "all words seen",
    "most": "most words seen",
    "some": "few words seen",
    "none": "no word seen",
}
# The head is the lexicon's reading of what a query is for: the category step says it in words.
_SAID_ELSEWHERE = frozenset({"category", "head"})


def build_reasoning(facts: PairFacts, rules: Sequence[RuleLine], verdict: Verdict) -> Reasoning:
    """Five steps from the facts, the rules that fired, and the verdict given from outside (consensus or construction)."""
    evidence = facts.evidence()
    fired = [rule for rule in rules if rule.fired]
    steps = {
        "query": _query_step(facts),
        "item": _item_step(facts),
        "category": _category_step(evidence),
        "attributes": _attribute_step(facts, evidence),
        "rules": "; ".join(_cited(rule) for rule in fired) or "none",
    }
    return Reasoning(steps, verdict, tuple(rule.code for rule in fired))


def _query_step(facts: PairFacts) -> str:
    asks = ", ".join(
        f"{name} {shorten(_text(value), 24)}"
        for name, value in facts.query_facets.items()
        if value and name != "head"
    )
    return shorten(facts.query_text, 60) + (f" ({asks})" if asks else "")


def _item_step(facts: PairFacts) -> str:
    brand, kind = facts.attribute("brand"), facts.category
    said = f"{shorten(kind, 40)} [category]" if kind else f"{shorten(facts.title, 48)} [title]"
    if brand:
        said += f", {shorten(brand, 24)} [brand]"
    image = facts.image_evidence or {}
    seen = "; ".join(f"{name} {shorten(_text(value), 24)}" for name, value in image.items() if value)
    return said + (f", {seen} [image]" if seen else "")


def _category_step(evidence: Evidence) -> str:
    if not evidence.places:
        return "nothing asked"
    return _NAMES[evidence.names].format(last=shorten(evidence.places[-1][0], 24))


def _attribute_step(facts: PairFacts, evidence: Evidence) -> str:
    parts = []
    for found in facts.findings():
        if found.name in _SAID_ELSEWHERE:
            continue
        outcome = {True: "as asked", False: f"but is {shorten(found.held, 24)}", None: "not stated"}[
            found.agrees
        ]
        parts.append(f"{found.name} {shorten(found.asked, 24)} {outcome}")
    unseen = [word for word, place in evidence.places if place == "none"]
    said = [_COVERAGE[evidence.coverage], *parts]
    if unseen:
        said.append("unseen " + " ".join(shorten(word, 20) for word in unseen[:3]))
    return "; ".join(said)


def _cited(rule: RuleLine) -> str:
    return f"({rule.code}) {rule.grade or ''}".strip()


def _text(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(part) for part in value)
    return "" if value is None or value is False else str(value)
