"""Reasonings as rows: the same content about the same pair is one row, whoever sends it again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotation.models import Reasoning
from annotation.selectors.releases import dimensions_of
from catalog.models import ItemVersion, Pair
from relevance.grades import Grade
from relevance.reasoning import TEMPLATE_VERSION, Unparsable, parse
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import User


def reasonings_ensure(
    *,
    pair: Pair,
    contents: Sequence[Mapping[str, Any]],
    release: Release | None,
    person: User | None = None,
    item_version: ItemVersion | None = None,
) -> list[Reasoning]:
    """Rows for these contents, in their order; those that exist are reused.

    A content holds `steps` (name -> text), `grade` (1..4, "L2" or None for unparsable), `dimension`, `rules_cited`,
    `raw` (the whole text), `author_kind`, `author_name` and, where it is not today's, `template_version`.
    """
    rows = reasonings_draft(
        pair=pair, contents=contents, release=release, person=person, item_version=item_version
    )
    return reasonings_write(rows)


def reasonings_draft(
    *,
    pair: Pair,
    contents: Sequence[Mapping[str, Any]],
    release: Release | None,
    person: User | None = None,
    item_version: ItemVersion | None = None,
) -> list[Reasoning]:
    """The same, not written yet: for many pairs at once. Raises Invalid for what is no reasoning."""
    version = item_version or pair.item.current
    if version is None:
        raise Invalid("An item without a version cannot be reasoned about.", code="item_version")
    return [_row(pair, version, content, release, person) for content in contents]


def reasonings_write(drafts: Sequence[Reasoning]) -> list[Reasoning]:
    """The rows of drafts of any pairs, in their order. Two statements."""
    Reasoning.objects.bulk_create(drafts, ignore_conflicts=True)
    rows = Reasoning.objects.filter(
        pair__in={row.pair_id for row in drafts}, content_hash__in={row.content_hash for row in drafts}
    )
    found = {(row.pair_id, row.content_hash): row for row in rows}
    return [found[row.pair_id, row.content_hash] for row in drafts]


def reasoning_read(text: str, release: Release) -> dict[str, Any]:
    """A person's text as the content of a reasoning, read by the one parser there is; Invalid names what is wrong."""
    read = parse(text)
    if isinstance(read, Unparsable):
        raise Invalid(
            f"The better answer cannot be read: {read.reason}.", code="correction", extra={"text": text}
        )
    verdict = read.verdict
    assert verdict is not None  # the parser reads nothing without one
    if verdict.grade == Grade.L2 and not verdict.dimension:
        raise Invalid("The better answer says L2: name what conflicts, as in [L2-colour].", code="correction")
    if verdict.dimension and verdict.dimension not in dimensions_of(release):
        raise Invalid(f"“{verdict.dimension[:40]}” is no dimension of {release}.", code="correction")
    return {
        "steps": dict(read.steps), "grade": int(verdict.grade), "dimension": verdict.dimension,
        "rules_cited": list(read.rules_cited), "raw": text.strip(),
    }  # fmt: skip


def _row(
    pair: Pair, version: ItemVersion, content: Mapping[str, Any], release: Release | None, person: User | None
) -> Reasoning:
    steps = {str(name): str(text) for name, text in dict(content.get("steps") or {}).items()}
    raw = str(content.get("raw") or "") or "\n".join(f"{name}: {text}" for name, text in steps.items())
    if not raw.strip():
        raise Invalid("A reasoning needs a text.", code="reasoning")
    return Reasoning(
        corpus_id=pair.corpus_id,
        pair=pair,
        item_version=version,
        author_kind=content.get("author_kind") or Reasoning.Author.SYNTHESISER,
        author_name=str(content.get("author_name") or "")[:120],
        person=person,
        release=release,
        template_version=content.get("template_version") or TEMPLATE_VERSION,
        steps=steps,
        grade=grade_number(content.get("grade")),
        dimension=str(content.get("dimension") or ""),
        rules_cited=list(content.get("rules_cited") or []),
        raw=raw,
        content_hash=_hash(raw, steps, content),
    )


def _hash(raw: str, steps: Mapping[str, str], content: Mapping[str, Any]) -> str:
    verdict = [grade_number(content.get("grade")), content.get("dimension") or ""]
    return hashlib.sha256(json.dumps([raw, steps, verdict], sort_keys=True).encode()).hexdigest()


def grade_number(grade: Any) -> int | None:
    """1..4 from a number, a Grade, or its name ("L2"); None stays None (unparsable)."""
    if grade is None or grade == "":
        return None
    number = int(Grade.parse(grade) or 0) if isinstance(grade, str) and not grade.isdecimal() else int(grade)
    if not 1 <= number <= 4:
        raise Invalid("A grade is L1, L2, L3 or L4.", code="grade")
    return number
