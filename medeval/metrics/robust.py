"""How far a number hangs on what should not matter: the order of options, the words of a prompt."""

from typing import TYPE_CHECKING

from medeval.metrics.base import Mark, Metric
from medeval.records import Sample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats


def by_variant(sample: Sample, walk: Walk) -> Mark:
    """Marks are made of several walks of a sample, a column a variant, and never of one alone."""
    return None


def _extremes(marks: "Floats", weights: "Floats") -> "Floats":
    """The worst mean of the variants, and how far it is from the best."""
    import numpy as np

    means = weights @ marks / weights.sum(axis=-1, keepdims=True)
    return np.stack([means.min(axis=-1), np.ptp(means, axis=-1)], axis=-1)


SPREAD = (
    Metric(
        name="worst_variant", version=1, mark=by_variant, gather=_extremes, part=0, voted=False, reflected=True,
        about="The headline in that wording or shuffle of the options in which it is lowest.",
    ),
    Metric(
        name="variant_spread", version=1, mark=by_variant, gather=_extremes, part=1, better="lower", voted=False,
        reflected=True,
        about="The headline in its best wording or shuffle of the options, less that in its worst.",
    ),
)  # fmt: skip
