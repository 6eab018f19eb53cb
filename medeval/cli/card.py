"""The card of a task."""

from medeval import errata
from medeval.catalog import Named
from medeval.errors import DataError
from medeval.sources import Supply
from medeval.task import Judged

LONGEST_PROMPT = 2000


def facts(named: Named) -> dict[str, str | int]:
    """What is known of a task without its data."""
    task = named.task
    return {
        "title": task.title, "measures": task.measures, "kind": task.kind,
        "capabilities": ", ".join(task.capabilities) or "none named", "rows": task.rows,
        "chance": f"{100 * task.chance:.1f} %" if task.chance else "none",
        "language": task.language, "version": task.version,
        "styles": ", ".join(dict.fromkeys(way.partition(":")[0] for way in task.wordings)),
        "protocols": ", ".join(("house", *task.protocols)),
        "metrics": "; ".join(f"{metric.name}: {metric.about}" for metric in task.metrics),
        "also": ", ".join(dict.fromkeys(metric.name for metric in task.also)) or "none",
        "gradings": ", ".join([_grading(each) for each in task.judged]) or "none of its own",
        "slices": ", ".join([*task.slices, "and those that every question has"]),
        "cluster": task.cluster or "none: every sample stands alone",
        "licence": task.licence, "paper": task.paper, "errata": _errata(named.name),
        "source": "; ".join(f"{form.name}{'' if form.pinned else ' (not pinned)'}: "
                            + ", ".join(source.said for source in form.files) for form in task.forms),
        **({"obtain": task.obtain} if task.obtain else {}),
    }  # fmt: skip


def card(named: Named) -> str:
    """The facts, the traps, and the prompts for one sample row."""
    lines = [named.name, *[f"  {key}: {value}" for key, value in facts(named).items()]]
    lines += ["  known traps:", *[f"    - {trap}" for trap in named.task.traps or ["none"]]]
    here = named.file.parent if named.own else named.samples
    try:
        samples, _ = named.task.load(named.name, Supply.only(here), sample=True)
    except DataError:
        return "\n".join([*lines, "  no sample rows, so no prompt to show"])
    for way, wording in named.task.wordings.items():
        lines += [f"  prompt of style {way}, for one sample row:", ""]
        lines += [f"    {line}" for line in wording(samples[0])[:LONGEST_PROMPT].split("\n")] + [""]
    return "\n".join(lines).rstrip()


def _errata(name: str) -> str:
    """How many of its items are known to be faulty, and with what."""
    listed = errata.known().get(name)
    if listed is None:
        return "none known"
    said = [f"{item.kind}: {len(item.ids)}{f' ({item.form})' if item.form else ''}" for item in listed.items]
    return f"v{listed.version}: {'; '.join(said)}"


def _grading(judged: Judged) -> str:
    """A grading, and the judge that its makers took."""
    grading = judged.grading
    return f"{grading.name} (its makers' judge: {grading.judge})" if grading.judge else grading.name
