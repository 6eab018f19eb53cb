"""Entries and judges that follow a script, for tests of duels."""

import re
from collections.abc import Callable
from pathlib import Path

import medeval
from medeval.engines.scripted import Scripted
from medeval.records import Reply, Request

TASK = "aci_bench"
FENCED = re.compile(r"^===== (?P<name>first|second) \w+ begins =====\n(?P<text>.*?)\n===== ", re.MULTILINE | re.DOTALL)
Say = Callable[[Request], Reply | str]


def note(request: Request) -> int:
    """A number for a conversation, by which the scripts below answer."""
    return len(request.messages[-1].content)


def long(request: Request) -> str:
    return "A long and careful note. " * (2 + note(request) % 3)


def short(request: Request) -> str:
    return f"Note {note(request) % 3}."


def mixed(request: Request) -> str:
    return short(request) if note(request) % 2 else long(request) + "More."


def entry(reports: Path, label: str, say: Say, *, model: str = "", limit: int = 0, task: str = TASK) -> Path:
    medeval.evaluate(
        model=Scripted(say, model=model or label), tasks=task, data="sample", reports=reports, label=label,
        style="written", chat=True, limit=limit,
    )  # fmt: skip
    return reports / label


def shown(request: Request) -> tuple[str, str]:
    """What stands first and second before a judge."""
    found = {match["name"]: match["text"] for match in FENCED.finditer(request.messages[0].content)}
    return found["first"], found["second"]


def longer(request: Request) -> str:
    first, second = map(len, shown(request))
    return f"So be it.\nGrade: {'1' if first > second else '2' if second > first else 'tie'}"


def judge(say: Say, model: str = "judge") -> Scripted:
    return Scripted(say, model=model, choices=False)
