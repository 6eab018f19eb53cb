"""medeval declare: say where an entry comes from, and what it is."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import declared as d
from medeval.cli.options import Json, Reports


def declare(
    entry: Annotated[str, typer.Argument(help="An entry: path, or label.")],
    parent: d.Parent = None, stage: d.Stage = None, tags: d.Tags = None, about: d.About = None,
    url: d.Url = None, licence: d.Licence = None, private: d.Private = None,
    reports: Reports = Path("reports"), json: Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Say what an entry is, and show it. What is not said stays as it was; an empty text takes it back."""
    from msgspec import to_builtins

    from medeval import entries
    from medeval import reports as shelves
    from medeval.cli.say import clean
    from medeval.errors import RequestError
    from medeval.records import to_json

    folder = shelves.entry_folder(entry, reports)
    cells = [*shelves.cells(folder)]
    if not cells or folder in cells:
        raise RequestError(f"{folder}: {'is one cell' if cells else 'no results there'}. Name an entry's folder.")
    said = entries.Declaration(
        parent=parent, stage=stage, tags=d.tags_of(tags), about=about, url=url, licence=licence, private=private
    )
    card = entries.declare(folder, said)
    if json:
        print(to_json(card).decode())
        return
    for name, value in to_builtins(card).items():
        if value and name != "schema_version":
            told = ", ".join(value) if name == "tags" else "yes" if value is True else value
            print(clean(f"{name}: {told}"))
    print(clean(str(folder / entries.CARD)) if card != entries.Card() else "Nothing is declared.")
