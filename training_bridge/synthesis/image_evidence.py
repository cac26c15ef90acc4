"""What a picture itself shows, computed from its bytes: dominant colours, and classes by small classifiers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training_bridge.synthesis.picture_classes import Classifier
from training_bridge.synthesis.pictures import Array, pixels_of, thing_of

_MIN_SHARE = 0.12

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (20, 20, 20), "white": (245, 245, 245), "grey": (128, 128, 128), "red": (200, 30, 40),
    "orange": (235, 130, 35), "yellow": (240, 215, 60), "green": (50, 140, 70), "blue": (40, 80, 180),
    "light blue": (140, 190, 230), "navy": (25, 35, 80), "purple": (115, 60, 150), "pink": (235, 150, 180),
    "brown": (115, 75, 45), "beige": (220, 200, 170),
}  # fmt: skip


def image_evidence(content: bytes, classifiers: Sequence[Classifier] = ()) -> dict[str, str]:
    """What a prompt says of a picture: {"colour": "blue 70%, white 20%", "looks": "lake blue", "shows": "dress"}.

    A class only where its classifier is sure of it. Raises BadImage.
    """
    pixels = pixels_of(content)
    found = {"colour": ", ".join(f"{name} {share:.0%}" for name, share in dominant_colours(pixels))}
    found |= {one.speaks: one.say(pixels) for one in classifiers}
    return {name: value for name, value in found.items() if value}


def dominant_colours(pixels: Array, most: int = 3) -> list[tuple[str, float]]:
    """[(name, share)] of the thing shown, largest first; shares are of what is not background and are at least .12."""
    thing = pixels[thing_of(pixels)]
    names = list(COLOURS)
    shares = np.bincount(_nearest_colours(thing), minlength=len(names)) / len(thing)
    order = np.argsort(-shares, kind="stable")[:most]
    return [(names[index], round(float(shares[index]), 2)) for index in order if shares[index] >= _MIN_SHARE]


def clear_colour(shown: str) -> str:
    """'blue' of 'blue 70%, white 20%'; '' where no colour covers half."""
    first = shown.split(",")[0].rsplit(" ", 1)
    if len(first) != 2 or not first[1].rstrip("%").isdigit():
        return ""
    return first[0] if int(first[1].rstrip("%")) >= 50 else ""


def _nearest_colours(flat: Array) -> NDArray[np.intp]:
    palette = np.array(list(COLOURS.values()), dtype=np.float64)
    weight = np.array([0.8, 1.0, 0.7])
    distance = (((flat[:, None, :] - palette[None]) * weight) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.intp)
