"""medeval cases: transcripts of several entries side by side, as a page and as Markdown."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli.options import Reports


def cases(
    entries: Annotated[list[str], typer.Argument(help="Entries, or cells of theirs: path, or label[/task].")],
    task: Annotated[str, typer.Option(help="The task, or one cell of it: mediq@reasoned.")],
    count: Annotated[int, typer.Option("--n", min=1, help="How many cases.")] = 5,
    ids: Annotated[str, typer.Option(help="These samples, with commas between, and no others.")] = "",
    most: Annotated[
        Literal["disagreeing", "lowest", "highest", "random"],
        typer.Option(help="Those on which entries differ most (of one entry: the worst), fare worst or best, or any."),
    ] = "disagreeing",
    reports: Reports = Path("reports"),
    out: Annotated[
        Path, typer.Option(help="A file for the page, Markdown goes beside it; or a folder for both.")
    ] = Path("cases.html"),
) -> None:  # fmt: skip
    """Write side-by-side transcripts. Texts of benchmarks whose licences forbid it are not to be passed on.

    Exit codes: 0 done, 2 the request is wrong, 4 the entries answered other questions.
    """
    from medeval import studies
    from medeval.cells import own_version
    from medeval.cli.say import clean
    from medeval.pages import check_place, publish
    from medeval.reports import slug

    is_file = out.suffix in (".html", ".md") and not out.is_dir()
    page = out.with_suffix(".html") if is_file else out / f"{slug(task.replace('@', '-').replace(',', '-'))}.html"
    check_place(page)
    wanted = studies.Wanted(ids=tuple(filter(None, map(str.strip, ids.split(",")))), most=most, count=count)
    study = studies.chosen(entries, task, reports, wanted)
    made = studies.page_of(study, own_version())
    publish(page, studies.html_of(made))
    publish(page.with_suffix(".md"), studies.markdown_of(made))
    print(clean(f"{study.why}: {', '.join([case.id for case in study.cases])}"))
    print(clean(f"{page}\n{page.with_suffix('.md')}"))
