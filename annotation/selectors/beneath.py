"""What stands for a pair without the answers of one task: what another task's people, an adjudicator, an import say."""

from collections import defaultdict
from collections.abc import Sequence

from annotation.consensus import METHOD, Opinion, consensus_of
from annotation.models import AnnotationTask
from catalog.models import SettledVerdict
from catalog.services import NewVerdict
from webapp.common.statements import Row, fetch

# One row a word: an answer of another task that is complete and settles verdicts (gold does not), an adjudication, what
# imported raters say, and an import's own verdict.
WORDS_SQL = """
SELECT judgment.pair_id, CASE WHEN slot.id IS NULL THEN 'raters' ELSE 'consensus' END AS source,
    slot.annotation_task_id AS task, judgment.item_version_id, judgment.grade, judgment.dimension, '' AS method,
    judgment.picture_decided, judgment.blind, judgment.at
FROM annotation_judgment judgment
LEFT JOIN annotation_slot slot ON slot.id = judgment.slot_id
LEFT JOIN annotation_annotationtask task ON task.id = slot.annotation_task_id
WHERE judgment.pair_id = ANY(%(pairs)s) AND judgment.grade IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id)
    AND CASE WHEN slot.id IS NULL THEN judgment.origin = 'import' AND judgment.page_id IS NULL
        ELSE task.id <> %(without)s AND task.outcome IN ('agreed', 'adjudicated') AND NOT task.is_gold
            AND NOT EXISTS (SELECT 1 FROM annotation_slot awaited
                            WHERE awaited.annotation_task_id = task.id AND awaited.state <> 'done')
            AND (task.page_id IS NULL
                 OR NOT EXISTS (SELECT 1 FROM annotation_gold gold WHERE gold.pair_id = judgment.pair_id)) END
UNION ALL
SELECT pair_id, 'adjudication', NULL, item_version_id, grade, dimension, 'adjudication', picture_decided, false, at
FROM annotation_adjudication WHERE pair_id = ANY(%(pairs)s)
UNION ALL
SELECT pair_id, 'import', NULL, item_version_id, grade, dimension, method, picture_decided, blind, at
FROM catalog_importedverdict WHERE pair_id = ANY(%(pairs)s)
ORDER BY at
"""


def verdicts_beneath(pairs: Sequence[int], *, without: AnnotationTask) -> dict[int, NewVerdict]:
    """pair -> the verdict that stands there once the answers of `without` count no more; pairs without one are left out.

    People's word comes in the order it was given, and ranks as it does when it is settled: above an import, and an
    adjudication above a consensus over the same item version.
    """
    words: dict[int, list[Row]] = defaultdict(list)
    for row in fetch(WORDS_SQL, {"pairs": list(pairs), "without": without.pk}):
        words[row["pair_id"]].append(row)
    found = {pair: _standing(said) for pair, said in words.items()}
    return {pair: verdict for pair, verdict in found.items() if verdict is not None}


def _standing(words: Sequence[Row]) -> NewVerdict | None:
    best, spoken = _imported(words), [word for word in words if word["source"] == "adjudication"]
    given: dict[int, list[Row]] = defaultdict(list)
    for word in words:
        if word["source"] == "consensus":
            given[word["task"]].append(word)
    told = [(row["at"], _verdict(row)) for row in spoken]
    told += [(said[-1]["at"], agreed) for said in given.values() if (agreed := _agreed(said)) is not None]
    for _, verdict in sorted(told, key=lambda each: each[0]):
        outranked = best is not None and best["source"] == SettledVerdict.Source.ADJUDICATION
        same_version = best is not None and best["item_version"] == verdict["item_version"]
        if not (verdict["source"] == SettledVerdict.Source.CONSENSUS and outranked and same_version):
            best = verdict
    return best


def _imported(words: Sequence[Row]) -> NewVerdict | None:
    """An import's own verdict, or what most of its raters say: it may have come before its verdicts were kept."""
    for word in words:
        if word["source"] == "import":
            return _verdict(word)
    raters = [word for word in words if word["source"] == "raters"]
    agreed = _agreed(raters) if raters else None
    if agreed is not None:
        agreed["source"], agreed["method"] = str(SettledVerdict.Source.IMPORT), f"{agreed['method']} raters"
    return agreed


def _agreed(said: Sequence[Row]) -> NewVerdict | None:
    opinions = [Opinion(row["grade"], row["dimension"], row["picture_decided"], row["blind"]) for row in said]
    consensus = consensus_of(opinions)
    if consensus.grade is None:
        return None
    return {
        "pair": said[-1]["pair_id"], "item_version": said[-1]["item_version_id"], "grade": consensus.grade,
        "dimension": consensus.dimension, "source": str(SettledVerdict.Source.CONSENSUS),
        "method": f"{METHOD} of {consensus.total}", "picture_decided": consensus.picture_decided,
        "blind": consensus.blind,
    }  # fmt: skip


def _verdict(row: Row) -> NewVerdict:
    return {
        "pair": row["pair_id"], "item_version": row["item_version_id"], "grade": row["grade"],
        "dimension": row["dimension"], "source": row["source"], "method": row["method"],
        "picture_decided": row["picture_decided"], "blind": row["blind"],
    }  # fmt: skip
