"""Statements of the busiest paths: written by hand, their parameters bound and their plans kept by the server.

An answer with the next subject takes twenty statements. Building the SQL of a queryset and planning it anew each time cost
more than running it. A statement given to `fetch` is prepared on its connection once it has run a few times
(`prepare_threshold` in the settings), and is counted and logged as any other.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import DEFERRED, Model
from psycopg.rows import dict_row

Row = dict[str, Any]
T = TypeVar("T", bound=Model)


def fetch(sql: str, values: Mapping[str, Any]) -> list[Row]:
    """Run one statement; its rows by column name, none where it returns none."""
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bound: Any = ServerBindingCursor  # a psycopg cursor, which the stubs do not know
    with wrapped(bound(connection.connection, row_factory=dict_row)) as cursor:
        cursor.execute(sql, values)
        rows: list[Row] = cursor.fetchall() if cursor.cursor.pgresult.nfields else []
        return rows


def columns(model: type[Model], of: str) -> str:
    """All columns of `model` in the row named `of`, by name: a kept statement that asks for * fails once a migration adds
    one, for as long as its connection lives.
    """
    return ", ".join(f"{of}.{field.column}" for field in model._meta.concrete_fields)


def row_of(model: type[T], values: Mapping[str, Any]) -> T:
    """A saved row of `model` with the columns that `values` has; the others are deferred: asked for, they are read."""
    fields = model._meta.concrete_fields
    return model.from_db(connection.alias, [], [values.get(field.attname, DEFERRED) for field in fields])
