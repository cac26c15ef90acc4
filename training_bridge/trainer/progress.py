"""Where a run stands: status.json with a heartbeat, metrics.jsonl, and what SIGTERM does."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from training_bridge.trainer.rundir import RunDir

if TYPE_CHECKING:
    from transformers import TrainerCallback

STOPPED = 143
_BEAT_SECONDS = 5.0
_WRITE_SECONDS = 1.0


class Board:
    """The status of a run. A thread renews the heartbeat while torch is busy; SIGTERM asks the run to leave.

    Outside of a training loop SIGTERM leaves at once (exit 143): nothing is lost that a checkpoint would hold. Inside,
    `leaving` is set and the loop saves a checkpoint after the step in hand.
    """

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.leaving = False
        self.in_loop = False
        self._status: dict[str, Any] = {"state": "running", "step": 0, "total_steps": 0, "eta_seconds": None}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._written = 0.0

    def update(self, at_once: bool = True, **changes: Any) -> None:
        """Change fields of the status; written at once, or with the next second's write."""
        with self._lock:
            self._status.update(changes)
            if at_once or time.monotonic() - self._written > _WRITE_SECONDS:
                self._write()

    @contextmanager
    def watching(self) -> Iterator["Board"]:
        """Heartbeat and SIGTERM for the time of a run (main thread). A failure is written before it is raised."""
        previous = signal.signal(signal.SIGTERM, self._on_term)
        beat = threading.Thread(target=self._beat, daemon=True)
        beat.start()
        try:
            yield self
        except SystemExit:
            self._end(beat, state="stopped", message="stopped; starting again resumes")
            raise
        except BaseException as error:
            self._end(beat, state="failed", message=f"{type(error).__name__}: {error}"[:2000])
            raise
        else:
            self._end(beat, state="done", message="", eta_seconds=0, step=self._status["total_steps"])
        finally:
            signal.signal(signal.SIGTERM, previous)

    def callback(self) -> "TrainerCallback":
        """For a TRL trainer: logs to metrics.jsonl, step and time left to status.json, a checkpoint on SIGTERM."""
        return _make_callback(self)

    def _on_term(self, _number: int, _frame: FrameType | None) -> None:
        self.leaving = True
        if not self.in_loop:
            raise SystemExit(STOPPED)

    def _end(self, beat: threading.Thread, **changes: Any) -> None:
        self._ended.set()
        beat.join()
        self.update(**changes)

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT_SECONDS):
            self.update()

    def _write(self) -> None:
        self._written = time.monotonic()
        self.run.write_status(self._status)


def _make_callback(board: Board) -> "TrainerCallback":
    from transformers import TrainerCallback

    class Progress(TrainerCallback):
        """Reports to the board; never changes what is trained."""

        started = 0.0
        first = 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            board.in_loop = True
            self.started, self.first = time.monotonic(), state.global_step
            board.update(step=state.global_step, total_steps=state.max_steps, message="training")

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            done, left = state.global_step - self.first, None
            if done:
                pace = (time.monotonic() - self.started) / done
                left = round(pace * (state.max_steps - state.global_step), 1)
            board.update(False, step=state.global_step, eta_seconds=left)
            if board.leaving:
                control.should_save = control.should_training_stop = True

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            board.run.add_metrics(state.global_step, logs or {})

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            board.in_loop = False

    return Progress()


def leave_if_asked(board: Board) -> None:
    """After a loop: exit 143 where SIGTERM ended it."""
    if board.leaving:
        raise SystemExit(STOPPED)
