"""Scoring: statuses, intervals and flags, and that a journal always gives the same bytes."""

import json
import math
import zlib
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Unpack

import pytest
from msgspec.structs import replace
from sklearn.metrics import f1_score

import medeval
from medeval import metrics
from medeval.cells import own_version
from medeval.engines.base import Abilities
from medeval.engines.scripted import Scripted
from medeval.errors import DataError, ReportError, TaskError
from medeval.evaluation import rescore
from medeval.protocols import How
from medeval.records import (
    ChoiceSample,
    Estimate,
    Failure,
    Option,
    Order,
    Reply,
    Request,
    Response,
    Result,
)
from medeval.reports import RESULT, SAMPLES
from medeval.scoring.gathering import gathered
from medeval.stats import student, wilson
from tests.conftest import choice


def evaluate(
    home: Path, script: Callable[[Request], Reply | str] | Scripted, label: str = "", **how: Unpack[How]
) -> Result:
    how.setdefault("style", "written")
    found = medeval.evaluate(
        model=script if isinstance(script, Scripted) else Scripted(script), tasks=["exam"], data=home / "data",
        reports=home / "reports", task_paths=[home / "exam.py"], label=label, **how,
    )  # fmt: skip
    return found.results[0]


def number(request: Request) -> int:
    """The number of the last question that is asked."""
    said = request.text or request.messages[-1].content
    return int(said.rpartition("Question ")[2].split("?")[0])


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
    first = evaluate(exam(92), lambda _: "The answer is A.").first
    assert [(part.slice, part.value, part.n, part.compared) for part in first.slices] == [
        ("part", "x", 31, True), ("part", "y", 31, True), ("part", "z", 30, True),
    ]  # fmt: skip
    assert first.slices[0].estimate == pytest.approx(8 / 31)
    assert (first.slices[0].low, first.slices[0].high) == wilson(8, 31)[:2]


def changed(home: Path, old: str, new: str) -> Path:
    """The exam, declared otherwise."""
    code = (home / "exam.py").read_text(encoding="utf-8")
    assert old in code
    (home / "exam.py").write_text(code.replace(old, new), encoding="utf-8")
    return home


def test_parts_with_few_samples_go_together_and_those_that_are_still_few_are_not_compared(
    exam: Callable[[int], Path],
) -> None:
    # Thirty questions of one part, nine of another, and two that stand alone.
    parts = '"x" if int(row["_id"]) < 30 else "y" if int(row["_id"]) < 39 else row["_id"]'
    home = changed(exam(41), 'row["part"]', parts)
    first = evaluate(home, lambda _: "The answer is A.").first
    assert [(part.value, part.n, part.compared) for part in first.slices] == [("other", 11, False), ("x", 30, True)]
    assert first.slices[0].estimate == pytest.approx(3 / 11)  # 32, 36 and 40


def test_a_slice_in_which_all_samples_have_one_value_tells_nothing_and_is_left_out(exam: Callable[[int], Path]) -> None:
    home = changed(exam(40), 'row["part"]', '"x"')
    assert evaluate(home, lambda _: "A").first.slices == ()
    # Three parts of eight are all `other`, and so one part.
    assert evaluate(exam(24), lambda _: "A", label="small").first.slices == ()


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ({}, "exam@written"),
        ({"options": "circular"}, "exam@written,circular"),
        ({"repeats": 3, "temperature": 0.7, "chat": True}, "exam@written,repeats3"),
    ],
    ids=["once", "circular", "repeats"],
)
def test_scoring_a_folder_again_gives_the_same_bytes(exam: Callable[[int], Path], how: How, name: str) -> None:
    home = exam(40)

    def script(request: Request) -> Reply | str:
        asked = number(request)
        return OUTCOMES.get(asked, f"答案是{'ABCD'[asked % 4]}。\ud83d <b>&")

    evaluate(home, script, **how)
    cell = home / "reports" / "scripted" / name
    before = {file: (cell / file).read_bytes() for file in (RESULT, SAMPLES)}
    for file in before:
        (cell / file).unlink()
    rescore(cell, str(home / "data"), [home / "exam.py"])
    assert {file: (cell / file).read_bytes() for file in before} == before


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


