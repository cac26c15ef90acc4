"""Where a campaign's pairs come from: a choice in words becomes a queryset that `campaign_create` takes whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import BooleanField, Count, Exists, F, FloatField, IntegerField, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import Gold
from annotation.selectors.judgments import stale_pairs
from annotation.selectors.releases import release_in_force
from catalog.keys import query_key
from catalog.models import ItemVersion, Pair, Query, Stratum
from rules.corpus_table import corpus_table
from rules.selectors import release_current, rulebook_for
from webapp.common.errors import Invalid, NotFound
from webapp.common.models import Corpus

# The newest verdict a model gave on a pair: how unsure it was, and which grade it was.
UNSURE_SQL = """(SELECT 1 - (told.probabilities ->> (told.grade - 1))::float FROM annotation_suggestion told
    WHERE told.pair_id = catalog_pair.id ORDER BY told.id DESC LIMIT 1)"""
SUGGESTED_SQL = """(SELECT told.grade FROM annotation_suggestion told
    WHERE told.pair_id = catalog_pair.id ORDER BY told.id DESC LIMIT 1)"""
PREVIEWED = 5
SURE = 0.9  # from which a consensus is called sure, as a campaign's own default has it


@dataclass(frozen=True)
class PairChoice:
    """Which pairs a campaign is about. `which` is one of WHICH, or "pairs" where ids are given instead."""

    which: str = "unsettled"
    queries: Sequence[str] = ()
    stratum: str = ""
    limit: int = 0
    department: str = ""
    rule: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "queries": list(self.queries)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PairChoice":
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__ if name in stored})


WHICH = {
    "unsettled": "pairs without a settled verdict",
    "all": "all pairs",
    "queries": "pairs of these queries",
    "stratum": "pairs of one traffic stratum",
    "department": "pairs of one department",
    "uncertain": "pairs the model is least sure of",
    "disagreement": "pairs where the model and the settled verdict differ",
    "split": "pairs whose people leave the verdict unsure",
    "rule": "pairs on which one rule fires",
    "stale": "pairs whose answers the release in force overturned, not yet settled anew",
}


@dataclass(frozen=True)
class FurtherSource:
    """A way to choose pairs that a room above knows. `pairs` reads; `prepare` first makes the rows a campaign needs."""

    title: str
    pairs: Callable[[Corpus], QuerySet[Pair]]
    prepare: Callable[[Corpus], None]


FURTHER: dict[str, FurtherSource] = {}


def source_register(code: str, source: FurtherSource) -> None:
    """Offer a further source on the campaign form; a room above calls it in its `AppConfig.ready`."""
    FURTHER[code] = source


def sources_offered() -> dict[str, str]:
    """Every way to choose pairs, this room's and those of the rooms above: code -> words."""
    return WHICH | {code: source.title for code, source in FURTHER.items()}


def choice_said(choice: PairChoice) -> str:
    """A choice in words, as "pairs on which one rule fires: R03, at most 200"; "" for one that no form offers."""
    narrowed = {
        "queries": ", ".join(choice.queries[:3]) + (", …" if len(choice.queries) > 3 else ""),
        "stratum": choice.stratum, "department": choice.department, "rule": choice.rule,
    }.get(choice.which, "")  # fmt: skip
    title = sources_offered().get(choice.which, "")
    most = f", at most {choice.limit:,}" if choice.limit else ""
    return f"{title}{': ' if narrowed else ''}{narrowed}{most}" if title else ""


def choice_prepare(corpus: Corpus, choice: PairChoice) -> None:
    """Before a campaign is made of a choice: the pairs it speaks of become rows."""
    if choice.which in FURTHER:
        FURTHER[choice.which].prepare(corpus)


def pairs_chosen(corpus: Corpus, choice: PairChoice) -> QuerySet[Pair]:
    """The pairs of a choice, one query's together; where a model was asked, those it is least sure of first."""
    rows = Pair.objects.filter(corpus=corpus, item__deleted_at=None)
    narrowed = {
        "unsettled": lambda: rows.filter(settled__isnull=True),
        "all": lambda: rows,
        "queries": lambda: rows.filter(query__in=_queries(corpus, choice.queries)),
        "stratum": lambda: _of_stratum(rows, choice.stratum),
        "department": lambda: _of_department(rows, choice.department),
        "uncertain": lambda: _uncertain(rows),
        "disagreement": lambda: _disagreement(rows),
        "split": lambda: rows.filter(belief__certainty__lt=SURE).order_by("belief__certainty", "pk"),
        "rule": lambda: rows.filter(_one_of(rule_pairs(corpus, choice.rule))),
        "stale": lambda: _stale(corpus, rows),
    }
    if choice.which in FURTHER:
        found = FURTHER[choice.which].pairs(corpus).filter(item__deleted_at=None)
    elif choice.which in narrowed:
        found = narrowed[choice.which]()
    else:
        raise Invalid("That is no way to choose pairs.", code="which")
    found = found if found.query.order_by else found.order_by("query_id", "pk")
    return found[: choice.limit] if choice.limit else found


