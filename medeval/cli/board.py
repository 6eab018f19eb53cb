"""medeval board: reports/ to a static site."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval.cli.options import Json, Reports, TaskPath


def board(
    reports: Reports = Path("reports"),
    out: Annotated[Path, typer.Option(help="The site's folder; made anew as a whole.")] = Path("leaderboard/site"),
    single_file: Annotated[
        Path | None, typer.Option(help="Write one page that needs nothing else, instead of a site.")
    ] = None,
    lang: Annotated[Literal["both", "en", "zh"], typer.Option(help="The languages of the pages.")] = "both",
    columns: Annotated[Path | None, typer.Option(help="What stands together: a file like tasks/columns.toml.")] = None,
    cases: Annotated[int, typer.Option(min=0, help="Cases that the page of a cell shows.")] = 30,
    texts: Annotated[
        Literal["open", "all", "none"],
        typer.Option(help="Questions and answers: where the licence allows it, all (not to be passed on), or none."),
    ] = "open",
    private: Annotated[bool, typer.Option("--private", help="Show private entries and exams too.")] = False,  # noqa: FBT002
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that read and write.")] = 2,
    task_path: TaskPath = None,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Build the leaderboard: plain pages that open from a disk, complete without scripts, in English and Chinese.

    Results that cannot be read, or are not finished, are listed on it. Exit codes: 0 done, 2 the request is wrong,
    3 the site cannot be written.
    """
    from medeval import board as boards
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli.say import clean
    from medeval.records import to_json

    tongues = boards.TONGUES if lang == "both" else (lang,)
    how = boards.Options(tongues=tongues, columns=columns, room=cases, texts=texts, private=private, workers=workers)
    catalog, version = find(task_path or ()), own_version()
    if single_file:
        built, place = boards.single(reports, single_file, how, version=version, catalog=catalog), single_file
    else:
        built, place = boards.build(reports, out, how, version=version, catalog=catalog), out / "index.html"
    if json:
        print(to_json(built).decode())
        return
    for each in built.broken:
        state = "is not finished; `medeval run` goes on" if each.unfinished else f"left out: {each.why}"
        typer.echo(f"medeval: {clean(f'{each.place} {state}')}", err=True)
    if built.private:
        why = "private, or with an entry.json that cannot be read"
        typer.echo(f"medeval: {built.private} left out: {why}; --private shows them.", err=True)
    if built.kept:
        why = "results of exams of your own, or of what nobody can tell"
        typer.echo(f"medeval: {built.kept} left out: {why}; --private shows them.", err=True)
    counted = "" if single_file else f"{built.entries} entries, {built.results} results, {built.pages} pages\n"
    print(clean(f"{counted}{place}"))
