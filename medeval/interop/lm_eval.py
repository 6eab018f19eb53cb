"""lm-eval's tasks: found by name, loaded, and their own code makes requests and marks; the only file that knows it."""

import copy
import difflib
import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from medeval.errors import DataError, RequestError, TaskError, raise_all
from medeval.interop.seclusion import secluded
from medeval.interop.wordings import Result, Wanted, amiss, requests_of
from medeval.records import AskedSample

PREFIX = "lm-eval:"
SEED = 1234
"""By which lm-eval draws solved examples, unless it is told another."""
SHOWN = 5
NOT_ASKED = ("dataset_path", "dataset_kwargs", "metadata", "num_fewshot", "tag", "task", "task_alias")
"""Fields of a configuration that change no request and no mark, or that stand elsewhere in a result."""
Key = tuple[str, str]
"""A metric of lm-eval's, and the filter that replies went through before."""


class Loaded:
    """A task of lm-eval with the requests that it builds."""

    def __init__(self, name: str, task: Any, file: Path, *, offline: bool = False) -> None:
        self.name = name
        self.file = file
        self.shots = int(task.get_config("num_fewshot") or 0)
        self.output_type = str(task.OUTPUT_TYPE)
        self.harness = f"lm-eval-{version('lm_eval')}"
        self.version = "" if task.VERSION in (None, "Yaml") else str(task.VERSION)
        self.content = _content(task)
        self._task = task
        self._offline = offline
        self._instances: dict[int, list[Any]] = {}
        for instance in task.instances:
            self._instances.setdefault(instance.doc_id, []).append(instance)
        for instances in self._instances.values():
            instances.sort(key=lambda each: each.idx)
        self._filters = [each.name for each in task._filters]  # noqa: SLF001  it has no other place

    def samples(self) -> tuple[AskedSample, ...]:
        """Every row, with what is asked of it."""
        wanted = {number: _wanted(instances) for number, instances in self._instances.items()}
        kinds = dict.fromkeys([said for each in wanted.values() for said in amiss(each)])
        raise_all([RequestError(f"{self.name}: {said}.") for said in [*kinds][:SHOWN]])
        return tuple([
            AskedSample(
                id=self._id(number), requests=tuple(requests_of(each)), target=self._target(number)
            )
            for number, each in wanted.items()
        ])  # fmt: skip

    def keys(self) -> list[Key]:
        """The metrics that a row is marked by: those it has, then those that are declared only."""
        number = next(iter(self._instances))
        guess: list[Result] = [
            "" if each.request_type == "generate_until" else (-1.0 - place, not place)
            for place, each in enumerate(self._instances[number])
        ]
        try:
            found = [*self.marks(self._id(number), guess)]
        except TaskError:
            found = []  # a row that cannot be marked by a guess
        declared = [(metric, each) for each in self._filters for metric in self._task.aggregation()]
        # Declared are often more than there are: what a row has goes first, in the order in which it is declared.
        return list(dict.fromkeys([*[key for key in declared if key in found], *found, *declared]))

    def marks(self, sample: str, results: Sequence[Result]) -> dict[Key, Any]:
        """Filter the results of one row and mark them, as lm-eval does it."""
        instances = self._instances[int(sample)]
        with secluded(offline=self._offline), _named(f"{self.name}: lm-eval cannot mark sample {sample!r}", TaskError):
            for instance, result in zip(instances, results, strict=True):
                instance.resps, instance.filtered_resps = [result], {}
            self._task._instances = instances  # noqa: SLF001  filters look for them there
            self._task.apply_filters()
            return {
                (str(metric), each): value
                for each in self._filters
                for metric, value in self._task.process_results(
                    copy.deepcopy(instances[0].doc), [instance.filtered_resps[each] for instance in instances]
                ).items()
            }

    @property
    def counts_greedy(self) -> bool:
        """Whether it matters what a model would have written by itself."""
        declared = self._task.aggregation()
        return self.output_type == "loglikelihood" or (
            self.output_type != "generate_until" and "exact_match" in declared
        )

    def gathering(self, key: Key) -> tuple[str, Callable[[list[Any]], float]]:
        """How marks are gathered: by which function of lm-eval's own, if it is one, and the function."""
        from lm_eval.api.metrics import mean

        gather = self._task.aggregation().get(key[0], mean)
        own = getattr(gather, "__module__", "") == mean.__module__

        def quietly(marks: list[Any]) -> float:
            with secluded(offline=self._offline), _named(f"{self.name}: lm-eval cannot gather {key[0]}", TaskError):
                return float(gather(marks))

        return gather.__name__ if own else "", quietly

    def more_is_better(self, key: Key) -> bool:
        """Whether a greater value is a better one."""
        return bool(self._task.higher_is_better().get(key[0], True))

    def _id(self, number: int) -> str:
        return f"{number:0{max(4, len(str(len(self._instances) - 1)))}d}"

    def _target(self, number: int) -> tuple[str, ...]:
        """What a row takes for right, in texts; a task in Python need not be able to tell."""
        doc = copy.deepcopy(self._instances[number][0].doc)
        try:
            gold = self._task.doc_to_target(doc)
            choices = self._task.doc_to_choice(doc) if self._task.get_config("doc_to_choice") is not None else []
            golds = gold if isinstance(gold, list | tuple) else [gold]
            return tuple([str(choices[each] if isinstance(each, int) and choices else each).strip() for each in golds])
        except Exception:  # noqa: BLE001  it is only shown
            return ()


