"""Which verdicts of people no longer hold, by what publications changed: for a few pairs, and for a whole corpus."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models.expressions import RawSQL

from rules.models import Release, VerdictChange
from rules.publications import Course, Span, course_of

# `Overturned.overturns` over all rows of a table at once: the newest change of each pair, beside what the rules said of it
# when the row was made (asked for only where it changed more than once since). {place} is `Course.place` of a row.
OVERTURNED_SQL = """
SELECT j.id FROM (
    SELECT DISTINCT ON (pair_id) pair_id, publication_id, after, lead(publication_id) OVER newest_first AS earlier
    FROM rules_verdictchange WHERE publication_id = ANY(%s)
    WINDOW newest_first AS (PARTITION BY pair_id ORDER BY publication_id DESC)
    ORDER BY pair_id, publication_id DESC
) last
JOIN {table} j ON j.pair_id = last.pair_id
CROSS JOIN LATERAL (SELECT {place} AS place) made
WHERE last.publication_id > made.place AND last.after <> '' AND substr(last.after, 3, 1) <> j.grade::text
AND (coalesce(last.earlier, 0) <= made.place OR last.after <> (
    SELECT first.before FROM rules_verdictchange first
    WHERE first.pair_id = j.pair_id AND first.publication_id > made.place ORDER BY first.publication_id LIMIT 1
))
"""


def overturned_ids(course: Course, upto: int, spans: Sequence[Span], table: str) -> RawSQL:
    """The ids of judgments, or of adjudications, that are overturned as of a place in the course, as a subquery."""
    # a CASE over a handful of numbers: of a join with as many rows the planner expects next to nothing
    whens = "".join(" WHEN j.release_id = %s AND j.at >= %s AND j.at < %s THEN %s::bigint" for _ in spans)
    place = f"CASE{whens} END" if spans else "NULL::bigint"
    sql = OVERTURNED_SQL.format(place=place, table=table)
    return RawSQL(sql, [list(course.upto(upto)), *(value for span in spans for value in span)])


class Overturned:
    """What publications changed on some pairs, up to the newest one of a release: which verdicts of people no longer hold.

    A verdict is held against the rules as they stand then, where they say another thing than when it was given: on a
    pair whose resolved verdict came back with a roll back, what people said under it stands again.
    """

    def __init__(self, pairs: Sequence[int], release: Release) -> None:
        self.course = course_of(release.corpus_id)
        self.upto = self.course.newest(release.pk)
        self._changes: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        rows = VerdictChange.objects.filter(pair__in=pairs, publication__in=self.course.upto(self.upto))
        columns = ("pair_id", "publication_id", "before", "after")
        for pair, *change in rows.order_by("publication_id").values_list(*columns):
            self._changes[pair].append((change[0], change[1], change[2]))

    def counts(self, pair: int, release: int, at: datetime, grade: int) -> bool:
        """Whether a verdict had been given by then, and holds."""
        return self.course.place(release, at) <= self.upto and not self.overturns(pair, release, at, grade)

    def overturns(self, pair: int, release: int, at: datetime, grade: int) -> bool:
        """Whether a verdict of this grade, given under `release` at `at`, no longer holds."""
        if release in self.course.external:
            return False
        place = self.course.place(release, at)
        later = [(before, after) for made, before, after in self._changes.get(pair, ()) if made > place]
        if not later or later[0][0] == later[-1][1] or not later[-1][1]:
            return False
        return later[-1][1][2] != str(
            grade
        )  # "[L2-colour]" and "[L2]" are one grade, and that is enough to agree
