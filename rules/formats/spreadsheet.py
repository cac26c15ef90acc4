"""Rules as rows of a spreadsheet: a row holds a step or an example of the rule whose code it begins with.

What belongs to the whole rule (title, scope, ...) is read from the first of its rows that fills the cell. Columns that are
not known are named in the report and set aside. A cell that a spreadsheet would run as a formula is written with a
space before it, and read without.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rules.engine import RulebookError
from rules.formats.carried import LONGEST_FIELD, MOST_ROWS, Carried, LeftOut, bounded, mend_of, proved, told
from webapp.common.errors import Invalid

RULE = ("title", "principle", "dimension", "capability", "scope", "priority", "yields_to", "evidence_order")
STEP = ("when", "grade", "step_dimension", "reason")
EXAMPLE = ("example_query", "example_item", "example_grade", "example_dimension", "example_note")
COLUMNS = ("code", *RULE, *STEP, *EXAMPLE)
ADDED = ("row", "field", "problem", "mend")  # what a file of refused rows says beside them
TABLE_COLUMNS = ("table", "family", "words")
Cells = dict[str, str]


def spreadsheet_read(text: str, tables: Mapping[str, Any]) -> Carried:
    """Rules, or synonym tables, from comma, semicolon or tab separated text. Raises Invalid where it is none."""
    rows, names = _rows(text)
    if set(TABLE_COLUMNS[:2]) <= set(names):
        return _tables_read(rows)
    if "code" not in names:
        raise Invalid(
            f"The first line names the columns, and one of them is code: {', '.join(COLUMNS)}.",
            code="rulebook_invalid",
        )
    left_out = [
        LeftOut(
            "line 1", f"column {name}", "There is no such column.", f"The columns are {', '.join(COLUMNS)}."
        )
        for name in names
        if name not in COLUMNS and name not in ADDED and name
    ]
    return _rules_read(rows, tables, left_out)


def _rows(text: str) -> tuple[list[tuple[int, Cells]], list[str]]:
    """((line, cells) of each row that is not empty, column names)."""
    lines = bounded(text)
    try:
        reader = csv.reader(io.StringIO(lines, newline=""), delimiter=_separator(lines), strict=True)
        names = [_name(cell) for cell in next(reader, [])]
        found: list[tuple[int, Cells]] = []
        for cells in reader:
            # The csv module's own limit belongs to the whole process: imports beside this one need a wider one.
            if any(len(cell) > LONGEST_FIELD for cell in cells):
                raise Invalid(
                    f"Line {reader.line_num}: a cell holds at most {LONGEST_FIELD:,} characters.",
                    code="rulebook_invalid",
                )
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, dict(zip(names, map(_unguarded, cells), strict=False))))
            if len(found) > MOST_ROWS:
                raise Invalid(f"A spreadsheet holds at most {MOST_ROWS} rows.", code="rulebook_invalid")
    except csv.Error as error:
        raise Invalid(f"The spreadsheet cannot be read: {error}.", code="rulebook_invalid") from error
    return found, names


def _separator(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _name(cell: str) -> str:
    return re.sub(r"\W+", "_", cell.strip().casefold()).strip("_")


def _rules_read(
    rows: Iterable[tuple[int, Cells]], tables: Mapping[str, Any], left_out: list[LeftOut]
) -> Carried:
    by_code: dict[str, list[tuple[int, Cells]]] = {}
    refused: dict[str, list[Cells]] = {}
    for line, cells in rows:
        code = cells.get("code", "").strip()
        if code:
            by_code.setdefault(code, []).append((line, cells))
        else:
            problem = LeftOut(f"row {line}", "code", "The row names no rule.", "Write the rule's code in it.")
            left_out.append(problem)
            refused.setdefault("", []).append(_told(line, cells, problem))
    rules = []
    for code, mine in by_code.items():
        rule, problems = _rule(code, mine, tables)
        if rule is None:
            left_out += problems
            refused[code] = [_told(line, cells, problems[0]) for line, cells in mine]
        else:
            rules.append(rule)
    return Carried("csv", {"rules": rules}, tuple(left_out), refused)


def _told(line: int, cells: Cells, problem: LeftOut) -> Cells:
    said = {"row": str(line), "field": problem.what, "problem": problem.reason, "mend": problem.mend}
    return {**{name: cells.get(name, "") for name in COLUMNS}, **said}


def _rule(
    code: str, rows: Sequence[tuple[int, Cells]], tables: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[LeftOut]]:
    """The rule that some rows write, or what is wrong with them."""
    raw: dict[str, Any] = {"code": code, "ladder": [], "examples": []}
    places: dict[str, int] = {}
    try:
        for name in RULE:
            line, value = next(
                ((at, cells[name]) for at, cells in rows if cells.get(name, "").strip()), (0, "")
            )
            places[name] = line
            raw[name] = _part(name, value, line)
        for line, cells in rows:
            _add_step(raw, cells, line, places)
            _add_example(raw, cells, line, places)
    except _Wrong as wrong:
        return None, [wrong.problem]
    form, error = proved(raw, tables)
    return form, [] if error is None else [_problem(code, error, rows[0][0], places)]


class _Wrong(Exception):
    def __init__(self, line: int, name: str, reason: str, mend: str = "") -> None:
        super().__init__(reason)
        self.problem = LeftOut(f"row {line}", name, reason, mend)


def _part(name: str, value: str, line: int) -> Any:
    text = value.strip()
    if name == "priority":
        if text and not re.fullmatch(r"[+-]?\d{1,7}(?:\.0+)?", text):
            raise _Wrong(line, name, f"{text[:40]!r} is no whole number.", "Write 0, 10, 20 ...")
        return int(float(text)) if text else 0
    if name in ("yields_to", "evidence_order"):
        found = [part for part in re.split(r"[\s,;|]+", text) if part]
        return found if found or name == "yields_to" else None
    return value


def _add_step(raw: dict[str, Any], cells: Cells, line: int, places: dict[str, int]) -> None:
    if not any(cells.get(name, "").strip() for name in ("when", "grade", "reason")):
        return
    if not cells.get("grade", "").strip():
        raise _Wrong(line, "grade", "A step needs a grade.", "Write L1, L2, L3 or L4.")
    step = {
        "when": cells.get("when", ""),
        "grade": cells["grade"].strip(),
        "dimension": cells.get("step_dimension", ""),
        "reason": cells.get("reason", ""),
    }
    raw["ladder"].append(step)
    places[f"ladder.{len(raw['ladder'])}"] = line


def _add_example(raw: dict[str, Any], cells: Cells, line: int, places: dict[str, int]) -> None:
    if not any(cells.get(name, "").strip() for name in EXAMPLE):
        return
    sides = {
        "query": _fields(cells.get("example_query", ""), "text", line, "example_query"),
        "item": _fields(cells.get("example_item", ""), "title", line, "example_item"),
    }
    grade = cells.get("example_grade", "").strip()
    raw["examples"].append(
        {
            **sides,
            "grade": None if grade.casefold() in ("", "-", "none") else grade,
            "dimension": cells.get("example_dimension", ""),
            "note": cells.get("example_note", ""),
        }
    )
    places[f"examples.{len(raw['examples'])}"] = line


def _fields(cell: str, plain: str, line: int, name: str) -> dict[str, Any]:
    """Fields as JSON, or a bare text that stands for the query's text or the item's title."""
    text = cell.strip()
    if not text.startswith("{"):
        return {plain: text} if text else {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Wrong(line, name, f"The fields are no JSON: {error}.", '{"text": "red shoes"}') from error
    if not isinstance(found, dict):
        raise _Wrong(line, name, "The fields are no JSON object.", '{"text": "red shoes"}')
    return found


def _problem(code: str, error: RulebookError, first: int, places: Mapping[str, int]) -> LeftOut:
    """The row and the column that a wrong rule's place stands in."""
    place = str(error.place or "code")
    head = ".".join(place.split(".")[:2])
    line = places.get(head) or places.get(place) or first
    name = place.split(".")[-1] if place.startswith(("ladder", "examples")) else place
    name = {"dimension": "step_dimension"}.get(name, name) if place.startswith("ladder") else name
    return LeftOut(f"row {line}", "when" if name.isdigit() else name, told(error), mend_of(error))


