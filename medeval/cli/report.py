"""medeval report: one entry on one page, finished or still going."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli.options import Reports, TaskPath


def report(
    entry: Annotated[str, typer.Argument(help="An entry's folder below the reports, or its label.")],
    reports: Reports = Path("reports"),
    out: Annotated[Path | None, typer.Option(help="The page; default: report.html in the entry's folder.")] = None,
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Its language.")] = "en",
    task_path: TaskPath = None,
) -> None:
    """Write the page of an entry: its numbers, the cases they are made of, how far a run has come.

    One file that needs nothing else. It shows all texts: see to licences before it is passed on.
    """
    from medeval.cli.pages import home_of, written

    print(written(home_of(entry, reports), out, lang=lang, task_path=task_path or ()))
