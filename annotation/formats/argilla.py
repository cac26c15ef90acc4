"""Argilla's flat records: fields and metadata at the top, `<question>.responses` with who and in which state.

Questions: `grade` and `dimension` (labels), `comment` (text), `order` (ranking; equal ranks are ties). The nested form
would drop the state of a response, so the flat one is written; it is read, and `<question>.response` of an import file.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from annotation.formats.base import Fault, Found, Incoming, Row, dumps, grade_read, json_rows

QUESTIONS = ("grade", "dimension", "comment", "order")


def write(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        graded, ranked = row["judgments"], row["rankings"]
        record: Row = {
            "id": str(row["pair"]), "query": row["query"], "title": row["title"], "docid": row["docid"],
            "query_id": row["query_id"],
        }  # fmt: skip
        record |= _question("grade", [(one, f"L{one['grade']}") for one in graded])
        record |= _question("dimension", [(one, one["dimension"]) for one in graded if one["dimension"]])
        record |= _question("comment", [(one, one["comment"]) for one in graded if one["comment"]])
        record |= _question("order", [(one, _ranks(one["tiers"])) for one in ranked])
        record |= {f"reasoning-{one['id']}": one["raw"] for one in row["reasonings"]}
        yield dumps(record)


def _question(name: str, said: list[tuple[Row, Any]]) -> Row:
    if not said:
        return {}
    return {
        f"{name}.responses": [value for _, value in said],
        f"{name}.responses.users": [one["email"] for one, _ in said],
        f"{name}.responses.status": ["submitted"] * len(said),
    }


def _ranks(tiers: list[list[int]]) -> list[Row]:
    return [{"rank": place, "value": f"reasoning-{pk}"} for place, tier in enumerate(tiers, 1) for pk in tier]


def read(path: Path, sidecar: Path | None = None) -> Found:
    for number, row in json_rows(path, "records"):
        query, docid = (
            str(row.get(name) or "") if isinstance(row, dict) else "" for name in ("query", "docid")
        )
        if not query or not docid:
            yield Fault(number, "query, docid", "missing", "a record has both as fields", row)
            continue
        said = {name: _said(row, name) for name in QUESTIONS}
        for user, value in said["grade"].items():
            grade = grade_read(value)
            if grade is None:
                yield Fault(number, "grade", "no grade", "labels L1, L2, L3, L4", [query, docid, value])
                continue
            words: Row = {name: str(said[name].get(user) or "") for name in ("dimension", "comment")}
            yield Incoming(number, docid, query, grade=grade, **words, **_who(user))
        for user, value in said["order"].items():
            yield _order(number, query, docid, user, value, row)


def _said(row: Row, name: str) -> Row:
    """user -> her submitted answer to a question."""
    values, users = row.get(f"{name}.responses"), row.get(f"{name}.responses.users")
    if not isinstance(values, list):
        single = row.get(f"{name}.response")
        return {} if single is None else {"Anonymous": single}
    states = row.get(f"{name}.responses.status") or ["submitted"] * len(values)
    people = users if isinstance(users, list) else [f"user {place}" for place in range(1, len(values) + 1)]
    found = zip(people, values, states, strict=False)
    return {str(user): value for user, value, state in found if state == "submitted"}


def _who(user: str) -> Row:
    return {"person": user.partition("@")[0], "email": user if "@" in user else ""}


def _order(number: int, query: str, docid: str, user: str, value: Any, row: Row) -> Incoming | Fault:
    """A ranking as a list of {rank, value}, or of values alone, best first."""
    tiers: dict[int, list[str]] = {}
    for place, one in enumerate(value if isinstance(value, list) else [], 1):
        rank, name = (one.get("rank"), one.get("value")) if isinstance(one, dict) else (place, one)
        tiers.setdefault(rank if isinstance(rank, int) else place, []).append(str(name))
    names = sorted(
        {name for tier in tiers.values() for name in tier}
        | {key for key in row if key.startswith("reasoning-")}
    )
    if not names or any(not isinstance(row.get(name), str) for name in names):
        return Fault(
            number,
            "order",
            "unknown text",
            "each ranked value is a field of the record",
            [query, docid, value],
        )
    places = [[names.index(name) for name in tiers[rank]] for rank in sorted(tiers)]
    content = {"reasonings": [row[name] for name in names], "tiers": places, "all_bad": not places}
    return Incoming(number, docid, query, ranking=content, **_who(user))
