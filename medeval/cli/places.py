"""Where the files of tasks are and what holds them fast, in rows of a table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval.catalog import Named, find
from medeval.errors import RequestError
from medeval.planning import supply
from medeval.sources import Form, Local, Source, Supply, line_of


class File(NamedTuple):
    """A file of one of the tasks that were named."""

    named: Named
    supply: Supply
    form: Form
    source: Source

    @property
    def folder(self) -> str:
        """Where it lies below a data folder."""
        return self.named.task.folder

    @property
    def said(self) -> str:
        """Its folder and name."""
        return f"{self.folder}/{self.source.path}"

    @property
    def path(self) -> Path | None:
        """Where it is, if it is here."""
        return self.supply.find(self.folder, self.source)


def wanted(
    tasks: str, data: str, task_path: Sequence[Path] | None, *, read: bool = False
) -> tuple[list[File], list[RequestError]]:
    """List the files of tasks and groups, each once, and a fault for every unknown name; `read`: those of a run."""
    chosen, _, faults = find(task_path or ()).chosen(tuple(filter(None, map(str.strip, tasks.split(",")))))
    found: dict[object, File] = {}
    for named in chosen:
        own = supply(data, named)
        for form in [named.task.form_in(own)] if read else named.task.forms:
            for source in (*form.files, *form.exemplars):
                # Two tasks may read one file, and exams of one's own have folders of their own.
                where = (named.file.parent if named.own else "", *line_of(named.task.folder, source).key)
                found.setdefault(where, File(named, own, form, source))
    return list(found.values()), faults


def files(named: Named, found: Supply, chosen: Form) -> Iterator[tuple[str, ...]]:
    """Tell of every file of every form whether it is there, and what holds it fast."""
    for form in named.task.forms:
        for source in form.files:
            state = "would be fetched"
            if found.find(named.task.folder, source):
                state = "is there"
            elif found.offline or isinstance(source, Local):
                state = "missing"
            read = ", would be read" if form is chosen else ""
            yield (
                form.name,
                str(found.where(named.task.folder, source)),
                state + read,
                held(File(named, found, form, source)),
            )


def held(file: File) -> str:
    """What holds a file fast: its task's checksum, the lock's, or a revision alone."""
    if file.supply.root == file.named.samples:
        return "none"
    sha256, revision = file.supply.pin(file.folder, file.source).sha256[:12], line_of("", file.source).revision[:8]
    if sha256:
        return sha256 if file.source.sha256 else f"{sha256}, locked here"
    return f"revision {revision} alone" if revision else "none"
