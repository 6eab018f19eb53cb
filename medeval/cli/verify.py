"""medeval verify: whether published results are what their raw replies make."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o


def verify(
    entry: Annotated[list[str], typer.Argument(help="Entries or cells: path, or label[/cell].")],
    rescore: Annotated[  # noqa: FBT002
        bool, typer.Option("--rescore", help="Make every score again from the raw replies; this needs the data.")
    ] = False,
    data: o.Data = "", offline: o.Offline = False, shots_from: o.ShotsFrom = "",  # noqa: FBT002
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Allow a metric that a cell wished for and that runs what it names; may be repeated."),
    ] = None,
    device: o.Device = "", reports: o.Reports = Path("reports"), task_path: o.TaskPath = None,
    json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Hold results against journals, manifests and samples; with --rescore against scores made again. Nothing changes.

    Exit codes: 0 all agrees, 4 something does not, 5 there is nothing to verify, 2 the request is wrong.
    """
    from medeval.audits import Where, exit_code, folder_of
    from medeval.audits import verify as verified
    from medeval.cli.say import clean, table
    from medeval.cli.signals import stop_on_signals
    from medeval.errors import RequestError, raise_all
    from medeval.records import to_json

    folders: list[Path] = []
    faults: list[RequestError] = []
    for name in dict.fromkeys(entry):
        try:
            folders.append(folder_of(name, reports))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    again = Where(
        data=data, offline=offline, device=device, task_paths=tuple(task_path or ()), shots_from=shots_from,
        metrics=tuple(metric or ()),
    )  # fmt: skip
    with stop_on_signals() as stopped:
        found = verified(folders, again if rescore else None, stopped)
    head = ("entry", "folder", "samples", "replies", "")
    rows = [(one.entry, each.where or ".", f"{each.samples:,}", f"{each.replies:,}", each.word)
            for one in found for each in one.folders]  # fmt: skip
    said = [clean(f"{each.word}: {one.entry}/{each.where}: {each.what}: {each.said}".replace("/:", ":"))
            for one in found for each in one.told]  # fmt: skip
    told = [table([head, *rows], right=(2, 3)), "", *said] if rows else ["There is no cell to verify.", *said]
    print(to_json(found).decode() if json else "\n".join(told))
    if code := exit_code(found):
        raise typer.Exit(code)
