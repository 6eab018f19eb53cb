"""Cells on disk, written line by line, for tests of what is made of them."""

from collections.abc import Sequence
from pathlib import Path

from medeval.gradings import SURVEY, Judge
from medeval.records import (
    Better,
    Decoding,
    Estimate,
    Identity,
    Message,
    Reply,
    Response,
    Result,
    Setting,
    Status,
    Verdict,
    to_json,
)
from medeval.reports import Sworn, publish
from medeval.scoring import Judgment, Scored
from medeval.scoring.shown import Exchanged
from medeval.studies import Page, Study, Wanted, chosen, page_of

JUDGE = Judge(name="strict", grading=SURVEY, decoding=Decoding())


def line(  # noqa: PLR0917  a line of samples.jsonl has many parts
    sample: str, score: float | None = None, said: str = "Answer: A", status: Status = "scored",
    metric: str = "accuracy", exchanges: Sequence[Exchanged] = (), references: tuple[str, ...] = (),
    target: tuple[str, ...] = ("A",), picked: tuple[str, ...] = ("A",), span: tuple[int, int] | None = None,
    variant: int = 0, repeat: int = 0,
) -> Scored:  # fmt: skip
    """One sample that was asked once."""
    return Scored(
        sample=sample, variant=variant, repeat=repeat, slices={"part": "heart"}, status=status, target=target,
        picked=picked, rule="stated", span=span, scores={metric: score}, marks={}, references=references,
        exchanges=tuple(exchanges) or (exchange(f"Question {sample}?", said),),
    )  # fmt: skip


def exchange(
    asked: str | Sequence[tuple[str, str]], reply: Reply | str, role: str = "model", prefill: str = ""
) -> Exchanged:  # fmt: skip
    """What was asked, as a text or as turns, and what came back."""
    answered = Response(text=reply) if isinstance(reply, str) else reply
    if isinstance(asked, str):
        return Exchanged(role=role, prompt=asked, prefill=prefill, reply=answered)
    messages = tuple([Message(role=who, content=text) for who, text in asked])  # type: ignore[arg-type]
    return Exchanged(role=role, messages=messages, prefill=prefill, reply=answered)


def cell(  # noqa: PLR0917  a cell has many parts
    root: Path, entry: str, lines: Sequence[Scored], name: str = "exam", data: str = "d1", version: int = 1,
    metrics: Sequence[str] = ("accuracy",), better: Better = "higher", beside: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Write a finished cell."""
    folder = root / entry / name
    folder.mkdir(parents=True)
    estimates = tuple([
        Estimate(
            metric=metric, value=0.5, low=None, high=None, method="", n=2, n_eff=2, unread=0, truncated=0, refused=0,
            too_long=0, failed=0, better=better, beside=metric in beside,
        )
        for metric in metrics
    ])  # fmt: skip
    result = Result(
        task=name.partition("@")[0], task_version=version, entry=entry, setting=Setting(), data=data, prompt="p",
        journal_records=1, journal="j", headline=metrics[0], estimates=estimates, flags=(), protocol="exam.v1|n:2",
        conditions="T:0",
    )  # fmt: skip
    publish(folder / "result.json", result)
    (folder / "samples.jsonl").write_bytes(b"".join([to_json(each) + b"\n" for each in lines]))
    return folder


def judged(
    folder: Path, one: Scored, grades: Sequence[tuple[str, str]], words: Sequence[str], judge: Judge = JUDGE
) -> None:
    """Write what a judge said of one sample: grades with why, and its replies, one for each that it was asked for."""
    place = folder / "judged" / judge.name
    place.mkdir(parents=True, exist_ok=True)
    publish(place / "manifest.json", Sworn(judge=judge, identity=Identity(engine="http", version="1", model="strict")))
    verdicts = tuple([
        Verdict(judge=judge.name, criterion=judge.grading.criteria[n].name, grade=grade, why=why)
        for n, (grade, why) in enumerate(grades)
    ])  # fmt: skip
    heard = tuple([exchange("Grade it.", each, judge.role) for each in words])
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    judgment = Judgment(**{**fields, "exchanges": (*one.exchanges, *heard), "verdicts": verdicts})
    with open(place / "samples.jsonl", "ab") as file:
        file.write(to_json(judgment) + b"\n")


def study(root: Path, *entries: str, task: str = "exam", **wanted: object) -> Study:
    """Choose cases of cells."""
    return chosen(entries, task, root, Wanted(**wanted))  # type: ignore[arg-type]


def page(root: Path, *entries: str) -> Page:
    """Lay out sample a of the cells."""
    return page_of(study(root, *entries, ids=("a",)), "0")


def ids(made: Study) -> list[str]:
    """The samples that were chosen."""
    return [each.id for each in made.cases]
