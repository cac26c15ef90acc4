"""Prompts: deterministic, bounded, and their evidence read from the pair's own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevance.prompt import (
    PROMPT_LIMIT,
    PairFacts,
    RuleLine,
    direct_prompt,
    evidence_line,
    reasoned_prompt,
    render_prompt,
)

values = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=3000), st.lists(st.text(max_size=20))
)


@given(
    st.text(max_size=3000),
    st.text(max_size=3000),
    st.dictionaries(st.text(max_size=30), values),
    st.text(max_size=3000),
)
def test_bounded_and_repeatable(query: str, title: str, attributes: dict[str, object], about: str) -> None:
    facts = PairFacts(query, title, attributes=attributes, description=about)
    rules = [RuleLine(f"R{n:02d}", title, about, n % 2 == 0, "L2", about) for n in range(20)]
    prompt = render_prompt(facts, rules, {"L4": about, "L1": title})
    assert len(prompt) <= PROMPT_LIMIT
    assert prompt == render_prompt(facts, rules, {"L4": about, "L1": title})


EARLY = "; title early, about no, said 1"


@pytest.mark.parametrize(
    ("query", "title", "expected"),
    [
        (
            "phone cases",
            "Acme mobile phone case",
            f"phone head, case head; all; names yes; phrase{EARLY}; short",
        ),
        ("laptop", "Acme battery for laptop", f"laptop after; all; names after; phrase{EARLY}; short"),
        ("red shoe", "Blue trousers", "red none, shoe none; none; names no; short"),
        (
            "tv without stand",
            "TV with stand",
            f"tv head, without none, stand after; most; names after{EARLY}; short; not stand",
        ),
        ("", "TV", "nothing; none; names no; short"),
        (
            "赤い靴",
            "赤い靴 レディース",
            f"赤 head, い head, 靴 head; all; names inside; phrase{EARLY}; medium",
        ),
    ],
)
def test_evidence(query: str, title: str, expected: str) -> None:
    assert evidence_line(PairFacts(query, title).evidence()) == f"seen: {expected}"


def test_parts_of_a_prompt() -> None:
    facts = PairFacts.of(
        {"text": "red cup", "tokens": ["red", "cup"], "color": "red"},
        {
            "title": "Blue cup",
            "brand": "Acme",
            "category": "Cups",
            "color": "blue",
            "handles": 2.0,
            "lid": False,
        },
        {"colour": "blue 80%"},
    )
    rule = RuleLine("R03", "Colour", "Colours must agree.", True, "L2", "asked red, is blue")
    assert render_prompt(facts, [rule], {"L4": "Perfect"}).split("\n") == [
        "L4: Perfect", "rule (R03) L2: asked red, is blue", "item: Blue cup", "brand: Acme; category: Cups",
        "attributes: color blue", "image: colour blue 80%", "query: red cup", "asks: color red but blue",
        "seen: red none, cup head; some; names yes; title early, about no, said 1; short",
    ]  # fmt: skip
    assert "rules: none" in render_prompt(facts, [], {})
    assert direct_prompt("x") == "x\nAnswer ->"
    assert reasoned_prompt("x", "first") == "x\nVerdict and reasoning:"
    with pytest.raises(ValueError, match="verdict_position"):
        render_prompt(facts, [], {}, "middle")
