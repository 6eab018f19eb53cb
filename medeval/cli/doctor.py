"""medeval doctor: what is installed, what is seen, what would be used, and what to do about the rest."""

from typing import Annotated

import typer

from medeval.cli.options import Json, Kind, Offline, RemoteCode


def doctor(
    model: Annotated[str, typer.Option(help="A model to look at too: what it is taken for, and how it is asked.")] = "",
    kind: Kind = None,
    offline: Offline = False,  # noqa: FBT002
    remote_code: RemoteCode = "",
    json: Json = False,  # noqa: FBT002
) -> None:
    """Tell what is installed, what hardware is seen, what a run would use and why, and what to install."""
    from medeval.cli.say import table
    from medeval.doctor import findings
    from medeval.records import to_json

    found = list(findings(model, kind, offline=offline, code=remote_code))
    if json:
        print(to_json(found).decode())
        return
    print(table([(each.about, each.found) for each in found]))
    advice = [each for each in found if each.advice]
    print("\n".join(["", *[f"{each.about}: {each.advice}" for each in advice]]) if advice else "\nNothing is amiss.")
