"""What a task is, and what is wrong with it if it is wrong."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from medeval import readers
from medeval.arrange import limited, shuffled
from medeval.errors import DataError, RequestError, TaskError
from medeval.metrics.base import Metric
from medeval.prompts import Wording
from medeval.records import ChoiceSample, Language, Record, Row, Setting, Style, to_json
from medeval.sources import Form, check_pin, place, read_rows
from medeval.talks.base import Talk
from medeval.talks.choose import letters
from medeval.talks.write import written

FAULTS_SHOWN = 5
CHUNK = 1000
"""Samples encoded at once for the fingerprint; another number would give other fingerprints."""
NO_ROWS = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What a `to_sample` raises over a row that is not of its form."""


class _Declared(Record, frozen=True, kw_only=True):
    """What can be checked of a declaration by its types alone."""

    title: str
    measures: str
    paper: str
    licence: str
    language: Language
    version: int
    chance: float
    rows: int
    folder: str
    slices: tuple[str, ...]
    cluster: str
    traps: tuple[str, ...]
    wordings: dict[Style, Any]
    metrics: tuple[Any, ...]
    forms: tuple[Any, ...]


class Task(Record, frozen=True, kw_only=True):
    """A benchmark: what it is, where its rows are, how it is asked, and what its answers are worth."""

    title: str
    measures: str
    paper: str
    licence: str
    language: Language = "en"
    version: int
    chance: float
    """Expected accuracy of a guess."""
    rows: int
    """Questions asked; counted whenever the real data are loaded."""
    folder: str
    """Where its files lie below a data folder."""
    forms: tuple[Form, ...]
    wordings: Mapping[Style, Wording]
    reader: readers.Reader = readers.HOUSE
    metrics: tuple[Metric, ...]
    """The first is the headline."""
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
        if not 0 <= self.chance < 1:
            yield TaskError(f"Task {name!r}: chance is {self.chance}, not a fraction below 1.")
        if len({metric.name for metric in self.metrics}) < len(self.metrics):
            yield TaskError(f"Task {name!r}: two metrics have one name.")
        for form in self.forms:
            for source in form.files:
                revision = getattr(source, "revision", "")
                if revision and not re.fullmatch(r"[0-9a-f]{40}", revision):
                    yield TaskError(
                        f"Task {name!r}: revision {revision!r} is no commit. "
                        "Pin the data to 40 hex digits, so that the number can be repeated."
                    )

    def form_in(self, root: Path) -> Form:
        """Choose the first form whose files are all in a data folder, else the first."""
        for form in self.forms:
            if all(place(root, self.folder, source).is_file() for source in form.files):
                return form
        return self.forms[0]

    def load(self, name: str, root: Path, *, sample: bool = False) -> tuple[tuple[ChoiceSample, ...], Form]:
        """Read the rows below a data folder; the sample rows are neither pinned nor counted."""
        form = self.form_in(root)
        paths = [place(root, self.folder, source) for source in form.files]
        missing = [str(path) for path in paths if not path.is_file()]
        if missing:
            raise DataError(
                f"{name}: no data, looked for {' and '.join(missing)}. "
                f"Name the folder that has them with --data DIR, or try --data sample (source: {form.files[0].said})."
            )
        if not sample:
            for path, source in zip(paths, form.files, strict=True):
                check_pin(path, source)
        try:
            rows = list(form.join(*[read_rows(path) for path in paths]))
        except NO_ROWS as error:
            files = " and ".join(path.name for path in paths)
            raise DataError(f"{name}: {files} cannot be joined ({type(error).__name__}: {error}).") from error
        if not sample and len(rows) != self.rows:
            raise DataError(
                f"{name}: {paths[0]} gives {len(rows)} rows, the task has {self.rows}. Get the original file."
            )
        samples = _samples(rows, form, f"{name}, {paths[0].name}")
        undeclared = sorted({part for sample in samples for part in sample.slices} - {*self.slices})
        if undeclared:
            raise TaskError(
                f"Task {name!r}: its samples have slices that it does not declare: {', '.join(undeclared)}."
            )
        return samples, form

    def exemplars(self, form: Form, root: Path) -> tuple[ChoiceSample, ...]:
        """Read the rows that may be shown as solved examples."""
        paths = [place(root, self.folder, source) for source in form.exemplars]
        rows = list(form.join_exemplars(*[read_rows(path) for path in paths]))
        return _samples(rows, form, f"{self.folder}, exemplars")

    def talk(self, sample: ChoiceSample, setting: Setting) -> Talk:
        """Begin a talk about a sample."""
        wording = self.wordings[setting.style]
        if setting.style == "letters":
            return letters(sample, wording)
        return written(sample, wording, self.reader_for(setting))

    def reader_for(self, setting: Setting) -> readers.Reader:
        """Choose how answers are read."""
        return readers.MIRAGE if setting.protocol == "mirage" else self.reader


