"""Small charts drawn on the server as SVG. Pure; labels are escaped, geometry is numbers.

Each chart carries a title and a description, and stands beside its figures as text or a table: nothing is told by a
drawing, or by its colours, alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, LEFT = 640, 24, 190


@dataclass(frozen=True)
class Bar:
    """`value` and `reference` lie in 0..1; `note` is printed after the bar."""

    label: str
    value: float
    note: str


def bars(rows: Sequence[Bar], title: str, reference: float | None = None) -> SafeString:
    """Horizontal bars on a scale of 0 to 1, with a dashed line at `reference`. The figures are text beside each bar."""
    height = ROW * len(rows) + 8
    span = WIDTH - LEFT - 110
    lines = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text><rect class="dot" x="{}" y="{}" width="{}" height="12" rx="2"/>'
        '<text x="{}" y="{}">{}</text>',
        [
            (LEFT - 8, ROW * at + 16, row.label[:30], LEFT, ROW * at + 6, _length(row.value, span),
             LEFT + span + 8, ROW * at + 16, row.note)
            for at, row in enumerate(rows)
        ],
    )  # fmt: skip
    line = ""
    if reference is not None:
        x = LEFT + float(_length(reference, span))
        line = format_html('<line class="ref" x1="{}" x2="{}" y1="0" y2="{}"/>', x, x, height)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" style="max-width:{}px">{}{}</svg>',
        WIDTH, height, title, WIDTH, lines, line,
    )  # fmt: skip


def _length(value: float, span: int) -> str:
    return f"{span * max(0.0, min(1.0, value)):.1f}"


WHISKER_WIDTH, WHISKER_LOW = 150, -0.25


def whisker(
    value: float | None, low: float | None, high: float | None, reference: float | None = None
) -> SafeString:
    """A dot with its interval on a scale from -.25 to 1, for a table's cell: the figures stand in the cells beside it."""
    if value is None:
        return SafeString("")
    mark = format_html('<circle class="dot" cx="{}" cy="9" r="4"/>', _spot(value))
    if low is not None and high is not None:
        line = '<line class="whisker" x1="{}" x2="{}" y1="9" y2="9"/>'
        mark = format_html("{}{}", format_html(line, _spot(low), _spot(high)), mark)
    beside = [(_spot(0), "axis")] + ([(_spot(reference), "ref")] if reference is not None else [])
    lines = format_html_join(
        "", '<line class="{}" x1="{}" x2="{}" y1="0" y2="18"/>', [(c, x, x) for x, c in beside]
    )
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {} 18" width="{}" height="18" aria-hidden="true">{}{}</svg>',
        WHISKER_WIDTH, WHISKER_WIDTH, lines, mark,
    )  # fmt: skip


def whisker_scale(reference: float | None = None) -> SafeString:
    """What the dots of a column of whiskers are read against: 0, 1, and the dashed line where there is one."""
    marks = [(_spot(0), "middle", "0"), (f"{WHISKER_WIDTH - 2}", "end", "1")]
    texts = format_html_join("", '<text x="{}" y="13" text-anchor="{}">{}</text>', marks)
    line = (
        format_html('<line class="ref" x1="{0}" x2="{0}" y1="2" y2="18"/>', _spot(reference))
        if reference is not None
        else ""
    )
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {} 18" width="{}" height="18" aria-hidden="true">{}{}</svg>',
        WHISKER_WIDTH, WHISKER_WIDTH, texts, line,
    )  # fmt: skip


def _spot(value: float) -> str:
    share = (max(WHISKER_LOW, min(1.0, value)) - WHISKER_LOW) / (1 - WHISKER_LOW)
    return f"{5 + share * (WHISKER_WIDTH - 10):.1f}"


