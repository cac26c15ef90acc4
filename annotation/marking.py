"""The query's words marked in an item's text. Pure; the outcome is safe HTML whatever the text holds."""

import re
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WORD = re.compile(r"\w+")
SHORTEST_STEM = 4


def marked(text: str, query: str) -> SafeString:
    """`text` escaped, with words that are the query's (or share its stem: dress, dresses) inside <mark>."""
    wanted = {word.casefold() for word in WORD.findall(query)}
    parts, at = [], 0
    for match in WORD.finditer(text):
        if _is_wanted(match[0].casefold(), wanted):
            parts += [escape(text[at : match.start()]), f"<mark>{escape(match[0])}</mark>"]
            at = match.end()
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))  # every part was escaped above


def _is_wanted(word: str, wanted: Iterable[str]) -> bool:
    return any(
        word == other
        or (
            min(len(word), len(other)) >= SHORTEST_STEM and (word.startswith(other) or other.startswith(word))
        )
        for other in wanted
    )
