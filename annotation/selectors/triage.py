"""What people say of the rules: disagreements and flags, counted by rule and listed, for those who mend the rules."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from annotation.models import Flag, Judgment
from annotation.selectors.judgments import effective_judgments
from webapp.common.errors import NotFound
from webapp.common.models import Corpus

BY_RULE_SQL = """
SELECT shown.code, count(*), count(*) FILTER (WHERE j.disagreement = 'rule_wrong'),
       count(*) FILTER (WHERE j.disagreement = 'not_applicable'),
       count(*) FILTER (WHERE j.disagreement = 'item_wrong'), count(*) FILTER (WHERE j.disagreement = 'i_was_wrong')
FROM annotation_judgment j CROSS JOIN LATERAL jsonb_array_elements_text(j.rules_shown) AS shown(code)
WHERE j.corpus_id = %s AND j.grade IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM annotation_judgment later WHERE later.supersedes_id = j.id)
GROUP BY shown.code ORDER BY 3 DESC, 4 DESC, 2 DESC, 1
"""


@dataclass(frozen=True)
class RuleFeedback:
    """One rule: on how many answers' screens it was, and how often people went against it, by their reason."""

    code: str
    shown: int
    rule_wrong: int
    not_applicable: int
    item_wrong: int
    i_was_wrong: int

    @property
    def against(self) -> int:
        """Rule and routing errors; a fault in the item's data says nothing against the rule."""
        return self.rule_wrong + self.not_applicable


def rule_feedback(corpus: Corpus) -> list[RuleFeedback]:
    """Rules people disagree with most, first."""
    with connection.cursor() as cursor:
        cursor.execute(BY_RULE_SQL, [corpus.pk])
        return [RuleFeedback(*row) for row in cursor.fetchall()]


def disagreements(corpus: Corpus) -> QuerySet[Judgment]:
    """Standing answers that went against the rules, with what a list shows of them."""
    rows = effective_judgments(corpus).exclude(disagreement="")
    return rows.select_related("pair__query", "item_version", "person", "note", "release")


def flags_open(corpus: Corpus) -> QuerySet[Flag]:
    rows = Flag.objects.filter(corpus=corpus, resolved_at=None)
    return rows.select_related("pair__query", "pair__item__current", "person", "rule")


def flag_get_for(corpus: Corpus, pk: int) -> Flag:
    flag = Flag.objects.filter(corpus=corpus, pk=pk).select_related("pair").first()
    if flag is None:
        raise NotFound("There is no such flag in this corpus.")
    return flag
