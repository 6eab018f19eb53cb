"""A night held against its baseline: everything that is checked first, then every gate, then the second run."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.baselines import Baseline
from medeval.catalog import Catalog
from medeval.comparing.contract import terms
from medeval.comparing.differences import measure, paired_up
from medeval.comparing.sides import Side, private, sides
from medeval.errors import ReportError, RequestError
from medeval.gates import absolute, margins, nights, speed
from medeval.gates.confirming import Again, confirmed
from medeval.gates.files import Opened
from medeval.gates.margins import oriented
from medeval.gates.planned import Planned, planned
from medeval.gates.verdicts import Beside, Line, Verdict, exit_code, overall
from medeval.journal import fingerprint
from medeval.records import to_json


def check(  # noqa: PLR0913
    entry: Path,
    home: Path,
    opened: Opened,
    baseline: Baseline | None,
    catalog: Catalog,
    *,
    version: str,
    last: str = "",
    again: Again | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Check a night, and keep what was said of it in its folder."""
    if baseline is None and opened.gates.gate:
        raise RequestError(f"{opened.path}: its gates need a baseline. Name one there, or with --baseline.")
    plans = planned(opened, baseline, catalog) if baseline else []
    night = sides(entry)
    cells = margins.Night(night)
    before = nights.earlier(entry, home)
    lines = margins.lines(plans, cells, opened)
    # A file that asks what cannot be seen is refused before hours are spent on a second run.
    limits = [*absolute.required(opened, night), *absolute.lines(opened, night)]
    if again is not None:
        lines = confirmed(lines, plans, cells, opened, again, stopped)
    folder = nights.last(last, entry, home)
    if folder is not None:
        lines = [*_beside(lines, plans, cells, margins.Night(sides(folder)), opened)]
    fast, slow = speed.lines(opened, entry, before)
    lines += [*limits, *fast]
    found = verdict(lines, opened, baseline, night[0].result.entry if night else entry.name, version)
    found = replace(
        found, model=_model(night), treatment=tuple(_treatment(plans, cells, opened)),
        notes=(*_notes(found, baseline, night, last=last, folder=folder), *slow),
    )  # fmt: skip
    found = replace(found, lines=tuple(nights.turned(found.lines, found, before)))
    if (entry / reports.MANIFEST).is_file():
        return found  # a single cell is no night
    try:
        reports.publish(entry / nights.FILE, found)
    except ReportError as error:
        # A red night must not look like a broken one.
        return replace(found, notes=(*found.notes, f"This verdict is not kept for later nights: {error}"))
    return found


def verdict(lines: Sequence[Line], opened: Opened, baseline: Baseline | None, entry: str, version: str) -> Verdict:
    """What the lines come to."""
    words, strict = [line.word for line in lines], opened.gates.on_inconclusive == "fail"
    return Verdict(
        entry=entry, baseline=baseline.said if baseline else "", baseline_sha256=baseline.checksum if baseline else "",
        gate=opened.path, gate_digest=opened.digest, medeval=version, strict=strict, word=overall(words),
        exit_code=exit_code(words, strict=strict), lines=tuple(lines),
    )  # fmt: skip


def _beside(
    lines: Sequence[Line], plans: Sequence[Planned], now: margins.Night, then: margins.Night, opened: Opened
) -> Iterator[Line]:
    """The same numbers against last night's, for whoever looks for what changed; nothing is decided by them."""
    for line, plan in zip(lines, plans, strict=True):
        (side, _), (other, _) = now.side(plan.pin), then.side(plan.pin)
        if side is None or other is None or terms(other, side, opened.gates.treatments).refused:
            yield line
            continue
        found = measure(paired_up(other, side, plan.task), plan.estimate.metric, (opened.gates.confidence,))
        if found is None:
            yield line
            continue
        gain, low, high = oriented(found.value, found.limits[0].low, found.limits[0].high, plan.estimate.better)
        yield replace(line, last=Beside(entry=other.result.entry, difference=gain, low=low, high=high, p=found.p))


def _model(night: Sequence[Side]) -> str:
    """A hash of what answered, so that nights of one model are known."""
    return fingerprint(b"\n".join(sorted({to_json(side.identity) for side in night})), size=8)


def _treatment(plans: Sequence[Planned], there: margins.Night, opened: Opened) -> Iterator[str]:
    """What differs from the baseline, as far as it may."""
    told = dict.fromkeys(
        f"{change.kind}: {change}"
        for plan in {plan.pin.cell: plan for plan in plans}.values()
        if (side := there.side(plan.pin)[0]) is not None
        for change in terms(there.pinned(plan.pin, side), side, opened.gates.treatments).treatment
    )
    yield from told


def _notes(
    found: Verdict, baseline: Baseline | None, night: Sequence[Side], *, last: str, folder: Path | None
) -> Iterator[str]:
    about = {line.cell for line in found.lines}
    there = [pin.result for pin in baseline.cells if pin.cell in about] if baseline else []
    yield from private([*[side.result for side in night], *there])
    if baseline and any(pin.takes == 1 for pin in baseline.cells):
        yield "The baseline is one run: its luck is in every verdict. Pin three."
    if last and folder is None:
        yield "There is no night before this one to tell what changed since."
    if not found.lines:
        yield "No gate was about anything."
