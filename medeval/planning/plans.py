"""What can be asked of a run, and what is made of it when it was checked."""

from pathlib import Path

from medeval import catalog, reports
from medeval.engines.base import Engine
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


class Prepared(Record, frozen=True, kw_only=True):
    """A plan that was checked."""

    entry: str
    engine: Engine
    cells: tuple[Cell, ...]
    groups: tuple[catalog.Group, ...]
    folder: Path
    kind: Kind | None
    told_by: str
    choice: Choice
    prices: tuple[float, ...] = ()
