"""What a picture itself shows, computed from its bytes: dominant colours, and a class by a small classifier.

The classifier is a multinomial logistic regression on coarse features (colour and edge histograms), fitted on training
pictures; it is saved as .npz without pickle.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

Array = NDArray[np.float64]
_SIDE = 48
_GRID = 6
_LARGEST_SIDE = 8192
_MIN_SHARE = 0.12
_ROUNDS, _RATE, _DECAY = 300, 0.5, 1e-3

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (20, 20, 20), "white": (245, 245, 245), "grey": (128, 128, 128), "red": (200, 30, 40),
    "orange": (235, 130, 35), "yellow": (240, 215, 60), "green": (50, 140, 70), "blue": (40, 80, 180),
    "light blue": (140, 190, 230), "navy": (25, 35, 80), "purple": (115, 60, 150), "pink": (235, 150, 180),
    "brown": (115, 75, 45), "beige": (220, 200, 170),
}  # fmt: skip


class BadImage(ValueError):
    """Bytes that are no picture that can be read."""


def dominant_colours(content: bytes, most: int = 3) -> list[tuple[str, float]]:
    """[(name, share)] of the thing shown, largest first: the colour of the border counts as background and is left out.

    Shares are of what is not background and are at least .12. Raises BadImage.
    """
    pixels = _pixels(content)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    background = np.median(border, axis=0)
    plain = np.abs(border - background).max(axis=1) < 24
    flat = pixels.reshape(-1, 3)
    if plain.mean() > 0.6:
        shown = flat[np.abs(flat - background).max(axis=1) >= 24]
        flat = shown if len(shown) >= 0.02 * len(flat) else flat
    names = list(COLOURS)
    nearest = _nearest_colours(flat)
    shares = np.bincount(nearest, minlength=len(names)) / len(flat)
    order = np.argsort(-shares, kind="stable")[:most]
    return [(names[index], round(float(shares[index]), 2)) for index in order if shares[index] >= _MIN_SHARE]


def features(content: bytes) -> Array:
    """A vector (F,) of a picture's coarse brightness, colour and edges; the same length for all. Raises BadImage."""
    pixels = _pixels(content) / 255.0
    grey = pixels.mean(axis=2)
    cell = _SIDE // _GRID
    blocks = grey.reshape(_GRID, cell, _GRID, cell).mean(axis=(1, 3)).ravel()
    down, right = np.abs(np.diff(grey, axis=0)), np.abs(np.diff(grey, axis=1))
    edges = [
        part[: _GRID * 7, : _GRID * 7].reshape(_GRID, 7, _GRID, 7).mean(axis=(1, 3)).ravel()
        for part in (down, right)
    ]
    spread = np.concatenate([np.histogram(pixels[..., band], 8, (0, 1))[0] / grey.size for band in range(3)])
    return np.concatenate([blocks, *(4 * part for part in edges), spread])


def fit(images: Sequence[bytes], classes: Sequence[str]) -> dict[str, Any]:
    """A classifier of these pictures: {"classes", "mean", "scale", "weights" (F, C), "bias" (C,)}.

    Raises ValueError where there are fewer than two classes, BadImage for a picture that cannot be read.
    """
    names = sorted(set(classes))
    if len(names) < 2:
        raise ValueError("a classifier needs pictures of two classes at least")
    seen = np.stack([features(content) for content in images])
    mean, scale = seen.mean(axis=0), seen.std(axis=0) + 1e-6
    inputs = (seen - mean) / scale
    truth = np.eye(len(names))[[names.index(name) for name in classes]]
    weights, bias = np.zeros((inputs.shape[1], len(names))), np.zeros(len(names))
    for _ in range(_ROUNDS):
        error = _shares(inputs @ weights + bias) - truth
        weights -= _RATE * (inputs.T @ error / len(inputs) + _DECAY * weights)
        bias -= _RATE * error.mean(axis=0)
    return {"classes": names, "mean": mean, "scale": scale, "weights": weights, "bias": bias}


def predict(classifier: dict[str, Any], content: bytes) -> tuple[str, float]:
    """(class, share) of a picture. Raises BadImage."""
    inputs = (features(content) - classifier["mean"]) / classifier["scale"]
    shares = _shares((inputs @ classifier["weights"] + classifier["bias"])[None])[0]
    best = int(shares.argmax())
    return str(classifier["classes"][best]), float(shares[best])


def save(classifier: dict[str, Any], path: Path) -> None:
    """As .npz, class names as text arrays."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.asarray(value) for name, value in classifier.items()})


def load(path: Path) -> dict[str, Any]:
    """Read without pickle. Raises ValueError for a file that holds objects."""
    with np.load(path, allow_pickle=False) as held:
        read: dict[str, Any] = {name: held[name] for name in held.files}
    read["classes"] = [str(name) for name in read["classes"]]
    return read


def image_evidence(
    content: bytes, classifier: dict[str, Any] | None = None, least: float = 0.5
) -> dict[str, str]:
    """What a prompt says of a picture: {"colour": "blue 70%, white 20%", "shows": "dress"}; a class only when likely."""
    found = {"colour": ", ".join(f"{name} {share:.0%}" for name, share in dominant_colours(content))}
    if classifier is not None:
        name, share = predict(classifier, content)
        found |= {"shows": name} if share >= least else {}
    return {name: value for name, value in found.items() if value}


def _pixels(content: bytes) -> Array:
    """(48, 48, 3) in 0..255. Pictures larger than 8192 a side are refused before they are decoded."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if max(image.size) > _LARGEST_SIDE:
                raise BadImage(f"a picture of {image.size[0]} x {image.size[1]} is too large")
            shown = image.convert("RGBA").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage(f"no picture: {error}") from error
    ground = Image.new("RGBA", shown.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(ground, shown).convert("RGB"), dtype=np.float64)


def _nearest_colours(flat: Array) -> NDArray[np.intp]:
    palette = np.array(list(COLOURS.values()), dtype=np.float64)
    weight = np.array([0.8, 1.0, 0.7])
    distance = (((flat[:, None, :] - palette[None]) * weight) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.intp)


def _shares(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)
