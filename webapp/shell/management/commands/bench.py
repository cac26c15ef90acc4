"""`manage.py bench ROOM`: each room measures itself beside what it is measured against, in the same run."""

import importlib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

ROOMS = ("catalog", "rules", "annotation", "serving")


class Command(BaseCommand):
    help = "Measure a room and print the figures beside what they were measured against."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", choices=ROOMS)
        parser.add_argument(
            "--size", type=int, default=0, help="rows to measure with (the room's default when 0)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            benchmarks = importlib.import_module(f"{options['room']}.benchmarks")
        except ModuleNotFoundError as error:
            raise CommandError(f"{options['room']} has no benchmark") from error
        rows: list[dict[str, Any]] = benchmarks.run(options["size"])
        width = max(len(row["name"]) for row in rows)
        for row in rows:
            self.stdout.write(f"{row['name']:<{width}}  {row['figure']:>14}  {row.get('against', '')}")
