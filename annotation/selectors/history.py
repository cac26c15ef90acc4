"""What one person has said, kind by kind: her own answers of every state, newest first."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import Campaign, Judgment, PagePreference, PageVerdict, Ranking
from annotation.selectors.judgments import history_of
from webapp.common.models import Corpus, User

# kind of campaign -> what its answers are called on the page
KINDS = {
    Campaign.Kind.PAIR: "Pairs",
    Campaign.Kind.RANKING: "Reasonings",
    Campaign.Kind.PAGE: "Pages",
    Campaign.Kind.PAGE_PAIR: "Side by side",
}
_MODELS: dict[str, tuple[Any, Q]] = {
    Campaign.Kind.PAIR: (Judgment, Q(grade=None)),
    Campaign.Kind.RANKING: (Ranking, Q(withdrawn=True)),
    Campaign.Kind.PAGE: (PageVerdict, Q(mark=None)),
    Campaign.Kind.PAGE_PAIR: (PagePreference, Q(preference=None)),
}


def answers_of(corpus: Corpus, person: User, kind: str) -> QuerySet[Any]:
    """Her answers of one kind with what a list shows of them. Grades given on a page stand among the pairs."""
    if kind == Campaign.Kind.PAIR:
        return history_of(corpus, person).select_related("slot__campaign", "page")
    query = "pair__query" if kind == Campaign.Kind.RANKING else "page__query"
    rows = _MODELS[kind][0].objects.filter(corpus=corpus, person=person)
    found: QuerySet[Any] = rows.select_related(query, "release", "superseded_by", "slot__campaign")
    return found


def newest_of(person: User, kind: str, campaigns: Iterable[int]) -> set[Any]:
    """Of each campaign the answer an undo would take back."""
    model, withdrawn = _MODELS[kind]
    rows = model.objects.filter(person=person, slot__campaign__in=set(campaigns), superseded_by=None)
    if kind == Campaign.Kind.PAIR:  # a grade on a page goes back with its page
        rows = rows.filter(page=None)
    standing = rows.exclude(withdrawn).order_by("slot__campaign_id", "-at")
    return set(standing.distinct("slot__campaign_id").values_list("pk", flat=True))


def kinds_answered(corpus: Corpus, person: User) -> list[str]:
    """The kinds she has answered anything of, in one query."""
    of = {
        f"has_{kind}": Exists(model.objects.filter(corpus=OuterRef("pk"), person=person))
        for kind, (model, _) in _MODELS.items()
    }
    row = Corpus.objects.filter(pk=corpus.pk).annotate(**of).values(*of).get()
    return [str(kind) for kind in KINDS if row[f"has_{kind}"]]


def side_chosen(row: PagePreference) -> str:
    """A choice in the words of the page she made it on: left and right as they stood for her."""
    if row.preference is None:
        return ""
    by = row.preference if row.left_page_id == row.page_id else -row.preference
    if by == 0:
        return "the same"
    return f"{'left' if by > 0 else 'right'} {'much ' if abs(by) > 1 else ''}better"
