"""medeval judge: bring recorded answers before judges; the model is asked nothing."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o


def judge(
    entry: Annotated[str, typer.Argument(help="An entry's folder or one of its cells: path, or label[/task].")],
    judge: o.Judge = None, grading: o.Grading = None, judge_prose: o.JudgeProse = None,
    data: o.Data = "", offline: o.Offline = False, reports: o.Reports = Path("reports"),  # noqa: FBT002
    shots_from: o.ShotsFrom = "", engine: o.Engine = "auto", device: o.Device = "", memory: o.Memory = 0.0,
    key_from: o.KeyFrom = "", concurrency: o.Concurrency = 64, timeout: o.Timeout = 600.0,
    task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Have recorded answers graded, or graded again: by another judge, another grading, in other words."""
    from medeval import evaluation
    from medeval.cli.say import results
    from medeval.cli.signals import stop_on_signals
    from medeval.errors import RequestError
    from medeval.openings import Means
    from medeval.planning import jury
    from medeval.records import to_json
    from medeval.reports import entry_folder

    if not judge:
        raise RequestError("No judge is named. Add --judge MODEL, as often as there are judges.")
    means = Means(
        engine=engine, offline=offline, device=device, memory=memory, key_from=key_from, at_once=concurrency,
        timeout=timeout,
    )  # fmt: skip
    with stop_on_signals() as stopped:
        evaluated = evaluation.judge(
            entry_folder(entry, reports), lambda: jury(judge, grading or (), judge_prose, means), data,
            tuple(task_path or ()), stopped=stopped, means=means, shots_from=shots_from,
        )  # fmt: skip
    print(to_json(evaluated.results).decode() if json else results(evaluated.results, evaluated.folders))
    if evaluated.unsettled:
        typer.echo(f"medeval: {evaluated.unsettled} errors of judges; run the same command to ask again.", err=True)
        raise typer.Exit(3)
