"""From several people's verdicts to one, by a named method. Pure: knows no database.

`majority`: the grade that more than half of the people gave; without one, the pair needs adjudication. The dimension is
the one named most often by those who gave that grade (ties: alphabetical, so that the outcome does not depend on order).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

METHOD = "majority"
ACCURACY = 0.8  # of a person nothing is known of yet: right four times in five, else any other grade
GRADES = (1, 2, 3, 4)
Confusion = Sequence[Sequence[float]]  # [true grade - 1][given grade - 1]


@dataclass(frozen=True)
class Opinion:
    """One person's verdict on one pair; `grade` is 1..4."""

    grade: int
    dimension: str = ""
    picture_decided: bool = False
    blind: bool = False
    cited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consensus:
    """What stands for a pair, or `grade` None where the people must be adjudicated. `agreed` counts the winners."""

    grade: int | None
    dimension: str
    method: str
    total: int
    agreed: int
    picture_decided: bool = False
    blind: bool = True
    cited: tuple[str, ...] = ()

    @property
    def is_unanimous(self) -> bool:
        return self.grade is not None and self.agreed == self.total


def majority(opinions: Sequence[Opinion]) -> Consensus:
    """More than half of the people, or nothing."""
    if not opinions:
        return Consensus(None, "", METHOD, 0, 0)
    grade, count = min(Counter(opinion.grade for opinion in opinions).items(), key=lambda kv: (-kv[1], kv[0]))
    total, blind = len(opinions), all(opinion.blind for opinion in opinions)
    if 2 * count <= total:
        return Consensus(None, "", METHOD, total, count, blind=blind)
    winners = [opinion for opinion in opinions if opinion.grade == grade]
    return Consensus(
        grade,
        _commonest([opinion.dimension for opinion in winners if opinion.dimension]),
        METHOD,
        total,
        count,
        picture_decided=2 * sum(opinion.picture_decided for opinion in winners) > len(winners),
        blind=blind,
        cited=tuple(sorted({code for opinion in winners for code in opinion.cited})),
    )


def _commonest(names: Sequence[str]) -> str:
    return min(Counter(names).items(), key=lambda kv: (-kv[1], kv[0]))[0] if names else ""


METHODS: dict[str, Callable[[Sequence[Opinion]], Consensus]] = {METHOD: majority}


def consensus_of(opinions: Sequence[Opinion], method: str = METHOD) -> Consensus:
    """The consensus by a method's name; KeyError for a name that does not exist."""
    return METHODS[method](opinions)


def certainty_of(given: Sequence[tuple[int, Confusion | None]], grade: int) -> float:
    """How probable it is that `grade` is the true one, given each person's answer and what is known of her.

    Bayes over the four grades with an even prior; people are independent given the truth (Dawid and Skene). `None` stands
    for a person without a model. Two who agree come to .98, two against one to .91, one alone to .80.
    """
    weights = {}
    for true in GRADES:
        weight = 1.0
        for answer, model in given:
            weight *= max(model[true - 1][answer - 1], 1e-6) if model else _unknown(true, answer)
        weights[true] = weight
    return weights[grade] / (sum(weights.values()) or 1.0)


def _unknown(true: int, answer: int) -> float:
    return ACCURACY if answer == true else (1 - ACCURACY) / (len(GRADES) - 1)
