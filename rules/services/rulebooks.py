"""A whole rulebook in one file: out, in, and all the way to published in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from rules.engine import RulebookError, compile_rulebook
from rules.form import form_hash
from rules.models import Publication, Release, Rule
from rules.newest_tables import versions_newest
from rules.parts import parts_checked
from rules.selectors import (
    dimensions_in,
    latest_of,
    latest_versions,
    level_definitions,
    release_forms,
    tables_release,
    version_form,
)
from rules.services.publishing import release_publish
from rules.services.releases import release_create, release_sign_off, release_submit
from rules.services.rules import form_checked, rule_create, rule_edit, rule_retire
from rules.services.tables import tables_import
from rules.tables import tables_in_order
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Corpus, User

MAX_RULES = 2_000
_IN_RELEASE = {"level_definitions": "definitions"}  # a document's part -> its argument of `release_create`


@dataclass(frozen=True)
class ImportOutcome:
    """Codes by what became of them; `release` is a draft made for tables, levels or dimensions that the file changes."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    retired: tuple[str, ...]
    release: int | None = None


def rulebook_export(*, corpus: Corpus, release: Release | None = None) -> dict[str, Any]:
    """The rulebook of a release, or of the newest versions, as one document; import of it changes nothing."""
    forms = (
        release_forms(release) if release else [version_form(version) for version in latest_versions(corpus)]
    )
    base = release or tables_release(corpus)
    return {
        "format": "lore-rulebook/1",
        "corpus": corpus.slug,
        "release": release.number if release else None,
        "level_definitions": level_definitions(base),
        "dimensions": dimensions_in(base),
        "tables": tables_in_order(base.tables if base else {}),
        **({"table_examples": examples} if (examples := _table_examples(corpus)) else {}),
        "rules": forms,
    }


def _table_examples(corpus: Corpus) -> dict[str, Any]:
    """Examples of tables by name, where there are any."""
    return {v.name: v.examples for v in versions_newest(corpus) if v.content and v.examples}


def rules_of(document: Any) -> list[Mapping[str, Any]]:
    """The rules of a document: the whole form above, or a bare list. Raises Invalid."""
    rules = document.get("rules") if isinstance(document, Mapping) else document
    if (
        not isinstance(rules, Sequence)
        or isinstance(rules, str)
        or not all(isinstance(r, Mapping) for r in rules)
    ):
        raise Invalid("A rulebook is a list of rules, or holds one under rules.", code="rulebook_invalid")
    if isinstance(document, Mapping):
        parts_checked(document)
    if len(rules) > MAX_RULES:
        raise Invalid(f"A rulebook holds at most {MAX_RULES} rules.", code="rulebook_invalid")
    return list(rules)


@transaction.atomic
def rulebook_import(
    *,
    corpus: Corpus,
    document: Any,
    actor: User | None,
    note: str = "",
    retire_missing: bool = False,
    dry_run: bool = False,
) -> ImportOutcome:
    """Bring rules in their JSON form into the corpus as drafts: new ones are made, changed ones get a version.

    Tables, level definitions and dimensions belong to releases: where the file changes them, a draft release takes them
    up. All or nothing: the first rule that cannot be read is named and refuses the file.
    """
    outcome = _rules_import(corpus, document, actor, note, retire_missing, dry_run)
    if dry_run:
        return outcome
    extra = _release_parts(corpus, document)
    _tables_take_up(corpus, document, actor, note)
    if not extra:
        return outcome
    release = release_create(corpus=corpus, actor=actor, title="From a rulebook file", note=note, **extra)
    return replace(outcome, release=release.number)


def _tables_take_up(corpus: Corpus, document: Any, actor: User | None, note: str) -> None:
    """The tables of a whole rulebook are the corpus's tables from now on; a file without any leaves them."""
    if isinstance(document, Mapping) and document.get("tables"):
        tables_import(
            corpus=corpus,
            tables=document["tables"],
            examples=document.get("table_examples") or {},
            actor=actor,
            note=note,
            whole=True,
        )


