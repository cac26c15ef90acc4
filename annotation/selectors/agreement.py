"""Agreement worked out at the moment of asking, over the newest answers: for programs that choose their own part."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from annotation.agreement import Agreement, agreement_of
from annotation.models import Campaign, Judgment
from annotation.selectors.judgments import effective_judgments
from webapp.common.models import Corpus, User

MOST = 60_000  # answers looked at on a page; the newest ones, and the page says so


@dataclass(frozen=True)
class AgreementReport:
    """Agreement with people's names; `truncated` where older answers were left out."""

    agreement: Agreement
    names: dict[int, str]
    truncated: bool


def agreement_for(
    corpus: Corpus, *, campaign: Campaign | None = None, origin: str = "", blind: bool | None = None
) -> AgreementReport:
    """Agreement over pairs that at least two people judged. Three queries, whatever the size."""
    rows = effective_judgments(corpus)
    if campaign is not None:
        rows = rows.filter(slot__campaign=campaign)
    if origin:
        rows = rows.filter(origin=origin)
    if blind is not None:
        rows = rows.filter(blind=blind)
    found = list(_shared(rows).order_by("-at").values_list("person_id", "pair_id", "grade")[: MOST + 1])
    grades: dict[Hashable, dict[Hashable, int]] = defaultdict(dict)
    for person, pair, grade in found[:MOST]:
        grades[person].setdefault(pair, int(grade or 0))  # newest first: a person's last word counts
    names = dict(
        User.objects.filter(pk__in=[int(str(pk)) for pk in grades]).values_list("pk", "display_name")
    )
    return AgreementReport(agreement_of(grades), names, len(found) > MOST)


def _shared(rows: "QuerySet[Judgment]") -> "QuerySet[Judgment]":
    others = Judgment.objects.filter(pair=OuterRef("pair"), superseded_by=None).exclude(grade=None)
    return rows.filter(Exists(others.exclude(person=OuterRef("person"))))
