"""A linear look at the text before the grammar sees it.

The grammar's string pattern can take exponential time on an unclosed string full of backslashes, and its
messages are for programmers. Here size, nesting, quotes and foreign characters are settled first, in one
pass.
"""

import unicodedata

from rules.language.errors import RuleSyntaxError
from rules.language.limits import MAX_BYTES, MAX_DEPTH

_PAIRS = {")": "(", "]": "[", "}": "{"}
_QUOTES = "“”„‟«»‘’‚‛`´"
_ALIKE = dict(
    zip("асеорхуіѕјαοργνι", "aceopxyisjaopyvi", strict=True)
)  # Cyrillic and Greek twins of Latin letters
_MENDS = {
    "=": "Write == to compare.",
    "&": "Write && for “and”.",
    "|": "Write || for “or”.",
    ";": "Leave the semicolon out.",
    "$": "Fields are written query.name or item.name.",
    "#": "A comment starts with //.",
    "≠": "Write !=.",
    "≤": "Write <=.",
    "≥": "Write >=.",
    "×": "Write *.",
    "÷": "Write /.",
    "–": "Write the hyphen -.",
    "—": "Write the hyphen -.",
    "−": "Write the hyphen -.",
}


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[tuple[str, int]] = []

    def place(self, at: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, at) + 1
        return line, at - self.text.rfind("\n", 0, at)

    def fail(self, message: str, at: int, hint: str = "") -> RuleSyntaxError:
        line, column = self.place(at)
        return RuleSyntaxError(message, line, column, hint)

    def run(self) -> None:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "\"'":
                self.string()
            elif self.text.startswith("//", self.at):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in "([{":
                self.opened(char)
            elif char in ")]}":
                self.closed(char)
            elif not char.isascii() or (char < " " and char not in "\t\n\r\f"):
                raise self.foreign(char)
            else:
                self.at += 1
        if self.open:
            char, at = self.open[-1]
            raise self.fail(f"The bracket {char} is never closed.", at, f"Add the closing {_closing(char)}.")

    def opened(self, char: str) -> None:
        self.open.append((char, self.at))
        if len(self.open) > MAX_DEPTH:
            raise self.fail(
                f"Brackets are nested more than {MAX_DEPTH} deep.", self.at, "Split the rule into steps."
            )
        self.at += 1

    def closed(self, char: str) -> None:
        if not self.open or self.open[-1][0] != _PAIRS[char]:
            raise self.fail(
                f"The bracket {char} closes nothing.", self.at, "Remove it, or add the opening one."
            )
        self.open.pop()
        self.at += 1

    def string(self) -> None:
        start, quote = self.at, self.text[self.at]
        raw = start > 0 and self.text[start - 1] in "rR" and not self.text[: start - 1][-1:].isalnum()
        mark = quote * 3 if self.text.startswith(quote * 3, start) else quote
        at = start + len(mark)
        while not self.text.startswith(mark, at):
            if at >= len(self.text) or (self.text[at] == "\n" and len(mark) == 1):
                raise self.fail("This text is never closed.", start, f"Add the closing {mark}.")
            at += 2 if self.text[at] == "\\" and not raw else 1
        if raw and (at - len(self.text[:at].rstrip("\\"))) % 2:
            raise self.fail(
                "A raw text cannot end with a single backslash.", at - 1, "Write the text without r."
            )
        self.at = at + len(mark)

    def foreign(self, char: str) -> RuleSyntaxError:
        plain = unicodedata.normalize("NFKC", char)
        name = unicodedata.name(char, f"U+{ord(char):04X}")
        if char in _QUOTES:
            return self.fail(
                f"The quotation mark {char} is not one of the language.", self.at, "Use \" or '."
            )
        if char.isspace() or not char.isprintable():
            return self.fail(
                f"There is an invisible character here ({name}).", self.at, "Delete it and type a space."
            )
        hint = _MENDS.get(char, "")
        if not hint and plain != char and plain.isascii():
            hint = f"Write the plain {plain}."
        if char in _ALIKE:
            hint = f"It only looks like the plain {_ALIKE[char]}: type that again."
        hint = hint or 'Only texts in quotes may hold such characters; a field is then written item["name"].'
        return self.fail(f"The character {char} ({name}) is not one of the language.", self.at, hint)


def _closing(char: str) -> str:
    return {"(": ")", "[": "]", "{": "}"}[char]


def scan(text: str) -> None:
    """Raise RuleSyntaxError where `text` is too large, too nested, or holds an unclosed string or a foreign
    character.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise RuleSyntaxError(
            f"The condition is longer than {MAX_BYTES // 1024} KB.",
            1,
            1,
            "Split it, or move lists into a table.",
        )
    if not text.strip():
        raise RuleSyntaxError("The condition is empty.", 1, 1, "Write true if it always holds.")
    _Scan(text).run()


def mend_for(char: str) -> str:
    """A proposed mend for a character that the grammar does not expect, or an empty text."""
    return _MENDS.get(char, "")
