"""Rows that the picture decides: the query asks for a colour or a class that only the picture shows.

The evidence comes from the image's bytes (image_evidence), never from what a generator knew of it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, render_prompt
from relevance.words import words
from training_bridge.synthesis.image_evidence import COLOURS
from training_bridge.synthesis.lexicon import Known, build_lexicon
from training_bridge.synthesis.reasonings import build_reasoning
from training_bridge.synthesis.rows import SftRow, sft_row

_CLEAR_SHARE = 0.5


def visual_rows(
    items: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]],
    count: int,
    *,
    seed: int = 0,
    definitions: Mapping[str, str] | None = None,
    position: str = "last",
    reasoned_share: float = 0.3,
) -> Iterator[SftRow]:
    """At most `count` rows of stage 'visual' from (item fields, image evidence) whose words leave the colour unsaid.

    L4 for a query with the colour the picture shows, L2-colour for one with another; only where one colour is clear.
    """
    generator = random.Random(seed)
    lexicon = build_lexicon([item for item, _ in items])
    evidence = {str(item.get("title")): shown for item, shown in items}
    usable = [
        (known, colour, evidence[str(known.facts.get("title"))])
        for known in lexicon.items
        if known.kind
        and (colour := _clear_colour(evidence[str(known.facts.get("title"))]))
        and _is_unsaid(known)
    ]
    for _ in range(count if usable else 0):
        known, colour, shown = generator.choice(usable)
        asked = (
            colour
            if generator.random() < 0.5
            else generator.choice([name for name in COLOURS if name != colour])
        )
        verdict = Verdict(Grade.L4) if asked == colour else Verdict(Grade.L2, "colour")
        facts = PairFacts.of({"text": f"{asked} {' '.join(known.kind)}", "color": asked}, known.facts, shown)
        body = render_prompt(facts, (), definitions or {}, position)
        mode = "reasoned" if generator.random() < reasoned_share else "direct"
        yield sft_row(body, build_reasoning(facts, (), verdict), "visual", None, mode, position)


def _clear_colour(shown: Mapping[str, str]) -> str:
    """'blue' of 'blue 70%, white 20%'; '' where no colour covers half."""
    first = str(shown.get("colour") or "").split(",")[0].rsplit(" ", 1)
    if len(first) != 2 or not first[1].rstrip("%").isdigit():
        return ""
    return first[0] if int(first[1].rstrip("%")) >= 100 * _CLEAR_SHARE else ""


def _is_unsaid(known: Known) -> bool:
    """Neither the title nor an attribute names a colour."""
    said = set(known.title) | {word for value in known.values.values() for word in words(value)}
    return not said & {word for name in COLOURS for word in words(name)}
