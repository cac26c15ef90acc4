"""The run directory: the whole contract between the site and the trainer, as files.

config.json      what to do: method, options, base model, seed, lineage
data/*.jsonl     the rows
status.json      where it stands, replaced atomically: state, step, total_steps, eta_seconds, heartbeat_at, pid, message
metrics.jsonl    one line for each logged step
checkpoints/     what a stopped run resumes from
model/           the result; predictions.parquet and report.json from an evaluation
lock             held by flock for as long as a trainer works here; a second one refuses
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from relevance.reasoning import POSITIONS, TEMPLATE_VERSION
from training_bridge.trainer.options import METHODS, OptionError, read_options


class RunLocked(RuntimeError):
    """Another trainer is at work in this run directory."""


class RunError(RuntimeError):
    """A run directory that cannot be worked on; the message says which file and why."""


@dataclass(frozen=True)
class RunConfig:
    """config.json. `recipe` holds the options of `method` alone; read them with `options()`."""

    method: str
    recipe: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    base_model: str = "tiny"
    lineage: dict[str, Any] = field(default_factory=dict)
    template_version: str = TEMPLATE_VERSION
    verdict_position: str = "last"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise OptionError(f"unknown method {self.method!r}; known: {', '.join(METHODS)}")
        if self.verdict_position not in POSITIONS:
            raise OptionError(f"verdict_position is 'last' or 'first', not {self.verdict_position!r}")
        if self.template_version != TEMPLATE_VERSION:
            raise OptionError(
                f"the rows are of template {self.template_version!r}; this trainer reads {TEMPLATE_VERSION!r}"
            )
        self.options()

    def options(self) -> Any:
        """The method's options dataclass. Raises OptionError naming what is unknown or ill-typed."""
        return read_options(METHODS[self.method], self.recipe, f"recipe of {self.method}")


class RunDir:
    """A local folder, by path or file:// URI."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def at(cls, uri: str) -> "RunDir":
        """Resolve a path or URI. Raises RunError where it is no local folder with a config.json.

        Other fsspec schemes are fetched before the run and returned after it: see `remote.py`.
        """
        parts = urlsplit(uri)
        path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(uri)
        if not (path / "config.json").is_file():
            raise RunError(f"{path} holds no config.json")
        return cls(path.resolve())

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def config(self) -> RunConfig:
        """Raises OptionError for an option that is unknown, RunError where the file is no JSON object."""
        try:
            read = json.loads((self.path / "config.json").read_text("utf-8"))
        except ValueError as error:
            raise RunError(f"config.json is no JSON: {error}") from error
        if not isinstance(read, dict):
            raise RunError("config.json is no JSON object")
        return read_options(RunConfig, read)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of data/<name>.jsonl; none where there is no such file. Raises RunError naming a bad line."""
        path = self.path / "data" / f"{name}.jsonl"
        if not path.is_file():
            return []
        rows = []
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    rows.append(json.loads(line))
                except ValueError as error:
                    raise RunError(f"data/{name}.jsonl line {number} is no JSON: {error}") from error
        return rows

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Replace status.json in one step; adds heartbeat_at and pid."""
        now = datetime.now(UTC).isoformat()
        self.write_json("status.json", {**status, "heartbeat_at": now, "pid": os.getpid()})

    def write_json(self, name: str, content: object) -> None:
        """Replace a JSON file in one step: a reader sees the old one or the new one."""
        rest = self.path / f".{name}.{os.getpid()}"
        with rest.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        rest.replace(self.path / name)

    def add_metrics(self, step: int, figures: Mapping[str, Any]) -> None:
        """One more line of metrics.jsonl; whole numbers and figures only."""
        numbers = {name: value for name, value in figures.items() if isinstance(value, int | float)}
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "at": datetime.now(UTC).isoformat(), **numbers}) + "\n")

    def last_checkpoint(self) -> Path | None:
        """The newest checkpoint that was written whole: one with the trainer's state in it."""
        whole = [
            path for path in self.checkpoints.glob("checkpoint-*") if (path / "trainer_state.json").is_file()
        ]
        return max(whole, key=lambda path: int(path.name.rsplit("-", 1)[1]), default=None)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process. Raises RunLocked at once where another process holds it."""
        with (self.path / "lock").open("a+", encoding="utf-8") as file:
            self._take(file)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)

    def _take(self, file: IO[str]) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunLocked(f"a trainer is already at work in {self.path}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
