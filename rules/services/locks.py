"""Who may write a release now: one writer a corpus, and only in a state that allows it."""

from rules.models import Release
from webapp.common.errors import Conflict
from webapp.common.models import Corpus


def corpus_lock(corpus: Corpus) -> None:
    """One writer of releases a corpus at a time; rows that merely point at the corpus are not held up."""
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)


def release_locked(release: Release, *states: str) -> Release:
    found = Release.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=release.pk)
    if found.state not in states:
        raise Conflict(
            f"Release {found.number} is {found.get_state_display()}: that is not possible now.",
            code="wrong_state",
        )
    return found
