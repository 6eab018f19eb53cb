"""Samples that were asked several times: their majority, and how firm their answers are.

Several takes of a sample are repeats of the same words, variants with the options in other places, or both.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from medeval.metrics.base import Mark, Metric
from medeval.records import NOT_MEASURED, Answer, ChoiceSample, Sample, Walk
from medeval.sitting import Sitting

VOTED, EVERY, CONSISTENCY = "voted", "every", "consistency"


class Takes:
    """The takes of a sitting, by sample."""

    def __init__(self, sitting: Sitting, walks: Sequence[Walk | None]) -> None:
        self._sitting = sitting
        self._walks = walks
        self.by_sample: dict[int, list[int]] = {}
        for place, take in enumerate(sitting.takes):
            self.by_sample.setdefault(take.number, []).append(place)

    def means(self, marks: Sequence[Any], part: int | None) -> list[float | None]:
        """The mean mark of every sample, over those of its takes that were measured."""
        found: list[float | None] = []
        for places in self.by_sample.values():
            known = [
                marks[place] if part is None else marks[place][part] for place in places if marks[place] is not None
            ]
            found.append(math.fsum(known) / len(known) if known else None)
        return found

    def voted(self, metric: Metric) -> list[Mark]:
        """The marks of what most takes of a sample picked; of equals, the first. None if none was measured."""
        return [self._vote(metric, number, places) for number, places in self.by_sample.items()]

    def firmness(self, marks: Sequence[Any]) -> Iterator[tuple[str, list[float | None]]]:
        """How firm right and wrong are: names, and a mark a sample; nothing where marks are graded.

        Of repeats: pass_at_k, that one of k takes is right; all_of_k, that the worst of k is; flip_rate, that two takes
        differ. Of variants: consistency, that all pick the same option, wherever it stands.
        """
        if not all(mark in (None, 0.0, 1.0) for mark in marks):
            return
        repeats = self._sitting.setting.repeats
        if repeats > 1:
            series = [[*self._repeats(marks, places)] for places in self.by_sample.values()]
            for k in _powers(repeats):
                yield f"pass_at_{k}", _averaged(series, _any_of, k)
                yield f"all_of_{k}", _averaged(series, _all_of, k)
            yield "flip_rate", _averaged(series, _flips, 2)
        if any(len(places) > repeats for places in self.by_sample.values()):
            yield CONSISTENCY, [self._consistent(places) for places in self.by_sample.values()]

    def by_variant(self, marks: Sequence[Any]) -> list[tuple[float, ...] | None]:
        """The mean mark of every sample in each of its variants; none where one was not measured."""
        series = [[*self._repeats(marks, places)] for places in self.by_sample.values()]
        return [
            tuple([math.fsum(each) / len(each) for each in variants]) if all(variants) else None for variants in series
        ]

    def every(self, marks: Sequence[Any]) -> list[float | None]:
        """Whether a sample is right in every take; only where every take was measured."""
        known = [[marks[place] for place in places] for places in self.by_sample.values()]
        return [None if None in each else float(all(mark == 1.0 for mark in each)) for each in known]

    def _repeats(self, marks: Sequence[Any], places: Sequence[int]) -> Iterator[list[float]]:
        """The measured marks of a sample, variant by variant."""
        by_variant: dict[int, list[float]] = {}
        for place in places:
            found = by_variant.setdefault(self._sitting.takes[place].variant, [])
            if marks[place] is not None:
                found.append(marks[place])
        yield from by_variant.values()

    def _vote(self, metric: Metric, number: int, places: Sequence[int]) -> Mark:
        heard = [*self._heard(places)]
        if not heard:
            return None
        votes = Counter([_origins(shown, walk.answer) for shown, walk in heard if walk.answer.picked])
        picked = votes.most_common(1)[0][0] if votes else ()
        walk = replace(heard[0][1], answer=Answer(picked=picked, rule="majority"))
        return metric.mark(self._sitting.samples[number], walk)

    def _consistent(self, places: Sequence[int]) -> float | None:
        heard = [*self._heard(places)]
        if len(heard) < len(places):
            return None
        picked = {_origins(shown, walk.answer) for shown, walk in heard}
        return float(len(picked) == 1 and () not in picked)

    def _heard(self, places: Sequence[int]) -> Iterator[tuple[Sample, Walk]]:
        for place in places:
            walk = self._walks[place]
            if walk and walk.answer.status not in NOT_MEASURED:
                yield self._sitting.takes[place].sample, walk


def _powers(most: int) -> list[int]:
    """2, 4, 8 … and the whole number of takes."""
    return sorted({2**power for power in range(1, most.bit_length()) if 2**power <= most} | {most})


def _averaged(series: Sequence[Sequence[Sequence[float]]], figure: Any, k: int) -> list[float | None]:
    """The mean over the variants of a sample; none where a variant was measured less than k times."""
    return [
        None if any(len(each) < k for each in variants)
        else math.fsum([figure(len(each), int(sum(each)), k) for each in variants]) / len(variants)
        for variants in series
    ]  # fmt: skip


def _any_of(n: int, right: int, k: int) -> float:
    """Unbiased, from n takes of which some are right; Chen and others, arXiv:2107.03374."""
    return 1 - math.comb(n - right, k) / math.comb(n, k)


def _all_of(n: int, right: int, k: int) -> float:
    return math.comb(right, k) / math.comb(n, k)


def _flips(n: int, right: int, k: int) -> float:
    return right * (n - right) / math.comb(n, k)


def _origins(sample: Sample, answer: Answer) -> tuple[str, ...]:
    """Name what was picked by the labels that the options had before they changed places."""
    options = sample.options if isinstance(sample, ChoiceSample) else ()
    origins: Mapping[str, str] = {option.label: option.origin or option.label for option in options}
    return tuple(sorted(origins.get(picked, picked) for picked in answer.picked))
