"""Pictures of items, drawn flat in the item's own colour with a little jitter and grain."""

import random
from pathlib import Path

from PIL import Image, ImageDraw

from catalog.sample.items import Item
from catalog.sample.shapes import Ink, draw

SIDE = 160
_OVER = 2  # drawn at twice the size and reduced, for smooth edges
_GROUNDS: tuple[Ink, ...] = ((233, 230, 224), (226, 231, 233), (236, 229, 222), (228, 232, 226))


def _mix(ink: Ink, other: Ink, share: float) -> Ink:
    r, g, b = (round(x + (y - x) * share) for x, y in zip(ink, other, strict=True))
    return (r, g, b)


def _inks(colour: Ink, ground: Ink, rng: random.Random) -> dict[str, Ink]:
    r, g, b = (max(0, min(255, part + rng.randint(-5, 5))) for part in colour)
    body = (r, g, b)
    dim = sum(body) < 210
    return {
        "body": body, "back": ground,
        "dark": _mix(body, (255, 255, 255), 0.14) if dim else _mix(body, (20, 20, 30), 0.22),
        "pale": _mix(body, (255, 255, 255), 0.55) if sum(body) < 640 else _mix(body, (120, 120, 130), 0.35),
        "ink": (48, 46, 52), "metal": (198, 178, 132), "screen": (40, 46, 58), "leaf": (96, 132, 92),
        "glow": _mix(ground, (255, 240, 190), 0.8),
    }  # fmt: skip


class Studio:
    """Draws pictures; the grain is one tile laid at another place each time, since drawing it anew is slow."""

    def __init__(self, rng: random.Random) -> None:
        raw = bytes(124 + part % 9 for part in rng.randbytes((SIDE * 2) ** 2))
        self.grain = Image.frombytes("L", (SIDE * 2, SIDE * 2), raw)
        self.veil = Image.new("L", (SIDE, SIDE), 20)

    def picture(self, item: Item, rng: random.Random) -> Image.Image:
        """A picture of `item`, RGB, SIDE by SIDE pixels."""
        ground = rng.choice(_GROUNDS)
        side = SIDE * _OVER
        image = Image.new("RGB", (side, side), ground)
        pen = ImageDraw.Draw(image)
        scale = side / 100 * rng.uniform(0.78, 0.9)
        left, top = ((side - 100 * scale) / 2 + rng.uniform(-8, 8) for _ in range(2))
        foot = top + 91 * scale
        pen.ellipse(
            [left + 18 * scale, foot - 8, left + 82 * scale, foot + 8], fill=_mix(ground, (0, 0, 0), 0.07)
        )
        draw(pen, item.kind.shape, _inks(item.color.rgb, ground, rng), scale, (left, top))
        small = image.reduce(_OVER)
        x, y = rng.randrange(SIDE), rng.randrange(SIDE)
        tile = self.grain.crop((x, y, x + SIDE, y + SIDE)).convert("RGB")
        return Image.composite(tile, small, self.veil)


def pictures_write(items: list[Item], folder: Path, rng: random.Random) -> None:
    """Write `<item id>.jpg` of every item into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(rng)
    for item in items:
        studio.picture(item, rng).save(folder / f"{item.id}.jpg", quality=88, subsampling=0)
