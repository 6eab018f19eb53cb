"""The rows of files, and the samples made of them; all that is wrong with them at once, as far as it can be shown."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from medeval.errors import DataError
from medeval.records import Row
from medeval.sources import Form, Source, check_pin, read_rows
from medeval.task.soundness import Worded, problem

FAULTS_SHOWN = 5
NO_ROWS = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What a `to_sample` raises over a row that is not of its form."""


def own_exemplars(path: Path, form: Form, *, exact: bool = False) -> tuple[Worded, ...]:
    """Read solved examples from a file of one's own, in the shape of the task's rows."""
    return samples_of([*(form.read or read_rows)(path)], form.reading(exact=exact), str(path))


def joined(  # noqa: PLR0913  what rows are made of
    name: str, form: Form, join: Callable[..., Iterable[Row]], sources: Sequence[Source], paths: Sequence[Path], *,
    pinned: bool,
) -> list[Row]:  # fmt: skip
    """Read the files of a form, if they are the pinned ones, and make rows of them."""
    if pinned:
        for path, source in zip(paths, sources, strict=True):
            check_pin(path, source)
    tables = [
        form.read(path) if form.read else read_rows(path, source.columns)
        for path, source in zip(paths, sources, strict=True)
    ]
    try:
        return list(join(*tables))
    except NO_ROWS as error:
        files = " and ".join(path.name for path in paths)
        raise DataError(f"{name}: {files} cannot be joined ({type(error).__name__}: {error}).") from error


def samples_of(rows: list[Row], to_sample: Callable[[Row], Any], where: str) -> tuple[Worded, ...]:
    """Turn rows into samples and check them; all faults at once, as far as they can be shown."""
    samples: list[Worded] = []
    faults: list[str] = []
    rows.reverse()
    for number in range(1, len(rows) + 1):
        row = rows.pop()  # let go of at once: rows take more memory than the samples made of them
        try:
            sample = to_sample(row)
        except NO_ROWS as error:
            what = f"no field {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
            faults.append(f"{where}, row {number}: {what}. The row has: {', '.join(map(str, row))}.")
            continue
        assert isinstance(sample, Worded)  # noqa: S101  our own mistake: no other kind exists yet
        if said := problem(sample):
            faults.append(f"{where}, row {number}: {said}.")
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