def _release_parts(corpus: Corpus, document: Any) -> dict[str, Any]:
    """What a document says of a release and the one at hand does not: arguments for `release_create`."""
    if not isinstance(document, Mapping):
        return {}
    base = tables_release(corpus)
    known = {
        "level_definitions": level_definitions(base),
        "dimensions": dimensions_in(base),
        "tables": base.tables if base else {},
    }
    return {
        _IN_RELEASE.get(name, name): document[name]
        for name, value in known.items()
        if document.get(name) and document[name] != value
    }


def _rules_import(
    corpus: Corpus, document: Any, actor: User | None, note: str, retire_missing: bool, dry_run: bool
) -> ImportOutcome:
    forms = [form_checked(corpus, raw) for raw in rules_of(document)]
    _compile_together(corpus, forms, document)
    known = {
        rule.code: rule for rule in Rule.objects.filter(corpus=corpus).select_related("corpus", "latest")
    }
    created, changed, same = _sorted_out(forms, known)
    missing = sorted(set(known) - {form["code"] for form in forms}) if retire_missing else []
    missing = [code for code in missing if known[code].retired_at is None]
    outcome = ImportOutcome(tuple(created), tuple(changed), tuple(same), tuple(missing))
    if dry_run:
        return outcome
    by_code = {form["code"]: form for form in forms}
    for code in created:
        rule_create(corpus=corpus, form=by_code[code], actor=actor, note=note)
    for code in changed:
        rule_edit(rule=known[code], form=by_code[code], actor=actor, note=note)
    for code in missing:
        rule_retire(rule=known[code], actor=actor, reason=note or "Not in the file that was imported.")
    audit_record(actor=actor, corpus=corpus, action="rulebook.import", subject=corpus, data=outcome.__dict__)
    return outcome


IN_ONE_CALL = "Imported, released and published in one call: no worker had looked at it."


@transaction.atomic
def rulebook_publish(
    *,
    corpus: Corpus,
    document: Any,
    author: User | None,
    reviewer: User | None,
    title: str = "",
    note: str = "",
    override: str = "",
    accepted: str = "",
    retire_missing: bool = False,
) -> Publication:
    """Import a rulebook, release it, have it signed off and published: the steps a person takes, in one call.

    All or nothing. `author` and `reviewer` are two people, or None for an operator at the command line. `override` says
    why a loss of accuracy on the replay set is accepted, `accepted` why rules may meet beyond the corpus. No worker's
    check is waited for, which the audit log says.
    """
    if author is not None and reviewer is not None and author.pk == reviewer.pk:
        raise Conflict("The reviewer has to be another person than the author.", code="own_release")
    _rules_import(corpus, document, author, note, retire_missing, dry_run=False)
    _tables_take_up(corpus, document, author, note)
    extra = document if isinstance(document, Mapping) else {}
    release = release_create(
        corpus=corpus,
        actor=author,
        title=title,
        note=note,
        **{
            _IN_RELEASE.get(name, name): extra.get(name) or None
            for name in ("level_definitions", "dimensions", "tables")
        },
    )
    release_submit(release=release, actor=author)
    release_sign_off(release=release, actor=reviewer)
    return release_publish(
        release=release,
        actor=author,
        reason=note,
        override=override,
        accepted=accepted,
        unchecked=IN_ONE_CALL,
    )


def _compile_together(corpus: Corpus, forms: list[dict[str, Any]], document: Any) -> None:
    base = tables_release(corpus)
    tables = document.get("tables") if isinstance(document, Mapping) else None
    try:
        compile_rulebook(forms, tables or (base.tables if base else {}))
    except RulebookError as error:
        raise Invalid(str(error), code="rule_invalid") from error


def _sorted_out(
    forms: list[dict[str, Any]], known: dict[str, Rule]
) -> tuple[list[str], list[str], list[str]]:
    created, changed, same = [], [], []
    for form in forms:
        rule = known.get(form["code"])
        if rule is None or rule.latest is None:
            created.append(form["code"])
        elif latest_of(rule).content_hash == form_hash(form):
            same.append(form["code"])
        else:
            changed.append(form["code"])
    return created, changed, same
