"""The four levels as they are defined until a release of the corpus says otherwise."""

from relevance.grades import DIMENSIONS

LEVELS: dict[str, str] = {
    "L4": "Perfect match: the item is what the query asks for, in every respect that the query names.",
    "L3": "Partial match: the item serves the same need; what differs, the query left open or named only loosely.",
    "L2": "Explicit mismatch: the right kind of item, but something the query names is another here.",
    "L1": "Completely inconsistent: another kind of item, or of no use for the need behind the query.",
}


def default_dimensions() -> list[str]:
    return list(DIMENSIONS)
