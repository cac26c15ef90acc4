"""Regular expressions, by RE2 alone: linear in the text, bounded in memory."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from rules.language.limits import MAX_PATTERN, MEMO_ENTRIES, MEMO_TEXT, REGEX_MEMORY

_ABSENT = object()


class BadPattern(ValueError):
    """A pattern that RE2 refuses."""


@lru_cache(maxsize=1_024)
def compile_pattern(pattern: str) -> Callable[[Any], bool | None]:
    """A function telling whether a text holds a match anywhere. Each distinct text is matched once.

    Raises BadPattern with RE2's reason.
    """
    if len(pattern) > MAX_PATTERN:
        raise BadPattern(f"it is longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.max_mem = REGEX_MEMORY
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except (re2.error, UnicodeError) as problem:
        reason = problem.args[0] if problem.args else problem
        raise BadPattern(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    return _remembered(search)


def _remembered(search: Callable[[str], object]) -> Callable[[Any], bool | None]:
    kept: dict[str, object] = {}

    def matches(text: Any) -> bool | None:
        if type(text) is not str:
            return None
        answer = kept.get(text, _ABSENT)
        if answer is not _ABSENT:
            return answer  # type: ignore[return-value]
        try:
            found: bool | None = search(text) is not None
        except UnicodeError:  # half a surrogate pair: no text that RE2 could read
            found = None
        if len(text) <= MEMO_TEXT:
            if len(kept) >= MEMO_ENTRIES:
                kept.clear()
            kept[text] = found
        return found

    return matches
