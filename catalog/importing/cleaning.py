"""What files hold, made fit for a page and a database: plain text, flat attributes, numbers. Pure."""

import html
import json
import re
from contextlib import suppress
from typing import Any

TITLE, NAME, TEXT, VALUE = 1_000, 200, 20_000, 2_000
ATTRIBUTES = 400
_DROPPED = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.I | re.S)
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/tr|/h\d)\b[^<>]{0,500}>", re.I)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAME = re.compile(r"[^a-z0-9]+")


def is_broken(text: str) -> bool:
    """Whether bytes that are no UTF-8 were in it (they arrive as lone surrogates)."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def text_clean(text: str) -> str:
    """Without HTML, entities, control characters and outer blanks. A plain '<' or '&' stays."""
    if "<" in text:
        text = _TAG.sub(" ", _BREAK.sub("\n", _DROPPED.sub(" ", text)))
    if "&" in text:
        text = html.unescape(text)
    return _CONTROL.sub("", text).strip()


def line_clean(text: str) -> str:
    """`text_clean` on one line."""
    return " ".join(text_clean(text).split())


def snake_case(name: str) -> str:
    """'Product Colour (main)' -> 'product_colour_main'; '' where no letter or digit is left."""
    return _NAME.sub("_", name.casefold()).strip("_")[:60]


def attributes_flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A nested mapping as snake_case name -> text, number, boolean or list of texts; nulls and empty values go."""
    found: dict[str, Any] = {}
    for name, inner in value.items() if isinstance(value, dict) else ():
        key = snake_case(f"{prefix}{name}")
        if isinstance(inner, dict):
            found.update(attributes_flat(inner, f"{key}_"))
        elif key and (plain := _plain(inner)) not in (None, "", []):
            found[key] = plain
        if len(found) >= ATTRIBUTES:
            break
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return text_clean(value)[:VALUE]
    if isinstance(value, list):
        return [text_clean(str(part))[:NAME] for part in value if part not in (None, "")][:100]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if isinstance(value, (bool, int, float)) else None


def attributes_parse(text: str) -> dict[str, Any] | None:
    """Attributes from JSON, or from 'name : value|name : value'; None where the text is neither."""
    text = text.strip()
    if not text:
        return {}
    if text.startswith("{"):
        try:
            return attributes_flat(json.loads(text))
        except (ValueError, RecursionError):
            return None
    pairs = [part.partition(":") for part in text.split("|")]
    if not any(colon for _, colon, _ in pairs):
        return None
    return attributes_flat({name.strip(): value.strip() for name, colon, value in pairs if colon})


def value_guess(text: str) -> Any:
    """A cell of an unnamed column: a number where it is written as one, true or false, else cleaned text."""
    if text in ("True", "true", "False", "false"):
        return text in ("True", "true")
    if text and len(text) < 16 and (text[0].isdigit() or text[0] == "-") and not re.match(r"0\d", text):
        with suppress(ValueError):  # '12-inch' is text after all
            return float(text) if "." in text else int(text)
    return text_clean(text)[:VALUE]
