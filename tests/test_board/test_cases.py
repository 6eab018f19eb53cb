"""Which cases a page shows: what went badly first, the same questions for all entries, and what was said, marked."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from medeval.board import cases
from medeval.board.marks import Marks, read
from medeval.errors import DataError
from medeval.records import Better, Failure, Message, Response, Status
from medeval.scoring.shown import Exchanged, Scored
from tests.test_board import shelves

Found = Mapping[str, Sequence[int]]


def marked(tmp_path: Path, there: Sequence[Scored], metric: str = "accuracy") -> Marks:
    """The marks of samples."""
    folder = shelves.cell(tmp_path, "one", there, metric=metric)
    return read(folder / "samples.jsonl", (metric,))[0]


def sorted_out(tmp_path: Path, there: Sequence[Scored], better: Better = "higher", **more: object) -> Found:
    """Samples by how they went."""
    metric = next(iter(there[0].scores))
    return cases.kinds(marked(tmp_path, there, metric), metric, better, more.get("others"))  # type: ignore[arg-type]


def made(line: Scored, **more: object) -> cases.Case:
    """One sample laid out."""
    return cases.made(0, line, {}, next(iter(line.scores)), **{"takes": 1, "judges": (), **more})  # type: ignore[arg-type]


# --- kinds --------------------------------------------------------------------------------------


def test_every_way_of_going_is_a_kind(tmp_path: Path) -> None:
    ways: list[tuple[float | None, Status]] = [
        (1.0, "scored"), (0.0, "scored"), (0.0, "unread"), (0.0, "truncated"), (0.0, "refused"), (0.0, "too_long"),
        (None, "engine_error"), (None, "nonfinite"), (None, "judge_error"), (1.0, "scored"),
    ]  # fmt: skip
    found = sorted_out(tmp_path, [shelves.line(f"{n}", mark, status) for n, (mark, status) in enumerate(ways)])
    assert {kind: list(places) for kind, places in found.items()} == {
        "failed": [5, 6, 7, 8], "truncated": [3], "unread": [2, 4], "wrong": [1, 2, 3, 4, 5], "right": [0, 9],
    }  # fmt: skip


def test_apart_is_what_more_than_half_of_the_others_did_otherwise(tmp_path: Path) -> None:
    others = np.array([1.0, 0.4, 0.5, 0.6, 0.0, 0.5, 1.0])
    found = sorted_out(tmp_path, shelves.lines([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0]), others=others)
    assert list(found["apart"]) == [0, 1, 3, 4]


def test_a_sample_that_was_not_measured_is_not_unlike_others(tmp_path: Path) -> None:
    found = sorted_out(tmp_path, shelves.lines([None, 1.0]), others=np.array([1.0, 0.0]))
    assert list(found["apart"]) == [1]


def test_of_graded_answers_the_quarters_at_both_ends_are_shown(tmp_path: Path) -> None:
    marks = [0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4]
    found = sorted_out(tmp_path, shelves.lines(marks, "rouge1"))
    assert ([*found["least"]], [*found["most"]], "apart" in found) == ([1, 5], [6, 2], False)
    (tmp_path / "low").mkdir()
    found = sorted_out(tmp_path / "low", shelves.lines(marks, "brier"), "lower")
    assert ([*found["least"]], [*found["most"]]) == ([2, 6], [5, 1])


# --- which of them ------------------------------------------------------------------------------


def test_what_went_badly_gets_room_first() -> None:
    draw = cases.drawn([f"{number}" for number in range(60)])
    found = {"right": range(40), "wrong": range(40, 60), "unread": [41], "truncated": [43, 44], "failed": [50, 51, 52]}
    six = {*cases.chosen(found, draw, 6)}
    assert (len(six), 41 in six, len(six & {43, 44}), len(six & {50, 51, 52})) == (6, True, 1, 2)
    assert {*cases.chosen(found, draw, 3)} == {41, *(six & {43, 44}), min(six & {50, 51, 52}, key=draw.__getitem__)}
    twelve = cases.chosen(found, draw, 12)
    assert {41, 43, 44, 50, 51, 52} <= {*twelve}
    assert twelve == sorted(twelve)
    assert sum(place < 40 for place in twelve) >= 2, "each kind has a sixth of the room before any has more"


def test_two_entries_that_did_alike_show_the_same_questions() -> None:
    ids = [f"question {number}" for number in range(100)]
    draw = cases.drawn(ids)
    one = cases.chosen({"right": range(100), "wrong": []}, draw, 10)
    two = cases.chosen({"right": [], "wrong": range(100)}, draw, 10)
    assert one == two
    # Who has other ones wrong still shows those that are drawn first of what it has right.
    first = np.argsort(draw)[:5].tolist()
    three = cases.chosen({"right": range(50), "wrong": range(50, 100)}, draw, 60)
    assert {*first} <= {*three}


def test_the_draw_hangs_on_names_and_not_on_places() -> None:
    ids = [f"{number:03d}" for number in range(50)]
    turned = ids[::-1]
    shown = {ids[place] for place in cases.chosen({"right": range(50)}, cases.drawn(ids), 7)}
    assert shown == {turned[place] for place in cases.chosen({"right": range(50)}, cases.drawn(turned), 7)}
    assert shown != {*ids[:7]}


def test_few_samples_are_all_shown() -> None:
    draw = cases.drawn(["a", "b", "c"])
    assert cases.chosen({}, draw, 3) == [0, 1, 2]
    assert cases.chosen({"wrong": [2]}, draw, 2) == [2]


def test_a_lone_half_of_a_character_in_a_name_stops_no_draw() -> None:
    assert sorted(cases.drawn(["\ud800", "a", "中"]).tolist()) == [0, 1, 2]


# --- reading ------------------------------------------------------------------------------------


def test_a_sample_is_read_with_the_number_of_its_takes(tmp_path: Path) -> None:
    takes = [shelves.line(name, repeat=repeat, said=f"{name}{repeat}") for repeat in range(3) for name in "abc"]
    folder = shelves.cell(tmp_path, "one", takes)
    found = [(place, line.sample, line.repeat, count) for place, line, count in cases.read(folder, [0, 2], 3)]
    assert found == [(0, "a", 0, 3), (2, "c", 0, 3)]


def test_samples_that_cannot_be_read_are_a_sentence(tmp_path: Path) -> None:
    folder = shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    (folder / "samples.jsonl").write_bytes(b"{\n{\n")
    with pytest.raises(DataError, match=r"samples\.jsonl: "):
        list(cases.read(folder, [0], 1))
    (folder / "samples.jsonl").unlink()
    with pytest.raises(DataError, match=r"samples\.jsonl: cannot be read \(No such file or directory\)\."):
        list(cases.read(folder, [0], 1))


# --- one case -----------------------------------------------------------------------------------


def test_reasoning_stands_apart_and_what_was_read_is_marked() -> None:
    said = Response(text="So it is.\nAnswer: B", reasoning="Is it A? No.")
    case = made(shelves.line("one", 0.0, said=said, span=(18, 19)))
    asked, answer = case.parts
    assert (asked.kind, asked.text) == ("asked", "Question of one?")
    assert (answer.before, answer.read, answer.after) == ("So it is.\nAnswer: ", "B", "")
    assert answer.reasoning == "Is it A? No."
    assert (case.kind, case.picked, case.target, case.rule) == ("wrong", "B", "A", "stated")
    assert case.excerpt == "Question of one?"


@pytest.mark.parametrize(
    ("mark", "status", "kind"),
    [
        (1.0, "scored", "right"), (0.0, "scored", "wrong"), (0.5, "scored", "graded"), (0.0, "unread", "unread"),
        (0.0, "refused", "unread"), (0.0, "truncated", "truncated"), (0.0, "too_long", "failed"),
        (None, "engine_error", "failed"), (None, "nonfinite", "failed"),
    ],
)  # fmt: skip
def test_a_case_is_called_by_how_it_went(mark: float | None, status: Status, kind: str) -> None:
    assert made(shelves.line("one", mark, status)).kind == kind


def test_a_failure_is_told_and_an_empty_reply_too() -> None:
    gone = Exchanged(prompt="Question?", reply=Failure(failure="engine_error", reason="Out of memory."))
    (*_, part) = made(replace(shelves.line("one", None, "engine_error"), exchanges=(gone,))).parts
    assert (part.noted, part.detail) == ("failed", "(engine_error): Out of memory.")
    (*_, part) = made(shelves.line("one", said=" ")).parts
    assert part.noted == "empty"
    (*_, part) = made(shelves.line("one", said=Response(text="It", finish="length"))).parts
    assert part.noted == "cut"
    (*_, part) = made(shelves.line("one", said=Response(logprobs=(-0.5, -2.0)))).parts
    assert (part.noted, part.detail) == ("weighed", "−0.500 · −2.000")


def test_a_conversation_is_told_turn_by_turn() -> None:
    first = Exchanged(
        messages=(Message(role="system", content="Be brief."), Message(role="user", content="It hurts.")),
        reply=Response(text="Where?"),
    )  # fmt: skip
    heard = Exchanged(role="patient", prompt="Answer.", reply=Response(text="In the chest."))
    second = Exchanged(
        messages=(
            *first.messages, Message(role="assistant", content="Where?"),
            Message(role="user", content="In the chest."),
        ),
        reply=Response(text="See a doctor."),
    )  # fmt: skip
    case = made(replace(shelves.line("one"), exchanges=(first, heard, second)))
    assert [(part.kind, part.text) for part in case.parts] == [
        ("system", "Be brief."), ("asked", "It hurts."), ("model", "Where?"), ("patient", "In the chest."),
        ("model", "See a doctor."),
    ]  # fmt: skip


def test_what_steers_a_page_is_shown_and_steers_nothing() -> None:
    case = made(replace(shelves.line("a\u202eb"), picked=("\x1b[31m",), rule="\u2066x", slices={"\x00": "\u200f"}))
    assert (case.id, case.picked, case.rule) == ("a\ufffdb", "\ufffd[31m", "\ufffdx")
    assert case.slices == (("\ufffd", "\ufffd"),)


def test_an_excerpt_is_one_short_line() -> None:
    long = replace(
        shelves.line("one"), exchanges=(Exchanged(prompt="word \n " * 200, reply=Response(text="Answer: A")),)
    )
    assert made(long).excerpt == f"{'word ' * 27}word…"
