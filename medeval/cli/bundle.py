"""medeval bundle: data for machines behind a wall, in one file."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli.options import Data, Json, Offline, TaskPath

app = typer.Typer(no_args_is_help=True, help="Bundles: data for machines behind a wall, in one file.")
Bundle = Annotated[Path, typer.Argument(metavar="FILE", help="A bundle.")]


@app.command("export")
def export(
    tasks: Annotated[str, typer.Option(help="Names of tasks and groups, with commas between.")],
    out: Annotated[Path, typer.Option(help="The file to write, such as bundle.tar.zst.")],
    data: Data = "", offline: Offline = False, task_path: TaskPath = None,  # noqa: FBT002
    wheels: Annotated[Path | None, typer.Option(help="A folder of wheels, which come along.")] = None,
    extras: Annotated[str, typer.Option(help="Extras of medeval to list the versions of: hf,vllm.")] = "",
    inside: Annotated[bool, typer.Option("--inside", help="It stays within your own organisation.")] = False,  # noqa: FBT002
    exemplars: Annotated[bool, typer.Option("--exemplars/--no-exemplars", help="Solved examples, for shots.")] = True,  # noqa: FBT002
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Pack what runs of some tasks read, with licences, prompts, judges' words and a list by which all is checked.

    What is missing is fetched. What a licence forbids to pass on is refused, and a file that is there.
    Exit codes: 0 done, 2 the request is wrong, 3 it broke off (a full disk, for one), and nothing was written.
    """
    from medeval import bundles, cells
    from medeval.cli.parcels import chosen, packed, words

    wanted = bundles.Packing(
        tasks=chosen(tasks, task_path), data=data, wheels=wheels, extras=words(extras), inside=inside,
        exemplars=exemplars, offline=offline, force=force, version=cells.own_version(),
    )  # fmt: skip
    print(packed(bundles.pack(wanted, out), out))


@app.command("import")
def take_in(
    file: Bundle,
    into: Annotated[Path | None, typer.Option(help="A folder of your own; default: the cache of medeval.")] = None,
) -> None:
    """Check a bundle to its last byte, then put its data where runs find them; nothing is written over."""
    from medeval import bundles
    from medeval.cli.parcels import arrived
    from medeval.sources import own_cache

    print(arrived(bundles.take_in(file, into or own_cache()), is_cache=into is None))


@app.command("list")
def listed(file: Bundle, json: Json = False) -> None:  # noqa: FBT002
    """Check a bundle to its last byte, and tell what is in it; nothing is kept."""
    from medeval import bundles
    from medeval.cli.parcels import json_of, table_of

    found = bundles.checked(file)
    print(json_of(found) if json else table_of(found))