# --- samples that are asked several times ---------------------------------------------------

CUT = Response(text="Well,", finish="length")
BROKEN = Failure(failure="engine_error", reason="out of memory")


def in_turn(said: Mapping[int, list[Reply | str]]) -> Callable[[Request], Reply | str]:
    """A model that says one thing after another about each question, and A about all others."""
    left = {asked: iter(texts) for asked, texts in said.items()}

    def script(request: Request) -> Reply | str:
        return next(left.get(number(request), iter(())), "A")

    return script


def repeated(home: Path, said: Mapping[int, list[Reply | str]], **how: Unpack[How]) -> Result:
    how = {"repeats": 3, "temperature": 0.7, **how}
    return evaluate(home, in_turn(said), **how)


def shown(result: Result) -> dict[str, float | None]:
    return {estimate.metric: estimate.value for estimate in result.estimates if not estimate.beside}


def test_of_several_answers_the_mean_of_a_sample_comes_first_and_n_is_of_samples(exam: Callable[[int], Path]) -> None:
    # Right are A, B, C, D.
    result = repeated(exam(4), {0: ["A", "A", "A"], 1: ["B", "B", "C"], 2: ["D", "C", "A"], 3: ["A", "B", "C"]})
    means = [3 / 3, 2 / 3, 1 / 3, 0 / 3]
    first = result.first
    assert (first.metric, first.n, first.takes) == ("accuracy", 4, 3)
    assert first.value == pytest.approx(sum(means) / 4)
    low, high, method = student(means)
    assert low < 0
    assert high > 1
    assert (first.low, first.high, first.method) == (0.0, 1.0, method)


def test_the_majority_is_marked_and_of_equals_the_first(exam: Callable[[int], Path]) -> None:
    home = exam(4)
    # Two of three; all three different, the first right; the first wrong; two of three wrong.
    result = repeated(home, {0: ["B", "A", "A"], 1: ["B", "C", "D"], 2: ["D", "C", "A"], 3: ["D", "A", "A"]})
    assert shown(result)["accuracy_voted"] == 2 / 4
    voted = result.estimates[1]
    assert (voted.low, voted.high, voted.method) == wilson(2, 4)
    lines = (home / "reports" / "scripted" / "exam@written,repeats3" / SAMPLES).read_text(encoding="utf-8").splitlines()
    found = [(line["sample"], line["repeat"], *line["picked"]) for line in map(json.loads, lines)]
    assert found[:4] == [("0000", 0, "B"), ("0000", 1, "A"), ("0000", 2, "A"), ("0001", 0, "B")]


def test_what_cannot_be_read_votes_for_nothing(exam: Callable[[int], Path]) -> None:
    result = repeated(exam(3), {0: ["?", CUT, "A"], 1: ["?", "?", "?"], 2: ["?", "?", "C"]})
    assert shown(result) == {"accuracy": pytest.approx((1 / 3 + 0 + 1 / 3) / 3), "accuracy_voted": pytest.approx(2 / 3)}
    # Statuses are counted by takes.
    assert (result.first.unread, result.first.truncated, result.first.n) == (6, 1, 3)
    assert "truncated: 11.1 %" in result.flags


def test_a_take_that_failed_is_left_out_of_its_sample_and_the_cell_is_partial(exam: Callable[[int], Path]) -> None:
    result = repeated(exam(3), {0: [BROKEN, "A", "B"], 1: [BROKEN, BROKEN, BROKEN], 2: ["C", "C", "C"]})
    assert shown(result) == {"accuracy": pytest.approx((1 / 2 + 1) / 2), "accuracy_voted": 1.0}
    assert (result.first.n, result.first.failed) == (2, 4)
    assert result.flags == ("partial: 4 not measured",)


def test_nothing_of_several_takes_may_be_measured(exam: Callable[[int], Path]) -> None:
    result = evaluate(exam(3), lambda _: BROKEN, repeats=2, temperature=1.0, options="circular")
    assert shown(result) == {"accuracy": None, "accuracy_voted": None, "accuracy_every": None}
    assert (result.first.n, result.first.failed, result.first.takes) == (0, 24, 8)


