"""What samples are worth, read from lines written by hand."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from medeval.board.marks import STATUSES, Marks, Named, read
from medeval.errors import DataError
from medeval.records import Status, to_json


def line(
    sample: str = "a", score: float | None = 1.0, status: str = "scored", cluster: str = "", **more: object
) -> bytes:
    """A line of samples.jsonl, with what else it may hold."""
    said = {"sample": sample, "cluster": cluster, "status": status, "scores": {"accuracy": score}, **more}
    return to_json(said) + b"\n"


def marks_of(folder: Path, *lines: bytes, metrics: Sequence[str] = ("accuracy",)) -> tuple[Marks, Named]:
    path = folder / "samples.jsonl"
    path.write_bytes(b"".join(lines))
    return read(path, metrics)


def key_of(folder: Path, *lines: bytes) -> str:
    return marks_of(folder, *lines)[0].key


def ways(marks: Marks) -> list[Status]:
    return [STATUSES[code] for code in marks.statuses.tolist()]


def test_every_line_is_a_sample_in_the_order_of_the_file(tmp_path: Path) -> None:
    found, named = marks_of(tmp_path, line("b", 0.25), line("a", 1.0, "truncated"), line("c", 0.0, "unread"))
    assert named == (("b", "a", "c"), ())
    assert found.values["accuracy"].tolist() == [0.25, 1.0, 0.0]
    assert ways(found) == ["scored", "truncated", "unread"]


@pytest.mark.parametrize("last", [b"", b"\n", b"\n\n"])
def test_the_last_line_may_end_or_not(tmp_path: Path, last: bytes) -> None:
    found, _ = marks_of(tmp_path, line("a"), line("b").rstrip(b"\n"), last)
    assert found.values["accuracy"].tolist() == [1.0, 1.0]


def test_what_has_no_score_is_worth_no_number(tmp_path: Path) -> None:
    found, _ = marks_of(
        tmp_path, line("a", None, "engine_error"), line("b", 1.0), b'{"sample":"c","status":"scored","scores":{}}\n'
    )
    assert np.isnan(found.values["accuracy"]).tolist() == [True, False, True]


def test_a_sample_that_was_asked_more_than_once_is_worth_the_mean(tmp_path: Path) -> None:
    found, named = marks_of(
        tmp_path,
        line("a", 1.0, repeat=0, cluster="x"), line("b", 0.0, repeat=0, cluster="y"),
        line("a", 0.0, repeat=1, cluster="x"), line("b", 0.5, repeat=1, cluster="y"),
        line("a", 1.0, variant=1, repeat=0, cluster="x"), line("c", 0.75, cluster="y"),
    )  # fmt: skip
    assert named == (("a", "b", "c"), ("x", "y", "y"))
    assert found.values["accuracy"].tolist() == [pytest.approx(2 / 3), 0.25, 0.75]


def test_of_several_takes_the_one_that_went_least_well_is_told(tmp_path: Path) -> None:
    found, _ = marks_of(
        tmp_path, line("a", 1.0), line("a", 0.0, "unread"), line("b", 1.0), line("b", None, "engine_error"), line("b")
    )
    assert ways(found) == ["unread", "engine_error"]
    assert found.values["accuracy"][0] == 0.5
    # What a take that was not measured would have been worth, nobody knows.
    assert math.isnan(found.values["accuracy"][1])


def test_a_status_that_nobody_knows_is_told_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^samples\.jsonl: there is no status 'dreamt'\.$"):
        marks_of(tmp_path, line("a"), line("b", status="dreamt"))


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_a_run_is_known(tmp_path: Path, status: Status) -> None:
    assert ways(marks_of(tmp_path, line(status=status))[0]) == [status]


@pytest.mark.parametrize(
    "torn",
    [
        b'{"sample":"b","status":"sco', b'{"sample":"b"', b"{", b"nothing of the kind", b"\x00\x00\x00", b"[1,2]",
        b'{"sample":"b","status":"scored","scores":{"accuracy":"right"}}',
        b'{"sample":"b","status":"scored","scores":{"accuracy":1e999}}',
        b'{"sample":7,"status":"scored","scores":{}}', b'{"status":"scored","scores":{}}',
        b'{"sample":"b","status":"scored"}', b'{"sample":"\xff","status":"scored","scores":{}}',
    ],
)  # fmt: skip
def test_a_torn_or_foreign_line_is_told_with_the_file(tmp_path: Path, torn: bytes) -> None:
    with pytest.raises(DataError, match=r"^samples\.jsonl: .*\.$") as caught:
        marks_of(tmp_path, line("a"), torn)
    assert str(tmp_path) not in str(caught.value)


def test_an_empty_file_has_no_samples(tmp_path: Path) -> None:
    found, named = marks_of(tmp_path)
    assert (found.values["accuracy"].tolist(), found.statuses.tolist(), named) == ([], [], ((), ()))


def test_half_a_character_in_a_name_is_spelt_out_and_is_a_name_like_others(tmp_path: Path) -> None:
    found, named = marks_of(tmp_path, line("a\udc00"), line("b\ud800", cluster="\udfff"))
    assert named == (("a\\udc00", "b\\ud800"), ("", "\\udfff"))
    assert found.key not in {key_of(tmp_path, line("a"), line("b")), key_of(tmp_path, line("a\udc01"), line("b\ud800"))}


@pytest.mark.parametrize("half", [rb"\ud800", rb"\udc00", b"\xed\xa0\x80"])
def test_half_a_character_that_others_wrote_is_told_with_the_file(tmp_path: Path, half: bytes) -> None:
    with pytest.raises(DataError, match=r"^samples\.jsonl: "):
        marks_of(tmp_path, line("a").replace(b'"a"', b'"a' + half + b'"'))


def test_the_same_samples_have_the_same_key_whatever_they_are_worth(tmp_path: Path) -> None:
    once = key_of(tmp_path, line("a", 1.0, cluster="x"), line("b", 0.0, cluster="y"))
    again = key_of(
        tmp_path, line("a", None, "engine_error", "x", repeat=0), line("a", 0.0, cluster="x", repeat=1),
        line("b", 0.5, "unread", "y", picked=["C"]),
    )  # fmt: skip
    assert once == again


def test_other_samples_other_clusters_or_another_order_have_another_key(tmp_path: Path) -> None:
    keys = [
        key_of(tmp_path, *lines)
        for lines in (
            (), (line("a"),), (line("a"), line("b")), (line("b"), line("a")), (line("a"), line("c")),
            (line("a", cluster="x"), line("b", cluster="x")), (line("a", cluster="x"), line("b", cluster="y")),
            (line("a", cluster="a"), line("b", cluster="b")), (line("a"), line("b"), line("c")),
            (line("ab"),), (line("a", cluster="b"),),
        )
    ]  # fmt: skip
    assert len({*keys}) == len(keys)


def test_only_the_metrics_that_are_asked_for_are_read(tmp_path: Path) -> None:
    # What stands in other places may be whatever it likes: it is skipped, not understood.
    odd = b'{"sample":"a","status":"scored","scores":{"accuracy":1,"brier":0.25,"odd":"no number"},"span":{"x":[]}}\n'
    assert marks_of(tmp_path, odd, metrics=("brier", "accuracy"))[0].values == {"brier": [0.25], "accuracy": [1.0]}
    found, named = marks_of(tmp_path, odd, metrics=())
    assert (found.values, named.ids) == ({}, ("a",))
    with pytest.raises(DataError, match="odd"):
        marks_of(tmp_path, odd, metrics=("odd",))


@pytest.mark.parametrize("name", ["rouge1", "rubric@k", "f1 (macro)", "class", "准确率", "_0", "sample", "__init__"])
def test_a_metric_may_have_any_name(tmp_path: Path, name: str) -> None:
    told = to_json({"sample": "a", "status": "scored", "scores": {name: 0.5}})
    assert marks_of(tmp_path, told, metrics=("accuracy", name))[0].values[name].tolist() == [0.5]


def test_a_line_that_is_nested_without_end_is_told_with_the_file(tmp_path: Path) -> None:
    deep = b'{"sample":"a","status":"scored","scores":{},"exchanges":' + b"[" * 99_999 + b"]" * 99_999 + b"}\n"
    with pytest.raises(DataError, match=r"^samples\.jsonl: "):
        marks_of(tmp_path, deep)
