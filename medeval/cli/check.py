"""medeval check: a night against its baseline, by the gates of a file."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o

Confirm = Annotated[str, typer.Option("--confirm", metavar="MODEL", help="Run red tasks again, by this model.")]


def check(
    entry: Annotated[str, typer.Argument(help="The night: a label, or a folder.")] = "",
    gate: Annotated[Path, typer.Option(help="The gate file.")] = Path("gate.toml"),
    baseline: Annotated[str, typer.Option(help="A pinned baseline, instead of the file's: NAME, or NAME.002.")] = "",
    last: Annotated[str, typer.Option(help="Tell what changed since this entry too; auto: the night before.")] = "",
    confirm: Confirm = "",
    self_test: Annotated[bool, typer.Option("--self-test", help="Prove that the gate sees a loss of 5 %.")] = False,  # noqa: FBT002
    out: Annotated[Path | None, typer.Option(help="Folder for verdict.json, junit.xml, summary.md, badges.")] = None,
    data: o.Data = "", offline: o.Offline = False, shots_from: o.ShotsFrom = "",  # noqa: FBT002
    engine: o.Engine = "auto", dtype: o.Dtype = "", device: o.Device = "", max_length: o.MaxLength = 0,
    lora: o.Lora = "", memory: o.Memory = 0.0, engine_arg: o.EngineArg = None, key_from: o.KeyFrom = "",
    reports: o.Reports = Path("reports"), task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Decide: IMPROVED, NON_INFERIOR, REGRESSED, INCONCLUSIVE or NOT_COMPARABLE, gate by gate.

    Exit codes: 0 nothing is worse, 1 regressed, 2 the request is wrong (a gate that cannot see what it asks for, too),
    3 a second run broke, 4 not comparable, 5 nothing was compared, 6 inconclusive where the file is strict.
    """
    from medeval import baselines, gates
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli import verdicts
    from medeval.cli.signals import stop_on_signals
    from medeval.errors import RequestError
    from medeval.openings import Means
    from medeval.reports import entry_folder, probe

    if out is not None:
        probe(out, "--out")
    opened, paths, catalog = gates.opened(gate), tuple(task_path or ()), find(task_path or ())
    held = baselines.found(name, reports) if (name := baseline or opened.gates.baseline) else None
    if self_test and (held is None or entry):
        raise RequestError("--self-test needs a baseline, in the gate file or by --baseline, and no ENTRY.")
    if self_test and held:
        raise typer.Exit(verdicts.proof(gates.proven(opened, held, catalog, version=own_version()), json=json))
    if not entry:
        raise RequestError("Name the ENTRY that is to be checked; --self-test alone needs none.")
    means = Means(
        engine=engine, offline=offline, dtype=dtype, device=device, max_length=max_length, lora=lora, memory=memory,
        engine_args=tuple(engine_arg or ()), key_from=key_from,
    )  # fmt: skip
    again = gates.Again(model=confirm, data=data, task_paths=paths, shots_from=shots_from, means=means)
    with stop_on_signals() as stopped:
        folder, how = entry_folder(entry, reports), {"last": last, "version": own_version()}
        found = gates.check(
            folder, reports, opened, held, catalog, again=again if confirm else None, stopped=stopped, **how
        )
    raise typer.Exit(verdicts.tell(found, out, json=json))
