"""The model beside the people: kappa of its suggestions with each answer given without sight of them, same release."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from annotation.figures.agreement import kappa, per_query
from annotation.figures.answers import SUGGESTED, Answers
from annotation.figures.resampling import LEVELS, interval
from annotation.figures.rows import Figure
from annotation.figures.slices import Slice
from annotation.models import Suggestion
from annotation.roles import JUDGES
from webapp.common.models import Corpus, Membership, Role

FEWEST = 10


def model_figures(
    corpus: Corpus, answers: Answers, slices: Iterable[Slice], names: Mapping[int, str]
) -> Iterator[Figure]:
    """By rule, dimension and overall, with each person and with each peer group: as one more rater, under the release the
    answer was given. A person's figure holds that of her peers, herself left out, in `detail`.
    """
    told, model = _told(corpus, answers)
    beside = (told > 0) & (answers.flags & SUGGESTED == 0)
    if not beside.any():
        return
    for part in slices:
        if part.kind in {"overall", "rule", "dimension"}:
            yield from _figure(answers, told, beside & part.keep, part.kind, part.key, part.label, model)
    groups = peer_groups(corpus, answers.people.tolist())
    group = np.array(groups)[answers.person]
    for label in sorted(set(groups)):
        yield from _figure(answers, told, beside & (group == label), "peers", label, label, model)
    for at, pk in enumerate(answers.people.tolist()):
        hers = answers.person == at
        for row in _figure(answers, told, beside & hers, "person", str(pk), names.get(pk, "?"), model):
            peers = list(_figure(answers, told, beside & (group == groups[at]) & ~hers, "", "", "", model))
            row.detail.update(group=groups[at], peers=peers[0].value if peers else None)
            yield row


def peer_groups(corpus: Corpus, people: Sequence[int]) -> list[str]:
    """Of each person the group she is compared with: the reviewers, the annotators, or those who judge as neither."""
    held: dict[int, set[str]] = {}
    rows = Membership.objects.filter(corpus=corpus, user__in=people, role__in=JUDGES)
    for person, role in rows.values_list("user_id", "role"):
        held.setdefault(person, set()).add(role)
    named = {pk: Role.REVIEWER if Role.REVIEWER in roles else Role.ANNOTATOR for pk, roles in held.items()}
    return [f"{Role(named[pk]).label}s".lower() if pk in named else "others" for pk in people]


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
