"""A picture's bytes as numbers: pixels on a common grid, what is thing and what is background, features of both."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

Array = NDArray[np.float64]
SIDE = 48
_LARGEST_SIDE = 8192
_NEAR = 24  # a difference in a band (of 255) below which a pixel is still background
_PLAIN_BORDER, _LEAST_THING = 0.6, 0.02
_COARSE, _FINE, _ANGLES = 6, 12, 6


class BadImage(ValueError):
    """Bytes that are no picture that can be read."""


def pixels_of(content: bytes) -> Array:
    """(48, 48, 3) in 0..255, on white. Raises BadImage; pictures over 8192 a side are refused before they are decoded."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if max(image.size) > _LARGEST_SIDE:
                raise BadImage(f"a picture of {image.size[0]} x {image.size[1]} is too large")
            shown = image.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage(f"no picture: {error}") from error
    ground = Image.new("RGBA", shown.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(ground, shown).convert("RGB"), dtype=np.float64)


def thing_of(pixels: Array) -> NDArray[np.bool_]:
    """(48, 48): which pixels differ from a plain border; all of them where none does or the border is busy."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(border, axis=0)
    plain = (np.abs(border - ground).max(axis=1) < _NEAR).mean() > _PLAIN_BORDER
    far = np.abs(pixels - ground).max(axis=2) >= _NEAR
    return far if plain and far.mean() >= _LEAST_THING else np.ones_like(far)


def colour_features(pixels: Array) -> Array:
    """(79,): the thing's commonest and middle colour with their products, and a histogram of 4 x 4 x 4 cells."""
    thing = pixels[thing_of(pixels)]
    cells = (thing // 32).astype(int) @ np.array([64, 8, 1])
    names, counts = np.unique(cells, return_counts=True)
    body = thing[cells == names[counts.argmax()]].mean(axis=0) / 255
    middle = np.median(thing, axis=0) / 255
    spread = np.histogramdd(thing / 256, bins=4, range=[(0, 1)] * 3)[0].ravel() / len(thing)
    return np.concatenate([body, body**2, middle, body * np.roll(body, 1), body * middle, spread])


def shape_features(pixels: Array) -> Array:
    """(396,): the thing's outline on a 12 x 12 grid, edges by direction and brightness on a 6 x 6 one."""
    grey = pixels.mean(axis=2) / 255
    down, right = np.gradient(grey)
    strength, angle = np.hypot(down, right), (np.arctan2(down, right) % np.pi) / np.pi * _ANGLES
    turned = [strength * (angle.astype(int) % _ANGLES == at) for at in range(_ANGLES)]
    edges = np.concatenate([_pool(part, _COARSE) for part in turned])
    return np.concatenate([
        _pool(thing_of(pixels).astype(np.float64), _FINE),
        5 * edges / (np.linalg.norm(edges) + 1e-6),
        _pool(grey, _COARSE),
    ])  # fmt: skip


def _pool(plane: NDArray[Any], cells: int) -> Array:
    side = SIDE // cells
    means = plane.reshape(cells, side, cells, side).mean(axis=(1, 3))
    return np.asarray(means.ravel(), dtype=np.float64)
