"""Judges in a run and after it: what they change, what they never touch, and what is left where they fail."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import medeval
from medeval import evaluation, reports
from medeval.engines.base import Engine
from medeval.engines.scripted import Scripted
from medeval.errors import EngineError, RequestError
from medeval.evaluation import Evaluation, rescore
from medeval.openings import Means
from medeval.planning import Jury, jury
from medeval.records import Failure, Identity, Reply, Request, Response, Result

TASK = "cmb_clin"
CELL = "cmb_clin@written,sample"


def answers(request: Request) -> str:
    return "肺炎，应用抗生素。"


def strict(request: Request) -> str:
    return f"理由。\n评分：{1 + len(request.messages[0].content) % 5}"


def judging(script: Callable[[Request], Reply | str] = strict, name: str = "strict") -> Scripted:
    return Scripted(script, model=name, choices=False)


def run(folder: Path, *judges: Engine, model: Engine | None = None, **how: object) -> Evaluation:
    return medeval.evaluate(
        model=model or Scripted(answers, model="m"), tasks=[TASK], data="sample", reports=folder, style="written",
        judges=judges, **how,  # type: ignore[arg-type]
    )  # fmt: skip


def judged_later(
    folder: Path, *judges: Engine, gradings: tuple[str, ...] = (), prose: Path | None = None
) -> Evaluation:
    def court() -> Jury:
        return jury(judges, gradings, prose, Means())

    return evaluation.judge(folder / "m", court, "sample")


def files(folder: Path, but: str = "\0") -> dict[str, bytes]:
    """Everything that is derived, but for the circumstances."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json*")}
    return {
        name: data
        for name, data in found.items()
        if "run.json" not in name and "journal" not in name and but not in name
    }


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def values(result: Result) -> dict[str, float | None]:
    return {estimate.metric: estimate.value for estimate in result.estimates}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "here"


def test_answers_and_their_numbers_are_the_same_with_judges_and_without(folder: Path, tmp_path: Path) -> None:
    run(folder, judging())
    run(tmp_path / "alone")
    assert files(folder, but="judged") == files(tmp_path / "alone")


def test_it_comes_to_the_same_whether_judges_are_heard_in_the_run_or_after_it(folder: Path, tmp_path: Path) -> None:
    run(folder, judging())
    run(tmp_path / "later")
    model_asked = len(lines_of_journal(tmp_path / "later"))
    later = judging()
    found = judged_later(tmp_path / "later", later)
    assert files(folder) == files(tmp_path / "later")
    assert later.asked == found.played[TASK].asked == len(lines_of_journal(tmp_path / "later")) - model_asked


def lines_of_journal(folder: Path) -> list[bytes]:
    return (folder / "m" / CELL / "journal.jsonl").read_bytes().splitlines()


def test_the_same_again_asks_nobody_anything(folder: Path) -> None:
    first = run(folder, judging())
    before, judge, model = files(folder), judging(), Scripted(answers, model="m")
    run(folder, judge, model=model)
    judged_later(folder, judge)
    assert (judge.asked, model.asked) == (0, 0)
    assert files(folder) == before
    assert first.played[TASK].others["judge:strict"].asked > 0


def test_another_judge_another_grading_and_other_words_are_columns_of_their_own(folder: Path, tmp_path: Path) -> None:
    run(folder, judging())
    before = files(folder)
    words = tmp_path / "words.md"
    words.write_text("回答：\n{answer}\n\n{criterion}\n\n{closing}", encoding="utf-8")
    found = [
        judged_later(folder, judging(name="mild")), judged_later(folder, judging(), gradings=("survey",)),
        judged_later(folder, judging(), prose=words),
    ]  # fmt: skip
    names = [each.results[0].judge for each in found]
    assert names[:2] == ["mild", "strict@survey"]
    assert names[2].startswith("strict+")
    assert len({each.results[0].protocol for each in found}) == 3
    assert {name: data for name, data in files(folder).items() if name in before} == before


def test_a_judge_who_fails_leaves_a_ledger_bounds_and_the_way_to_ask_again(folder: Path) -> None:
    def failing(request: Request) -> Reply | str:
        if "fluen" in str(request) or "行文" in str(request):
            return Failure(failure="engine_error", reason="gone")
        return "评分：4"

    found = run(folder, judging(failing))
    _, judged = found.results
    turns = 9  # of four sample cases
    assert found.unsettled == turns
    assert judged.first.failed == 4
    assert "partial: 4 not measured" in judged.flags
    assert "judge coverage 75.0 %" in judged.flags
    told = values(judged)
    assert told["judge_coverage"] == pytest.approx(0.75)
    assert (told["grade_at_worst"], told["grade_at_best"]) == pytest.approx(((4 * 3 + 1) / 4, (4 * 3 + 5) / 4))
    ledger = lines(folder / "m" / CELL / "judged" / "strict" / "ledger.jsonl")
    assert {(each["criterion"], each["why"]) for each in ledger} == {("fluency", "engine_error: gone")}
    assert len(ledger) == turns
    well = judging(lambda request: "评分：4")
    again = run(folder, well)
    assert (well.asked, again.unsettled) == (turns, 0)
    assert values(again.results[1])["grade"] == 4.0
    assert lines(folder / "m" / CELL / "judged" / "strict" / "ledger.jsonl") == []


