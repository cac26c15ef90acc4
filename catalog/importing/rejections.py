"""Rows that were not taken: a file to mend and import again, with the place and the reason of each."""

import csv
import json
import tempfile
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

HEADER = ("line", "file", "field", "reason", "mend", "row")
ROW_SHOWN = 2_000
KEPT = 1_000_000


class Rejections:
    """Writes as it goes, so that a million bad rows cost no memory. `notes` counts what was taken, but altered."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as opened:
            place = opened.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix="rejected-"))
            self.path = Path(place) / "rejected.csv"
            self._stream = opened.enter_context(self.path.open("w", encoding="utf-8", newline=""))
            self._writer = csv.writer(self._stream)
            self._writer.writerow(HEADER)
            self._held = opened.pop_all()
        self.count = 0
        self.by_reason: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def __enter__(self) -> "Rejections":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk: what was kept is stored by now, and the folder goes
            self._held.close()

    def add(self, line: int, file: str, field: str, reason: str, mend: str, row: Any) -> None:
        self.count += 1
        self.by_reason[reason.split(":")[0]] += 1
        if self.count <= KEPT:
            shown = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False, default=str)
            cells = [str(line), file, field, reason, mend, shown[:ROW_SHOWN]]
            self._writer.writerow([harmless(cell) for cell in cells])

    def note(self, what: str) -> None:
        self.notes[what] += 1

    def close(self) -> Path:
        self._stream.flush()
        return self.path


def harmless(cell: str) -> str:
    """No spreadsheet runs it as a formula; lone surrogates of broken bytes are shown as such."""
    cell = cell.encode("utf-8", "backslashreplace").decode()
    return f" {cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
