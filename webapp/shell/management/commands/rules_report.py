"""`manage.py rules_report --corpus NAME`: what the rules of a corpus cover, how often they are right, and beside what."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.selectors import release_current, release_get
from webapp.common.errors import DomainError
from webapp.common.models import Corpus
from webapp.shell.rules_report import rules_report

FIGURES = (("acc2", "Acc@2"), ("acc4", "Acc@4"), ("macro_f1", "macro-F1"))


class Command(BaseCommand):
    help = (
        "Coverage, abstention, accuracy, overlap and conflict of every rule, and the resolved verdict on queries held out "
        "from writing them, beside word overlap and the majority class."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True)
        parser.add_argument("--release", type=int, default=None, help="the release in force if left out")
        parser.add_argument("--report", default="", help="a file for everything as JSON")
        parser.add_argument(
            "--seed",
            default="",
            help="division of the queries (NAME:1 of the corpus whose training queries were read)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError(f"There is no corpus {options['corpus']}.")
        try:
            number = options["release"]
            release = release_current(corpus) if number is None else release_get(corpus, number)
        except DomainError as error:
            raise CommandError(error.message) from error
        if release is None:
            raise CommandError("This corpus has no published rulebook.")
        found = rules_report(corpus, release, seed=options["seed"])
        for line in lines(found):
            self.stdout.write(line)
        if options["report"]:
            Path(options["report"]).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report as a terminal shows it."""
    split = found["split"]
    yield f"Corpus {found['corpus']}, release {found['release']}, division {split['seed']}"
    for name, part in (("training", split["train"]), ("held out", split["held_out"])):
        yield f"  {name:<9} {part['queries']:>5} queries {part['pairs']:>7} judged pairs"
    yield ""
    yield from _rules(found["rules"])
    yield ""
    yield "Resolved verdict on held-out queries; where the rules say nothing, that is wrong"
    yield from _subjects(found["verdict"])
    yield ""
    spoken = found["spoken"].get("rules", {"n": 0})["n"]
    yield f"The same on the {spoken} held-out pairs of which the rules speak"
    yield from _subjects(found["spoken"])
    yield ""
    yield from _verdict(found)


def _rules(rules: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "Coverage, overlap and conflict over all pairs; coverage and accuracy with 95 % intervals over queries"
    yield (
        f"{'rule':<6} {'queries':>7} {'pairs':>6} {'covers':>20} {'overlap':>7} {'conflict':>8}  "
        f"{'held out: level':<23} {'side':<5} {'training':<11} title"
    )
    for rule in rules:
        held, train = rule["held_out"]["accuracy"], rule["train"]["accuracy"]
        sides = rule["held_out"]["sides"]
        yield (
            f"{rule['code']:<6} {rule['queries']:>7} {rule['fired']:>6} {_covers(rule['coverage'])} "
            f"{_part(rule['overlap'])} {_part(rule['conflict'], 8)}  {_share(held):<23} "
            f"{_plain(sides):<5} {_plain(train)} of {train['n'] if train else 0:<5} {rule['title']}"
        )


def _subjects(subjects: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    heads = "".join(f"{title:<21}" for _, title in FIGURES)
    yield f"  {'':<25}{heads}says nothing"
    for name, figures in subjects.items():
        shown = (f"{figures[key]:.3f} [{_interval(figures['intervals'][key])}]" for key, _ in FIGURES)
        yield f"  {name:<25}{''.join(f'{text:<21}' for text in shown)}{_percent(figures['unparsable'])}"


def _verdict(found: Mapping[str, Any]) -> Iterator[str]:
    """Whether the rules stand above or below word overlap, and where nobody can tell."""
    for key, title in FIGURES:
        apart = found["against_overlap"][key]
        low, high = apart["interval"]
        side = "above" if low > 0 else "BELOW" if high < 0 else "not told apart from"
        yield f"{title}: the rules are {side} word overlap ({apart['value']:+.3f} [{low:+.3f}, {high:+.3f}])"


def _percent(value: float | None, width: int = 7) -> str:
    return f"{'–':>{width}}" if value is None else f"{100 * value:>{width - 2}.1f} %"


def _covers(share: Mapping[str, Any] | None) -> str:
    if share is None:
        return _percent(None, 20)
    between = f"[{100 * share['low']:.1f}, {100 * share['high']:.1f}]"
    return f"{_part(share)} {between:>12}"


def _part(share: Mapping[str, Any] | None, width: int = 7) -> str:
    return _percent(share["value"] if share else None, width)


def _share(share: Mapping[str, Any] | None) -> str:
    if share is None:
        return "–"
    return f"{_plain(share)} [{_interval((share['low'], share['high']))}] n {share['n']}"


def _plain(share: Mapping[str, Any] | None) -> str:
    return "–" if share is None else f"{share['value']:.2f}"


def _interval(pair: tuple[float, float] | list[float]) -> str:
    return f"{pair[0]:.2f}, {pair[1]:.2f}"
