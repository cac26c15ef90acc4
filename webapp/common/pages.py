"""Keyset paging: a page starts after a row, so page 5,000 costs what page 1 costs."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from webapp.common.errors import Invalid

Row = TypeVar("Row", bound=Model)
DAMAGED = "This page address is damaged: start again from the first page."


@dataclass(frozen=True)
class Slice(Generic[Row]):
    rows: list[Row]
    next_cursor: str


def keyset(rows: "QuerySet[Row]", order: tuple[str, ...], cursor: str = "", size: int = 50) -> Slice[Row]:
    """One page of `rows` in `order` (fields, '-' for descending; the last one unique), after `cursor`."""
    names = [name.lstrip("-") for name in order]
    if cursor:
        rows = _from(rows, order, _decode(cursor, len(order)))
    found = list(rows.order_by(*order)[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Slice(found[:size], _encode([_value(last, name) for name in names]) if last is not None else "")


def _from(rows: "QuerySet[Row]", order: tuple[str, ...], values: list[Any]) -> "QuerySet[Row]":
    try:
        return rows.filter(_after(order, values))
    except (ValueError, TypeError, ValidationError) as error:  # a value that is none of its field's
        raise Invalid(DAMAGED) from error


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        step = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    return condition


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise Invalid(DAMAGED) from error
    if not isinstance(values, list) or len(values) != length:
        raise Invalid("This page address belongs to another list: start again from the first page.")
    if any(isinstance(value, str) and "\0" in value for value in values):
        raise Invalid(DAMAGED)
    return values
