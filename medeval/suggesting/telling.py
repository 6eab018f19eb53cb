"""A suite in words: rows for a terminal, and a page of Markdown."""

import math
from collections.abc import Iterator

from medeval import markdown
from medeval.suggesting.durations import duration, enough
from medeval.suggesting.suites import Choice, Suite

HEAD = ("task", "for", "language", "licence", "questions", "sees", "takes at most")


def row(choice: Choice) -> tuple[str, ...]:
    """A line of the table."""
    purposes = ", ".join([f"{name} ({capability})" for name, capability in choice.purposes.items()])
    n = f"{choice.n:,}" if choice.n == choice.rows else f"{choice.n:,} of {choice.rows:,}"
    return (
        choice.name, purposes, choice.language, choice.licence, n, f"{points(choice.sees)} points",
        duration(choice.seconds),
    )  # fmt: skip


def points(difference: float) -> str:
    """A difference in points; rounded up, since a smaller one is not seen."""
    return f"{math.ceil(round(1000 * difference, 6)) / 10:.1f}"


def reasons(suite: Suite) -> Iterator[str]:
    """Why each task is there, and how it is asked."""
    for choice in suite.choices:
        beside = " Its own score takes a judge: add --judge." if choice.judge else ""
        yield f"{choice.name}: {choice.title}. {choice.measures} Asked: {choice.asked}.{beside}"


def left(suite: Suite) -> Iterator[str]:
    """What was left out, by its reason."""
    names: dict[str, list[str]] = {}
    for each in suite.left:
        names.setdefault(each.why, []).append(each.name)
    for why in sorted(names):
        yield f"{', '.join(names[why])}: {why}"


def totals(suite: Suite) -> str:
    """The sum in a sentence."""
    budget = "" if suite.wish.seconds is None else f" of {duration(suite.wish.seconds)}"
    count = len(suite.choices)
    n, written = sum(choice.n for choice in suite.choices), sum(choice.written for choice in suite.choices)
    return (
        f"{count} task{'' if count == 1 else 's'}, {n:,} questions, at most {written:,} tokens written, "
        f"at most {duration(suite.seconds)}{budget}: an estimate."
    )


def short(suite: Suite) -> str:
    """What the time is too short for, in a sentence; empty, if each task sees what it is to see."""
    if not (found := suite.short):
        return ""
    here, could, time = points(found.sees), points(found.could), enough(found.seconds)
    if not suite.choices:
        return f"The time is too short for any task: {found.name}, the nearest, sees {could} points with --time {time}."
    said = f"The time is too short for {found.name}, which sees {here} points here and {could} with --time {time}"
    goal, others = f"{100 * suite.wish.goal:g} points", len(suite.choices) - 1
    if others == 1:
        return f"{said}; the other task sees {goal}, or has no more questions."
    return f"{said}; the other {others} tasks see {goal}, or have no more questions." if others else f"{said}."


def page(suite: Suite) -> str:
    """All of it in Markdown."""
    wish = suite.wish
    lines = [f"# A suite for {', '.join(wish.applications)} in {', '.join(wish.languages)}", "", totals(suite), ""]
    lines += [markdown.plain(short(suite)), ""] if suite.short else []
    lines += markdown.table(HEAD, [row(choice) for choice in suite.choices])
    for title, said in (
        ("Why", [*reasons(suite)]), ("What the estimate rests on", suite.assumptions),
        ("Left out", [*left(suite)]),
    ):  # fmt: skip
        lines += [f"## {title}", "", *[f"- {markdown.plain(each)}" for each in said], ""]
    lines += ["## Commands", "", "```sh", *suite.commands, "```"]
    return "\n".join(lines)
