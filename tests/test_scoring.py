"""Scoring: statuses, intervals and flags, and that a journal always gives the same bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.errors import DataError, ReportError, TaskError
from medeval.evaluation import rescore
from medeval.records import Failure, Reply, Request, Response, Result
from medeval.reports import RESULT, SAMPLES
from medeval.stats import wilson


def evaluate(home: Path, script: Callable[[Request], Reply | str], label: str = "", seed: int = 0) -> Result:
    found = medeval.evaluate(
        model=Scripted(script), tasks=["exam"], data=home / "data", reports=home / "reports",
        task_paths=[home / "exam.py"], style="written", label=label, seed=seed,
    )  # fmt: skip
    return found.results[0]


def number(request: Request) -> int:
    """The number of the question in its text."""
    return int(request.text.split("?")[0].split()[-1])


OUTCOMES: dict[int, Reply | str] = {
    0: "The answer is A.",
    1: "It depends.",
    2: Response(text="Let us think", finish="length"),
    3: "I'm sorry, I cannot help with that.",
    4: Failure(failure="too_long", reason="5,000 tokens, the model takes 4,096"),
    5: Failure(failure="engine_error", reason="out of memory"),
    6: Failure(failure="nonfinite", reason="nan"),
}


def test_what_the_model_brought_about_is_wrong_and_what_it_did_not_is_not_measured(exam: Callable[[int], Path]) -> None:
    result = evaluate(exam(20), lambda request: OUTCOMES.get(number(request), "The answer is A."))
    first = result.first
    # Right are 0, 8, 12, 16 of eighteen that were measured.
    assert (first.n, first.failed) == (18, 2)
    assert first.value == pytest.approx(4 / 18)
    assert (first.low, first.high) == wilson(4, 18)[:2]
    assert (first.unread, first.truncated, first.refused, first.too_long) == (1, 1, 1, 1)
    assert result.flags == ("partial: 2 not measured", "truncated: 5.0 %")


@pytest.mark.parametrize(
    ("cut", "said"), [(0, ()), (1, ()), (2, ("truncated: 2.0 %",)), (6, ("truncated: 6.0 %", "not ranked"))]
)
def test_cut_off_replies_are_flagged_and_too_many_are_not_ranked(
    exam: Callable[[int], Path], cut: int, said: tuple[str, ...]
) -> None:
    result = evaluate(
        exam(100),
        lambda request: Response(text="Well,", finish="length") if number(request) < cut else "The answer is A.",
    )
    assert result.flags == said


def test_slices_have_their_own_n_and_interval(exam: Callable[[int], Path]) -> None:
    first = evaluate(exam(20), lambda _: "The answer is A.").first
    assert [(part.slice, part.value, part.n) for part in first.slices] == [
        ("part", "x", 7), ("part", "y", 7), ("part", "z", 6),
    ]  # fmt: skip
    assert first.slices[0].estimate == pytest.approx(2 / 7)
    assert (first.slices[0].low, first.slices[0].high) == wilson(2, 7)[:2]


def test_scoring_a_folder_again_gives_the_same_bytes(exam: Callable[[int], Path]) -> None:
    home = exam(40)
    evaluate(home, lambda request: OUTCOMES.get(number(request), f"答案是{'ABCD'[number(request) % 4]}。\ud83d <b>&"))
    cell = home / "reports" / "scripted" / "exam@written"
    before = {name: (cell / name).read_bytes() for name in (RESULT, SAMPLES)}
    for name in before:
        (cell / name).unlink()
    rescore(cell, str(home / "data"), [home / "exam.py"])
    assert {name: (cell / name).read_bytes() for name in before} == before


def test_a_prompt_that_changed_since_is_told_and_nothing_is_scored(exam: Callable[[int], Path]) -> None:
    home = exam(5)
    evaluate(home, lambda _: "The answer is A.")
    cell = home / "reports" / "scripted" / "exam@written"
    before = (cell / RESULT).read_bytes()
    code = (home / "exam.py").read_text()
    (home / "exam.py").write_text(
        code.replace('"written": prompts.write_a_letter', '"written": prompts.question_choices')
    )
    with pytest.raises(DataError, match="was asked in other words than exam has now"):
        rescore(cell, str(home / "data"), [home / "exam.py"])
    assert (cell / RESULT).read_bytes() == before


def test_a_run_that_did_not_end_is_not_scored(exam: Callable[[int], Path]) -> None:
    home = exam(30)
    evaluate(home, lambda _: "The answer is A.")
    cell = home / "reports" / "scripted" / "exam@written"
    whole = (cell / "journal.jsonl").read_bytes()
    (cell / "journal.jsonl").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReportError, match="has no reply yet"):
        rescore(cell, str(home / "data"), [home / "exam.py"])


def test_the_signature_says_what_a_number_stands_on(exam: Callable[[int], Path]) -> None:
    result = evaluate(exam(5), lambda _: "The answer is A.")
    protocol, conditions = result.signature.split(" ‖ ")
    assert protocol == (
        f"exam.v1|written|0-shot|n:5|data:{result.data[:8]}(unpinned)|prompt:{result.prompt[:8]}|reader:house.v1|accuracy:v1"
    )
    assert conditions.startswith("chat:no|think:no|seed:0|T:0|max:512|scripted-1|medeval-")


def test_the_prompt_fingerprint_knows_the_words_and_not_the_seed(exam: Callable[[int], Path]) -> None:
    home = exam(5)
    one = evaluate(home, lambda _: "A", label="one")
    other = evaluate(home, lambda _: "B", label="two", seed=7)
    assert one.protocol == other.protocol
    assert one.conditions != other.conditions


def test_a_metric_that_gives_no_number_stops_with_its_name(exam: Callable[[int], Path]) -> None:
    home = exam(3)
    code = (home / "exam.py").read_text()
    code += (
        "\nfrom msgspec.structs import replace\n"
        "odd = replace(metrics.accuracy, mark=lambda sample, walk: float('nan'))\n"
        "TASK = replace(TASK, metrics=(odd,))\n"
    )
    (home / "exam.py").write_text(code)
    with pytest.raises(TaskError, match="Metric 'accuracy' marked sample '0000' of exam with nan"):
        evaluate(home, lambda _: "A")


def test_samples_of_one_passage_widen_the_interval(exam: Callable[[int], Path]) -> None:
    home = exam(40)
    alone = evaluate(home, lambda _: "The answer is A.", label="alone").first
    code = (home / "exam.py").read_text()
    (home / "exam.py").write_text(
        code.replace('target=(row["answer"],)', 'target=(row["answer"],), cluster=row["answer"]')
    )
    together = evaluate(home, lambda _: "The answer is A.", label="together").first
    assert (alone.method, together.method) == ("wilson", "CR1 over 4 clusters")
    assert together.value == alone.value
    assert (together.high or 0) - (together.low or 0) > (alone.high or 0) - (alone.low or 0)
    assert together.n_eff < together.n == 40


def test_of_texts_made_elsewhere_no_condition_is_claimed(exam: Callable[[int], Path]) -> None:
    home = exam(4)
    told = home / "told.jsonl"
    told.write_text("".join(f'{{"id": "{number:04d}", "output": "A"}}\n' for number in range(4)), encoding="utf-8")
    result = medeval.evaluate(
        model=f"recorded:{told}", tasks="exam", data=home / "data", reports=home / "reports", style="written",
        task_paths=[home / "exam.py"],
    ).results[0]  # fmt: skip
    assert result.conditions.startswith("elsewhere|predictions-1|medeval-")
    assert "|?-shot|" in result.protocol
