"""Classes that a catalogue's own pictures teach: an item whose text keeps its colour to itself still looks lake blue.

One small linear classifier for each field that enough pictured items state, fitted on the pictures handed in and kept as
.npz without pickle. It speaks only where cross-validation on those pictures shows it to be right four times of five.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training_bridge.synthesis.pictures import Array, colour_features, shape_features

# An item's field -> (how a prompt says it, the features it is read from). The first field that is carried wins.
SPEAKS: Mapping[str, tuple[str, str]] = {
    "color": ("looks", "colour"), "colour": ("looks", "colour"), "product_colour": ("looks", "colour"),
    "category": ("shows", "both"), "product_type": ("shows", "both"), "type": ("shows", "both"),
}  # fmt: skip
FEATURES: Mapping[str, Callable[[Array], Array]] = {
    "colour": colour_features,
    "both": lambda pixels: np.concatenate([colour_features(pixels), shape_features(pixels)]),
}


@dataclass(frozen=True)
class Classifier:
    """`speaks` is the evidence's name; a class is said where its share is at least `least`.

    precision, coverage: over the training pictures, cross-validated, of what would be said.
    """

    field: str
    speaks: str
    reads: str
    classes: tuple[str, ...]
    weights: Array  # (F, C), over features as they are: the standardisation is folded in
    bias: Array  # (C,)
    least: float
    precision: float
    coverage: float
    pictures: int

    def say(self, pixels: Array) -> str:
        """The class a picture shows; '' where it is not sure."""
        scores = FEATURES[self.reads](pixels) @ self.weights + self.bias
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        return self.classes[best] if shares[best] >= self.least else ""

    def facts(self) -> dict[str, Any]:
        """For lineage: what it was fitted on and how often it is right."""
        return {
            "classes": len(self.classes), "pictures": self.pictures, "least": round(self.least, 3),
            "precision": round(self.precision, 3), "coverage": round(self.coverage, 3),
        }  # fmt: skip


def classifiers_bytes(classifiers: Sequence[Classifier]) -> bytes:
    """As .npz: the same bytes for the same classifiers."""
    held: dict[str, Any] = {}
    for at, one in enumerate(classifiers):
        held |= {f"{at}.{name}": np.asarray(value) for name, value in vars(one).items()}
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **held)
    return out.getvalue()


def classifiers_read(content: bytes) -> tuple[Classifier, ...]:
    """Read without pickle. Raises ValueError for a file that holds objects or lacks a part."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        parts = {name: held[name] for name in held.files}
    try:
        return tuple(_read(parts, at) for at in range(len({name.split(".")[0] for name in parts})))
    except KeyError as error:
        raise ValueError(f"a part of the classifier is missing: {error}") from error


def _read(parts: Mapping[str, NDArray[Any]], at: int) -> Classifier:
    def one(name: str) -> Any:
        return parts[f"{at}.{name}"].item()

    return Classifier(
        field=one("field"), speaks=one("speaks"), reads=one("reads"),
        classes=tuple(str(name) for name in parts[f"{at}.classes"]),
        weights=parts[f"{at}.weights"], bias=parts[f"{at}.bias"], least=one("least"),
        precision=one("precision"), coverage=one("coverage"), pictures=one("pictures"),
    )  # fmt: skip
