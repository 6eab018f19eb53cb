"""How well confidence tells right from wrong: calibration and selective prediction, of many weightings at once.

Marks are rows (confidence, right); weights are whole numbers, the copies of a sample. Samples of one confidence are
accepted together: where a figure sums over them one by one, it is the expectation over their orders. So nothing hangs
on the order of samples.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 15
COVERAGES = (0.8, 0.9, 0.95)
RISK = 0.05
HALF = 0.5
NULL_DRAWS = 200
FEW = 1_000
"""Levels up to which comparing them all is faster than looking for a border row by row."""


def figures(marks: Floats, weights: Floats) -> Floats:
    """Figures of every weighting (…, v).

    They are ECE, ECE of ten bins, AUROC, AURC, E-AURC, AUGRC, accuracy at 80, 90 and 95 % coverage, coverage at 5 %
    risk, the share of those with a confidence of a half and more, and their accuracy. What has no value, such as an
    AUROC without errors, is no number.
    """
    levels, sizes, errors = _levels(marks, weights)
    accepted, missed = np.cumsum(sizes, axis=-1), np.cumsum(errors, axis=-1)
    n, wrong = accepted[..., -1], missed[..., -1]
    right = n - wrong
    # Errors among those accepted, over all, as coverage grows; from its area AUROC follows (Traub and others, 2024).
    augrc = (_dot(missed, sizes) - _dot(errors, sizes) / 2) / n**2
    spread = right * wrong / n**2
    auroc = 1 - np.divide(augrc - (wrong / n) ** 2 / 2, spread, out=np.full_like(spread, np.nan), where=spread > 0)
    aurc = _aurc(sizes, errors, accepted, missed)
    ideal = _ideal(n, wrong)
    held = np.where(missed <= RISK * accepted, accepted, 0.0).max(axis=-1) / n
    sure = int(np.sum(levels >= HALF))
    over, over_wrong = (
        (accepted[..., sure - 1], missed[..., sure - 1]) if sure else (np.zeros_like(n), np.zeros_like(n))
    )
    return np.stack(
        [
            _gaps(levels, sizes, errors, BINS), _gaps(levels, sizes, errors, 10), auroc, aurc, aurc - ideal, augrc,
            *[_accuracy_at(each, accepted, missed) for each in COVERAGES],
            held, over / n, 1 - np.divide(over_wrong, over, out=np.full_like(over, np.nan), where=over > 0),
        ],
        axis=-1,
    )  # fmt: skip


def ece(marks: Floats, weights: Floats, bins: int = BINS) -> Floats:
    """Expected calibration error over bins of equal width; a confidence on a border belongs to the bin above."""
    places = np.clip((marks[:, 0] * bins).astype(np.int64), 0, bins - 1)
    gaps = np.zeros((len(marks), bins))
    gaps[np.arange(len(marks)), places] = marks[:, 1] - marks[:, 0]
    error: Floats = np.abs(weights @ gaps).sum(axis=-1) / weights.sum(axis=-1)
    return error


def _gaps(levels: Floats, sizes: Floats, errors: Floats, bins: int) -> Floats:
    """ECE where samples are in levels of falling confidence: a bin is a run of them."""
    places = np.clip((levels * bins).astype(np.int64), 0, bins - 1)
    gaps = sizes * (1 - levels)
    gaps -= errors
    sums = np.add.reduceat(gaps, np.flatnonzero(np.diff(places, prepend=bins)), axis=-1)
    error: Floats = np.abs(sums).sum(axis=-1) / sizes.sum(axis=-1)
    return error


def null_ece(confidences: Floats, seed: int) -> Floats:
    """The ECE of a model that is perfectly calibrated at these confidences, drawn often: ECE is never 0 by itself."""
    confidences = np.sort(confidences)
    dice = np.random.default_rng(seed)
    right = dice.random((NULL_DRAWS, len(confidences))) < confidences
    places = np.clip((confidences * BINS).astype(np.int64), 0, BINS - 1)
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    drawn: Floats = np.abs(np.add.reduceat(right - confidences, starts, axis=-1)).sum(axis=-1) / len(confidences)
    return drawn


def reliability(marks: Floats, bins: int = BINS) -> tuple[tuple[float, float, float, float, float], ...]:
    """A row for every bin that is not empty: its borders, how many are in it, their mean confidence and accuracy."""
    places = np.clip((marks[:, 0] * bins).astype(np.int64), 0, bins - 1)
    filled = [(place, marks[places == place]) for place in np.unique(places).tolist()]
    return tuple([
        (place / bins, (place + 1) / bins, float(len(each)), *map(float, each.mean(axis=0))) for place, each in filled
    ])  # fmt: skip


def risks(marks: Floats, steps: int = 20) -> tuple[tuple[float, float], ...]:
    """Coverage, and the risk among those that are accepted."""
    _, sizes, errors = _levels(marks, np.ones(len(marks)))
    accepted, missed = np.concatenate([[0.0], np.cumsum(sizes)]), np.concatenate([[0.0], np.cumsum(errors)])
    coverages = [step / steps for step in range(1, steps + 1)]
    return tuple(
        [(each, float(np.interp(each * len(marks), accepted, missed)) / (each * len(marks))) for each in coverages]
    )


def _levels(marks: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """The confidences there are, from the highest; how many have each, and how many of these are wrong."""
    rising = np.diff(marks[:, 0])
    if (rising >= 0).all():
        marks, weights = marks[::-1], weights[..., ::-1]
    elif not (rising <= 0).all():
        order = np.argsort(-marks[:, 0], kind="stable")
        marks, weights = marks[order], weights[..., order]
    starts = np.flatnonzero(np.diff(marks[:, 0], prepend=np.inf))
    if len(starts) == len(marks):
        return marks[:, 0], weights, weights * (1 - marks[:, 1])
    sizes = np.add.reduceat(weights, starts, axis=-1)
    errors = np.add.reduceat(weights * (1 - marks[:, 1]), starts, axis=-1)
    return marks[starts, 0], sizes, errors


def _aurc(sizes: Floats, errors: Floats, accepted: Floats, missed: Floats) -> Floats:
    """The mean risk over all coverages.

    Within a level of g samples with e errors, the j-th accepted is expected to bring e/g · j: summed over j, that is
    e + (errors before - e/g · samples before) · (H(samples up to here) - H(samples before)).
    """
    n = accepted[..., -1]
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, int(np.rint(n.max())) + 1))])
    reached = np.take(harmonic, accepted.astype(np.int32), mode="clip")
    steps = np.empty_like(reached)
    steps[..., 0] = reached[..., 0]
    np.subtract(reached[..., 1:], reached[..., :-1], out=steps[..., 1:])
    expected = accepted - sizes
    expected *= errors / np.maximum(sizes, 1.0)
    np.subtract(missed, expected, out=expected)
    expected -= errors
    area: Floats = (missed[..., -1] + _dot(expected, steps)) / n
    return area


def _ideal(n: Floats, wrong: Floats) -> Floats:
    """The AURC of an order that accepts all that is right first."""
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, int(np.rint(n.max())) + 1))])
    right = n - wrong
    reached: Floats = harmonic[np.rint(n).astype(np.int64)] - harmonic[np.rint(right).astype(np.int64)]
    return (wrong - right * reached) / n


def _accuracy_at(coverage: float, accepted: Floats, missed: Floats) -> Floats:
    """Accuracy of the most confident part; where its border falls among equals, they count by their mean."""
    wanted = coverage * accepted[..., -1:]
    if accepted.shape[-1] > FEW:
        rows = zip(accepted.reshape(-1, accepted.shape[-1]), wanted.ravel(), strict=True)
        last = np.array([row.searchsorted(border) for row, border in rows]).reshape(wanted.shape)
    else:
        last = (accepted < wanted).sum(axis=-1, keepdims=True)
    first = np.maximum(last - 1, 0)
    before, up_to = [np.where(last > 0, np.take_along_axis(each, first, axis=-1), 0.0) for each in (accepted, missed)]
    size = np.take_along_axis(accepted, last, axis=-1) - before
    errors = np.take_along_axis(missed, last, axis=-1) - up_to
    wrong = up_to + errors * (wanted - before) / size
    return 1 - (wrong / wanted)[..., 0]


def _dot(first: Floats, second: Floats) -> Floats:
    products: Floats = np.einsum("...i,...i->...", first, second)
    return products
