"""Duels, played: entries checked, judges opened, every pair heard, results published."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from medeval import planning, reports
from medeval.duels.bench import Bench
from medeval.duels.match import Wish, match
from medeval.duels.results import Tournament
from medeval.errors import RequestError
from medeval.openings import Means
from medeval.records import Record, Walk
from medeval.runner import Seat, Watch, play


class Duels(Record, frozen=True, kw_only=True):
    """What duels came to."""

    results: tuple[Tournament, ...]
    """One a judge."""
    folders: tuple[Path, ...]
    asked: int
    unsettled: int
    """Errors of judges that the same command would ask about again."""


class _Deciding(Watch):
    """Hands every walk to the judge's bench as it ends."""

    def __init__(self, benches: Sequence[Bench]) -> None:
        self._benches = {bench.seat.sitting.name: bench for bench in benches}

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        """Decide it."""
        self._benches[seat.sitting.name].finished(number, walk)


def duel(
    wish: Wish, court: Callable[[], planning.Jury], *, means: Means = planning.PLAIN,
    stopped: Callable[[], bool] = lambda: False,
) -> Duels:  # fmt: skip
    """Bring recorded answers before judges in pairs; the models are asked nothing, and no pair is asked about twice."""
    compared = match(wish, means)
    reports.probe(compared.folder)
    jury = court()
    with ExitStack() as stack:
        for engine in jury.engines.values():
            stack.callback(engine.close)
        if not jury.engines:
            raise RequestError("No judge is named. Add --judge MODEL, as often as there are judges.")
        sworn = [
            planning.sworn(f"{name}{compared.mark}", engine, compared.grading) for name, engine in jury.engines.items()
        ]
        benches = []
        for each in sworn:
            benches.append(Bench(compared, each))
            stack.callback(benches[-1].close)
        for bench in benches:
            bench.begin()
        roles = {each.judge.role: engine for each, engine in zip(sworn, jury.engines.values(), strict=True)}
        played = play([bench.seat for bench in benches], roles, watch=_Deciding(benches), stopped=stopped)
        return Duels(
            results=tuple([bench.publish() for bench in benches]),
            folders=tuple([bench.folder for bench in benches]),
            asked=sum(each.asked for each in played.values()),
            unsettled=sum(bench.unsettled for bench in benches),
        )
