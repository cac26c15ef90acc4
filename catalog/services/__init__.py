"""Writes of the catalog."""

from catalog.services.queries import query_ensure
from catalog.services.verdicts import verdict_settle

__all__ = ["query_ensure", "verdict_settle"]
