"""How far people agree on pages and on which of two is better: alpha over subjects, each person with the others."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.agreement import Agreement, agreement_of
from annotation.models import Campaign, PagePreference, PageVerdict
from annotation.selectors.quality import Report

AGREEMENT = "agreement"


@dataclass(frozen=True)
class PageRater:
    """One person of a page campaign. `same` is the share of meetings with another's answer in which both said the same."""

    name: str
    answers: int
    seconds: float | None
    met: int
    same: float | None


@dataclass(frozen=True)
class PageAgreement:
    """`figures` are ordinal: Bad, Mid, Good; or worse, the same, better (much better counts as better)."""

    figures: Agreement
    people: list[PageRater]


def page_agreement(campaign: Campaign, kept: Report | None = None) -> PageAgreement:
    """Over the standing answers of a campaign over pages or pairs of pages: in one query, or read from what was kept."""
    if kept is not None:
        whole = Agreement(**kept.of(AGREEMENT, "overall")[0].detail)
        return PageAgreement(whole, [PageRater(**row.detail) for row in kept.of(AGREEMENT, "person")])
    said: dict[str, dict[int, int]] = defaultdict(dict)
    took: dict[str, list[float]] = defaultdict(list)
    names: dict[str, str] = {}
    for person, name, task, answer, seconds in _answers(campaign):
        key = str(person)
        names[key], said[key][task] = name, _level(campaign, answer)
        if seconds is not None:
            took[key].append(seconds)
    table: Any = said
    people = [_rater(key, names[key], said, took[key]) for key in sorted(said, key=lambda key: names[key])]
    return PageAgreement(agreement_of(table, by_two=False), people)


def _answers(campaign: Campaign) -> Any:
    model: Any = PagePreference if campaign.kind == Campaign.Kind.PAGE_PAIR else PageVerdict
    field = "preference" if model is PagePreference else "mark"
    rows = model.objects.filter(slot__campaign=campaign, superseded_by=None).exclude(**{field: None})
    return rows.values_list("person_id", "person__display_name", "slot__annotation_task_id", field, "seconds")


def _level(campaign: Campaign, answer: int) -> int:
    """1, 2 or 3, in order."""
    return answer if campaign.kind == Campaign.Kind.PAGE else max(-1, min(1, answer)) + 2


def _rater(key: str, name: str, said: Mapping[str, Mapping[int, int]], took: list[float]) -> PageRater:
    met = same = 0
    for other, answers in said.items():
        if other != key:
            shared = said[key].keys() & answers.keys()
            met += len(shared)
            same += sum(said[key][task] == answers[task] for task in shared)
    mean = sum(took) / len(took) if took else None
    return PageRater(name, len(said[key]), mean, met, same / met if met else None)