class Sitting(Record, frozen=True, kw_only=True):
    """A task under a setting, with its samples: what is played, and then scored."""

    name: str
    task: Task
    setting: Setting
    samples: tuple[ChoiceSample, ...]
    data: str
    """Fingerprint of the samples before any shuffling."""
    form: str
    pinned: bool

    def talk(self, sample: ChoiceSample) -> Talk:
        """Begin a talk about one of the samples."""
        return self.task.talk(sample, self.setting)


def sit(name: str, task: Task, setting: Setting, root: Path) -> Sitting:
    """Load a task's samples, and choose and arrange them as a setting says."""
    samples, form = task.load(name, root, sample=setting.data == "sample")
    if setting.limit >= len(samples):
        setting = replace(setting, limit=0)
    if setting.limit:
        samples = limited(samples, setting.limit, setting.seed)
    digest = hashlib.sha256()
    for first in range(0, len(samples), CHUNK):
        digest.update(to_json(samples[first : first + CHUNK]))
    if setting.order == "shuffled":
        if all(option.anchored for sample in samples for option in sample.options):
            raise RequestError(f"{name}: its options are words with no order; leave --options shuffled off for it.")
        samples = tuple([shuffled(sample, f"{setting.seed} {name}") for sample in samples])
    return Sitting(
        name=name, task=task, setting=setting, samples=samples,
        data=digest.hexdigest(), form=form.name, pinned=form.pinned,
    )  # fmt: skip


def _samples(rows: list[Row], form: Form, where: str) -> tuple[ChoiceSample, ...]:
    """Turn rows into samples and check them; all faults at once, as far as they can be shown."""
    samples: list[ChoiceSample] = []
    faults: list[str] = []
    rows.reverse()
    for number in range(1, len(rows) + 1):
        row = rows.pop()  # let go of at once: rows take more memory than the samples made of them
        try:
            sample = form.to_sample(row)
        except NO_ROWS as error:
            what = f"no field {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
            faults.append(f"{where}, row {number}: {what}. The row has: {', '.join(map(str, row))}.")
            continue
        assert isinstance(sample, ChoiceSample)  # noqa: S101  our own mistake: no other kind exists yet
        if problem := _problem(sample):
            faults.append(f"{where}, row {number}: {problem}.")
        samples.append(sample)
    if len({sample.id for sample in samples}) < len(samples):
        doubled = [name for name, count in Counter(sample.id for sample in samples).items() if count > 1]
        faults.append(f"{where}: {len(doubled)} ids stand more than once, the first is {doubled[0]!r}.")
    if not samples and not faults:
        faults.append(f"{where}: no rows.")
    if len(faults) > FAULTS_SHOWN:
        faults[FAULTS_SHOWN:] = [f"{where}: {len(faults) - FAULTS_SHOWN} faults more."]
    if faults:
        raise DataError(*faults)
    return tuple(samples)


def _problem(sample: ChoiceSample) -> str:
    """Tell what is wrong with a sample: a task file is Python, and its types are seen to here and nowhere after."""
    labels, target = sample.labels, sample.target
    said = ""
    if not (_is_text(sample.id) and _is_text(sample.question)):
        said = f"its id and question must be texts, found {sample.id!r} and {sample.question!r:.60}"
    elif sample.question.isspace() or not sample.question:
        said = "the question is empty"
    elif len(set(labels)) < max(len(labels), 2):
        said = f"the options are {labels!r}, there must be two at least, and no label twice"
    elif not _is_tuple(target):
        said = f"the right answer {target!r} is not a tuple of labels"
    elif not target or any(label not in labels for label in target):
        said = f"the right answer {target!r} is not among the options {labels!r}"
    for name, value in sample.slices.items():
        if not _is_text(value):
            said = said or f"the slice {name!r} is {value!r}, not a text"
    return said


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)
