"""A synthetic shop, made by program: queries, items with pictures, judgments, rankings and rules. Knows no Django."""

from catalog.sample.build import build_sample

__all__ = ["build_sample"]
