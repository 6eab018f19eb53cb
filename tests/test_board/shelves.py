"""Cells on disk with marks that are known, for tests of what a board makes of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.board.assembled import Board
from medeval.board.site import gathered
from medeval.board.wishes import Options
from medeval.gradings import SURVEY, Judge
from medeval.records import (
    NOT_MEASURED,
    Better,
    Decoding,
    Estimate,
    Identity,
    Response,
    Result,
    Setting,
    Status,
    Unit,
    to_json,
)
from medeval.scoring.shown import Exchanged, Scored

JUDGE = Judge(name="strict", grading=SURVEY, decoding=Decoding())


def line(  # noqa: PLR0917  a line of samples.jsonl has many parts
    sample: str, mark: float | None = 1.0, status: Status = "scored", metric: str = "accuracy", cluster: str = "",
    slices: Mapping[str, str] | None = None, said: Response | str = "Answer: A", repeat: int = 0,
    span: tuple[int, int] | None = None,
) -> Scored:  # fmt: skip
    """A sample with its mark; what it is called stands in its question."""
    reply = Response(text=said) if isinstance(said, str) else said
    return Scored(
        sample=sample, repeat=repeat, cluster=cluster, slices=slices or {}, status=status, target=("A",),
        picked=("A",) if mark else ("B",), rule="stated", span=span, scores={metric: mark}, marks={},
        exchanges=(Exchanged(prompt=f"Question of {sample}?", reply=reply),),
    )  # fmt: skip


def lines(marks: Sequence[float | None], metric: str = "accuracy", clusters: Sequence[str] = ()) -> list[Scored]:
    """Samples 00, 01 and so on."""
    return [
        line(f"{place:02d}", mark, "scored" if mark is not None else "engine_error", metric,
             clusters[place] if clusters else "")
        for place, mark in enumerate(marks)
    ]  # fmt: skip


def cell(  # noqa: PLR0917  a cell has many parts
    root: Path, entry: str, there: Sequence[Scored], name: str = "medqa", metric: str = "accuracy",
    better: Better = "higher", unit: Unit = "fraction", data: str = "", counts: Mapping[str, int] | None = None,
    spent: tuple[int, float, float | None] | None = None, others: int = 0, conditions: str = "T:0",
    setting: Setting | None = None,
) -> Path:  # fmt: skip
    """Write a finished cell, its number the mean of its marks; `spent` are tokens, seconds and money of its run.

    The tokens are those that the model wrote; `others` are those that a judge did.
    """
    folder, how = root / reports.slug(entry) / name, setting or Setting()
    folder.mkdir(parents=True)
    task, samples = name.partition("@")[0], len({each.sample for each in there})
    known = [mark for each in there if (mark := each.scores[metric]) is not None]
    failed = sum(each.status in NOT_MEASURED for each in there)
    first = Estimate(
        metric=metric, value=sum(known) / len(known), low=0.1, high=0.9, method="by hand", n=samples - failed,
        n_eff=samples, unread=0, truncated=0, refused=0, too_long=0, failed=failed, better=better, unit=unit,
        takes=len(there) // samples,
    )  # fmt: skip
    first = replace(first, **(counts or {}))
    result = Result(
        task=task, task_version=1, entry=entry, setting=how, data="d" * 64, prompt="p", journal_records=samples,
        journal="j", headline=metric, estimates=(first,), flags=("sample data",) if data else (),
        protocol=f"{task}.v1|letters|0-shot|n:{samples}|data:dddddddd{data}|{metric}:v1", conditions=conditions,
    )  # fmt: skip
    model = Identity(engine="vllm", version="1", model=f"somewhere/{entry}")
    manifest = reports.Manifest(
        task=task, task_version=1, entry=entry, setting=how, form="original", pinned=True, data="d" * 64,
        engines={"model": model},
    )  # fmt: skip
    reports.publish(folder / reports.MANIFEST, manifest)
    reports.publish(folder / reports.RESULT, result)
    if spent:
        written, seconds, cost = spent
        heard = {"judge:strict": reports.Spending(asked=1, reused=0, read=0, written=others)} if others else {}
        attempt = reports.Attempt(
            started="2026-01-01T08:00:00+00:00", seconds=seconds, asked=len(there), reused=0, cost=cost, others=heard,
            # A server that tells no usage tells neither.
            read=10 * len(there) if written else 0, written=written + others,
        )  # fmt: skip
        run = reports.Run(medeval="1", python="3.11", machine="Linux", attempts=(attempt,))
        reports.publish(folder / reports.RUN, run)
    (folder / reports.SAMPLES).write_bytes(b"".join([to_json(each) + b"\n" for each in there]))
    return folder


def declared(root: Path, entry: str, **card: object) -> None:
    """Write what people said of an entry."""
    (root / entry / "entry.json").write_bytes(to_json({"schema_version": 1, **card}))


def board(root: Path) -> Board:
    """What pages are made of."""
    return gathered(root, Options(workers=1))
