"""Small charts drawn on the server as SVG. Pure; labels are escaped, geometry is numbers."""

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
