"""medeval run: play the chosen tasks, score them, publish the results."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import declared as d
from medeval.cli import options as o
from medeval.cli.plans import plan_of


def run(
    model: Annotated[
        str,
        typer.Option(
            help="A folder of weights, org/name[@revision] of the hub, http://HOST:PORT/v1#NAME, baseline:RULE, "
            "or recorded:FOLDER."
        ),
    ],
    tasks: Annotated[
        str, typer.Option(help="Tasks, groups, exams of your own (FILE.toml), lm-eval:NAME; with commas between.")
    ],
    data: o.Data = "", offline: o.Offline = False, reports: o.Reports = Path("reports"), label: o.Label = "",  # noqa: FBT002
    parent: d.Parent = None, stage: d.Stage = None, tags: d.Tags = None, about: d.About = None, url: d.Url = None,
    licence: d.Licence = None, private: d.Private = None,
    kind: o.Kind = None, style: o.Style = None, chat: o.Chat = None, thinking: o.Thinking = "", system: o.System = "",
    prefill: o.Prefill = "", shots: o.Shots = None, shots_from: o.ShotsFrom = "", options: o.Options = "given",
    shuffles: o.Shuffles = 1, wordings: o.Wordings = 1, repeats: o.Repeats = 1, protocol: o.Protocol = "house",
    max_tokens: o.MaxTokens = None, temperature: o.Temperature = None, top_p: o.TopP = None, top_k: o.TopK = None,
    limit: o.Limit = 0, seed: o.Seed = 0, engine: o.Engine = "auto", dtype: o.Dtype = "", device: o.Device = "",
    max_length: o.MaxLength = 0, lora: o.Lora = "", memory: o.Memory = 0.0, tensor_parallel: o.TensorParallel = 1,
    pipeline_parallel: o.PipelineParallel = 1, data_parallel: o.DataParallel = 1, engine_arg: o.EngineArg = None,
    patience: o.Patience = 600.0, key_from: o.KeyFrom = "", concurrency: o.Concurrency = 64,
    timeout: o.Timeout = 600.0, price: o.Price = "", verify_weights: o.Verify = False, remote_code: o.RemoteCode = "",  # noqa: FBT002
    judge: o.Judge = None, grading: o.Grading = None, judge_prose: o.JudgeProse = None, patient: o.Patient = "",
    metric: o.Metric = None, task_path: o.TaskPath = None, dry_run: o.DryRun = False, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Evaluate a model. The same command goes on where it stopped; a finished run asks nothing."""
    plan = plan_of(locals())
    from medeval import evaluation
    from medeval.cli.closing import close
    from medeval.cli.live import Live
    from medeval.cli.say import ahead, asked_how
    from medeval.cli.signals import stop_on_signals
    from medeval.planning import prepare

    with stop_on_signals() as stopped:
        prepared = prepare(plan)
        if prepared.kind:
            typer.echo(asked_how(prepared), err=True)
        if dry_run:
            print(ahead(evaluation.look_ahead(prepared, stopped), json=json))
            return
        with Live(prepared) as live:
            evaluated = evaluation.run(prepared, live, stopped)
    close(evaluated, prepared, task_path or (), json=json)
