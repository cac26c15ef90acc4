"""Writes of this room: rules, releases, whole rulebooks. Each is one transaction with its audit row."""

from rules.services.bulk import rules_change
from rules.services.comments import comment_create
from rules.services.drafts import release_leave_out, release_put_back, release_reword
from rules.services.examples import rule_example_add
from rules.services.impacts import release_job_ask
from rules.services.news import release_acknowledge
from rules.services.plans import (
    due_time,
    publication_plan_cancel,
    publication_plan_create,
    publication_plan_run,
)
from rules.services.presence import presence_end, presence_renew
from rules.services.publishing import release_external_ensure, release_publish, release_rollback
from rules.services.releases import (
    release_create,
    release_discard,
    release_refresh,
    release_return,
    release_sign_off,
    release_submit,
)
from rules.services.replay import replay_set_create
from rules.services.rulebooks import ImportOutcome, rulebook_export, rulebook_import, rulebook_publish
from rules.services.rules import EditClash, rule_create, rule_edit, rule_restore, rule_retire

__all__ = [
    "EditClash", "ImportOutcome", "comment_create", "due_time", "presence_end", "presence_renew",
    "publication_plan_cancel", "publication_plan_create", "publication_plan_run", "release_acknowledge",
    "release_create", "release_discard", "release_external_ensure", "release_job_ask", "release_leave_out",
    "release_publish", "release_put_back", "release_refresh", "release_return", "release_reword",
    "release_rollback", "release_sign_off", "release_submit", "replay_set_create", "rule_create", "rule_edit",
    "rule_example_add", "rule_restore", "rule_retire", "rulebook_export", "rulebook_import", "rulebook_publish",
    "rules_change",
]  # fmt: skip
