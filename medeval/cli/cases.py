"""medeval cases: transcripts of several entries side by side, as a page and as Markdown."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli.options import Reports


def cases(
    entries: Annotated[list[str], typer.Argument(help="Entries: paths, or labels.")],
    task: Annotated[str, typer.Option(help="The task, or one cell of it: mediq@reasoned.")],
    count: Annotated[int, typer.Option("--n", min=1, help="How many cases.")] = 5,
    ids: Annotated[str, typer.Option(help="These samples, with commas between, and no others.")] = "",
    most: Annotated[
        Literal["disagreeing", "lowest", "highest", "random"],
        typer.Option(help="Those on which entries differ most, fare worst or best, or any."),
    ] = "disagreeing",
    reports: Reports = Path("reports"),
    out: Annotated[Path, typer.Option(help="A file for the page; Markdown goes beside it.")] = Path("cases.html"),
) -> None:
    """Write side-by-side transcripts. Texts of benchmarks whose licences forbid it are not to be passed on."""
    from medeval import studies
    from medeval.board.pages import check_place, publish

    check_place(out)
    wanted = studies.Wanted(ids=tuple(filter(None, map(str.strip, ids.split(",")))), most=most, count=count)
    page = studies.page_of(task, studies.chosen(entries, task, reports, wanted))
    publish(out, studies.html_of(page))
    publish(out.with_suffix(".md"), studies.markdown_of(page))
    print(f"{out}\n{out.with_suffix('.md')}")
