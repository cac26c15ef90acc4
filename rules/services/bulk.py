"""One change to many rules: told beforehand row by row, made in one transaction, audited rule by rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from rules.models import Release, ReleaseEntry, Rule
from rules.selectors import dimensions_of, latest_of, natural, release_get, version_form
from rules.services.checks import release_look_again
from rules.services.locks import release_locked
from rules.services.rules import rule_edit, rule_retire
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User

MOST = 500
CHANGES = {
    "retire": "Leave out of the releases to come",
    "revive": "Take back in",
    "priority": "Shift priority by",
    "dimension": "File under the dimension",
    "release": "Put the newest version into draft release",
}


@dataclass(frozen=True)
class RuleChange:
    """What a change does to one rule. `before` equal to `after`: nothing."""

    code: str
    title: str
    before: str
    after: str

    @property
    def is_none(self) -> bool:
        return self.before == self.after


@transaction.atomic
def rules_change(
    *,
    corpus: Corpus,
    codes: Sequence[str],
    change: str,
    value: str,
    actor: User | None,
    note: str = "",
    dry_run: bool = False,
) -> list[RuleChange]:
    """Do `change` (a key of CHANGES) to the rules of `codes`; all of them or none. With `dry_run` only tell.

    Raises Invalid for an unknown rule, change or value.
    """
    rules = _rules(corpus, codes)
    if change not in CHANGES:
        raise Invalid(f"A change is one of {', '.join(CHANGES)}.", code="change")
    plan, run = _PLANS[change](corpus, rules, value.strip())
    if dry_run:
        return plan
    wanted = {row.code for row in plan if not row.is_none}
    for rule in rules:
        if rule.code in wanted:
            run(rule, actor, note.strip())
    return plan


def _rules(corpus: Corpus, codes: Sequence[str]) -> list[Rule]:
    wanted = set(codes)
    if not 0 < len(wanted) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} rules.", code="rules_chosen")
    rows = Rule.objects.filter(corpus=corpus, code__in=wanted).exclude(latest=None)
    found = list(rows.select_related("corpus", "latest__rule").prefetch_related("latest__examples"))
    if unknown := sorted(wanted - {rule.code for rule in found}):
        raise Invalid(f"There is no rule {', '.join(unknown[:5])}.", code="rules_chosen")
    return sorted(found, key=lambda rule: natural(rule.code))


Run = Callable[[Rule, User | None, str], Any]
Plan = tuple[list[RuleChange], Run]


def _row(rule: Rule, before: object, after: object) -> RuleChange:
    return RuleChange(rule.code, latest_of(rule).title, str(before), str(after))


def _retire(corpus: Corpus, rules: list[Rule], value: str, retired: bool = True) -> Plan:
    def words(is_retired: bool) -> str:
        return "retired" if is_retired else "in use"

    rows = [_row(rule, words(rule.retired_at is not None), words(retired)) for rule in rules]
    return rows, lambda rule, actor, note: rule_retire(rule=rule, actor=actor, retired=retired, reason=note)


def _revive(corpus: Corpus, rules: list[Rule], value: str) -> Plan:
    return _retire(corpus, rules, value, retired=False)


def _priority(corpus: Corpus, rules: list[Rule], value: str) -> Plan:
    try:
        shift = int(value)
    except ValueError:
        raise Invalid("A shift of priority is a whole number, as 10 or -10.", code="value") from None
    rows = [_row(rule, latest_of(rule).priority, latest_of(rule).priority + shift) for rule in rules]
    return rows, _edited("priority", lambda form: form["priority"] + shift, f"{CHANGES['priority']} {shift}")


def _dimension(corpus: Corpus, rules: list[Rule], value: str) -> Plan:
    if value not in dimensions_of(corpus):
        raise Invalid(f"{value[:40]!r} is not a dimension of this corpus.", code="value")
    rows = [_row(rule, latest_of(rule).dimension or "none", value) for rule in rules]
    return rows, _edited("dimension", lambda form: value, f"{CHANGES['dimension']} {value}")


def _edited(name: str, changed: Callable[[dict[str, Any]], Any], words: str) -> Run:
    """A new version with another `name`; `words` are its note where nobody said why."""

    def run(rule: Rule, actor: User | None, note: str) -> None:
        form = version_form(latest_of(rule))
        rule_edit(rule=rule, form={**form, name: changed(form)}, actor=actor, note=note or words)

    return run


def _release(corpus: Corpus, rules: list[Rule], value: str) -> Plan:
    release = release_get(corpus, int(value) if value.isdecimal() and len(value) < 9 else -1)
    release = release_locked(release, Release.State.DRAFT)
    rows = ReleaseEntry.objects.filter(release=release).select_related("rule_version")
    held = {entry.rule_version.rule_id: f"v{entry.rule_version.number}" for entry in rows}
    plan = [_row(rule, held.get(rule.pk, "not in it"), f"v{latest_of(rule).number}") for rule in rules]
    return plan, lambda rule, actor, note: _put(release, rule, actor, note)


def _put(release: Release, rule: Rule, actor: User | None, reason: str) -> None:
    """The rule's newest version in place of the one that a draft holds."""
    entries = ReleaseEntry.objects.filter(release=release)
    entries.filter(rule_version__rule=rule).delete()
    release.omissions.filter(rule=rule).delete()
    last = entries.aggregate(last=Max("position"))["last"]
    version = latest_of(rule)
    ReleaseEntry.objects.create(release=release, rule_version=version, position=(last or 0) + 1)
    audit_record(
        actor=actor,
        corpus=release.corpus,
        action="release.add_rule",
        subject=version,
        data={"release": release.number, "reason": reason[:300]},
    )
    release_look_again(release)


_PLANS: dict[str, Callable[[Corpus, list[Rule], str], Plan]] = {
    "retire": _retire, "revive": _revive, "priority": _priority, "dimension": _dimension, "release": _release,
}  # fmt: skip
