"""Exams of one's own, sat by scripted models."""

from collections.abc import Callable
from pathlib import Path

import medeval
from medeval.engines.scripted import Scripted
from medeval.exams import opened
from medeval.records import Reply, Request, Result, Setting, Style
from medeval.sitting import Sitting, sit
from medeval.sources import Supply


def sitting(file: Path, style: Style, *, chat: bool = False, shots: int = 0) -> Sitting:
    name, task = opened(file)
    setting = Setting(data="own", style=style, chat=chat, shots=shots)
    return sit(name, task, setting, Supply.only(file.parent))


def requests(file: Path, style: Style, **how: object) -> list[Request]:
    seated = sitting(file, style, **how)  # type: ignore[arg-type]
    return [next(seated.talk(take))[0] for take in seated.takes]


def run(file: Path, script: Callable[[Request], Reply | str], **how: object) -> Result:
    found = medeval.evaluate(
        model=Scripted(script), tasks=[str(file)], reports=file.parent / "reports", **how,  # type: ignore[arg-type]
    )  # fmt: skip
    (result,) = found.results
    return result
