"""The verdict: one value behind the printed line, the exit code, and every file that is written of it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from medeval.records import Better, Record, Unit

Word = Literal["IMPROVED", "NON_INFERIOR", "INCONCLUSIVE", "NOT_COMPARABLE", "REGRESSED"]
Kind = Literal["margin", "absolute", "speed", "required"]


class Second(Record, frozen=True, kw_only=True):
    """The second run of a red task."""

    difference: float
    low: float
    high: float
    p: float
    confirmed: bool


class Beside(Record, frozen=True, kw_only=True):
    """The same number against last night's: what changed, where the baseline tells of drift."""

    entry: str
    difference: float
    low: float
    high: float
    p: float


class Line(Record, frozen=True, kw_only=True):
    """What one gate says. Where there is a loss, it is below 0, whichever way the number is better."""

    kind: Kind
    task: str
    cell: str = ""
    metric: str = ""
    word: Word
    why: str
    better: Better = "higher"
    unit: Unit = "fraction"
    base: float | None = None
    new: float | None = None
    gain: float | None = None
    """New less base, turned so that more is better; its limits at the gate's confidence."""
    low: float | None = None
    high: float | None = None
    method: str = ""
    margin: float | None = None
    min_effect: float = 0.0
    p: float | None = None
    """One-sided: how often chance makes it as much worse."""
    p_adjusted: float | None = None
    n: int = 0
    n_eff: float = 0.0
    up: int = 0
    down: int = 0
    flips: float = 0.0
    seen: float | None = None
    """The smallest loss that is found four times in five."""
    second: Second | None = None
    last: Beside | None = None
    turns: int = 0
    """How often the word changed over the nights before, with the same model and gate."""
    lost: tuple[str, ...] = ()
    """Samples that were worse than in the baseline, the first of them."""
    lost_count: int = 0
    at: int = 1
    """The line of the gate file."""

    @property
    def name(self) -> str:
        """What it is about."""
        return " ".join(filter(None, [self.cell or self.task, self.metric]))


class Verdict(Record, frozen=True, kw_only=True):
    """All of it."""

    schema_version: Literal[1] = 1
    entry: str
    baseline: str
    baseline_sha256: str = ""
    gate: str
    gate_digest: str
    model: str = ""
    """What answered: a hash of the model's content, and of what ran it."""
    medeval: str
    strict: bool
    word: Word
    exit_code: int
    lines: tuple[Line, ...]
    treatment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The line that is printed."""
        counted = [f"{count} {word}" for word in ORDER if (count := sum(line.word == word for line in self.lines))]
        gates = "1 gate" if len(self.lines) == 1 else f"{len(self.lines)} gates"
        told = f"{gates}: {', '.join(counted)}" if self.lines else "nothing was compared"
        return f"{self.word} (exit {self.exit_code}): {self.entry} against {self.baseline or 'no baseline'}; {told}"


ORDER: tuple[Word, ...] = ("REGRESSED", "NOT_COMPARABLE", "INCONCLUSIVE", "NON_INFERIOR", "IMPROVED")


def decide(  # noqa: PLR0913
    gain: float, low: float, high: float, p: float, *, margin: float, min_effect: float, alpha: float
) -> tuple[Word, str]:
    """One gate: the first that holds. `p` is one-sided, adjusted for all gates; limits are at the gate's confidence."""
    if p < alpha and gain < 0 and gain <= -min_effect:
        return "REGRESSED", "beyond the margin" if high < -margin else "surely worse"
    if low > 0:
        return "IMPROVED", "the whole interval is above the baseline"
    if low >= -margin:
        return "NON_INFERIOR", "worse, but within the margin" if high < 0 else "within the margin"
    return "INCONCLUSIVE", "the interval reaches beyond the margin"


def exit_code(words: Iterable[Word], *, strict: bool) -> int:
    """The code of a check: 1 before 4 before 6; 5 if there is nothing to go by."""
    found = {*words}
    if not found:
        return 5
    if "REGRESSED" in found:
        return 1
    if "NOT_COMPARABLE" in found:
        return 4
    return 6 if strict and "INCONCLUSIVE" in found else 0


def overall(words: Sequence[Word]) -> Word:
    """The gravest word; IMPROVED, if something is better and nothing worse than as good."""
    found = {*words}
    if not found:
        return "NOT_COMPARABLE"
    gravest = next(word for word in ORDER if word in found)
    return "IMPROVED" if gravest == "NON_INFERIOR" and "IMPROVED" in found else gravest
