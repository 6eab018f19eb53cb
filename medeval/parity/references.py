"""Published numbers as small declared files: one file a source, one table a number.

title = "MIRAGE"            # in the file's head: the source, in full, and where it can be read
source = "…"
url = "https://…"
[gpt-4-32k-medqa]           # then a table a number; its fields are those of Reference
task = "medqa"
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

import msgspec

from medeval import catalog
from medeval.errors import DataError, RequestError, raise_all
from medeval.parity.verdicts import SCALE, Same, Unit, rounding
from medeval.records import Protocol, Record, Style

T = TypeVar("T")
BASELINE = "baseline:"
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=44)]
"""What stands in a column of a table."""


class Source(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where numbers were published."""

    title: Short
    source: str
    url: str = ""


class Reference(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A published number, and how to come by ours."""

    task: str
    title: Short
    manner: Short
    """How the source asked and read, in our words."""
    protocol: Protocol = "house"
    style: Style | None = None
    shots: int = 0
    metric: str
    published: Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?$")]
    """With the decimals that were printed: they tell how it was rounded."""
    unit: Unit = "per cent"
    tolerance: Annotated[str, msgspec.Meta(pattern=r"^(\d+(\.\d+)?)?$")] = ""
    """How far ours may be, in its unit, where the makers' way to compute the published number is not known in full."""
    count: int | None = None
    """The samples that were right, where the source tells."""
    n: Annotated[int, msgspec.Meta(ge=1)]
    outputs: str = ""
    """A file of raw outputs in the folder that the user names."""
    rows: str = ""
    """The key under which that file holds its rows, if it holds other things too."""
    field: str = ""
    probabilities: str = ""
    """Instead of a text: the field that holds the probabilities of the options."""
    by_order: bool = False
    model: str = ""
    """Or a model: `baseline:RULE`, or `org/name` of the hub."""
    needs: str = ""
    """What medeval does not have yet; until then the number waits."""
    note: str = ""

    @property
    def same(self) -> Same:
        """A rule that draws nothing gives the very same answers on every machine, as recorded outputs do."""
        return "outputs" if self.outputs or (self.here and self.model != "baseline:random") else "model"

    @property
    def here(self) -> bool:
        """Whether the model is a rule, which runs wherever the data are."""
        return self.model.startswith(BASELINE)


class Declared(Record, frozen=True, kw_only=True):
    """A reference, its name, and the file that declares it."""

    name: str
    file: str
    source: Source
    reference: Reference

    @property
    def place(self) -> str:
        """Where it stands, for whoever has to mend it."""
        return f"{self.file}: [{self.name}]"

    @property
    def label(self) -> str:
        """A name that no other reference has."""
        return f"{Path(self.file).stem}-{self.name}"


def own_folder() -> Path:
    """Where the project's own references are: beside its tasks."""
    return catalog.own_folder() / "parity"


def declared(paths: Sequence[Path] = ()) -> tuple[Declared, ...]:
    """Read files of references, and the files of folders; all faults at once."""
    found: list[Declared] = []
    faults: list[RequestError] = []
    for path in paths or [own_folder()]:
        files = [path] if path.is_file() else sorted(path.glob("*.toml"))
        if not files:
            faults.append(RequestError(f"{path}: no references there. Name a .toml file, or a folder of them."))
        for file in files:
            try:
                found += _read(file)
            except RequestError as fault:
                faults.append(fault)
    for each in found:
        faults += [DataError(f"{each.place} {said}.") for said in _wrong(each.reference)]
    raise_all(faults)
    return tuple(found)


def chosen(found: Sequence[Declared], tasks: Iterable[str]) -> tuple[Declared, ...]:
    """Keep those of some tasks; none named: all."""
    wanted, there = [*tasks], {each.reference.task for each in found}
    if unknown := [name for name in wanted if name not in there]:
        raise RequestError(f"No number is declared for {', '.join(unknown)}. There are: {', '.join(sorted(there))}.")
    return tuple([each for each in found if not wanted or each.reference.task in wanted])


def _read(file: Path) -> Iterator[Declared]:
    try:
        fields = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read ({error}).") from error
    faults: list[RequestError] = []
    tables = {name: table for name, table in fields.items() if isinstance(table, dict)}
    head = {name: value for name, value in fields.items() if name not in tables}
    source = _as(Source, head, f"{file}:", faults)
    if source and not re.fullmatch(r"(https://[^\s\"'<>]+)?", source.url):
        faults.append(DataError(f"{file}: url is {source.url!r}. Only https:// is linked to; else leave it away."))
    found = {name: _as(Reference, table, f"{file}: [{name}]", faults) for name, table in tables.items()}
    if not tables:
        faults.append(
            DataError(f"{file}: declares no number. A number is a table, [name], with task, published and so on.")
        )
    raise_all(faults)
    assert source is not None  # noqa: S101  else it was refused
    return iter(
        [Declared(name=name, file=str(file), source=source, reference=each) for name, each in found.items() if each]
    )


def _as(kind: type[T], fields: object, place: str, faults: list[RequestError]) -> T | None:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        # The library writes `Object`, and its path as `$.field`.
        said = re.sub(r" - at `\$\.?([^`]*)`", r" at `\1`", str(error)).replace("Object ", "")
        faults.append(DataError(f"{place} {said}."))
        return None


def _wrong(reference: Reference) -> Iterator[str]:
    """What fields say that do not go together."""
    at = PurePosixPath(reference.outputs)
    if bool(reference.outputs) == bool(reference.model):
        yield "needs either outputs or a model, and not both"
    if reference.outputs and (at.is_absolute() or ".." in at.parts):
        yield f"has outputs at {reference.outputs!r}, which must lie in the folder that the user names"
    of_outputs = (reference.rows, reference.field, reference.by_order, reference.probabilities, reference.tolerance)
    if reference.model and any(of_outputs):
        yield "has rows, field, by_order, probabilities or tolerance, which are about outputs, and a model"
    if reference.field and reference.probabilities:
        yield "has a field of texts and one of probabilities; say which of them"
    if reference.outputs and (reference.style or reference.shots):
        yield "has a style or shots, which are about a model, and outputs"
    if reference.model and not reference.here and not reference.style:
        yield "names a model of the hub and no style; say letters, options, written or reasoned"
    if reference.count is not None and not _counted(reference, reference.count):
        share = f"{SCALE[reference.unit] * reference.count / reference.n:.2f}"
        yield f"has count {reference.count} of n {reference.n}, which is {share}, and published {reference.published}"


def _counted(reference: Reference, count: int) -> bool:
    share = SCALE[reference.unit] * count / reference.n
    return 0 <= count <= reference.n and abs(share - float(reference.published)) <= rounding(reference.published)
