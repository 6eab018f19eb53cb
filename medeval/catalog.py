"""Finds tasks and names them by their files: the project's own, plug-ins, and what --task-path names."""

import difflib
import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from medeval.errors import RequestError, TaskError
from medeval.records import Record
from medeval.task import Task

PACKAGE = Path(__file__).parent
EVERY = "all"


class Named(Record, frozen=True, kw_only=True):
    """A task, its name, and the file that declares it."""

    name: str
    task: Task
    file: Path

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
        if name not in self.tasks:
            raise self._unknown(name, self.tasks)
        return self.tasks[name]

    def chosen(self, names: Iterable[str]) -> tuple[list[Named], list[Group], list[RequestError]]:
        """Find tasks and groups by name, each task once, and a fault for every name that is unknown."""
        tasks: dict[str, Named] = {}
        groups: dict[str, Group] = {}
        unknown: list[RequestError] = []
        for name in names:
            if name == EVERY:
                tasks.update(self.tasks)
            elif name in self.groups:
                groups[name] = self.groups[name]
                tasks.update({member: self.named(member) for member in self.groups[name].members})
            elif name in self.tasks:
                tasks[name] = self.tasks[name]
            else:
                unknown.append(self._unknown(name, {**self.tasks, **self.groups}))
        return list(tasks.values()), list(groups.values()), unknown

    def _unknown(self, name: str, known: Mapping[str, object]) -> RequestError:
        close = difflib.get_close_matches(name, known, n=1)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        return RequestError(f"Unknown task {name!r}.{guess} 'medeval tasks' lists all {len(known)}.")


def own_folder() -> Path:
    """Where the project's own tasks are: in the wheel, or beside the package in a checkout."""
    packed = PACKAGE / "_tasks"
    beside = PACKAGE.parent
    if packed.is_dir():
        return packed
    # Some other project's tasks/ folder may lie in the same place: only our checkout counts.
    project = beside / "pyproject.toml"
    if project.is_file() and 'name = "medeval-harness"' in project.read_text(encoding="utf-8"):
        return beside / "tasks"
    raise TaskError(f"medeval's own tasks are missing from {PACKAGE}. Install it again.")


def find(paths: Iterable[Path] = ()) -> Catalog:
    """Load the project's own tasks, installed plug-ins, and the files and folders named."""
    tasks: dict[str, Named] = {}
    groups: dict[str, Group] = {}
    plugged = [Path(str(entry.load().__path__[0])) for entry in entry_points(group="medeval.tasks")]
    for path in [own_folder(), *plugged, *paths]:
        if not path.exists():
            raise TaskError(f"{path}: no such file or folder of tasks.")
        files = (
            [path] if path.is_file() else sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
        )
        for file in files:
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


def _load(file: Path) -> list[Named]:
    """Run a task file and take its TASK, or its TASKS by suffix."""
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
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        # A task file is foreign code: whatever it raises is its fault, and said with its name.
        raise TaskError(f"{file}: {type(error).__name__}: {error}.") from error
    return module


def _groups(file: Path, tasks: Mapping[str, Named]) -> dict[str, Group]:
    if not file.is_file():
        return {}
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{file}: {error}.") from error
    groups = {}
    for name, fields in declared.items():
        if not isinstance(fields, dict):
            raise TaskError(
                f"{file}: {name!r} stands outside of any group. A group is a table: [name], title, members."
            )
        missing = [member for member in fields.get("members", ()) if member not in tasks]
        if missing or len(fields.get("members", ())) < 2 or name in tasks:
            raise TaskError(
                f"{file}: group {name!r} needs a name of its own and two known members; unknown: {missing}."
            )
        groups[name] = Group(name=name, title=fields.get("title", name), members=tuple(fields["members"]))
    return groups
