"""A gate file laid on a baseline: which number of which cell is held to which margin."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medeval.baselines import Baseline, Pin, bare, take
from medeval.catalog import Catalog
from medeval.comparing.differences import Pair, marked, paired_up
from medeval.errors import RequestError, raise_all
from medeval.gates.files import EVERY, Margin, Opened
from medeval.gates.sights import Sight, blind, draws_for, shares, sight
from medeval.records import Estimate
from medeval.task import Task


class Planned(NamedTuple):
    """One number that is held to a margin."""

    gate: Margin
    place: int
    """In the file."""
    pin: Pin
    estimate: Estimate
    """As it was pinned."""
    task: Task | None
    sight: Sight
    draws: int
    """For a number that is no mean of marks."""


def planned(opened: Opened, baseline: Baseline, catalog: Catalog) -> list[Planned]:
    """Find what every gate is about, and see that it can see what it asks for; all faults are told at once."""
    chosen: list[tuple[Margin, int, Pin, Estimate]] = []
    faults: list[RequestError] = []
    named: dict[str, list[Pin]] = {EVERY: [*baseline.cells]}
    for pin in baseline.cells:
        for name in {pin.result.task, pin.cell}:
            named.setdefault(name, []).append(pin)
    for place, gate in enumerate(opened.gates.gate):
        pins = named.get(gate.task, [])
        if not pins:
            there = ", ".join(pin.cell for pin in baseline.cells)
            faults.append(_fault(opened, f"gate of {gate.task}: {baseline.said} has no such task; it has {there}."))
        # Of several cells, those that do not have the number, or of which neither way is better, have no gate by it.
        fitting = [pin for pin in pins if _fits(gate, pin)] if gate.task == EVERY or gate.metric else pins
        if pins and not fitting and gate.task == EVERY:
            name = f"a number {gate.metric!r}" if gate.metric else "a number of its own"
            faults.append(_fault(opened, f"gate of *: no pinned task has {name} that can be worse."))
            continue
        for pin in fitting or pins:
            try:
                chosen.append((gate, place, pin, _pinned(opened, gate, pin)))
            except RequestError as fault:
                faults.append(fault)
    # A gate of its own stands before one for all.
    own = {(pin.cell, estimate.metric) for gate, _, pin, estimate in chosen if gate.task != EVERY}
    kept = [
        (gate, place, pin, estimate) for gate, place, pin, estimate in chosen
        if gate.task != EVERY or (pin.cell, estimate.metric) not in own
    ]  # fmt: skip
    held = Counter((pin.cell, estimate.metric) for _, _, pin, estimate in kept)
    faults += [
        _fault(opened, f"gate of {cell}: {metric} has {count} gates. Leave one.")
        for (cell, metric), count in held.items()
        if count > 1
    ]
    raise_all(faults)
    alpha = shares(len(kept), opened.gates.family_alpha)
    found = [*_seen(kept, alpha, catalog)]
    raise_all([
        _fault(opened, why) for each in found if (why := blind(each.pin, each.estimate, each.gate, each.sight, alpha))
    ])  # fmt: skip
    return found


def _seen(kept: Sequence[tuple[Margin, int, Pin, Estimate]], alpha: float, catalog: Catalog) -> Iterator[Planned]:
    known: dict[tuple[str, str], Sight] = {}
    for gate, place, pin, estimate in kept:
        named = catalog.tasks.get(pin.result.task)
        task, key = marked(named.task if named else None, pin.sworn), (pin.cell, estimate.metric)
        if key not in known:
            known[key] = sight(pin, estimate, alpha, _two_takes(pin, estimate, task))
        yield Planned(gate, place, pin, estimate, task, known[key], draws_for(alpha))


def _two_takes(pin: Pin, estimate: Estimate, task: Task | None) -> Pair | None:
    """Two takes of the baseline, for a number that is no mean of marks: how far apart they lie shows what is chance."""
    pinned = pin.number(estimate.metric)
    if pin.takes < 2 or pinned is None or pinned.marks.takes:
        return None
    samples = bare(pin)
    # Two that are equal show nothing, where a third is not.
    differ = [place for each in pin.wholes.values() for place, marks in enumerate(each.takes) if marks != each.takes[0]]
    return paired_up(take(pin, 0, samples), take(pin, min(differ, default=1), samples), task)


def _fits(gate: Margin, pin: Pin) -> bool:
    name = gate.metric or pin.result.headline
    return pin.number(name) is not None and any(
        each.metric == name and each.better for each in pin.result.estimates
    )  # fmt: skip


def _pinned(opened: Opened, gate: Margin, pin: Pin) -> Estimate:
    name = gate.metric or pin.result.headline
    found = next((each for each in pin.result.estimates if each.metric == name), None)
    pinned = pin.number(name)
    if found is None or pinned is None:
        there = ", ".join(each.metric for each in pin.numbers)
        raise _fault(opened, f"gate of {pin.cell}: {name!r} is not pinned; {there} is.")
    if not pinned.marks.takes and not pin.wholes:
        raise _fault(
            opened, f"gate of {pin.cell}: {name} has no marks of single samples: pin three runs, and not --repeats."
        )
    if found.unit == "fraction" and gate.margin >= 1:
        raise _fault(opened, f"gate of {pin.cell}: margin is {gate.margin:g}; {name} lies between 0 and 1.")
    if not found.better:
        raise _fault(opened, f"gate of {pin.cell}: {name} tells something, and neither way is better.")
    return found


def _fault(opened: Opened, why: str) -> RequestError:
    return RequestError(f"{opened.path}: {why}")
