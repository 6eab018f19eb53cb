"""medeval parity: published numbers beside ours, and whether they agree."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o


def parity(
    outputs: Annotated[Path | None, typer.Option(help="Folder of raw outputs; default: the folder of --data.")] = None,
    data: o.Data = "", offline: o.Offline = False,  # noqa: FBT002
    reports: Annotated[Path | None, typer.Option(help="Folder of runs to take ours from, and to keep ours in.")] = None,
    references: Annotated[
        list[Path] | None, typer.Option(help="Published numbers: a .toml file, or a folder; default: medeval's own.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="NAME=PATH: what to run for a model of the hub.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only numbers of this task; may be repeated.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write a page, one file that needs nothing else.")] = None,
    task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Hold published numbers against ours, from the same raw outputs or the same model.

    The same outputs must give the published number to its last decimal; of the same model the published number must
    lie in our interval. Exit codes: 0 all that was compared agrees, 1 one drifted, 2 the request is wrong,
    4 one does not rest on the same samples, 5 nothing was compared.
    """
    from medeval import pages
    from medeval.cells import own_version
    from medeval.cli.say import clean, table
    from medeval.cli.signals import stop_on_signals
    from medeval.errors import RequestError
    from medeval.parity import Where, chosen, compare, declared, exit_code, told
    from medeval.parity import page as shown
    from medeval.records import to_json

    if wrong := [each for each in model or () if not all(each.partition("="))]:
        raise RequestError(f"--model {wrong[0]}: say NAME=PATH, as org/name=path/to/weights.")
    if page:
        pages.check_place(page)
    beside = Path(data) if data and Path(data).is_dir() else None
    where = Where(
        outputs=outputs or beside, data=data, reports=reports, offline=offline, task_paths=tuple(task_path or ()),
        models=dict([each.split("=", 1) for each in model or ()]),
    )  # fmt: skip
    with stop_on_signals() as stopped:
        lines = compare(chosen(declared(references or ()), task or ()), where, stopped)
    if page:
        pages.publish(page, pages.rendered("parity.html", "page.css", shown(lines, own_version())))
    texts = [told(line) for line in lines]
    head = ("task", "reference", "published", "its protocol", "ours", "95 % interval", "n", "difference", "verdict")
    rows = [(x.task, x.title, x.published, x.manner, x.ours, x.interval, x.n, x.difference, x.word) for x in texts]
    reasons = [clean(f"{x.word}: {x.task}, {x.title}: {x.why}.") for x in texts if x.why]
    print(to_json(lines).decode() if json else "\n".join([table([head, *rows], right=(2, 4, 5, 6, 7)), "", *reasons]))
    if code := exit_code([line.verdict.word for line in lines]):
        raise typer.Exit(code)
