"""What gates are tried on: runs of the house's own tasks, made once and never changed."""

import zlib
from pathlib import Path

import pytest

import medeval
from medeval.catalog import Catalog, find
from medeval.engines.scripted import Scripted
from medeval.records import Reply, Request, Response


def leaning(towards: str) -> Scripted:
    """A model that picks by the words of a question; one in three by what it leans to as well."""

    def said(request: Request) -> Reply:
        dice = zlib.crc32(request.text.encode())
        pick = dice if dice % 3 else zlib.crc32(f"{towards}{request.text}".encode())
        if request.choices:
            best = pick % len(request.choices)
            return Response(logprobs=tuple([-0.2 if place == best else -2.5 for place in range(len(request.choices))]))
        return Response(text=f"我想。答案：{'ABCDE'[pick % 5]}", completion_tokens=8 + pick % 3)

    return Scripted(said, model="leaning")


@pytest.fixture(scope="session")
def house() -> Catalog:
    """The tasks of the house."""
    return find(())


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs a, b, c and d of one model that is not quite of one mind, on two exams and on cases."""
    root = tmp_path_factory.mktemp("shelf")
    for label in "abcd":
        medeval.evaluate(
            model=leaning(label), tasks=["pubmedqa", "cmb_exam", "cmb_clin"], data="sample", reports=root, label=label
        )  # fmt: skip
    return root
