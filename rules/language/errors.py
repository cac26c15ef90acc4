"""What a rule editor is told when a condition cannot be read."""

from dataclasses import dataclass


class RuleSyntaxError(ValueError):
    """A condition that cannot be compiled.

    `line` and `column` count from 1; `hint` proposes a mend or is empty.
    """

    def __init__(self, message: str, line: int = 1, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        tail = f" {self.hint}" if self.hint else ""
        return f"line {self.line}, column {self.column}: {self.message}{tail}"

    def __reduce__(self) -> tuple[type["RuleSyntaxError"], tuple[str, int, int, str]]:
        return (RuleSyntaxError, (self.message, self.line, self.column, self.hint))


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that compiles and is probably not meant: a field that nothing carries, for one."""

    message: str
    line: int
    column: int
    hint: str = ""