def colour(request: Request) -> dict[str, str]:
    """The options as they are shown: colours by letter, where `red green blue grey` is the order that was given."""
    lines = [line for line in request.text.splitlines() if line[1:2] == "."]
    return {line.split()[2]: line[0] for line in lines}


def gold(request: Request) -> str:
    """The letter under which the right option stands now."""
    return colour(request)[("red", "green", "blue", "grey")[number(request) % 4]]


def test_a_model_that_knows_is_right_in_every_turn_of_the_options(exam: Callable[[int], Path]) -> None:
    result = evaluate(exam(8), gold, options="circular")
    assert shown(result) == {"accuracy": 1.0, "accuracy_voted": 1.0, "accuracy_every": 1.0}
    assert (result.first.n, result.first.takes) == (8, 4)


def test_a_model_that_likes_a_place_is_right_in_one_turn_of_four(exam: Callable[[int], Path]) -> None:
    # By the labels that are shown it would have a clear majority; by what it chose it has none, and the first counts.
    result = evaluate(exam(9), lambda _: "A", options="circular")
    assert shown(result) == {"accuracy": 1 / 4, "accuracy_voted": pytest.approx(3 / 9), "accuracy_every": 0.0}


def test_a_vote_is_for_an_option_and_not_for_the_place_where_it_stands(exam: Callable[[int], Path]) -> None:
    # It holds green for right, unless green stands first: then it says D.
    def script(request: Request) -> str:
        return {"A": "D"}.get(colour(request)["green"], colour(request)["green"])

    result = evaluate(exam(4), script, options="circular")
    means = [1 / 4, 3 / 4, 0, 0]  # with green in front, the last is red, which is right in the first
    assert shown(result) == {"accuracy": pytest.approx(sum(means) / 4), "accuracy_voted": 1 / 4, "accuracy_every": 0.0}


def test_every_turn_must_be_measured_to_count_as_right_in_every_turn(exam: Callable[[int], Path]) -> None:
    def script(request: Request) -> Reply | str:
        return BROKEN if number(request) == 2 and gold(request) == "A" else gold(request)

    result = evaluate(exam(4), script, options="circular")
    assert [(each.value, each.n) for each in result.estimates if not each.beside] == [(1.0, 4), (1.0, 4), (1.0, 3)]
    assert result.flags == ("partial: 1 not measured",)


def test_pairs_of_labels_are_pooled_over_takes_and_have_a_majority(tmp_path: Path) -> None:
    golds = [sample.target[0] for sample in rows_of("pubmedqa")]
    words = ("yes", "no", "maybe")
    # The two last of three say the same, and the first says what is right.
    says = [(gold, *[words[place % 3]] * 2) for place, gold in enumerate(golds)]
    flat = iter([word for said in says for word in said])
    found = medeval.evaluate(
        model=Scripted(lambda _: next(flat)), tasks="pubmedqa", data="sample", reports=tmp_path, style="written",
        repeats=3, temperature=0.5,
    )  # fmt: skip
    votes = [said[1] for said in says]
    assert shown(found.results[0]) == {
        "accuracy": pytest.approx(
            sum((1 + 2 * (vote == gold)) / 3 for vote, gold in zip(votes, golds, strict=True)) / 25
        ),
        "accuracy_voted": pytest.approx(sum(vote == gold for vote, gold in zip(votes, golds, strict=True)) / 25),
        "macro_f1": pytest.approx(
            f1_score(
                [gold for gold in golds for _ in range(3)],
                [word for said in says for word in said],
                labels=words,
                average="macro",
            )
        ),
        "macro_f1_voted": pytest.approx(f1_score(golds, votes, labels=words, average="macro")),
    }


def rows_of(task: str) -> tuple[ChoiceSample, ...]:
    from medeval.catalog import find
    from medeval.sources import Supply

    named = find().named(task)
    return tuple(map(choice, named.task.load(task, Supply.only(named.samples), sample=True)[0]))


OF_LETTERS = '(metrics.macro_f1("A", "B", "C", "D"),)'


