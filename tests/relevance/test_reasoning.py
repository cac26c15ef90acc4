import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevance.grades import Grade, Verdict
from relevance.reasoning import STEPS, Reasoning, Unparsable, parse, render

line = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\x85"),
    max_size=60,
)
verdicts = st.builds(Verdict, st.sampled_from(Grade), st.sampled_from(["", "colour", "size", "other"]))


@given(st.fixed_dictionaries({name: line for name in STEPS}), verdicts, st.sampled_from(["first", "last"]))
def test_what_is_rendered_is_read_back(steps, verdict, position):
    steps = {name: " ".join(text.split()) for name, text in steps.items()}
    found = parse(render(Reasoning(steps, verdict), position))
    assert isinstance(found, Reasoning) and found.steps == steps and found.verdict == verdict


GOOD = "Query: a\nItem: b\nCategory: c\nAttributes: d\nRules: R03 and R07, R03\nVerdict: [L2-colour]"


def test_rules_are_cited_in_order_once():
    found = parse(GOOD)
    assert isinstance(found, Reasoning) and found.rules_cited == ("R03", "R07")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "steps missing: query, item, category, attributes, rules"),
        (GOOD.replace("[L2-colour]", "L2"), "the verdict is not of the form [L2-colour]"),
        (GOOD.replace("[L2-colour]", "[L2-colour] or [L3]"), "the verdict is not of the form [L2-colour]"),
        (GOOD.replace("[L2-colour]", "[L5]"), "the verdict is not of the form [L2-colour]"),
        (GOOD + "\nVerdict: [L4]", "verdict stands twice"),
        (GOOD + "\nI am sure.", "unknown line: 'I am sure.'"),
        (GOOD.replace("Item: b\n", ""), "steps missing: item"),
        ("Item: b\nQuery: a\nCategory: c\nAttributes: d\nRules: e\nVerdict: [L4]", "steps out of order"),
        (
            "Query: a\nItem: b\nVerdict: [L4]\nCategory: c\nAttributes: d\nRules: e",
            "the verdict stands between steps",
        ),
        (GOOD.rpartition("\n")[0], "no verdict"),
    ],
)
def test_the_parser_never_guesses(text, reason):
    found = parse(text)
    assert isinstance(found, Unparsable) and found.reason == reason and found.raw == text


def test_a_reasoning_without_a_step_is_not_rendered():
    with pytest.raises(ValueError, match="lacks the steps rules"):
        render(Reasoning({name: "x" for name in STEPS[:-1]}, Verdict(Grade.L4)))
    with pytest.raises(ValueError, match="use first or last"):
        render(Reasoning({name: "x" for name in STEPS}, Verdict(Grade.L4)), "middle")
