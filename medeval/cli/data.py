"""medeval data: where the rows of tasks come from, what holds them fast, and fetching them ahead."""

from typing import Annotated

import typer

from medeval.cli import fetching, holding, terms
from medeval.cli.options import Data, Offline, TaskPath

app = typer.Typer(
    no_args_is_help=True, help="Data: where the rows of tasks come from, what holds them fast, and fetching them ahead."
)
app.command("pull")(fetching.pull)
app.command("fetch", hidden=True)(fetching.pull)
app.command("verify")(holding.verify)
app.command("lock")(holding.lock)
app.command("licences")(terms.licences)


@app.command("where")
def where(
    task: Annotated[str, typer.Argument(help="A task.")],
    data: Data = "",
    offline: Offline = False,  # noqa: FBT002
    task_path: TaskPath = None,
) -> None:
    """Tell which files would be read for a task, whether they are there, and what holds them fast."""
    from medeval.catalog import find
    from medeval.cli.places import files, folder_of
    from medeval.cli.say import table
    from medeval.sources import Local

    named = find(task_path or ()).named(task)
    found = folder_of(named, data, offline=offline)
    chosen = named.task.form_in(found)
    print(table([("form", "file", "", "held by"), *files(named, found, chosen)]))
    for source in chosen.files:
        if found.offline or isinstance(source, Local):
            found.fetch(named.task.folder, source)  # fetches nothing here, but says what to do about a missing one
