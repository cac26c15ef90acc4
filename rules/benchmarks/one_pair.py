"""One pair against the rules in scope order: ours, the Rust CEL binding and GoRules ZEN on the same conditions."""

import importlib
import random
import time
from collections.abc import Callable
from typing import Any

from rules.benchmarks import shop
from rules.engine import Rulebook, compile_rulebook
from rules.language import clean_fields

Pair = tuple[dict[str, Any], dict[str, Any]]
Engine = Callable[[dict[str, Any], dict[str, Any]], list[Any]]
SECONDS = 0.25  # least time of an engine's turn
ROUNDS = 7
MISSING = "not installed: pip install {}"


def measure(rules: int, pairs: int) -> list[dict[str, Any]]:
    """Microseconds a pair, the best of some rounds. The engines must agree on every firing."""
    forms, dice = shop.plain_rules(rules), random.Random(1)
    sample = [(shop.query(dice), shop.item(dice)) for _ in range(pairs)]
    book = compile_rulebook(forms)
    engines: dict[str, Engine | None] = {
        "ours": _ours(book), "unfiltered": _unfiltered(book), "common-expression-language": _cel(forms),
        "handed dicts": _cel(forms, context=False), "zen-engine": _zen(forms),
    }  # fmt: skip
    _agree(book, engines, sample[:40])
    best = _best(engines, sample)
    ours = best["ours"] or 0.0
    return [
        {"name": f"one pair against {rules} rules, us", "figure": f"{ours:.1f}", "against": "prefiltered by scope"},
        {"name": "  every scope asked", "figure": f"{best['unfiltered']:.1f}"},
        _beside("  Rust CEL binding, scope by scope", "common-expression-language", best, ours, 20),
        _beside("    handed the pair with each condition", "handed dicts", best, ours, 20),
        _beside("  GoRules ZEN, scope by scope", "zen-engine", best, ours, 5),
        {"name": "  resolved with traces and reasons, p99 us", "figure": f"{_traced(book, sample):.0f}",
         "against": "under 1,000"},
    ]  # fmt: skip


def _agree(book: Rulebook, engines: dict[str, Engine | None], sample: list[Pair]) -> None:
    place = {rule.code: at for at, rule in enumerate(book.rules)}
    for query, item in sample:
        expected = [(place[rule.code], at) for rule, at in book.fired(query, item)]
        for name, engine in engines.items():
            if engine is not None and name != "ours":
                assert engine(query, item) == expected, name


def _beside(name: str, package: str, best: dict[str, float | None], ours: float, aim: int) -> dict[str, Any]:
    took = best[package]
    if took is None:
        needed = package if package != "handed dicts" else "common-expression-language"
        return {"name": name, "figure": "–", "against": MISSING.format(needed)}
    unfiltered = best["unfiltered"] or 1.0
    against = f"{took / ours:.0f} times ours (aim {aim}), {took / unfiltered:.0f} times without the prefilter"
    return {"name": name, "figure": f"{took:.1f}", "against": against}


def _best(engines: dict[str, Engine | None], sample: list[Pair]) -> dict[str, float | None]:
    """Microseconds a pair in each engine's best round; the engines take turns, so that they share the machine's moods."""
    best: dict[str, float | None] = dict.fromkeys(engines)
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            if engine is not None:
                took = _round(engine, sample)
                best[name] = min(took, best[name] or took)
    return best


def _round(engine: Engine, sample: list[Pair]) -> float:
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        for query, item in sample:
            engine(query, item)
        done += len(sample)
    return (time.perf_counter() - started) / done * 1e6


def _ours(book: Rulebook) -> Engine:
    fired = book.fired

    def run(query: dict[str, Any], item: dict[str, Any]) -> list[Any]:
        return fired(clean_fields(query), clean_fields(item))

    return run


def _unfiltered(book: Rulebook) -> Engine:
    compiled = [(rule.scope.run, [step.when.run for step in rule.ladder]) for rule in book.rules]

    def run(query: dict[str, Any], item: dict[str, Any]) -> list[tuple[int, int]]:
        q, i = clean_fields(query), clean_fields(item)
        found = []
        for number, (scope, ladder) in enumerate(compiled):
            if scope(q, i) is True:
                at = next((at for at, when in enumerate(ladder) if when(q, i) is True), None)
                if at is not None:
                    found.append((number, at))
        return found

    return run


def _cel(forms: list[shop.Form], *, context: bool = True) -> Engine | None:
    """Programs compiled once; one context a pair, which serves it best, or the pair's fields with each condition."""
    try:
        cel = importlib.import_module("cel")
    except ModuleNotFoundError:
        return None
    compiled = [(cel.compile(f["scope"]), [cel.compile(s["when"]) for s in f["ladder"]]) for f in forms]

    def run(query: dict[str, Any], item: dict[str, Any]) -> list[tuple[int, int]]:
        pair = {"query": query, "item": item}
        given = cel.Context(variables=pair) if context else pair
        return _asked(compiled, lambda program: program.execute(given))

    return run


def _zen(forms: list[shop.Form]) -> Engine | None:
    try:
        zen = importlib.import_module("zen")
    except ModuleNotFoundError:
        return None

    def compile_one(source: str) -> Any:
        return zen.compile_expression(shop.as_zen(source))

    compiled = [(compile_one(f["scope"]), [compile_one(s["when"]) for s in f["ladder"]]) for f in forms]

    def run(query: dict[str, Any], item: dict[str, Any]) -> list[tuple[int, int]]:
        context = {"query": query, "item": item}
        return _asked(compiled, lambda program: program.evaluate(context))

    return run


def _asked(compiled: list[tuple[Any, list[Any]]], ask: Callable[[Any], Any]) -> list[tuple[int, int]]:
    found = []
    for number, (scope, ladder) in enumerate(compiled):
        if ask(scope) is True:
            at = next((at for at, when in enumerate(ladder) if ask(when) is True), None)
            if at is not None:
                found.append((number, at))
    return found


def _traced(book: Rulebook, sample: list[Pair]) -> float:
    """The 99th percentile of a whole evaluation, in microseconds."""
    took = []
    for query, item in sample * max(1, 2_000 // len(sample)):
        started = time.perf_counter()
        book.evaluate(query, item)
        took.append((time.perf_counter() - started) * 1e6)
    return sorted(took)[int(len(took) * 0.99)]
