"""A rule is written, edited, restored, retired. An edit is a new version; what stood before stays."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Pair
from relevance.grades import Grade
from rules.engine import RulebookError
from rules.form import form_clean, form_hash
from rules.models import Rule, RuleExample, RuleVersion
from rules.selectors import latest_of, rulebook_of, tables_release, version_form
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User


class EditClash(Conflict):
    """Somebody saved another version since this editor opened the rule: both texts are kept and shown."""

    default_code = "edit_clash"

    def __init__(self, theirs: RuleVersion) -> None:
        author = theirs.author.display_name if theirs.author else "an import"
        super().__init__(
            f"{author} saved version {theirs.number} of {theirs.rule.code} while you were editing: yours is not saved yet.",
            extra={"version": theirs.number},
        )
        self.theirs = theirs


def form_checked(corpus: Corpus, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a rule that compiles over the corpus's tables. Raises Invalid with the place and mend."""
    try:
        form = form_clean(raw)
        rulebook_of(tables_release(corpus), [form])
    except RulebookError as error:
        raise Invalid(str(error), code="rule_invalid", extra=_place(error)) from error
    return form


def _place(error: RulebookError) -> dict[str, Any]:
    place: dict[str, Any] = {"rule": error.code, "place": error.place}
    if error.syntax is not None:
        place |= {"line": error.syntax.line, "column": error.syntax.column, "hint": error.syntax.hint}
    return place


@transaction.atomic
def rule_create(
    *, corpus: Corpus, form: Mapping[str, Any], actor: User | None, note: str = ""
) -> RuleVersion:
    """A new rule with its first version. Raises Invalid, or Conflict where the code is taken."""
    clean = form_checked(corpus, form)
    rule, created = Rule.objects.get_or_create(corpus=corpus, code=clean["code"])
    if not created:
        raise Conflict(f"There is a rule {clean['code']} already: choose another code, or edit that one.")
    version = _version_write(rule, 1, clean, actor, note, {})
    audit_record(
        actor=actor, corpus=corpus, action="rule.create", subject=version, data={"note": version.note}
    )
    return version


@transaction.atomic
def rule_edit(
    *,
    rule: Rule,
    form: Mapping[str, Any],
    actor: User | None,
    note: str = "",
    base: int | None = None,
    pairs: Mapping[int, int] | None = None,
) -> RuleVersion:
    """A new version of `rule`; the latest one comes back unchanged where the form says the same.

    `base` is the version number the editor started from: EditClash where another was saved since. `pairs` maps an
    example's place to the pair of the corpus it was taken from.
    """
    clean = form_checked(rule.corpus, form)
    locked = Rule.objects.select_for_update().get(pk=rule.pk)
    latest = latest_of(locked)
    if clean["code"] != locked.code:
        raise Invalid("A rule's code stays, because reasonings cite it: make a new rule.", code="code_fixed")
    if form_hash(clean) == latest.content_hash:
        return latest
    if base is not None and base != latest.number:
        raise EditClash(latest)
    kept = _kept_pairs(latest, clean, pairs or {})
    version = _version_write(locked, latest.number + 1, clean, actor, note, kept)
    changed = sorted(key for key, value in version_form(latest).items() if value != clean[key])
    data = {"from": latest.number, "changed": changed, "note": version.note}
    audit_record(actor=actor, corpus=locked.corpus, action="rule.edit", subject=version, data=data)
    return version


@transaction.atomic
def rule_restore(*, rule: Rule, number: int, actor: User, reason: str = "") -> RuleVersion:
    """An earlier wording as a new version; `reason` goes into its note."""
    old = rule.versions.filter(number=number).first()
    if old is None:
        raise NotFound(f"{rule.code} has no version {number}.")
    note = f"Restored version {number}. {reason.strip()}".strip()
    return rule_edit(rule=rule, form=version_form(old), actor=actor, note=note)


@transaction.atomic
def rule_retire(*, rule: Rule, actor: User | None, retired: bool = True, reason: str = "") -> Rule:
    """Leave a rule out of the releases to come, or take it back in; `reason` is shown in its history.

    Releases that hold it keep it.
    """
    locked = Rule.objects.select_for_update().get(pk=rule.pk)
    if (locked.retired_at is not None) == retired:
        return locked
    locked.retired_at = timezone.now() if retired else None
    locked.save(update_fields=["retired_at"])
    action = "rule.retire" if retired else "rule.revive"
    data = {"reason": reason.strip()[:300]}
    audit_record(actor=actor, corpus=locked.corpus, action=action, subject=locked, data=data)
    return locked


def _kept_pairs(latest: RuleVersion, form: dict[str, Any], given: Mapping[int, int]) -> dict[int, int]:
    """Which pair each example comes from: as given, or as the same example of the version before had it."""
    before = {
        form_hash({"q": example.query, "i": example.item}): example.pair_id
        for example in latest.examples.all()
        if example.pair_id
    }
    found = {}
    for at, example in enumerate(form["examples"]):
        pair = given.get(at) or before.get(form_hash({"q": example["query"], "i": example["item"]}))
        if pair:
            found[at] = pair
    own = Pair.objects.filter(corpus=latest.rule.corpus_id, pk__in=found.values()).values_list(
        "pk", flat=True
    )
    known = set(own)
    return {at: pair for at, pair in found.items() if pair in known}


def _example(version: RuleVersion, example: dict[str, Any], pair_id: int | None) -> RuleExample:
    grade = Grade.parse(example["grade"]) if example["grade"] else None
    plain = {name: example[name] for name in ("query", "item", "dimension", "note")}
    return RuleExample(version=version, pair_id=pair_id, grade=grade, **plain)


def _version_write(
    rule: Rule, number: int, form: dict[str, Any], actor: User | None, note: str, pairs: Mapping[int, int]
) -> RuleVersion:
    columns = {key: value for key, value in form.items() if key not in ("code", "examples")}
    version = RuleVersion.objects.create(
        rule=rule,
        number=number,
        author=actor,
        note=note.strip()[:300],
        content_hash=form_hash(form),
        **columns,
    )
    rows = (_example(version, example, pairs.get(at)) for at, example in enumerate(form["examples"]))
    RuleExample.objects.bulk_create(rows)
    rule.latest = version
    rule.save(update_fields=["latest"])
    job_enqueue(
        kind="rules.statistics",
        corpus=rule.corpus,
        actor=actor,
        arguments={"versions": [version.pk]},
        idempotency_key=f"rules.statistics:{version.pk}",
    )
    return version
