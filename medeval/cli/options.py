"""Options that several verbs share, with one help text each."""

from pathlib import Path
from typing import Annotated

import typer

from medeval import records

Data = Annotated[
    str,
    typer.Option(envvar="MEDEVAL_DATA", help="Folder with the original files in DIR/<task's folder>/, or 'sample'."),
]
Reports = Annotated[Path, typer.Option(help="Folder of results.")]
Label = Annotated[
    str, typer.Option(help="Name of the entry; default: the model's name, or the name of the file of predictions.")
]
Style = Annotated[
    records.Style, typer.Option(help="letters: log-probability of each option's letter; written: write, then read.")
]
Options = Annotated[records.Order, typer.Option(help="Order of the options; 'all of the above' keeps its place.")]
Protocol = Annotated[records.Protocol, typer.Option(help="mirage reads as MIRAGE does, its fallback 'A' included.")]
Limit = Annotated[int, typer.Option(min=0, help="Draw N samples by seed, slices in proportion; 0: all.")]
Seed = Annotated[int, typer.Option(help="Seed of everything that is drawn.")]
TaskPath = Annotated[list[Path] | None, typer.Option(help="A task file or folder of your own; may be repeated.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
