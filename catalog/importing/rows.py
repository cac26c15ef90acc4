"""Rows as readers give them and the loader takes them. Tuples, because a million of them pass through."""

from typing import Any, NamedTuple


class QueryRow(NamedTuple):
    """`ref` is what pairs name it by: the source's id, or the key where the source has none."""

    line: int
    ref: str
    external_id: str
    text: str
    key: str
    traffic: int | None
    implied: bool


class ItemRow(NamedTuple):
    """`images` are dicts with state, blob, media_type, size, url, reason; `content_hash` covers all but the line."""

    line: int
    ref: str
    content_hash: str
    title: str
    brand: str
    category: str
    description: str
    attributes: dict[str, Any]
    images: list[dict[str, Any]]


class PairRow(NamedTuple):
    """A judged pair; with `rater` a rating; with `content` a ranking. Grade 1..4, None for a ranking."""

    line: int
    query_ref: str
    item_ref: str
    grade: int | None
    dimension: str
    picture_decided: bool
    rater: str
    seconds: float | None
    content: dict[str, Any] | None