def test_what_cannot_be_read_is_not_asked_again_and_is_no_grade(folder: Path) -> None:
    found = run(folder, judging(lambda request: "这个回答很好，应得5分吧，也许。"))
    assert found.unsettled == 0
    assert values(found.results[1])["grade"] is None
    again = judging()
    run(folder, judging(lambda request: "评分：5"))
    assert again.asked == 0
    ledger = lines(folder / "m" / CELL / "judged" / "strict" / "ledger.jsonl")
    assert str(ledger[0]["said"]).startswith("这个回答")


def test_a_run_that_broke_among_verdicts_goes_on_and_comes_to_the_same(folder: Path, tmp_path: Path) -> None:
    run(tmp_path / "whole", judging())
    count: Iterator[int] = iter(range(1000))

    def breaking(request: Request) -> str:
        if next(count) == 7:
            raise EngineError("gone")
        return strict(request)

    with pytest.raises(EngineError):
        run(folder, judging(breaking))
    run(folder, judging())
    assert files(folder) == files(tmp_path / "whole")


def test_scored_again_everything_is_the_same_and_an_unfinished_judge_is_told(folder: Path) -> None:
    run(folder, judging(), judging(name="mild"))
    before = files(folder)
    found = rescore(folder / "m", "sample")
    assert [result.judge for result in found.results] == ["", "mild", "strict", "mild+strict"]
    assert files(folder) == before
    journal = folder / "m" / CELL / "journal.jsonl"
    kept = [line for line in journal.read_bytes().splitlines(keepends=True) if b"judge:mild" not in line]
    journal.write_bytes(b"".join(kept))
    again = rescore(folder / "m", "sample")
    assert [result.judge for result in again.results] == ["", "strict"]
    assert again.notes[0].startswith("mild: not heard to the end")


def test_a_judge_who_is_somebody_else_under_the_same_name_is_refused(folder: Path) -> None:
    run(folder, judging())
    other = judging()
    other.identity = Identity(engine="scripted", version="2", model="strict")
    with pytest.raises(RequestError, match=r"was heard otherwise .*version was '1', is now '2'"):
        judged_later(folder, other)


def test_a_model_that_judges_itself_is_told(folder: Path) -> None:
    model = Scripted(lambda request: "评分：5", model="qwen2.5-7b", choices=False)
    found = medeval.evaluate(
        model=model, tasks=[TASK], data="sample", reports=folder, style="written",
        judges=(Scripted(strict, model="Qwen3-72B", choices=False),),
    )  # fmt: skip
    assert "the judge is of the model's family (qwen)" in found.results[1].flags


def test_tokens_of_judges_are_told_apart(folder: Path) -> None:
    def counting(request: Request) -> Response:
        return Response(text="评分：3", prompt_tokens=100, completion_tokens=3)

    run(folder, judging(counting))
    told = reports.last_run(folder / "m" / CELL)
    assert told is not None
    spent = told.attempts[-1].others["judge:strict"]
    assert (spent.read, spent.written) == (100 * spent.asked, 3 * spent.asked)
    assert told.attempts[-1].read == spent.read, "the model counted nothing here"


@pytest.mark.parametrize(
    ("judges", "gradings", "sentence"),
    [
        ((), ("survey",), "without --judge NAME: nobody grades"),
        ((judging(), judging()), (), "two judges are called 'strict'"),
        (("baseline:random",), (), "can neither judge nor play a patient"),
        (("nowhere/at/all",), (), "--judge all: "),
        ((judging(),), ("taste",), "no grading 'taste'"),
    ],
)  # fmt: skip
def test_what_cannot_judge_is_one_sentence(
    judges: tuple[Engine | str, ...], gradings: tuple[str, ...], sentence: str, folder: Path
) -> None:
    with pytest.raises(RequestError, match=sentence):
        run(folder, *judges, gradings=gradings)  # type: ignore[arg-type]
    assert not (folder / "m").exists()


def test_where_nothing_is_graded_by_judges_they_are_refused(folder: Path) -> None:
    with pytest.raises(RequestError, match="medqa: nothing there is graded by judges"):
        medeval.evaluate(
            model=Scripted(answers, model="m"), tasks=["medqa"], data="sample", reports=folder, style="written",
            judges=(judging(),),
        )  # fmt: skip


@pytest.mark.parametrize(("text", "missing"), [("{answer} {closing}", "{criterion}"), ("{criterion}", "{answer}")])
def test_words_without_a_place_for_what_is_judged_are_refused(text: str, missing: str, tmp_path: Path) -> None:
    words = tmp_path / "words.md"
    words.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=re.escape(f"has no place {missing}")):
        jury((judging(),), (), words, Means())
