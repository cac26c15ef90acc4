"""Rulebooks as files: the workbench's own form, spreadsheets, and what other systems write. Pure: knows no database."""

from rules.formats.native import rulebook_parse, rulebook_text

__all__ = ["rulebook_parse", "rulebook_text"]