def grade_shares(counts: Sequence[float], title: str) -> SafeString:
    """Counts of L1 to L4 as one bar in four parts, for a table's cell; its label says the shares."""
    total, x, parts = sum(counts), 0.0, []
    if not total:
        return SafeString("")
    for grade, count in enumerate(counts, 1):
        wide = 200 * count / total
        parts.append((f"fill-{grade}", f"{x:.1f}", f"{wide:.1f}"))
        x += wide
    said = ", ".join(f"L{grade} {count / total:.0%}" for grade, count in enumerate(counts, 1))
    drawn = format_html_join("", '<rect class="{}" x="{}" y="2" width="{}" height="14"/>', parts)
    return format_html(
        '<svg class="chart shares" viewBox="0 0 200 18" width="200" height="18" role="img" aria-label="{}: {}">'
        "<title>{}</title>{}</svg>",
        title, said, said, drawn,
    )  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One place of a line; `low` and `high` make a band where they are given."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


PLOT_WIDTH, PLOT_HEIGHT, PLOT_LEFT, PLOT_BOTTOM = 620, 180, 50, 24


def trend(
    points: Sequence[Point], title: str, description: str, *, bottom: float = 0.0, top: float = 1.0,
    reference: float | None = None,
) -> SafeString:  # fmt: skip
    """A line over time with its band, on a scale from `bottom` to `top`. Labels of the first, middle and last place."""
    if not points:
        return SafeString("")
    spots = [(_across(at, len(points)), _up(point.value, bottom, top)) for at, point in enumerate(points)]
    band = [(x, point) for (x, _), point in zip(spots, points, strict=True) if point.low is not None]
    shape = ""
    if band:
        upper = [f"{x:.1f},{_up(p.high or 0.0, bottom, top):.1f}" for x, p in band]
        lower = [f"{x:.1f},{_up(p.low or 0.0, bottom, top):.1f}" for x, p in reversed(band)]
        shape = format_html('<polygon class="band" points="{}"/>', " ".join(upper + lower))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    dots = format_html_join(
        "", '<circle class="dot" cx="{}" cy="{}" r="3"/>', [(f"{x:.1f}", f"{y:.1f}") for x, y in spots]
    )
    return format_html(
        '<svg class="chart trend" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}{}{}'
        '<polyline class="series" points="{}"/>{}{}</svg>',
        PLOT_WIDTH, PLOT_HEIGHT, title, description, _axes(bottom, top), _reference(reference, bottom, top), shape,
        line, dots, _labels(points),
    )  # fmt: skip


def _across(at: int, count: int) -> float:
    span = PLOT_WIDTH - PLOT_LEFT - 16
    return PLOT_LEFT + (span / 2 if count == 1 else span * at / (count - 1))


def _up(value: float, bottom: float, top: float) -> float:
    share = (max(bottom, min(top, value)) - bottom) / ((top - bottom) or 1.0)
    return PLOT_HEIGHT - PLOT_BOTTOM - share * (PLOT_HEIGHT - PLOT_BOTTOM - 12)


def _axes(bottom: float, top: float) -> SafeString:
    marks = [bottom + (top - bottom) * part / 4 for part in range(5)]
    rows = [
        (PLOT_LEFT, PLOT_WIDTH - 8, y := _up(m, bottom, top), y, PLOT_LEFT - 6, y + 4, _mark(m, top))
        for m in marks
    ]
    grid = (
        '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>'
    )
    return format_html_join("", grid, rows)


def _mark(value: float, top: float) -> str:
    return f"{value:,.0f}" if top > 3 else f"{value:.2f}".replace("0.", ".", 1)


def _reference(value: float | None, bottom: float, top: float) -> SafeString:
    if value is None:
        return SafeString("")
    y = _up(value, bottom, top)
    return format_html('<line class="ref" x1="{}" x2="{}" y1="{}" y2="{}"/>', PLOT_LEFT, PLOT_WIDTH - 8, y, y)


def _labels(points: Sequence[Point]) -> SafeString:
    last = len(points) - 1
    places = {0: "start", last: "end"} if last else {0: "middle"}
    if last > 3:
        places[last // 2] = "middle"
    rows = [
        (f"{_across(at, len(points)):.1f}", PLOT_HEIGHT - 6, anchor, points[at].label)
        for at, anchor in places.items()
    ]
    return format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', rows)
