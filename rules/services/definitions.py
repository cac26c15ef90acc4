"""Level definitions and mismatch dimensions are edited and restored. Each edit is a new version; releases keep theirs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from rules.definition_selectors import Definitions, definitions_at, definitions_current, dimension_users
from rules.definitions import IMPORTS_ONLY, DefinitionsClash, dimension_clean, dimensions_clean, levels_clean
from rules.models import DefinitionsVersion, RuleVersion
from rules.selectors import version_form
from rules.services.locks import corpus_lock
from rules.services.rules import rule_edit
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.models import Corpus, User


@transaction.atomic
def definitions_save(
    *,
    corpus: Corpus,
    actor: User | None,
    levels: Mapping[str, str] | None = None,
    dimensions: Sequence[str] | None = None,
    note: str = "",
    base: int | None = None,
    seen: Mapping[str, str] | None = None,
) -> DefinitionsVersion | None:
    """A new version; None where nothing differs. Levels that are not given, and dimensions as None, stay.

    `base` is the version the editor started from (0: as released). `seen` are the texts of the levels she started from:
    of those, what she did not touch stays as it is by now. Raises DefinitionsClash where another was saved since,
    Invalid, and Conflict where rules use a dimension that would go.
    """
    corpus_lock(corpus)
    now = definitions_current(corpus)
    if base is not None and base != now.number:
        raise DefinitionsClash(now.by)
    fresh_levels = levels_clean({**now.levels, **_touched(now, levels or {}, seen)})
    fresh = now.dimensions if dimensions is None else dimensions_clean(dimensions, now.dimensions)
    if fresh_levels == now.levels and fresh == now.dimensions:
        return None
    _refuse_used(corpus, set(now.dimensions) - set(fresh))
    return _written(corpus, now, fresh_levels, fresh, actor, note)


def _touched(now: Definitions, typed: Mapping[str, str], seen: Mapping[str, str] | None) -> dict[str, str]:
    """The levels that the editor changed, of all that her form holds."""
    if seen is None:
        return dict(typed)
    mine = {grade: text for grade, text in typed.items() if text != seen.get(grade)}
    clash = [g for g, text in mine.items() if now.levels[g] not in (seen.get(g), text)]
    if clash:
        raise DefinitionsClash(now.by, clash)
    return mine


def _refuse_used(corpus: Corpus, gone: Iterable[str]) -> None:
    users = dimension_users(corpus)
    for name in sorted(gone):
        if found := users.get(name):
            codes = ", ".join(version.rule.code for version in found[:12])
            more = f" and {len(found) - 12} more" if len(found) > 12 else ""
            raise Conflict(
                f"The dimension {name} is used by {codes}{more}: file those under another one first, or rename it.",
                code="dimension_used",
                extra={"dimension": name, "rules": [version.rule.code for version in found]},
            )


def _written(
    corpus: Corpus,
    now: Definitions,
    levels: dict[str, str],
    dimensions: list[str],
    actor: User | None,
    note: str,
) -> DefinitionsVersion:
    version = DefinitionsVersion.objects.create(
        corpus=corpus,
        number=now.number + 1,
        level_definitions=levels,
        dimensions=dimensions,
        author=actor,
        note=note.strip()[:300],
    )
    data = {
        "levels": [grade for grade, text in levels.items() if now.levels.get(grade) != text],
        "added": [name for name in dimensions if name not in now.dimensions],
        "removed": [name for name in now.dimensions if name not in dimensions],
        "note": version.note,
    }
    audit_record(actor=actor, corpus=corpus, action="definitions.save", subject=version, data=data)
    return version


def dimension_add(*, corpus: Corpus, name: str, actor: User, note: str = "") -> DefinitionsVersion | None:
    """One more dimension. It comes last, so that the letters that hands have learned for the others stay."""
    plain = dimension_clean(name)
    with transaction.atomic():
        corpus_lock(corpus)
        known = definitions_current(corpus).dimensions
        if plain in known:
            raise Conflict(f"There is a dimension {plain} already.", code="dimension_known")
        why = f"New dimension {plain}. {note}".strip()
        return definitions_save(corpus=corpus, dimensions=[*known, plain], actor=actor, note=why)


def dimension_retire(*, corpus: Corpus, name: str, actor: User, note: str = "") -> DefinitionsVersion | None:
    """Leave a dimension out of the releases to come; refused, naming them, while rules use it."""
    with transaction.atomic():
        corpus_lock(corpus)
        known = _known(corpus, name)
        why = f"Without the dimension {name}. {note}".strip()
        rest = [kept for kept in known if kept != name]
        return definitions_save(corpus=corpus, dimensions=rest, actor=actor, note=why)


@transaction.atomic
def dimension_rename(*, corpus: Corpus, name: str, to: str, actor: User, note: str = "") -> list[RuleVersion]:
    """Another name for a dimension; the rules that use it get a version that says so, and come back.

    Judgments and settled verdicts keep the name they were given under their release.
    """
    plain = dimension_clean(to)
    corpus_lock(corpus)
    known = _known(corpus, name)
    if plain in known:
        raise Conflict(f"There is a dimension {plain} already.", code="dimension_known")
    why = f"Dimension {name} renamed to {plain}. {note}".strip()
    changed = [
        rule_edit(rule=used.rule, form=_renamed(version_form(used), name, plain), actor=actor, note=why)
        for used in dimension_users(corpus).get(name, [])
    ]
    names = [plain if kept == name else kept for kept in known]
    definitions_save(corpus=corpus, dimensions=names, actor=actor, note=why)
    return changed


def _known(corpus: Corpus, name: str) -> list[str]:
    known = definitions_current(corpus).dimensions
    if name not in known:
        raise NotFound(f"There is no dimension {name}.")
    if name == IMPORTS_ONLY:
        raise Invalid(f"{name} stands for what an import does not say: it stays as it is.", code="dimension")
    return known


def _renamed(form: dict[str, Any], name: str, to: str) -> dict[str, Any]:
    def row(part: dict[str, Any]) -> dict[str, Any]:
        return {**part, "dimension": to} if part["dimension"] == name else part

    steps, examples = (list(map(row, form[key])) for key in ("ladder", "examples"))
    return {**row(form), "ladder": steps, "examples": examples}


def definitions_restore(
    *, corpus: Corpus, number: int, actor: User, note: str = ""
) -> DefinitionsVersion | None:
    """An earlier state as a new version; number 0 is that of the release in force."""
    old = definitions_at(corpus, number)
    what = f"Restored version {number}." if number else "Restored as released."
    return definitions_save(
        corpus=corpus,
        levels=old.levels,
        dimensions=old.dimensions,
        actor=actor,
        note=f"{what} {note}".strip(),
    )