def load(name: str, paths: Sequence[Path], shots: int | None, seed: int, *, offline: bool) -> Loaded:
    """Find a task by its name, load its rows, and let it build its requests."""
    try:
        with secluded(offline=offline):
            import lm_eval.api.task  # noqa: F401  the rest of it comes when it is needed
    except ImportError as error:
        raise RequestError(
            f"{name}: tasks of lm-eval need the package lm-eval, which cannot be imported ({error}). "
            "Install it with: pip install 'medeval-harness[interop]'."
        ) from error
    wanted = name.removeprefix(PREFIX)
    hint = " With --offline its data must be in the cache of `datasets`." if offline else ""
    with secluded(offline=offline):
        manager = _manager(wanted, [path for path in paths if path.is_dir()])
        raise_all([*_unfit(name, wanted, manager)])
        with _named(f"{name}: lm-eval cannot load it", DataError, hint):
            (task,) = manager.load([wanted])["tasks"].values()
        raise_all([*_unfit_task(name, task, shots)])
        if shots is not None or task.get_config("num_fewshot") is None:
            task.set_config("num_fewshot", shots or 0)
        task.set_fewshot_seed(seed or SEED)
        with _named(f"{name}: lm-eval cannot build its requests", DataError):
            task.build_all_requests()
            return Loaded(name, task, Path(manager.task_index[wanted].yaml_path), offline=offline)


def _manager(wanted: str, folders: Sequence[Path]) -> Any:
    """Look into the folders that were named first: the index of all that lm-eval has takes four seconds."""
    from lm_eval.tasks import TaskManager

    own = TaskManager(include_path=list(folders), include_defaults=False)
    return own if wanted in own.all_tasks else _everything()


@functools.cache
def _everything() -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager()


def _unfit(name: str, wanted: str, manager: Any) -> Iterator[RequestError]:
    """What is wrong with a name, or with a task that should not even be loaded."""
    if wanted not in manager.all_tasks:
        close = difflib.get_close_matches(wanted, manager.all_subtasks, n=1)
        guess = f" Did you mean {PREFIX + close[0]!r}?" if close else ""
        yield RequestError(
            f"Unknown task {name!r}: lm-eval {version('lm_eval')} has none of that name.{guess} "
            "A folder of YAML files of your own is named with --task-path."
        )
        return
    entry = manager.task_index[wanted]
    if wanted not in manager.all_subtasks:
        members = sorted(entry.tags) or (entry.cfg or {}).get("task") or []
        texts = [each if isinstance(each, str) else str(each.get("task") or each.get("group")) for each in members]
        shown = ", ".join([PREFIX + each for each in texts[:SHOWN]])
        yield RequestError(f"{name} is a group of lm-eval's. Name its tasks: {shown}{', …' * (len(texts) > SHOWN)}.")
    elif (entry.cfg or {}).get("unsafe_code"):
        yield RequestError(f"{name}: it runs code that a model has written, and nothing of a model is run here.")


def _unfit_task(name: str, task: Any, shots: int | None) -> Iterator[RequestError]:
    if getattr(task, "UNSAFE_CODE", False):
        yield RequestError(f"{name}: it runs code that a model has written, and nothing of a model is run here.")
    if getattr(task, "MULTIMODAL", False):
        yield RequestError(f"{name}: it shows pictures or plays sounds, and engines here read texts only.")
    if (task.get_config("repeats") or 1) > 1:
        yield RequestError(f"{name}: it asks everything {task.get_config('repeats')} times, which is not done here.")
    if shots and task.get_config("num_fewshot") == 0:
        yield RequestError(f"{name}: its num_fewshot is 0, which lm-eval does not overrule. Leave --shots away.")


def _wanted(instances: Sequence[Any]) -> list[Wanted]:
    return [(instance.request_type, instance.args) for instance in instances]


def _content(task: Any) -> str:
    """Take the fingerprint of all of a configuration that makes requests and marks, its functions included."""
    config = {key: value for key, value in task.dump_config().items() if key not in NOT_ASKED}
    return hashlib.sha256(json.dumps(config, default=_source, sort_keys=True).encode()).hexdigest()


def _source(value: object) -> str:
    """Put into words what JSON has none for; never an address, which is another one every time."""
    try:
        return inspect.getsource(value)  # type: ignore[arg-type]
    except (TypeError, OSError):
        return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


@contextmanager
def _named(what: str, kind: type[RequestError], hint: str = "") -> Iterator[None]:
    """Tell whatever foreign code raises in one sentence of its own."""
    try:
        yield
    except RequestError:
        raise
    except (Exception, SystemExit) as error:
        line = " ".join(str(error).split())[:300]
        raise kind(f"{what} ({type(error).__name__}: {line}).{hint}") from error
