"""Finds tasks and names them by their files: the project's own, plug-ins, and what --task-path names."""

import difflib
import importlib.util
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from medeval import exams, home
from medeval.errors import RequestError, TaskError
from medeval.records import Record
from medeval.task import Task

PACKAGE = Path(__file__).parent
EVERY = "all"
EXAM = ".toml"
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".jsonl", ".parquet")


class Named(Record, frozen=True, kw_only=True):
    """A task, its name, and the file that declares it."""

    name: str
    task: Task
    file: Path
    own: bool = False
    """An exam of the user's own: its sheet lies beside its file, and its results stay at home."""

    @property
    def samples(self) -> Path:
        """Where the sample rows of the task are."""
        return self.file.parent / "samples"


class Group(Record, frozen=True, kw_only=True):
    """Tasks that have a result together."""

    name: str
    title: str
    members: tuple[str, ...]


class Catalog(Record, frozen=True, kw_only=True):
    """Every task and group that was found."""

    tasks: Mapping[str, Named]
    groups: Mapping[str, Group]

    def named(self, name: str) -> Named:
        """Find one task."""
        if name.endswith(EXAM):
            return self._exam(Path(name))
        if name in self.groups:
            members = ", ".join(self.groups[name].members)
            raise RequestError(f"{name!r} is a group of tasks: {members}. Name one of them.")
        if name not in self.tasks:
            raise self._unknown(name)
        return self.tasks[name]

    def chosen(self, names: Iterable[str]) -> tuple[list[Named], list[Group], list[RequestError]]:
        """Find tasks and groups by name, each task once, and a fault for every name that is unknown."""
        tasks: dict[str, Named] = {}
        groups: dict[str, Group] = {}
        unknown: list[RequestError] = []
        for name in names:
            if name == EVERY:
                tasks.update(self.tasks)
            elif name.endswith(EXAM):
                try:
                    own = self._exam(Path(name))
                except RequestError as fault:
                    unknown.append(fault)
                else:
                    if tasks.setdefault(own.name, own).file != own.file:
                        unknown.append(_taken(own, str(tasks[own.name].file)))
            elif name in self.groups:
                groups[name] = self.groups[name]
                tasks.update({member: self.named(member) for member in self.groups[name].members})
            elif name in self.tasks:
                tasks[name] = self.tasks[name]
            else:
                unknown.append(self._unknown(name))
        return list(tasks.values()), list(groups.values()), unknown

    def _exam(self, file: Path) -> Named:
        """Find an exam of the user's own by its file, which --task-path may have named already."""
        known = next((each for each in self.tasks.values() if each.file.resolve() == file.resolve()), None)
        if known:
            return known
        (found,) = _load(file)
        if found.name in self.tasks or found.name in self.groups or found.name == EVERY:
            raise _taken(found, "a group" if found.name in self.groups else "another task")
        return found

    def _unknown(self, name: str) -> RequestError:
        known = [*self.tasks, *self.groups]
        if Path(name).suffix.lower() in SHEETS:
            return RequestError(
                f"{name}: is a sheet. `medeval init exam {name}` writes the file that names its columns."
            )
        close = difflib.get_close_matches(name, known, n=1)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        return RequestError(f"Unknown task {name!r}.{guess} 'medeval tasks' lists all {len(known)}.")


def _taken(exam: Named, by: str) -> TaskError:
    return TaskError(f"{exam.file}: its name {exam.name!r} is that of {by}. Add a line such as name = 'my_exam'.")


def own_folder() -> Path:
    """Where the project's own tasks are: in the wheel, or beside the package in a checkout."""
    if (found := home.tasks()) is None:
        raise TaskError(f"medeval's own tasks are missing from {PACKAGE}. Install it again.")
    return found


