"""One turn of the loop, stage by stage; what a stage has done is on rows, so that a killed worker's successor goes on."""

from training_bridge.turns.turn import turn_run

__all__ = ["turn_run"]
