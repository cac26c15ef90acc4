"""A rule filed under a dimension or grade that its own steps don't give."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from relevance.grades import Grade
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity

if TYPE_CHECKING:
    from rules.lint.book import Entry

_LEVEL = re.compile(r"(?<![\w-])L([1-4])(?![\w-])")


def findings(entry: "Entry", dimensions: Sequence[str] = ()) -> list[Finding]:
    """Dimension against the steps' own, an L2 without any, a dimension the release lacks, and levels named in prose."""
    return [*_dimension(entry), *_unnamed(entry), *_unlisted(entry, dimensions), *_levels(entry)]


def _dimension(entry: "Entry") -> Iterator[Finding]:
    rule = entry.rule
    given = list(dict.fromkeys(step.dimension for step in rule.ladder if step.dimension))
    if not rule.dimension or not given or rule.dimension in given:
        return
    yield Finding(
        Kind.FILING, Severity.WARNING, rule.code, "dimension",
        f"Filed under {rule.dimension}, but its steps give {' and '.join(given)}.",
        f"File it under {given[0]}, or mend the steps.",
        fixes=(Fix(f"File under {given[0]}", (Edit("dimension", given[0]),)),),
    )  # fmt: skip


def _unnamed(entry: "Entry") -> Iterator[Finding]:
    for number, step in enumerate(entry.rule.ladder, 1):
        if step.grade == Grade.L2 and not step.dimension:
            yield Finding(
                Kind.FILING, Severity.WARNING, entry.code, f"ladder.{number}.dimension",
                f"Step {number} gives L2 and names no dimension: an L2 says what is mismatched.",
                "Choose the step's dimension, or the rule's.",
            )  # fmt: skip


def _unlisted(entry: "Entry", dimensions: Sequence[str]) -> Iterator[Finding]:
    places = [("dimension", entry.rule.dimension)]
    for number, step in enumerate(entry.rule.spec["ladder"], 1):
        places.append((f"ladder.{number}.dimension", str(step.get("dimension") or "")))
    for place, name in places:
        if dimensions and name and name not in dimensions:
            yield Finding(
                Kind.FILING, Severity.WARNING, entry.code, place,
                f"The release has no dimension {name}.", f"Choose one of {', '.join(dimensions)}.",
            )  # fmt: skip


def _levels(entry: "Entry") -> Iterator[Finding]:
    given = sorted({step.grade.name for step in entry.rule.ladder})
    for place in ("title", "principle"):
        text = str(entry.rule.spec.get(place) or "")
        for match in _LEVEL.finditer(text):
            if match[0] in given:
                continue
            fixes: tuple[Fix, ...] = ()
            if len(given) == 1:
                mended = text[: match.start()] + given[0] + text[match.end() :]
                fixes = (Fix(f"Write {given[0]} in the {place}", (Edit(place, mended),)),)
            if len(entry.rule.ladder) == 1:
                fixes = (*fixes, Fix(f"Let the step give {match[0]}", (Edit("ladder.1.grade", match[0]),)))
            yield Finding(
                Kind.FILING, Severity.WARNING, entry.code, place,
                f"The {place} speaks of {match[0]}, but the steps give {' and '.join(given)}.",
                "Mend the words or the steps.",
                start=match.start(), end=match.end(), fixes=fixes,
            )  # fmt: skip
