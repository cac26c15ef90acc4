"""Fits picture classifiers; apart from `picture_classes`, so that a process that only asks them loads no scikit-learn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training_bridge.synthesis.picture_classes import FEATURES, SPEAKS, Classifier
from training_bridge.synthesis.pictures import Array, pixels_of

LEAST_PICTURES, LEAST_CLASSES, MOST_CLASSES, FOLDS = 8, 2, 80, 4
PRECISION = 0.8
_STRENGTH, _ROUNDS = 10.0, 400


def fit_classifiers(pictures: Sequence[bytes], items: Sequence[Mapping[str, Any]]) -> tuple[Classifier, ...]:
    """One classifier for each way of speaking that the pictured items' own fields can teach; () where none can.

    `items[i]` holds the fields of what `pictures[i]` shows. Raises BadImage for a picture that cannot be read.
    """
    pixels = [pixels_of(content) for content in pictures]
    found: dict[str, Classifier] = {}
    for field, (speaks, reads) in SPEAKS.items():
        taught = _taught(field, items) if speaks not in found else {}
        if taught and (fitted := _fit(field, speaks, reads, pixels, taught)):
            found[speaks] = fitted
    return tuple(found.values())


def _taught(field: str, items: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Picture's index -> class, for values that enough pictures carry."""
    said = {at: str(item[field]).strip() for at, item in enumerate(items) if item.get(field)}
    counts = Counter(said.values())
    kept = {value for value, count in counts.most_common(MOST_CLASSES) if count >= LEAST_PICTURES}
    return {at: value for at, value in said.items() if value in kept} if len(kept) >= LEAST_CLASSES else {}


def _fit(
    field: str, speaks: str, reads: str, pixels: Sequence[Array], taught: Mapping[int, str]
) -> Classifier | None:
    seen = np.stack([FEATURES[reads](pixels[at]) for at in taught])
    truth = np.array(list(taught.values()))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS))
    shares = cross_val_predict(model, seen, truth, cv=FOLDS, method="predict_proba")
    classes = np.unique(truth)
    least, precision, coverage = _threshold(shares.max(axis=1), classes[shares.argmax(axis=1)] == truth)
    if not coverage:
        return None
    model.fit(seen, truth)
    scaler, linear = model[0], model[1]
    weights, bias = _two_sided(linear.coef_.T, linear.intercept_)
    weights = weights / scaler.scale_[:, None]
    return Classifier(
        field, speaks, reads, tuple(str(name) for name in linear.classes_), weights, bias - scaler.mean_ @ weights,
        least, precision, coverage, len(taught),
    )  # fmt: skip


def _two_sided(weights: Array, bias: Array) -> tuple[Array, Array]:
    """With two classes the library keeps the second's scores alone; the first's are 0."""
    if weights.shape[1] > 1:
        return weights, bias
    return np.concatenate([np.zeros_like(weights), weights], axis=1), np.array([0.0, float(bias[0])])


def _threshold(shares: Array, right: NDArray[np.bool_]) -> tuple[float, float, float]:
    """(least share, precision, coverage) of the widest speech that is right PRECISION of the time; coverage 0: none."""
    order = np.argsort(-shares, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= PRECISION)
    if not len(good) or good[-1] + 1 < LEAST_PICTURES:
        return 1.0, 0.0, 0.0
    last = int(good[-1])
    return float(shares[order[last]]), float(precision[last]), (last + 1) / len(order)
