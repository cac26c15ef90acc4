"""Reads of this room: rules with their statistics, releases, and compiled rulebooks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Prefetch, QuerySet

from catalog.models import Pair
from relevance.grades import Grade
from relevance.prompt import RuleLine
from rules.engine import Resolution, Rulebook, compile_rulebook
from rules.levels import LEVELS, default_dimensions
from rules.models import Publication, Release, ReleaseEntry, Rule, RuleExample, RuleVersion
from rules.newest_tables import definitions_newest, tables_newest, tables_over, versions_newest
from rules.search import rules_with
from rules.tables import tables_diff
from webapp.common.errors import NotFound
from webapp.common.models import Corpus

LARGE = 100_000  # pairs past which a comparison is a job, not something a page waits for
EXAMPLES = Prefetch("examples", RuleExample.objects.order_by("id"))


def release_current(corpus: Corpus) -> Release | None:
    """The release in force: that of the newest publication."""
    row = Publication.objects.filter(corpus=corpus).select_related("release").order_by("-id").first()
    return row.release if row else None


def corpus_is_large(corpus: Corpus) -> bool:
    """Whether there are more pairs than an answer should wait for; counts no further than that."""
    return Pair.objects.filter(corpus=corpus)[LARGE : LARGE + 1].exists()


def release_get(corpus: Corpus, number: int) -> Release:
    """One release of the corpus. Raises NotFound."""
    release = (
        Release.objects.filter(corpus=corpus, number=number).select_related("author", "signed_off_by").first()
    )
    if release is None:
        raise NotFound(f"There is no release {number}.")
    return release


def rule_get(corpus: Corpus, code: str) -> Rule:
    """One rule of the corpus with its newest version. Raises NotFound."""
    rule = Rule.objects.filter(corpus=corpus, code=code).select_related("latest__author").first()
    if rule is None or rule.latest is None:
        raise NotFound(f"There is no rule {code}.")
    return rule


def latest_of(rule: Rule) -> RuleVersion:
    """The newest version of a rule; every rule has one."""
    if rule.latest is None:
        raise NotFound(f"The rule {rule.code} has no version.")
    return rule.latest


def version_form(version: RuleVersion) -> dict[str, Any]:
    """A version in the rule's JSON form (see rules.form); reads prefetched examples where there are some."""
    return {
        "code": version.rule.code,
        "title": version.title,
        "principle": version.principle,
        "dimension": version.dimension,
        "capability": version.capability,
        "scope": version.scope,
        "ladder": [
            {key: step.get(key, "") for key in ("when", "grade", "dimension", "reason")}
            for step in version.ladder
        ],
        "evidence_order": version.evidence_order,
        "priority": version.priority,
        "yields_to": version.yields_to,
        "examples": [example_form(example) for example in sorted(version.examples.all(), key=lambda e: e.pk)],
    }


def form_of_version(rule: Rule, number: str) -> dict[str, Any] | None:
    """The form of a rule's version by the number that a page sends back; None where there is none."""
    found = (
        rule.versions.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
    )
    return version_form(found) if found else None


def example_form(example: RuleExample) -> dict[str, Any]:
    return {
        "query": example.query,
        "item": example.item,
        "grade": Grade(example.grade).name if example.grade else None,
        "dimension": example.dimension,
        "note": example.note,
    }


def versions_in(release: Release) -> list[RuleVersion]:
    """The release's rule versions in order, with rule and examples at hand."""
    entries = ReleaseEntry.objects.filter(release=release).order_by("position", "id")
    rows = entries.select_related("rule_version__rule", "rule_version__author").prefetch_related(
        Prefetch("rule_version__examples", RuleExample.objects.order_by("id"))
    )
    return [entry.rule_version for entry in rows]


def release_forms(release: Release) -> list[dict[str, Any]]:
    return [version_form(version) for version in versions_in(release)]


def latest_versions(corpus: Corpus) -> list[RuleVersion]:
    """The newest version of every rule that is not retired, by code: what the next release would hold."""
    rows = Rule.objects.filter(corpus=corpus, retired_at=None).exclude(latest=None)
    versions = RuleVersion.objects.filter(pk__in=rows.values("latest")).select_related("rule", "author")
    return sorted(versions.prefetch_related(EXAMPLES), key=lambda version: natural(version.rule.code))


