"""Published cells, written by hand: answers of an entry to some questions, and a judge's grades of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.gradings import SURVEY, Grading, Judge
from medeval.raters import Drawn
from medeval.records import Decoding, Failure, Identity, Message, Reply, Response, Verdict, to_json
from medeval.scoring import Judgment, Scored
from medeval.scoring.shown import Exchanged

Cell = Callable[..., Path]
Page = Callable[..., tuple[Drawn, str]]


def exchanged(question: str, answer: str | Reply, *before: tuple[str, str], role: str = "model") -> Exchanged:
    """A request in a chat, after what was said before, and its reply."""
    turns: list[Message] = []
    for asked, said in before:
        turns += [Message(role="user", content=asked), Message(role="assistant", content=said)]
    reply = Response(text=answer) if isinstance(answer, str) else answer
    return Exchanged(role=role, messages=(*turns, Message(role="user", content=question)), reply=reply)


def line(sample: str, *exchanges: Exchanged, **changed: object) -> Scored:
    """A line of samples.jsonl."""
    plain = Scored(
        sample=sample, slices={}, status="scored", target=(), picked=(), rule="text", span=None, scores={}, marks={},
        exchanges=exchanges,
    )  # fmt: skip
    return replace(plain, **changed)


def answers(count: int, text: str = "Rest, and drink enough.") -> list[Scored]:
    """Lines of so many questions, of two specialties."""
    return [
        line(
            f"q{number}", exchanged(f"Question {number}?", text), references=(f"Reference {number}.",),
            slices={"specialty": "xyz"[number % 2]},
        )
        for number in range(count)
    ]  # fmt: skip


def written(path: Path, lines: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join([to_json(each) + b"\n" for each in lines]))


def judged(
    folder: Path, grades: Mapping[str, Mapping[str, str]], name: str = "strict", grading: Grading = SURVEY,
    model: str = "judge",
) -> None:  # fmt: skip
    """Publish a judge's grades, by sample and criterion."""
    judge = Judge(name=name, grading=grading, decoding=Decoding(max_tokens=64))
    sworn = reports.Sworn(judge=judge, identity=Identity(engine="scripted", version="1", model=model))
    lines = [
        Judgment(
            **{each: getattr(line(sample), each) for each in Scored.__struct_fields__},
            verdicts=tuple([Verdict(judge=name, criterion=each, grade=grade) for each, grade in by.items()]),
        )
        for sample, by in grades.items()
    ]
    written(folder / reports.JUDGED / name / reports.SAMPLES, lines)
    reports.publish(folder / reports.JUDGED / name / reports.MANIFEST, sworn)


def handed_back(
    path: Path, drawn: Drawn, rater: str, grades: Callable[[str], Mapping[str, str]], **changed: object
) -> Path:  # fmt: skip
    """Write what a rater saved; `grades` gives them by the sample."""
    ratings = [
        {"item": item, "grades": {**grades(hidden.sample)}, "comment": ""} for item, hidden in drawn.key.items.items()
    ]
    told = {"schema_version": 1, "page": drawn.key.page, "rater": rater, "ratings": ratings, **changed}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


NOBODY = Failure(failure="engine_error", reason="gone")
