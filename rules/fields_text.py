"""Fields of a query or an item as lines that a person types: `brand: Apple`, one field a line."""

import json
from collections.abc import Mapping
from typing import Any

from rules.language import field_name

MAX_LINES = 200


def fields_text(fields: Mapping[str, Any]) -> str:
    """Fields as lines; a text that would read as a number or a list is put in quotes."""
    return "\n".join(f"{name}: {_shown(value)}" for name, value in fields.items())


def _shown(value: Any) -> str:
    if isinstance(value, str) and "\n" not in value and _value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def fields_parse(text: str) -> dict[str, Any]:
    """Lines as fields. Raises ValueError that names the line."""
    found: dict[str, Any] = {}
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_LINES:
        raise ValueError(f"More than {MAX_LINES} fields.")
    for line in lines:
        name, colon, rest = line.partition(":")
        if not colon or not field_name(name):
            raise ValueError(f"Write {line.strip()[:40]!r} as a name, a colon and a value: brand: Apple.")
        found[field_name(name)] = _value(rest.strip())
    return found


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text.strip() if isinstance(value, dict) else value