def find(paths: Iterable[Path] = ()) -> Catalog:
    """Load the project's own tasks, installed plug-ins, and the files and folders named."""
    tasks: dict[str, Named] = {}
    groups: dict[str, Group] = {}
    for path in [own_folder(), *_plugged(), *paths]:
        if not path.exists():
            raise TaskError(f"{path}: no such file or folder of tasks.")
        for file in [path] if path.is_file() else _files(path):
            for named in _load(file):
                if named.name in tasks:
                    raise TaskError(f"{file}: task {named.name!r} is already declared by {tasks[named.name].file}.")
                tasks[named.name] = named
        groups.update(_groups(path / "groups.toml", tasks))
    clashing = sorted({*tasks} & {*groups}) + [name for name in (*tasks, *groups) if name == EVERY]
    if clashing:
        where = tasks[clashing[0]].file if clashing[0] in tasks else "groups.toml"
        raise TaskError(f"{where}: the name {clashing[0]!r} is taken by a group, or means every task.")
    return Catalog(tasks=tasks, groups=groups)


def _files(folder: Path) -> list[Path]:
    """List the task files of a folder; Python that YAML of another harness beside it calls is none of them."""
    called = "".join([file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.yaml"))])
    return sorted(
        file
        for file in folder.glob("*.py")
        if not file.name.startswith("_") and f"!function {file.stem}." not in called
    )


def _plugged() -> Iterator[Path]:
    """The folders of tasks that installed packages offer."""
    for entry in entry_points(group="medeval.tasks"):
        try:
            yield Path(str(entry.load().__path__[0]))
        except Exception as error:
            raise TaskError(f"Plug-in {entry.name!r} ({entry.value}): {type(error).__name__}: {error}.") from error


def _load(file: Path) -> list[Named]:
    """Run a task file and take its TASK, or its TASKS by suffix; or read an exam of the user's own."""
    if file.suffix == EXAM:
        name, task = exams.opened(file)
        return [Named(name=name, task=task, file=file, own=True)]
    module = _run(file)
    declared = getattr(module, "TASKS", None) or {"": getattr(module, "TASK", None)}
    named = []
    for suffix, task in declared.items():
        if not isinstance(task, Task):
            raise TaskError(f"{file}: no TASK. A task file declares TASK = Task(…), or TASKS = {{suffix: Task(…)}}.")
        name = f"{file.stem}_{suffix}" if suffix else file.stem
        faults = [fault.faults[0] for fault in task.faults(name)]
        if faults:
            raise TaskError(*[f"{file}: {fault}" for fault in faults])
        named.append(Named(name=name, task=task, file=file))
    return named


def _run(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"medeval_task_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise TaskError(f"{file}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        # A task file is foreign code: whatever it raises is its fault, and said with its name.
        raise TaskError(f"{file}: {type(error).__name__}: {error}.") from error
    return module


def _groups(file: Path, tasks: Mapping[str, Named]) -> dict[str, Group]:
    if not file.is_file():
        return {}
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{file}: {error}.") from error
    return {name: _group(file, name, fields, tasks) for name, fields in declared.items()}


def _group(file: Path, name: str, fields: object, tasks: Mapping[str, Named]) -> Group:
    members = fields.get("members") if isinstance(fields, dict) else None
    said = ""
    if not isinstance(fields, dict):
        said = "stands outside of any group. A group is a table: [name], title, members"
    elif not re.fullmatch(r"[a-z0-9_]+", name):
        said = "is no name: small letters, digits and underscores only"
    elif not isinstance(members, list) or len(members) < 2 or len({*map(str, members)}) < len(members):
        said = "needs a list of two members at least, none twice"
    elif unknown := [member for member in members if member not in tasks]:
        said = f"has unknown members: {unknown}"
    elif len({tasks[member].task.metrics[0].name for member in members}) > 1:
        said = "has members with different headline metrics, which have no mean"
    if said:
        raise TaskError(f"{file}: {name!r} {said}.")
    title = fields.get("title", name) if isinstance(fields, dict) else name
    return Group(name=name, title=str(title), members=tuple(members or ()))
