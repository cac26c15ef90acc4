"""A file of rules on its way in: laid beside what the corpus has, looked at, and taken up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rules.definition_selectors import definitions_current
from rules.diff import RuleDiff, rulebook_diff
from rules.form import form_clean
from rules.formats import Carried, LeftOut
from rules.models import Rule
from rules.selectors import latest_of, version_form
from rules.services.rulebooks import ImportOutcome, rulebook_import, rules_of
from rules.table_selectors import tables_current
from rules.tables import TableChange, table_clean, tables_diff
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User

FOREIGN = ("jdm", "smui")


@dataclass(frozen=True)
class ImportPlan:
    """What taking a file up would do, and what of it cannot be. `problem` refuses the whole."""

    outcome: ImportOutcome | None
    diff: tuple[RuleDiff, ...] = ()
    tables: tuple[TableChange, ...] = ()
    parts: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problem: str = ""

    @property
    def changes(self) -> bool:
        found = self.outcome
        return bool(self.tables or self.parts) or bool(
            found and (found.created or found.changed or found.retired)
        )


def import_plan(*, corpus: Corpus, carried: Carried, retire_missing: bool = False) -> ImportPlan:
    """The dry run of a file: nothing is kept."""
    try:
        document = document_fitted(corpus, carried)
        outcome = rulebook_import(
            corpus=corpus, document=document, actor=None, retire_missing=retire_missing, dry_run=True
        )
        forms = [form_clean(raw) for raw in rules_of(document)]
    except DomainError as error:
        return ImportPlan(None, left_out=carried.left_out, problem=error.message)
    touched = {*outcome.created, *outcome.changed}
    before = [version_form(version) for version in _standing(corpus, [*outcome.changed, *outcome.retired])]
    after = [form for form in forms if form["code"] in touched]
    return ImportPlan(
        outcome=outcome,
        diff=tuple(rulebook_diff(before, after)),
        tables=tuple(tables_diff(tables_current(corpus), document["tables"])) if "tables" in document else (),
        parts=tuple(_parts(corpus, document)),
        left_out=carried.left_out,
    )


@transaction.atomic
def import_apply(
    *, corpus: Corpus, carried: Carried, actor: User | None, note: str = "", retire_missing: bool = False
) -> ImportOutcome:
    """Take up what can be taken up; what was left out is left out. All or nothing of the rest."""
    return rulebook_import(
        corpus=corpus,
        document=document_fitted(corpus, carried),
        actor=actor,
        note=note,
        retire_missing=retire_missing,
    )


def document_fitted(corpus: Corpus, carried: Carried) -> dict[str, Any]:
    """A file's document as this corpus takes it: foreign rules get codes of their own here, tables of a file that
    holds some of them leave the others as they are.
    """
    document = dict(carried.document)
    if carried.kind in FOREIGN:
        document["rules"] = _own_codes(corpus, document.get("rules") or [])
    if carried.kind != "native" and document.get("tables"):
        document["tables"] = _tables_joined(tables_current(corpus), document["tables"], carried.kind)
    return document


def _own_codes(corpus: Corpus, rules: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A rule that was imported before keeps its code, by its title; another one takes the next that is free."""
    rows = Rule.objects.filter(corpus=corpus).exclude(latest=None).select_related("latest")
    titles = {(rule.code[:1], latest_of(rule).title): rule.code for rule in rows}
    taken = set(rows.values_list("code", flat=True))
    found = []
    for rule in rules:
        letter = str(rule["code"])[:1]
        code = titles.get((letter, str(rule["title"]))) or _next(letter, taken)
        taken.add(code)
        found.append({**rule, "code": code})
    return found


def _next(letter: str, taken: set[str]) -> str:
    used = [int(m[1]) for code in taken if (m := re.fullmatch(rf"{re.escape(letter)}(\d{{1,6}})", code))]
    return f"{letter}{max(used, default=0) + 1:03d}"


def _tables_joined(known: Mapping[str, Any], given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """SMUI's synonyms join those there are; a table of a spreadsheet is the whole of that table."""
    found = dict(known)
    for name, content in given.items():
        fresh = table_clean(content)
        if kind == "smui" and name in known:
            old = table_clean(known[name])
            fresh = {family: [*old.get(family, []), *fresh.get(family, [])] for family in {**old, **fresh}}
        found[name] = table_clean(fresh)
    return found


def _standing(corpus: Corpus, codes: Iterable[str]) -> list[Any]:
    rows = Rule.objects.filter(corpus=corpus, code__in=list(codes)).select_related("latest__rule")
    return [latest_of(rule) for rule in rows]


def _parts(corpus: Corpus, document: Mapping[str, Any]) -> Iterable[str]:
    """What of a release beside rules and tables the file says otherwise."""
    now = definitions_current(corpus)
    known = {"level definitions": now.levels, "dimensions": now.dimensions}
    for words, value in known.items():
        given = document.get(words.replace(" ", "_"))
        if given and given != value:
            yield words
