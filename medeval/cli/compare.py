"""medeval compare: entries on the same samples, and what lies between them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli import options as o

Treatments = Annotated[
    list[str] | None, typer.Option(help="prompt, engine, decoding or reader: changed on purpose; may be repeated.")
]


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="An entry, or one of its cells: label, or path.")],
    news: Annotated[list[str], typer.Argument(metavar="NEW…", help="What is held against it.")],
    tasks: Annotated[str, typer.Option(help="Only these tasks, with commas between.")] = "",
    treatment: Treatments = None,
    allow_subset: Annotated[bool, typer.Option("--allow-subset", help="Compare the samples that both have.")] = False,  # noqa: FBT002
    slices: Annotated[bool, typer.Option("--slices", help="Part by part too.")] = False,  # noqa: FBT002
    metrics: Annotated[bool, typer.Option("--metrics", help="Also what is told beside a task's numbers.")] = False,  # noqa: FBT002
    cases: Annotated[int, typer.Option(min=0, help="Cases of each kind that are shown with their texts.")] = 5,
    md: Annotated[Path | None, typer.Option(help="Write it as Markdown, with 50 cases of each kind.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write it as one page that needs nothing else.")] = None,
    lang: Annotated[Literal["en", "zh"], typer.Option(help="The page's language.")] = "en",
    reports: o.Reports = Path("reports"), task_path: o.TaskPath = None, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Describe what lies between entries, sample by sample; nothing is decided: `medeval check` does that.

    Exit codes: 0 compared, 2 the request is wrong, 4 something cannot be compared (by which fields), 5 nothing was.
    """
    from medeval import board, comparing, pages
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli import differences
    from medeval.cli.say import clean
    from medeval.comparing.telling import markdown, refusal
    from medeval.records import to_json
    from medeval.reports import entry_folder

    for path in [each for each in (md, html) if each]:
        pages.check_place(path)
    wanted = comparing.Wanted(
        tasks=tuple(filter(None, map(str.strip, tasks.split(",")))), treatments=comparing.treatments(treatment or ()),
        subset=allow_subset, beside=metrics, cases=max(cases, comparing.CASES) if md or html or json else cases,
    )  # fmt: skip
    first, *others = [entry_folder(name, reports) for name in (base, *news)]
    found = comparing.compare(first, others, wanted, find(task_path or ()))
    if md:
        pages.publish(md, markdown(found, own_version()))
    if html:
        pages.publish(html, board.comparison(found, version=own_version(), tongue=lang))
    print(to_json(found).decode() if json else differences.told(found, slices=slices, cases=cases))
    for versus, each in [(new, each) for new in found.news for each in new.refused]:
        typer.echo(f"medeval: {clean(refusal(versus, each))}", err=True)
    if code := comparing.exit_code(found):
        raise typer.Exit(code)
