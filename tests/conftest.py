"""Fixtures of the whole suite. The services start first, as the settings need their addresses."""

import os
from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connection

from tests import embedded

embedded.start()
django.setup()
settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # five people per test: cheap ones

from tests.browser import browse, chromium_browser
from tests.people import client_for, corpus, people

__all__ = ["browse", "chromium_browser", "client_for", "corpus", "people"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A thread that is still connected at the end does not keep the database from being dropped."""
    yield
    with django_db_blocker.unblock():
        connection.close()  # a test may have cut it
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: what begins last keeps one process at work when the others have ended.

    In CI a test with a browser or with killed processes that fails is run once more, and named (R): the machines there
    are shared, and now and then stand still for longer than such a test can wait. Elsewhere it fails at once.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items if os.environ.get("CI") else ():
        if item.get_closest_marker("slow") or "browse" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
