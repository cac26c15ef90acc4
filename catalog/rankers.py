"""Orders of a query's items, each as a system of its own would show them. Pure and deterministic."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Candidate:
    """One item that may stand on a query's page. `grade` is its settled verdict, 0 where there is none."""

    pair: int
    title: str
    grade: int = 0


def by_words(query: str, candidates: Sequence[Candidate]) -> list[int]:
    """Pairs by the share of the query's words that the title has; shorter titles first among equals."""
    wanted = set(WORD.findall(query.casefold()))

    def place(candidate: Candidate) -> tuple[float, int, int]:
        words = WORD.findall(candidate.title.casefold())
        shared = len(wanted & set(words)) / max(1, len(wanted))
        return -shared, len(words), candidate.pair

    return [candidate.pair for candidate in sorted(candidates, key=place)]


def by_verdict(query: str, candidates: Sequence[Candidate]) -> list[int]:
    """Pairs by their settled grade with a drawn error of about one grade: a good ranker, not a perfect one."""
    drawn = random.Random(f"page:{query}")
    scores = {one.pair: one.grade + drawn.gauss(0, 1) for one in sorted(candidates, key=lambda c: c.pair)}
    return sorted(scores, key=lambda pair: (-scores[pair], pair))


RANKERS: Mapping[str, Callable[[str, Sequence[Candidate]], list[int]]] = {
    "word overlap": by_words,
    "settled verdicts, noisy": by_verdict,
}
