"""Item rows out of a product table."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from catalog.importing import cleaning
from catalog.importing.columns import Columns
from catalog.importing.formats import DESCRIPTION, IGNORED, ITEM
from catalog.importing.rejections import Rejections
from catalog.importing.rows import ItemRow
from catalog.importing.tables import Table
from catalog.pictures import PictureRefused, picture_read, picture_store

ID_LONGEST = 120
PICTURES = 8


def items_read(table: Table, folder: Path, rejections: Rejections) -> Iterator[ItemRow]:
    """Typed rows; what cannot be taken goes to `rejections`."""
    columns = Columns(table, ITEM)
    used = {columns.at[name] for name in columns.at}
    about = [at for at, name in enumerate(table.columns) if name in DESCRIPTION]
    skipped = used | set(about) | {at for at, name in enumerate(table.columns) if name in IGNORED}
    others = [(at, cleaning.snake_case(name)) for at, name in enumerate(table.columns) if at not in skipped]
    others = [(at, name) for at, name in others if name]
    for line, cells in columns.rows(rejections):
        row = _item(columns, about, others, partial(_pictures, folder), line, cells, rejections)
        if row is not None:
            yield row


def _item(
    columns: Columns, about: list[int], others: list[tuple[int, str]], pictures: Callable[..., Any], line: int,
    cells: list[Any], rejections: Rejections,
) -> ItemRow | None:  # fmt: skip
    reject = partial(rejections.add, line, columns.table.name)
    ref = item_ref(columns, cells)
    if not ref:
        reject("id", "missing id", "give each product an id", cells)
        return None
    if len(ref) > ID_LONGEST:
        reject("id", "id too long", f"at most {ID_LONGEST} characters", cells)
        return None
    title = cleaning.line_clean(columns.text(cells, "title"))
    if not title:
        reject("title", "missing title", "give the product a title", cells)
        return None
    attributes = cleaning.attributes_parse(columns.text(cells, "attributes"))
    if attributes is None:
        rejections.note("attributes that are no JSON left out")
        attributes = {}
    for at, name in others:
        value = cells[at]
        if (value := cleaning.value_guess(value) if isinstance(value, str) else value) not in ("", None):
            attributes.setdefault(name, value if isinstance(value, (bool, int, float, str)) else str(value))
    category = columns.text(cells, "category") or str(attributes.get("product_type") or "")
    description = "\n".join(t for at in about if (t := cleaning.text_clean(str(cells[at]))))
    return item_row(
        line, ref, title, columns.text(cells, "brand"), category, description, attributes,
        pictures(columns, cells, reject, rejections), rejections,
    )  # fmt: skip


def item_row(
    line: int, ref: str, title: str, brand: str, category: str, description: str, attributes: dict[str, Any],
    images: list[dict[str, Any]], rejections: Rejections,
) -> ItemRow:  # fmt: skip
    """Cut what is too long, and name the content by its hash."""
    cut = partial(_cut, rejections)
    content = (
        cut("title", title, cleaning.TITLE),
        cut("brand", cleaning.line_clean(brand), cleaning.NAME),
        cut("category", cleaning.line_clean(category), cleaning.NAME),
        cut("description", description, cleaning.TEXT),
        attributes,
        images,
    )
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return ItemRow(line, ref, digest, *content)


def _cut(rejections: Rejections, field: str, text: str, limit: int) -> str:
    if len(text) > limit:
        rejections.note(f"{field} cut to {limit} characters")
        return text[:limit]
    return text


def item_ref(columns: Columns, cells: list[Any]) -> str:
    """The product's id; where a source keys by id and locale, both."""
    ref, locale = columns.text(cells, "id"), columns.text(cells, "locale")
    return f"{ref}_{locale}" if ref and locale else ref


def _pictures(
    folder: Path, columns: Columns, cells: list[Any], reject: Callable[..., None], rejections: Rejections
) -> list[dict[str, Any]]:
    found = []
    for name in columns.text(cells, "images").replace(";", "|").split("|"):
        name = name.strip()
        if name.startswith(("http://", "https://")):
            found.append({"state": "remote", "url": name[:1000]})
        elif name:
            try:
                found.append(picture_local(folder, name))
            except PictureRefused as reason:
                reject("image", f"picture left out: {reason}", "the item itself was taken", name)
    url = columns.text(cells, "image_url")
    if url.startswith(("http://", "https://")):
        found.append({"state": "remote", "url": url[:1000]})
    return found[:PICTURES]


def picture_local(folder: Path, name: str) -> dict[str, Any]:
    """A stored picture as an item row carries it. Raises PictureRefused."""
    stored = picture_store(picture_read(folder, name))
    return {
        "state": "stored", "blob": stored.sha256, "size": stored.size, "media_type": stored.media_type,
        "url": name[:1000],
    }  # fmt: skip


def photos_read(table: Table, folder: Path, rejections: Rejections) -> Iterator[ItemRow]:
    """Photos with a class and no text: items titled 'Photo', the class as an attribute (a fact of the picture)."""
    columns = Columns(table, {"image": ("image_path", "image", "file"), "class": ("label", "class")})
    for line, cells in columns.rows(rejections):
        name = columns.text(cells, "image")
        if not name:
            rejections.add(line, table.name, "image", "missing id", "name the picture's file", cells)
            continue
        try:
            image = picture_local(folder, name)
        except PictureRefused as reason:
            rejections.add(line, table.name, "image", f"picture refused: {reason}", "mend the file", cells)
            continue
        attributes = {"class": value} if (value := columns.text(cells, "class")) else {}
        ref = name.rsplit("/", 1)[-1].rsplit(".", 1)[0][:ID_LONGEST]
        yield item_row(line, ref, "Photo", "", "", "", attributes, [image], rejections)
