"""Reads of the synonym and family tables: the newest of each, its versions, and the rules that ask it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rules.language import RuleSyntaxError, compile_condition, registry
from rules.language import nodes as n
from rules.language.facts import walk
from rules.models import Release, RuleVersion, TableVersion
from rules.newest_tables import tables_newest, versions_newest
from rules.selectors import latest_versions, release_current
from rules.tables import examples_run
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


def tables_current(corpus: Corpus) -> dict[str, Any]:
    """What the next release takes up."""
    return tables_newest(corpus, release_current(corpus))


def table_newest(corpus: Corpus, name: str) -> TableVersion | None:
    """The newest version of one table; None for one that came with a release and was never edited."""
    rows = TableVersion.objects.filter(corpus=corpus, name=name).select_related("author")
    return rows.order_by("-number").first()


def table_content(corpus: Corpus, name: str) -> dict[str, list[str]]:
    """The newest families of a table. Raises NotFound."""
    found = tables_current(corpus).get(name)
    if found is None:
        raise NotFound(f"There is no table {name}.")
    return (
        dict(found) if isinstance(found, Mapping) else {group[0]: list(group[1:]) for group in found if group}
    )


def table_versions(corpus: Corpus, name: str) -> list[TableVersion]:
    return list(
        TableVersion.objects.filter(corpus=corpus, name=name)
        .select_related("author")
        .order_by("-number")[:50]
    )


def tables_failing(release: Release) -> list[str]:
    """Examples of a table's newest wording that do not hold of what the release froze, one sentence each."""
    return [
        f"Table {version.name}: {result.message}"
        for version in versions_newest(release.corpus)
        if version.name in release.tables
        for result in examples_run(version.name, release.tables[version.name], version.examples)
        if not result.passed
    ]


def tables_removed(corpus: Corpus) -> list[tuple[str, int]]:
    """Tables that the next release goes without, each with the version to take back: 0 as the release in force has it."""
    gone = [version.name for version in versions_newest(corpus) if not version.content]
    kept = TableVersion.objects.filter(corpus=corpus, name__in=gone).exclude(content={})
    last = dict(kept.order_by("number").values_list("name", "number"))
    return [(name, last.get(name, 0)) for name in gone]


def table_users(corpus: Corpus) -> dict[str, list[RuleVersion]]:
    """Per table, the newest rules whose conditions name it; "" are those that ask every table at once."""
    found: dict[str, list[RuleVersion]] = {}
    for version in latest_versions(corpus):
        for name in sorted(tables_named(version.scope, version.ladder)):
            found.setdefault(name, []).append(version)
    return found


_FUNCTIONS = registry()


def tables_named(scope: str, ladder: Iterable[Mapping[str, Any]]) -> set[str]:
    """The tables that a rule's conditions name; "" where same_family is asked without one."""
    found: set[str] = set()
    for source in [scope, *(str(step.get("when") or "") for step in ladder)]:
        if not source:
            continue
        try:
            tree = compile_condition(source).tree
        except RuleSyntaxError:
            continue
        for node in walk(tree):
            at = _FUNCTIONS[node.name].table if isinstance(node, n.Call) else None
            if isinstance(node, n.Call) and at is not None:
                named = node.args[at] if len(node.args) > at else None
                if isinstance(named, n.Literal):
                    found.add(str(named.value))
                elif node.name == "same_family":
                    found.add("")
            if isinstance(node, n.Call) and node.name == "amounts":
                found.add("units")
    return found
