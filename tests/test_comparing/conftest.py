"""Two entries as they come out of runs, made once and never changed."""

import zlib
from pathlib import Path

import pytest

import medeval
from medeval.catalog import Catalog, find
from medeval.engines.scripted import Scripted
from medeval.records import Failure, Reply, Request, Response


def model(name: str, leaning: str = "", *, gone: int = -1) -> Scripted:
    """A model that picks by the words of a question; `leaning` makes it pick another one now and then."""

    def said(request: Request) -> Reply:
        dice = zlib.crc32(request.text.encode())
        if dice % 40 == gone:
            return Failure(failure="engine_error", reason="The engine was gone.")
        pick = dice if dice % 3 else zlib.crc32(f"{leaning}{request.text}".encode())
        if request.choices:
            best = pick % len(request.choices)
            return Response(logprobs=tuple([-0.2 if place == best else -2.5 for place in range(len(request.choices))]))
        return Response(text=f"我想。答案：{'ABCDE'[pick % 5]}", completion_tokens=8 + pick % 3)

    return Scripted(said, model=name)


def saying(name: str, words: str) -> Scripted:
    """Whoever says the same to all."""
    return Scripted(lambda request: words, model=name, choices=False)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The tasks of the house."""
    return find(())


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exams of `base` and of `new`; cases that a judge graded; `part` was asked fewer, `torn` lacks an answer."""
    root = tmp_path_factory.mktemp("shelf")

    def run(label: str, engine: Scripted, tasks: list[str], judge: Scripted | None = None) -> None:
        judges = (judge,) if judge else ()
        medeval.evaluate(model=engine, tasks=tasks, data="sample", reports=root, label=label, judges=judges)

    run("base", model("base"), ["pubmedqa", "cmb_exam"])
    run("new", model("new", "new"), ["pubmedqa", "cmb_exam"])
    for label, grade in (("base", "2"), ("new", "4")):
        judge = saying("strict", f"理由：可以。\n评分：{grade}")
        run(label, saying(label, f"{label}：肺炎，休息。"), ["cmb_clin"], judge)
    medeval.evaluate(model=model("new"), tasks=["pubmedqa"], data="sample", reports=root, label="part", limit=10)
    run("torn", model("torn", "torn", gone=15), ["pubmedqa"])
    return root
