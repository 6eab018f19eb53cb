"""What many duels come to: win rates, strengths, and how far a judge can be trusted in either order. Pure."""

import math
from collections.abc import Iterable, Iterator, Sequence

from medeval.duels.results import Compared, Pairing, Ranking, Share, Strength
from medeval.stats.intervals import Z95
from medeval.stats.pairwise import BradleyTerry, Outcome, WinRate, bradley_terry, fewest_flips, win_rate_of
from medeval.stats.pairwise import Strength as Fitted
from medeval.stats.strengths import POINTS
from medeval.talks.duel import Round, meant

FLAT = 1e-9
WORTH = {"first": 1.0, "tie": 0.5, "second": 0.0}
RIDGE = 1.0
"""Where strengths have no maximum: a normal prior with the variance of one unit of log-odds."""
Marked = tuple[float, str]
"""A worth, and the cluster that it belongs to."""


def pairings(lines: Sequence[Compared], criteria: Sequence[str]) -> Iterator[Pairing]:
    """Every pair by every criterion."""
    by_pair: dict[tuple[str, str], list[Compared]] = {}
    for line in lines:
        by_pair.setdefault((line.first, line.second), []).append(line)
    for (first, second), own in by_pair.items():
        for criterion in criteria:
            said = [round_.outcome for line in own for round_ in line.rounds if round_.criterion == criterion]
            found = _rate([
                (WORTH[round_.outcome], line.cluster) for line, round_ in _known(own, criterion)
            ])  # fmt: skip
            yield Pairing(
                first=first, second=second, criterion=criterion, wins=said.count("first"), ties=said.count("tie"),
                losses=said.count("second"), missing=said.count(""), rate=_share(found), p=_finite(found.p),
            )  # fmt: skip


def rankings(lines: Sequence[Compared], criteria: Sequence[str], anchor: str) -> tuple[list[Ranking], list[str]]:
    """Strengths by every criterion, and notes where there are none, or none of their own."""
    found: list[Ranking] = []
    notes: list[str] = []
    for criterion in criteria:
        known = list(_known(lines, criterion))
        outcomes = [Outcome(line.first, line.second, WORTH[round_.outcome]) for line, round_ in known]
        clusters = [line.cluster for line, _ in known]
        if anchor not in {name for outcome in outcomes for name in outcome[:2]}:
            notes.append(f"{criterion}: no comparison with {anchor} has an outcome, so there are no strengths")
            continue
        try:
            fit = bradley_terry(outcomes, anchor, clusters=clusters)
        except ValueError as error:
            why = str(error).partition(":")[0]
            notes.append(f"{criterion}: {why}; a ridge of {RIDGE:g} holds the strengths, and they have no intervals")
            fit = bradley_terry(outcomes, anchor, clusters=clusters, ridge=RIDGE)
        found.append(_ranking(criterion, fit, outcomes, len({*clusters})))
    return found, notes


def consistency(lines: Iterable[Compared]) -> Share:
    """How often the two orders mean the same."""
    return _share(_rate([(float(len({*meant(each)}) == 1), line.cluster) for line, each in _heard(lines)]))


def first_position(lines: Iterable[Compared]) -> Share:
    """How often the answer shown first is preferred, where one is."""
    return _share(_rate([
        (float(said == "1"), line.cluster)
        for line, each in _heard(lines) for said in (each.straight, each.swapped) if said != "tie"
    ]))  # fmt: skip


def _known(lines: Iterable[Compared], criterion: str) -> Iterator[tuple[Compared, Round]]:
    """Comparisons that have an outcome."""
    for line in lines:
        for round_ in line.rounds:
            if round_.criterion == criterion and round_.outcome:
                yield line, round_


def _heard(lines: Iterable[Compared]) -> Iterator[tuple[Compared, Round]]:
    """Comparisons with verdicts in both orders."""
    for line in lines:
        for round_ in line.rounds:
            if round_.straight and round_.swapped:
                yield line, round_


def _rate(marked: Sequence[Marked]) -> WinRate:
    return win_rate_of([worth for worth, _ in marked], [cluster for _, cluster in marked])


def _share(found: WinRate) -> Share:
    low, high, method = found.interval
    limits = (None, None) if method.startswith("none") else (_finite(low), _finite(high))
    return Share(value=_finite(found.value), low=limits[0], high=limits[1], method=method, n=found.n)


def _ranking(criterion: str, fit: BradleyTerry, outcomes: Sequence[Outcome], clusters: int) -> Ranking:
    flips = fewest_flips(outcomes, fit.ridge)
    strengths = [_strength(each, fit, clusters) for each in fit.strengths]
    return Ranking(
        criterion=criterion, strengths=tuple(sorted(strengths, key=lambda each: (-each.strength, each.name))),
        ridge=fit.ridge, leader=flips.leader, rival=flips.rival,
        flips=None if flips.rival == flips.leader else flips.turned, n=flips.n,
    )  # fmt: skip


def _strength(found: Fitted, fit: BradleyTerry, clusters: int) -> Strength:
    (low, high, method), error = found.interval, found.error
    if error < FLAT and not fit.ridge and found.name != fit.anchor:
        # Outcomes of one kind only, such as ties, have no spread: that is no certainty.
        error = found.model_error * math.sqrt(fit.n / clusters)
        half = POINTS * Z95 * error
        low, high, method = found.rating - half, found.rating + half, "model, for all outcomes are of one kind"
    without = bool(fit.ridge) or found.name == fit.anchor
    return Strength(
        name=found.name, strength=found.theta, error=None if without else _finite(error), rating=found.rating,
        low=None if without else _finite(low), high=None if without else _finite(high),
        method="anchor" if found.name == fit.anchor else method,
    )  # fmt: skip


def _finite(value: float) -> float | None:
    """What is no number is told as none."""
    return value if math.isfinite(value) else None