def versions_for(release: Release, current: Release | None) -> list[RuleVersion]:
    """What a draft holds once it is refreshed: the newest versions, but for the rules that it holds back: they stay
    as they are in `current`, the release in force, or out of it.
    """
    held = {version.rule_id: version for version in latest_versions(release.corpus)}
    omissions = list(release.omissions.all())
    in_force = {v.rule_id: v for v in versions_in(current)} if current and omissions else {}
    for row in omissions:
        kept = None if row.whole else in_force.get(row.rule_id)
        held.pop(row.rule_id, None)
        held |= {row.rule_id: kept} if kept else {}
    return sorted(held.values(), key=lambda version: natural(version.rule.code))


def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """R2 before R10."""
    return tuple(
        (1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"\d+|\D+", code)
    )


def rulebook_for(release: Release) -> Rulebook:
    """The compiled rulebook of a release; a published one never changes, so it is compiled once in a process."""
    if release.state == Release.State.PUBLISHED:
        return _compiled(release.pk, release.created_at.isoformat())
    return rulebook_of(release, release_forms(release))


def rulebook_of(release: Release | None, forms: Sequence[dict[str, Any]]) -> Rulebook:
    """Rules in JSON form compiled over the tables and definitions of a release (or the defaults)."""
    return compile_rulebook(
        forms,
        release.tables if release else {},
        level_definitions(release),
        dimensions=dimensions_in(release),
    )


@lru_cache(maxsize=64)
def _compiled(release_id: int, made: str) -> Rulebook:
    release = Release.objects.get(pk=release_id)
    return rulebook_of(release, release_forms(release))


def level_definitions(release: Release | None) -> dict[str, str]:
    """{"L1".."L4": what it means}: the release's own, with defaults where it is silent."""
    return {**LEVELS, **(release.level_definitions if release else {})}


def dimensions_in(release: Release | None) -> list[str]:
    """The dimensions of a release, or the defaults where it is silent."""
    return (list(release.dimensions) if release else []) or default_dimensions()


def rule_lines(release: Release, resolution: Resolution, limit: int = 4) -> list[RuleLine]:
    """What a prompt or a page says of a release's rules on one pair: those that fired, the deciding ones first."""
    rules = rulebook_for(release).by_code
    decisive = set(resolution.decisive)
    firings = sorted(resolution.firings, key=lambda firing: firing.code not in decisive)
    return [
        RuleLine(
            code=firing.code,
            title=rules[firing.code].title,
            text=plain_principle(str(rules[firing.code].spec.get("principle") or "")),
            fired=True,
            grade=firing.grade.name,
            reason=firing.reason,
        )
        for firing in firings[:limit]
        if firing.code in rules
    ]


def plain_principle(markdown: str) -> str:
    """The first paragraph of a principle without its marks."""
    first = next((part for part in markdown.split("\n\n") if part.strip()), "")
    return " ".join(first.replace("*", "").replace("`", "").replace("#", "").split())


def rule_list_rows(
    corpus: Corpus,
    *,
    text: str = "",
    dimension: str = "",
    state: str = "",
    author: str = "",
    codes: Sequence[str] | None = None,
) -> "QuerySet[Rule]":
    """Rules for the list page, with version, author and stored statistics joined; `codes` narrows to those named."""
    rows = Rule.objects.filter(corpus=corpus).exclude(latest=None)
    rows = rows.select_related("latest__author", "latest__statistic")
    if state == "retired":
        rows = rows.exclude(retired_at=None)
    else:
        rows = rows.filter(retired_at=None)
        rows = rows.filter(latest__state=state) if state else rows
    if dimension:
        rows = rows.filter(latest__dimension=dimension)
    if author:
        rows = (
            rows.filter(latest__author=int(author))
            if author.isdecimal() and len(author) < 19
            else rows.none()
        )
    if codes is not None:
        rows = rows.filter(code__in=codes)
    return rows.filter(rules_with(text)) if text else rows


def dimensions_used(corpus: Corpus) -> list[str]:
    """Dimensions that rules of the corpus are filed under."""
    found = (
        RuleVersion.objects.filter(rule__corpus=corpus)
        .order_by("dimension")
        .values_list("dimension", flat=True)
    )
    return [name for name in found.distinct() if name]


def authors_of_rules(corpus: Corpus) -> list[tuple[int, str]]:
    """(id, name) of people who wrote the newest wording of a rule."""
    rows = Rule.objects.filter(corpus=corpus).exclude(latest__author=None)
    names = rows.order_by("latest__author__display_name", "latest__author")
    return list(names.values_list("latest__author", "latest__author__display_name").distinct())


def drafts_of(corpus: Corpus) -> list[int]:
    """Numbers of the releases that are still drafts, newest first."""
    rows = Release.objects.filter(corpus=corpus, state=Release.State.DRAFT).order_by("-number")
    return list(rows.values_list("number", flat=True)[:20])


