"""How far verdicts keep to the rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from relevance.grades import Grade
from rules.engine.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Adherence:
    """`pairs` with at least one firing, of which `kept` have a verdict inside the allowed set; `share` is
    their ratio.

    `cited` and `due` give the recall of cited rules: decisive rules that the verdict's author cited.
    """

    pairs: int
    kept: int
    cited: int
    due: int

    @property
    def share(self) -> float | None:
        """None where no rule fired anywhere."""
        return self.kept / self.pairs if self.pairs else None

    @property
    def recall(self) -> float | None:
        """Share of decisive rules that were cited; None where there were none."""
        return self.cited / self.due if self.due else None


def adherence(
    verdicts: Iterable[tuple[Grade | None, Resolution]], citations: Iterable[Iterable[str]] | None = None
) -> Adherence:
    """Adherence of verdicts (None: unparsable, never kept) to the resolutions of their pairs.

    Pairs answered "item data wrong", and those judged under an external guideline, are the caller's to leave
    out. `citations` names, pair by pair, the rules that the author cited.
    """
    pairs = kept = cited = due = 0
    named = iter(citations) if citations is not None else None
    for grade, resolution in verdicts:
        codes = set(next(named)) if named is not None else set()
        if not resolution.firings:
            continue
        pairs += 1
        kept += grade in resolution.allowed
        if named is not None:
            due += len(resolution.decisive)
            cited += len(codes & set(resolution.decisive))
    return Adherence(pairs, kept, cited, due)
