"""From several people's verdicts to one, by a named method. Pure: knows no database.

`majority`: the grade that more than half of the people gave; without one, the pair needs adjudication. The dimension is
the one named most often by those who gave that grade (ties: alphabetical, so that the outcome does not depend on order).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

METHOD = "majority"


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