def test_a_headline_that_has_no_mean_is_that_of_all_takes_and_samples_are_what_is_drawn(
    exam: Callable[[int], Path],
) -> None:
    home = changed(exam(4), "(metrics.accuracy,)", OF_LETTERS)
    result = repeated(home, {0: ["A", "A", "B"]})
    assert list(shown(result)) == ["macro_f1", "macro_f1_voted"]
    assert (result.first.metric, result.first.n, result.first.takes) == ("macro_f1", 4, 3)
    # A is right in two takes of three and picked in eleven of twelve; B is picked once, for an A.
    assert result.first.value == pytest.approx(2 * 2 / (3 + 11) / 4)
    assert result.first.method == "jackknife over 4 clusters, Student's t"
    assert shown(result)["macro_f1_voted"] == pytest.approx(2 * 1 / (1 + 4) / 4)


def width(estimate: Estimate) -> float:
    return (estimate.high or 0) - (estimate.low or 0)


def test_saying_the_same_three_times_makes_no_interval_narrower(exam: Callable[[int], Path]) -> None:
    home = changed(exam(60), "(metrics.accuracy,)", OF_LETTERS)

    def script(request: Request) -> str:
        return "ABCD"[(number(request) + (number(request) % 5 == 0)) % 4]

    once = evaluate(home, script, label="once").first
    thrice = evaluate(home, script, label="thrice", repeats=3, temperature=0.7).first
    assert thrice.value == pytest.approx(once.value)
    # As if there were 180 samples it would be near 0.58.
    assert width(thrice) / width(once) == pytest.approx(1, abs=0.15)
    assert thrice.n == 60
    assert thrice.n_eff == pytest.approx(60, rel=0.1)


# --- how firm answers are -----------------------------------------------------------------

FIRM = {0: "AAAB", 1: "ACDC", 2: "CCCC", 3: "ADDC"}
"""Of four takes 3, none, 4 and 2 are right."""


def beside(result: Result) -> dict[str, Estimate]:
    return {estimate.metric: estimate for estimate in result.estimates if estimate.beside}


def test_the_chances_of_drawn_takes_are_those_of_all_ways_to_draw_them(exam: Callable[[int], Path]) -> None:
    told = beside(repeated(exam(4), {question: [*letters] for question, letters in FIRM.items()}, repeats=4))
    rights = [[letter == "ABCD"[question] for letter in letters] for question, letters in FIRM.items()]

    def chance(k: int, holds: Callable[[tuple[bool, ...]], bool]) -> float:
        ways = [[holds(drawn) for drawn in combinations(right, k)] for right in rights]
        return sum(sum(way) / len(way) for way in ways) / len(ways)

    assert {name: estimate.value for name, estimate in told.items()} == pytest.approx({
        "pass_at_2": chance(2, any), "all_of_2": chance(2, all), "pass_at_4": chance(4, any),
        "all_of_4": chance(4, all), "flip_rate": chance(2, lambda pair: pair[0] != pair[1]),
    })  # fmt: skip
    assert {estimate.n for estimate in told.values()} == {4}
    assert told["all_of_4"].method == "wilson", "a sample is right in all or it is not"
    assert (told["flip_rate"].better, told["pass_at_2"].better) == ("lower", "higher")


def test_who_picks_one_option_wherever_it_stands_is_consistent_and_who_sticks_to_a_place_is_not(
    exam: Callable[[int], Path],
) -> None:
    def script(request: Request) -> str:
        asked_now = number(request)
        if asked_now == 0:
            return gold(request)
        return {1: "A", 2: colour(request)["red"]}.get(asked_now, "I do not know.")

    told = beside(evaluate(exam(4), script, options="circular"))
    # Right everywhere; always A; always red, which is wrong; never anything: two of four are consistent.
    assert {name: (estimate.value, estimate.n) for name, estimate in told.items()} == {"consistency": (2 / 4, 4)}


# --- what is told beside ------------------------------------------------------------------

TOLD = 'metrics=(metrics.accuracy,), also=metrics.exam("ABCDE"), tables=metrics.exam_tables("ABCDE")'


def told_more(home: Path) -> Path:
    return changed(home, "metrics=(metrics.accuracy,)", TOLD)


