"""What a model must beat, on the same pairs: the majority class, word overlap with logistic regression, the rules alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from relevance.grades import Grade
from relevance.words import words

Row = Mapping[str, Any]


def majority(train: Sequence[Row], rows: Sequence[Row]) -> list[Grade | None]:
    """The commonest level of the training pairs, for every pair; L4 where there are none."""
    counts = Counter(Grade.parse(row["grade"]) for row in train)
    best = max(counts, key=lambda grade: (counts[grade], grade), default=Grade.L4)
    return [best] * len(rows)


def rules_alone(rows: Sequence[Row]) -> list[Grade | None]:
    """The rules' resolved grade; None where they abstain."""
    return [Grade.parse(row["rules_grade"]) if row.get("rules_grade") else None for row in rows]


def word_overlap(train: Sequence[Row], rows: Sequence[Row]) -> list[Grade | None]:
    """Logistic regression on overlap_features of each pair, fitted on the training pairs alone."""
    from sklearn.linear_model import LogisticRegression

    grades = [int(Grade.parse(row["grade"])) for row in train]
    if len(set(grades)) < 2:
        return majority(train, rows)
    fitted = LogisticRegression(max_iter=1000).fit([overlap_features(row) for row in train], grades)
    return [Grade(int(value)) for value in fitted.predict([overlap_features(row) for row in rows])]


def overlap_features(row: Row) -> list[float]:
    """Shares of the query's words in the title and in the whole text, and the Jaccard index with each."""
    asked, title, text = (set(words(str(row.get(name) or ""))) for name in ("query", "title", "text"))
    text |= title
    size = len(asked) or 1
    return [
        len(asked & title) / size,
        len(asked & text) / size,
        len(asked & title) / (len(asked | title) or 1),
        len(asked & text) / (len(asked | text) or 1),
    ]
