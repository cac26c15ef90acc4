"""Synonym and family tables are edited, restored and removed. Each edit is a new version; releases keep theirs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from rules.models import TableVersion
from rules.selectors import release_current
from rules.table_selectors import table_content, table_newest, table_users, tables_current
from rules.tables import examples_clean, table_clean, table_name_clean
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User


@transaction.atomic
def table_save(
    *,
    corpus: Corpus,
    name: str,
    content: Any,
    examples: Any = None,
    actor: User | None,
    note: str = "",
    base: int | None = None,
) -> TableVersion | None:
    """A new version of a table; None where nothing differs. `examples` None keeps those it has.

    `base` is the version the editor started from (0 for none): Conflict where another was saved since.
    """
    name = table_name_clean(name)
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    latest = table_newest(corpus, name)
    if base is not None and base != (latest.number if latest else 0):
        who = latest.author.display_name if latest and latest.author else "somebody else"
        raise Conflict(f"{who} saved the table {name} while you were editing: look again.", code="edit_clash")
    families = table_clean(content)
    kept = (latest.examples if latest else []) if examples is None else examples_clean(examples)
    known = tables_current(corpus).get(name)
    if known is not None and table_clean(known) == families and kept == (latest.examples if latest else []):
        return None
    return _written(corpus, name, families, kept, actor, note, latest)


def _written(
    corpus: Corpus,
    name: str,
    families: dict[str, list[str]],
    examples: list[dict[str, Any]],
    actor: User | None,
    note: str,
    latest: TableVersion | None,
) -> TableVersion:
    version = TableVersion.objects.create(
        corpus=corpus,
        name=name,
        number=(latest.number if latest else 0) + 1,
        content=families,
        examples=examples,
        author=actor,
        note=note.strip()[:300],
    )
    data = {"table": name, "families": len(families), "examples": len(examples), "note": version.note}
    audit_record(actor=actor, corpus=corpus, action="table.save", subject=version, data=data)
    _recount(version)
    return version


def _recount(version: TableVersion) -> None:
    """Where the rules that ask this table fire may have changed."""
    users = table_users(version.corpus)
    asking = {rule.pk for name in (version.name, "") for rule in users.get(name, [])}
    if asking:
        job_enqueue(
            kind="rules.statistics",
            corpus=version.corpus,
            actor=version.author,
            arguments={"versions": sorted(asking)},
            idempotency_key=f"rules.statistics:table:{version.pk}",
        )


def table_create(*, corpus: Corpus, name: str, content: Any, actor: User) -> TableVersion:
    """A new table with its first family. Raises Conflict where there is one of that name."""
    plain = table_name_clean(name)
    if plain in tables_current(corpus):
        raise Conflict(f"There is a table {plain} already.", code="table_exists")
    if not content:
        raise Invalid("Give the table its first family.", code="table_invalid")
    version = table_save(corpus=corpus, name=plain, content=content, actor=actor, note="A new table.")
    if version is None:
        raise Conflict(f"There is a table {plain} already.", code="table_exists")
    return version


def table_remove(*, corpus: Corpus, name: str, actor: User, note: str = "") -> TableVersion:
    """Leave a table out of the releases to come; those that hold it keep it."""
    table_content(corpus, name)
    with transaction.atomic():
        Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
        return _written(corpus, name, {}, [], actor, note or "Removed.", table_newest(corpus, name))


def table_restore(*, corpus: Corpus, name: str, number: int, actor: User) -> TableVersion | None:
    """An earlier wording as a new version; number 0 is the wording of the release in force."""
    if number == 0:
        release = release_current(corpus)
        if release is None or name not in release.tables:
            raise NotFound(f"The release in force has no table {name}.")
        released = release.tables[name]
        return table_save(
            corpus=corpus, name=name, content=released, actor=actor, note="Restored as released."
        )
    old = TableVersion.objects.filter(corpus=corpus, name=name, number=number).first()
    if old is None:
        raise NotFound(f"The table {name} has no version {number}.")
    note = f"Restored version {number}."
    return table_save(
        corpus=corpus, name=name, content=old.content, examples=old.examples, actor=actor, note=note
    )


def families_merge(
    *, corpus: Corpus, name: str, family: str, into: str, actor: User, base: int | None = None
) -> TableVersion | None:
    """One family taken up by another: its name and its words become words of that one."""
    content = table_content(corpus, name)
    if family not in content or into not in content or family == into:
        raise Invalid("Name two families of the table.", code="table_invalid")
    words = [*content[into], family, *content.pop(family)]
    note = f"{family} went into {into}."
    merged = {**content, into: words}
    return table_save(corpus=corpus, name=name, content=merged, actor=actor, note=note, base=base)


def family_save(
    *,
    corpus: Corpus,
    name: str,
    family: str,
    words: Iterable[str],
    actor: User,
    old: str = "",
    base: int | None = None,
) -> TableVersion | None:
    """A family with its words: added, changed, renamed (`old` is its name so far), or removed where it has no name."""
    content = table_content(corpus, name)
    if old and old not in content:
        raise NotFound(f"The table {name} has no family {old}.")
    plain = " ".join(family.split())
    if plain != old and plain in content:
        raise Conflict(f"There is a family {plain} already: merge the two.", code="family_exists")
    if old:
        fresh = {
            (plain if key == old else key): (list(words) if key == old else kept)
            for key, kept in content.items()
        }
    else:
        fresh = {**content, plain: list(words)}
    fresh.pop("", None)
    note = f"{old or plain}: {'removed' if not plain else 'changed' if old else 'added'}."
    return table_save(corpus=corpus, name=name, content=fresh, actor=actor, note=note, base=base)


@transaction.atomic
def tables_import(
    *,
    corpus: Corpus,
    tables: Mapping[str, Any],
    examples: Mapping[str, Any] | None = None,
    actor: User | None,
    note: str = "",
    whole: bool = False,
) -> list[str]:
    """Tables of a file, each as a new version where it differs; `whole` removes those that the file lacks.

    A table whose examples the file does not give keeps its own.
    """
    given = examples or {}
    changed = [
        name
        for name, content in tables.items()
        if table_save(
            corpus=corpus, name=name, content=content, examples=given.get(name), actor=actor, note=note
        )
        is not None
    ]
    gone = sorted(set(tables_current(corpus)) - set(tables)) if whole else []
    for name in gone:
        _written(corpus, name, {}, [], actor, note or "Not in the file.", table_newest(corpus, name))
    return [*changed, *gone]
