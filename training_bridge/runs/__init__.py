"""The site's side of the run directory: make it, start a trainer on it or adopt a live one, follow it to its end."""

from training_bridge.runs.directory import run_path, run_prepare
from training_bridge.runs.follow import run_follow

__all__ = ["run_follow", "run_path", "run_prepare"]
