"""One import from its folder to its finished row: usable from a job, a command and a test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from catalog.errors import ImportRefused
from catalog.importing.finishing import facets_refresh, lexicon_refresh, planner_tell, totals_refresh
from catalog.importing.formats import Format, format_find
from catalog.importing.items import items_read, photos_read
from catalog.importing.lexicons import lexicon_read
from catalog.importing.loading import Fence, Loader
from catalog.importing.pairs import PairReader, queries_implied, queries_read, rankings_read
from catalog.importing.rejections import Rejections
from catalog.importing.tables import Table, table_open
from catalog.models import ImportRun
from webapp.common.audit import audit_record
from webapp.common.blobs import blob_put
from webapp.common.events import event_publish
from webapp.common.models import User

Progress = Callable[[int, int, str], None]


def import_run(
    *, run: ImportRun, fence: Fence, progress: Progress, actor: User | None = None
) -> dict[str, Any]:
    """Load what `run` names into its corpus; returns the summary that the job keeps. Safe to run twice.

    `fence` opens each chunk's transaction, `progress(done, total, note)` is told rows (the total is estimated from
    bytes). Raises ImportRefused where the files tell nothing, or no row of them is good.
    """
    path = Path(run.path)
    format = format_find(path, run.format)
    with Rejections(Path(settings.LORE_HOME) / "imports") as rejections:
        session = Session(run, path, format, fence, progress, rejections)
        try:
            session.load()
            session.settle()
        finally:
            session.close()
        return session.finish(actor)


class Session:
    """The order of an import: items, queries, judged pairs, ratings, rankings, then the corpus as a whole."""

    def __init__(
        self,
        run: ImportRun,
        path: Path,
        format: Format,
        fence: Fence,
        progress: Progress,
        rejections: Rejections,
    ) -> None:
        self.run, self.format, self.fence, self.progress, self.rejections = (
            run,
            format,
            fence,
            progress,
            rejections,
        )
        self.folder = path if path.is_dir() else path.parent
        self.single = None if path.is_dir() else path
        self.items = self._present(format.items, every=True)
        self.queries = self._present(format.queries)
        self.judged = [table_open(path)] if self.single else self._present(format.judged)
        self.ratings = self._present(format.ratings)
        self.photos = self._present(format.images)
        self.lexicon = None if self.single else lexicon_read(self.folder, rejections)
        self.tables = [*self.items, *self.queries, *self.judged, *self.ratings, *self.photos]
        self.total = sum(table.size for table in self.tables)
        self.rows: dict[str, int] = {}
        method = f"import: {(run.corpus.source or format.name)[:70]}"
        self.loader = Loader(run.corpus, fence, rejections, self._tick, method)

    def close(self) -> None:
        if connection.connection is not None and not connection.connection.closed:
            self.loader.close()

    def _present(self, names: tuple[str, ...], *, every: bool = False) -> list[Table]:
        if self.single:
            return []
        found = [self.folder / name for name in names if (self.folder / name).is_file()]
        return [table_open(path) for path in (found if every else found[:1])]

    def _tick(self, what: str, rows: int) -> None:
        self.rows[what] = rows
        read, done = sum(table.read for table in self.tables), sum(self.rows.values())
        total = max(done, round(done * self.total / read)) if read else 0
        self.progress(done, total, f"{what}: {rows:,} rows")

    def load(self) -> None:
        for place, table in enumerate(self.items):
            self.loader.items(items_read(table, self.folder, self.rejections), table.name, again=place > 0)
        for table in self.photos:
            self.loader.items(photos_read(table, self.folder, self.rejections), table.name)
        for table in self.queries:
            self.loader.queries(queries_read(table, self.rejections), table.name)
        for table in self.judged:
            self._judged(table)
        for table in self.ratings:
            self._implied_queries(table)
            reader = PairReader(table, self.format.grades, self.rejections, rated=True)
            self.loader.ratings(reader.rows(), table.name)
        for name in self.format.rankings:
            if not self.single and (self.folder / name).is_file():
                self.loader.rankings(rankings_read(self.folder / name, self.rejections), name)

    def _judged(self, table: Table) -> None:
        columns = {column.casefold() for column in table.columns}
        if not self.items and columns & {"title", "product_title", "product_name"}:
            self.loader.items(
                items_read(table_open(table.path), self.folder, self.rejections), table.name, again=True
            )
        if self.single and not columns & {"query", "query_text", "query_id", "qid"}:
            return
        self._implied_queries(table)
        reader = PairReader(table, self.format.grades, self.rejections, rated=False)
        self.loader.judged(reader.rows(), table.name)

    def _implied_queries(self, table: Table) -> None:
        if {column.casefold() for column in table.columns} & {"query", "query_text"}:
            self.loader.queries(queries_implied(table_open(table.path)), table.name)

    def settle(self) -> None:
        taken = any(self.loader.accepted.get(name) for name in ("items", "queries", "judged", "ratings"))
        if not taken and not self.lexicon:
            raise ImportRefused(self._nothing())
        corpus = self.run.corpus
        planner_tell()
        totals_refresh(corpus, self.fence, majority=bool(self.ratings) and not self.judged)
        lexicon = lexicon_refresh(corpus, self.fence, self.lexicon)
        facets_refresh(corpus, lexicon, self.fence, self._tick)

    def _nothing(self) -> str:
        reasons = ", ".join(
            f"{reason} ({count})" for reason, count in self.rejections.by_reason.most_common(5)
        )
        return f"No row of {self.run.path} was good: {reasons or 'the files hold none'}."

    def finish(self, actor: User | None) -> dict[str, Any]:
        """Close the run, tell the rooms above, keep the rejected rows as a file."""
        path, rejected = self.rejections.close(), self.rejections.count
        summary = {
            "format": self.format.name, "accepted": self.loader.accepted, "rejected": rejected,
            "reasons": dict(self.rejections.by_reason), "notes": dict(self.rejections.notes),
        }  # fmt: skip
        with self.fence():
            blob = blob_put(path, "text/csv") if rejected else None
            ImportRun.objects.filter(pk=self.run.pk).update(
                format=self.format.name, accepted={**self.loader.accepted, **self.rejections.notes},
                rejected=rejected, rejected_blob=blob, finished_at=timezone.now(),
            )  # fmt: skip
            audit_record(
                actor=actor, corpus=self.run.corpus, action="import.finish", subject=self.run, data=summary
            )
            corpus = self.run.corpus
            event_publish(
                corpus=corpus,
                kind="import.finished",
                payload={
                    "import_run": self.run.pk, "format": self.format.name, "source": corpus.source or corpus.name,
                    "licence": corpus.licence, "grade_map": self.format.grade_map,
                },
            )  # fmt: skip
        return summary
