"""From published cells to the page: which samples, in which order, which answer on which side."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval import reports
from medeval.arrange import drawn, limited
from medeval.errors import RequestError
from medeval.gradings import NAMED, Per
from medeval.prompts.asking import CHOSEN
from medeval.raters.conversations import Conversation, Item, conversation, item
from medeval.raters.keys import BETTER, Hidden, Key
from medeval.raters.words import OVERALL
from medeval.records import NOT_MEASURED, Criterion, Language, Record, Sample, to_json
from medeval.scoring import Scored

SHORTEST_NAME = 3
"""Letters of a name that is blacked out; a shorter one would black out words."""


class Wanted(Record, frozen=True, kw_only=True):
    """What a page is to be."""

    task: str
    count: int = 50
    criteria: str = "survey"
    language: Language | None = None
    seed: int = 0
    nameless: bool = False


class Drawn(NamedTuple):
    """What goes on the page, in its order, and the key to it."""

    key: Key
    items: tuple[Item, ...]
    language: Language
    passed_over: int
    """Samples of the cells that cannot be rated: somebody's answer is not there."""


class _Cell(NamedTuple):
    """The answers of one entry."""

    folder: Path
    manifest: reports.Manifest
    lines: dict[str, Scored]


def draw(entries: Sequence[str], folder: Path, wanted: Wanted) -> Drawn:
    """Draw what is to be rated: slices in proportion, order and sides by seed."""
    per, criteria = chosen(wanted.criteria)
    if len(entries) not in (1, 2) or len(set(entries)) < len(entries):
        raise RequestError(f"{', '.join(entries)}: name one entry, or two different ones to be compared.")
    if wanted.count < 1:
        raise RequestError(f"--n {wanted.count}: at least one sample is to be rated.")
    cells = [_cell(name, folder, wanted.task) for name in entries]
    if len({cell.manifest.data for cell in cells}) > 1:
        raise RequestError(
            f"{entries[0]} and {entries[1]} did not answer the same samples of {wanted.task}: "
            "their data have different fingerprints. Run both on the same data, with the same --limit and --seed."
        )
    shown = {sample: found for sample in cells[0].lines if (found := _conversations(cells, sample, per)) is not None}
    if not shown:
        raise RequestError(f"{cells[0].folder}: no sample there has an answer that could be rated.")
    seed = f"{wanted.seed}\n{wanted.task}\n" + "\n".join(cell.manifest.entry for cell in cells)
    lines = cells[0].lines
    bare = [Sample(id=sample, slices=lines[sample].slices) for sample in shown]
    picked = drawn(limited(bare, wanted.count, wanted.seed), seed)
    names = _names(cells)
    items, hidden = [], {}
    for sample in picked:
        name = _hash(seed, "item", sample.id)[:12]
        sides = _sides(len(cells), _hash(seed, "sides", sample.id))
        found = [shown[sample.id][side] for side in sides]
        items.append(item(name, found, per, lines[sample.id], names))
        hidden[name] = Hidden(
            sample=sample.id, sides=sides, language=items[-1].language, slices=lines[sample.id].slices
        )  # fmt: skip
    pair = len(cells) > 1
    criteria = (*criteria, OVERALL) if pair else criteria
    language = wanted.language or _mostly(items)
    told = to_json([items, criteria, language, wanted.nameless]) + seed.encode("utf-8", "surrogatepass")
    key = Key(
        page=hashlib.sha256(told).hexdigest()[:16], entries=tuple([cell.manifest.entry for cell in cells]),
        cells=tuple([_below(cell.folder, folder) for cell in cells]), per=per, criteria=criteria,
        grades=BETTER if pair else NAMED["survey"].grades, seed=wanted.seed, items=hidden,
    )  # fmt: skip
    return Drawn(key, tuple(items), language, len(lines) - len(shown))


def chosen(said: str) -> tuple[Per, tuple[Criterion, ...]]:
    """Find the criteria that are meant by the name of a grading, or by names of their own."""
    if said in NAMED:
        return NAMED[said].per, NAMED[said].criteria
    known = {criterion.name: (grading.per, criterion) for grading in NAMED.values() for criterion in grading.criteria}
    names = list(filter(None, map(str.strip, said.split(","))))
    if not names or set(names) - set(known) or len(set(names)) < len(names):
        raise RequestError(
            f"--criteria {said}: name {', '.join(NAMED)}, or some of these, each once: {', '.join(known)}."
        )
    found = [known[name] for name in names]
    if len({per for per, _ in found}) > 1:
        raise RequestError(f"--criteria {said}: some are about one answer, others about a whole dialogue. Make two.")
    return found[0][0], tuple([criterion for _, criterion in found])


def _cell(name: str, folder: Path, task: str) -> _Cell:
    """Find an entry's cell of a task: the one of this very name, or the only one."""
    at = reports.entry_folder(name, folder)
    found = []
    for path in reports.cells(at):
        manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
        if manifest and task in (manifest.task, path.name):
            found.append((path, manifest))
    if not found:
        raise RequestError(f"{at}: no run of {task} there. `medeval run` makes one; --reports says where entries are.")
    exact = [each for each in found if each[0].name == task] or found
    if len(exact) > 1:
        names = ", ".join(path.name for path, _ in exact)
        raise RequestError(f"{at}: has several runs of {task}: {names}. Name one of them with --task.")
    path, manifest = exact[0]
    if manifest.setting.style in CHOSEN:
        raise RequestError(
            f"{path}: was asked in style {manifest.setting.style!r}, in which nothing is written that could be rated."
        )
    return _Cell(path, manifest, {line.sample: line for line in _lines(path / reports.SAMPLES)})


def _lines(path: Path) -> Iterator[Scored]:
    """The first take of every sample."""
    if not path.is_file():
        raise RequestError(f"{path}: is not there; the run was not finished. `medeval run` goes on.")
    with open(path, "rb") as file:
        for data in file:
            line = reports.from_json(data, Scored, str(path))
            if not line.variant and not line.repeat:
                yield line


def _conversations(cells: Sequence[_Cell], sample: str, per: Per) -> list[Conversation] | None:
    found = []
    for cell in cells:
        line = cell.lines.get(sample)
        if line is None or line.status in NOT_MEASURED:
            return None
        said = conversation(line, per, cell.manifest.setting.shots)
        if said is None:
            return None
        found.append(said)
    return found


def _names(cells: Sequence[_Cell]) -> list[str]:
    """What models may call themselves: the entry, and the last part of the model's path if it is no plain word."""
    names = {cell.manifest.entry for cell in cells}
    paths = {Path(cell.manifest.engines["model"].model).name for cell in cells}
    names |= {name for name in paths if not name.isalpha()}
    return sorted(name for name in names if len(name) >= SHORTEST_NAME)


def _sides(count: int, dice: str) -> tuple[int, ...]:
    places = tuple(range(count))
    return places[::-1] if int(dice, 16) % 2 else places


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _mostly(items: Sequence[Item]) -> Language:
    chinese = sum(each.language == "zh" for each in items)
    return "zh" if 2 * chinese > len(items) else "en"


def _below(path: Path, folder: Path) -> str:
    path, folder = path.resolve(), folder.resolve()
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()
