"""medeval duel: recorded answers of entries before judges, two at a time."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli import options as o

Entries = Annotated[list[str], typer.Argument(help="Entries that ran the task: path, or label[/task].")]
Grading = Annotated[
    list[str] | None,
    typer.Option(help="Compare by the criteria of survey, cmb, disc or the task's own too; may be repeated."),
]
Criterion = Annotated[
    str, typer.Option(help="Only these criteria, with commas between; without a grading there is 'overall' alone.")
]
Anchor = Annotated[str, typer.Option(help="The entry from which strengths are counted. Default: the first named.")]
Against = Annotated[
    Literal["", "reference"],
    typer.Option(help="reference: compare each with the reference answers, and not with each other."),
]


def duel(
    entry: Entries,
    task: Annotated[str, typer.Option(help="The task whose answers are compared.")],
    judge: o.Judge = None, grading: Grading = None, criterion: Criterion = "", anchor: Anchor = "",
    against: Against = "", limit: o.Limit = 0, data: o.Data = "", offline: o.Offline = False,  # noqa: FBT002
    reports: o.Reports = Path("reports"), engine: o.Engine = "auto", device: o.Device = "", memory: o.Memory = 0.0,
    key_from: o.KeyFrom = "", concurrency: o.Concurrency = 64, timeout: o.Timeout = 600.0,
    task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Have a judge say which of two recorded answers is better, in both orders, for every pair of entries."""
    from medeval import duels
    from medeval.cli.signals import stop_on_signals
    from medeval.cli.tallies import told
    from medeval.openings import Means
    from medeval.planning import jury
    from medeval.records import to_json
    from medeval.reports import entry_folder

    wish = duels.Wish(
        entries=tuple([entry_folder(each, reports) for each in entry]), task=task, reports=reports,
        gradings=tuple(grading or ()), criteria=tuple(filter(None, map(str.strip, criterion.split(",")))),
        anchor=anchor, reference=against == "reference", limit=limit, data=data, task_paths=tuple(task_path or ()),
    )  # fmt: skip
    means = Means(
        engine=engine, offline=offline, device=device, memory=memory, key_from=key_from, at_once=concurrency,
        timeout=timeout,
    )  # fmt: skip
    with stop_on_signals() as stopped:
        found = duels.duel(wish, lambda: jury(judge or (), (), None, means), means=means, stopped=stopped)
    print(to_json(found.results).decode() if json else told(found))
    if found.unsettled:
        typer.echo(f"medeval: {found.unsettled} errors of judges; run the same command to ask again.", err=True)
        raise typer.Exit(3)
