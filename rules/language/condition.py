"""A compiled condition: both forms, its trace and its facts behind one name."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from rules.language import facts, tracing
from rules.language import nodes as n
from rules.language.checker import Checker
from rules.language.closures import Closure, Compiler
from rules.language.columns import States
from rules.language.errors import Warned
from rules.language.functions import Function, registry
from rules.language.kept_files import code_mark
from rules.language.parser import parse
from rules.language.schema import Schema
from rules.language.terms import TableNames
from rules.language.values import clean_fields
from rules.language.vector import View
from rules.language.words import plain_words


@dataclass(frozen=True)
class Language:
    """Functions bound to a release's tables.

    Conditions compiled by one language share its closures for tracing.
    """

    functions: Mapping[str, Function] = field(default_factory=registry)
    tables: str | None = None  # as JSON, where they have such a form

    @classmethod
    def with_tables(cls, tables: Mapping[str, Any] | None) -> "Language":
        """The language over synonym and family tables (see `functions.families`); one object per content."""
        try:
            written = json.dumps(tables or {})
        except (TypeError, ValueError):  # not from a file or a database: not worth keeping
            return cls(registry(tables))
        return _language(written)

    @cached_property
    def tracer(self) -> tracing.Tracer:
        return tracing.Tracer(self.functions)

    @cached_property
    def mark(self) -> str:
        """Changes with the tables and with the language's code: answers that are kept are named by it."""
        return hashlib.sha256(f"{self.tables}\0{code_mark()}".encode("utf-8", "surrogatepass")).hexdigest()[
            :16
        ]

    @cached_property
    def named(self) -> Mapping[str, TableNames]:
        """What each table spells."""
        return {name: TableNames.of(content) for name, content in json.loads(self.tables or "{}").items()}

    def compile(self, source: str, schema: Schema | None = None) -> "Condition":
        """The condition that `source` writes. Raises RuleSyntaxError with line, column, message and mend."""
        tree = parse(source)
        checker = Checker(self.functions, schema)
        checker.condition(tree)
        return Condition(source, tree, self, tuple(checker.warnings), Compiler(self.functions).compile(tree))


@lru_cache(maxsize=16)
def _language(tables: str) -> Language:
    return Language(registry(json.loads(tables)), tables)


@dataclass(frozen=True)
class Condition:
    """`run(query, item)` is the bare closure:

    True, False, or anything else for unknown; it trusts its fields.
    """

    source: str
    tree: n.Node
    language: Language = field(repr=False)
    warnings: tuple[Warned, ...] = ()
    run: Closure = field(repr=False, default=lambda q, i: None)

    def evaluate(self, query: Mapping[str, Any], item: Mapping[str, Any]) -> bool | None:
        """True, False or None (unknown) for one pair of any fields."""
        value = self.run(clean_fields(query), clean_fields(item))
        return value if type(value) is bool else None

    def trace(self, query: Mapping[str, Any], item: Mapping[str, Any]) -> tracing.Trace:
        """Which sub-expressions decided, and why."""
        return self.language.tracer.trace(self.tree, clean_fields(query), clean_fields(item))

    def truth(self, view: View) -> States:
        """States (pairs,) int8 over a view whose frame was made with this language's functions:

        0 false, 1 unknown, 2 true.
        """
        return view.truth(self.tree)

    @cached_property
    def words(self) -> str:
        """The condition in plain words."""
        return plain_words(self.tree, self.language.functions)

    @cached_property
    def facts(self) -> facts.Facts:
        """Fields, values, numbers and functions it names."""
        return facts.gather(self.tree)


_PLAIN = Language()


def compile_condition(
    source: str, schema: Schema | None = None, tables: Mapping[str, Any] | None = None
) -> Condition:
    """Parse, check and compile one condition. Raises RuleSyntaxError(message, line, column, hint)."""
    language = Language.with_tables(tables) if tables else _PLAIN
    return language.compile(source, schema)
