"""A judge who does not stand for raters is told so wherever its numbers are shown."""

from pathlib import Path

import medeval
from medeval.cli.say import results
from medeval.engines.scripted import Scripted
from medeval.raters import Admission
from medeval.raters.admissions import publish

BAD = Admission(value=0.4, low=0.2, high=0.6, n=80, admitted=False, bar=0.6, why="agreement 0.40 is below 0.6")
GOOD = Admission(value=0.8, low=0.7, high=0.9, n=80, admitted=True, bar=0.6)


def test_a_judge_is_marked_by_what_it_fails_in_and_answers_are_not(tmp_path: Path) -> None:
    found = medeval.evaluate(
        model=Scripted(lambda request: "肺炎。", model="m"), tasks=["cmb_clin"], data="sample", reports=tmp_path,
        style="written", judges=(Scripted(lambda request: "评分：3", model="strict", choices=False),),
    )  # fmt: skip
    assert "not admitted" not in results(found.results, found.folders)
    (tmp_path / "raters").mkdir()
    publish(tmp_path, {"strict": {"fluency": GOOD, "relevance": BAD}, "somebody": {"fluency": BAD}})
    lines = results(found.results, found.folders).splitlines()
    marked = [line for line in lines if "judge not admitted" in line]
    assert len(marked) == 1
    assert marked[0].startswith("cmb_clin by strict")
    assert marked[0].endswith("judge not admitted: relevance")
