"""Rulebooks as files: the workbench's own form, spreadsheets, and what other systems write. Pure: knows no database."""

from collections.abc import Mapping
from typing import Any

from rules.formats.carried import Carried, LeftOut, decoded
from rules.formats.jdm import is_jdm, jdm_read
from rules.formats.native import rulebook_parse, rulebook_text
from rules.formats.smui import smui_read
from rules.formats.spreadsheet import refused_text, spreadsheet_read, spreadsheet_text, tables_text
from webapp.common.errors import Invalid

KINDS = {
    "auto": "by its name and content",
    "native": "rulebook, YAML or JSON",
    "csv": "spreadsheet, CSV",
    "jdm": "GoRules decision model, JSON",
    "smui": "SMUI or Querqy rules.txt",
}

__all__ = [
    "KINDS",
    "Carried",
    "LeftOut",
    "decoded",
    "rulebook_file",
    "rulebook_parse",
    "rulebook_read",
    "rulebook_text",
    "refused_text",
    "spreadsheet_text",
    "tables_text",
]


def rulebook_file(document: Mapping[str, Any], form: str) -> str:
    """A whole rulebook as the text of a file: yaml, json, or csv, which holds the rules alone."""
    return spreadsheet_text(document["rules"]) if form == "csv" else rulebook_text(document, form)


def rulebook_read(
    text: str, *, name: str = "", kind: str = "auto", tables: Mapping[str, Any] | None = None
) -> Carried:
    """A file of any kind as a document of our own form, with what could not be carried over.

    `tables` are those that conditions of a spreadsheet may ask. Raises Invalid for a file that is none of its kind.
    """
    chosen = _kind(text, name) if kind == "auto" else kind
    if chosen == "csv":
        return spreadsheet_read(text, tables or {})
    if chosen == "smui":
        return smui_read(text)
    if chosen == "jdm":
        return jdm_read(text)
    if chosen != "native":
        raise Invalid(f"A file is one of {', '.join(KINDS)}.", code="rulebook_invalid")
    document = rulebook_parse(text)
    return Carried("native", document if isinstance(document, dict) else {"rules": document})


def _kind(text: str, name: str) -> str:
    """By the name's ending; a JSON file by what it holds."""
    ending = name.rpartition(".")[2].lower()
    if ending in ("csv", "tsv"):
        return "csv"
    if ending == "txt" or (ending not in ("yaml", "yml", "json") and _looks_like_inputs(text)):
        return "smui"
    if text.lstrip("\ufeff \n\r\t")[:1] == "{" and is_jdm(rulebook_parse(text)):
        return "jdm"
    return "native"


def _looks_like_inputs(text: str) -> bool:
    return any(line.rstrip().endswith("=>") for line in text[:4_000].splitlines())
