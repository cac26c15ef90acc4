"""Figures drawn where a template shows them."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from annotation.charts import Point, grade_shares, trend, whisker, whisker_scale

register = template.Library()


@register.filter
def drawn(figure: Any, reference: float | None = None) -> SafeString:
    """A stored figure as a dot with its interval."""
    return whisker(figure.value, figure.low, figure.high, reference if isinstance(reference, float) else None)


@register.filter
def scale(reference: float | None = None) -> SafeString:
    """The head of a column of such dots."""
    return whisker_scale(reference if isinstance(reference, float) else None)


@register.filter
def rule_code(key: str) -> str:
    """The rule that a figure's key names with its version: "R03 v2"."""
    return key.split(" ")[0]


@register.filter
def rate_drawn(line: Any, reference: float | None = None) -> SafeString:
    """A share with its interval, as a dot."""
    return whisker(line.rate, line.low, line.high, reference)


@register.filter
def shares(counts: Sequence[float] | None, title: str = "") -> SafeString:
    """Counts of L1 to L4 as one bar."""
    return grade_shares(counts or [], str(title))


@register.filter
def total(counts: Sequence[float] | None) -> int:
    return int(sum(counts or []))


@register.filter
def unlocalized(value: float) -> str:
    """A number as an input field wants it."""
    return f"{value:g}"


@register.filter
def days_chart(days: Sequence[tuple[dt.date, int]]) -> SafeString:
    """Answers a day as a line."""
    points = [Point(f"{day:%-d %b}", float(n)) for day, n in days]
    top = max((point.value for point in points), default=0.0)
    said = (
        f"From {min(n for _, n in days)} to {max(n for _, n in days)} a day over {len(days)} days."
        if days
        else ""
    )
    return trend(points, "Answers a day", said, top=4.0 * _round_step(top / 4))


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not below `least`: marks on an axis that people can read."""
    power = 10.0 ** math.floor(math.log10(max(1.0, least)))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= least)
