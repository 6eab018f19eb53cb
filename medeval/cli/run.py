"""medeval run: play the chosen tasks, score them, publish the results."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli.options import Data, Json, Label, Limit, Options, Protocol, Reports, Seed, Style, TaskPath


def run(
    model: Annotated[str, typer.Option(help="baseline:RULE, or recorded:FOLDER to replay a recorded run.")],
    tasks: Annotated[str, typer.Option(help="Names of tasks and groups, with commas between.")],
    data: Data = "",
    reports: Reports = Path("reports"),
    label: Label = "",
    style: Style = "letters",
    options: Options = "given",
    protocol: Protocol = "house",
    limit: Limit = 0,
    seed: Seed = 0,
    task_path: TaskPath = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Render everything, ask nothing.")] = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Evaluate a model. The same command goes on where it stopped; a finished run asks nothing."""
    from medeval import evaluation
    from medeval.cli.live import Live
    from medeval.cli.say import ahead, results
    from medeval.cli.signals import stop_on_signals
    from medeval.planning import Plan, prepare
    from medeval.records import to_json

    names = tuple(filter(None, map(str.strip, tasks.split(","))))
    plan = Plan(
        model=model, tasks=names, data=data, reports=reports, label=label,
        style=style, options=options, protocol=protocol, limit=limit, seed=seed, task_paths=tuple(task_path or ()),
    )  # fmt: skip
    with stop_on_signals() as stopped:
        prepared = prepare(plan)
        if dry_run:
            print(ahead(evaluation.look_ahead(prepared, stopped), json=json))
            return
        with Live(prepared) as live:
            evaluated = evaluation.run(prepared, live, stopped)
    print(to_json(evaluated.results).decode() if json else results(evaluated.results, evaluated.folders))
    if evaluated.unsettled:
        typer.echo(f"medeval: {evaluated.unsettled} engine errors; run the same command to ask again.", err=True)
        raise typer.Exit(3)
