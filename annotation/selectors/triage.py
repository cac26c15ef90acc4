"""What people say of the rules: disagreements and flags, counted by rule and listed, for those who mend the rules."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, QuerySet

from annotation.models import Flag, Judgment, QualityFigure, Triage
from annotation.selectors.judgments import effective_judgments
from webapp.common.errors import NotFound
from webapp.common.models import Corpus

_STANDING = """
FROM annotation_judgment j {more} CROSS JOIN LATERAL jsonb_array_elements_text(j.rules_shown) AS shown(code)
WHERE j.corpus_id = %s AND j.grade IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM annotation_judgment later WHERE later.supersedes_id = j.id)
"""
SHOWN_SQL = f"SELECT shown.code, count(*) {_STANDING.format(more='')} GROUP BY shown.code"
AGAINST_SQL = f"""
SELECT shown.code, count(*) FILTER (WHERE j.disagreement = 'rule_wrong'),
       count(*) FILTER (WHERE j.disagreement = 'not_applicable'),
       count(*) FILTER (WHERE j.disagreement = 'item_wrong'), count(*) FILTER (WHERE j.disagreement = 'i_was_wrong'),
       count(*) FILTER (WHERE t.judgment_id IS NULL)
{_STANDING.format(more="LEFT JOIN annotation_triage t ON t.judgment_id = j.id")}
  AND j.disagreement <> '' GROUP BY shown.code
"""
# What a person's reason hints at; the editors decide.
LIKELY = {
    "rule_wrong": Triage.Fault.RULE,
    "not_applicable": Triage.Fault.ROUTING,
    "item_wrong": Triage.Fault.EXECUTION,
    "i_was_wrong": Triage.Fault.NONE,
}


@dataclass(frozen=True)
class RuleFeedback:
    """One rule: on how many answers' screens it was, how often people went against it, by their reason, and how many
    of those nobody has looked at."""

    code: str
    shown: int
    rule_wrong: int
    not_applicable: int
    item_wrong: int
    i_was_wrong: int
    undecided: int = 0

    @property
    def against(self) -> int:
        """Rule and routing errors; a fault in the item's data says nothing against the rule."""
        return self.rule_wrong + self.not_applicable


def rule_feedback(corpus: Corpus) -> list[RuleFeedback]:
    """Rules people disagree with most, first. How often each was shown is as of the last run of the figures of quality."""
    shown, against = rules_shown(corpus), dict[str, tuple[int, ...]]()
    with connection.cursor() as cursor:
        cursor.execute(AGAINST_SQL, [corpus.pk])
        against = {code: tuple(counts) for code, *counts in cursor.fetchall()}
    found = []
    for code in shown.keys() | against.keys():
        counts = against.get(code, (0,) * 5)
        found.append(RuleFeedback(code, max(shown.get(code, 0), sum(counts[:4])), *counts))
    return sorted(found, key=lambda rule: (-rule.rule_wrong, -rule.not_applicable, -rule.shown, rule.code))


def rules_shown(corpus: Corpus) -> dict[str, int]:
    """Rule code -> the standing answers on whose screen it was: stored, or counted where no run has stored it yet."""
    stored = QualityFigure.objects.filter(corpus=corpus, campaign=None, metric="shown")
    return dict(stored.values_list("key", "n")) or rules_shown_count(corpus)


def rules_shown_count(corpus: Corpus) -> dict[str, int]:
    """The same, over every judgment of the corpus: seconds for a million."""
    with connection.cursor() as cursor:
        cursor.execute(SHOWN_SQL, [corpus.pk])
        return dict(cursor.fetchall())


def disagreements(corpus: Corpus, *, rule: str = "", fault: str = "") -> QuerySet[Judgment]:
    """Standing answers that went against the rules, with what a list shows of them.

    `rule`: only those with that rule on the screen. `fault`: what the editors decided; "" for the undecided, "all".
    """
    rows = effective_judgments(corpus).exclude(disagreement="")
    if rule:
        rows = rows.filter(rules_shown__contains=[rule])
    if fault != "all":
        rows = rows.filter(triage__fault=fault) if fault else rows.filter(triage__isnull=True)
    return rows.select_related(
        "pair__query", "pair__item", "item_version", "person", "note", "release", "triage"
    )


def faults_of(corpus: Corpus) -> list[tuple[str, str, int]]:
    """(fault, its words, how many answers) of what the editors have decided."""
    counted = Triage.objects.filter(judgment__corpus=corpus).values_list("fault").annotate(n=Count("pk"))
    found = dict(counted)
    return [(value, str(words), found.get(value, 0)) for value, words in Triage.Fault.choices]


def flags_open(corpus: Corpus) -> QuerySet[Flag]:
    rows = Flag.objects.filter(corpus=corpus, resolved_at=None)
    return rows.select_related("pair__query", "pair__item__current", "person", "rule")


def flag_get_for(corpus: Corpus, pk: int) -> Flag:
    flag = Flag.objects.filter(corpus=corpus, pk=pk).select_related("pair").first()
    if flag is None:
        raise NotFound("There is no such flag in this corpus.")
    return flag