def test_what_is_told_beside_changes_neither_the_number_nor_its_protocol(exam: Callable[[int], Path]) -> None:
    home = exam(40)
    plain = evaluate(home, weighing(0.9), style="letters", label="plain")
    more = evaluate(told_more(home), weighing(0.9), style="letters", label="more")
    assert more.first == plain.first
    assert (more.protocol, more.prompt, more.flags) == (plain.protocol, plain.prompt, plain.flags)
    assert more.protocol.endswith("|accuracy:v1")
    assert [estimate.metric for estimate in more.estimates if not estimate.beside] == ["accuracy"]
    assert {"chance_corrected", "macro_f1", "recall_A", "ece", "ece_null", "brier"} <= {*beside(more)}


def test_only_a_style_that_gives_what_a_metric_marks_has_it(exam: Callable[[int], Path]) -> None:
    home = told_more(exam(12))
    letters = evaluate(home, weighing(0.9), style="letters", label="letters")
    written = evaluate(home, lambda _: "The answer is A.", label="written")
    assert {*beside(letters)} - {*beside(written)} >= {"ece", "auroc", "aurc", "log_loss"}
    assert {*beside(written)} - {*beside(letters)} == {
        "refusal_rate", "unread_rate", "truncation_rate", "format_kept", "language_kept",
    }  # fmt: skip
    assert [table.name for table in letters.tables] == ["confusion", "reliability", "risk_coverage"]
    assert [table.name for table in written.tables] == ["confusion"]


def test_what_has_no_value_here_says_so_and_stops_nothing(exam: Callable[[int], Path]) -> None:
    home = told_more(exam(8))

    def sure(request: Request) -> Response:
        right = number(request) % 4
        return Response(logprobs=tuple([-0.01 if place == right else -9.0 for place in range(4)]))

    told = beside(evaluate(home, sure, style="letters"))
    assert [name for name, estimate in told.items() if estimate.value is None] == ["recall_E", "auroc"]
    for name in ("recall_E", "auroc"):
        assert (told[name].low, told[name].high, told[name].method, told[name].n) == (None, None, "no value here", 8)


def test_calibration_is_of_samples_that_could_be_measured(exam: Callable[[int], Path]) -> None:
    home, weigh = told_more(exam(40)), weighing(1.0)
    told = beside(evaluate(home, lambda request: BROKEN if number(request) < 4 else weigh(request), style="letters"))
    # A has 0.4 everywhere and is right of a quarter: the distance is 0.15.
    assert told["ece"].value == pytest.approx(0.15)
    assert {told[name].n for name in ("ece", "brier", "aurc", "confident")} == {36}
    assert told["confident"].value == 0.0
    # Squared, for A to D as the right one: (1-0.4)², (1-0.3)² and so on, and the others' squares.
    squares = 0.16 + 0.09 + 0.04 + 0.01
    assert told["brier"].value == pytest.approx(1 + squares - 2 * (0.4 + 0.3 + 0.2 + 0.1) / 4)


def test_the_table_of_confusion_counts_what_was_picked_for_what_was_right(exam: Callable[[int], Path]) -> None:
    home = told_more(exam(12))
    (table,) = evaluate(home, lambda request: "?" if number(request) == 3 else "The answer is A.").tables
    assert table.columns == ("right", "A", "B", "C", "D", "E", "nothing")
    assert table.rows == (
        ("A", 3, 0, 0, 0, 0, 0), ("B", 3, 0, 0, 0, 0, 0), ("C", 3, 0, 0, 0, 0, 0), ("D", 2, 0, 0, 0, 0, 1),
        ("E", 0, 0, 0, 0, 0, 0),
    )  # fmt: skip


def test_marks_that_say_nothing_by_themselves_are_kept_once_for_all_who_share_them(exam: Callable[[int], Path]) -> None:
    home = told_more(exam(8))
    evaluate(home, weighing(0.9), style="letters")
    cell = home / "reports" / "scripted" / "exam"
    lines = [json.loads(line) for line in (cell / SAMPLES).read_text(encoding="utf-8").splitlines()]
    for place, line in enumerate(lines):
        assert {*line["marks"]} == {"over_chance", "pair", "confidence"}
        assert line["marks"]["pair"] == [place % 4, 0]
        assert line["marks"]["over_chance"] == [float(place % 4 == 0), 1 / 4]
        assert line["marks"]["confidence"] == pytest.approx([0.4, float(place % 4 == 0)])
        assert {*line["scores"]} == {"accuracy", "brier", "log_loss"}


