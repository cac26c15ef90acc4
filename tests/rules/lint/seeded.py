"""A rulebook with one defect of each of the nine kinds, and a corpus's vocabulary beside it."""

from typing import Any

from rules.lint import Carried, Kind

VOCABULARY = Carried.of(
    queries=[{"text": "red shoes size 42", "brand": "Acme", "category": "shoe", "color": "red", "size": "42", "price": 20}],
    items=[
        {
            "title": "Acme runner", "description": "light", "brand": "Acme", "category": "shoe", "color": color,
            "size": "42", "price": 25.0, "stock": "yes",
        }
        for color in ("red", "blue", "green")
    ],
)  # fmt: skip


def step(when: str, grade: str, dimension: str = "", reason: str = "") -> dict[str, str]:
    return {"when": when, "grade": grade, "dimension": dimension, "reason": reason}


def rule(code: str, ladder: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"code": code, "title": f"Rule {code}", "principle": "", "dimension": "", "ladder": ladder, **more}


SEEDED: list[dict[str, Any]] = [
    rule(
        "S1", [step("lower(query.brand) != lower(item.brand)", "L2", "brand")], dimension="brand", priority=50,
        principle="Another brand than the one named.",
        examples=[{"query": {"brand": "Acme"}, "item": {"brand": "Zeta"}, "grade": "L3"}],
    ),
    rule(
        "S2", [step("within_percent(item.price, query.price, 20)", "L4")], priority=40,
        principle="A price is met within 10 % of the one named.",
    ),
    rule(
        "S3", [step("item.price < 10.0", "L4"), step("item.price >= 20.0", "L3")], priority=30,
        principle="Cheap is better.",
    ),
    rule(
        "S4",
        [step("item.price > 5.0", "L3"), step("item.price > 100.0 && has(item.color)", "L4")], priority=20,
        principle="Dear things are fine.",
    ),
    rule(
        "S5", [step("query.category == item.category", "L4")], priority=0,
        examples=[{"query": {"category": "shoe"}, "item": {"category": "shoe"}, "grade": "L4"}],
    ),
    rule(
        "S6", [step("query.size != item.size", "L2", "size")], priority=0, dimension="size",
        examples=[{"query": {"size": "42"}, "item": {"size": "43"}, "grade": "L2"}],
    ),
    rule("S7", [step("item.stock == 'yes' && has(query.color)", "L3")], priority=-10, dimension=""),
    rule("S8", [step("has(query.color) && 'yes' == item.stock", "L4")], priority=-20, dimension=""),
    rule("S9", [step("item.color == 'red'", "L4")], priority=-30, yields_to=["S10"]),
    rule("S10", [step("item.color == 'blue'", "L4")], priority=-30, yields_to=["S9", "S99"]),
    rule("S11", [step("item.colour == 'red' || item.color == 'Green'", "L4")], priority=-40),
    rule("S12", [step("query.color != item.color", "L2", "colour")], priority=-50, dimension="material"),
]  # fmt: skip

EXPECTED = {
    (Kind.EXAMPLE, "S1", "examples.1"),
    (Kind.NUMBER, "S2", "ladder.1.when"),
    (Kind.GAP, "S3", "ladder.2.when"),
    (Kind.SHADOWED, "S4", "ladder.2"),
    (Kind.OPPOSITE, "S5", "priority"),
    (Kind.SAME, "S7", "ladder.1.when"),
    (Kind.YIELDS, "S9", "yields_to"),
    (Kind.YIELDS, "S10", "yields_to"),
    (Kind.UNKNOWN, "S11", "ladder.1.when"),
    (Kind.FILING, "S12", "dimension"),
}
"""Kind, rule and place of every defect sown."""
