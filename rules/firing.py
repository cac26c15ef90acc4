"""Rules on one pair, laid out for a person: cards of what fires, and the trial of a rule that is being written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.models import Pair
from rules.beside import rule_states
from rules.engine import Missed, Resolution, Rulebook
from rules.models import Release
from rules.pair_selectors import fields_of_pair
from rules.selectors import latest_versions, rulebook_for, rulebook_of, tables_release, version_form
from webapp.common.models import Corpus


@dataclass(frozen=True)
class RuleCard:
    """One firing rule beside an item; `decides` tells whether it sets the verdict, `state` how far its newest version
    has come, where that is what fires.
    """

    code: str
    title: str
    grade: str
    dimension: str
    reason: str
    principle: str
    decides: bool
    lines: tuple[str, ...]
    state: str = ""


@dataclass(frozen=True)
class FiringCards:
    resolution: Resolution
    cards: tuple[RuleCard, ...]


def firing_cards(release: Release | None, pair: Pair) -> FiringCards | None:
    """Cards for the rules of a release that fire on a pair; None where nothing is in force."""
    if release is None:
        return None
    rulebook = rulebook_for(release)
    resolution = rulebook.evaluate(*fields_of_pair(pair))
    return FiringCards(resolution, cards_of(rulebook, resolution))


def cards_of(rulebook: Rulebook, resolution: Resolution) -> tuple[RuleCard, ...]:
    """Cards of a resolution's firings, those that decide first."""
    cards = [
        RuleCard(
            code=firing.code,
            title=rulebook.by_code[firing.code].title,
            grade=firing.grade.name,
            dimension=firing.dimension,
            reason=firing.reason,
            principle=str(rulebook.by_code[firing.code].spec.get("principle") or ""),
            decides=firing.code in resolution.decisive,
            lines=tuple(firing.trace.lines()) if firing.trace else (),
        )
        for firing in resolution.firings
    ]
    return tuple(sorted(cards, key=lambda card: not card.decides))


@dataclass(frozen=True)
class Trial:
    """A rule tried on one pair: alone (`alone`, with the trace in `missed`), and among the others' newest versions."""

    alone: Resolution
    missed: Missed
    steps: tuple[tuple[int, str, Any], ...]
    among: Resolution
    cards: tuple[RuleCard, ...]


def trial_of(
    corpus: Corpus, form: Mapping[str, Any], query: Mapping[str, Any], item: Mapping[str, Any]
) -> Trial:
    """Raises RulebookError where the rule cannot be compiled."""
    base = tables_release(corpus)
    alone = rulebook_of(base, [dict(form)])
    code = str(form["code"])
    missed = alone.explain(code, query, item)
    others = [version_form(other) for other in latest_versions(corpus) if other.rule.code != code]
    together = rulebook_of(base, [*others, dict(form)])
    among = together.evaluate(query, item)
    ladder = alone.by_code[code].ladder
    steps = tuple((at, step.grade.name, missed.steps[at - 1]) for at, step in enumerate(ladder, 1))
    states = {**rule_states(corpus), code: ""}
    cards = tuple(replace(card, state=states[card.code]) for card in cards_of(together, among))
    return Trial(alone.evaluate(query, item), missed, steps, among, cards)