def _tables_read(rows: Iterable[tuple[int, Cells]]) -> Carried:
    tables: dict[str, dict[str, list[str]]] = {}
    left_out = []
    for line, cells in rows:
        table, family = cells.get("table", "").strip(), cells.get("family", "").strip()
        if not table or not family:
            left_out.append(LeftOut(f"row {line}", "table, family", "The row names no table or no family."))
            continue
        words = [word.strip() for word in cells.get("words", "").split("|") if word.strip()]
        kept = tables.setdefault(table, {}).setdefault(family, [])
        kept += [word for word in words if word not in kept]
    return Carried("csv", {"rules": [], "tables": tables}, tuple(left_out))


# ---------------------------------------------------------------- out


def spreadsheet_text(rules: Iterable[Mapping[str, Any]]) -> str:
    """Rules in JSON form as CSV that `spreadsheet_read` reads back exactly."""
    return csv_text(COLUMNS, (row for rule in rules for row in _rule_rows(rule)))


def tables_text(tables: Mapping[str, Any]) -> str:
    """Synonym tables as CSV, a family a row."""
    rows = (
        {"table": name, "family": family, "words": "|".join(words)}
        for name, content in tables.items()
        for family, words in _families(content)
    )
    return csv_text(TABLE_COLUMNS, rows)


def refused_text(refused: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """The rows that were refused, each with its problem and mend, to be corrected and imported again."""
    rows = sorted((row for rows in refused.values() for row in rows), key=lambda row: int(row["row"]))
    return csv_text((*COLUMNS, *ADDED), rows)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """CSV whose cells no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _guarded(row.get(name, "")) for name in columns} for row in rows)
    return out.getvalue()


def _rule_rows(rule: Mapping[str, Any]) -> Iterable[Cells]:
    whole = {name: str(rule[name]) for name in RULE if name not in ("yields_to", "evidence_order")}
    whole |= {name: " ".join(rule[name]) for name in ("yields_to", "evidence_order")}
    for at, step in enumerate(rule["ladder"]):
        cells = {**step, "step_dimension": step["dimension"]}
        cells.pop("dimension")
        yield {"code": rule["code"], **({} if at else whole), **cells}
    for example in rule["examples"]:
        yield {
            "code": rule["code"],
            "example_query": json.dumps(example["query"], ensure_ascii=False),
            "example_item": json.dumps(example["item"], ensure_ascii=False),
            "example_grade": example["grade"] or "-",
            "example_dimension": example["dimension"],
            "example_note": example["note"],
        }


def _families(content: Any) -> Iterable[tuple[str, Sequence[str]]]:
    if isinstance(content, Mapping):
        return content.items()
    return ((group[0], group[1:]) for group in content if group)


def _guarded(cell: str) -> str:
    return f" {cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell != "-" else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == " " and cell[1:2] in ("=", "+", "-", "@", "\t", "\r") else cell
