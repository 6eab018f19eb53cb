"""medeval score: score recorded replies again, or texts that were made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o


def score(
    entry: Annotated[str, typer.Argument(help="A folder to score again from its journals: path, or label.")] = "",
    task: Annotated[str, typer.Option(help="The task that the predictions answer.")] = "",
    predictions: Annotated[Path | None, typer.Option(help="JSON lines or CSV: an id and a text or letter.")] = None,
    field: o.Field = "", probabilities: o.Probabilities = "", by_order: o.ByOrder = False,  # noqa: FBT002
    data: o.Data = "", offline: o.Offline = False, shots_from: o.ShotsFrom = "",  # noqa: FBT002
    reports: o.Reports = Path("reports"), label: o.Label = "", protocol: o.Protocol = "house",
    limit: o.Limit = 0, seed: o.Seed = 0, metric: o.Metric = None, device: o.Device = "",
    task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Score a folder again from its journal, or make a normal result of predictions made elsewhere."""
    from medeval import evaluation
    from medeval.cli.say import results
    from medeval.cli.signals import stop_on_signals
    from medeval.errors import RequestError
    from medeval.openings import Means
    from medeval.planning import Plan
    from medeval.records import to_json
    from medeval.reports import entry_folder

    paths, means = tuple(task_path or ()), Means(offline=offline, device=device)
    extras = None if not metric else tuple([each for each in metric if each != "none"])
    with stop_on_signals() as stopped:
        if predictions is not None and task and not entry and not (field and probabilities):
            plan = Plan(
                model="", tasks=(task,), data=data, reports=reports, label=label or predictions.stem,
                style="letters" if probabilities else "written", means=means, metrics=extras or (), protocol=protocol,
                limit=limit, seed=seed, task_paths=paths, elsewhere=True,
            )  # fmt: skip
            evaluated = evaluation.score_predictions(plan, predictions, probabilities or field, by_order=by_order)
        elif not entry or predictions is not None or task:
            raise RequestError(
                "Name either an ENTRY to score again, or --task and --predictions, with --field or --probabilities."
            )
        elif field or probabilities or by_order or label or limit or seed or protocol != "house":
            raise RequestError(
                "An ENTRY is scored again as it was asked: only --data, --offline, --shots-from, --metric, "
                "--device, --reports and --task-path go with it."
            )
        else:
            evaluated = evaluation.rescore(
                entry_folder(entry, reports), data, paths, stopped, means=means, shots_from=shots_from, metrics=extras
            )
    print(to_json(evaluated.results).decode() if json else results(evaluated.results, evaluated.folders))
    for note in evaluated.notes:
        typer.echo(f"medeval: {note}", err=True)
    if evaluated.unsettled:
        typer.echo(f"medeval: {evaluated.unsettled} engine errors; `medeval run` asks again.", err=True)
        raise typer.Exit(3)
