"""GoRules' JSON decision model: a decision table becomes a rule, a row a step of its ladder.

Under the hit policy *first* a table is one rule; under *collect*, where every matching row counts, each row is a rule.
Output columns are named grade, dimension and reason (or verdict: "[L2-colour]"). Tests beside the graph become examples.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from relevance.grades import Verdict
from rules.formats.carried import Carried, LeftOut, mend_of, proved
from rules.formats.native import rulebook_parse
from rules.formats.zen import NotCarried, cell_condition, expression, literal
from webapp.common.errors import Invalid

TABLE = "decisionTableNode"
CONTENT_TYPE = "application/vnd.gorules.decision"
OUTPUTS = ("grade", "dimension", "reason", "verdict")
Left = list[LeftOut]


def is_jdm(document: Any) -> bool:
    return isinstance(document, Mapping) and (
        document.get("contentType") == CONTENT_TYPE or isinstance(document.get("nodes"), list)
    )


def jdm_read(text: str) -> Carried:
    """A decision model as a document. Raises Invalid where it is none."""
    document = rulebook_parse(text)
    nodes = document.get("nodes") if isinstance(document, Mapping) else None
    if not isinstance(nodes, list):
        raise Invalid("A decision model holds its nodes under nodes.", code="rulebook_invalid")
    left: Left = []
    raw = [rule for node in nodes for rule in _node(node, left)]
    if len(raw) == 1:
        raw[0]["examples"] = list(_examples(document.get("tests"), left))
    elif document.get("tests"):
        left.append(
            LeftOut("tests", "tests", "They speak of the whole graph, and there is more than one rule.")
        )
    rules = []
    for number, rule in enumerate(raw, 1):
        form, error = proved({"code": f"J{number:03d}", **rule}, {})
        if form is None:
            left.append(
                LeftOut(
                    rule["title"], error.place if error else "", str(error), mend_of(error) if error else ""
                )
            )
        else:
            rules.append(form)
    return Carried("jdm", {"rules": rules}, tuple(left))


def _node(node: Any, left: Left) -> Iterator[dict[str, Any]]:
    """The rules of one node of the graph; of another kind than a table there are none."""
    if not isinstance(node, Mapping):
        left.append(LeftOut("nodes", "a node", "It is no object."))
        return
    name, kind = str(node.get("name") or node.get("id") or "table")[:160], str(node.get("type") or "")
    if kind in ("inputNode", "outputNode"):
        return
    content = node.get("content")
    if kind != TABLE or not isinstance(content, Mapping):
        left.append(
            LeftOut(name, kind or "a node", "Only decision tables become rules.", "Write it as a table.")
        )
        return
    columns = _outputs(name, content, left)
    if not {"grade", "verdict"} & set(columns.values()):
        mend = "Name an output column grade (L1 to L4), and others dimension and reason."
        left.append(LeftOut(name, "outputs", "No output column gives a grade.", mend))
        return
    steps = [
        step
        for at, row in enumerate(_list(content, "rules"), 1)
        if (step := _row(name, at, row, content, columns, left))
    ]
    if content.get("hitPolicy") == "collect":
        yield from ({"title": f"{name} {at}", "ladder": [step]} for at, step in enumerate(steps, 1))
    elif steps:
        yield {"title": name, "ladder": steps}


def _list(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = content.get(name)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _outputs(name: str, content: Mapping[str, Any], left: Left) -> dict[str, str]:
    """Column id -> the part of a step it gives."""
    found = {}
    for column in _list(content, "outputs"):
        field = str(column.get("field") or column.get("name") or "").rpartition(".")[2].strip().lower()
        if field in OUTPUTS:
            found[str(column.get("id"))] = field
        else:
            left.append(LeftOut(name, f"output {field or column.get('id')}", "A step has no such part."))
    return found


def _row(
    name: str,
    at: int,
    row: Mapping[str, Any],
    content: Mapping[str, Any],
    outputs: Mapping[str, str],
    left: Left,
) -> dict[str, str] | None:
    """One row as a step, or None where a cell of it has no counterpart: a step without it would mean another thing."""
    place = f"{name}, row {at}"
    try:
        conditions = [said for column in _list(content, "inputs") if (said := _cell(row, column))]
        given = {part: literal(str(row.get(column) or "")) for column, part in outputs.items()}
        grade, dimension = _verdict(given)
    except NotCarried as problem:
        left.append(LeftOut(place, "the row", str(problem), "Write the condition by hand."))
        return None
    reason = given.get("reason") or row.get("_description") or ""
    when = " && ".join(f"({part})" if " || " in part else part for part in conditions) or "true"
    return {"when": when, "grade": grade, "dimension": dimension, "reason": str(reason)}


def _cell(row: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    """The condition of one input cell, '' where it asks for nothing."""
    cell, field = str(row.get(str(column.get("id"))) or "").strip(), str(column.get("field") or "").strip()
    if cell in ("", "-"):
        return ""
    return cell_condition(cell, expression(field)) if field else expression(cell)


def _verdict(given: Mapping[str, Any]) -> tuple[str, str]:
    """(grade, dimension) of a row. Raises NotCarried where it gives none."""
    if given.get("verdict"):
        found = Verdict.parse(str(given["verdict"]))
        if found is None:
            raise NotCarried(f"{given['verdict']!r} is no verdict such as [L2-colour].")
        return found.grade.name, found.dimension
    grade = given.get("grade")
    if isinstance(grade, float) and grade in (1, 2, 3, 4):
        return f"L{int(grade)}", str(given.get("dimension") or "")
    if isinstance(grade, str) and grade.upper() in ("L1", "L2", "L3", "L4"):
        return grade.upper(), str(given.get("dimension") or "")
    raise NotCarried(f"{grade!r} is no grade: L1, L2, L3 or L4.")


def _examples(tests: Any, left: Left) -> Iterator[dict[str, Any]]:
    for at, test in enumerate(tests if isinstance(tests, list) else [], 1):
        given, wanted = (test.get("input"), test.get("output")) if isinstance(test, Mapping) else (None, None)
        if not isinstance(given, Mapping) or not isinstance(wanted, Mapping):
            left.append(LeftOut(f"tests, {at}", "the test", "It holds no input and output."))
            continue
        sides = {side: given[side] for side in ("query", "item") if isinstance(given.get(side), Mapping)}
        try:
            grade, dimension = (
                _verdict({name: _number(value) for name, value in wanted.items()}) if wanted else (None, "")
            )
        except NotCarried as problem:
            left.append(LeftOut(f"tests, {at}", "output", str(problem)))
            continue
        yield {**sides, "grade": grade, "dimension": dimension, "note": f"test {at} of the decision model"}


def _number(value: Any) -> Any:
    return float(value) if type(value) is int else value
