"""medeval score: score recorded replies again, or texts that were made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli.options import Data, Json, Label, Limit, Protocol, Reports, Seed, TaskPath


def score(
    entry: Annotated[str, typer.Argument(help="A folder to score again from its journals: path, or label.")] = "",
    task: Annotated[str, typer.Option(help="The task that the predictions answer.")] = "",
    predictions: Annotated[Path | None, typer.Option(help="JSON lines or CSV: an id and a text or letter.")] = None,
    field: Annotated[
        str, typer.Option(help="The field of the text; default: output, outputs[0], text, answer, note.")
    ] = "",
    by_order: Annotated[bool, typer.Option("--by-order", help="No ids: one row a sample, in order.")] = False,  # noqa: FBT002
    data: Data = "",
    reports: Reports = Path("reports"),
    label: Label = "",
    protocol: Protocol = "house",
    limit: Limit = 0,
    seed: Seed = 0,
    task_path: TaskPath = None,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Score a folder again from its journal, or make a normal result of predictions made elsewhere."""
    from medeval import evaluation
    from medeval.cli.say import results
    from medeval.errors import RequestError
    from medeval.planning import Plan
    from medeval.records import to_json

    paths = tuple(task_path or ())
    if predictions is not None and task and not entry:
        plan = Plan(
            model="", tasks=(task,), data=data, reports=reports, label=label or predictions.stem, style="written",
            protocol=protocol, limit=limit, seed=seed, task_paths=paths, elsewhere=True,
        )  # fmt: skip
        evaluated = evaluation.score_predictions(plan, predictions, field, by_order=by_order)
    elif entry and predictions is None and not task:
        folder = Path(entry) if Path(entry).is_dir() else reports / entry
        evaluated = evaluation.rescore(folder, data, paths)
    else:
        raise RequestError("Name either an ENTRY to score again, or --task and --predictions.")
    print(to_json(evaluated.results).decode() if json else results(evaluated.results, evaluated.folders))
