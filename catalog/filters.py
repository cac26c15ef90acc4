"""Filters of the lists: which values stand in what is found, how often, and the addresses that choose or drop one.

A choice is written `facet:value` in the address, so each filtered list can be linked to. Counts look at the first 20,000
rows of what is found: a list page stays quick whatever the corpus holds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from catalog.models import Item, Query

COUNTED, SHOWN, FOLDED, MOST = 20_000, 8, 40, 8
ITEM_FACETS = {"category": "current__category", "brand": "current__brand"}
UNSHOWN = ("tokens", "head", "text")
_CHOICE = re.compile(r"([a-z][a-z0-9_]{0,39}):(.{1,200})", re.S)
Choice = tuple[str, str]


@dataclass(frozen=True)
class Value:
    """One value of a facet in what is found: its name, its rows, and where a click on it leads."""

    name: str
    rows: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """`first` are always shown, `more` stand behind a fold."""

    name: str
    first: list[Value]
    more: list[Value]


@dataclass(frozen=True)
class Found:
    """What a list page says of its whole: rows (capped), the facets to narrow it by, the choices made."""

    rows: int
    facets: list[Facet]
    chosen: list[tuple[Choice, str]]

    @property
    def capped(self) -> bool:
        return self.rows > COUNTED


def choices_parse(given: Sequence[str]) -> list[Choice]:
    """The choices in an address; what is none is left out."""
    found = [match for text in given if (match := _CHOICE.fullmatch(text.replace("\x00", "").strip()))]
    return list(dict.fromkeys((match[1], match[2]) for match in found))[:MOST]


def queries_narrow(rows: "QuerySet[Query]", choices: Sequence[Choice]) -> "QuerySet[Query]":
    """Queries in whose text every chosen value was found."""
    for facet, value in choices:
        one = Q(facets__contains={facet: value}) | Q(facets__contains={facet: [value]})
        if value.isdecimal() and len(value) < 10:
            one |= Q(facets__contains={facet: int(value)})
        rows = rows.filter(one)
    return rows


def items_narrow(rows: "QuerySet[Item]", choices: Sequence[Choice]) -> "QuerySet[Item]":
    """Items of every chosen category and brand; an unknown facet finds nothing."""
    for facet, value in choices:
        field = ITEM_FACETS.get(facet)
        rows = rows.filter(**{field: value}) if field else rows.none()
    return rows


def queries_found(rows: "QuerySet[Query]", asked: dict[str, str], choices: list[Choice]) -> Found:
    return _found(_size(rows), query_counts(rows), asked, choices)


def items_found(rows: "QuerySet[Item]", asked: dict[str, str], choices: list[Choice]) -> Found:
    size, counts = _items_counted(rows)
    return _found(size, counts, asked, choices)


def query_counts(rows: "QuerySet[Query]") -> dict[str, list[tuple[str, int]]]:
    """facet -> [(value, rows)], the commonest first."""
    inner, values = rows.order_by().values("facets")[:COUNTED].query.sql_with_params()
    statement = f"""
        SELECT name, value, count(*) FROM (
            SELECT f.key AS name, CASE jsonb_typeof(f.value) WHEN 'array' THEN e.value ELSE f.value #>> '{{}}' END AS value
            FROM ({inner}) q(facets), jsonb_each(q.facets) f LEFT JOIN LATERAL jsonb_array_elements_text(
                CASE jsonb_typeof(f.value) WHEN 'array' THEN f.value ELSE '[]' END) e(value) ON true
            WHERE f.key <> ALL(%s)) found
        WHERE value <> '' GROUP BY name, value ORDER BY count(*) DESC, value LIMIT 2000
    """  # noqa: S608  (the inner statement is Django's own, its values are parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, (*values, list(UNSHOWN)))
        return _grouped(cursor.fetchall())


def item_counts(rows: "QuerySet[Item]") -> dict[str, list[tuple[str, int]]]:
    """facet -> [(value, rows)], the commonest first."""
    return _items_counted(rows)[1]


def _items_counted(rows: "QuerySet[Item]") -> tuple[int, dict[str, list[tuple[str, int]]]]:
    """Rows and facets of what is found, in one pass over it."""
    try:
        inner, values = rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
    except EmptyResultSet:  # Django sees by itself that nothing can be found
        return 0, {}
    statement = f"""
        SELECT CASE WHEN GROUPING(v.category) = 0 THEN 'category' WHEN GROUPING(v.brand) = 0 THEN 'brand' ELSE '' END,
            COALESCE(v.category, v.brand, ''), count(*)
        FROM ({inner}) found(id) JOIN catalog_item i ON i.id = found.id JOIN catalog_itemversion v ON v.id = i.current_id
        GROUP BY GROUPING SETS ((v.category), (v.brand), ()) ORDER BY count(*) DESC, 2
    """  # noqa: S608  (the inner statement is Django's own, its values are parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        counted = cursor.fetchall()
    size = next(n for name, _, n in counted if not name)
    return size, _grouped([(name, value, n) for name, value, n in counted if name and value])


def _grouped(rows: Sequence[tuple[str, str, int]]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for name, value, n in rows:
        found.setdefault(name, []).append((value, n))
    return found


def _size(rows: "QuerySet[Any]") -> int:
    return rows.order_by().values("pk")[: COUNTED + 1].count()


def _found(
    size: int, counts: dict[str, list[tuple[str, int]]], asked: dict[str, str], choices: list[Choice]
) -> Found:
    facets = []
    for name in sorted(counts, key=lambda name: (-sum(n for _, n in counts[name]), name)):
        values = [_value(name, value, n, asked, choices) for value, n in counts[name][:FOLDED]]
        facets.append(Facet(name, values[:SHOWN], values[SHOWN:]))
    chosen = [(one, address(asked, [c for c in choices if c != one])) for one in choices]
    return Found(size, facets, chosen)


def _value(facet: str, value: str, rows: int, asked: dict[str, str], choices: list[Choice]) -> Value:
    one = (facet, value)
    others = [choice for choice in choices if choice != one]
    chosen = one in choices
    return Value(value, rows, address(asked, others if chosen else [*others, one]), chosen)


def address(asked: dict[str, str], choices: Sequence[Choice], **more: str) -> str:
    """The query string of a list with these choices; it starts anew at its first page."""
    kept = [(name, value) for name, value in {**asked, **more}.items() if value]
    return "?" + urlencode([*kept, *(("facet", f"{facet}:{value}") for facet, value in choices)])
