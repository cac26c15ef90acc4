"""Reason templates: `{item.color}` stands for a field's value. Nothing else in braces means anything."""

import re
from collections.abc import Mapping
from typing import Any

_MARK = re.compile(r"\{(query|item)\.([^\W\d]\w*)\}")
_LONGEST = 120


def render(template: str, query: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """`template` with the fields put in;

    A missing one reads "unknown". Values are text, never looked into again.
    """

    def one(match: re.Match[str]) -> str:
        value = (query if match[1] == "query" else item).get(match[2])
        if value is None:
            return "unknown"
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    return _MARK.sub(one, template)


def fields_of(template: str) -> frozenset[str]:
    """The fields a template names, such as "item.color"."""
    return frozenset(f"{side}.{name}" for side, name in _MARK.findall(template))