# --- letter mass --------------------------------------------------------------------------


def weighing(*masses: float) -> Callable[[Request], Response]:
    """A model that gives a share of its probability to the four letters together, another for every question."""

    def script(request: Request) -> Response:
        mass = masses[number(request) % len(masses)]
        return Response(logprobs=tuple([math.log(mass * part) for part in (0.4, 0.3, 0.2, 0.1)]))

    return script


@pytest.mark.parametrize(
    ("masses", "mean", "flags"),
    [
        ((0.9, 0.7), 0.8, ()),
        ((0.5,), 0.5, ()),
        ((0.9, 0.06), 0.48, ("letter mass 0.48",)),
        ((1e-4,), 1e-4, ("letter mass 0.00",)),
    ],
)
def test_the_mean_probability_of_the_letters_together_is_kept_and_flagged_if_it_is_low(
    exam: Callable[[int], Path], masses: tuple[float, ...], mean: float, flags: tuple[str, ...]
) -> None:
    result = evaluate(exam(10), weighing(*masses), style="letters")
    assert result.letter_mass == pytest.approx(mean)
    assert result.flags == flags


def test_the_letter_mass_is_that_of_what_was_measured(exam: Callable[[int], Path]) -> None:
    weigh = weighing(0.8)
    result = evaluate(exam(4), lambda request: weigh(request) if number(request) else BROKEN, style="letters")
    assert result.letter_mass == pytest.approx(0.8)
    assert evaluate(exam(4), lambda _: BROKEN, style="letters", label="broken").letter_mass is None


def test_only_letters_have_a_letter_mass(exam: Callable[[int], Path], tmp_path: Path) -> None:
    assert evaluate(exam(4), lambda _: "A").letter_mass is None
    found = medeval.evaluate(
        model=Scripted(lambda _: Response(logprobs=(-9.0, -8.0, -7.0, -6.0))), tasks="medqa", data="sample",
        reports=tmp_path, style="options",
    )  # fmt: skip
    assert found.results[0].letter_mass is None
    assert found.results[0].flags == ("sample data",)


# --- means of means -----------------------------------------------------------------------

OVER = metrics.mean_over(metrics.accuracy, "mean_of_types", "type", "class")


def placed(**slices: str) -> ChoiceSample:
    options = tuple([Option(label=label, text=label) for label in "AB"])
    return ChoiceSample(id="", question="?", options=options, target=("A",), slices=slices)


def test_every_class_counts_the_same_in_its_type_and_every_type_in_the_whole() -> None:
    parts = {("x", "a"): (2, 4), ("x", "b"): (3, 3), ("y", "c"): (1, 8)}
    pairs = [
        (float(place < hits), placed(type=kind, **{"class": each}))
        for (kind, each), (hits, n) in parts.items()
        for place in range(n)
    ]
    ((value, interval, worth),) = gathered([OVER], pairs, 0)
    assert value == pytest.approx(((2 / 4 + 3 / 3) / 2 + 1 / 8) / 2)
    # MOVER: each class's own Wilson limits, by the weight of the class in the whole.
    weights = (1 / 4, 1 / 4, 1 / 2)
    limits = [(hits / n, *wilson(hits, n)[:2]) for hits, n in parts.values()]
    below = math.hypot(*[weight * (mid - low) for weight, (mid, low, _) in zip(weights, limits, strict=True)])
    above = math.hypot(*[weight * (high - mid) for weight, (mid, _, high) in zip(weights, limits, strict=True)])
    assert (interval.low, interval.high) == pytest.approx((value - below, value + above))
    assert (interval.method, worth) == ("MOVER", 15)


def test_classes_of_one_name_in_two_types_are_two_classes() -> None:
    pairs = [(1.0, placed(type="x", **{"class": "a"})), (0.0, placed(type="y", **{"class": "a"}))]
    pairs += [(0.0, placed(type="y", **{"class": "b"}))] * 2
    assert gathered([OVER], pairs, 0)[0].value == pytest.approx(1 / 2)


