"""What each person did: how much, how fast, how right on gold, how long without changing her grade, how she skips."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from annotation.figures.answers import AGAINST, IMPORTED, Answers
from annotation.figures.resampling import LEVELS, wilson
from annotation.figures.rows import Figure
from annotation.models import Campaign, Skip
from webapp.common.models import Corpus

Names = Mapping[int, str]
LATELY = 100  # a person's newest answers, that alarms look at


def person_figures(answers: Answers, names: Names, skips: Mapping[int, int]) -> Iterator[Figure]:
    """One row per person: her answers counted, with what alarms and her review page need in `detail`."""
    order = np.lexsort((answers.at, answers.person))
    ends = np.searchsorted(answers.person[order], np.arange(len(answers.people) + 1))
    others = _others_share(answers)
    for at, pk in enumerate(answers.people.tolist()):
        mine = order[ends[at] : ends[at + 1]]
        detail = _pace(answers, mine) | _lately(answers, mine, others) | {"skip_streak": skips.get(pk, 0)}
        detail["grades"] = np.bincount(answers.grade[mine], minlength=LEVELS + 1)[1:].tolist()
        detail["against"] = int((answers.flags[mine] & AGAINST > 0).sum())
        detail["imported"] = bool((answers.flags[mine] & IMPORTED > 0).all())
        yield Figure(
            "answers", "person", str(pk), names.get(pk, "?"), len(mine), float(len(mine)), detail=detail
        )
        golden = mine[answers.gold[mine] > 0]
        if len(golden):
            right = int((answers.grade[golden] == answers.gold[golden]).sum())
            low, high = wilson(right, len(golden))
            n, label = len(golden), names.get(pk, "?")
            yield Figure("gold", "person", str(pk), label, n, right / n, low, high, {"right": right})


def _pace(answers: Answers, mine: np.ndarray) -> dict[str, object]:
    """Median seconds and the share under three; an answer whose time is unknown is left out."""
    seconds = answers.seconds[mine]
    timed = seconds[seconds >= 0]
    if not len(timed):
        return {"median": None, "timed": 0, "fast": None}
    return {"median": float(np.median(timed)), "timed": len(timed), "fast": float((timed < 3).mean())}


def _lately(answers: Answers, mine: np.ndarray, others: np.ndarray) -> dict[str, object]:
    """Of her newest answers: the commonest grade's share, and how common the others find it on the same pairs."""
    newest = mine[-LATELY:]
    counts = np.bincount(answers.grade[newest], minlength=LEVELS + 1)[1:]
    top = int(counts.argmax())
    timed = answers.seconds[newest]
    timed = timed[timed >= 0]
    judged = others[answers.pair[newest]]
    judged = judged - np.eye(LEVELS)[answers.grade[newest] - 1]  # the others alone
    said = judged.sum()
    return {
        "lately": len(newest), "top_grade": top + 1, "top_share": float(counts[top] / len(newest)),
        "others_share": float(judged[:, top].sum() / said) if said else None,
        "median_lately": float(np.median(timed)) if len(timed) else None, "timed_lately": len(timed),
    }  # fmt: skip


def _others_share(answers: Answers) -> np.ndarray:
    """Grade counts of every pair (pairs, 4)."""
    counts = np.zeros((len(answers.pairs), LEVELS))
    np.add.at(counts, (answers.pair, answers.grade - 1), 1.0)
    return counts


@dataclass(frozen=True)
class Turn:
    """One thing a person did, in time: an answer or a skip."""

    person: int
    at: float
    skipped: bool


def skip_streaks(corpus: Corpus, campaign: Campaign | None, answers: Answers) -> dict[int, int]:
    """person -> her longest run of skips with no answer between, among the newest hundred things she did."""
    rows = Skip.objects.filter(annotation_task__campaign__corpus=corpus)
    if campaign is not None:
        rows = rows.filter(annotation_task__campaign=campaign)
    turns: dict[int, list[Turn]] = {}
    for person, at in rows.order_by("-pk").values_list("person_id", "at")[:100_000]:
        turns.setdefault(person, []).append(Turn(person, at.timestamp(), True))
    places = {int(pk): at for at, pk in enumerate(answers.people)}
    for person, done in turns.items():
        if person in places:
            times = np.sort(answers.at[answers.person == places[person]])[-LATELY:]
            done.extend(Turn(person, float(at), False) for at in times)
    return {
        person: _longest(sorted(done, key=lambda turn: turn.at)[-LATELY:]) for person, done in turns.items()
    }


def _longest(turns: list[Turn]) -> int:
    longest = run = 0
    for turn in turns:
        run = run + 1 if turn.skipped else 0
        longest = max(longest, run)
    return longest
