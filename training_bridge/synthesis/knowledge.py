"""Query-like texts made out of the catalogue alone, so that a small model learns to match before it sees a judgment.

L4  what the item is, by kind, brand, attribute, model or some words of its title
L3  its kind with an attribute that the item leaves unsaid
L2  its kind with another value of an attribute it states, or another brand; the dimension is named
L1  another kind: drawn at random, sharing a word, or naming the asked kind only as what it is for
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, render_prompt
from training_bridge.synthesis.lexicon import DIMENSION_OF, Item, Known, Lexicon, build_lexicon
from training_bridge.synthesis.reasonings import build_reasoning
from training_bridge.synthesis.rows import SftRow, sft_row

Made = tuple[str, dict[str, object], Known, Verdict]
Maker = Callable[[Known, Lexicon, random.Random], Made | None]
GRADE_WEIGHTS = {"L4": 0.4, "L3": 0.1, "L2": 0.12, "L1": 0.38}


def knowledge_rows(
    items: Sequence[Item],
    count: int,
    *,
    seed: int = 0,
    definitions: Mapping[str, str] | None = None,
    position: str = "last",
    reasoned_share: float = 0.1,
) -> Iterator[SftRow]:
    """`count` rows of stage 'knowledge', the same for the same items and seed; fewer when the items give none.

    Items are flat field dicts as rules see them: title, brand, category, description and attributes.
    """
    lexicon = build_lexicon(items)
    generator = random.Random(seed)
    made = 0
    for _ in range(count * 8 if lexicon.items else 0):
        if made >= count:
            return
        found = _make(lexicon, generator)
        if found is None:
            continue
        text, facets, known, verdict = found
        facts = PairFacts.of({"text": text, **facets}, known.facts)
        body = render_prompt(facts, (), definitions or {}, position)
        mode = "reasoned" if generator.random() < reasoned_share else "direct"
        yield sft_row(body, build_reasoning(facts, (), verdict), "knowledge", None, mode, position)
        made += 1


def _make(lexicon: Lexicon, generator: random.Random) -> Made | None:
    grade = generator.choices(list(GRADE_WEIGHTS), list(GRADE_WEIGHTS.values()))[0]
    maker = generator.choice(MAKERS[grade])
    return maker(_pick(lexicon, generator), lexicon, generator)


def _pick(lexicon: Lexicon, generator: random.Random) -> Known:
    """Half of the time an item at large, else first a kind: rare kinds are asked for as well."""
    if lexicon.by_kind and generator.random() < 0.5:
        kind = generator.choice(list(lexicon.by_kind))
        return lexicon.items[generator.choice(lexicon.by_kind[kind])]
    return generator.choice(lexicon.items)


def _tail(known: Known, generator: random.Random) -> str:
    """The kind, sometimes by its last word or two only."""
    return " ".join(known.kind[-generator.randint(1, len(known.kind)) :])


def _by_kind(known: Known, _: Lexicon, generator: random.Random) -> Made | None:
    return (_tail(known, generator), {}, known, Verdict(Grade.L4)) if known.kind else None


def _by_brand(known: Known, _: Lexicon, generator: random.Random) -> Made | None:
    if not known.brand:
        return None
    kind = _tail(known, generator) if known.kind and generator.random() < 0.7 else ""
    return f"{known.brand} {kind}".strip(), {"brand": known.brand}, known, Verdict(Grade.L4)


def _by_attribute(known: Known, _: Lexicon, generator: random.Random) -> Made | None:
    if not known.values or not known.kind:
        return None
    name, value = generator.choice(list(known.values.items()))
    return f"{value} {_tail(known, generator)}", {name: value}, known, Verdict(Grade.L4)


def _by_title(known: Known, _: Lexicon, generator: random.Random) -> Made | None:
    """Some words of the title in their order, the kind's last word among them; or the model's name."""
    if known.models and generator.random() < 0.3:
        return generator.choice(known.models), {}, known, Verdict(Grade.L4)
    if not known.kind:
        return None
    last = known.kind[-1]
    others = [word for word in known.title if word != last]
    kept = sorted(generator.sample(range(len(others)), min(len(others), generator.randint(1, 2))))
    return " ".join([*(others[index] for index in kept), last]), {}, known, Verdict(Grade.L4)


def _unsaid(known: Known, lexicon: Lexicon, generator: random.Random) -> Made | None:
    """The kind with a value of an attribute that this item does not state."""
    names = [name for name in lexicon.values if name not in known.values and name not in known.facts]
    if not names or not known.kind:
        return None
    name = generator.choice(names)
    value = generator.choice(lexicon.values[name])
    return f"{value} {_tail(known, generator)}", {name: value}, known, Verdict(Grade.L3)


def _swapped(known: Known, lexicon: Lexicon, generator: random.Random) -> Made | None:
    """The kind with another value of an attribute that the item states."""
    names = [name for name in known.values if name in lexicon.values]
    if not names or not known.kind:
        return None
    name = generator.choice(names)
    value = generator.choice(lexicon.values[name])
    if value in known.values[name] or known.values[name] in value:
        return None
    verdict = Verdict(Grade.L2, DIMENSION_OF.get(name, "other"))
    return f"{value} {_tail(known, generator)}", {name: value}, known, verdict


def _other_brand(known: Known, lexicon: Lexicon, generator: random.Random) -> Made | None:
    brand = generator.choice(lexicon.brands) if lexicon.brands else ""
    if (
        not brand
        or not known.kind
        or not known.brand
        or brand in " ".join(known.title)
        or brand == known.brand
    ):
        return None
    text = f"{brand} {_tail(known, generator)}"
    return text, {"brand": brand}, known, Verdict(Grade.L2, "brand")


def _other_kind(known: Known, lexicon: Lexicon, generator: random.Random) -> Made | None:
    """A random item of another kind that does not bear the asked words."""
    other = _pick(lexicon, generator)
    if not known.kind or set(known.kind) & set(other.title) or other.kind == known.kind:
        return None
    facets: dict[str, object] = {}
    text = _tail(known, generator)
    if known.brand and generator.random() < 0.25:
        text, facets = f"{known.brand} {text}", {"brand": known.brand}
    return text, facets, other, Verdict(Grade.L1)


def _shares_word(known: Known, lexicon: Lexicon, generator: random.Random) -> Made | None:
    """An item whose title holds a word of the asked kind and whose own kind ends in another: a case for a camera."""
    if not known.kind:
        return None
    asked = known.kind[-generator.randint(1, len(known.kind)) :]
    held = lexicon.by_word.get(generator.choice(asked), ())
    other = lexicon.items[generator.choice(held)] if held else known
    if not other.kind or other.kind[-1] == asked[-1]:
        return None
    return " ".join(asked), {}, other, Verdict(Grade.L1)


MAKERS: dict[str, Sequence[Maker]] = {
    "L4": (_by_kind, _by_kind, _by_brand, _by_attribute, _by_title),
    "L3": (_unsaid,),
    "L2": (_swapped, _other_brand),
    "L1": (_other_kind, _shares_word, _shares_word),
}
