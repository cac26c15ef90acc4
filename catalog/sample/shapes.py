"""Draws the flat shapes of the table."""

from collections.abc import Iterable
from typing import cast

from PIL import ImageDraw

from catalog.sample.shape_table import SHAPES

Ink = tuple[int, int, int]
Points = Iterable[tuple[float, float]]


def draw(
    pen: ImageDraw.ImageDraw, shape: str, inks: dict[str, Ink], scale: float, at: tuple[float, float]
) -> None:
    """Draw a shape whose unit square has its corner `at` (pixels); `scale` is pixels a unit."""
    for name, ink, *rest in SHAPES[shape]:
        _part(pen, str(name), inks[str(ink)], rest, scale, at)


def _part(
    pen: ImageDraw.ImageDraw, name: str, ink: Ink, rest: list[object], scale: float, at: tuple[float, float]
) -> None:
    def spot(x: float, y: float) -> tuple[float, float]:
        return (at[0] + x * scale, at[1] + y * scale)

    if name == "poly":
        pen.polygon([spot(*p) for p in cast(Points, rest[0])], fill=ink)
        return
    if name == "line":
        points = [spot(*p) for p in cast(Points, rest[1])]
        pen.line(points, fill=ink, width=max(1, round(_real(rest[0]) * scale)), joint="curve")
        return
    x0, y0, x1, y1, *more = (_real(value) for value in rest)
    box = [spot(x0, y0), spot(x1, y1)]
    if name == "oval":
        pen.ellipse(box, fill=ink)
    elif name == "box":
        pen.rectangle(box, fill=ink)
    elif name == "round":
        pen.rounded_rectangle(box, radius=more[0] * scale, fill=ink)
    elif name == "arc":
        pen.arc(box, more[0], more[1], fill=ink, width=round(more[2] * scale))
    else:
        pen.pieslice(box, *((180, 360) if name == "pie" else (0, 180)), fill=ink)


def _real(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
