"""A task as its file declares it, and what is wrong with the declaration if it is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args

import msgspec

from medeval import readers
from medeval.errors import DataError, TaskError
from medeval.gradings import Grading
from medeval.metrics.base import Metric, Tabling
from medeval.metrics.verdicts import graded, graded_beside
from medeval.prompts import Wording
from medeval.records import Kind, Language, Manner, Protocol, Record, Setting, Style
from medeval.sources import Form, Local, Source, Supply, unfit
from medeval.task.loading import joined, samples_of
from medeval.task.soundness import Worded

TaskKind = Literal["choice", "open", "dialogue", "consultation", "nlp"]
"""What is asked: options, one question, a dialogue in fixed turns, a case that is found out by asking, classic NLP."""
Capability = Literal[
    "knowledge", "reasoning", "evidence", "diagnosis", "calculation", "documentation", "extraction", "consultation",
    "communication", "safety", "hallucination",
]  # fmt: skip
"""What a task measures, as far as one word can say it."""
WAYS = frozenset(f"{style}{how}" for style in get_args(Style) for how in ("", ":chat", ":plain"))


class _Declared(Record, frozen=True, kw_only=True):
    """What can be checked of a declaration by its types alone."""

    title: str
    measures: str
    kind: TaskKind
    capabilities: tuple[Capability, ...]
    paper: str
    licence: str
    obtain: str
    language: Language
    version: int
    chance: float
    rows: int
    folder: str
    slices: tuple[str, ...]
    cluster: str
    traps: tuple[str, ...]
    wordings: dict[str, Any]
    preamble: str
    solution: Any
    between: str
    manners: dict[Kind, Manner]
    protocols: tuple[Protocol, ...]
    exemplars_by: str
    metrics: tuple[Any, ...]
    also: tuple[Any, ...]
    tables: tuple[Any, ...]
    judged: tuple[Any, ...]
    forms: tuple[Any, ...]


class Judged(Record, frozen=True, kw_only=True):
    """How judges grade the answers to a task, and what their verdicts come to."""

    grading: Grading
    metrics: tuple[Metric, ...]
    """The first before all."""
    also: tuple[Metric, ...] = ()
    """What is told beside them."""


def judged_by(*gradings: Grading) -> tuple[Judged, ...]:
    """Verdicts that are marks by criteria, and come to their means."""
    return tuple([
        Judged(grading=grading, metrics=graded(grading), also=graded_beside(grading)) for grading in gradings
    ])  # fmt: skip


class Task(Record, frozen=True, kw_only=True):
    """A benchmark: what it is, where its rows are, how it is asked, and what its answers are worth."""

    title: str
    measures: str
    kind: TaskKind = "choice"
    capabilities: tuple[Capability, ...] = ()
    """The first before all."""
    paper: str
    licence: str
    """A name that tasks/licences.toml knows."""
    obtain: str = ""
    """How one gets the files that cannot be fetched."""
    language: Language = "en"
    version: int
    chance: float
    """Expected accuracy of a guess."""
    rows: int
    """Questions asked; counted whenever the real data are loaded."""
    folder: str
    """Where its files lie below a data folder."""
    forms: tuple[Form, ...]
    wordings: Mapping[str, Wording]
    """By style; `style:chat` and `style:plain` stand before `style`."""
    preamble: str = ""
    """What stands once before a plain prompt of style `letters`."""
    solution: Callable[[Any, Style], str] | None = None
    """What a solved example says, where it is more than the bare answer."""
    between: str = "\n\n"
    """What stands between solved examples in plain text."""
    manners: Mapping[Kind, Manner] = {}
    """How a kind of model is asked here, where the house's manner does not fit."""
    protocols: tuple[Protocol, ...] = ()
    """Published protocols, beside the house's own, that this task can be put in."""
    exemplars_by: str = ""
    """The slice that solved examples share with the question they stand before; empty: any will do."""
    harness: str = ""
    """Another harness, and its version, which words the requests and reads the replies; empty: we do."""
    reader: readers.Reader = readers.HOUSE
    metrics: tuple[Metric, ...]
    """By which it is known, the first before all; they stand in the signature."""
    also: tuple[Metric, ...] = ()
    """What is told beside them: `medeval show --metrics` has it."""
    tables: tuple[Tabling, ...] = ()
    judged: tuple[Judged, ...] = ()
    """How judges grade answers, where some are named; the first is what the benchmark's makers do."""
    budget: int = 0
    """Questions that a consultation may have at most."""
    slices: tuple[str, ...] = ()
    """Names of the parts by which numbers are broken down; a form may lack some."""
    cluster: str = ""
    """What samples of one cluster share, such as a passage; empty: every sample stands alone."""
    traps: tuple[str, ...] = ()
    """What others got wrong here, for the card."""

    def faults(self, name: str) -> Iterator[TaskError]:
        """Tell what is wrong with the declaration."""
        if not re.fullmatch(r"[a-z0-9_]+", name):
            yield TaskError(f"Task {name!r}: a name has small letters, digits and underscores only.")
        try:
            # Its types are only promised by its author: what is not kept is told before anything relies on it.
            msgspec.convert(msgspec.structs.asdict(self), _Declared, from_attributes=True)
        except msgspec.ValidationError as error:
            yield TaskError(f"Task {name!r}: {error}.")
            return
        if not self.forms or not self.metrics or not self.wordings:
            yield TaskError(f"Task {name!r} needs at least one form, one metric and one wording.")
        if strange := sorted({*self.wordings} - WAYS):
            yield TaskError(f"Task {name!r}: {strange[0]!r} is no style. There are {', '.join(get_args(Style))}.")
        if not 0 <= self.chance < 1:
            yield TaskError(f"Task {name!r}: chance is {self.chance}, not a fraction below 1.")
        if len({metric.name for metric in self.metrics}) < len(self.metrics):
            yield TaskError(f"Task {name!r}: two metrics have one name.")
        sources = dict.fromkeys(source for form in self.forms for source in (*form.files, *form.exemplars))
        for said in filter(None, map(_wrong_source, sources)):
            yield TaskError(f"Task {name!r}: {said}")

    def form_in(self, supply: Supply) -> Form:
        """Choose the first form whose files are all here, else the first that can be fetched."""
        for form in self.forms:
            if all(supply.find(self.folder, source) for source in form.files):
                return form
        fetched = [form for form in self.forms if not any(isinstance(source, Local) for source in form.files)]
        return fetched[0] if fetched and not supply.offline else self.forms[0]

    def load(
        self, name: str, supply: Supply, *, sample: bool = False, exact: bool = False
    ) -> tuple[tuple[Worded, ...], Form]:
        """Read the rows of one form; the sample rows are neither pinned nor counted."""
        form = self.form_in(supply)
        try:
            paths = [supply.fetch(self.folder, source) for source in form.files]
        except DataError as error:
            raise DataError(*[f"{name}: {fault}" for fault in error.faults]) from error
        rows = joined(name, form, form.join, form.files, paths, pinned=not sample)
        wanted = form.rows or self.rows
        if not sample and len(rows) != wanted:
            raise DataError(f"{name}: {paths[0]} gives {len(rows)} rows, the task has {wanted}. Get the original file.")
        samples = samples_of(rows, form.reading(exact=exact), f"{name}, {paths[0].name}")
        undeclared = sorted({part for each in samples for part in each.slices} - {*self.slices})
        if undeclared:
            raise TaskError(
                f"Task {name!r}: its samples have slices that it does not declare: {', '.join(undeclared)}."
            )
        supply.hold(self.folder, form.files, form.read)
        return samples, form

    def exemplars(self, form: Form, supply: Supply, *, sample: bool = False, exact: bool = False) -> tuple[Worded, ...]:
        """Read the rows that may be shown as solved examples."""
        paths = [supply.fetch(self.folder, source) for source in form.exemplars]
        rows = joined(self.folder, form, form.join_exemplars, form.exemplars, paths, pinned=not sample)
        samples = samples_of(rows, form.reading(exact=exact), f"{self.folder}, exemplars")
        supply.hold(self.folder, form.exemplars, form.read)
        return samples

    def judged_as(self, grading: Grading) -> Judged:
        """Find what verdicts of a grading come to; any text or dialogue can be graded by the house's own."""
        own = next((each for each in self.judged if each.grading == grading), None)
        return own or judged_by(grading)[0]

    def wording(self, style: Style, *, chat: bool) -> Wording | None:
        """Find the wording of a style, as a chat or as plain text."""
        return self.wordings.get(f"{style}:{'chat' if chat else 'plain'}") or self.wordings.get(style)

    def reader_for(self, setting: Setting) -> readers.Reader:
        """Choose how answers are read."""
        return readers.MIRAGE if setting.protocol == "mirage" else self.reader


def _wrong_source(source: Source) -> str:
    """Tell what is wrong with where a file is said to come from."""
    revision = getattr(source, "revision", "")
    if revision and not re.fullmatch(r"[0-9a-f]{40}", revision):
        return f"revision {revision!r} is no commit. Pin the data to 40 hex digits, so that the number can be repeated."
    said = unfit(source.path)
    return said and f"{source.path}: {said}"
