"""What every exchange format is made of: what is written, what is read back, and what gets lost on the way. Pure."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from relevance.grades import Grade

FORMULA = ("-", "=", "+", "@", "\t", "\r")
BLOCK = 1 << 20
Row = dict[str, Any]


class Rated(NamedTuple):
    """One pair with its settled grade (1..4)."""

    query_id: int
    query: str
    docid: str
    grade: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a file says about a query and an item. `docid` is the item's id in the shop.

    `person` is empty where the format names nobody: the importer then names a rater after the source. `id` is the id the
    row had where it came from, with the corpus it belonged to; rows without one are known by their content. `page` is
    the id a page had there, told earlier in the file by a `page_answer`: a verdict on a page or a choice between two.
    """

    line: int
    docid: str
    query: str = ""
    topic: str = ""
    grade: int | None = None
    dimension: str = ""
    person: str = ""
    email: str = ""
    at: str = ""
    comment: str = ""
    seconds: float | None = None
    picture_decided: bool = False
    blind: bool = True
    disagreement: str = ""
    rules_shown: tuple[str, ...] = ()
    rules_cited: tuple[str, ...] = ()
    release: int | None = None
    id: str = ""
    corpus: str = ""
    supersedes: str = ""
    item_version: str = ""
    settled: bool = False
    ranking: Row | None = None
    page: int | None = None
    page_answer: Row | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A place in a file that could not be read as what it should be."""

    line: int
    field: str
    reason: str
    mend: str
    row: Any


Found = Iterator[Incoming | Fault]


@dataclass(frozen=True)
class Format:
    """One format. `source` says what it is written from: the ledger as it is, people's standing answers pair by pair,
    or settled grades. Parts of a file are joined by `joint` between `header` and `footer`."""

    code: str
    title: str
    file: str
    media: str
    source: str
    keeps: str
    loses: str
    write: Callable[[Iterable[Any]], Iterator[str]]
    read: Callable[[Path, Path | None], Found]
    header: str = ""
    footer: str = ""
    joint: str = ""


class Unreadable(ValueError):
    """The file as a whole is not what its format says; nothing of it was taken."""

    final = True


def guarded(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading space (as Quepid does); importers strip it."""
    return f" {text}" if text.startswith(FORMULA) else text


def unguarded(text: str) -> str:
    return text[1:] if text[:1] == " " and text[1:].startswith(FORMULA) else text


def csv_line(values: list[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def grade_read(value: Any) -> int | None:
    """A grade by its name ("L3", "l3"), else None."""
    if isinstance(value, str):
        try:
            found = Grade.parse(value.strip().upper())
        except (KeyError, ValueError):
            return None
        return int(found) if found else None
    return None


def rating_read(value: Any) -> int | None:
    """A rating of 0 to 3 as search tools count, whole or as text; L1 is 0. None for anything else."""
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return int(number) + 1 if number in (0, 1, 2, 3) else None


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends, blank ones left out; broken bytes are shown as such."""
    with path.open(encoding="utf-8-sig", errors="backslashreplace", newline=None) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, line.rstrip("\n")


def json_rows(path: Path, key: str = "") -> Iterator[tuple[int, Any]]:
    """The elements of a JSON array, numbered from 1: the whole file, or the one under `key` of an object.

    Read block by block, so that a file of any size costs the memory of its longest element. Raises Unreadable.
    """
    reader = _Reader(path)
    try:
        opening = reader.peek()
        if opening == "[":
            yield from enumerate(reader.elements(), 1)
        elif opening == "{" and key:
            yield from enumerate(reader.member(key), 1)
        else:
            raise Unreadable("The file holds no JSON array" + (f" under “{key}”." if key else "."))
    finally:
        reader.close()


class _Reader:
    """A JSON text in blocks. `at` is the next character's place in `text`."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open(encoding="utf-8-sig", errors="backslashreplace")
        self.text, self.at = "", 0
        self.decoder = json.JSONDecoder()

    def close(self) -> None:
        self.stream.close()

    def more(self) -> bool:
        block = self.stream.read(BLOCK)
        self.text, self.at = self.text[self.at :] + block, 0
        return bool(block)

    def peek(self) -> str:
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> bool:
        if self.peek() == expected:
            self.at += 1
            return True
        return False

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not self.more():
                    raise Unreadable(f"The file is not JSON: {error.msg}.") from error
                continue
            # a number that ends with the block may go on in the next one
            if end == len(self.text) and self.text[end - 1] not in '}]"' and self.more():
                continue
            self.at = end
            return found

    def elements(self) -> Iterator[Any]:
        self.take("[")
        if self.take("]"):
            return
        while True:
            yield self.value()
            if self.take(","):
                continue
            if not self.take("]"):
                raise Unreadable("The file is cut off: its JSON array does not end.")
            return

    def member(self, key: str) -> Iterator[Any]:
        self.take("{")
        while (opening := self.peek()) == '"':
            name = self.value()
            if not self.take(":"):
                raise Unreadable("The file is not JSON: a name without a value.")
            if name == key and self.peek() == "[":
                yield from self.elements()
                return
            self.value()
            if not self.take(","):
                break
        raise Unreadable(f"The file has no array “{key}”" + (": it is cut off." if opening == "" else "."))
