"""What could be brought over from a file, and what could not, with the place, the reason and a mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.engine import RulebookError, compile_rulebook
from rules.form import form_clean
from webapp.common.errors import Invalid

LARGEST = 4 * 1024 * 1024  # bytes of a file
LONGEST_FIELD = 128 * 1024  # characters of one cell or line
MOST_ROWS = 50_000


@dataclass(frozen=True)
class LeftOut:
    """One thing of a file that has no place here. `place` is a line, a row or a table's cell."""

    place: str
    what: str
    reason: str
    mend: str = ""


@dataclass(frozen=True)
class Carried:
    """A document in the workbench's own form; `left_out` is what of the file is not in it.

    `refused` holds, by rule code, the file's own rows of rules that were left out, ready to be mended.
    """

    kind: str
    document: dict[str, Any]
    left_out: tuple[LeftOut, ...] = ()
    refused: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


def bounded(text: str) -> str:
    """`text` as it may be read. Raises Invalid for a file that is too large."""
    if len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
        raise Invalid(f"The file is larger than {LARGEST // 1024 // 1024} MB.", code="rulebook_invalid")
    return text.removeprefix("\ufeff")


def decoded(content: bytes) -> str:
    """The text of an uploaded file. Raises Invalid where it is too large, or not UTF-8."""
    if len(content) > LARGEST:
        raise Invalid(f"The file is larger than {LARGEST // 1024 // 1024} MB.", code="rulebook_invalid")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The file is not UTF-8 text (byte {error.start}): save it as UTF-8.", code="rulebook_invalid"
        ) from error


def proved(
    rule: Mapping[str, Any], tables: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, RulebookError | None]:
    """(canonical rule, None), or (None, what is wrong with it): it has to compile by itself."""
    try:
        form = form_clean(rule)
        compile_rulebook([{**form, "yields_to": []}], tables)
    except RulebookError as error:
        return None, error
    return form, None


def told(error: RulebookError) -> str:
    """What is wrong, without the mend that is told beside it."""
    return str(error).removesuffix(mend_of(error)).strip()


def mend_of(error: RulebookError) -> str:
    """The mend that a wrong condition suggests, '' where there is none."""
    return error.syntax.hint if error.syntax is not None else ""
