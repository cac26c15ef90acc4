"""Files to take away: pictures that did not come."""

import csv
import io
from collections.abc import Iterator

from catalog.importing.rejections import harmless
from catalog.selectors import pictures_lost
from webapp.common.models import Corpus

HEADER = ("product_id", "title", "url", "state", "reason")


def lost_csv(corpus: Corpus) -> Iterator[str]:
    """Line by line, each with the address and why no picture came of it."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(HEADER)
    for image in pictures_lost(corpus).iterator(chunk_size=2_000):
        yield _taken(line)
        version = image.version
        cells = (version.item.external_id, version.title, image.url, image.state, image.reason)
        writer.writerow([harmless(cell) for cell in cells])
    yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
