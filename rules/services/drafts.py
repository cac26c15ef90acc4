"""A draft release on its author's desk: rules held back and put back, its title and note."""

from django.db import transaction

from rules.models import Release, ReleaseEntry, ReleaseOmission, Rule, RuleVersion
from rules.selectors import latest_of, natural, release_current, versions_in
from rules.services.checks import release_look_again
from rules.services.locks import release_locked
from rules.services.releases import entries_write
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.models import User


@transaction.atomic
def release_leave_out(
    *, release: Release, rule: Rule, actor: User | None, reason: str, whole: bool = False
) -> ReleaseOmission:
    """Hold a rule back from a draft: it stays as it is in force; with `whole`, or where it is not in force, the release
    goes without it.

    Raises Invalid without a reason or where no rule would be left, Conflict where nothing would change.
    """
    if not reason.strip():
        raise Invalid(
            "Say why: the reason is shown in the release and in the rule's history.", code="reason_needed"
        )
    locked = release_locked(release, Release.State.DRAFT)
    kept = None if whole else _in_force(locked, rule)
    held = {version.rule_id: version for version in versions_in(locked)}
    if held.get(rule.pk) == kept:
        how = "stands in it as it is in force" if kept else "is not in it"
        raise Conflict(f"{rule.code} {how} already.", code="left_out")
    given = {"whole": kept is None, "reason": reason.strip()[:300], "actor": actor}
    omission, _ = ReleaseOmission.objects.update_or_create(release=locked, rule=rule, defaults=given)
    _swap(locked, held, rule, kept)
    action = "release.hold_back" if kept else "release.leave_out"
    data = {"release": locked.number, "reason": omission.reason}
    audit_record(actor=actor, corpus=locked.corpus, action=action, subject=rule, data=data)
    return omission


@transaction.atomic
def release_put_back(*, release: Release, rule: Rule, actor: User | None, reason: str = "") -> Release:
    """A rule that a draft held back is in it again, in its newest version. Raises NotFound where it was not held back."""
    locked = release_locked(release, Release.State.DRAFT)
    if not locked.omissions.filter(rule=rule).delete()[0]:
        raise NotFound(f"{rule.code} is not held back from release {locked.number}.")
    held = {version.rule_id: version for version in versions_in(locked)}
    _swap(locked, held, rule, None if rule.retired_at else latest_of(rule))
    data = {"release": locked.number, "reason": reason.strip()[:300]}
    audit_record(actor=actor, corpus=locked.corpus, action="release.put_back", subject=rule, data=data)
    return locked


def _in_force(release: Release, rule: Rule) -> RuleVersion | None:
    current = release_current(release.corpus)
    entries = ReleaseEntry.objects.filter(release=current, rule_version__rule=rule) if current else None
    entry = entries.select_related("rule_version__rule").first() if entries is not None else None
    return entry.rule_version if entry else None


def _swap(release: Release, held: dict[int, RuleVersion], rule: Rule, version: RuleVersion | None) -> None:
    """That version of a rule, or none, in place of what the draft holds of it."""
    held.pop(rule.pk, None)
    if version is not None:
        held[rule.pk] = version
    if not held:
        raise Invalid("A release holds at least one rule: discard the draft instead.", code="no_rules")
    ReleaseEntry.objects.filter(release=release).delete()
    entries_write(release, sorted(held.values(), key=lambda one: natural(one.rule.code)))
    release_look_again(release)


@transaction.atomic
def release_reword(
    *, release: Release, actor: User | None, title: str, note: str, base: str | None = None
) -> Release:
    """Another title and note for a draft; in review they stay, because that is what a second person signs.

    `base` is the `Release.wording` that the editor started from: Conflict where somebody wrote another since.
    """
    locked = release_locked(release, Release.State.DRAFT)
    title, note = (text.replace("\x00", "").replace("\r\n", "\n").strip() for text in (title, note))
    if len(title) > 160 or len(note) > 20_000:
        raise Invalid("A title has at most 160 characters, a note 20000.", code="wording")
    if (title, note) == (locked.title, locked.note):
        return locked
    if base is not None and base != locked.wording:
        raise Conflict(
            "Somebody else changed the title or the note while you were writing: yours is not saved yet.",
            code="edit_clash",
        )
    before = {"title": locked.title, "note": locked.note}
    locked.title, locked.note = title, note
    locked.save(update_fields=["title", "note"])
    data = {"title": title, "from": before}
    audit_record(actor=actor, corpus=locked.corpus, action="release.reword", subject=locked, data=data)
    return locked
