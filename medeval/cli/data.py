"""medeval data: where the rows of a task come from."""

from typing import Annotated

import typer

from medeval.cli.options import Data, TaskPath

app = typer.Typer(no_args_is_help=True, help="Data: where the rows of a task come from.")


@app.callback()
def _face() -> None:
    """Keep `where` a word of its own, although it is the only one so far."""


@app.command("where")
def where(task: Annotated[str, typer.Argument(help="A task.")], data: Data = "", task_path: TaskPath = None) -> None:
    """Tell which files would be read for a task, and whether they are there and held to a pin."""
    from medeval.catalog import find
    from medeval.cli.say import table
    from medeval.errors import DataError
    from medeval.planning import data_root
    from medeval.sources import place

    named = find(task_path or ()).named(task)
    root = data_root(data, named)
    chosen = named.task.form_in(root)
    rows = [("form", "file", "", "pin")]
    for form in named.task.forms:
        for source in form.files:
            path = place(root, named.task.folder, source)
            state = "is there" if path.is_file() else "missing"
            rows.append(
                (
                    form.name,
                    str(path),
                    state + (", would be read" if form is chosen else ""),
                    source.pin[:12] if source.pin and root != named.samples else "none",
                )
            )
    print(table(rows))
    missing = [source for source in chosen.files if not place(root, named.task.folder, source).is_file()]
    if missing:
        names = ", ".join(source.path for source in missing)
        raise DataError(f"{task}: {names} missing. Get the original files ({missing[0].said}).")
