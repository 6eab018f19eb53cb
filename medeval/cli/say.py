"""How things are put on a terminal: aligned, and with nothing in them that could steer it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from medeval.forecasts import PROBED, Outlook
from medeval.planning import Prepared
from medeval.protocols import said
from medeval.records import Estimate, Result, Unit, to_json
from medeval.runner import Forecast, Played

# Control characters and the marks that turn the direction of writing.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Take out what a terminal would obey instead of show."""
    return _STEERING.sub("\ufffd", text)


def table(rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Align columns by the width they take on a terminal, in which a Chinese character is two wide."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            " " * (width - _width(cell)) + cell if number in right else cell + " " * (width - _width(cell))
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def asked_how(prepared: Prepared) -> str:
    """What the model is taken for, by which sign, and how it is asked in consequence."""
    ways: dict[str, list[str]] = {}
    choice = prepared.choice
    for cell in prepared.cells:
        ways.setdefault(said(cell.sitting.setting), []).append(cell.sitting.name)
    return clean(
        "\n".join(
            [
                f"{prepared.entry}: {prepared.kind} model ({prepared.told_by})",
                *([f"  run by {choice.engine}, because {choice.why}"] if choice.why else []),
                *[f"  {', '.join(names)}: {way}" for way, names in ways.items()],
            ]
        )
    )


def costs(played: Mapping[str, Played], prices: Sequence[float]) -> Iterator[str]:
    """What a server took for this run."""
    if prices:
        others = [spent for each in played.values() for spent in each.others.values()]
        read = sum(each.read for each in played.values()) - sum(spent.read for spent in others)
        written = sum(each.written for each in played.values()) - sum(spent.written for spent in others)
        whole = sum(each.cost(prices) or 0.0 for each in played.values())
        yield f"{read:,} tokens read and {written:,} written: {whole:.4f} by the prices named."


def results(found: Sequence[Result], folders: Sequence[Path], *, beside: bool = False) -> str:
    """One table of estimates, then what each number stands on and where it is; `beside`: of all that is told."""
    head = ("task", "metric", "value", "95 % interval", "n", "unread", "refused", "truncated", "too long", "failed", "")
    rows: list[Sequence[str]] = [head]
    for result, folder in zip(found, folders, strict=True):
        for estimate in shown(result, beside=beside):
            first = estimate is result.estimates[0]
            flags = ", ".join([*result.flags, *_standing(result, folder)]) if first else ""
            rows.append((named(result) if first else "", estimate.metric, *numbers(estimate), flags))
    lines = [table(rows, right=range(2, 10)), ""]
    for result, folder in zip(found, folders, strict=True):
        lines += [clean(result.signature), clean(f"  {folder}")]
    return "\n".join(lines)


def _standing(result: Result, folder: Path) -> Iterator[str]:
    """Tell by which criteria a judge agrees too little with the human raters who graded the same."""
    if result.judge:
        from medeval.raters import admissions

        # The folder is reports/entry/cell/judged/judge.
        by_criterion = admissions(folder.absolute().parents[3]).get(result.judge, {})
        if failed := [name for name, admission in by_criterion.items() if not admission.admitted]:
            yield f"judge not admitted: {', '.join(failed)}"


def named(result: Result) -> str:
    """Name a result by its task, and by its judge where it is of verdicts."""
    return f"{result.task} by {result.judge}" if result.judge else result.task


def parts(found: Sequence[Result], *, beside: bool = False) -> str:
    """Every slice of the estimates that are shown; what is too small to be compared says so."""
    rows: list[Sequence[str]] = [("task", "slice", "", "metric", "value", "95 % interval", "n", "")]
    for result in found:
        for estimate in shown(result, beside=beside):
            for part in estimate.slices:
                limits = (_said(part.low, estimate.unit), _said(part.high, estimate.unit))
                interval = "" if part.low is None else " to ".join(limits)
                number = (_said(part.estimate, estimate.unit), interval, str(part.n))
                small = "" if part.compared else "too few to compare"
                rows.append((named(result), part.slice, part.value, estimate.metric, *number, small))
    return table(rows, right=(4, 5, 6))


def shown(result: Result, *, beside: bool) -> Sequence[Estimate]:
    """The numbers that a task is known by, or all."""
    return [estimate for estimate in result.estimates if beside or not estimate.beside]


def tables(found: Sequence[Result]) -> str:
    """What is no single number."""
    said = []
    for result in found:
        for each in result.tables:
            rows = [each.columns, *[tuple(map(_cell, row)) for row in each.rows]]
            said.append(f"{named(result)}, {each.name}: {each.about}\n{table(rows, right=range(len(each.columns)))}")
    return "\n\n".join(said)


def ahead(forecasts: Mapping[str, Forecast], *, json: bool) -> str:
    """What a run would do."""
    if json:
        return to_json({name: each._asdict() for name, each in forecasts.items()}).decode()
    rows: list[Sequence[str]] = [("task", "requests", "reused", "tokens")]
    for name, each in forecasts.items():
        rows.append((name, str(each.requests), str(each.reused), f"{'' if each.counted else 'about '}{each.tokens}"))
    return table(rows, right=(1, 2, 3))


def outlook_line(outlook: Outlook) -> str:
    """What is left of a long run."""
    minutes = round(outlook.seconds / 60)
    time = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    written = f" and {outlook.written:,} to write" if outlook.written else ""
    return clean(
        f"{outlook.task}: {outlook.requests:,} requests left, about {outlook.read:,} tokens to read{written}, "
        f"at most {time} by a probe of {PROBED}"
    )


def numbers(estimate: Estimate) -> tuple[str, ...]:
    """Per cent with two digits, as the field prints them."""
    interval = (
        ""
        if estimate.low is None or estimate.high is None
        else f"{_said(estimate.low, estimate.unit)} to {_said(estimate.high, estimate.unit)}"
    )
    counts = (estimate.n, estimate.unread, estimate.refused, estimate.truncated, estimate.too_long, estimate.failed)
    return (_said(estimate.value, estimate.unit), interval, *[str(count) for count in counts])


def percent(value: float | None) -> str:
    """A fraction as per cent, or a dash."""
    return "-" if value is None else f"{100 * value:.2f}"


def _cell(value: str | float | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:g}" if value == int(value) else f"{value:.4f}"


def _said(value: float | None, unit: Unit) -> str:
    return percent(value) if unit == "fraction" or value is None else f"{value:.4f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
