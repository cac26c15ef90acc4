"""This room's writes: keyword-only, one transaction each.

Answers (judgments, rankings, skips) are rows of append-only or once-only tables that name person and time, so they are
their own audit; everything else writes an audit row beside.
"""

from annotation.services.adjudications import adjudication_record
from annotation.services.assignments import slots_assign, slots_reassign, slots_return
from annotation.services.campaigns import (
    campaign_act,
    campaign_archive,
    campaign_clone,
    campaign_close,
    campaign_create,
    campaign_edit,
    campaign_open,
    campaign_pairs,
    campaign_pause,
    campaign_restore,
    overlap_check,
    ranking_campaign_create,
)
from annotation.services.exports import export_start, judgments_import_start
from annotation.services.gold import gold_remove, gold_set
from annotation.services.imports import imports_take_up
from annotation.services.judgments import Saved, judgment_submit, judgment_undo
from annotation.services.keys import keys_reset, keys_set
from annotation.services.notices import notice_reviewers, notices_read, notices_write
from annotation.services.quality import (
    alarm_resolve,
    quality_compute,
    quality_refresh_due,
    quality_refresh_start,
    quality_settings_set,
)
from annotation.services.quizzes import quiz_answer, quiz_start, quiz_waive
from annotation.services.rankings import ranking_submit, ranking_undo
from annotation.services.reasonings import reasonings_ensure
from annotation.services.reviews import answer_accept, answer_return
from annotation.services.slots import (
    flag_raise,
    flag_resolve,
    leases_expire,
    leases_renew,
    slot_lease,
    slot_skip,
    slots_hold,
)
from annotation.services.stale import contradictions_check, stale_campaign_open, stale_take_up
from annotation.services.suggestions import Suggested, suggestions_record
from annotation.services.triage import flags_resolve, triage_decide
from annotation.services.undoing import answer_undo

__all__ = [
    "alarm_resolve",
    "quality_compute",
    "quality_refresh_due",
    "quality_refresh_start",
    "quality_settings_set",
    "Saved",
    "Suggested",
    "adjudication_record",
    "answer_accept",
    "answer_return",
    "answer_undo",
    "campaign_act",
    "campaign_archive",
    "campaign_clone",
    "campaign_close",
    "campaign_create",
    "campaign_pairs",
    "campaign_edit",
    "campaign_open",
    "campaign_pause",
    "campaign_restore",
    "contradictions_check",
    "export_start",
    "flag_raise",
    "flag_resolve",
    "flags_resolve",
    "gold_remove",
    "gold_set",
    "imports_take_up",
    "judgment_submit",
    "judgment_undo",
    "judgments_import_start",
    "keys_reset",
    "keys_set",
    "leases_expire",
    "leases_renew",
    "notice_reviewers",
    "notices_read",
    "notices_write",
    "overlap_check",
    "quiz_answer",
    "quiz_start",
    "quiz_waive",
    "ranking_campaign_create",
    "ranking_submit",
    "ranking_undo",
    "reasonings_ensure",
    "slot_lease",
    "slot_skip",
    "slots_assign",
    "slots_hold",
    "slots_reassign",
    "slots_return",
    "stale_campaign_open",
    "stale_take_up",
    "suggestions_record",
    "triage_decide",
]
