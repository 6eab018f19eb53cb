"""Where the files of a task are, in rows of a table."""

from collections.abc import Iterator

from medeval.catalog import Named
from medeval.sources import Form, Local, Supply


def files(named: Named, supply: Supply, chosen: Form) -> Iterator[tuple[str, ...]]:
    """Tell of every file of every form whether it is there, and whether it is held to a pin."""
    for form in named.task.forms:
        for source in form.files:
            state = "would be fetched"
            if supply.find(named.task.folder, source):
                state = "is there"
            elif supply.offline or isinstance(source, Local):
                state = "missing"
            pin = source.pin[:12] if source.pin and supply.root != named.samples else "none"
            read = ", would be read" if form is chosen else ""
            yield form.name, str(supply.where(named.task.folder, source)), state + read, pin