def test_a_mean_of_means_does_not_depend_on_the_order_of_samples() -> None:
    pairs = [(float(n % 3 == 0), placed(type="xy"[n % 2], **{"class": "abc"[n % 3]})) for n in range(30)]
    assert gathered([OVER], pairs, 0) == gathered([OVER], pairs[::-1], 0)


def with_means(home: Path, *over: str) -> None:
    """Give the exam a mean over slices, before and after its accuracy."""
    code = (home / "exam.py").read_text()
    means = ", ".join([f'metrics.mean_over(metrics.accuracy, "mean_of_{part}", "{part}")' for part in over])
    (home / "exam.py").write_text(code.replace("(metrics.accuracy,)", f"(metrics.accuracy, {means})"))


def test_a_mean_over_slices_that_no_sample_has_is_left_out(exam: Callable[[int], Path]) -> None:
    home = exam(10)
    with_means(home, "part", "chapter")
    result = evaluate(home, lambda _: "A")
    # Parts x, y and z have 4, 3 and 3 questions; A is right of 0, 4 and 8.
    assert shown(result) == {
        "accuracy": pytest.approx(3 / 10),
        "mean_of_part": pytest.approx((1 / 4 + 1 / 3 + 1 / 3) / 3),
    }
    assert result.estimates[1].slices == ()


def test_a_mean_over_slices_is_that_of_several_takes_too(exam: Callable[[int], Path]) -> None:
    home = exam(3)
    with_means(home, "part")
    result = repeated(home, {0: ["A", "A", "B"], 1: ["C"], 2: ["C", "C", "C"]})
    assert shown(result) == {
        "accuracy": pytest.approx(5 / 9), "accuracy_voted": pytest.approx(2 / 3),
        "mean_of_part": pytest.approx(5 / 9), "mean_of_part_voted": pytest.approx(2 / 3),
    }  # fmt: skip


# --- what a number says about itself ----------------------------------------------------------


def examples(home: Path) -> str:
    """A file of solved examples, in the shape of the exam's rows."""
    path = home / "shown.jsonl"
    rows: list[dict[str, Any]] = [
        {"question": f"Shown {n}?", "options": ["one", "two", "three", "four"], "answer": "C", "part": "x"}
        for n in range(3)
    ]
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    return str(path)


def test_chat_temperature_and_repeats_are_conditions_and_shots_and_order_are_protocol(
    exam: Callable[[int], Path],
) -> None:
    home = exam(5)
    result = evaluate(
        home, lambda _: "A", chat=True, temperature=0.7, top_p=0.9, top_k=5, max_tokens=99, repeats=2, seed=4, shots=2,
        shots_from=examples(home), options="circular",
    )  # fmt: skip
    assert result.conditions == (
        f"chat:yes|think:no|seed:4|T:0.7|top_p:0.9|top_k:5|max:99|repeats:2|scripted-1|medeval-{own_version()}"
    )
    assert result.protocol.split("|")[:4] == ["exam.v1", "written-circular", "2-shot", "n:5"]


def test_what_was_left_alone_is_not_in_the_signature(exam: Callable[[int], Path]) -> None:
    letters = evaluate(exam(5), weighing(1.0), style="letters")
    assert letters.conditions == f"chat:no|think:no|seed:0|T:0|scripted-1|medeval-{own_version()}"
    assert "reader:" not in letters.protocol
    assert letters.protocol.split("|")[1:3] == ["letters", "0-shot"]


