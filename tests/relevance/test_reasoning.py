"""The reasoning format: what is rendered is read back, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevance.grades import DIMENSIONS, Grade, Verdict
from relevance.reasoning import STEPS, Reasoning, Unparsable, parse, render

line = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=40
)
verdicts = st.builds(Verdict, st.sampled_from(Grade), st.sampled_from(["", *DIMENSIONS]))
codes = st.lists(st.from_regex(r"R[0-9]{1,3}", fullmatch=True), max_size=3, unique=True).map(tuple)


@given(st.fixed_dictionaries(dict.fromkeys(STEPS, line)), verdicts, codes, st.sampled_from(["last", "first"]))
def test_round_trip(steps: dict[str, str], verdict: Verdict, cited: tuple[str, ...], position: str) -> None:
    text = render(Reasoning(steps, verdict, cited), position)
    read = parse(text)
    assert isinstance(read, Reasoning)
    assert read.verdict == verdict
    assert set(cited) <= set(read.rules_cited)
    assert {name: read.steps[name] for name in STEPS[:4]} == {name: steps[name] for name in STEPS[:4]}
    assert render(read, position) == text


@given(st.text(max_size=200))
def test_any_text_is_a_value(text: str) -> None:
    assert isinstance(parse(text), Reasoning | Unparsable)


GOOD = "query: a\nitem: b\ncategory: c\nattributes: d\nrules: e\nverdict: [L4]"


@pytest.mark.parametrize(
    "text",
    [
        "", "[L4]", GOOD.replace("[L4]", "L4"), GOOD.replace("[L4]", "[L5]"), GOOD.replace("[L4]", "[L4] or [L3]"),
        GOOD + "\nverdict: [L4]", GOOD.replace("item: b\n", ""), GOOD.replace("item: b", "item:"),
        "well, " + GOOD, GOOD + "\nso it is", GOOD.replace("query: a\nitem: b", "item: b\nquery: a"),
    ],
)  # fmt: skip
def test_never_guesses(text: str) -> None:
    read = parse(text)
    assert isinstance(read, Unparsable)
    assert read.reason and read.raw == text


def test_good_text_is_read() -> None:
    read = parse(GOOD)
    assert isinstance(read, Reasoning)
    assert read.verdict == Verdict(Grade.L4)


def test_cites_codes_not_remarks() -> None:
    read = parse(GOOD.replace("rules: e", "rules: (R03) over (R07), and (see above)"))
    assert isinstance(read, Reasoning)
    assert read.rules_cited == ("R03", "R07")


def test_no_verdict_has_no_text() -> None:
    with pytest.raises(ValueError, match="without a verdict"):
        render(Reasoning({}, None))
