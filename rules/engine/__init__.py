"""Rulebooks compiled from their JSON form:

Firing, resolution, traces, adherence. Pure: no database, no web.
"""

from rules.engine.adherence import Adherence, adherence
from rules.engine.clashes import Clash, clashes
from rules.engine.resolution import Firing, Resolution, resolve
from rules.engine.rule import Reader, Rule, RulebookError, Step
from rules.engine.rulebook import ExampleResult, Missed, Rulebook, compile_rulebook, run_examples
from rules.engine.table import Fired, PairVerdicts
from rules.engine.templates import fields_of, render

__all__ = [
    "Adherence", "Clash", "ExampleResult", "Fired", "Firing", "Missed", "PairVerdicts", "Reader", "Resolution", "Rule",
    "Rulebook", "RulebookError", "Step", "adherence", "clashes", "compile_rulebook", "fields_of", "render", "resolve",
    "run_examples",
]  # fmt: skip
