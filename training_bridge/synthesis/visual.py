"""Rows that the picture decides: the query asks for a colour or a kind that only the picture shows.

The evidence comes from the image's bytes (image_evidence), never from what a generator knew of it.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, render_prompt
from relevance.words import words
from training_bridge.synthesis.image_evidence import COLOURS, clear_colour
from training_bridge.synthesis.lexicon import Known, build_lexicon
from training_bridge.synthesis.reasonings import build_reasoning
from training_bridge.synthesis.rows import SftRow, sft_row

# As people ask: mostly the colour first, and mostly by a kind that the corpus's lexicon knows.
_COLOUR_FIRST, _CATEGORY_SHARE = 0.7, 0.7
Pictured = tuple[Mapping[str, Any], Mapping[str, str]]
Asked = tuple[str, dict[str, object], Verdict]


@dataclass(frozen=True)
class Seen:
    """An item whose text leaves unsaid what its picture shows: `colour` or `kind`, or both."""

    known: Known
    evidence: Mapping[str, str]
    colour: str = ""
    kind: str = ""


def visual_rows(
    items: Sequence[Pictured],
    count: int,
    *,
    seed: int = 0,
    definitions: Mapping[str, str] | None = None,
    position: str = "last",
    reasoned_share: float = 0.3,
) -> Iterator[SftRow]:
    """At most `count` rows of stage 'visual' from (item fields, image evidence) whose words leave the asked unsaid.

    L4 for a query with the colour or kind that the picture shows, L2-colour or L1 for one with another.
    """
    generator = random.Random(seed)
    seen = _seen(items)
    far, kinds = _far_colours(seen), sorted({one.kind for one in seen if one.kind})
    for _ in range(count if seen else 0):
        one = generator.choice(seen)
        by_kind = bool(one.kind) and len(kinds) > 1 and (not one.colour or generator.random() < 0.5)
        text, facets, verdict = (
            _ask_kind(one, kinds, generator) if by_kind else _ask_colour(one, far, generator)
        )
        if not text:
            continue
        facts = PairFacts.of({"text": text, **facets}, one.known.facts, one.evidence)
        body = render_prompt(facts, (), definitions or {}, position)
        mode = "reasoned" if generator.random() < reasoned_share else "direct"
        yield sft_row(body, build_reasoning(facts, (), verdict), "visual", None, mode, position)


def _seen(items: Sequence[Pictured]) -> list[Seen]:
    """The items that say less than they show. A colour is clear where a classifier is sure or one covers half."""
    evidence = {id(fields): shown for fields, shown in items}
    found: list[Seen] = []
    for known in build_lexicon([fields for fields, _ in items]).items:
        shown = evidence[id(known.facts)]
        colour = shown.get("looks") or clear_colour(str(shown.get("colour") or ""))
        kind = shown.get("shows", "") if not known.facts.get("category") else ""
        silent = colour if _is_unsaid(known) else ""
        if (silent and (known.kind or kind)) or kind:
            found.append(Seen(known, shown, silent, kind))
    return found


def _ask_kind(one: Seen, kinds: Sequence[str], generator: random.Random) -> Asked:
    asked = one.kind if generator.random() < 0.5 else generator.choice(kinds)
    same = asked == one.kind
    return asked, {"category": asked}, Verdict(Grade.L4) if same else Verdict(Grade.L1, "category")


def _ask_colour(one: Seen, far: Mapping[str, Sequence[str]], generator: random.Random) -> Asked:
    others = far.get(one.colour, ())
    same = not others or generator.random() < 0.5
    asked = one.colour if same else generator.choice(others)
    verdict = Verdict(Grade.L4) if same else Verdict(Grade.L2, "colour")
    kind = one.kind or " ".join(one.known.kind)
    named = str(one.known.facts.get("category") or one.kind)
    facets: dict[str, object] = {"color": asked}
    if named and generator.random() < _CATEGORY_SHARE:
        facets["category"] = named
    text = f"{asked} {kind}" if generator.random() < _COLOUR_FIRST else f"{kind} {asked}"
    return (text, facets, verdict) if one.colour else ("", {}, verdict)


def _far_colours(seen: Sequence[Seen]) -> dict[str, list[str]]:
    """A colour name -> the names whose pictures are mostly of another dominant colour: neighbours are no mismatch."""
    coarse: dict[str, Counter[str]] = defaultdict(Counter)
    for one in seen:
        if one.colour:
            coarse[one.colour][clear_colour(str(one.evidence.get("colour") or "")) or one.colour] += 1
    mostly = {name: counts.most_common(1)[0][0] for name, counts in coarse.items()}
    named = dict.fromkeys(name for name in COLOURS) if set(mostly) <= set(COLOURS) else {}
    pool = {**{name: name for name in named}, **mostly}
    return {name: [other for other in pool if pool[other] != look] for name, look in mostly.items()}


def _is_unsaid(known: Known) -> bool:
    """Neither the title nor an attribute names a colour."""
    if known.facts.get("color") or known.facts.get("colour"):
        return False
    said = set(known.title) | {word for value in known.values.values() for word in words(value)}
    return not said & {word for name in COLOURS for word in words(name)}
