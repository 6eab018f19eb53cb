"""A panel of judges: marks are averaged, words are voted on, and how judges agree is told."""

from pathlib import Path

import pytest

from medeval.gradings import FIVE, MET, Grading
from medeval.journal import Journal
from medeval.metrics.verdicts import graded, rubric
from medeval.prompts import last_turn
from medeval.records import (
    Answer,
    Criterion,
    Decoding,
    Exchange,
    Identity,
    Message,
    OpenSample,
    Request,
    Response,
    Result,
    RubricSample,
    Setting,
    Verdict,
    Walk,
)
from medeval.scoring.panel import PanelScorer
from medeval.sitting import Sitting
from medeval.sources import Form, Local
from medeval.stats.agreement import krippendorff
from medeval.task import Judged, Task

NUMBERS = Grading(name="g", version=1, about="", prose="grade", criteria=(Criterion(name="safe", text="Safe."),))
WORDS = Grading(name="r", version=1, about="", prose="criterion", grades=MET)
ASKED = (Message(role="user", content="?"),)


def sitting(grading: Grading, count: int) -> Sitting:
    criteria = (Criterion(text="a", points=2), Criterion(text="b", points=-1))
    samples = tuple([
        RubricSample(id=f"{number}", messages=ASKED, criteria=criteria) if grading is WORDS
        else OpenSample(id=f"{number}", messages=ASKED, references=("x",))
        for number in range(count)
    ])  # fmt: skip
    metrics = rubric() if grading is WORDS else graded(grading)
    form = Form(name="", files=(Local(path=""),), to_sample=lambda row: samples[0])
    task = Task(
        title="", measures="", paper="", licence="", version=1, chance=0.0, rows=count, folder="", forms=(form,),
        wordings={"written": last_turn}, metrics=metrics, judged=(Judged(grading=grading, metrics=metrics),),
    )  # fmt: skip
    return Sitting("t", task, Setting(style="written"), samples=samples, form=form, data="")


WALK = Walk(
    exchanges=(Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text="x")),), answer=Answer()
)  # fmt: skip
BOTH = ("one", "two")


def said(criterion: str, **grades: str) -> list[Verdict]:
    return [Verdict(judge=judge, criterion=criterion, grade=grade) for judge, grade in grades.items()]


def result(scorer: PanelScorer, folder: Path) -> Result:
    journal = Journal(folder / "j")
    found = scorer.result("e", Identity(engine="scripted", version="1", model="m"), "0", journal, ())
    journal.close()
    return found


def test_marks_of_several_judges_are_averaged(tmp_path: Path) -> None:
    scorer = PanelScorer(sitting(NUMBERS, 2), NUMBERS, BOTH)
    scorer.add(0, WALK, said("safe", one="5", two="3"))
    scorer.add(1, WALK, said("safe", one="1", two="2"))
    found = result(scorer, tmp_path)
    assert found.judge == "one+two"
    assert found.first.value == pytest.approx((5 + 3 + 1 + 2) / 4)


def test_a_mark_that_one_of_them_did_not_give_is_left_out_and_the_cell_is_partial(tmp_path: Path) -> None:
    scorer = PanelScorer(sitting(NUMBERS, 2), NUMBERS, BOTH)
    assert scorer.add(0, WALK, said("safe", one="5", two="")).status == "judge_error"
    assert scorer.add(1, WALK, said("safe", one="1", two="2")).status == "scored"
    found = result(scorer, tmp_path)
    assert found.first.value == pytest.approx((5 + 1 + 2) / 3)
    assert found.first.failed == 1


def test_words_are_voted_on_and_split_judges_say_nothing() -> None:
    scorer = PanelScorer(sitting(WORDS, 2), WORDS, ("one", "three", "two"))
    voted = scorer.add(
        0, WALK, [*said("0", one="yes", two="yes", three="no"), *said("1", one="no", two="no", three="")]
    )
    assert [(each.grade, each.why) for each in voted.verdicts] == [("yes", "2 of 3"), ("no", "2 of 3")]
    assert voted.scores == {"rubric_score": 1.0}
    split = scorer.add(1, WALK, [*said("0", one="yes", two="no", three=""), *said("1", one="", two="", three="")])
    assert [(each.grade, each.why) for each in split.verdicts] == [("", "split"), ("", "nobody said anything")]
    assert split.status == "judge_error"
    assert split.scores == {"rubric_score": None}


def test_how_judges_agree_is_krippendorffs_alpha(tmp_path: Path) -> None:
    ratings = [["5", "4", "1", "3", "2", "5"], ["5", "3", "1", "3", "1", "4"]]
    scorer = PanelScorer(sitting(NUMBERS, 6), NUMBERS, BOTH)
    for number, (first, second) in enumerate(zip(*ratings, strict=True)):
        scorer.add(number, WALK, said("safe", one=first, two=second))
    (table,) = result(scorer, tmp_path).tables
    (whole, safe) = table.rows
    wanted = krippendorff([[float(each) for each in row] for row in ratings], "ordinal")
    assert whole[:5] == ("all", wanted.value, wanted.low, wanted.high, wanted.raw)
    assert safe[0] == "safe"
    assert safe[1:] == whole[1:]


def test_judges_who_never_rated_the_same_have_no_agreement(tmp_path: Path) -> None:
    scorer = PanelScorer(sitting(NUMBERS, 2), NUMBERS, BOTH)
    scorer.add(0, WALK, said("safe", one="5", two=""))
    scorer.add(1, WALK, said("safe", one="", two=FIVE[0]))
    (table,) = result(scorer, tmp_path).tables
    assert table.rows[0] == ("all", None, None, None, None, 0.0)
