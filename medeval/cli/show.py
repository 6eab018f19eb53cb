"""medeval show: the numbers of an entry, its samples by status, one sample's whole way."""

from pathlib import Path
from typing import Annotated

import typer

from medeval import records
from medeval.cli.options import Json, Reports


def show(
    entry: Annotated[str, typer.Argument(help="An entry's folder or one of its cells: path, or label[/task].")],
    reports: Reports = Path("reports"),
    status: Annotated[records.Status | None, typer.Option(help="List the samples of this status.")] = None,
    sample: Annotated[str, typer.Option(help="Show the whole way of one sample.")] = "",
    slices: Annotated[bool, typer.Option("--slices", help="Show every slice.")] = False,  # noqa: FBT002
    metrics: Annotated[bool, typer.Option("--metrics", help="Show every metric, not only the task's own.")] = False,  # noqa: FBT002
    tables: Annotated[bool, typer.Option("--tables", help="Show confusion, reliability, risk and coverage.")] = False,  # noqa: FBT002
    html: Annotated[Path | None, typer.Option(help="Write the entry's page there, as `medeval report`.")] = None,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Show results, and what they are made of."""
    if html:
        from medeval.cli.pages import home_of, written

        print(written(home_of(entry, reports), html))
        return
    from medeval import errata
    from medeval import reports as shelves
    from medeval.cli import say, walks
    from medeval.errors import RequestError
    from medeval.records import Result, to_json

    folder = shelves.entry_folder(entry, reports)
    there = [each for path in shelves.cells(folder) for each in (path, *shelves.judged(path))]
    folders = [path for path in there if (path / shelves.RESULT).is_file()]
    for path in there:
        if path not in folders:
            typer.echo(f"medeval: {say.clean(str(path))} is not finished; `medeval run` goes on.", err=True)
    if not folders:
        raise RequestError(f"{folder}: no results there. Name an entry's folder, or one of its cells.")
    if status or sample:
        walks.tell(walks.chosen(folders, status, sample), whole=bool(sample), json=json)
        return
    found = [result for path in folders if (result := shelves.read(path / shelves.RESULT, Result))]
    if json:
        print(to_json(found).decode())
        return
    print(say.results(found, folders, beside=metrics))
    for line in filter(None, map(errata.beside, found)):
        print(say.clean(line))
    for wanted, told in ((slices, say.parts(found, beside=metrics)), (tables, say.tables(found))):
        if wanted and told:
            print("\n" + told)
