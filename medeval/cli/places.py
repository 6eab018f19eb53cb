"""Where the files of tasks are and what holds them fast, in rows of a table."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval.catalog import Named, find
from medeval.errors import DataError, RequestError
from medeval.planning import supply
from medeval.sources import Form, Local, Source, Supply, line_of
from medeval.sources.locks import revision_of


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
        return "/".join(filter(None, [self.folder, self.source.path]))

    @property
    def path(self) -> Path | None:
        """Where it is, if it is here."""
        return self.supply.find(self.folder, self.source)

    @property
    def state(self) -> tuple[str, str]:
        """How it is, and what is wrong with it."""
        path, pin = self.path, self.supply.pin(self.folder, self.source)
        if (there := self.in_the_way) is not None:
            return "no file", f"{there}: is in the way and is no file. Move it away."
        if path is None:
            return "not here", ""
        if not pin.sha256 or self.supply.root == self.named.samples:
            return "not pinned", ""
        try:
            other = pin.other(path)
        except DataError as fault:
            return "cannot be read", str(fault)
        advice = pin.renew or f"Get the original file ({self.source.said})."
        return ("changed", f"{path}: {other}. {advice}") if other else ("ok", "")

    @property
    def in_the_way(self) -> Path | None:
        """What stands in its place and is no file."""
        return self.supply.in_the_way(self.folder, self.source)


def folder_of(named: Named, data: str, *, offline: bool = False) -> Supply:
    """Choose where a task's files come from; what `--data` names must not be a file."""
    found = supply(data, named, offline=offline)
    if found.root is not None and found.root.exists() and not found.root.is_dir():
        raise RequestError(f"{found.root}: is no folder. --data names the folder that has {named.task.folder}/ in it.")
    return found


def wanted(
    tasks: str, data: str, task_path: Sequence[Path] | None, *, read: bool = False, offline: bool = False
) -> tuple[list[File], list[RequestError]]:
    """List the files of tasks and groups, each once, and a fault for every unknown name; `read`: those of a run."""
    chosen, _, faults = find(task_path or ()).chosen(tuple(filter(None, map(str.strip, tasks.split(",")))))
    found: dict[object, File] = {}
    for named in chosen:
        try:
            own = folder_of(named, data, offline=offline)
        except RequestError as fault:
            faults.append(fault)
            continue
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
            file = File(named, found, form, source)
            state = "would be fetched"
            if file.path:
                state = "is there"
            elif file.in_the_way:
                state = "no file"
            elif found.offline or isinstance(source, Local):
                state = "missing"
            read = ", would be read" if form is chosen else ""
            yield form.name, str(found.where(file.folder, source)), state + read, held(file)


def held(file: File) -> str:
    """What holds a file fast: its content, by its task's checksum or the lock's, or a revision alone."""
    if file.supply.root == file.named.samples:
        return "none"
    sha256, revision = file.supply.pin(file.folder, file.source).sha256[:12], revision_of(file.source)[:8]
    if sha256:
        return sha256 if file.source.sha256 else f"{sha256}, locked here"
    return f"revision {revision} alone" if revision else "none"
