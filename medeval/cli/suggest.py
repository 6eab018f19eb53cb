"""medeval suggest: a suite for what a model is to be used for, within a time."""

from typing import Annotated, Literal

import typer

from medeval import records
from medeval.cli import options as o

Wanted = Annotated[str, typer.Option("--for", help="education, diagnosis, documentation, consultation, safety.")]
Tongue = Annotated[str, typer.Option(help="en, zh; several with commas between, as with --for.")]
KindOf = Annotated[records.Kind | None, typer.Option("--kind-of-model", help="Default: chat, or told from --model.")]
Model = Annotated[str, typer.Option(help="A model to look at, named as `medeval run` does; nothing of it is loaded.")]
Licence = Annotated[
    Literal["commercial", "research", "any"], typer.Option(help="What the licences of the data clearly have to allow.")
]
Time = Annotated[str, typer.Option(help="What all of it may take: 30m, 2h, 1d. Default: as long as it takes.")]
On = Annotated[Literal["cpu", "gpu"], typer.Option(help="What it runs on, as a guess at tokens a second.")]
Rate = Annotated[
    float | None, typer.Option("--tokens-per-second", help="Tokens that it writes, all requests together.")
]
See = Annotated[float | None, typer.Option(help="Points of difference to be seen: no more questions than that takes.")]
Here = Annotated[bool, typer.Option("--offline-only", help="Only tasks whose files are here, or in --data.")]


def suggest(
    purposes: Wanted = "", language: Tongue = "", kind: KindOf = None, model: Model = "", licence: Licence = "any",
    time: Time = "", device: On = "gpu", tokens_per_second: Rate = None, see: See = None,
    offline_only: Here = False,  # noqa: FBT002
    data: o.Data = "", task_path: o.TaskPath = None,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Choose a suite: tasks that fit, how many questions of each, what they show, how long they take at most."""
    from medeval import catalog
    from medeval.cli import wishes
    from medeval.records import to_json
    from medeval.suggesting import suggest as choose
    from medeval.suggesting import telling

    said = wishes.Said(
        purposes=purposes, language=language, kind=kind, model=model, licence=licence, time=time, device=device,
        rate=tokens_per_second, see=see, offline=offline_only, data=data,
    )  # fmt: skip
    wish = wishes.wish(said if said.purposes else wishes.asked(said))
    found = catalog.find(task_path or ())
    suite = choose(found, wish, here=wishes.here(found, data))
    if json:
        print(to_json(suite).decode())
    else:
        print(telling.page(suite) if md else wishes.told(suite))