def dimensions_of(corpus: Corpus) -> list[str]:
    """Dimensions a rule may name: those that the next release takes up."""
    return dimensions_over(corpus, release_current(corpus))


def dimensions_over(corpus: Corpus, release: Release | None) -> list[str]:
    """As `dimensions_of`, with the release in force in hand."""
    newest = definitions_newest(corpus)
    return newest.dimensions if newest else dimensions_in(release)


def tables_release(corpus: Corpus) -> Release | None:
    """What a draft is read over: the release in force (else the newest) with the newest wording of each table, and the
    newest levels and dimensions. What was written before the first release is held by one that nothing saves.
    """
    found = release_current(corpus) or Release.objects.filter(corpus=corpus).order_by("-number").first()
    newest, defined = versions_newest(corpus), definitions_newest(corpus)
    if found is None and (newest or defined):
        found = Release(corpus=corpus, number=0)
    if found is not None:
        found.tables = tables_over(found, newest)  # of this object alone; nothing saves it
        found.newest_edit = max((version.pk for version in newest), default=0)
        if defined is not None:
            found.level_definitions, found.dimensions = defined.level_definitions, defined.dimensions
    return found


def versions_of(rule: Rule) -> list[RuleVersion]:
    """All versions of a rule, newest first."""
    rows = rule.versions.select_related("rule", "author").prefetch_related(EXAMPLES)
    return list(rows.order_by("-number"))


def releases_holding(versions: Iterable[RuleVersion]) -> dict[int, list[int]]:
    """Per version id, the numbers of published releases that hold it."""
    found: dict[int, list[int]] = {}
    rows = ReleaseEntry.objects.filter(
        rule_version__in=list(versions), release__state=Release.State.PUBLISHED
    )
    for version_id, number in rows.order_by("release__number").values_list(
        "rule_version_id", "release__number"
    ):
        found.setdefault(version_id, []).append(number)
    return found


def code_next(corpus: Corpus) -> str:
    """A free code for a new rule: R01, R02, ..."""
    numbers = [
        int(code[1:])
        for code in Rule.objects.filter(corpus=corpus, code__regex=r"^R\d{1,6}$").values_list(
            "code", flat=True
        )
    ]
    return f"R{max(numbers, default=0) + 1:02d}"


def example_pairs(version: RuleVersion) -> dict[int, int]:
    """Which of a version's examples, by place, was taken from which pair."""
    rows = sorted(version.examples.all(), key=lambda example: example.pk)
    return {at: example.pair_id for at, example in enumerate(rows) if example.pair_id}


def release_before(release: Release) -> Release | None:
    """What was in force when a release was first published."""
    first = Publication.objects.filter(release=release).order_by("id").first()
    if first is None:
        return None
    row = Publication.objects.filter(corpus=release.corpus_id, id__lt=first.pk).select_related("release")
    found = row.order_by("-id").first()
    return found.release if found else None


def release_behind(release: Release, current: Release | None) -> list[str]:
    """Codes whose newest version a draft does not hold (or that it holds and are retired by now), and tables, levels
    and dimensions that were edited since; what it holds back by intent is left aside. `current` is the release in force.
    """
    if release.state != Release.State.DRAFT:
        return []
    held = {version.pk: version.rule.code for version in versions_in(release)}
    newest = {version.pk: version.rule.code for version in versions_for(release, current)}
    codes = sorted({held.get(pk) or newest[pk] for pk in held.keys() ^ newest.keys()}, key=natural)
    tables = tables_newest(release.corpus, current)
    found = [*codes, *(f"table {change.name}" for change in tables_diff(release.tables, tables))]
    if (defined := definitions_newest(release.corpus)) is not None:
        found += ["levels"] if defined.level_definitions != level_definitions(release) else []
        found += ["dimensions"] if defined.dimensions != dimensions_in(release) else []
    return found


def definitions_changed(before: Release, after: Release) -> list[tuple[str, str, str]]:
    """(level, old words, new words) of level definitions that differ; and ("Dimensions", ...) where those do."""
    return definitions_differ(before, level_definitions(after), dimensions_in(after))


def definitions_differ(
    before: Release, new: Mapping[str, str], names: Sequence[str]
) -> list[tuple[str, str, str]]:
    """As `definitions_changed`, of levels and dimensions in hand."""
    old, was, now = level_definitions(before), ", ".join(dimensions_in(before)), ", ".join(names)
    dimensions = [] if before.external or was == now else [("Dimensions", was, now)]
    return dimensions + [
        (level, old.get(level, ""), text)
        for level, text in sorted(new.items(), reverse=True)
        if old.get(level) != text
    ]
