"""medeval tasks: what there is to be asked, and the card of one task."""

from typing import TYPE_CHECKING, Annotated

import typer

from medeval.cli.options import Json, TaskPath

if TYPE_CHECKING:
    from medeval.catalog import Catalog, Named


def tasks(
    name: Annotated[str, typer.Argument(help="A task, for its card.")] = "",
    task_path: TaskPath = None,
    json: Json = False,  # noqa: FBT002
) -> None:
    """List the tasks, or show the card of one."""
    from medeval.catalog import find
    from medeval.cli.say import clean, table
    from medeval.records import to_json

    found = find(task_path or ())
    if name:
        print(clean(_card(found.named(name))))
    elif json:
        print(to_json({each.name: _facts(each) for each in found.tasks.values()}).decode())
    else:
        rows = [("task", "rows", "chance", "styles", "title")]
        for each in found.tasks.values():
            facts = _facts(each)
            rows.append((each.name, *[str(facts[key]) for key in ("rows", "chance", "styles", "title")]))
        print(table(rows, right=(1, 2)) + _groups(found))


def _facts(named: "Named") -> dict[str, str | int]:
    task = named.task
    return {
        "title": task.title, "measures": task.measures, "rows": task.rows, "chance": f"{100 * task.chance:.1f} %",
        "language": task.language, "styles": ", ".join(task.wordings), "version": task.version,
        "metrics": "; ".join(f"{metric.name}: {metric.about}" for metric in task.metrics),
        "licence": task.licence, "paper": task.paper,
        "source": "; ".join(f"{form.name}{'' if form.pinned else ' (not pinned)'}: "
                            + ", ".join(source.said for source in form.files) for form in task.forms),
    }  # fmt: skip


def _card(named: "Named") -> str:
    from medeval.task import CARD_LIMIT

    samples, _ = named.task.load(named.name, named.samples, sample=True)
    slices = sorted({name for sample in samples for name in sample.slices})
    lines = [named.name, *[f"  {key}: {value}" for key, value in _facts(named).items()]]
    lines += [
        f"  slices: {', '.join(slices) or 'none'}",
        "  known traps:",
        *[f"    - {trap}" for trap in named.task.traps],
    ]
    for style, wording in named.task.wordings.items():
        lines += [f"  prompt of style {style}, for one sample row:", ""]
        lines += [f"    {line}" for line in wording(samples[0])[:CARD_LIMIT].split("\n")] + [""]
    return "\n".join(lines).rstrip()


def _groups(found: "Catalog") -> str:
    said = [f"{group.name}: {group.title} ({', '.join(group.members)})" for group in found.groups.values()]
    return "\n\n" + "\n".join(said) if said else ""
