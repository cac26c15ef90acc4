"""Quepid's book as JSON: query-document pairs with the judgements people made of them.

A rating of 0 to 3 stands for L1 to L4. A dimension, and what is not Quepid's, goes into the explanation as `[L2-colour]`
before the words, and is read back from there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotation.formats.base import Fault, Found, Incoming, Row, dumps, grade_read, json_rows, rating_read

SCALE = {"0": "L1", "1": "L2", "2": "L3", "3": "L4"}
VERDICT = re.compile(r"^\[(L[1-4])(?:-([^\]]{1,40}))?\]\s?")


def header(name: str) -> str:
    start = dumps({"name": name, "show_rank": False, "support_implicit_judgements": False, "scale": list(SCALE),
                   "scale_with_labels": SCALE, "query_doc_pairs": []})  # fmt: skip
    return start[:-2] + "\n"


def write(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row["judgments"]:
            yield dumps(
                {
                    "query_text": row["query"], "doc_id": row["docid"], "position": None, "notes": None, "options": None,
                    "document_fields": {"title": row["title"], "brand": row["brand"], "category": row["category"]},
                    "information_need": None, "judgements": [_judgement(one) for one in row["judgments"]],
                }
            )  # fmt: skip


def _judgement(one: Mapping[str, Any]) -> Row:
    verdict = f"[L{one['grade']}-{one['dimension']}]" if one["dimension"] else ""
    said = " ".join(filter(None, [verdict, one["comment"] or ""]))
    return {"rating": one["grade"] - 1, "unrateable": False, "judge_later": False, "user_email": one["email"],
            "explanation": said or None}  # fmt: skip


def read(path: Path, sidecar: Path | None = None) -> Found:
    for number, row in json_rows(path, "query_doc_pairs"):
        query, docid = (
            str(row.get(name) or "") if isinstance(row, dict) else "" for name in ("query_text", "doc_id")
        )
        judgements = row.get("judgements") if isinstance(row, dict) else None
        if not query or not docid or not isinstance(judgements, list):
            yield Fault(number, "query_text, doc_id", "missing", "a pair names both and has judgements", row)
            continue
        for one in judgements:
            if isinstance(one, dict) and (one.get("unrateable") or one.get("judge_later")):
                continue  # no verdict: nothing to take
            yield _one(number, query, docid, one)


def _one(number: int, query: str, docid: str, one: Any) -> Incoming | Fault:
    grade = rating_read(one.get("rating")) if isinstance(one, dict) else None
    if grade is None:
        return Fault(number, "rating", "no rating", "a rating is 0, 1, 2 or 3", [query, docid, one])
    said, dimension = str(one.get("explanation") or ""), ""
    if (found := VERDICT.match(said)) and grade_read(found[1]) == grade:
        said, dimension = said[found.end() :], found[2] or ""
    email = str(one.get("user_email") or "")
    return Incoming(
        number, docid, query, grade=grade, dimension=dimension, comment=said, email=email,
        person=email.partition("@")[0] or "Anonymous",
    )  # fmt: skip
