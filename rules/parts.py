"""What a release holds beside its rules: tables, level definitions, dimensions; checked before any of it is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.common.errors import Invalid


def parts_checked(document: Mapping[str, Any]) -> None:
    """Raises Invalid where what belongs to a release has another shape than it should."""
    tables, levels, dimensions = (
        document.get(n) or None for n in ("tables", "level_definitions", "dimensions")
    )
    if tables is not None and not (isinstance(tables, Mapping) and all(map(_is_table, tables.values()))):
        raise Invalid(
            "tables holds, by name, families and their words: colours: {blue: [navy]}.",
            code="rulebook_invalid",
        )
    if levels is not None and not (isinstance(levels, Mapping) and set(levels) <= {"L1", "L2", "L3", "L4"}):
        raise Invalid("level_definitions says what L1, L2, L3 and L4 mean.", code="rulebook_invalid")
    if levels is not None and not all(isinstance(text, str) for text in levels.values()):
        raise Invalid("A level definition is a text.", code="rulebook_invalid")
    examples = document.get("table_examples") or {}
    if not isinstance(examples, Mapping) or not all(isinstance(rows, Sequence) for rows in examples.values()):
        raise Invalid("table_examples holds lists of examples by the table's name.", code="rulebook_invalid")
    if dimensions is not None and not _is_words(dimensions):
        raise Invalid("dimensions is a list of names of up to 40 letters.", code="rulebook_invalid")


def _is_words(value: Any) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return False
    return all(isinstance(word, str) and len(word) <= 200 for word in value)


def _is_table(value: Any) -> bool:
    """{family: [words]}, or a list of lists of words."""
    if isinstance(value, Mapping):
        return all(map(_is_words, value.values()))
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_words, value))
