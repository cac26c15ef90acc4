"""Label Studio's JSON: an array of tasks with annotations, as its export gives it and its import takes it.

Grades and dimensions are `choices` (controls `grade` and `dimension` on the object `item`), comments a `textarea`, an
order of reasonings a `ranker` whose buckets are the tiers, best first, and `_` what was left unranked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotation.formats.base import Fault, Found, Incoming, Row, dumps, grade_read, json_rows

FIELDS = ("query", "query_id", "docid", "title", "brand", "category")
TIER = re.compile(r"^tier[ _-]?(\d+)$", re.IGNORECASE)


def write(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        task = {
            "id": row["pair"],
            "data": {**{name: row[name] for name in FIELDS}, "items": [_item(one) for one in row["reasonings"]]},
            "annotations": [_graded(row, one) for one in row["judgments"]] + [_ranked(row, one) for one in row["rankings"]],
            "predictions": [],
        }  # fmt: skip
        yield dumps(task)


def _item(one: Mapping[str, Any]) -> Row:
    verdict = f"L{one['grade']}" if one["grade"] else ""
    return {"id": str(one["id"]), "title": verdict, "body": one["raw"]}


def _annotation(row: Row, one: Mapping[str, Any], result: list[Row]) -> Row:
    first, _, last = str(one["person"]).partition(" ")
    return {
        "unique_id": one["id"], "task": row["pair"], "result": result, "result_count": len(result),
        "completed_by": {"id": one["person_id"], "email": one["email"], "first_name": first, "last_name": last},
        "was_cancelled": False, "ground_truth": bool(row["gold"]), "created_at": one["at"], "updated_at": one["at"],
        "lead_time": one["seconds"],
    }  # fmt: skip


def _result(one: Mapping[str, Any], control: str, kind: str, value: Row) -> Row:
    return {"id": f"{one['id']}-{control}"[:46], "from_name": control, "to_name": "item", "type": kind, "value": value,
            "origin": "manual"}  # fmt: skip


def _graded(row: Row, one: Mapping[str, Any]) -> Row:
    result = [_result(one, "grade", "choices", {"choices": [f"L{one['grade']}"]})]
    if one["dimension"]:
        result.append(_result(one, "dimension", "choices", {"choices": [one["dimension"]]}))
    if one["comment"]:
        result.append(_result(one, "comment", "textarea", {"text": [one["comment"]]}))
    return _annotation(row, one, result)


def _ranked(row: Row, one: Mapping[str, Any]) -> Row:
    buckets = {f"tier {place}": [str(pk) for pk in tier] for place, tier in enumerate(one["tiers"], 1)}
    ranked = {pk for tier in buckets.values() for pk in tier}
    buckets["_"] = [str(pk) for pk in one["shown_order"] if str(pk) not in ranked]
    return _annotation(row, one, [_result(one, "order", "ranker", {"ranker": buckets})])


def read(path: Path, sidecar: Path | None = None) -> Found:
    for number, task in json_rows(path):
        data = task.get("data") if isinstance(task, dict) else None
        query, docid = (
            str(data.get(name) or "") if isinstance(data, dict) else "" for name in ("query", "docid")
        )
        if not isinstance(data, dict) or not query or not docid:
            yield Fault(number, "data", "missing", "data names `query` and `docid`", task)
            continue
        for annotation in task.get("annotations") or []:
            if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
                yield from _read_one(number, query, docid, data, annotation)


def _read_one(number: int, query: str, docid: str, data: Row, annotation: Row) -> Found:
    said = _said(annotation.get("result"))
    common = {"line": number, "docid": docid, "query": query, **_who(annotation)}
    if "grade" in said:
        grade = grade_read(said["grade"])
        if grade is None:
            yield Fault(number, "grade", "no grade", "choices L1, L2, L3, L4", [query, docid, said["grade"]])
        else:
            seconds = annotation.get("lead_time")
            yield Incoming(
                **common, grade=grade, dimension=said.get("dimension", ""), comment=said.get("comment", ""),
                seconds=float(seconds) if isinstance(seconds, int | float) else None,
            )  # fmt: skip
    if "ranker" in said:
        content = _order(said["ranker"], data.get("items"))
        if content is None:
            yield Fault(
                number, "ranker", "unknown item", "it names ids of data.items", [query, docid, said["ranker"]]
            )
        else:
            yield Incoming(**common, ranking={**content, "seconds": annotation.get("lead_time")})
    if not said:
        yield Fault(number, "result", "nothing known", "a control named grade, or a ranker", [query, docid])


def _who(annotation: Row) -> Row:
    by = annotation.get("completed_by")
    at, key = str(annotation.get("created_at") or ""), str(annotation.get("unique_id") or "")
    if not isinstance(by, dict):
        return {"person": f"user {by}" if by is not None else "Anonymous", "at": at, "id": key}
    email = str(by.get("email") or "")
    name = f"{by.get('first_name') or ''} {by.get('last_name') or ''}".strip()
    return {
        "person": name or email.partition("@")[0] or f"user {by.get('id')}",
        "email": email,
        "at": at,
        "id": key,
    }


def _said(result: Any) -> Row:
    """control -> its first value; a ranker under its type, whatever its control is called."""
    found: Row = {}
    for one in result if isinstance(result, list) else []:
        value = one.get("value") if isinstance(one, dict) else None
        if not isinstance(value, dict):
            continue
        if one.get("type") == "ranker" and isinstance(value.get("ranker"), dict):
            found["ranker"] = value["ranker"]
        for kind in ("choices", "text"):
            if isinstance(value.get(kind), list) and value[kind]:
                found[str(one.get("from_name"))] = str(value[kind][0])
    return found


def _order(ranker: Row, items: Any) -> Row | None:
    """Tiers as places in the list of items: buckets named `tier 1`, `tier 2`..., else one list in full order."""
    known = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    names = [str(one.get("id")) for one in known]
    buckets = {name: values for name, values in ranker.items() if name != "_" and isinstance(values, list)}
    tiered = sorted(
        (int(found[1]), values) for name, values in buckets.items() if (found := TIER.match(name))
    )
    tiers = [values for _, values in tiered] or [[value] for values in buckets.values() for value in values]
    if not {str(value) for tier in tiers for value in tier} <= set(names):
        return None
    texts = [str(one.get("body") or one.get("html") or one.get("title") or "") for one in known]
    places = [[names.index(str(value)) for value in tier] for tier in tiers if tier]
    return {"reasonings": texts, "tiers": places, "all_bad": not places}
