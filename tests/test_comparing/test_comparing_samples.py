"""samples.jsonl as it is compared: takes, clusters, what was asked, and one sentence for what cannot be read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from medeval.comparing.samples import Samples, read, texts
from medeval.errors import DataError, ReportError
from medeval.records import Failure, Message, Response, to_json
from medeval.reports import SAMPLES
from medeval.scoring.shown import Scored
from tests.test_comparing.made import SWORN, cell, line, lines, one


def written(folder: Path, there: Sequence[Scored]) -> Path:
    path = folder / SAMPLES
    path.write_bytes(b"".join([to_json(each) + b"\n" for each in there]))
    return path


@pytest.fixture
def heard(tmp_path: Path) -> Samples:
    """Two samples of three takes each: of one a take was not measured, and one was cut off."""
    takes = [
        line("a", 1.0, "It is A", repeat=0, picked="A"), line("a", 0.0, "B", "truncated", repeat=1, picked="B"),
        line("a", None, Failure(failure="engine_error", reason="gone"), "engine_error", repeat=2, picked=""),
        line("b", 0.0, "no", "unread", repeat=0, picked=""), line("b", 0.0, "never", "refused", repeat=1, picked=""),
        line("b", 0.0, Response(text="so", completion_tokens=4, finish="length"), "truncated", repeat=2, picked="C"),
    ]  # fmt: skip
    return read(written(tmp_path, takes))


def test_a_sample_asked_several_times_is_worth_the_mean_of_what_was_measured(heard: Samples) -> None:
    assert heard.ids == ("a", "b")
    assert heard.marks["accuracy"].tolist() == [0.5, 0.0]
    np.testing.assert_array_equal(heard.takes["accuracy"], [[1.0, 0.0, np.nan], [0.0, 0.0, 0.0]])


def test_of_several_takes_the_way_that_went_least_well_is_told(heard: Samples) -> None:
    assert heard.statuses == ("engine_error", "refused")


def test_lengths_and_what_was_cut_off_are_those_of_a_take(heard: Samples) -> None:
    # 3 + 1 words and none; 1 + 1 + 4.
    assert heard.written.tolist() == pytest.approx([4 / 3, 2.0])
    assert heard.cut.tolist() == pytest.approx([0.0, 1 / 3])


def test_takes_of_which_a_sample_has_more_than_others_are_no_table(tmp_path: Path) -> None:
    found = read(written(tmp_path, [line("a", 1.0), line("a", 0.0, repeat=1), line("b", 1.0)]))
    assert found.takes == {}
    assert found.marks["accuracy"].tolist() == [0.5, 1.0]


def test_a_sample_that_no_take_measured_has_no_mark(tmp_path: Path) -> None:
    found = read(written(tmp_path, lines([1.0, None, 0.0])))
    np.testing.assert_array_equal(found.marks["accuracy"], [1.0, np.nan, 0.0])
    assert found.statuses == ("scored", "engine_error", "scored")


def test_a_mark_that_only_some_lines_have_is_missing_in_the_others(tmp_path: Path) -> None:
    found = read(written(tmp_path, [line("a", {"accuracy": 1.0}), line("b", {"accuracy": 0.0, "rouge1": 0.25})]))
    np.testing.assert_array_equal(found.marks["rouge1"], [np.nan, 0.25])


def test_marks_that_are_no_numbers_are_kept_of_samples_asked_once(tmp_path: Path) -> None:
    pairs = [line("a", marks={"pair": (0.0, 1.0)}), line("b", marks={})]
    assert read(written(tmp_path, pairs)).wholes == {"pair": ((0.0, 1.0), None)}
    assert read(written(tmp_path, [*pairs, line("a", repeat=1), line("b", repeat=1)])).wholes == {}


# --- clusters ---


def test_samples_of_no_cluster_have_none(tmp_path: Path) -> None:
    assert read(written(tmp_path, lines([1.0, 0.0]))).clusters == ()


def test_a_sample_without_a_cluster_among_others_is_one_of_its_own(tmp_path: Path) -> None:
    found = read(written(tmp_path, lines([1.0] * 5, clusters=["case 1", "case 1", "", "", "case 2"])))
    assert len({*found.clusters}) == 4
    assert found.clusters[0] == found.clusters[1]
    assert found.clusters[2] != found.clusters[3]


# --- what makes two files the same samples ---


def test_the_key_is_of_names_their_order_and_their_clusters(tmp_path: Path) -> None:
    def key(marks: Sequence[float], clusters: Sequence[str] = (), *, turned: bool = False) -> str:
        there = lines(marks, clusters)
        return read(written(tmp_path, there[::-1] if turned else there)).key

    first = key([1.0, 0.0])
    assert key([0.0, 0.0]) == first, "marks are not what is asked"
    assert key([1.0, 0.0], turned=True) != first
    assert key([1.0, 0.0, 0.0]) != first
    assert key([1.0, 0.0], ["a", "a"]) != first
    assert key([1.0, 0.0], ["a", "b"]) != key([1.0, 0.0], ["a", "a"])


def asked(folder: Path, first: Scored, second: Scored) -> bool:
    """Whether the two were asked the same, and want the same."""
    found = [read(written(folder, [each])) for each in (first, second)]
    return found[0].asked == found[1].asked


def test_words_messages_and_prefills_are_what_was_asked(tmp_path: Path) -> None:
    said = (Message(role="user", content="Which?"),)
    assert asked(tmp_path, line("a", 1.0, "B"), line("a", 0.0, "C"))
    assert not asked(tmp_path, line("a"), line("a", asked="Question of a ?"))
    assert not asked(
        tmp_path, line("a", messages=said), line("a", messages=(Message(role="system", content="Which?"),))
    )
    assert asked(tmp_path, line("a", messages=said), line("a", messages=said))


def test_what_a_judge_was_asked_is_not_what_the_model_was_asked(tmp_path: Path) -> None:
    judged = [
        line("a", {"grade": 4.0}, "4", asked=f"Grade this: {said}", role="judge:strict") for said in ("one", "another")
    ]  # fmt: skip
    assert asked(tmp_path, *judged)


def test_a_side_of_a_judge_is_called_by_its_home(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, 0.0]))
    found = one(cell(tmp_path, "base", lines([1.0, 0.0]), sworn=SWORN))
    assert (found.cell, found.task) == ("medqa/judged/strict", ("medqa", "strict"))
    assert found.sworn == SWORN
    assert found.identity is not None, "what answered stands in the home"


# --- texts ---


def test_the_last_words_of_the_model_are_told_or_why_there_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, [
        line("a", 1.0, "first"), line("a", 1.0, "second take", repeat=1),
        line("b", None, Failure(failure="engine_error", reason="gone"), "engine_error"), line("c", 1.0, "unasked"),
    ])  # fmt: skip
    assert texts(path, {"a", "b", "x"}) == {"a": "first", "b": "gone"}
    assert texts(tmp_path / "not there", ()) == {}, "not even opened"


# --- what cannot be read ---

TORN = (
    b'{"sample": "a", "status": "scored"', b'{"sample": "a", "status": "splendid"}', b'{"status": "scored"}', b"[]",
    b"",
    b'{"sample": "a", "status": "scored", "scores": {"accuracy": "high"}}', b'{"sample": "\xff", "status": "scored"}',
    b'{"sample": "a", "status": "scored", "scores": {"accuracy": NaN}}',
    b'{"sample": "a", "status": "scored", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
)  # fmt: skip


@pytest.mark.parametrize("torn", TORN, ids=range(len(TORN)))
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path: Path, torn: bytes) -> None:
    path = written(tmp_path, lines([1.0]))
    path.write_bytes(path.read_bytes() + torn + b"\n")
    with pytest.raises(DataError) as fault:
        read(path)
    assert str(fault.value).startswith(f"{path}: line 2: ")
    assert "\n" not in str(fault.value)


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("none", "folder"):
        with pytest.raises(ReportError, match="cannot be read"):
            read(tmp_path / name)


def test_no_samples_are_no_fault(tmp_path: Path) -> None:
    found = read(written(tmp_path, []))
    assert (found.ids, found.clusters, dict(found.marks)) == ((), (), {})
