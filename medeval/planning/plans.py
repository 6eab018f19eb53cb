"""What can be asked of a run, and what is made of it when it was checked."""

from collections.abc import Mapping
from pathlib import Path

from medeval import catalog, reports
from medeval.engines.base import Engine
from medeval.entries import NOTHING, Declaration
from medeval.openings import Choice, Means
from medeval.protocols import Wish
from medeval.records import Kind, Record
from medeval.sitting import Sitting


class Plan(Wish, frozen=True, kw_only=True):
    """Everything that can be asked of a run."""

    model: str | Engine
    tasks: tuple[str, ...]
    data: str = ""
    """A folder, or `sample`; empty: the folder in MEDEVAL_DATA, else what can be fetched."""
    reports: Path = Path("reports")
    label: str = ""
    limit: int = 0
    seed: int = 0
    task_paths: tuple[Path, ...] = ()
    elsewhere: bool = False
    metrics: tuple[str, ...] = ()
    """What is told beside the metrics of a task."""
    patient: str | Engine = ""
    """Who answers the questions of consultations; empty: the rules that pick facts of the case."""
    judges: tuple[str | Engine, ...] = ()
    """Models that grade answers, each `MODEL` or `NAME=MODEL`."""
    gradings: tuple[str, ...] = ()
    """By what they grade; none: by what the makers of a benchmark do."""
    prose: Path | None = None
    """The words in which judges are asked, if not the house's."""
    declared: Declaration = NOTHING
    """What is said of the entry; no number hangs on it."""
    means: Means = Means()


class Cell(Record, frozen=True, kw_only=True):
    """A sitting, the folder of its results, and what the folder is about."""

    sitting: Sitting
    folder: Path
    manifest: reports.Manifest
    file: Path
    """The task's file: part of what a result is made by."""
    metrics: tuple[str, ...] = ()
    """What is told beside the task's own."""
    panel: tuple[reports.Sworn, ...] = ()
    """The judges that are heard on it."""


class Prepared(Record, frozen=True, kw_only=True):
    """A plan that was checked."""

    entry: str
    engine: Engine
    others: Mapping[str, Engine] = {}
    """Patients and judges, by role; one of them may be the model itself."""
    cells: tuple[Cell, ...]
    groups: tuple[catalog.Group, ...]
    folder: Path
    kind: Kind | None
    told_by: str
    choice: Choice
    prices: tuple[float, ...] = ()
    declared: Declaration = NOTHING
