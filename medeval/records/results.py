"""How a task is put, and what is published of it."""

from typing import Literal

from medeval.records.base import Better, Order, Protocol, Record, Style, Thinking, Unit
from medeval.records.exchanges import Decoding

ORIGINS = {"sample": "(sample)", "own": "(own)"}
"""What stands behind the fingerprint of data that are no benchmark's."""


class Manner(Record, frozen=True, kw_only=True):
    """The way in which questions are put to a kind of model."""

    style: Style
    shots: int = 0
    chat: bool = False
    thinking: Thinking = ""
    decoding: Decoding | None = None
    """How texts are drawn; none where nothing is written."""


class Setting(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a task is put; what differs from the plain protocol names the result's folder."""

    style: Style = "letters"
    chat: bool = False
    thinking: Thinking = ""
    system: str = ""
    prefill: str = ""
    shots: int = 0
    shots_from: str = ""
    """Where the solved examples come from, if not from the task's own pool: `sample`, or a file and its hash."""
    repeats: int = 1
    decoding: Decoding | None = None
    order: Order = "given"
    shuffles: int = 1
    """How often options are shuffled anew, each time another variant of the question."""
    wordings: int = 1
    """In how many wordings every question is asked, the task's own first."""
    protocol: Protocol = "house"
    data: Literal["real", "sample", "own"] = "real"
    """A benchmark's own rows, the project's examples of them, or an exam of the user's own, which stays at home."""
    limit: int = 0
    seed: int = 0
    patient: str = ""
    """Who answers the questions of a consultation, if not the rules that pick facts of the case."""
    elsewhere: bool = False
    """The texts were made outside medeval: nobody here knows the prompt."""


class SliceEstimate(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The same number over a part of the samples."""

    slice: str
    value: str
    n: int
    estimate: float
    low: float | None
    high: float | None
    compared: bool = True
    """Whether the samples are enough to compare it with anything; else it is shown only."""


class Estimate(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A number with its interval, and what it does not rest on."""

    metric: str
    version: int = 1
    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    """Samples the value rests on: read or not, but measured."""
    n_eff: float
    unread: int
    truncated: int
    refused: int
    too_long: int
    failed: int
    """Samples that were not measured: engine or judge errors, log-probabilities that are no numbers."""
    unit: Unit = "fraction"
    better: Better = "higher"
    beside: bool = False
    """Told beside the numbers that the task is known by."""
    by: str = ""
    """What computed it, where that is more than medeval: an encoder, a module of other people's."""
    takes: int = 1
    """How often each sample was asked: with more than one, the counts above are of takes, and n is of samples."""
    slices: tuple[SliceEstimate, ...] = ()


class Table(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is no single number."""

    name: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


class Result(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One cell: a task under a setting, answered by an entry. Fractions, never per cent."""

    schema_version: Literal[1] = 1
    task: str
    task_version: int
    entry: str
    setting: Setting
    judge: str = ""
    """Whose verdicts the numbers are of; empty: they are of the answers alone."""
    members: tuple[str, ...] = ()
    """For a group: the cells it is made of."""
    data: str
    prompt: str
    journal_records: int
    journal: str
    headline: str
    estimates: tuple[Estimate, ...]
    tables: tuple[Table, ...] = ()
    letter_mass: float | None = None
    """Where letters are scored: the mean probability that the model gives to the choices together."""
    flags: tuple[str, ...]
    protocol: str
    conditions: str

    @property
    def signature(self) -> str:
        """What the number stands on: protocol ‖ conditions."""
        return f"{self.protocol} ‖ {self.conditions}"

    @property
    def first(self) -> Estimate:
        """The estimate that stands for the cell."""
        return next(estimate for estimate in self.estimates if estimate.metric == self.headline)
