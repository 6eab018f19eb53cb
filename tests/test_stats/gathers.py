"""Statistics of weighted marks, as tests gather them."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def mean(marks: Floats, weights: Floats) -> Floats:
    values: Floats = weights @ marks / weights.sum(axis=-1)
    return values


def f1(marks: Floats, weights: Floats) -> Floats:
    """Macro-F1 of two classes, out of pairs (target, pick)."""
    scores = []
    for name in range(2):
        asked, said = marks[:, 0] == name, marks[:, 1] == name
        scores.append(2 * (weights @ (asked & said)) / np.maximum(weights @ (0.0 + asked + said), 1))
    values: Floats = np.mean(scores, axis=0)
    return values
