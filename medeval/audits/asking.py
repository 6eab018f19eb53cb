"""A drawn share of the samples, asked again: whether the model answers as it did, but for what flips anyway."""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from medeval import reports
from medeval.engines.base import Engine
from medeval.engines.baseline import Baseline
from medeval.engines.patient import FactSelector
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError
from medeval.evaluation.running import OF_THE_MODEL
from medeval.journal import Journal
from medeval.openings import Means, chosen, engine_for
from medeval.planning import Cell
from medeval.records import (
    ASKED_AGAIN,
    CaseSample,
    ChoiceSample,
    DialogueSample,
    Kind,
    OpenSample,
    Record,
    Response,
    Result,
    Sample,
    Setting,
    Walk,
)
from medeval.runner import Seat, Watch, play
from medeval.scoring import walks
from medeval.sitting import Sitting
from medeval.stats import power

SHARE, FEWEST = 0.01, 20
"""Of the samples of a cell that are asked again, and how many at least."""
FLIPS = power.FLIPS
CHANCE = 0.01
"""Disagreements are more than flips below this chance of there being so many."""
CACHING = "enable_prefix_caching"
S = TypeVar("S", bound=Sample)


class Again(Record, frozen=True, kw_only=True):
    """What came of asking samples of a cell again."""

    cell: str
    samples: int
    takes: int
    """Of them, those that were answered both times."""
    unanswered: int
    apart: tuple[str, ...]
    """Samples whose answer is another now; one that was asked several times may stand here as often."""
    rate: float
    measured: bool
    """Whether the rate is the cell's own."""
    chance: float
    """Of so many differences or more, if answers flip at that rate."""

    @property
    def holds(self) -> bool:
        """Whether the differences are no more than flips."""
        return self.chance >= CHANCE


class _Heard(Watch):
    """Keeps every walk by its number."""

    def __init__(self) -> None:
        self.walks: dict[int, Walk] = {}

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        """Keep it."""
        self.walks[number] = walk


def fresh(model: str | Engine, means: Means, cells: Sequence[Cell]) -> Engine:
    """Open a model with its caches off, and see that it is the one that answered."""
    settings = [cell.manifest.setting for cell in cells]
    engine = model if not isinstance(model, str) else engine_for(
        model, uncached(model, means), _kind(settings), settings[0].seed
    )  # fmt: skip
    if isinstance(engine, Recorded | Predictions):
        raise RequestError(f"--model {model}: replays what was recorded, and proves nothing. Name the model itself.")
    for cell in cells:
        was = cell.manifest.engines["model"]
        if was != engine.identity:
            fields = "; ".join(reports.differing(was, engine.identity))
            engine.close()
            raise RequestError(
                f"{cell.folder}: was answered by another model ({fields}). Open it as it was opened then."
            )
    return engine


def uncached(model: str | Engine, means: Means) -> Means:
    """Let vLLM take nothing from a question before, unless it was said otherwise."""
    said = [each.partition("=")[0].strip().lstrip("-").replace("-", "_") for each in means.engine_args]
    if chosen(model, means).engine != "vllm" or CACHING in said:
        return means
    return replace(means, engine_args=(*means.engine_args, f"{CACHING}=false"))


def _kind(settings: Sequence[Setting]) -> Kind:
    """What the model was taken for, so that nobody is asked for it again; how it is asked stands in the settings."""
    if any(setting.thinking == "on" for setting in settings):
        return "reasoning"
    return "chat" if any(setting.chat for setting in settings) else "base"


def unaskable(cell: Cell) -> str:
    """Why a cell cannot be asked again; empty if it can."""
    if cell.manifest.setting.elsewhere:
        return "its texts were made elsewhere, and nobody here knows the prompt"
    patient = cell.manifest.engines.get("patient")
    if patient is not None and patient != FactSelector().identity:
        return f"its patient was played by {patient.model}, and only rules can play again"
    return ""


def drawn(sitting: Sitting, share: float, seed: str) -> frozenset[int]:
    """Draw samples by a seed, and give the numbers of their takes."""
    size = len(sitting.samples)
    count = min(size, max(FEWEST, math.ceil(share * size)))
    numbers = {*random.Random(f"{seed} {sitting.name}").sample(range(size), count)}  # noqa: S311  a draw that all can repeat
    return frozenset([place for place, take in enumerate(sitting.takes) if take.number in numbers])


def asked_again(  # noqa: PLR0913  what is asked, of whom, and what may flip
    cell: Cell, engine: Engine, place: Path, *, share: float = SHARE, seed: str = "", flips: float = FLIPS,
    stopped: Callable[[], bool] = lambda: False,
) -> Again:  # fmt: skip
    """Ask drawn samples of a cell again, into a fresh journal in a folder of its own."""
    sitting = cell.sitting
    numbers = drawn(sitting, share, seed)
    with closing(Journal(cell.folder / reports.JOURNAL, writable=False)) as journal:
        then = {number: walk for number, walk in enumerate(walks(sitting, journal)) if number in numbers}
    heard = _Heard()
    with closing(Journal(place / reports.JOURNAL)) as journal:
        play([Seat(sitting, journal)], _engines(engine, sitting), watch=heard, stopped=stopped, only=numbers)
    both = [
        number for number in sorted(numbers)
        if not {then[number].answer.status, heard.walks[number].answer.status} & ASKED_AGAIN
    ]  # fmt: skip
    apart = [number for number in both if not alike(then[number], heard.walks[number])]
    rate, measured = _rate(cell.folder, flips)
    return Again(
        cell=cell.folder.name, samples=len({sitting.takes[number].number for number in numbers}), takes=len(both),
        unanswered=len(numbers) - len(both), apart=tuple([sitting.takes[number].sample.id for number in apart]),
        rate=rate, measured=measured, chance=chance_of(len(apart), len(both), rate),
    )  # fmt: skip


def alike(then: Walk, now: Walk) -> bool:
    """Whether two ways come to the same: the same pick; where nothing was picked, the same texts."""
    if then.answer.picked or now.answer.picked:
        return {*then.answer.picked} == {*now.answer.picked}
    return then.answer.status == now.answer.status and [*_texts(then)] == [*_texts(now)]


def chance_of(apart: int, of: int, rate: float) -> float:
    """The chance of so many differences or more, if each comes at a rate."""
    from scipy.special import bdtrc

    return float(bdtrc(apart - 1, of, rate)) if apart else 1.0


def _texts(walk: Walk) -> Iterator[str]:
    return (each.reply.text for each in walk.of("model") if isinstance(each.reply, Response))


def _rate(folder: Path, flips: float) -> tuple[float, bool]:
    """How often answers flip between identical runs: as the cell's own repeats show, or as was measured elsewhere."""
    result = reports.read(folder / reports.RESULT, Result)
    own = [each.value for each in result.estimates if each.metric == "flip_rate"] if result else []
    return (own[0], True) if own and own[0] is not None else (flips, False)


def _engines(engine: Engine, sitting: Sitting) -> Mapping[str, Engine]:
    """Every role of a cell; what follows rules looks its questions up."""
    patient = FactSelector()
    patient.study(_sheets(sitting, CaseSample))
    if isinstance(engine, Baseline):
        engine.study(_sheets(sitting, ChoiceSample, OpenSample, DialogueSample))
    return {**dict.fromkeys(OF_THE_MODEL, engine), "patient": patient}


def _sheets(sitting: Sitting, *kinds: type[S]) -> dict[tuple[str, str, int], S]:
    return {
        (sitting.name, take.sample.id, take.variant): take.sample
        for take in sitting.takes
        if isinstance(take.sample, kinds)
    }
