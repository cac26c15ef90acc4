"""The rule language: a documented subset of CEL with three truth values. See docs/rule-language.md.

Pure Python: knows no database and no web. Text is parsed by cel-python's grammar, checked, and compiled
twice: to a closure for one pair and to columns for a corpus.
"""

from rules.language.condition import Condition, Language, compile_condition
from rules.language.errors import RuleSyntaxError, Warned
from rules.language.facts import Bound, Facts
from rules.language.functions import Function, registry, signature
from rules.language.schema import Schema
from rules.language.terms import TableNames
from rules.language.tracing import Trace
from rules.language.values import clean_fields, field_name, language_value
from rules.language.vector import Frame, View

__all__ = [
    "Bound",
    "Condition",
    "Facts",
    "Frame",
    "Function",
    "Language",
    "RuleSyntaxError",
    "Schema",
    "TableNames",
    "Trace",
    "View",
    "Warned",
    "clean_fields",
    "compile_condition",
    "field_name",
    "language_value",
    "plain_words",
    "registry",
    "signature",
]


def plain_words(condition: str | Condition) -> str:
    """A condition in plain words. Raises RuleSyntaxError where a text cannot be read."""
    return (compile_condition(condition) if isinstance(condition, str) else condition).words
