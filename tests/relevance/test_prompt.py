from relevance.prompt import PairFacts, RuleLine, overlap, render_prompt

FACTS = PairFacts(
    query_text="red running shoes for men",
    query_facets={"color": "red", "audience": "men", "tokens": ["red"]},
    title="Veloz Trail shoe",
    attributes={
        "category": "shoes",
        "brand": "Veloz",
        "color": "blue",
        "sole": "rubber",
        "weight": 240.0,
        "nothing": None,
    },
    image_evidence={"colours": ["blue 61 %"]},
)
FIRES = RuleLine("R03", "Colour named", "", True, "L2", "blue is not red")


def test_the_prompt_is_deterministic_and_says_what_is_known():
    text = render_prompt(FACTS, [RuleLine("R01", "Brand named", "", False), FIRES], mode="direct")
    assert text == (
        "Query: red running shoes for men\nWanted: audience men; color red\nTitle: Veloz Trail shoe\nCategory: shoes\n"
        "Brand: Veloz\nAttributes: color blue; sole rubber; weight 240\nPicture: colours blue 61 %\n"
        "Words: title shoe; category shoe; none red running men\nRule R03: Colour named -> L2. blue is not red\n"
        "Rule R01: Brand named\nAnswer:"
    )


def test_the_prompt_is_bounded_whatever_the_shop_writes():
    huge = PairFacts("w " * 5000, {}, "t" * 99999, {f"a{n}": "v" * 9999 for n in range(500)}, "d " * 50000)
    assert len(render_prompt(huge, [FIRES] * 50, {"L4": "x" * 9999})) < 2000


def test_overlap_says_where_each_word_stands():
    found = overlap(FACTS)
    assert found.category == ("shoe",) and found.missing == ("red", "running", "men") and found.head == "men"
