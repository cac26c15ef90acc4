"""Several reasonings of one pair for people to rank before a model exists: one read from the facts, others wrong in a way
that a person can name (a fact nobody states, a rule passed over, another kind, a verdict its own steps do not carry).
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, RuleLine
from relevance.reasoning import Reasoning, cited_codes
from relevance.words import shorten, words
from training_bridge.synthesis.reasonings import build_reasoning

BY_COVERAGE = {"all": Grade.L4, "most": Grade.L3, "some": Grade.L2, "none": Grade.L1}


@dataclass(frozen=True)
class About:
    """A pair's facts, and the dimensions its corpus knows: an L2 names one of those."""

    facts: PairFacts
    dimensions: Sequence[str]


def guess_verdict(about: About) -> Verdict:
    """What the words alone would say of a pair on which nobody and no rule has spoken."""
    return verdict_at(BY_COVERAGE[about.facts.evidence().coverage], about)


def variants_of(
    about: About, rules: Sequence[RuleLine], verdict: Verdict, count: int, seed: str
) -> list[Reasoning]:
    """`count` different reasonings of one pair in a drawn order; the first made, of the facts and `verdict`, is among them.

    The same for the same seed. Fewer than `count` where the pair gives no more ways to differ.
    """
    draw = random.Random(seed)
    honest = build_reasoning(about.facts, rules, verdict)
    ways: list[Callable[[Reasoning, About], Reasoning]] = [
        _unsupported,
        _ruleless,
        _other_kind,
        _misapplied,
    ]
    draw.shuffle(ways)
    found = {_content(honest): honest}
    for made in _made(honest, about, ways):
        if len(found) >= count:
            break
        found.setdefault(_content(made), made)
    chosen = list(found.values())[:count]
    draw.shuffle(chosen)
    return chosen


def _made(
    honest: Reasoning, about: About, ways: Sequence[Callable[[Reasoning, About], Reasoning]]
) -> Iterator[Reasoning]:
    """Each way once, and then verdicts that do not follow: first of the honest steps, then of the others."""
    wrong = [way(honest, about) for way in ways]
    for number, made in enumerate(wrong):
        yield made
        if number == 0:
            yield from _contradictions(honest, about, 1)
    yield from _contradictions(honest, about, 3)
    for made in wrong:
        yield from _contradictions(made, about, 3)


def _content(reasoning: Reasoning) -> tuple[object, ...]:
    return (*reasoning.steps.values(), str(reasoning.verdict))


def _with(reasoning: Reasoning, verdict: Verdict, **steps: str) -> Reasoning:
    changed = {**reasoning.steps, **steps}
    return replace(reasoning, steps=changed, verdict=verdict, rules_cited=cited_codes(changed["rules"]))


def _unsupported(reasoning: Reasoning, about: About) -> Reasoning:
    """Everything asked for is called given, whether or not the item says so."""
    asked = [f"{name} {shorten(value, 24)} as asked" for name, value in _asked(about) if name != "category"]
    return _with(reasoning, Verdict(Grade.L4), attributes="; ".join(["all words seen", *asked]))


def _ruleless(reasoning: Reasoning, about: About) -> Reasoning:
    """The rules are passed over; the words decide."""
    return _with(reasoning, guess_verdict(about), rules="none")


def _other_kind(reasoning: Reasoning, about: About) -> Reasoning:
    """The item is taken for another kind of thing."""
    return _with(
        reasoning,
        Verdict(Grade.L1),
        category=f"{shorten(about.facts.category or about.facts.title, 40)}: not what is asked",
    )


def _misapplied(reasoning: Reasoning, about: About) -> Reasoning:
    """A rule is cited that says nothing here, or the one that fires is turned round."""
    codes = reasoning.rules_cited
    turned = Grade.L2 if reasoning.verdict is None or reasoning.verdict.grade > Grade.L2 else Grade.L4
    said = f"({codes[0]}) does not apply" if codes else "the title is short, so nothing can be said"
    return _with(reasoning, verdict_at(turned, about), rules=said)


def _contradictions(reasoning: Reasoning, about: About, most: int) -> Iterator[Reasoning]:
    """The same steps with verdicts that lie further and further from their own."""
    own = reasoning.verdict.grade if reasoning.verdict else Grade.L3
    others = sorted((grade for grade in Grade if grade != own), key=lambda grade: (abs(grade - own), -grade))
    for grade in others[:most]:
        yield _with(reasoning, verdict_at(grade, about))


def verdict_at(grade: Grade, about: About) -> Verdict:
    """With the dimension that an L2 needs: a facet the item does not meet, else the first asked for, else other."""
    if grade != Grade.L2:
        return Verdict(grade)
    asked = [(name, value) for name, value in _asked(about) if name in about.dimensions]
    unmet = [name for name, value in asked if not set(words(value)) <= set(words(_held(about, name)))]
    rest = ["other"] if "other" in about.dimensions or not about.dimensions else [about.dimensions[0]]
    return Verdict(grade, (unmet or [name for name, _ in asked] or rest)[0])


def _asked(about: About) -> list[tuple[str, str]]:
    """(facet, value) for what the query asks for in so many words."""
    return [
        (name, value) for name, value in about.facts.query_facets.items() if isinstance(value, str) and value
    ]


def _held(about: About, name: str) -> str:
    return f"{about.facts.attribute(name)} {about.facts.title}"
