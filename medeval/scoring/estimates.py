"""Estimates of marks: of all of them, and of each of the parts that their samples make."""

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from medeval.errata import listed
from medeval.errors import TaskError
from medeval.metrics import Metric
from medeval.records import NOT_MEASURED, Estimate, SliceEstimate, Status
from medeval.scoring.gathering import DRAWS, SLICE_DRAWS, Gathered, Known, gathered
from medeval.scoring.slices import COMPARED, in_order, slices_of
from medeval.sitting import Sitting


class Estimator:
    """Makes estimates of the marks of a sitting, whose statuses it looks at when it is asked."""

    def __init__(self, sitting: Sitting, statuses: Sequence[Status]) -> None:
        self._sitting = sitting
        self._statuses = statuses

    @cached_property
    def slices(self) -> Sequence[Mapping[str, str]]:
        """The parts that each sample belongs to."""
        # Looked at when something is marked: a finished run is not even asked for its parts.
        sitting = self._sitting
        known = listed(sitting.name, sitting.form) if sitting.setting.data == "real" else None
        return slices_of(sitting.samples, known)

    def made(
        self, metrics: Sequence[Metric], names: Sequence[str], marked: Known, beside: Sequence[bool]
    ) -> list[Estimate]:
        """Estimates of marks."""
        counts = Counter(self._statuses)
        # Of the task and its data alone: what else is measured beside it changes no interval.
        seed = zlib.crc32(f"{self._sitting.name} {self._sitting.data}".encode())
        wholes = self._gathered(metrics, names, marked, seed, DRAWS)
        slices: list[list[SliceEstimate]] = [[] for _ in metrics]
        for (part, value), members in self._parts(marked):
            for place, one in enumerate(self._gathered(metrics, names, members, seed, SLICE_DRAWS)):
                over = metrics[place].over
                # A mean over classes has a meaning for the types that they make up, not for anything narrower.
                if one and (not over or part in over[:-1]):
                    n = members.samples
                    slices[place].append(
                        SliceEstimate(
                            slice=part, value=value, n=n, estimate=one.value, low=_limit(one, one.interval.low),
                            high=_limit(one, one.interval.high), compared=n >= COMPARED,
                        )
                    )  # fmt: skip
        n = marked.samples
        return [
            Estimate(
                metric=name, version=metric.version, value=whole.value if whole else None,
                low=_limit(whole, whole.interval.low) if whole else None,
                high=_limit(whole, whole.interval.high) if whole else None,
                method=whole.interval.method if whole else "no value here" if n else "nothing measured",
                n=n, n_eff=whole.worth if whole else 0.0,
                unread=counts["unread"], truncated=counts["truncated"], refused=counts["refused"],
                too_long=counts["too_long"], failed=sum(counts[status] for status in NOT_MEASURED),
                unit=metric.unit, better=metric.better, beside=aside, by=metric.by,
                takes=len(self._sitting.takes) // max(1, len(self._sitting.samples)), slices=tuple(parts),
            )
            for metric, name, whole, aside, parts in zip(metrics, names, wholes, beside, slices, strict=True)
        ]  # fmt: skip

    def _gathered(
        self, metrics: Sequence[Metric], names: Sequence[str], marked: Known, seed: int, draws: int
    ) -> list[Gathered | None]:
        """Gather marks; none where nothing was measured, or where what was has no value, such as one class's AUROC."""
        if not marked.marks:
            return [None] * len(metrics)
        pooled = marked.samples < len(marked.numbers)
        pairs = [(mark, self._sitting.samples[number]) for mark, number in zip(*marked, strict=True)]
        found: list[Gathered | None] = []
        for metric, name, one in zip(
            metrics, names, gathered(metrics, pairs, seed, pooled=pooled, draws=draws), strict=True
        ):
            limits = (one.value, one.interval.low, one.interval.high)
            if all(map(math.isfinite, limits)):
                found.append(one)
            elif metric.defined:
                raise TaskError(f"Metric {name!r} gathers {limits[0]} ({limits[1]} to {limits[2]}): no number.")
            else:
                found.append(None)
        return found

    def _parts(self, marked: Known) -> list[tuple[tuple[str, str], Known]]:
        parts: dict[tuple[str, str], list[int]] = {}
        for place, number in enumerate(marked.numbers):
            for part in self.slices[number].items():
                parts.setdefault(part, []).append(place)
        members = {part: marked.at(places) for part, places in parts.items()}
        return sorted(members.items(), key=lambda part: in_order(part[0]))


def _limit(found: Gathered, limit: float) -> float | None:
    """A limit, where there is an interval: one sample, or draws that are all the same, have none."""
    return None if found.interval.method.startswith("none") else limit
