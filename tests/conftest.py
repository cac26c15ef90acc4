"""Fixtures of the whole suite. The services start first, as the settings need their addresses."""

import django
import pytest
from django.conf import settings

from tests import embedded

embedded.start()
django.setup()
settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # five people per test: cheap ones

from tests.browser import browse, chromium_browser
from tests.people import client_for, corpus, people

__all__ = ["browse", "chromium_browser", "client_for", "corpus", "people"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: what begins last keeps one process at work when the others have ended."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
