"""Level definitions and mismatch dimensions as values: checked, and a level's text parted into its name and what it
means. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relevance.grades import DIMENSION, Grade
from webapp.common.errors import Conflict, Invalid

GRADES = tuple(grade.name for grade in sorted(Grade, reverse=True))
LONGEST_TEXT, LONGEST_NAME, MOST_DIMENSIONS = 2_000, 60, 60
IMPORTS_ONLY = "unstated"


class DefinitionsClash(Conflict):
    """Somebody saved another state since this editor opened the page; `levels` are those that both changed."""

    default_code = "edit_clash"

    def __init__(self, who: str, levels: Sequence[str] = ()) -> None:
        what = " and ".join(levels) if levels else "levels or dimensions"
        super().__init__(f"{who} changed {what} while you were editing: yours is not saved yet.")
        self.levels = tuple(levels)


@dataclass(frozen=True)
class LevelText:
    """A level's definition as an editor shows it; `theirs` is what somebody else saved over what she started from."""

    grade: str
    name: str
    text: str
    seen: str
    theirs: str = ""


def level_parted(definition: str) -> tuple[str, str]:
    """("Perfect match", "the item is ...") of "Perfect match: the item is ..."; ("", all of it) where it has no name."""
    name, colon, text = definition.partition(": ")
    return (
        (name, text)
        if colon and text and 0 < len(name) <= LONGEST_NAME and "\n" not in name
        else ("", definition)
    )


def level_joined(name: str, text: str) -> str:
    """The other way round."""
    plain = " ".join(name.split()).rstrip(":")
    return f"{plain}: {text.strip()}" if plain else text.strip()


def levels_clean(levels: Mapping[str, str]) -> dict[str, str]:
    """{"L1".."L4": text}. Raises Invalid for a missing, empty or overlong one."""
    found = {}
    for grade in GRADES:
        text = str(levels.get(grade) or "").replace("\x00", "").replace("\r\n", "\n").strip()
        if not text or len(text) > LONGEST_TEXT:
            raise Invalid(f"Say what {grade} means, in 1 to {LONGEST_TEXT} characters.", code="definitions")
        found[grade] = text
    return found


def dimension_clean(name: str) -> str:
    """The name as verdicts write it. Raises Invalid."""
    plain = " ".join(name.split())
    if not DIMENSION.fullmatch(plain):
        raise Invalid(
            "A dimension's name is 2 to 40 small letters a to z, spaces and underscores: a model writes it in its "
            "verdict, as [L2-colour].",
            code="dimension",
        )
    return plain


def dimensions_clean(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Each name once, in order; names that are `known` stay as they are. Raises Invalid."""
    found = list(dict.fromkeys(name if name in known else dimension_clean(str(name)) for name in names))
    if not set(found) - {IMPORTS_ONLY} or len(found) > MOST_DIMENSIONS:
        raise Invalid(f"There are 1 to {MOST_DIMENSIONS} dimensions.", code="dimension")
    return found
