"""The house's own format: every judgment, ranking, verdict on a page and choice between pages, superseded and withdrawn
ones too, with all that is known of it.

JSONL, one object a line; Parquet holds the same columns, the few that differ from row to row in shape as JSON text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotation.formats.base import Fault, Found, Incoming, Row, Unreadable, grade_read, lines_of

BATCH = 5000
TEXTS = ("tiers", "shown_order", "faults", "reasonings", "page", "other_page")  # held as JSON text in Parquet


def lines_write(rows: Iterable[str]) -> Iterator[str]:
    """The database has made the lines already."""
    for row in rows:
        yield row + "\n"


def lines_read(path: Path, sidecar: Path | None = None) -> Found:
    for number, line in lines_of(path):
        try:
            row = json.loads(line)
        except ValueError:
            yield Fault(number, "", "not JSON", "each line is one object", line)
            continue
        yield from row_read(number, row)


def row_read(line: int, row: Any) -> Found:
    """One ledger row as what it says, or the fault in it."""
    if isinstance(row, dict) and row.get("kind") in ("page_verdict", "page_preference"):
        yield _on_page(line, row)
        return
    if not isinstance(row, dict) or not row.get("docid") or not (row.get("query") or row.get("query_id")):
        yield Fault(line, "query, docid", "missing", "a row names query and docid", row)
        return
    if row.get("kind") == "ranking":
        yield _ranking(line, row)
        return
    raw = row.get("grade")
    grade = raw if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= 4 else grade_read(raw)
    if grade is None and raw is not None:
        yield Fault(line, "grade", "no grade", "L1 to L4, 1 to 4, or null for a withdrawal", row)
        return
    yield Incoming(
        line=line, docid=str(row["docid"]), grade=grade, withdrawn=raw is None, dimension=str(row.get("dimension") or ""),
        comment=str(row.get("comment") or ""), seconds=_number(row.get("seconds")),
        picture_decided=bool(row.get("picture_decided")), blind=bool(row.get("blind", True)),
        disagreement=str(row.get("disagreement") or ""), rules_shown=_codes(row.get("rules_shown")),
        rules_cited=_codes(row.get("rules_cited")), page=_whole(row.get("page_id")), **_common(row),
    )  # fmt: skip


def _common(row: Mapping[str, Any]) -> dict[str, Any]:
    number = row.get("release")
    return {
        "query": str(row.get("query") or ""), "topic": str(row.get("query_id") or ""),
        "person": str(row.get("person") or ""), "email": str(row.get("person_email") or ""),
        "at": str(row.get("at") or ""), "id": str(row.get("id") or ""), "corpus": str(row.get("corpus") or ""),
        "supersedes": str(row.get("supersedes") or ""), "item_version": str(row.get("item_version") or ""),
        "release": number if isinstance(number, int) else None,
    }  # fmt: skip


def _ranking(line: int, row: Row) -> Incoming | Fault:
    names = [str(one.get("id")) for one in row.get("reasonings") or [] if isinstance(one, dict)]
    try:
        content = {
            "reasonings": row.get("reasonings") or [],
            "tiers": [[names.index(str(pk)) for pk in tier] for tier in row.get("tiers") or []],
            "faults": {str(names.index(str(pk))): steps for pk, steps in (row.get("faults") or {}).items()},
            "shown": [names.index(str(pk)) for pk in row.get("shown_order") or []],
            "all_bad": bool(row.get("all_bad")), "seconds": _number(row.get("seconds")),
            "correction": str(row.get("correction") or ""),
        }  # fmt: skip
    except (ValueError, TypeError, AttributeError):
        return Fault(
            line, "tiers", "unknown reasoning", "tiers, order and faults name ids of `reasonings`", row
        )
    withdrawn = bool(row.get("withdrawn"))
    return Incoming(line=line, docid=str(row["docid"]), ranking=content, withdrawn=withdrawn, **_common(row))


def _on_page(line: int, row: Row) -> Incoming | Fault:
    """A verdict on a page, or a choice between two; null for what was withdrawn."""
    between = row["kind"] == "page_preference"
    raw = row.get("preference" if between else "mark")
    said, pages = _whole(raw), [row.get("page"), *([row.get("other_page")] if between else [])]
    if not (row.get("query") or row.get("query_id")) or not all(_is_page(page) for page in pages):
        return Fault(line, "query, page", "missing", "a row names its query and the items of its page", row)
    fits = -2 <= said <= 2 if between and said is not None else said is None or 1 <= said <= 3
    if (raw is not None and said is None) or not fits:
        return Fault(line, "mark, preference", "no verdict", "a mark is 1 to 3, a preference -2 to 2", row)
    if between and row.get("left") not in ("page", "other_page"):
        return Fault(line, "left", "missing", "page or other_page stood on the left", row)
    answer = {"said": said, "pages": pages, "left": row.get("left"), "seconds": _number(row.get("seconds"))}
    return Incoming(
        line=line, docid="", page_answer=answer, withdrawn=said is None, comment=str(row.get("comment") or ""),
        blind=bool(row.get("blind")), **_common(row),
    )  # fmt: skip


def _is_page(page: Any) -> bool:
    items = page.get("items") if isinstance(page, dict) else None
    return (
        isinstance(items, list)
        and all(isinstance(one, dict) and one.get("docid") for one in items)
        and bool(items)
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(str(code)[:20] for code in value[:60]) if isinstance(value, list) else ()


def schema() -> Any:
    """The columns of the Parquet file. pyarrow is imported on use: the web process should not carry it."""
    import pyarrow as pa  # noqa: PLC0415

    text, codes = pa.string(), pa.list_(pa.string())
    columns = {
        "kind": text, "id": text, "corpus": text, "query": text, "query_id": text, "docid": text, "item_version": text,
        "title": text, "grade": pa.int8(), "dimension": text, "person": text, "person_email": text,
        "person_kind": text, "release": pa.int32(), "rules_shown": codes, "rules_cited": codes,
        "picture_decided": pa.bool_(), "disagreement": text, "blind": pa.bool_(), "origin": text,
        "seconds": pa.float64(), "campaign": text, "comment": text, "supersedes": text, "at": text,
        "mark": pa.int8(), "preference": pa.int8(), "left": text, "page_id": pa.int64(),
        "all_bad": pa.bool_(), "withdrawn": pa.bool_(), "correction": text, **dict.fromkeys(TEXTS, text),
    }  # fmt: skip
    return pa.schema(columns.items())


def table_of(part: Path) -> Any:
    """A part of JSON lines as an Arrow table."""
    import pyarrow.json as pj  # noqa: PLC0415

    options = pj.ParseOptions(explicit_schema=schema(), unexpected_field_behavior="ignore")
    # one thread: several hold a block each, and are no faster
    reading = pj.ReadOptions(block_size=8 << 20, use_threads=False)
    return pj.read_json(part, read_options=reading, parse_options=options)


def parquet_read(path: Path, sidecar: Path | None = None) -> Found:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise Unreadable("The file is no Parquet file.") from error
    number = 0
    for batch in file.iter_batches(batch_size=BATCH):
        for row in batch.to_pylist():
            number += 1
            for name in TEXTS:
                row[name] = json.loads(row[name]) if row.get(name) else None
            yield from row_read(number, row)
