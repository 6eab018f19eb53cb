"""medeval data licences: under which terms the files of tasks are had."""

from typing import Annotated

import typer

from medeval.cli.options import TaskPath

PASSED_ON = {"yes": "yes", "inside": "within one's organisation", "no": "no"}


def licences(
    tasks: Annotated[str, typer.Argument(help="Names of tasks and groups, with commas between.")] = "all",
    task_path: TaskPath = None,
) -> None:
    """Tell the licence of every task, and what it allows, as far as a list can say it."""
    from medeval import licences as terms
    from medeval.catalog import find
    from medeval.cli.say import clean, table
    from medeval.errors import raise_all

    chosen, _, faults = find(task_path or ()).chosen(tuple(filter(None, map(str.strip, tasks.split(",")))))
    found = {named.name: terms.of(named.task.licence) for named in chosen}
    rows = [("task", "licence", "passed on", "commercial use", "on public pages")]
    for named in chosen:
        of = found[named.name]
        rows.append((
            named.name, named.task.licence, PASSED_ON[of.carry], of.commercial, "yes" if of.texts else "no",
        ))  # fmt: skip
    if chosen:
        print(table(rows) + "\n")
    for name, of in {named.task.licence: found[named.name] for named in chosen}.items():
        print(clean(f"{name}: {of.title}. {of.note}{f' {of.url}' if of.url else ''}"))
    print()
    for named in chosen:
        if named.task.obtain:
            print(clean(f"{named.name}: {named.task.obtain}"))
    raise_all(faults)
