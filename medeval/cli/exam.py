"""medeval init exam: the declaration of an exam of one's own, guessed from its sheet."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

SHOWN = 3


def exam(
    sheet: Annotated[Path, typer.Argument(help="Excel, OpenDocument, CSV, JSON lines or Parquet, with a header.")],
    out: Annotated[Path | None, typer.Option(help="The file to write. Default: FILE.toml, beside the sheet.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,  # noqa: FBT002
) -> None:
    """Guess what the columns of a sheet are, write it into a TOML file, and show three questions as they are asked.

    Read the file, and mend it; then run it: medeval run --model MODEL --tasks FILE.toml. What is wrong in the sheet is
    listed with row and column. Exit codes: 0 done, 2 something is wrong, or a file is there.
    """
    from medeval import catalog, exams, pages
    from medeval.cli.say import clean

    place = exams.place_of(sheet, out, force=force)
    text = exams.begun(sheet, catalog.own_folder() / "exam.schema.json")
    pages.publish(place, text)
    print(clean(text))
    typer.echo(f"medeval: written to {clean(str(place))}. Is every column what it is taken for?", err=True)
    for number, asked in enumerate(exams.asked(place, SHOWN), 1):
        print(clean(f"--- question {number}, as a chat model is asked\n{asked}\n"))
    print(clean(f"Next: medeval run --model MODEL --tasks {shlex.quote(str(place))}"))
