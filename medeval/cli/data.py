"""medeval data: where the rows of a task come from, and fetching them ahead."""

from typing import Annotated

import typer

from medeval.cli.options import Data, Offline, TaskPath

app = typer.Typer(no_args_is_help=True, help="Data: where the rows of a task come from, and fetching them ahead.")


@app.command("where")
def where(
    task: Annotated[str, typer.Argument(help="A task.")],
    data: Data = "",
    offline: Offline = False,  # noqa: FBT002
    task_path: TaskPath = None,
) -> None:
    """Tell which files would be read for a task, and whether they are there and held to a pin."""
    from medeval.catalog import find
    from medeval.cli.places import files
    from medeval.cli.say import table
    from medeval.planning import supply
    from medeval.sources import Local

    named = find(task_path or ()).named(task)
    found = supply(data, named, offline=offline)
    chosen = named.task.form_in(found)
    print(table([("form", "file", "", "pin"), *files(named, found, chosen)]))
    for source in chosen.files:
        if found.offline or isinstance(source, Local):
            found.fetch(named.task.folder, source)  # fetches nothing here, but says what to do about a missing one


@app.command("fetch")
def fetch(
    tasks: Annotated[str, typer.Argument(help="Names of tasks and groups, with commas between.")],
    data: Data = "",
    task_path: TaskPath = None,
) -> None:
    """Fetch what is missing of some tasks, solved examples included, so that runs need no connection."""
    from medeval.catalog import find
    from medeval.errors import RequestError, raise_all
    from medeval.planning import supply

    chosen, _, faults = find(task_path or ()).chosen(tuple(filter(None, map(str.strip, tasks.split(",")))))
    for named in chosen:
        found = supply(data, named)
        form = named.task.form_in(found)
        for source in dict.fromkeys((*form.files, *form.exemplars)):
            try:
                print(f"{named.name}: {found.fetch(named.task.folder, source)}")
            except RequestError as fault:
                faults.append(fault)
    raise_all(faults)
