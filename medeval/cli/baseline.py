"""medeval baseline: what nights are held against, pinned in small files for git."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o

app = typer.Typer(
    no_args_is_help=True, help="Pinned baselines: reports/baselines/NAME.NNN.json, one file an acceptance."
)
Name = Annotated[str, typer.Argument(help="A name, or one of its numbers: NAME.002.")]


@app.command("accept")
def accept(
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY…", help="Runs of one model: three.")],
    reason: Annotated[str, typer.Option(help="Why this is what nights are held against from now on.")],
    name: Annotated[str, typer.Option(help="What it is called; default: the first entry's label.")] = "",
    tasks: Annotated[str, typer.Option(help="Only these tasks, with commas between.")] = "",
    few: Annotated[bool, typer.Option("--few", help="Pin fewer than three runs.")] = False,  # noqa: FBT002
    reports: o.Reports = Path("reports"), task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Write a new file, which holds from now on; the old ones stay. Put it into git, where it can be reviewed."""
    from medeval import baselines
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli.pins import shown
    from medeval.records import to_json
    from medeval.reports import entry_folder

    path, made = baselines.accept(
        [entry_folder(entry, reports) for entry in entries], reports, reason=reason, version=own_version(), name=name,
        tasks=tuple(filter(None, map(str.strip, tasks.split(",")))), few=few, catalog=find(task_path or ()),
    )  # fmt: skip
    print(to_json(made).decode() if json else f"{shown(made)}\n\n{path}")


@app.command("list")
def listed(reports: o.Reports = Path("reports"), json: o.Json = False) -> None:  # noqa: FBT002
    """List every file; the last of a name is the one that holds."""
    from medeval import baselines
    from medeval.cli.pins import table_of
    from medeval.records import to_json

    found = [*baselines.listed(reports)]
    print(to_json(found).decode() if json else table_of(found))


@app.command("show")
def show(name: Name, reports: o.Reports = Path("reports"), json: o.Json = False) -> None:  # noqa: FBT002
    """Tell what is pinned."""
    from medeval import baselines
    from medeval.cli.pins import shown
    from medeval.records import to_json

    found = baselines.found(name, reports)
    print(to_json(found).decode() if json else shown(found))


@app.command("verify")
def verify(
    name: Annotated[str, typer.Argument(help="A name; default: all.")] = "", reports: o.Reports = Path("reports"),
    json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """See that no file was changed after it was accepted. Exit codes: 0 none was, 4 one was, 5 there are none."""
    from medeval import baselines
    from medeval.cli.pins import table_of
    from medeval.records import to_json

    found = [*baselines.listed(reports, name)]
    print(to_json(found).decode() if json else table_of(found))
    if not found or any(each.fault for each in found):
        raise typer.Exit(4 if found else 5)
