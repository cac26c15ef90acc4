"""What a document from outside may hold before anything else looks at it: no half characters, no bottomless nesting."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

DEEPEST = 64
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL keeps none of them in a text


def document_fault(document: Any) -> str:
    """Why a parsed document (JSON or YAML) is not taken, as a sentence; "" where nothing is wrong with it."""
    todo: list[tuple[Any, int]] = [(document, 0)]
    while todo:
        value, depth = todo.pop()
        if isinstance(value, str):
            if found := _UNFIT.search(value):
                what = "a NUL" if found[0] == "\x00" else "half a character (a lone surrogate)"
                return f"A text holds {what} after {value[max(0, found.start() - 20) : found.start()]!r}: delete it."
        elif isinstance(value, Mapping | list | tuple | set):
            if depth == DEEPEST:
                return f"It is nested more than {DEEPEST} deep."
            todo += ((part, depth + 1) for part in _parts(value))
    return ""


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        yield from value.keys()
        yield from value.values()
    else:
        yield from value
