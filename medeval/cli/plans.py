"""The words of a command as a plan."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from medeval.cli.declared import tags_of
from medeval.errors import RequestError

if TYPE_CHECKING:
    from medeval.planning import Plan

RENAMED = {
    "verify_weights": "verify", "remote_code": "code", "engine_arg": "engine_args", "concurrency": "at_once",
    "task_path": "task_paths", "price": "prices", "metric": "metrics",
    "judge": "judges", "grading": "gradings", "judge_prose": "prose",
}  # fmt: skip
ELSEWHERE = ("dry_run", "json")
"""What the command itself sees to."""


def plan_of(words: Mapping[str, Any]) -> "Plan":
    """Make a plan of what a command was told, by the names of its options."""
    from medeval.entries import Declaration
    from medeval.openings import Means
    from medeval.planning import Plan

    said = {RENAMED.get(name, name): value for name, value in words.items() if name not in ELSEWHERE}
    said["tasks"] = tuple(filter(None, map(str.strip, said["tasks"].split(","))))
    for several in ("task_paths", "engine_args", "metrics", "judges", "gradings"):
        said[several] = tuple(said[several] or ())
    said["prices"] = _prices(said["prices"])
    said["tags"] = tags_of(said["tags"])
    declared = {name: said.pop(name) for name in Declaration.__struct_fields__}
    means = {name: said.pop(name) for name in Means.__struct_fields__}
    return Plan(means=Means(**means), declared=Declaration(**declared), **said)


def _prices(text: str) -> tuple[float, ...]:
    if not text:
        return ()
    try:
        found = tuple([float(each) for each in text.split(",")])
    except ValueError:
        found = ()
    if len(found) != 2 or min(found) < 0:
        raise RequestError(f"--price {text}: two amounts for a million tokens, read and written, such as 0.15,0.60.")
    return found
