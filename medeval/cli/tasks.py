"""medeval tasks: what there is to be asked, and the card of one task."""

from typing import TYPE_CHECKING, Annotated

import typer

from medeval.cli.options import Json, TaskPath

if TYPE_CHECKING:
    from medeval.catalog import Catalog, Named

COLUMNS = ("rows", "language", "kind", "capabilities", "chance", "title")
Language = Annotated[str, typer.Option(help="Only these: en, zh; several with commas between, here and below.")]
Kind = Annotated[str, typer.Option(help="Only these: choice, open, dialogue, consultation, nlp.")]
Measured = Annotated[str, typer.Option("--capability", help="Only what measures one of these: knowledge, safety, …")]
Allows = Annotated[str, typer.Option(help="Only what may be used so: commercial, carry (passed on), texts (shown).")]


def tasks(
    name: Annotated[str, typer.Argument(help="A task, for its card.")] = "",
    language: Language = "", kind: Kind = "", capability: Measured = "", licence_allows: Allows = "",
    task_path: TaskPath = None, json: Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """List the tasks, or show the card of one."""
    from medeval.catalog import find
    from medeval.cli.card import card, facts
    from medeval.cli.say import clean, table
    from medeval.errors import RequestError
    from medeval.records import to_json
    from medeval.suggesting import sieve

    filters = sieve({"language": language, "kind": kind, "capability": capability, "licence-allows": licence_allows})
    found = find(task_path or ())
    if name:
        named = found.named(name)
        print(to_json(facts(named)).decode() if json else clean(card(named)))
        return
    every = [*found.tasks.values()]
    passed = filters.passed(every)
    if not passed:
        raise RequestError(f"No task is all of that: {filters.tightest(every)}.")
    known = {each.name: facts(each) for each in passed}
    if json:
        print(to_json(known).decode())
        return
    rows = [("task", *COLUMNS), *[(each, *[str(known[each][key]) for key in COLUMNS]) for each in known]]
    print(table(rows, right=(1, 5)) + _groups(found, passed))


def _groups(found: "Catalog", passed: "list[Named]") -> str:
    """The groups all of whose members are listed."""
    names = {named.name for named in passed}
    listed = [group for group in found.groups.values() if names.issuperset(group.members)]
    said = [f"{group.name}: {group.title} ({', '.join(group.members)})" for group in listed]
    return "\n\n" + "\n".join(said) if said else ""
