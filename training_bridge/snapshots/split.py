"""The division of a snapshot by query: the same that the rules room holds its replay sets and reports to."""

from relevance.splits import SHARES, SPLITS, split_assign, split_seed

__all__ = ["SHARES", "SPLITS", "split_assign", "split_seed"]
