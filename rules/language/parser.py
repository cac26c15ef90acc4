"""From text to tree. The grammar is cel-python's; the tree is built bottom-up while it parses, so nothing
recurses.

Left out of CEL: maps, bytes, unsigned integers, messages, null as a literal, and macros other than
has/exists/all.
"""

import importlib.util
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rules.language import nodes as n
from rules.language.build import Build
from rules.language.errors import RuleSyntaxError
from rules.language.scanner import mend_for, scan

_WORDS = {"and": "Write && for “and”.", "or": "Write || for “or”.", "not": "Write ! for “not”."}
_LOCK = threading.Lock()  # Lark's contextual lexer keeps state while it parses.


def _grammar() -> str:
    """cel-python's grammar file, read without importing its evaluator."""
    spec = importlib.util.find_spec("celpy")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("cel-python is not installed: its grammar file is needed to read conditions.")
    return (Path(spec.submodule_search_locations[0]) / "cel.lark").read_text(encoding="utf-8")


def _words(token: Token) -> Token:
    return Token.new_borrow_pos("BOOL_LIT", token.value, token) if token.value in ("true", "false") else token


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        _grammar(),
        parser="lalr",
        start="expr",
        g_regex_flags=re.M,
        lexer_callbacks={"IDENT": _words},
        maybe_placeholders=False,
        keep_all_tokens=True,
        priority="invert",
        transformer=Build(),
    )


@lru_cache(maxsize=4_096)
def parse(source: str) -> n.Node:
    """The tree of `source`, unchecked as to fields and types. Raises RuleSyntaxError."""
    scan(source)
    read: Callable[[str], object] = _parser().parse
    try:
        with _LOCK:
            tree = read(source)
    except UnexpectedInput as problem:
        raise _explained(problem, source) from None
    if not isinstance(tree, n.Node):
        raise RuleSyntaxError("This is not a condition.", 1, 1)
    return tree


def _explained(problem: UnexpectedInput, source: str) -> RuleSyntaxError:
    if isinstance(problem, UnexpectedCharacters):
        char = source[problem.pos_in_stream or 0]
        return RuleSyntaxError(
            f"“{char}” is not expected here.", problem.line, problem.column, mend_for(char)
        )
    if isinstance(problem, UnexpectedToken) and problem.token.type != "$END":
        return _unexpected(problem.token, source)
    lines = source.rstrip().split("\n")
    return RuleSyntaxError(
        "The condition ends too early.",
        len(lines),
        len(lines[-1]) + 1,
        "Something must follow the last word.",
    )


def _unexpected(token: Token, source: str) -> RuleSyntaxError:
    text = str(token)
    line, column = token.line or 1, token.column or 1
    hint = _WORDS.get(text.lower()) or mend_for(text[:1])
    if text in ("<", ">", "=") and (token.start_pos or 0) > 0 and source[(token.start_pos or 1) - 1] in "<>=":
        hint = "Write == for “equal”, != for “different”."
    if not hint and text[:1] in "\"'":
        hint = "Two values stand side by side: write ==, in, && or a comma between them."
    shown = text if len(text) <= 30 else text[:29] + "…"
    return RuleSyntaxError(f"“{shown}” is not expected here.", line, column, hint)
