"""A small exam in which every answer comes once: what made-up reports are put together from."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

import medeval
from medeval import reports
from medeval.engines.scripted import Scripted
from medeval.records import Failure, Reply, Request, Response, Result, Style, to_json
from medeval.scoring.shown import Scored

Floats = npt.NDArray[np.float64]
LABELS = "ABCD"
WAYS = 16
"""In how many ways each label is picked: with another confidence, or in other words."""
PICKED = len(LABELS) ** 2 * WAYS
FAILED, TRUNCATED = PICKED, PICKED + len(LABELS)
"""Behind the codes of what was picked: answers that never came, and such as were cut off, by the right label."""
FOUND = (
    "Of these, option {} fits best.", "The history points to {}.", "Only {} fits the findings.",
    "Here {} is likeliest.",
)  # fmt: skip
RULED_OUT = ("Others fail.", "All others can be ruled out.", "It is typical.", "Nothing speaks against it.")
DECLARED = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["id"], question=f"Case {row['id']}?", options=lettered(("One", "Two", "Three", "Four")),
        target=(row["target"],),
    )


TASK = Task(
    title="Synthetic", measures="Speed.", paper="", licence="", version=1, chance=1 / 4, rows=ROWS, folder="exam",
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options, "written": prompts.write_a_letter},
    metrics=(metrics.accuracy,), also=metrics.exam("ABCD"), tables=metrics.exam_tables("ABCD"),
)
"""


class Exam(NamedTuple):
    """Taken in one style: what every answer adds to a line, and what it is worth, by its code."""

    style: Style
    result: Result
    """Of the small exam: what others are like."""
    middles: Sequence[bytes]
    ends: Sequence[bytes]
    marks: Mapping[str, Floats]
    """Scores by the names of metrics, and marks by those of their markers."""
    masses: Floats


def taken(home: Path, style: Style) -> Exam:
    """Take the exam in which every answer comes once."""
    folder = home / style
    (folder / "exam").mkdir(parents=True)
    count = PICKED + 2 * len(LABELS)
    (folder / "exam.py").write_text(DECLARED.replace("ROWS", str(count)), encoding="utf-8")
    rows = [{"id": str(code), "target": LABELS[_target(code)]} for code in range(count)]
    (folder / "exam" / "rows.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    found = medeval.evaluate(
        model=Scripted(partial(_answer, style)), tasks=["exam"], task_paths=[folder / "exam.py"], data=folder,
        reports=folder / "reports", style=style, label="all",
    )  # fmt: skip
    (path,) = folder.rglob(reports.SAMPLES)
    lines = [msgspec.json.decode(line, type=Scored) for line in path.read_bytes().splitlines()]
    parts = [_parts(line) for line in lines]
    keys = [(of, key) for of in ("scores", "marks") for key in getattr(lines[0], of)]
    replies = [line.exchanges[0].reply for line in lines]
    logs = [reply.logprobs if isinstance(reply, Response) else () for reply in replies]
    return Exam(
        style=style, result=found.results[0], middles=[middle for middle, _ in parts], ends=[end for _, end in parts],
        marks={key: _table([getattr(line, of).get(key) for line in lines]) for of, key in keys},
        masses=np.array([math.fsum(map(math.exp, each)) for each in logs]),
    )  # fmt: skip


def _target(code: int) -> int:
    return code // WAYS // len(LABELS) if code < PICKED else code % len(LABELS)


def _answer(style: Style, request: Request) -> Reply:
    """What the code in the question stands for."""
    said = re.search(r"Case (\d+)", request.text)
    code = int(said[1]) if said else FAILED
    if FAILED <= code < TRUNCATED:
        return Failure(failure="engine_error", reason="The engine was gone.")
    place, way = code // WAYS % len(LABELS), code % WAYS
    if style == "letters":
        share = 0.3 + 0.68 * way / WAYS
        rest = (0.99 - share) / (len(LABELS) - 1)
        return Response(logprobs=tuple([math.log(share if at == place else rest) for at in range(len(LABELS))]))
    if code >= TRUNCATED:
        return Response(text="All of this must be weighed first, one by one, and then", finish="length")
    text = f"{FOUND[way % 4].format(LABELS[place])} {RULED_OUT[way // 4]}\nAnswer: {LABELS[place]}"
    return Response(text=text, prompt_tokens=120, completion_tokens=24 + way)


def _parts(line: Scored) -> tuple[bytes, bytes]:
    """Cut a line where the sample's own words stand: what lies between its head and its prompt, and behind that."""
    bare = replace(line.exchanges[0], prompt="\x01")
    told = to_json(replace(line, sample="", slices={}, exchanges=(bare,)))
    _, _, told = told.partition(b'"slices":{}')
    middle, _, end = told.partition(to_json("\x01"))
    return middle, end + b"\n"


def _table(marks: Sequence[float | tuple[float, ...] | None]) -> Floats:
    """Marks by code; what has none is not a number."""
    width = max([len(mark) if isinstance(mark, tuple) else 0 for mark in marks])
    nothing = (math.nan,) * width if width else math.nan
    return np.array([nothing if mark is None else mark for mark in marks], dtype=np.float64)
