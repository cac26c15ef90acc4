"""In which order releases were in force: what "before" and "after" mean, as a roll back brings an older number back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rules.models import Publication, Release

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
NEVER = 0  # the place of what was made under no publication: before the first
LAST = 2**62  # the place of what is not published yet: after all that was


class Span(NamedTuple):
    """What names `release` from `since` until before `until` was made under this publication."""

    release: int
    since: datetime
    until: datetime
    publication: int


class Course:
    """The publications of a corpus in order. A place in it is a publication's id; NEVER and LAST lie outside.

    An external guideline comes before everything, whenever it was in force: nothing that names it is ever overturned.
    """

    def __init__(
        self, publications: Iterable[tuple[int, int, datetime]], releases: Iterable[tuple[int, bool]]
    ) -> None:
        """`publications` are (id, release, at) in order of their ids, `releases` (id, external) of the corpus."""
        self.order: list[int] = []
        self.external: set[int] = set()
        self._of: dict[int, list[tuple[int, datetime]]] = {}
        for release, external in releases:
            self._of[release] = []
            if external:
                self.external.add(release)
        for pk, release, at in publications:
            self.order.append(pk)
            earlier = self._of.setdefault(release, [])
            # clocks of two machines may differ; the ids do not
            earlier.append((pk, max([at, *(when for _, when in earlier)])))

    def newest(self, release: int) -> int:
        """The place of a release by its newest publication; LAST where it has none."""
        found = self._of.get(release)
        return found[-1][0] if found else LAST

    def place(self, release: int, at: datetime) -> int:
        """Under which publication something that names `release` was made at `at`: the newest one of that release by
        then, else its first.
        """
        known = self._of.get(release)
        if release in self.external or not known:
            return NEVER
        return next((pk for pk, since in reversed(known) if since <= at), known[0][0])

    def spans(self, upto: int) -> list[Span]:
        """`place` as rows for a join, of releases that can be overturned, up to a place."""
        found = []
        for release, known in self._of.items():
            if release in self.external:
                continue
            ends = [since for _, since in known[1:]] + [END] * bool(known)
            found += [
                Span(release, since if at else BEGINNING, until, pk)
                for at, ((pk, since), until) in enumerate(zip(known, ends, strict=True))
            ]
            if not known:
                found.append(Span(release, BEGINNING, END, NEVER))
        return [span for span in found if span.publication <= upto]

    def upto(self, place: int) -> Sequence[int]:
        """The publications up to a place, in order."""
        return [pk for pk in self.order if pk <= place]


def course_of(corpus_id: int) -> Course:
    """The course of a corpus, in two queries."""
    publications = Publication.objects.filter(corpus=corpus_id).order_by("id")
    releases = Release.objects.filter(corpus=corpus_id)
    return Course(publications.values_list("id", "release_id", "at"), releases.values_list("id", "external"))
