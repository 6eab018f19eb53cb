"""The gate proven: a night made of the baseline's own takes must pass, and one that lost a little must not."""

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from medeval.baselines import Baseline, Pin, Pinned, bare, take
from medeval.baselines.packed import numbers
from medeval.catalog import Catalog
from medeval.comparing.samples import Floats, Samples, Whole
from medeval.comparing.sides import Side
from medeval.errors import RequestError
from medeval.gates import margins
from medeval.gates.checking import verdict
from medeval.gates.files import Opened
from medeval.gates.planned import planned
from medeval.gates.verdicts import Verdict
from medeval.metrics.choice import NOTHING
from medeval.records import Record

LOST = 0.05
"""The share of samples that a degraded night has wrong, and the baseline right."""


class Proof(Record, frozen=True, kw_only=True):
    """What a gate says of a night that is the baseline's own, and of one that lost a share of its samples."""

    same: Verdict
    degraded: Verdict

    @property
    def holds(self) -> bool:
        """Whether the first passes, and the second does not."""
        return self.same.exit_code == 0 and self.degraded.exit_code == 1

    @property
    def blind(self) -> tuple[str, ...]:
        """Gates that do not see the second."""
        return tuple([line.name for line in self.degraded.lines if line.word != "REGRESSED"])


def proven(opened: Opened, baseline: Baseline, catalog: Catalog, *, version: str) -> Proof:
    """Hold both nights to every margin of the file."""
    # What samples were called is not pinned, so numbers stand for their names on both sides.
    baseline = replace(baseline, cells=tuple([replace(pin, key=bare(pin).key) for pin in baseline.cells]))
    plans = planned(opened, baseline, catalog)
    if not plans:
        raise RequestError(f"{opened.path}: has no gate with a margin, so there is nothing to prove.")
    cells = {plan.pin.cell: plan.pin for plan in plans}.values()
    same = [take(pin, 0, bare(pin)) for pin in cells]
    found = []
    for name, night in (("the baseline's own first take", same), ("the same with 5 % lost", [*map(degraded, cells)])):
        found.append(verdict(margins.lines(plans, margins.Night(night), opened), opened, baseline, name, version))
    return Proof(same=found[0], degraded=found[1])


def degraded(pin: Pin) -> Side:
    """The first take, with the worst mark there is for a share of the samples that it had most of."""
    made = take(pin, 0, bare(pin))
    marks = {each.metric: _lowered(each, pin) for each in pin.numbers if each.marks.takes}
    wholes = {key: tuple(_spoilt(marks_, pin)) for key, marks_ in made.samples.wholes.items()}
    values = {name: float(np.nanmean(each)) for name, each in marks.items()}
    estimates = tuple([replace(each, value=values.get(each.metric, each.value)) for each in made.result.estimates])
    samples: Samples = made.samples._replace(marks=marks, wholes=wholes)
    return replace(made, samples=samples, result=replace(made.result, estimates=estimates))


def _lowered(pinned: Pinned, pin: Pin) -> Floats:
    every = numbers(pinned.marks, pin.n)
    marks = every[:, 0].copy()
    better = next(each.better for each in pin.result.estimates if each.metric == pinned.metric)
    worst = float(np.nanmin(every) if better == "higher" else np.nanmax(every))
    # Marks of right and wrong answers fall to wrong, also where nothing was wrong before.
    worst = 0.0 if better == "higher" and pinned.marks.form == "bits" else worst
    best = every.mean(axis=1) * (1 if better == "higher" else -1)
    # What has no mark has none to lose.
    order = np.argsort(-np.nan_to_num(best, nan=-np.inf), kind="stable")
    marks[order[: _count(pin.n)]] = worst
    return marks


def _spoilt(marks: Sequence[Whole | None], pin: Pin) -> Iterator[Whole | None]:
    """Marks that are no numbers, answers that were right taken for unread ones."""
    left = _count(pin.n)
    for mark in marks:
        if left and mark is not None and len(mark) == 2 and mark[0] == mark[1]:
            left -= 1
            yield mark[0], NOTHING
        else:
            yield mark


def _count(n: int) -> int:
    return max(1, round(LOST * n))
