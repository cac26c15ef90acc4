"""The frozen dataset of a corpus: what is true, split by query, written as the trainer's rows, hashed and archived."""

from training_bridge.snapshots.archive import snapshot_unpack
from training_bridge.snapshots.build import SnapshotOptions, snapshot_build

__all__ = ["SnapshotOptions", "snapshot_build", "snapshot_unpack"]
