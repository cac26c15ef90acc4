"""Writes of this room: rules, releases, whole rulebooks. Each is one transaction with its audit row."""

from rules.services.releases import (
    release_create,
    release_discard,
    release_external_ensure,
    release_publish,
    release_refresh,
    release_return,
    release_rollback,
    release_sign_off,
    release_submit,
)
from rules.services.rulebooks import ImportOutcome, rulebook_export, rulebook_import, rulebook_publish
from rules.services.rules import EditClash, rule_create, rule_edit, rule_restore, rule_retire

__all__ = [
    "EditClash", "ImportOutcome", "release_create", "release_discard", "release_external_ensure", "release_publish",
    "release_refresh", "release_return", "release_rollback", "release_sign_off", "release_submit", "rule_create",
    "rule_edit", "rule_restore", "rule_retire", "rulebook_export", "rulebook_import", "rulebook_publish",
]  # fmt: skip
