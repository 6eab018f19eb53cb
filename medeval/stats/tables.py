"""Figures of tables of targets and picks (…, target, pick or nothing): many tables at once."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def counted(marks: Floats, weights: Floats, labels: int) -> Floats:
    """Tables of marks (m, 2): the place of the target, and of the pick; a pick of -1 is none, in the last column."""
    targets, picks = marks.astype(np.int64).T
    kinds = targets * (labels + 1) + np.where(picks < 0, labels, picks)
    cells = np.zeros((len(marks), labels * (labels + 1)))
    cells[np.arange(len(marks)), kinds] = 1.0
    tables: Floats = (weights @ cells).reshape(*weights.shape[:-1], labels, labels + 1)
    return tables


def f1_of_labels(tables: Floats) -> Floats:
    """The F1 of each label; of one that is neither asked for nor picked, 0."""
    hits, picked = _hits(tables), tables[..., : tables.shape[-2]].sum(axis=-2)
    return _share(2 * hits, tables.sum(axis=-1) + picked)


def figures(tables: Floats) -> Floats:
    """Every figure of every table (…, v).

    They are balanced accuracy, macro, weighted and micro F1, the spread of recalls, the preference, and the recall of
    each label. Means are over all labels but for balanced accuracy and the spread of recalls: a label that is never
    right has no recall. The preference is the share of picks that would have to move for labels to be picked as often
    as they are right.
    """
    size = tables.shape[-2]
    hits, asked, picked = _hits(tables), tables.sum(axis=-1), tables[..., :size].sum(axis=-2)
    recall, f1 = _share(hits, asked), f1_of_labels(tables)
    there = asked > 0
    count = there.sum(axis=-1)
    balanced = _share(recall.sum(axis=-1), count)
    spread = np.sqrt(_share((np.where(there, recall - balanced[..., None], 0.0) ** 2).sum(axis=-1), count))
    n, read = asked.sum(axis=-1), picked.sum(axis=-1)
    moved = np.abs(_share(picked, read[..., None]) - _share(asked, n[..., None])).sum(axis=-1) / 2
    return np.concatenate(
        [
            np.stack(
                [
                    balanced, f1.mean(axis=-1), _share((f1 * asked).sum(axis=-1), n),
                    _share(2 * hits.sum(axis=-1), n + read), spread, np.where(read > 0, moved, 0.0),
                ],
                axis=-1,
            ),
            np.where(there, recall, np.nan),
        ],
        axis=-1,
    )  # fmt: skip


def _hits(tables: Floats) -> Floats:
    return np.diagonal(tables[..., : tables.shape[-2]], axis1=-2, axis2=-1)


def _share(part: Floats, whole: Floats) -> Floats:
    """A share, 0 of nothing."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
