"""Which unit goes first: what stands nearest to the purpose, and of that what papers report."""

from collections import Counter
from collections.abc import Sequence

from medeval.records import Language
from medeval.suggesting.applications import ASKED_OF, Application, served
from medeval.suggesting.sharing import Asked
from medeval.task import Task

REPORTED = ("medqa", "medmcqa", "pubmedqa", "mmlu_medical", "cmb_exam", "cmexam", "cmmlu_medical")
"""What reports of medical models hold before all else, as those of MedGemma, Meditron and HuatuoGPT do."""


def far(task: Task, applications: Sequence[Application]) -> tuple[int, int]:
    """How far what it measures stands from what an application asks for first, and the place of that application."""
    return min(
        (ASKED_OF[each].index(capability) + task.capabilities.index(capability), applications.index(each))
        for each, capability in served(task, applications).items()
    )


def ordered(
    asked: Sequence[Asked], applications: Sequence[Application], languages: Sequence[Language]
) -> list[Asked]:  # fmt: skip
    """Put in order; among what is as near, applications and languages take turns."""
    turns: Counter[tuple[int, int, int]] = Counter()
    places = {}
    for one in sorted(asked, key=_fame):
        task = one.unit.first.task
        distance, application = far(task, applications)
        stream = distance, application, languages.index(task.language)
        places[one.unit.name] = distance, turns[stream], *stream[1:]
        turns[stream] += 1
    return sorted(asked, key=lambda one: places[one.unit.name])


def _fame(one: Asked) -> tuple[int, bool, float, str]:
    unit = one.unit
    place = REPORTED.index(unit.name) if unit.name in REPORTED else len(REPORTED)
    return place, not unit.reported, one.seconds(one.goal), unit.name
