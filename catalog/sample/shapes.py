"""One flat drawing per kind of thing, on a square of 100 by 100 units."""

from collections.abc import Sequence

from PIL import ImageDraw

Ink = tuple[int, int, int]
Points = Sequence[tuple[float, float]]
BODY, DARK, PALE = "body", "dark", "pale"
# ("poly", ink, points) | ("oval" or "box", ink, x0, y0, x1, y1) | ("round", ink, x0, y0, x1, y1, radius)
# | ("line", ink, width, points) | ("arc", ink, x0, y0, x1, y1, from, to, width)
Part = tuple[object, ...]


def _flask(top: int) -> list[Part]:
    return [("round", BODY, 36, top + 12, 64, 88, 7), ("round", DARK, 40, top, 60, top + 12, 3),
            ("box", PALE, 41, top + 24, 45, 78)]  # fmt: skip


def _jar() -> list[Part]:
    return [("round", BODY, 24, 44, 76, 82, 8), ("round", DARK, 22, 30, 78, 46, 4), ("round", PALE, 36, 56, 64, 70, 2)]


SHAPES: dict[str, list[Part]] = {
    "dress": [("poly", BODY, [(36, 14), (42, 14), (50, 22), (58, 14), (64, 14), (62, 42), (80, 86), (20, 86), (38, 42)]),
              ("line", DARK, 3, [(38, 43), (62, 43)]), ("line", DARK, 1, [(44, 48), (37, 85)]),
              ("line", DARK, 1, [(56, 48), (63, 85)])],
    "skirt": [("poly", BODY, [(34, 24), (66, 24), (82, 80), (18, 80)]), ("box", DARK, 34, 22, 66, 29),
              ("line", DARK, 1, [(43, 32), (36, 79)]), ("line", DARK, 1, [(57, 32), (64, 79)])],
    "shirt": [("poly", BODY, [(36, 16), (64, 16), (88, 34), (80, 50), (70, 43), (70, 86), (30, 86), (30, 43), (20, 50), (12, 34)]),
              ("poly", PALE, [(40, 16), (60, 16), (50, 30)]), ("line", DARK, 1, [(50, 30), (50, 86)]),
              ("oval", DARK, 51, 40, 54, 43), ("oval", DARK, 51, 54, 54, 57), ("oval", DARK, 51, 68, 54, 71)],
    "tee": [("poly", BODY, [(34, 20), (66, 20), (88, 36), (79, 51), (69, 45), (69, 84), (31, 84), (31, 45), (21, 51), (12, 36)]),
            ("oval", DARK, 40, 13, 60, 28), ("oval", "back", 42, 10, 58, 25)],
    "jumper": [("poly", BODY, [(36, 18), (64, 18), (80, 28), (90, 78), (78, 80), (69, 46), (69, 86), (31, 86), (31, 46), (22, 80), (10, 78), (20, 28)]),
               ("round", DARK, 39, 14, 61, 22, 4), ("box", DARK, 31, 80, 69, 86)],
    "jacket": [("poly", BODY, [(36, 14), (64, 14), (82, 26), (90, 74), (79, 77), (71, 46), (71, 84), (29, 84), (29, 46), (21, 77), (10, 74), (18, 26)]),
               ("poly", DARK, [(36, 14), (50, 34), (42, 40)]), ("poly", DARK, [(64, 14), (50, 34), (58, 40)]),
               ("line", DARK, 2, [(50, 34), (50, 84)]), ("box", DARK, 34, 60, 44, 63), ("box", DARK, 56, 60, 66, 63)],
    "trousers": [("poly", BODY, [(32, 12), (68, 12), (76, 90), (58, 90), (50, 40), (42, 90), (24, 90)]),
                 ("box", DARK, 32, 12, 68, 18), ("line", DARK, 1, [(50, 18), (50, 38)])],
    "scarf": [("arc", BODY, 28, 12, 72, 52, 0, 360, 13), ("poly", BODY, [(54, 44), (68, 42), (74, 84), (58, 86)]),
              ("line", DARK, 2, [(58, 80), (73, 78)]), ("line", DARK, 1, [(62, 86), (62, 92)]), ("line", DARK, 1, [(69, 85), (69, 91)])],
    "gloves": [("round", BODY, 20, 30, 46, 78, 12), ("round", BODY, 44, 44, 54, 62, 4), ("box", DARK, 22, 72, 44, 84),
               ("round", BODY, 60, 26, 84, 74, 12), ("round", BODY, 52, 28, 62, 46, 4), ("box", DARK, 61, 68, 83, 80)],
    "cap": [("pie", BODY, 22, 24, 78, 88), ("poly", DARK, [(50, 56), (78, 56), (95, 66), (92, 70), (50, 62)]),
            ("oval", DARK, 47, 22, 53, 27)],
    "bag": [("arc", DARK, 32, 16, 68, 64, 180, 360, 4), ("poly", BODY, [(22, 42), (78, 42), (86, 84), (14, 84)]),
            ("line", DARK, 2, [(21, 52), (79, 52)]), ("round", PALE, 45, 48, 55, 58, 2)],
    "shoe": [("poly", BODY, [(14, 40), (30, 38), (38, 46), (62, 56), (86, 62), (90, 72), (12, 72)]),
             ("round", PALE, 10, 71, 92, 80, 4), ("line", DARK, 2, [(38, 56), (46, 48)]), ("line", DARK, 2, [(46, 60), (54, 52)]),
             ("line", DARK, 2, [(16, 52), (32, 66)])],
    "boot": [("poly", BODY, [(26, 16), (54, 16), (56, 50), (84, 58), (88, 76), (24, 76)]), ("box", DARK, 22, 76, 90, 85),
             ("line", PALE, 2, [(44, 26), (55, 26)]), ("line", PALE, 2, [(45, 36), (56, 36)]), ("line", PALE, 2, [(46, 46), (56, 46)])],
    "sandal": [("round", DARK, 10, 68, 90, 78, 5), ("line", BODY, 8, [(24, 70), (36, 44), (52, 68)]),
               ("line", BODY, 8, [(58, 70), (70, 52), (82, 70)]), ("line", BODY, 6, [(36, 46), (70, 54)])],
    "laces": [("line", BODY, 5, [(20, 20), (34, 80), (46, 24), (58, 80), (70, 22), (82, 80)]),
              ("line", DARK, 5, [(20, 20), (18, 12)]), ("line", DARK, 5, [(82, 80), (84, 88)])],
    "lamp": [("poly", BODY, [(38, 16), (62, 16), (76, 46), (24, 46)]), ("box", DARK, 48, 46, 52, 78),
             ("round", DARK, 34, 78, 66, 85, 3), ("poly", "glow", [(28, 48), (72, 48), (82, 60), (18, 60)])],
    "floorlamp": [("poly", BODY, [(40, 8), (60, 8), (70, 28), (30, 28)]), ("box", DARK, 48, 28, 52, 88), ("round", DARK, 34, 87, 66, 92, 2)],
    "shade": [("poly", BODY, [(36, 26), (64, 26), (82, 74), (18, 74)]), ("line", DARK, 2, [(36, 27), (64, 27)]),
              ("line", DARK, 2, [(18, 73), (82, 73)])],
    "cushion": [("round", BODY, 18, 20, 82, 82, 14), ("line", DARK, 1, [(26, 28), (74, 74)]),
                ("line", DARK, 1, [(74, 28), (26, 74)]), ("oval", DARK, 47, 48, 53, 54)],
    "blanket": [("round", BODY, 16, 30, 84, 46, 7), ("round", BODY, 16, 46, 84, 62, 7), ("round", BODY, 16, 62, 84, 78, 7),
                ("line", DARK, 1, [(20, 46), (82, 46)]), ("line", DARK, 1, [(20, 62), (82, 62)]), ("line", PALE, 2, [(24, 38), (60, 38)])],
    "rug": [("poly", BODY, [(26, 26), (74, 26), (92, 76), (8, 76)]), ("line", PALE, 2, [(30, 34), (70, 34), (83, 69), (17, 69), (30, 34)]),
            ("line", DARK, 1, [(36, 44), (64, 44)]), ("line", DARK, 1, [(31, 58), (69, 58)])],
    "chair": [("round", BODY, 30, 10, 70, 46, 6), ("box", BODY, 26, 50, 74, 60), ("box", DARK, 32, 44, 36, 52), ("box", DARK, 64, 44, 68, 52),
              ("line", DARK, 4, [(30, 60), (26, 90)]), ("line", DARK, 4, [(70, 60), (74, 90)])],
    "stool": [("round", BODY, 22, 34, 78, 46, 6), ("line", DARK, 4, [(32, 46), (24, 86)]), ("line", DARK, 4, [(68, 46), (76, 86)]),
              ("line", DARK, 3, [(28, 68), (72, 68)])],
    "vase": [("poly", BODY, [(42, 34), (58, 34), (72, 58), (66, 88), (34, 88), (28, 58)]), ("box", DARK, 40, 30, 60, 35),
             ("line", "leaf", 2, [(50, 30), (50, 10)]), ("oval", "leaf", 51, 10, 60, 20), ("oval", "leaf", 39, 14, 49, 24)],
    "mug": [("arc", BODY, 58, 36, 86, 68, 0, 360, 6), ("round", BODY, 24, 26, 70, 82, 6), ("oval", DARK, 24, 22, 70, 33)],
    "travelmug": _flask(14),
    "bottle": [("round", BODY, 38, 30, 62, 90, 8), ("box", BODY, 44, 20, 56, 32), ("round", DARK, 42, 10, 58, 21, 3), ("box", PALE, 42, 42, 45, 80)],
    "teapot": [("arc", BODY, 10, 38, 40, 72, 0, 360, 5), ("poly", BODY, [(70, 58), (92, 36), (95, 41), (76, 74)]),
               ("oval", BODY, 24, 34, 78, 82), ("round", DARK, 40, 31, 62, 37, 2), ("oval", DARK, 47, 23, 55, 31)],
    "pan": [("round", BODY, 14, 44, 62, 78, 5), ("box", DARK, 62, 49, 94, 55), ("oval", DARK, 14, 38, 62, 49)],
    "plate": [("oval", BODY, 12, 12, 88, 88), ("oval", DARK, 26, 26, 74, 74), ("oval", BODY, 27, 27, 73, 73)],
    "bowl": [("pie-down", BODY, 14, 12, 86, 84), ("oval", DARK, 14, 41, 86, 55), ("box", DARK, 38, 82, 62, 87)],
    "phone": [("round", BODY, 30, 8, 70, 92, 7), ("round", "screen", 34, 17, 66, 82, 2), ("oval", PALE, 47, 85, 53, 90)],
    "case": [("round", BODY, 28, 8, 72, 92, 8), ("round", DARK, 34, 14, 52, 34, 4), ("oval", PALE, 37, 17, 42, 22), ("oval", PALE, 44, 25, 49, 30)],
    "headphones": [("arc", BODY, 20, 14, 80, 80, 180, 360, 7), ("round", BODY, 14, 48, 32, 82, 7), ("round", BODY, 68, 48, 86, 82, 7),
                   ("round", DARK, 28, 51, 35, 79, 3), ("round", DARK, 65, 51, 72, 79, 3)],
    "earbuds": [("oval", BODY, 20, 26, 42, 48), ("round", BODY, 30, 40, 38, 74, 3), ("oval", BODY, 58, 26, 80, 48),
                ("round", BODY, 62, 40, 70, 74, 3), ("oval", DARK, 25, 31, 34, 40), ("oval", DARK, 66, 31, 75, 40)],
    "speaker": [("round", BODY, 28, 12, 72, 88, 8), ("oval", DARK, 36, 46, 64, 74), ("oval", BODY, 44, 54, 56, 66), ("oval", DARK, 43, 22, 57, 36)],
    "watch": [("box", BODY, 40, 6, 60, 94), ("round", DARK, 30, 30, 70, 70, 9), ("round", "screen", 34, 34, 66, 66, 6),
              ("line", PALE, 2, [(50, 40), (50, 51), (58, 55)])],
    "strap": [("round", BODY, 24, 10, 42, 90, 5), ("round", BODY, 58, 10, 76, 90, 5), ("round", DARK, 58, 10, 76, 18, 2),
              ("oval", DARK, 31, 60, 35, 64), ("oval", DARK, 31, 70, 35, 74), ("oval", DARK, 31, 80, 35, 84)],
    "bear": [("oval", BODY, 22, 10, 42, 30), ("oval", BODY, 58, 10, 78, 30), ("oval", BODY, 28, 46, 72, 92), ("oval", BODY, 26, 14, 74, 58),
             ("oval", PALE, 40, 34, 60, 52), ("oval", "ink", 38, 28, 43, 33), ("oval", "ink", 57, 28, 62, 33), ("oval", "ink", 46, 37, 54, 43)],
    "blocks": [("box", BODY, 14, 52, 48, 86), ("box", DARK, 52, 52, 86, 86), ("box", BODY, 33, 16, 67, 50), ("box", PALE, 42, 25, 58, 41)],
    "puzzle": [("box", BODY, 14, 28, 48, 62), ("oval", BODY, 42, 38, 57, 53), ("box", DARK, 54, 42, 86, 76), ("oval", DARK, 62, 33, 77, 48),
               ("oval", BODY, 24, 56, 39, 71)],
    "game": [("round", BODY, 12, 24, 88, 84, 4), ("round", PALE, 20, 32, 80, 76, 2), ("box", DARK, 26, 38, 42, 52), ("box", BODY, 58, 38, 74, 52),
             ("box", DARK, 58, 57, 74, 70), ("box", BODY, 26, 57, 42, 70)],
    "lipstick": [("box", "ink", 38, 52, 62, 90), ("box", "metal", 41, 38, 59, 54), ("poly", BODY, [(43, 38), (43, 20), (57, 10), (57, 38)])],
    "polish": [("round", BODY, 30, 46, 70, 88, 7), ("box", "ink", 42, 10, 58, 46), ("box", PALE, 36, 54, 40, 80)],
    "tube": [("poly", BODY, [(28, 12), (72, 12), (62, 76), (38, 76)]), ("round", DARK, 38, 76, 62, 90, 2), ("box", PALE, 42, 34, 58, 38)],
    "jar": _jar(),
    "dropper": [("round", BODY, 32, 48, 68, 90, 6), ("box", BODY, 44, 38, 56, 50), ("round", "ink", 42, 26, 58, 40, 2),
                ("round", "ink", 45, 8, 55, 28, 4), ("round", PALE, 39, 60, 61, 76, 2)],
    "backpack": [("arc", DARK, 40, 6, 60, 28, 180, 360, 4), ("round", BODY, 24, 16, 76, 88, 16), ("round", DARK, 32, 54, 68, 80, 5),
                 ("line", PALE, 2, [(34, 38), (66, 38)])],
    "mat": [("poly", BODY, [(34, 40), (92, 40), (92, 70), (34, 70)]), ("oval", DARK, 12, 32, 50, 70), ("oval", BODY, 18, 38, 44, 64), ("oval", DARK, 26, 46, 36, 56)],
    "tent": [("poly", BODY, [(50, 18), (92, 82), (8, 82)]), ("poly", DARK, [(50, 36), (66, 82), (34, 82)]), ("line", DARK, 2, [(50, 10), (50, 22)])],
}  # fmt: skip


def draw(pen: ImageDraw.ImageDraw, shape: str, inks: dict[str, Ink], scale: float, at: tuple[float, float]) -> None:
    """Draw a shape whose unit square has its corner `at` (pixels); `scale` is pixels a unit."""
    for name, ink, *rest in SHAPES[shape]:
        _part(pen, str(name), inks[str(ink)], rest, scale, at)


def _part(
    pen: ImageDraw.ImageDraw, name: str, ink: Ink, rest: list[object], scale: float, at: tuple[float, float]
) -> None:
    def spot(x: float, y: float) -> tuple[float, float]:
        return (at[0] + x * scale, at[1] + y * scale)

    if name == "poly":
        pen.polygon([spot(*p) for p in rest[0]], fill=ink)  # type: ignore[attr-defined]
        return
    if name == "line":
        points = [spot(*p) for p in rest[1]]  # type: ignore[attr-defined]
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
