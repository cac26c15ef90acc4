"""Fixtures of the whole suite. The services start first, as the settings need their addresses."""

import django

from tests import embedded

embedded.start()
django.setup()

from tests.browser import browse, chromium_browser
from tests.people import client_for, corpus, people

__all__ = ["browse", "chromium_browser", "client_for", "corpus", "people"]
