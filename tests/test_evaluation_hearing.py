"""Judges of a small task of dialogues: by whose answers they grade, what they leave out, and how they go on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from medeval import evaluation, reports
from medeval.engines.scripted import Scripted
from medeval.errors import EngineError, Interrupted, ReportError
from medeval.openings import Means
from medeval.planning import jury
from medeval.records import Failure, Reply, Request, Response
from tests.judges import (
    GONE,
    answers,
    case,
    derived,
    evaluated,
    home,
    judge,
    of_judges,
    rejudged,
    rescored,
    shown,
    stating,
    values,
    weighing,
)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """Four dialogues of two turns; each has a case with its number, each turn is graded by two criteria."""
    return home(tmp_path)


def test_an_entry_with_a_task_in_two_settings_is_judged_in_both_each_by_its_own_answers(talks: Path) -> None:
    whole, part = [evaluated(talks, answers, limit=limit).folders[0] for limit in (0, 2)]
    alone = judge(model="alone")
    numbers = [rejudged(talks, alone, entry=f"scripted/{each.name}").results[0] for each in (whole, part)]
    both = judge(model="both")
    found = rejudged(talks, both)
    assert (alone.asked, both.asked) == (24, 24)
    assert [path.parents[1] for path in found.folders] == [whole, part]
    assert [*map(values, found.results)] == [*map(values, numbers)]
    assert [len(lines(path / reports.SAMPLES)) for path in found.folders] == [4, 2]
    assert sum(each.asked for each in found.played.values()) == 24
    assert rejudged(talks, both).results == found.results
    assert both.asked == 24


def test_a_grading_that_is_named_twice_is_one(talks: Path) -> None:
    heard = judge()
    found = evaluated(talks, answers, heard, gradings=("whole", "whole"))
    assert [result.judge for result in of_judges(found)] == ["strict@whole"]
    assert heard.asked == 4


def test_an_answer_that_failed_is_shown_to_no_judge_before_it_is_there(talks: Path) -> None:
    def halting(request: Request) -> Reply | str:
        return GONE if "helps 2?" in request.messages[-1].content else answers(request)

    heard = judge()
    found = evaluated(talks, halting, heard)
    (judged,) = of_judges(found)
    assert (heard.asked, found.unsettled) == (12, 1)
    assert (judged.first.n, judged.first.failed, judged.flags) == (3, 1, ("partial: 1 not measured",))
    assert values(judged)["judge_coverage"] == 1.0, "nothing was wanted of the judge there"
    line = lines(found.folders[1] / reports.SAMPLES)[2]
    assert (line["status"], line["verdicts"], line["exchanges"]) == ("engine_error", [], [])
    again = evaluated(talks, answers, heard)
    assert (heard.asked, again.unsettled) == (16, 0)
    whole = home(talks / "whole")
    evaluated(whole, answers, judge())
    assert derived(talks / "reports") == derived(whole / "reports")


def test_an_empty_turn_is_graded_unasked_and_the_ledger_says_nothing_of_it(talks: Path) -> None:
    def shy(request: Request) -> str:
        return " " if "helps 3?" in request.messages[-1].content else answers(request)

    heard = judge(lambda _: "Grade: 5")
    found = evaluated(talks, shy, heard)
    assert heard.asked == 14
    # Of eight turns seven have a 5 and one a 1.
    assert values(of_judges(found)[0])["grade"] == pytest.approx((7 * 5 + 1) / 8)
    assert lines(found.folders[1] / reports.LEDGER) == []
    verdicts: Any = lines(found.folders[1] / reports.SAMPLES)[3]["verdicts"]
    assert [(each.get("turn", 0), each["grade"], each["why"]) for each in verdicts] == [
        (0, "5", "stated"), (0, "5", "stated"), (1, "1", "empty answer"), (1, "1", "empty answer"),
    ]  # fmt: skip


def test_what_is_missing_is_told_by_sample_turn_and_criterion_and_bounds_say_what_it_could_change(talks: Path) -> None:
    def coy(request: Request) -> Reply | str:
        kind = "kind" in shown(request, "criterion")
        if kind and case(request) == 1 and "helps" in shown(request, "question"):
            return "I would rather not say. " * 40
        if not kind and case(request) == 3:
            return Failure(failure="too_long", reason="9 tokens")
        return "Grade: 4"

    heard = judge(coy)
    found = evaluated(talks, answers, heard)
    (judged,) = of_judges(found)
    told = values(judged)
    assert told["judge_coverage"] == 13 / 16
    assert "judge coverage 81.2 %" in judged.flags
    assert (told["grade"], told["grade_safe"], told["grade_kind"]) == (4.0, 4.0, 4.0)
    # Six of eight for being safe, seven of eight for being kind.
    for fill, grade in (("worst", 1), ("best", 5)):
        means = (6 * 4 + 2 * grade) / 8, (7 * 4 + grade) / 8
        assert told[f"grade_at_{fill}"] == pytest.approx(sum(means) / 2)
    missing = lines(found.folders[1] / reports.LEDGER)
    assert [(each["sample"], each["turn"], each["criterion"], each["why"]) for each in missing] == [
        ("0001", 1, "kind", "no grade on the last line"), ("0003", 0, "safe", "too_long: 9 tokens"),
        ("0003", 1, "safe", "too_long: 9 tokens"),
    ]  # fmt: skip
    assert str(missing[0]["said"]) == ("I would rather not say. " * 40)[:500]
    assert missing[1]["said"] == ""
    # Neither would be another the next time.
    assert (found.unsettled, evaluated(talks, answers, heard).unsettled, heard.asked) == (0, 0, 16)


def test_a_judge_that_weighs_gives_an_expected_grade_and_is_a_column_of_its_own(talks: Path) -> None:
    found = evaluated(talks, answers, Scripted(weighing, model="scale"), judge(lambda _: "Grade: 3"))
    weighed, stated, panel = of_judges(found)
    assert values(weighed)["grade"] == values(stated)["grade"] == values(panel)["grade"] == 3.0
    assert values(weighed)["expected_grade"] == pytest.approx(3.0)
    assert "expected_grade" not in values(stated)
    assert [each.protocol.rpartition("|")[2] for each in (weighed, stated)] == ["weighed", "stated"]
    assert [re.findall(r"judge:(\w+)@[0-9a-f]{8}\|grading:two\.v1\|", each.protocol) for each in (weighed, stated)] == [
        ["scale"], ["strict"],
    ]  # fmt: skip
    told = reports.last_run(found.folders[0])
    assert told is not None
    assert {role: (each.read, each.written) for role, each in told.attempts[0].others.items()} == {
        "judge:scale": (7 * 16, 16), "judge:strict": (0, 0),
    }  # fmt: skip


def test_every_take_is_judged_and_a_sample_counts_once(talks: Path) -> None:
    seeds: dict[int, int] = {}

    def drawn(request: Request) -> str:
        return f"Draw {request.decoding.seed}"

    def wavering(request: Request) -> str:
        # The first draw of a case gets a 1, the next a 5, and so on.
        said = int(shown(request, "answer").split()[-1])
        place = seeds.setdefault(said, sum(1 for each in seeds if each != said))
        return f"Grade: {1 if place % 2 else 5}"

    heard = judge(wavering)
    found = evaluated(talks, drawn, heard, repeats=2)
    (judged,) = of_judges(found)
    assert heard.asked == 2 * 16
    assert len(seeds) == 8
    assert (judged.first.n, judged.first.takes) == (4, 2)
    assert judged.first.value == pytest.approx(3.0)
    assert [(each["sample"], each["repeat"]) for each in lines(found.folders[1] / reports.SAMPLES)[:3]] == [
        ("0000", 0), ("0000", 1), ("0001", 0),
    ]  # fmt: skip


def test_a_model_may_judge_itself_and_is_warned_of(talks: Path) -> None:
    def both(request: Request) -> Reply | str:
        return answers(request) if request.role == "model" else Response(logprobs=(-1.0,) * 5)

    engine = Scripted(both, model="mine")
    found = evaluated(talks, engine, engine)
    assert engine.asked == 8 + 16
    assert of_judges(found)[0].flags == ("the judge is the model itself",)
    assert found.results[0].flags == ()


def test_hearing_that_broke_after_the_run_goes_on_and_comes_to_the_same(talks: Path) -> None:
    evaluated(talks, answers)
    whole = home(talks / "whole")
    evaluated(whole, answers, judge())
    left = [5]

    def breaking(request: Request) -> str:
        left[0] -= 1
        if left[0] < 0:
            raise EngineError("gone")
        return stating(request)

    before = derived(talks / "reports")
    with pytest.raises(EngineError):
        rejudged(talks, judge(breaking))
    assert {name: data for name, data in derived(talks / "reports").items() if "judged" not in name} == before
    told = rescored(talks)
    assert [result.judge for result in told.results] == [""]
    assert told.notes[0].startswith("strict: not heard to the end")
    heard = judge()
    rejudged(talks, heard)
    assert heard.asked <= 16
    assert derived(talks / "reports") == derived(whole / "reports")


def test_answers_that_are_not_all_there_are_not_judged(talks: Path) -> None:
    left = [3]

    def breaking(request: Request) -> str:
        left[0] -= 1
        if left[0] < 0:
            raise EngineError("gone")
        return answers(request)

    with pytest.raises(EngineError):
        evaluated(talks, breaking)
    heard = judge()
    with pytest.raises(ReportError, match=r"has no reply yet\. `medeval run` as it was started goes on first"):
        rejudged(talks, heard)
    assert heard.asked == 0


def test_a_signal_while_judges_are_heard_leaves_what_is_published_and_says_how_to_go_on(talks: Path) -> None:
    evaluated(talks, answers)
    before = derived(talks / "reports")
    with pytest.raises(Interrupted, match="Run the same command to go on"):
        evaluation.judge(
            talks / "reports" / "scripted", lambda: jury([judge()], (), None, Means()), str(talks / "data"),
            [talks / "talks.py"], stopped=lambda: True,
        )  # fmt: skip
    assert {name: data for name, data in derived(talks / "reports").items() if "judged" not in name} == before


def test_another_grading_leaves_the_first_as_it_is_and_asks_the_model_nothing(talks: Path) -> None:
    model, heard = Scripted(answers), judge()
    evaluated(talks, model, heard)
    before = derived(talks / "reports")
    for gradings in (("whole",), ("two", "whole")):
        evaluated(talks, model, heard, gradings=gradings)
        rejudged(talks, heard, gradings=gradings)
    assert (model.asked, heard.asked) == (8, 16 + 4)
    after = derived(talks / "reports")
    assert {name: after[name] for name in before} == before
    assert {Path(name).parent.name for name in after} - {Path(name).parent.name for name in before} == {"strict@whole"}
