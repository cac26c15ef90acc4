"""The model beside the people: kappa of its suggestions with each answer given without sight of them, same release."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from annotation.figures.agreement import kappa, per_query
from annotation.figures.answers import SUGGESTED, Answers
from annotation.figures.resampling import LEVELS, interval
from annotation.figures.rows import Figure
from annotation.figures.slices import Slice
from annotation.models import Suggestion
from webapp.common.models import Corpus

FEWEST = 10


def model_figures(
    corpus: Corpus, answers: Answers, slices: Iterable[Slice], names: Mapping[int, str]
) -> Iterator[Figure]:
    """By rule, dimension and overall, and with each person: as one more rater, under the release the answer was given."""
    told, model = _told(corpus, answers)
    beside = (told > 0) & (answers.flags & SUGGESTED == 0)
    if not beside.any():
        return
    for part in slices:
        if part.kind in {"overall", "rule", "dimension"}:
            yield from _figure(answers, told, beside & part.keep, part.kind, part.key, part.label, model)
    for at, pk in enumerate(answers.people.tolist()):
        mine = beside & (answers.person == at)
        yield from _figure(answers, told, mine, "person", str(pk), names.get(pk, "?"), model)


def _figure(
    answers: Answers, told: np.ndarray, keep: np.ndarray, kind: str, key: str, label: str, model: str
) -> Iterator[Figure]:
    places = np.flatnonzero(keep)
    if len(places) < FEWEST:
        return
    table = per_query(answers, places, (told[places] - 1) * LEVELS + answers.grade[places] - 1)
    low, high = interval(table, kappa=True)
    same = float((told[places] == answers.grade[places]).mean())
    yield Figure(
        "model",
        kind,
        key,
        label,
        len(places),
        kappa(table.sum(axis=0)),
        low,
        high,
        {"same": same, "model": model},
    )


def _told(corpus: Corpus, answers: Answers) -> tuple[np.ndarray, str]:
    """The newest model's grade for each answer's pair and release (answers,), 0 for none; and that model's name."""
    newest = (
        Suggestion.objects.filter(corpus=corpus).order_by("-pk").values_list("model_name", flat=True).first()
    )
    found = np.zeros(len(answers), np.int64)
    if newest is None or not len(answers):
        return found, ""
    rows = Suggestion.objects.filter(corpus=corpus, model_name=newest).order_by("pk")
    table = np.array(list(rows.values_list("pair_id", "release_id", "grade").iterator()), np.int64).reshape(
        -1, 3
    )
    pairs, releases = answers.pairs[answers.pair], answers.release
    step = int(max(table[:, 1].max(), releases.max())) + 1
    keys, wanted = table[:, 0] * step + table[:, 1], pairs * step + releases
    order = np.argsort(keys, kind="stable")
    place = np.clip(np.searchsorted(keys, wanted, side="right", sorter=order) - 1, 0, len(order) - 1)
    hit = keys[order[place]] == wanted
    found[hit] = table[order[place], 2][hit]
    return found, str(newest)
