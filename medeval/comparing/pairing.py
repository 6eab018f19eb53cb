"""Which cell of one entry is held against which of another."""

from collections.abc import Sequence
from typing import NamedTuple

from medeval.comparing.sides import Side


class Paired(NamedTuple):
    """Cells side by side, and those that only one entry has."""

    pairs: tuple[tuple[Side, Side], ...]
    only_base: tuple[str, ...]
    only_new: tuple[str, ...]


def paired(base: Sequence[Side], new: Sequence[Side]) -> Paired:
    """Put together cells of one name; then those of a task that each entry has one more of, asked in whatever way."""
    one, two = {side.cell: side for side in base}, {side.cell: side for side in new}
    pairs = [(one.pop(cell), two.pop(cell)) for cell in [*one] if cell in two]
    for task in dict.fromkeys(side.task for side in one.values()):
        first, second = ([side for side in there.values() if side.task == task] for there in (one, two))
        if len(first) == len(second) == 1:
            pairs.append((one.pop(first[0].cell), two.pop(second[0].cell)))
    order = {side.cell: place for place, side in enumerate(base)}
    pairs.sort(key=lambda pair: order[pair[0].cell])
    return Paired(tuple(pairs), tuple(one), tuple(two))
