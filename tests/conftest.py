"""Fixtures of the whole suite. The named people live in tests/people.py."""

from tests.people import client_for, corpus, people

__all__ = ["client_for", "corpus", "people"]
