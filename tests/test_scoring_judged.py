"""The verdicts of one judge: its lines, its ledger, its column, and what is flagged."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.gradings import Grading, Judge
from medeval.journal import Journal, Line
from medeval.metrics.verdicts import graded, graded_beside
from medeval.prompts import first_turn
from medeval.records import (
    Answer,
    Criterion,
    Decoding,
    DialogueSample,
    Exchange,
    Failure,
    Identity,
    Reply,
    Request,
    Response,
    Result,
    Setting,
    Status,
    Turn,
    Walk,
)
from medeval.reports import Sworn
from medeval.scoring import Scorer
from medeval.scoring.judged import EXCERPT, JudgedScorer
from medeval.sitting import Sitting
from medeval.sources import Form, Local
from medeval.task import Judged, Task

TWO = Grading(
    name="two", version=3, about="", prose="grade", per="turn",
    criteria=(Criterion(name="safe", text="Safe."), Criterion(name="kind", text="Kind.")),
)  # fmt: skip
JUDGE = Judge(name="strict", grading=TWO, decoding=Decoding(max_tokens=64))
STRICT = Sworn(judge=JUDGE, identity=Identity(engine="http", version="1", model="strict-7b"))
MODEL = Identity(engine="scripted", version="1", model="m")


def sitting(count: int = 1) -> Sitting:
    samples = tuple([
        DialogueSample(id=f"{number}", turns=(Turn(asked="Why?"), Turn(asked="Then?"))) for number in range(count)
    ])  # fmt: skip
    form = Form(name="", files=(Local(path=""),), to_sample=lambda row: samples[0])
    judged = Judged(grading=TWO, metrics=graded(TWO), also=graded_beside(TWO))
    task = Task(
        title="", measures="", paper="", licence="", version=1, chance=0.0, rows=count, folder="", forms=(form,),
        wordings={"written": first_turn}, metrics=graded(TWO), judged=(judged,),
    )  # fmt: skip
    return Sitting("t", task, Setting(style="written"), samples=samples, form=form, data="d" * 64)


def exchanges(replies: Sequence[Reply | str], role: str = "model") -> tuple[Exchange, ...]:
    said = [Response(text=each) if isinstance(each, str) else each for each in replies]
    return tuple([Exchange(request=Request(decoding=Decoding(), role=role), asked="w", reply=each) for each in said])


def walk(*said: str, status: Status = "scored") -> Walk:
    return Walk(exchanges=exchanges(said), answer=Answer(status=status, rule="text"))


def heard(*said: Reply | str) -> tuple[Exchange, ...]:
    return exchanges(said, JUDGE.role)


FULL = walk("Gout.", "Rest.")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    one = Journal(tmp_path / "journal.jsonl")
    yield one
    one.close()


def result(scorer: JudgedScorer, journal: Journal, model: Identity = MODEL) -> Result:
    return scorer.result("e", model, "0", journal)


def test_a_line_has_the_verdicts_and_what_was_said_to_this_judge_alone() -> None:
    line, missing = JudgedScorer(sitting(), STRICT).add(0, FULL, heard("Grade: 5", "Grade: 4", "Grade: 3", "Grade: 2"))
    assert [(each.turn, each.criterion, each.grade) for each in line.verdicts] == [
        (0, "safe", "5"), (0, "kind", "4"), (1, "safe", "3"), (1, "kind", "2"),
    ]  # fmt: skip
    assert [each.role for each in line.exchanges] == ["judge:strict"] * 4
    assert (line.status, line.rule, missing) == ("scored", "text", ())
    # Sums of both turns and their number, criterion by criterion.
    assert line.marks["grades"] == (8.0, 6.0, 2.0, 2.0)


def test_what_is_missing_stands_in_the_ledger_with_what_was_said_as_far_as_it_shows() -> None:
    gone = Failure(failure="engine_error", reason="gone")
    line, missing = JudgedScorer(sitting(), STRICT).add(0, FULL, heard("Grade: 5", gone, "Well, " * 200, "Grade: 2"))
    assert line.status == "judge_error"
    assert [(each.sample, each.turn, each.criterion, each.why) for each in missing] == [
        ("0", 0, "kind", "engine_error: gone"), ("0", 1, "safe", "no grade on the last line"),
    ]  # fmt: skip
    assert [each.said for each in missing] == ["", ("Well, " * 200)[:EXCERPT]]
    assert line.marks["grades"] == (5.0, 2.0, 1.0, 1.0)


def test_a_reply_belongs_to_its_own_question_where_an_empty_turn_is_between() -> None:
    silent = walk("", "Rest.", status="unread")
    line, missing = JudgedScorer(sitting(), STRICT).add(0, silent, heard("Grade: 4", "No."))
    assert [(each.turn, each.grade) for each in line.verdicts] == [(0, "1"), (0, "1"), (1, "4"), (1, "")]
    assert [(each.turn, each.criterion, each.said) for each in missing] == [(1, "kind", "No.")]


@pytest.mark.parametrize("status", ["engine_error", "nonfinite"])
def test_what_the_model_never_said_is_its_own_fault_and_not_the_judge_s(status: Status, journal: Journal) -> None:
    scorer = JudgedScorer(sitting(), STRICT)
    line, missing = scorer.add(0, walk("Gout.", status=status), ())
    assert (line.status, line.verdicts, missing) == (status, (), ())
    found = result(scorer, journal)
    assert found.first.value is None
    assert found.flags == ("partial: 1 not measured",)


def test_the_prompt_that_is_told_is_the_model_s_and_the_column_the_judge_s(journal: Journal) -> None:
    alone, scorer = Scorer(sitting()), JudgedScorer(sitting(), STRICT)
    alone.add(0, FULL)
    scorer.add(0, FULL, heard(*["Grade: 4"] * 4))
    found, answers = result(scorer, journal), alone.result("e", MODEL, "0", journal)
    assert (found.judge, answers.judge) == ("strict", "")
    assert found.prompt == answers.prompt
    front, _, behind = found.protocol.partition("|judge:strict@")
    assert front.split("|")[:5] == answers.protocol.split("|")[:5]
    assert behind.partition("|")[2].split("|")[0] == "grading:two.v3"
    assert found.conditions == f"{answers.conditions}|judge:http-1"
    assert (found.first.value, found.headline) == (4.0, "grade")


def columns(journal: Journal, *sworn: Sworn) -> list[str]:
    found = []
    for each in sworn:
        scorer = JudgedScorer(sitting(), each)
        scorer.add(0, walk("", "", status="unread"), ())  # nothing is asked about nothing
        found.append(result(scorer, journal).protocol)
    return found


def test_another_judge_another_name_other_words_and_another_way_are_other_columns(journal: Journal) -> None:
    others = [
        replace(STRICT, judge=replace(JUDGE, name="mild")),
        replace(STRICT, judge=replace(JUDGE, prose="Grade {answer}.")),
        replace(STRICT, judge=replace(JUDGE, choosing=True)),
        replace(STRICT, judge=replace(JUDGE, grading=replace(TWO, version=4))),
        replace(STRICT, identity=replace(STRICT.identity, model="strict-70b")),
        replace(STRICT, identity=replace(STRICT.identity, dtype="int8")),
    ]  # fmt: skip
    assert len({*columns(journal, STRICT, *others)}) == 7
    assert len({*columns(journal, STRICT, STRICT)}) == 1


def test_coverage_is_flagged_where_one_verdict_of_thousands_is_missing_and_never_as_whole(journal: Journal) -> None:
    scorer = JudgedScorer(sitting(500), STRICT)
    for number in range(500):
        scorer.add(number, FULL, heard(*["Grade: 4"] * 3, "No." if number == 250 else "Grade: 4"))
    found = result(scorer, journal)
    assert found.flags == ("partial: 1 not measured", "judge coverage 99.9 %")
    assert found.first.n == 500, "what the judge did say of it counts"


def test_a_judge_of_the_family_is_flagged_and_one_of_another_is_not(journal: Journal) -> None:
    scorer = JudgedScorer(sitting(), replace(STRICT, identity=replace(STRICT.identity, model="Qwen3-8B")))
    scorer.add(0, FULL, heard(*["Grade: 4"] * 4))
    assert result(scorer, journal, replace(MODEL, model="qwen2.5-7b")).flags == (
        "the judge is of the model's family (qwen)",
    )
    assert result(scorer, journal).flags == ()


def test_its_own_replies_are_counted_and_those_of_other_judges_are_not(journal: Journal) -> None:
    def line(role: str, slot: int, text: str) -> Line:
        return Line(key=f"{role} {slot}", asked="w", sample="0", role=role, slot=slot, reply=Response(text=text))

    scorer = JudgedScorer(sitting(), STRICT)
    scorer.add(0, FULL, heard(*["Grade: 4"] * 4))
    journal.append([line("model", 0, "Gout."), line("model", 1, "Rest.")])
    journal.append([line("judge:strict", slot, "Grade: 4") for slot in range(4)])
    before = result(scorer, journal)
    assert (before.journal_records, len(before.journal)) == (6, 64)
    journal.append([line("judge:mild", 0, "Grade: 1")])
    assert result(scorer, journal) == before
    journal.append([line("judge:strict", 0, "Grade: 5")])
    after = result(scorer, journal)
    assert after.journal_records == 6
    assert after.journal != before.journal
