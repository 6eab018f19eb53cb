"""medeval tasks: what there is to be asked, and the card of one task."""

from typing import TYPE_CHECKING, Annotated

import typer

from medeval.cli.options import Json, TaskPath

if TYPE_CHECKING:
    from medeval.catalog import Catalog


def tasks(
    name: Annotated[str, typer.Argument(help="A task, for its card.")] = "",
    task_path: TaskPath = None,
    json: Json = False,  # noqa: FBT002
) -> None:
    """List the tasks, or show the card of one."""
    from medeval.catalog import find
    from medeval.cli.card import card, facts
    from medeval.cli.say import clean, table
    from medeval.records import to_json

    found = find(task_path or ())
    if name:
        named = found.named(name)
        print(to_json(facts(named)).decode() if json else clean(card(named)))
    elif json:
        print(to_json({each.name: facts(each) for each in found.tasks.values()}).decode())
    else:
        rows: list[tuple[str, ...]] = [("task", "rows", "chance", "styles", "title")]
        for each in found.tasks.values():
            known = facts(each)
            rows.append((each.name, *[str(known[key]) for key in ("rows", "chance", "styles", "title")]))
        print(table(rows, right=(1, 2)) + _groups(found))


def _groups(found: "Catalog") -> str:
    said = [f"{group.name}: {group.title} ({', '.join(group.members)})" for group in found.groups.values()]
    return "\n\n" + "\n".join(said) if said else ""
