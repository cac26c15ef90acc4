"""What a rulebook is worth: every rule's figures, and the resolved verdict beside what costs nothing.

Rules are read by people who look at some queries; they are measured on the others. The division is that of the snapshots
(`relevance.splits`): word overlap is fitted on the training queries, and everything is compared on the rest.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from catalog.models import Query
from relevance.grades import Grade
from relevance.metrics import METRICS, bootstrap_over_queries, report
from relevance.splits import split_assign, split_seed
from rules.accuracy import confusion, figures_of
from rules.corpus_table import CorpusTable, corpus_table, settled_grades
from rules.models import Release
from rules.selectors import rulebook_for
from training_bridge.snapshots.truth import truths
from training_bridge.trainer import baselines
from webapp.common.models import Corpus

Row: TypeAlias = dict[str, Any]
Grades: TypeAlias = list[Grade | None]
HELD_OUT = ("dev", "test")


def rules_report(corpus: Corpus, release: Release, *, seed: str = "") -> dict[str, Any]:
    """Figures of a release's rules over the corpus: {"split", "rules", "verdict", "spoken", "excluded", ...}."""
    excluded: Counter[str] = Counter()
    rows = [_row(truth) for truth in truths(corpus, release, excluded)]
    name = seed or split_seed(corpus.slug)
    parts = split_assign(name, (row["key"] for row in rows))
    train = [row for row in rows if parts[row["key"]] == "train"]
    held = [row for row in rows if parts[row["key"]] in HELD_OUT]
    predicted = _predictions(train, held)
    spoken = [at for at, grade in enumerate(predicted["rules"]) if grade is not None]
    return {
        "corpus": corpus.slug,
        "release": release.number,
        "split": {
            "seed": name,
            "train": _size(train),
            "held_out": _size(held),
        },
        "excluded": dict(excluded),
        "rules": _rules(corpus, release, parts),
        "verdict": _subjects(held, predicted),
        "spoken": _subjects(
            [held[at] for at in spoken], {n: [p[at] for at in spoken] for n, p in predicted.items()}
        ),
        "against_overlap": _differences(held, predicted),
        "confusion": confusion([row["truth"] for row in held], predicted["rules"]),
    }


def _size(rows: Sequence[Row]) -> dict[str, int]:
    return {"queries": len({row["query_id"] for row in rows}), "pairs": len(rows)}


def _row(truth: Any) -> Row:
    facts = truth.facts
    values = [facts.attribute(name) for name in facts.attributes]
    return {
        "key": truth.query_key,
        "query_id": str(truth.query_id),
        "query": facts.query_text,
        "title": facts.title,
        "text": " ".join([facts.title, *values])[:2000],
        "grade": truth.verdict.grade.name,
        "truth": truth.verdict.grade,
        "rules_grade": truth.resolution.grade.name if truth.resolution.grade else None,
        "capability": truth.capability,
    }


def _predictions(train: Sequence[Row], held: Sequence[Row]) -> dict[str, Grades]:
    overlap = baselines.word_overlap(train, held)
    rules = baselines.rules_alone(held)
    return {
        "rules": rules,
        "word overlap": overlap,
        "majority": baselines.majority(train, held),
        "rules, else word overlap": [mine or theirs for mine, theirs in zip(rules, overlap, strict=True)],
    }


def _subjects(rows: Sequence[Row], predicted: Mapping[str, Grades]) -> dict[str, Any]:
    """Each predictor's figures on the same rows; where there are none, no figure."""
    if not rows:
        return {}
    return {
        name: report([{**row, "predicted": grade} for row, grade in zip(rows, grades, strict=True)])
        for name, grades in predicted.items()
    }


def _differences(rows: Sequence[Row], predicted: Mapping[str, Grades]) -> dict[str, Any]:
    """Rules minus word overlap on the same pairs, with the interval of the difference over queries."""
    both = list(zip(predicted["rules"], predicted["word overlap"], strict=True))
    joined = [{**row, "predicted": pair} for row, pair in zip(rows, both, strict=True)]
    found = {}
    for name, metric in METRICS.items():
        apart = _apart(metric)
        value = apart([row["truth"] for row in rows], both) if rows else 0.0
        found[name] = {"value": value, "interval": list(bootstrap_over_queries(joined, apart))}
    return found


def _apart(metric: Callable[..., float]) -> Callable[..., float]:
    def apart(truth: Sequence[Grade], both: Sequence[Any]) -> float:
        return metric(truth, [mine for mine, _ in both]) - metric(truth, [theirs for _, theirs in both])

    return apart


def _rules(corpus: Corpus, release: Release, parts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Per rule: over all pairs, and over the settled pairs of held-out and of training queries alone."""
    table = corpus_table(corpus)
    rulebook = rulebook_for(release)
    fired = table.evaluate(rulebook).fired
    settled = settled_grades(corpus, table)
    part = _parts_of_pairs(corpus, table, parts)
    every = figures_of(rulebook, fired, settled, table.query_rows)
    held = figures_of(rulebook, fired, settled, table.query_rows, np.isin(part, HELD_OUT))
    train = figures_of(rulebook, fired, settled, table.query_rows, part == "train")
    return [
        {
            "title": rulebook.by_code[whole.code].title,
            **asdict(whole),
            "held_out": asdict(apart),
            "train": asdict(seen),
        }
        for whole, apart, seen in zip(every, held, train, strict=True)
    ]


def _parts_of_pairs(corpus: Corpus, table: CorpusTable, parts: Mapping[str, str]) -> Any:
    """The part (pairs,) that each pair's query belongs to, '' for a query that nobody has judged."""
    keys = Query.objects.filter(corpus=corpus).order_by("id").values_list("key", flat=True)
    names = np.array([parts.get(key, "") for key in keys[: table.queries.num_rows]], dtype="U8")
    return names[table.query_rows] if len(names) else np.zeros(len(table), "U8")
