"""`manage.py score --corpus NAME --pairs pairs.csv --out scored.csv`: grades of pairs, in the file's order."""

import csv
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from serving.scoring import COLUMNS, PairsFile, score_rows
from training_bridge.selectors import model_find
from webapp.common.errors import DomainError
from webapp.common.models import Corpus
from webapp.shell.watching import Meter, report_place

NAMED = 20


class Command(BaseCommand):
    help = "Score query,product_id pairs. Queries may be new; unknown products are named, counted, and kept ungraded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True)
        parser.add_argument("--pairs", required=True, help="CSV with the columns query,product_id")
        parser.add_argument("--out", required=True)
        parser.add_argument("--model", default="champion", help="an alias or a version's number")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError(
                f"There is no corpus {options['corpus']}: import one first, with import_corpus."
            )
        report_place(options["out"])
        try:
            rows = PairsFile(Path(options["pairs"])).rows()
            model = model_find(corpus, options["model"])
            scored, unknown = score_rows(corpus, rows, model, say=Meter(sys.stderr, "queries"))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        _write(Path(options["out"]), scored)
        for product in unknown[:NAMED]:
            self.stderr.write(f"unknown product: {product}")
        if len(unknown) > NAMED:
            self.stderr.write(f"... and {len(unknown) - NAMED} more")
        self.stdout.write(
            f"{len(scored)} pairs scored into {options['out']}; {len(unknown)} unknown products"
        )


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Whole or not at all."""
    rest = path.with_name(f".{path.name}.{os.getpid()}")
    with rest.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    rest.replace(path)
