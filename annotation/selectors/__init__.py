"""This room's reads; no writes."""

from annotation.selectors.campaigns import (
    campaign_get_for,
    campaigns_for,
    next_campaign,
    progress_of,
    slot_get_for,
)
from annotation.selectors.judgments import (
    consensus_for,
    effective_judgments,
    history_of,
    stale_among,
    stale_judgments,
)
from annotation.selectors.releases import dimensions_keyed, levels_of, release_get_for, release_in_force
from annotation.selectors.sources import PairChoice, pairs_chosen
from annotation.selectors.subjects import Subject, subjects_for

__all__ = [
    "PairChoice",
    "Subject",
    "campaign_get_for",
    "campaigns_for",
    "consensus_for",
    "dimensions_keyed",
    "effective_judgments",
    "history_of",
    "levels_of",
    "next_campaign",
    "pairs_chosen",
    "progress_of",
    "release_get_for",
    "release_in_force",
    "slot_get_for",
    "stale_among",
    "stale_judgments",
    "subjects_for",
]
