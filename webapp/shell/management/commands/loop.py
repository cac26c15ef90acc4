"""`manage.py loop --corpus NAME`: one turn of the loop, headless, through the same service, job and worker as the site."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training_bridge.models import Turn
from training_bridge.recipe import recipe_default, recipe_names
from training_bridge.selectors import turn_active, turn_done
from training_bridge.services import turn_start
from training_bridge.turns.table import report_table
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Job
from webapp.shell.watching import report_place

POLL_SECONDS = 1.0
EVERY = 4  # a line at every so many per cent of the turn


class Command(BaseCommand):
    help = "Run one turn of the loop and wait for its report. A turn that is already under way is followed instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True)
        parser.add_argument("--recipe", default="", help=f"one of: {', '.join(recipe_names())}")
        parser.add_argument("--report", default="", help="write the report as JSON to this file")
        parser.add_argument(
            "--once", action="store_true", help="where a turn has ended well before, give its report instead"
        )
        parser.add_argument("--no-wait", action="store_true", help="queue the turn and return")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError(
                f"There is no corpus {options['corpus']}: import one first, with import_corpus."
            )
        report_place(options["report"])
        turn = turn_done(corpus) if options["once"] else None
        if turn:
            self.stdout.write(
                f"turn {turn.pk} ended well before; Training starts another, or `manage.py loop`"
            )
        else:
            turn = self._turn(corpus, options["recipe"] or recipe_default(corpus))
        if options["no_wait"]:
            self.stdout.write(f"turn {turn.pk} is queued")
            return
        self._follow(turn)
        self._report(turn, options["report"])

    def _turn(self, corpus: Corpus, recipe: str) -> Turn:
        active = turn_active(corpus)
        if active is not None:
            self.stdout.write(f"turn {active.pk} ({active.recipe}) is under way: following it")
            return active
        try:
            turn = turn_start(corpus=corpus, actor=None, recipe=recipe, cause="command")
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"turn {turn.pk} ({recipe}) of {corpus.slug} is queued")
        return turn

    def _follow(self, turn: Turn) -> None:
        """Print a line at every new stage and every few per cent; raises CommandError when the turn does not end well."""
        said, started = ("", 0), time.monotonic()
        while True:
            job = Job.objects.get(pk=turn.job_id)
            note = job.progress_note.rsplit(":", 1)[0] if job.progress_note else job.state
            share = 100 * job.progress_done // job.progress_total if job.progress_total else 0
            if (note, share // EVERY) != said:
                said = note, share // EVERY
                self.stdout.write(
                    f"{time.monotonic() - started:6.0f} s {share:3d} %  {job.progress_note or job.state}"
                )
                self.stdout.flush()
            if job.is_finished:
                break
            time.sleep(POLL_SECONDS)
        if job.state != Job.State.DONE:
            raise CommandError(f"The turn ended as {job.state}. {job.error}".strip())

    def _report(self, turn: Turn, path: str) -> None:
        turn.refresh_from_db()
        self.stdout.write("\n" + report_table(turn.report))
        content = json.dumps(turn.report, indent=1, ensure_ascii=False)
        if path:
            Path(path).write_text(content + "\n", encoding="utf-8")
            self.stdout.write(f"report: {path}")
        else:
            self.stdout.write(json.dumps(turn.report, ensure_ascii=False))
