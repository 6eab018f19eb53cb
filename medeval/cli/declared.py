"""Options that say what an entry is; none of them changes a number."""

from typing import Annotated

import typer

Parent = Annotated[str | None, typer.Option(help="Label of the entry that this one was made from.")]
Stage = Annotated[
    str | None,
    typer.Option(
        help="What was done to the parent: base, pretraining, instruction, alignment, merge, quantisation, other."
    ),
]
Tags = Annotated[
    str | None, typer.Option(help="Small words to choose by, with commas between: open,medical,8b. They replace older.")
]
About = Annotated[str | None, typer.Option(help="What the entry is, in one sentence.")]
Url = Annotated[str | None, typer.Option(help="Where more is written about it: http or https.")]
Licence = Annotated[str | None, typer.Option(help="Its licence.")]
Private = Annotated[bool | None, typer.Option("--private/--no-private", help="Never to be published.")]


def tags_of(text: str | None) -> tuple[str, ...] | None:
    """The words between commas; None if nothing was said."""
    return None if text is None else tuple(filter(None, map(str.strip, text.split(","))))
