"""Writes of this room."""

from serving.services.goodrate import goodrate_sample
from serving.services.relevance import Answer, ItemVerdict, relevance_answer

__all__ = ["Answer", "ItemVerdict", "goodrate_sample", "relevance_answer"]
