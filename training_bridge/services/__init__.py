"""Writes of this room. Each is one transaction with its audit row."""

from training_bridge.services.adherence import adherence_check
from training_bridge.services.policies import policies_apply, refresh_policy_set
from training_bridge.services.registry import gate_evaluate, model_promote, model_register, model_rollback
from training_bridge.services.suggestions import suggestions_ask, suggestions_make
from training_bridge.services.turns import turn_start

__all__ = [
    "adherence_check",
    "gate_evaluate",
    "model_promote",
    "model_register",
    "model_rollback",
    "policies_apply",
    "refresh_policy_set",
    "suggestions_ask",
    "suggestions_make",
    "turn_start",
]