class Thinker(Scripted):
    """A model whose thinking can be turned on and off."""

    def __init__(self, script: Callable[[Request], Reply | str]) -> None:
        super().__init__(script)
        self.identity = replace(self.identity, dtype="bfloat16")
        self.abilities = Abilities(choices=True, chat=True, seeds=True, kind="reasoning", thinking=True)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "chat:yes|think:on|seed:0|T:0.6|top_p:0.95|top_k:20|max:32768"),
        ({"thinking": "off"}, "chat:yes|think:off|seed:0|T:0|max:512"),
        ({"style": "letters"}, "chat:yes|think:off|seed:0|T:0"),
    ],
    ids=["on", "off", "letters"],
)
def test_thinking_is_a_condition(exam: Callable[[int], Path], how: How, said: str) -> None:
    weigh = weighing(1.0)
    model = Thinker(lambda request: weigh(request) if request.choices else "<think>B?</think>The answer is A.")
    home = exam(5)
    code = (home / "exam.py").read_text()
    (home / "exam.py").write_text(code.replace('"written":', '"letters:chat": prompts.reply_with_a_letter, "written":'))
    result = evaluate(home, model, **how)
    assert result.conditions == f"{said}|scripted-1|bfloat16|medeval-{own_version()}"
    assert result.first.value == pytest.approx(2 / 5)


def test_shots_change_the_prompt_and_repeats_and_temperature_do_not(exam: Callable[[int], Path]) -> None:
    home = exam(5)
    plain = evaluate(home, lambda _: "A", label="plain")
    warm = evaluate(home, lambda _: "A", label="warm", repeats=2, temperature=0.5)
    solved = evaluate(home, lambda _: "A", label="solved", shots=1, shots_from=examples(home))
    assert plain.prompt != solved.prompt
    assert warm.protocol.replace(warm.prompt[:8], "") == plain.protocol.replace(plain.prompt[:8], "")
    assert warm.prompt == plain.prompt, "the same words are asked, only more often"


def test_the_seed_of_a_text_is_its_own_and_follows_from_the_run(exam: Callable[[int], Path]) -> None:
    seeds: dict[str, set[int]] = {}

    def listening(to: str) -> Callable[[Request], str]:
        def script(request: Request) -> str:
            seeds.setdefault(to, set()).add(request.decoding.seed)
            return "A"

        return script

    home = exam(5)
    for label, seed in (("one", 0), ("again", 0), ("other", 1)):
        evaluate(home, listening(label), label=label, repeats=3, temperature=0.7, seed=seed)
    assert len(seeds["one"]) == 15
    assert seeds["one"] == seeds["again"]
    assert not seeds["one"] & seeds["other"]
    assert zlib.crc32(b"0\nexam\n0004\n0\n2") in seeds["one"]


# --- groups ---------------------------------------------------------------------------------


def grouped(tmp_path: Path, **how: Unpack[How]) -> tuple[list[Result], Result]:
    """The six small exams of MMLU, and their group."""

    def script(request: Request) -> Reply | str:
        return Response(logprobs=(-2.0, -3.0, -3.0, -3.0)) if request.choices else "The answer is A."

    found = medeval.evaluate(model=Scripted(script), tasks="mmlu_medical", data="sample", reports=tmp_path, **how)
    *members, group = found.results
    return members, group


def test_a_run_has_its_own_group_and_not_those_of_earlier_runs(tmp_path: Path) -> None:
    orders: tuple[Order, ...] = ("given", "shuffled", "given")
    for order in orders:
        members, group = grouped(tmp_path, style="letters", options=order)
        assert [member.task for member in members] == [*group.members]
        assert {member.setting.order for member in (*members, group)} == {order}


def test_a_group_says_in_which_order_the_options_of_its_members_stood(tmp_path: Path) -> None:
    orders: tuple[Order, ...] = ("given", "shuffled", "circular")
    for order in orders:
        members, group = grouped(tmp_path / order, style="letters", options=order)
        said = "letters" if order == "given" else f"letters-{order}"
        assert members[0].protocol.split("|")[1] == group.protocol.split("|")[1] == said


def test_a_group_counts_takes_as_its_members_do(tmp_path: Path) -> None:
    members, group = grouped(tmp_path, style="written", repeats=3, temperature=0.5)
    assert {member.first.takes for member in members} == {3}
    assert group.first.takes == 3
    assert group.first.n == sum(member.first.n for member in members)


def test_the_flags_of_members_are_the_flags_of_the_group(tmp_path: Path) -> None:
    members, group = grouped(tmp_path, style="letters")
    assert group.flags == tuple([f"{member.task}: {flag}" for member in members for flag in member.flags])
    assert "mmlu_medical_anatomy: letter mass 0.28" in group.flags
