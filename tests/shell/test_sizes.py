"""Sizes that keep code readable in one sitting. How much a function branches is ruff's to watch (C901, PLR0915)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "relevance", "runtime", "webapp", "catalog", "rules", "annotation", "training_bridge", "serving",
)  # fmt: skip
FILE, FUNCTION, VIEW = 400, 30, 24


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in (ROOT / room).rglob("*.py") if path.parent.name != "migrations")


def test_no_file_outgrows_a_sitting() -> None:
    lines = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in sources()}
    assert {name: count for name, count in lines.items() if count > FILE} == {}


def test_no_function_outgrows_a_screen() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{function.name}": length
        for path in sources()
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef) and (length := body_lines(function)) > limit_of(path)
    }
    assert found == {}


def limit_of(path: Path) -> int:
    return VIEW if "views" in path.parts or path.stem.endswith("views") else FUNCTION


def body_lines(function: ast.FunctionDef) -> int:
    """Lines below the signature and the docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (function.end_lineno or body[0].lineno) - body[0].lineno + 1
