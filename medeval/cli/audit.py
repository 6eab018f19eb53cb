"""medeval audit: published scores against raw replies, and the model against itself."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o


def audit(
    entry: Annotated[str, typer.Argument(help="An entry's folder or one of its cells: path, or label[/cell].")],
    model: Annotated[str, typer.Option(help="The model, opened as it was: some samples are asked again.")] = "",
    share: Annotated[float, typer.Option(help="The share of each cell's samples that is asked; 20 at least.")] = 0.01,
    flips: Annotated[
        float, typer.Option(help="Answers that flip between identical runs, where a cell has no flip_rate of its own.")
    ] = 0.032,
    seed: Annotated[int, typer.Option(help="Draw other samples than the replies alone do; nobody can foresee it.")] = 0,
    baseline: Annotated[str, typer.Option(help="An entry or a pinned baseline whose replies are as long.")] = "",
    engine: o.Engine = "auto", dtype: o.Dtype = "", device: o.Device = "", max_length: o.MaxLength = 0,
    lora: o.Lora = "", engine_arg: o.EngineArg = None, key_from: o.KeyFrom = "", memory: o.Memory = 0.0,
    data: o.Data = "", offline: o.Offline = False, shots_from: o.ShotsFrom = "", metric: o.Metric = None,  # noqa: FBT002
    reports: o.Reports = Path("reports"), task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Audit an entry: every score made again, samples asked again with caches off, lengths and ends of replies.

    Exit codes: 0 all that was done holds, 4 something does not, 5 there is no cell, 2 the request is wrong.
    """
    from medeval import audits
    from medeval.cli.say import clean, table
    from medeval.cli.signals import stop_on_signals
    from medeval.openings import Means
    from medeval.records import to_json

    where = audits.Where(
        data=data, offline=offline, device=device, task_paths=tuple(task_path or ()), shots_from=shots_from,
        metrics=tuple(metric or ()),
    )  # fmt: skip
    means = Means(
        engine=engine, offline=offline, dtype=dtype, device=device, max_length=max_length, lora=lora,
        engine_args=tuple(engine_arg or ()), key_from=key_from, memory=memory,
    )  # fmt: skip
    folder = audits.folder_of(entry, reports)
    lengths = audits.lengths_for(baseline, reports) if baseline else None
    with stop_on_signals() as stopped:
        found = audits.audit(
            folder, where, model=model, means=means, share=share, flips=flips, seed=seed, lengths=lengths,
            stopped=stopped,
        )  # fmt: skip
    rows = [(line.check, line.cell, line.word, line.said) for line in found.lines]
    told = "\n".join([table([("check", "cell", "", ""), *rows]), "", clean(f"samples drawn by the seed {found.seed}")])
    print(to_json(found).decode() if json else told)
    if found.exit_code:
        raise typer.Exit(found.exit_code)
