"""What a pair's own words show: where each word of the query stands in the item, and whether it names the item.

Everything here is computed from the two texts of one pair, so it is there at training and at serving alike, and it knows
no query or item by name. A prompt carries it as one short line, which even a model of a few million weights can read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevance.words import JOINERS, NEGATIONS, fold, words

_HEAD_END = re.compile(r"\b(?:for|with|w/|fits|compatible|from)\b|[,;(|/]| - |\s\d|\s[a-z]*\d[\w.-]*")
PLACES = ("head", "title", "after", "category", "brand", "attribute", "image", "about", "part", "none")


@dataclass(frozen=True)
class Evidence:
    """Each word of the query with the first place of PLACES that holds it, and what that says of the whole.

    coverage: all | most | some | none, over the words that are not joiners. names: whether the query's last word names
    the item: yes (it ends the title's head or the category), inside (in the head, not at its end), after (only behind
    'for' or 'with'), elsewhere, no. phrase: the query stands in the title as it is written. Of the query's last word:
    `stands` in the title's start, early, middle or late part or not at all, `in_about` likewise in the description,
    `said` so many times in both (3 is three or more). `length` of the title: short, medium, long. `makes`: the query
    names the brand.
    """

    places: tuple[tuple[str, str], ...]
    coverage: str
    names: str
    phrase: bool
    stands: str = "no"
    in_about: str = "no"
    said: int = 0
    length: str = "short"
    makes: bool = False
    negated: tuple[str, ...] = ()


def head_and_rest(title: str) -> tuple[list[str], list[str]]:
    """The title up to the first joiner, number or comma, and what follows: 'Fan' and 'laptop' of 'Fan for laptops'."""
    folded = fold(title)
    for match in _HEAD_END.finditer(folded):
        head = words(folded[: match.start()])
        if len(head) >= 2 or (head and match.group().strip().isalpha()):
            return head, words(folded[match.start() :])
    return words(folded), []


def find_evidence(
    query: str, title: str, category: str, brand: str, attributes: Sequence[str], about: str, image: str = ""
) -> Evidence:
    """Look every word of `query` up in the item's parts, `image` being the words for what its picture shows.

    Pure and deterministic; an empty query covers nothing.
    """
    head, rest = head_and_rest(title)
    parts = {
        "head": set(head), "title": _before_joiner(rest), "after": set(rest), "category": set(words(category)),
        "brand": set(words(brand)), "attribute": set(words(" ".join(attributes))), "image": set(words(image)),
        "about": set(words(about)),
    }  # fmt: skip
    asked = [word for word in words(query) if word not in JOINERS]
    line, text, last = head + rest, words(about), asked[-1:]
    whole = "".join(line)
    makers = set(words(brand))
    places = tuple((word, _place(word, parts, whole)) for word in asked)
    found = sum(place != "none" for _, place in places)
    return Evidence(
        places=places,
        coverage=_coverage(found, len(places)),
        names=_names(asked, head, rest, category) if asked else "no",
        phrase=bool(asked) and f" {' '.join(asked)} " in f" {' '.join(line)} ",
        stands=_stands(last, [word for word in line if word not in makers]),
        in_about=_stands(last, text),
        said=min(3, sum(word in last for word in line + text)),
        length="short" if len(line) < 7 else "medium" if len(line) < 13 else "long",
        makes=bool(makers & set(asked)),
        negated=tuple(b for a, b in zip(asked, asked[1:], strict=False) if a in NEGATIONS),
    )


def _before_joiner(rest: Sequence[str]) -> set[str]:
    for index, word in enumerate(rest):
        if word in JOINERS:
            return set(rest[:index])
    return set(rest)


def _place(word: str, parts: Mapping[str, set[str]], whole: str) -> str:
    for place, held in parts.items():
        if word in held:
            return place
    return "part" if len(word) > 3 and word in whole else "none"


def _stands(last: Sequence[str], line: Sequence[str]) -> str:
    place = next((index for index, word in enumerate(line) if word in last), None)
    if place is None:
        return "no"
    return "start" if place == 0 else "early" if place < 4 else "middle" if place < 8 else "late"


def _coverage(found: int, asked: int) -> str:
    if not found:
        return "none"
    return "all" if found == asked else "most" if 2 * found > asked else "some"


def _names(asked: Sequence[str], head: Sequence[str], rest: Sequence[str], category: str) -> str:
    last = asked[-1]
    kind = words(category)
    if (head and head[-1] == last) or (kind and kind[-1] == last):
        return "yes"
    if last in head or last in kind:
        return "inside"
    if last in rest:
        return "elsewhere" if last in _before_joiner(rest) else "after"
    return "no"
