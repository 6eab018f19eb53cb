"""medeval data verify and lock: whether files are what their task or the lock holds them to."""

from typing import Annotated

import typer

from medeval.cli.options import Data, Offline, TaskPath

Tasks = Annotated[str, typer.Argument(help="Names of tasks and groups, with commas between.")]


def verify(tasks: Tasks = "all", data: Data = "", offline: Offline = False, task_path: TaskPath = None) -> None:  # noqa: FBT002
    """Read every file of some tasks that is here, and tell whether it is still the pinned or the locked one.

    Nothing is fetched. With --offline files are looked for where such a run does: what a bundle brought, too.
    """
    from medeval.cli.places import held, wanted
    from medeval.cli.say import table
    from medeval.errors import DataError, raise_all

    files, faults = wanted(tasks, data, task_path, offline=offline)
    rows = [("file", "", "held by")]
    for file in files:
        state, fault = file.state
        faults += [DataError(f"{file.named.name}: {fault}")] if fault else []
        rows.append((file.said, state, held(file)))
    print(table(rows))
    raise_all(faults)


def lock(
    tasks: Tasks = "all",
    data: Data = "",
    renew: Annotated[bool, typer.Option("--renew", help="Take files that no task pins as they are now.")] = False,  # noqa: FBT002
    task_path: TaskPath = None,
) -> None:
    """Tell what the files of some tasks are: as shipped with them, and as locked here at their first use."""
    from medeval.cli.places import wanted
    from medeval.cli.say import clean
    from medeval.errors import RequestError, raise_all
    from medeval.sources import LOCK, line_of, lock_text, read_lock

    files, faults = wanted(tasks, data, task_path)
    for file in files if renew else ():
        try:
            if (both := file.supply.renew(file.folder, file.source, file.form.read)) is not None:
                print(clean(f"{file.said}: {both[0][:12] or 'not held'} → {both[1][:12]}"))
        except RequestError as fault:
            faults.append(fault)
    places = dict.fromkeys(file.named.file.parent / LOCK for file in files)
    places |= dict.fromkeys(file.supply.lock.path for file in files if file.supply.lock is not None)
    keys = [line_of(file.folder, file.source).key for file in files]
    for place in places if not renew else ():
        if lines := [line for key, line in read_lock(place).items() if key in keys]:
            print(clean(lock_text(lines, f"# {place}")))
    raise_all(faults)
