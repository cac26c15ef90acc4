"""Small filters for pages: figures, durations, grades, sanitised Markdown."""

import re
from datetime import timedelta
from typing import Any

import nh3
from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from webapp.common.jobs import job_title

register = template.Library()
register.filter("job_title", job_title)
MENTION = re.compile(r"@\[([^\]\n]{1,120})\]")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@register.filter
def markdown(text: str) -> SafeString:
    """Markdown as HTML: raw HTML is off in the parser, and the outcome is sanitised once more."""
    return mark_safe(
        nh3.clean(_markdown.render(text or ""), link_rel="noopener nofollow")
    )  # sanitised by nh3


@register.filter
def mentions(text: str) -> SafeString:
    """A comment's text, escaped, with `@[Name]` set off as a person."""
    return mark_safe(MENTION.sub(r'<span class="mention">@\1</span>', escape(text)))  # escaped before


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    return "–" if value is None else f"{100 * float(value):.{digits}f} %"


@register.filter
def figure(value: Any, digits: int = 3) -> str:
    """A figure as tables print it: .812, or a dash where there is none."""
    if value is None:
        return "–"
    text = f"{float(value):.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


@register.filter
def duration(seconds: Any) -> str:
    if seconds is None:
        return "–"
    whole = max(0, int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@register.filter
def grade_badge(grade: Any, dimension: str = "") -> SafeString:
    """A grade (1..4, 'L2' or None) as a coloured badge whose text says the same as its colour."""
    number = int(str(grade).lstrip("L")) if grade else 0
    text = f"L{number}" if number else "none"
    return format_html(
        '<span class="grade grade-{}">{}{}</span>', number, text, f"-{dimension}" if dimension else ""
    )


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def spelt(value: Any) -> str:
    """A JSON value as a person reads it: 'train 180, test 90', 'yes', '–'; nested parts in brackets."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_part(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_part(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _part(value: Any) -> str:
    return f"({spelt(value)})" if isinstance(value, dict | list) and value else spelt(value)
