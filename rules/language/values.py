"""From the world's values to the language's."""

import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.language.limits import INT_MAX, INT_MIN

_PLAIN = frozenset({str, bool, float})


def language_value(value: Any) -> Any:
    """`value` as the language has it, or None (unknown): null, a whole number past 64 bits, a map, a date."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        return value if INT_MIN <= value <= INT_MAX else None
    if kind is list or kind is tuple:
        found = [language_value(v) for v in value]
        return None if any(v is None for v in found) else found
    if kind is Decimal:
        number = float(value)
        return number if math.isfinite(number) else None
    return None


def field_name(name: str) -> str:
    """An attribute's name as rules write it: `Product colour` -> `product_colour`."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = re.sub(r"\W+", "_", folded).strip("_")
    return f"_{plain}" if plain[:1].isdigit() else plain


def clean_fields(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields with language values only; unknown ones are left out. Names are taken as they are.

    What is clean already comes back as it is: take care not to change it.
    """
    for value in fields.values():
        kind = type(value)
        # Spelt out, because every pair passes here: a set of types takes three times as long.
        if kind is str or kind is float or kind is bool or (kind is int and INT_MIN <= value <= INT_MAX):
            continue
        return _cleaned(fields)
    return fields


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kept for name, value in fields.items() if (kept := language_value(value)) is not None}