def _queries(corpus: Corpus, texts: Sequence[str]) -> QuerySet[Query]:
    keys = [query_key(text) for text in texts if text.strip()]
    if not keys:
        raise Invalid("Name at least one query.", code="queries")
    return Query.objects.filter(corpus=corpus, key__in=keys)


def _of_stratum(rows: QuerySet[Pair], stratum: str) -> QuerySet[Pair]:
    if stratum not in Stratum.values:
        raise Invalid("Choose a traffic stratum: head, torso or tail.", code="stratum")
    return rows.filter(query__traffic__stratum=stratum)


def _of_department(rows: QuerySet[Pair], department: str) -> QuerySet[Pair]:
    if not department:
        raise Invalid("Choose a department.", code="department")
    return rows.filter(item__current__category=department)


def _uncertain(rows: QuerySet[Pair]) -> QuerySet[Pair]:
    """Least sure first: the model's own probability of the grade it gave."""
    unsure = rows.annotate(unsure=RawSQL(UNSURE_SQL, (), output_field=FloatField()))
    return unsure.filter(unsure__isnull=False).order_by(F("unsure").desc(), "pk")


def _disagreement(rows: QuerySet[Pair]) -> QuerySet[Pair]:
    """The model says one grade and the settled verdict another; where it is surest first, for there one of both errs."""
    told = rows.annotate(
        told=RawSQL(SUGGESTED_SQL, (), output_field=IntegerField()),
        unsure=RawSQL(UNSURE_SQL, (), output_field=FloatField()),
    )
    differ = told.filter(told__isnull=False, settled__isnull=False).exclude(told=F("settled__grade"))
    return differ.order_by(F("unsure").asc(nulls_last=True), "pk")


def _stale(corpus: Corpus, rows: QuerySet[Pair]) -> QuerySet[Pair]:
    """Gold first: what people are measured against must not stand under a rule that is no more."""
    stale = stale_pairs(corpus, release_in_force(corpus))
    gold = Exists(Gold.objects.filter(pair=OuterRef("pk")))
    return rows.filter(pk__in=stale.values("pk")).annotate(gold_pair=gold).order_by("-gold_pair", "pk")


def rule_pairs(corpus: Corpus, code: str) -> list[int]:
    """Ids of the pairs on which a rule of the release in force fires. Reads the corpus's table, not its rows."""
    release = release_current(corpus)
    if release is None:
        raise NotFound("No rulebook release is in force, so no rule fires.")
    rulebook = rulebook_for(release)
    if code not in rulebook.by_code:
        raise Invalid(f"{release} holds no rule {code[:20] or '(none named)'}.", code="rule")
    table = corpus_table(corpus)
    fired = table.evaluate(rulebook).fired[code]
    return [int(pk) for pk in table.pair_ids[fired.rows]]


def _one_of(ids: Sequence[int]) -> RawSQL:
    return RawSQL("catalog_pair.id = ANY(%s)", (list(ids),), output_field=BooleanField())


def departments_of(corpus: Corpus, most: int = 200) -> list[tuple[str, int]]:
    """(department, items) by size: the items' own categories."""
    rows = ItemVersion.objects.filter(item__corpus=corpus, item__current=F("pk")).exclude(category="")
    return list(rows.values_list("category").annotate(n=Count("pk")).order_by("-n", "category")[:most])


@dataclass(frozen=True)
class Preview:
    """What a choice comes to before a campaign is made of it."""

    pairs: int
    settled: int
    gold: int
    gold_wanted: int
    answers: int
    answers_most: int
    sample: Sequence[tuple[int, str, str]]


def _counted(found: QuerySet[Pair]) -> tuple[int, int, int]:
    """(pairs, settled ones, gold ones) of a choice, which may be cut off at its limit.

    Joined inside it: `pk__in=found` would give its table another name than the one its own SQL speaks of.
    """
    rows = found if found.query.is_sliced else found.order_by()
    told = rows.annotate(held_settled=F("settled__grade"), held_gold=F("gold__grade"))
    counts = told.aggregate(n=Count("pk"), settled=Count("held_settled"), gold=Count("held_gold"))
    return counts["n"], counts["settled"], counts["gold"]


def campaign_preview(
    corpus: Corpus,
    choice: PairChoice,
    *,
    redundancy: int = 1,
    redundancy_most: int = 0,
    gold_share: float = 0.0,
) -> Preview:
    """Counts in three queries. `gold_wanted` is what the gold share asks for beyond the gold that is in already."""
    found = pairs_chosen(corpus, choice)
    pairs, settled, gold_in = _counted(found)
    gold = Gold.objects.filter(pair__corpus=corpus).count()
    wanted = round((gold_share * pairs - gold_in) / (1 - gold_share)) if 0 < gold_share < 1 else 0
    added = max(0, min(wanted, gold - gold_in))
    sample = found.values_list("pk", "query__text", "item__current__title")[:PREVIEWED]
    return Preview(
        pairs, settled, gold, max(0, wanted), (pairs + added) * redundancy,
        (pairs + added) * max(redundancy, redundancy_most), list(sample),
    )  # fmt: skip
