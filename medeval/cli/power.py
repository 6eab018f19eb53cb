"""medeval power: what a task can see and what it cannot."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import options as o

Alpha = Annotated[float, typer.Option(help="How often a difference may be seen where there is none.")]
Power = Annotated[float, typer.Option(help="How often one that is there is to be seen.")]
OneSided = Annotated[bool, typer.Option("--one-sided", help="Ask only for what got worse, as a gate does.")]


def power(
    task: Annotated[str, typer.Option(help="The task.")],
    baseline: Annotated[str, typer.Option(help="An entry that has run it: its accuracy and flip rate count.")] = "",
    reports: o.Reports = Path("reports"), alpha: Alpha = 0.05, power: Power = 0.8, one_sided: OneSided = False,  # noqa: FBT002
    task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Tell how wide the interval of a result is, and how small a difference between two models can be seen."""
    from medeval.cli import sights
    from medeval.power import Aim, sight
    from medeval.records import to_json
    from medeval.reports import entry_folder

    aim = Aim(alpha=alpha, power=power, one_sided=one_sided)
    found = sight(task, aim, entry_folder(baseline, reports) if baseline else None, task_path or ())
    print(to_json(found).decode() if json else sights.told(found))
