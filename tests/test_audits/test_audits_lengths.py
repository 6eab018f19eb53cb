"""How long replies are and how they end, and what an audit comes to as a whole."""

from pathlib import Path

import pytest
from msgspec.structs import replace

import medeval
from medeval.audits import Line, Where, audit
from medeval.audits.lengths import off
from medeval.comparing.lengths import Written, lengths_of, written
from medeval.engines.scripted import Scripted
from medeval.records import Request, Response
from medeval.reports import RESULT
from tests.test_audits.damage import CELL, by_question, data_of, json_changed


def lines(home: Path, check: str, **how: object) -> list[Line]:
    found = audit(home / "reports" / "model", data_of(home), **how)  # type: ignore[arg-type]
    return [line for line in found.lines if line.check == check]


def test_the_mean_length_is_of_all_replies_as_the_engine_counted_their_tokens(home: Path) -> None:
    # 10, 11 and 12 tokens in turn.
    assert lengths_of(home / "reports" / "model") == {CELL: 11.0}
    assert written(home / "reports" / "model" / CELL) == Written(cell=CELL, replies=24, tokens=11.0, cut=0, empty=0)


@pytest.mark.parametrize(
    ("base", "far"),
    [
        (10.0, ""),
        (10.01, ""),
        (9.99, "+10.1 % of the baseline's 10.0"),
        (12.2, ""),
        (12.23, "-10.1 % of the baseline's"),
    ],
)
def test_a_tenth_of_the_baseline_is_allowed(base: float, far: str) -> None:
    ours = Written(cell="c", replies=24, tokens=11.0, cut=0, empty=0)
    said = [*off(ours, {"c": base})]
    assert [far in each for each in said] == ([True] if far else [])


@pytest.mark.parametrize(
    ("lengths", "word", "said"),
    [
        (None, "not done", "no --baseline was named."),
        ({}, "not done", "the baseline has no such cell, or counted no tokens in it."),
        ({CELL: 11.5}, "holds", "11.0 tokens a reply, the baseline 11.5."),
        ({CELL: 20.0}, "does not hold", "11.0 tokens a reply, -45.0 % of the baseline's 20.0; 10 % are allowed."),
    ],
)
def test_lengths_are_held_to_those_of_a_baseline(
    home: Path, lengths: dict[str, float] | None, word: str, said: str
) -> None:
    assert [(line.word, line.said) for line in lines(home, "output lengths", lengths=lengths)] == [(word, said)]


def test_where_no_tokens_were_counted_nothing_can_be_said(home: Path) -> None:
    medeval.evaluate(
        model=Scripted(lambda _: "Answer: A"), tasks="exam", data=home / "data", reports=home / "reports",
        label="silent", task_paths=[home / "exam.py"], style="written",
    )  # fmt: skip
    found = audit(home / "reports" / "silent", data_of(home), lengths={CELL: 3.0})
    (line,) = [line for line in found.lines if line.check == "output lengths"]
    assert (line.word, line.said) == ("not done", "its engine counted no tokens.")


def test_replies_that_were_cut_and_empty_ones_are_told_and_held_against_nobody(home: Path) -> None:
    def say(request: Request) -> Response:
        said = by_question(request)
        number = int(request.text.split("Question ")[1].split("?")[0])
        return (
            replace(said, text="", finish="length") if number < 3 else replace(said, text=" ") if number < 5 else said
        )

    medeval.evaluate(
        model=Scripted(say, model="cut"), tasks="exam", data=home / "data", reports=home / "reports", label="cut",
        task_paths=[home / "exam.py"], style="written",
    )  # fmt: skip
    found = audit(home / "reports" / "cut", data_of(home))
    (line,) = [line for line in found.lines if line.check == "ends of replies"]
    assert (line.word, line.said) == (
        "told", "3 of 24 replies (12.5 %) were cut at their greatest length, 5 are empty.",
    )  # fmt: skip
    assert found.exit_code == 0


def test_where_letters_are_weighed_no_text_is_written(grouped: Path) -> None:
    found = audit(grouped, Where(data="sample"), lengths={"medqa@sample": 3.0})
    assert [(line.check, line.cell, line.word, line.said) for line in found.lines] == [
        ("scored again", "", "holds", "4 cells and groups: hashes, signatures and scores agree."),
        ("asked again", "", "not done", "no --model was named that could be asked."),
        ("output lengths", "", "not done", "no cell writes texts."),
        ("ends of replies", "", "not done", "no cell writes texts."),
    ]
    assert found.exit_code == 0


def test_scores_that_are_not_made_again_do_not_hold(home: Path) -> None:
    json_changed(home / "reports" / "model" / CELL / RESULT, "estimates", 0, "value", value=0.5)
    said = lines(home, "scored again")
    assert {line.word for line in said} == {"does not hold"}
    assert {line.cell for line in said} == {CELL}
    assert said[0].said.startswith("numbers: accuracy is 0.5 (")
    assert audit(home / "reports" / "model", data_of(home)).exit_code == 4


def test_a_cell_that_is_a_link_is_not_audited(home: Path, tmp_path: Path) -> None:
    cell = home / "reports" / "model" / CELL
    cell.rename(tmp_path / "cell")
    cell.symlink_to(tmp_path / "cell")
    found = audit(home / "reports" / "model", data_of(home), model=Scripted(by_question, model="one"))
    assert (found.exit_code, found.asked, found.written) == (4, (), ())


def test_where_there_is_no_cell_nothing_was_audited(tmp_path: Path) -> None:
    found = audit(tmp_path, Where(data="sample"))
    assert (found.exit_code, found.lines[0].word, found.lines[0].said) == (5, "not done", "there is no cell.")
