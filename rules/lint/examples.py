"""An example that its own ladder contradicts."""

from typing import TYPE_CHECKING

from rules.engine import Reader, Rulebook, run_examples
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity

if TYPE_CHECKING:
    from rules.lint.book import Entry


def findings(entry: "Entry", reader: Reader) -> list[Finding]:
    """Each failing example, with the verdict that the ladder does give as its mend."""
    found = []
    for result in run_examples(Rulebook([entry.rule], reader.language)):
        if result.passed:
            continue
        place = f"examples.{result.number}"
        given = result.found.name if result.found else ""
        edits = (Edit(f"{place}.grade", given), Edit(f"{place}.dimension", result.dimension))
        said = f"{given} {result.dimension}".strip() or "that the rule does not fire"
        found.append(
            Finding(
                Kind.EXAMPLE, Severity.ERROR, entry.code, place,
                f"Example {result.number} contradicts the ladder: {result.message}.",
                "Mend the step that should decide it, or what the example expects.",
                fixes=(Fix(f"Expect {said}", edits),),
            )
        )  # fmt: skip
    return found
