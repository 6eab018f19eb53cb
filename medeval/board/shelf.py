"""What lies in reports/: entries and their cells, and what could not be read, with the reason."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from medeval import reports
from medeval.board.marks import Marks, Named, read
from medeval.entries import Card, card_of
from medeval.errors import MedevalError
from medeval.records import Identity, Record, Result

ASIDE = ("duels", "raters", "baselines")
"""Folders of reports/ that hold no entry."""
CALIBRATION = "brier"
"""Beside the number that a cell is known by, the one that tells of its confidence sample by sample."""

ROUNDING = 1e-9
"""Two means of the same marks differ by less."""


class Place(Record, frozen=True, kw_only=True):
    """A folder that should hold a result."""

    entry: str
    """The entry's folder."""
    cell: str
    """The cell's folder; with a judge: cell/judged/judge."""
    path: Path

    @property
    def said(self) -> str:
        """Where it is, below reports/."""
        return f"{self.entry}/{self.cell}"

    @property
    def home(self) -> Path:
        """Where stands what the model was asked: of a judge's folder, that of the cell it is about."""
        return self.path.parents[1] if reports.JUDGED in self.cell.split("/") else self.path


class Cell(Record, frozen=True, kw_only=True):
    """A result, and what is needed of the files beside it."""

    place: Place
    result: Result
    """Without tables, and with the slices of its first number alone: pages of cells read the rest again."""
    run: reports.Run | None
    identity: Identity | None
    marks: Marks | None
    doubt: str = ""
    """Why the marks cannot be relied on."""

    @property
    def is_floor(self) -> bool:
        """Whether a rule answered, and not a model."""
        return self.identity is not None and self.identity.engine == "baseline"


class Broken(Record, frozen=True, kw_only=True):
    """What is there and is no result."""

    place: str
    why: str
    unfinished: bool = False


class Entry(Record, frozen=True, kw_only=True):
    """What a card declares of a folder of cells."""

    slug: str
    name: str
    card: Card
    cells: tuple[Cell, ...]

    @property
    def is_floor(self) -> bool:
        """Whether a rule answered, and not a model."""
        tasks = [cell for cell in self.cells if not cell.result.members]
        return bool(tasks) and all(cell.is_floor for cell in tasks)


def places(folder: Path) -> Iterator[Place]:
    """Find every folder that should hold a result, in the order of names."""
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir() or entry.name.startswith(".") or entry.name in ASIDE:
            continue
        for path in reports.cells(entry):
            name = path.name if path != entry else "."
            yield Place(entry=entry.name, cell=name, path=path)
            for judge in reports.judged(path):
                yield Place(entry=entry.name, cell=f"{name}/{reports.JUDGED}/{judge.name}", path=judge)


def opened(place: Place) -> Cell | Broken:
    """Read a cell; whatever is wrong with it is told, and stops nothing."""
    try:
        result = reports.read(place.path / reports.RESULT, Result)
        if result is None:
            return Broken(place=place.said, why="", unfinished=True)
        if all(each.metric != result.headline for each in result.estimates):
            why = f"{reports.RESULT}: no estimate of {result.headline!r}, by which the cell is known."
            return Broken(place=place.said, why=why)
        return _cell(place, result)
    except (MedevalError, OSError, ValueError) as error:
        return Broken(place=place.said, why=_below(place, str(error)))


def names(cell: Cell) -> Named:
    """The names of a cell's samples, which all cells of its column share."""
    return read(cell.place.path / reports.SAMPLES, ())[1]


def shelved(found: Sequence[Cell | Broken], folder: Path) -> tuple[tuple[Entry, ...], tuple[Broken, ...]]:
    """Put cells with their entries."""
    by: dict[str, list[Cell]] = {}
    broken = [cell for cell in found if isinstance(cell, Broken)]
    for cell in found:
        if isinstance(cell, Cell):
            by.setdefault(cell.place.entry, []).append(cell)
    entries = []
    for slug, there in sorted(by.items()):
        try:
            card = card_of(folder / slug)
        except MedevalError as error:
            card = Card()
            broken.append(Broken(place=f"{slug}/entry.json", why=str(error).rpartition("entry.json: ")[2]))
        plain = _plainest(there)
        broken += [
            Broken(place=cell.place.said, why=f"another result of the same protocol stands on the board: {kept}")
            for cell, kept in ((cell, plain[_face(cell)].place.cell) for cell in there)
            if kept != cell.place.cell
        ]
        cells = tuple([cell for cell in there if plain[_face(cell)] is cell])
        entries.append(Entry(slug=slug, name=there[0].result.entry or slug, card=card, cells=cells))
    return tuple(entries), tuple(sorted(broken, key=lambda each: each.place))


def _face(cell: Cell) -> tuple[str, str, str]:
    return cell.result.protocol, cell.result.headline, cell.result.judge


def _plainest(cells: Sequence[Cell]) -> dict[tuple[str, str, str], Cell]:
    """Of results that differ in conditions alone, as in a system prompt, the one whose folder says least."""
    ordered = sorted(cells, key=lambda cell: (-len(cell.place.cell), cell.place.cell))
    return {_face(cell): cell for cell in ordered}


def _cell(place: Place, result: Result) -> Cell:
    home = place.home
    manifest = reports.read(home / reports.MANIFEST, reports.Manifest)
    marks, doubt = _marks(place, result)
    slim = tuple([
        each if each.metric == result.headline else replace(each, slices=()) for each in result.estimates
    ])  # fmt: skip
    return Cell(
        place=place, result=replace(result, tables=(), estimates=slim), run=reports.last_run(home),
        identity=manifest.engines.get("model") if manifest else None, marks=marks, doubt=doubt,
    )  # fmt: skip


def _marks(place: Place, result: Result) -> tuple[Marks | None, str]:
    """The marks, where they are of the samples that the result is of."""
    path, first = place.path / reports.SAMPLES, result.first
    if result.members:
        return None, ""
    if not path.is_file():
        return None, "no samples"
    marks, _ = read(path, list(dict.fromkeys([result.headline, CALIBRATION])))
    # What failed is counted in takes; a sample of several may have been measured all the same.
    if not first.n <= len(marks.statuses) <= first.n + first.failed:
        return None, "samples do not match"
    values = marks.values[result.headline]
    known = values[np.isfinite(values)]
    # A share of right answers is the mean of its marks, or somebody wrote another number into the result.
    if first.method == "wilson" and not (
        len(known) == first.n > 0 and abs(known.mean() - (first.value or 0.0)) <= ROUNDING
    ):
        return None, "samples give another number"
    return marks, ""


def _below(place: Place, words: str) -> str:
    """Leave out of a sentence where on this machine the reports are."""
    home = place.path.parents[len(Path(place.said).parts) - 1]
    return words.replace(f"{place.path}/", "").replace(str(place.path), place.said).replace(f"{home}/", "")
