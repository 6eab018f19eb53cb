"""What a suite is made of: tasks, and groups of tasks that are parts of one benchmark."""

from collections.abc import Iterator, Sequence

from medeval.catalog import Catalog, Named
from medeval.records import Record


class Unit(Record, frozen=True, kw_only=True):
    """A task, or the parts of a benchmark that make a number together."""

    name: str
    title: str
    members: tuple[Named, ...]
    reported: bool
    """Whether papers report it together with others, or by its parts: it is in a group."""

    @property
    def first(self) -> Named:
        """The member that stands for all: what is asked and measured is the same in each."""
        return self.members[0]

    @property
    def measures(self) -> str:
        """What it measures; of several parts their titles, which say more than any one of them."""
        if len({named.task.measures for named in self.members}) == 1:
            return self.first.task.measures
        return f"{len(self.members)} parts: {', '.join([named.task.title for named in self.members])}."

    @property
    def graded(self) -> bool:
        """Whether its marks are grades, and not right or wrong."""
        return not self.first.task.chance

    @property
    def rows(self) -> int:
        """Questions of its largest member."""
        return max(named.task.rows for named in self.members)

    def taken(self, limit: int) -> int:
        """Questions that are asked where every member has so many at most."""
        return sum(min(limit, named.task.rows) for named in self.members)


def units(catalog: Catalog, tasks: Sequence[Named]) -> Iterator[Unit]:
    """Tasks, of which those that one file declares and one group unites stand together."""
    left = {named.name: named for named in tasks}
    grouped = {name for group in catalog.groups.values() for name in group.members}
    for group in catalog.groups.values():
        members = [left[name] for name in group.members if name in left]
        if len(members) == len(group.members) and len({named.file for named in members}) == 1:
            yield Unit(name=group.name, title=group.title, members=tuple(members), reported=True)
            for named in members:
                del left[named.name]
    for named in left.values():
        yield Unit(name=named.name, title=named.task.title, members=(named,), reported=named.name in grouped)


def told_apart(found: Sequence[Unit]) -> tuple[list[Unit], dict[str, str]]:
    """Of units from one file that ask and measure the same in one language the first; of the others, which that is."""
    kept: dict[tuple[str, ...], Unit] = {}
    variants = {}
    # A group holds what papers report, so it goes before single tasks; among these the file's order decides.
    for unit in sorted(found, key=lambda unit: len(unit.members) == 1):
        task = unit.first.task
        first = kept.setdefault((str(unit.first.file), task.language, task.kind, *task.capabilities[:1]), unit)
        if first is not unit:
            variants[unit.name] = first.name
    return list(kept.values()), variants
