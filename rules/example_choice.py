"""What the one-key dialog offers for a pair: the rules that fire on it first, and what each would have to say."""

from dataclasses import dataclass
from typing import Any

from catalog.models import Pair, SettledVerdict
from relevance.grades import Grade
from rules.engine import RulebookError
from rules.fires_on import fires_on
from rules.pair_selectors import PairShown, pairs_shown
from rules.selectors import dimensions_of, latest_versions
from webapp.common.models import Corpus


@dataclass(frozen=True)
class ExampleChoice:
    """`fired` and `others` are (code, title); `grade` and `dimension` what people settled on, or ''."""

    pair: PairShown
    fired: list[tuple[str, str]]
    others: list[tuple[str, str]]
    grade: str
    dimension: str
    dimensions: list[str]


def example_choice(corpus: Corpus, pair: Pair) -> ExampleChoice:
    """Rules in their newest wording; a rulebook that cannot be compiled lists them all as not fired."""
    titles = {version.rule.code: version.title for version in latest_versions(corpus)}
    try:
        fired = [code for code in fires_on(corpus, pair) if code in titles]
    except RulebookError:
        fired = []
    settled = SettledVerdict.objects.filter(pair=pair).first()
    return ExampleChoice(
        pair=pairs_shown(corpus, [pair.pk])[0],
        fired=[(code, titles[code]) for code in fired],
        others=[(code, title) for code, title in titles.items() if code not in fired],
        dimensions=dimensions_of(corpus),
        **_expected(settled),
    )


def _expected(settled: SettledVerdict | None) -> dict[str, Any]:
    if settled is None:
        return {"grade": "", "dimension": ""}
    return {
        "grade": Grade(settled.grade).name,
        "dimension": settled.dimension if settled.dimension != "unstated" else "",
    }
