"""Tables of files as streams of rows: CSV and TSV (plain or gzipped), Parquet, JSON lines. Flat memory."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow.parquet as pq

from catalog.errors import ImportRefused

FIELD_LIMIT = 32 << 20
BATCH = 2_000
csv.field_size_limit(FIELD_LIMIT)


@dataclass
class Table:
    """A file with a header. `rows` gives (line, cells) with as many cells as columns or fewer; `read` is bytes so far."""

    path: Path
    name: str
    columns: list[str]
    delimiter: str = ","
    read: int = 0

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix == ".parquet"

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        return self._parquet_rows() if self.is_parquet else self._text_rows()

    def _text_rows(self) -> Iterator[tuple[int, list[Any]]]:
        with self.path.open("rb") as raw, _text(self.path, raw) as stream:
            reader = csv.reader(stream, delimiter=self.delimiter)
            next(reader, None)
            line = reader.line_num + 1
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    yield line, [error]
                    line = reader.line_num + 1
                    continue
                if cells:
                    yield line, cells
                line = reader.line_num + 1
                if not line % 64:
                    self.read = raw.tell()
        self.read = self.size

    def _parquet_rows(self) -> Iterator[tuple[int, list[Any]]]:
        source = pq.ParquetFile(self.path)
        total, line = max(1, source.metadata.num_rows), 0
        for batch in source.iter_batches(batch_size=BATCH):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield line, ["" if cell is None else cell for cell in row]
            self.read = self.size * line // total
        self.read = self.size


def table_open(path: Path) -> Table:
    """Read the header alone. Raises ImportRefused where there is none."""
    if path.suffix == ".parquet":
        try:
            columns = list(pq.ParquetFile(path).schema_arrow.names)
        except (OSError, ValueError) as error:
            raise ImportRefused(f"{path.name} is not a Parquet file: {error}") from error
        return Table(path, path.name, columns)
    try:
        with path.open("rb") as raw, _text(path, raw) as stream:
            head = stream.readline()
            delimiter = max(",\t;|", key=head.count)
            columns = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
    except (OSError, EOFError) as error:
        raise ImportRefused(f"{path.name} cannot be read: {error}") from error
    if not columns:
        raise ImportRefused(f"{path.name} is empty: its first line must name the columns.")
    return Table(path, path.name, [column.strip() for column in columns], delimiter)


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, value) for each line; the value is a ValueError where the line is no JSON."""
    with path.open("rb") as raw, _text(path, raw) as stream:
        for line, text in enumerate(stream, 1):
            if text.strip():
                try:
                    yield line, json.loads(text)
                except (ValueError, RecursionError) as error:
                    yield line, ValueError(str(error))


def _text(path: Path, raw: BinaryIO) -> io.TextIOWrapper:
    """UTF-8 with or without a mark; bytes that are none come through as lone surrogates, to be found and named."""
    plain = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
    return io.TextIOWrapper(plain, "utf-8-sig", errors="surrogateescape", newline="")
