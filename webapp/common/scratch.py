"""A database to measure in: new, migrated, in the same server as the site's, and dropped at the end."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo


@contextmanager
def scratch_database() -> Iterator[None]:
    """This process uses the scratch database until the end of the block."""
    name, own = f"lore_bench_{uuid.uuid4().hex[:8]}", connection.settings_dict["NAME"]
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    _use(name)
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        _use(own)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


def _use(name: str) -> None:
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    connection.settings_dict["NAME"] = name


def database_url() -> str:
    """The address of the database in use, for children."""
    values = connection.settings_dict
    parts = {name: values[name.upper()] for name in ("host", "port", "user", "password")}
    return make_conninfo(dbname=values["NAME"], **{name: value for name, value in parts.items() if value})


def child_environment() -> dict[str, str]:
    """What a child process needs to work on the database in use."""
    return {
        **os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "SECRET_KEY": str(settings.SECRET_KEY), "BROKER_URL": str(settings.BROKER_URL),
        "LORE_HOME": str(settings.LORE_HOME), "LOG_LEVEL": "WARNING",
    }  # fmt: skip
