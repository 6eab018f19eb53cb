"""Recorded replies: replayed to the byte, and never made up."""

from pathlib import Path

import pytest

import medeval
from medeval.engines.base import Ask, Rendered
from medeval.engines.recorded import Predictions
from medeval.errors import RequestError
from medeval.evaluation import Evaluation
from medeval.records import Decoding, Request, Response, Style


def evaluated(model: str, reports: Path, *tasks: str, style: Style = "letters", limit: int = 0) -> Evaluation:
    return medeval.evaluate(
        model=model, tasks=tasks or ["medqa", "pubmedqa"], data="sample", reports=reports, label="mine", style=style,
        limit=limit,
    )  # fmt: skip


@pytest.mark.parametrize("style", ["letters", "written"])
def test_a_recorded_entry_is_replayed_to_the_byte(tmp_path: Path, style: Style) -> None:
    first = evaluated("baseline:random", tmp_path / "one", style=style)
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", style=style)
    assert again.unsettled == 0
    assert len(first.folders) == 2
    for old, new in zip(first.folders, again.folders, strict=True):
        assert old != new
        for name in ("result.json", "samples.jsonl", "manifest.json"):
            assert (new / name).read_bytes() == (old / name).read_bytes()


def test_one_cell_of_an_entry_is_replayed_too(tmp_path: Path) -> None:
    first = evaluated("baseline:random", tmp_path / "one")
    again = evaluated(f"recorded:{first.folders[0]}", tmp_path / "two", "medqa")
    assert again.results == first.results[:1]


def test_a_request_that_is_not_recorded_is_an_engine_error(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", limit=10)
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa")
    assert again.unsettled == 16
    assert (again.results[0].first.n, again.results[0].first.failed) == (10, 16)
    assert "partial: 16 not measured" in again.results[0].flags


def test_a_request_in_other_words_is_not_recorded(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", style="written")
    assert evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa").unsettled == 26


def test_what_was_not_recorded_is_asked_again_when_it_is(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", limit=10)
    assert evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa").unsettled == 16
    evaluated("baseline:random", tmp_path / "one", "medqa")
    assert evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa").unsettled == 0


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_a_folder_without_a_run_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    with pytest.raises(RequestError) as refused:
        evaluated(f"recorded:{folder}", tmp_path / "two")
    assert str(refused.value) == (
        f"recorded:{folder}: no recorded run there. Name an entry's folder, or one of its cells."
    )


def test_a_prediction_answers_whatever_is_asked_about_its_sample() -> None:
    engine = Predictions({"0003": "I think it is C."}, model="theirs.jsonl", content="ab12")
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask("key", "words", "exam", "0003", "place", 0, request, Rendered("Which?", None))])
    assert engine.replies(0) == [("key", Response(text="I think it is C."))]
    assert (engine.identity.model, engine.identity.content) == ("theirs.jsonl", "ab12")
    assert not engine.abilities.choices
