"""Dawid and Skene's model (1979): each person has her own confusion matrix; truth and matrices are found together. Pure.

Expectation-maximisation over flat arrays of answers, so a million answers cost a few seconds and no table of people by
subjects is ever made. A person may answer a subject several times, as in the paper. Confusions are smoothed a little
towards being right, so that somebody with five answers is not believed to be perfect; 0 is the paper's own estimate.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fit:
    """`posterior` (subjects, K), `prior` (K,), `confusion` (people, K true, K given) whose rows sum to 1."""

    posterior: Array
    prior: Array
    confusion: Array
    log_likelihood: float
    steps: int


def fit(
    subjects: Ints, people: Ints, answers: Ints, *, levels: int = 4, smoothing: float = 0.0,
    most_steps: int = 200, tolerance: float = 1e-6,
) -> Fit:  # fmt: skip
    """EM from the shares of the votes. `answers` are 0..K-1; subjects and people are numbered from 0 without gaps."""
    subject_count, person_count = int(subjects.max()) + 1, int(people.max()) + 1
    posterior = np.zeros((subject_count, levels))
    np.add.at(posterior, (subjects, answers), 1.0)
    posterior /= posterior.sum(axis=1, keepdims=True)
    likelihood, steps = -np.inf, 0
    while steps < most_steps:
        steps += 1
        prior, confusion = _maximise(posterior, subjects, people, answers, person_count, smoothing)
        posterior, found = _expect(prior, confusion, subjects, people, answers, subject_count)
        if abs(found - likelihood) < tolerance * max(1.0, abs(found)):
            likelihood = found
            break
        likelihood = found
    return Fit(posterior, prior, confusion, likelihood, steps)


def _maximise(
    posterior: Array, subjects: Ints, people: Ints, answers: Ints, person_count: int, smoothing: float
) -> tuple[Array, Array]:
    levels = posterior.shape[1]
    prior = posterior.mean(axis=0)
    counts = np.empty((levels, person_count * levels))
    place = people * levels + answers
    for true in range(levels):
        counts[true] = np.bincount(place, weights=posterior[subjects, true], minlength=person_count * levels)
    confusion = counts.reshape(levels, person_count, levels).transpose(1, 0, 2)
    confusion = confusion + smoothing * (np.eye(levels) * levels + 1)
    sums = confusion.sum(axis=2, keepdims=True)
    return prior, np.divide(confusion, sums, out=np.full_like(confusion, 1 / levels), where=sums > 0)


def _expect(
    prior: Array, confusion: Array, subjects: Ints, people: Ints, answers: Ints, subject_count: int
) -> tuple[Array, float]:
    levels = len(prior)
    with np.errstate(divide="ignore"):
        said, logs = np.log(np.maximum(confusion, 1e-12)), np.log(np.maximum(prior, 1e-12))
    posterior = np.empty((subject_count, levels))
    for true in range(levels):
        given = said[people, true, answers]
        posterior[:, true] = logs[true] + np.bincount(subjects, weights=given, minlength=subject_count)
    top = posterior.max(axis=1, keepdims=True)
    weights = np.exp(posterior - top)
    sums = weights.sum(axis=1, keepdims=True)
    return weights / sums, float((top[:, 0] + np.log(sums[:, 0])).sum())
