"""What a task can see: the printed table by the command's own numbers, and what a baseline adds to it."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Unpack

import msgspec
import pytest
from typer.testing import CliRunner

import medeval
from medeval.cli import app
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.power import ACCURACIES, POINTS, SHARES, Aim, Sight, sight
from medeval.protocols import How
from medeval.records import Failure, Reply, Request, Result, to_json
from medeval.stats import student, wilson

Exam = Callable[[int], Path]


def evaluate(home: Path, script: Callable[[Request], Reply | str], **how: Unpack[How]) -> Result:
    how.setdefault("style", "written")
    found = medeval.evaluate(
        model=Scripted(script), tasks=["exam"], data=home / "data", reports=home / "reports",
        task_paths=[home / "exam.py"], label="mine", **how,
    )  # fmt: skip
    return found.results[0]


def seen(home: Path, aim: Aim | None = None) -> Sight:
    return sight("exam", aim or Aim(), home / "reports" / "mine", [home / "exam.py"])


def in_points(found: Sight) -> list[float | None]:
    """The smallest differences as the table prints them."""
    return [row.seen and math.floor(math.ceil(10_000 * row.seen) / 10 + 0.5) / 10 for row in found.rows]


# --- by the size of a task alone ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "n", "two_sided", "one_sided"),
    [
        ("medqa", 1273, [1.4, 1.8, 2.5, 3.5], [1.5, 2.0, 2.8, 4.0]),
        ("medmcqa", 4183, [0.8, 1.0, 1.4, 1.9], [0.9, 1.1, 1.6, 2.2]),
        ("pubmedqa", 500, [2.2, 2.8, 4.0, 5.6], [2.5, 3.2, 4.5, 6.3]),
        ("mmlu_medical_anatomy", 135, [None, None, 7.6, 10.7], None),
    ],
)
def test_the_printed_table_comes_out(
    task: str, n: int, two_sided: list[float | None], one_sided: list[float] | None
) -> None:
    found = sight(task, Aim())
    assert (found.task, found.n, found.n_eff) == (task, n, float(n))
    assert [row.between for row in found.rows] == [0.03, 0.05, 0.10, 0.20]
    assert in_points(found) == two_sided
    if one_sided:
        assert in_points(sight(task, Aim(alpha=0.01, one_sided=True))) == one_sided


def test_the_samples_that_a_difference_takes_are_those_of_connors_formula() -> None:
    def wanted(share: float, points: float) -> int:
        spread = 1.959963985 * math.sqrt(share) + 0.841621234 * math.sqrt(share - points**2)
        return math.ceil((spread / points) ** 2)

    rows = {row.between: row.wanted for row in sight("medqa", Aim()).rows}
    assert POINTS == (0.005, 0.01, 0.02)
    for share in SHARES:
        assert rows[share] == tuple([wanted(share, points) for points in POINTS])


def test_the_widths_are_half_of_wilsons_interval() -> None:
    widths = sight("medqa", Aim()).widths
    assert [at for at, _ in widths] == [*ACCURACIES]
    for at, half in widths:
        low, high, _ = wilson(at * 1273, 1273)
        assert half == pytest.approx((high - low) / 2)
    # What is well known of the exam: ± 2.7 points at a half.
    assert widths[0][1] == pytest.approx(0.0274, abs=1e-4)


# --- by what a run of it has shown ----------------------------------------------------------------


def test_a_baseline_adds_its_accuracy_and_what_two_strangers_as_good_would_disagree_on(exam: Exam) -> None:
    home = exam(200)
    evaluate(home, lambda _: "Answer: A")
    found = seen(home)
    assert (found.n, found.n_eff, found.graded) == (200, 200.0, False)
    assert [at for at, _ in found.widths] == [0.25, *ACCURACIES]
    # One of two that are right a quarter of the time, and not the other: 2 · 1/4 · 3/4.
    (stranger,) = [row for row in found.rows if row.why]
    assert (stranger.between, stranger.why) == (0.375, "two models as good, nothing in common")
    assert [row.between for row in found.rows] == [*SHARES, 0.375]


def test_a_baseline_that_wavers_is_the_mean_of_its_takes_and_graded(exam: Exam) -> None:
    home = exam(40)
    turn = {"count": 0}

    def wavering(request: Request) -> str:
        # A twice of three times, which is right for a quarter; B once, for another.
        turn["count"] += 1
        return "Answer: B" if turn["count"] % 3 == 0 else "Answer: A"

    result = evaluate(home, wavering, repeats=3, temperature=0.7)
    flips = next(each.value for each in result.estimates if each.metric == "flip_rate")
    assert flips == pytest.approx(2 / 4 * 2 / 3)
    found = seen(home)
    # Ten means of 2/3, ten of 1/3 and twenty of 0: their mean is 1/4, their squares come to 50/9.
    variance = (50 / 9 - 40 / 16) / 39
    assert (found.graded, found.n, found.metric) == (True, 40, "accuracy")
    assert [row.between for row in found.rows] == [0.9, 0.7, 0.5, 0.3]
    assert {row.why for row in found.rows} == {""}
    for row in found.rows:
        error = math.sqrt(2 * variance * (1 - row.between) / 40)
        assert row.seen == pytest.approx((1.959963985 + 0.841621234) * error)
    ((value, half),) = found.widths
    assert (value, half) == pytest.approx((0.25, student([2 / 3] * 10 + [1 / 3] * 10 + [0.0] * 20).high - 0.25))


def test_takes_of_the_same_sample_are_one_sample(exam: Exam) -> None:
    home = exam(80)
    evaluate(home, lambda _: "Answer: A", repeats=4, temperature=0.7)
    many = seen(home)
    evaluate(home, lambda _: "Answer: A")
    once = seen(home)
    assert (many.graded, many.n, many.n_eff) == (False, 80, 80.0)
    assert (many.rows, many.widths) == (once.rows, once.widths)


def test_of_several_runs_the_plainest_is_taken(exam: Exam) -> None:
    home = exam(40)
    # By its name the other comes first.
    evaluate(home, lambda _: "I do not know.", options="circular", limit=20)
    assert seen(home).widths[0][0] == 0.0
    plain = evaluate(home, lambda _: "Answer: A", limit=20)
    assert plain.first.value
    assert plain.first.value in [at for at, _ in seen(home).widths]
    assert 0.0 not in [at for at, _ in seen(home).widths]
    # A cell that is named is the one that is meant.
    cell = home / "reports" / "mine" / "exam@written,circular,limit20"
    assert sight("exam", Aim(), cell, [home / "exam.py"]).widths[0][0] == 0.0


def test_a_baseline_that_never_wavers_and_is_always_right_adds_nothing(exam: Exam) -> None:
    home = exam(40)

    def right(request: Request) -> str:
        asked = (request.text or request.messages[-1].content).rpartition("Question ")[2]
        return f"Answer: {'ABCD'[int(asked.split('?')[0]) % 4]}"

    evaluate(home, right, repeats=2, temperature=0.7)
    found = seen(home)
    assert [row.why for row in found.rows] == [""] * len(SHARES)
    assert found.widths[-1][0] == 1.0


def test_samples_of_one_passage_see_less_and_want_more(exam: Exam) -> None:
    home = exam(400)
    code = (home / "exam.py").read_text(encoding="utf-8")
    code = code.replace('target=(row["answer"],)', 'target=(row["answer"],), cluster=row["question"][:11]')
    (home / "exam.py").write_text(code, encoding="utf-8")
    evaluate(home, lambda request: "Answer: A" if "Question 1" in request.text else "I do not know.")
    found, alone = seen(home), sight("exam", Aim(), None, [home / "exam.py"])
    assert (found.n, alone.n_eff) == (400, 400.0)
    assert found.n_eff < 200
    (row,), (plain,) = [[row for row in each.rows if row.between == 0.2] for each in (found, alone)]
    assert row.seen is not None
    assert plain.seen is not None
    assert row.seen > plain.seen
    assert row.wanted[2] is not None
    assert plain.wanted[2] is not None
    assert row.wanted[2] / plain.wanted[2] == pytest.approx(400 / found.n_eff, rel=0.01)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 1.5])
def test_levels_lie_between_nothing_and_all(value: float) -> None:
    with pytest.raises(RequestError, match=r"--alpha .* lies between 0 and 1"):
        sight("medqa", Aim(alpha=value))
    with pytest.raises(RequestError, match=r"--power .* lies between 0 and 1"):
        sight("medqa", Aim(power=value))


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.05), (0.3, 0.2), (0.9, 0.8)])
def test_what_is_seen_no_more_often_than_by_a_guess_is_refused(alpha: float, power: float) -> None:
    with pytest.raises(RequestError, match=rf"^--power {power:g}: it must be above --alpha {alpha:g}, "):
        sight("medqa", Aim(alpha=alpha, power=power))
    assert sight("medqa", Aim(alpha=alpha, power=alpha + 0.01)).rows


def test_all_that_is_wrong_with_an_aim_is_said_at_once() -> None:
    with pytest.raises(RequestError) as refused:
        sight("medqa", Aim(alpha=2.0, power=-1.0))
    assert refused.value.faults == ("--alpha 2: it lies between 0 and 1.", "--power -1: it lies between 0 and 1.")


def test_a_group_is_refused_with_the_names_of_its_members() -> None:
    with pytest.raises(RequestError, match="'exams_en' is a group of tasks: medqa, medmcqa, pubmedqa"):
        sight("exams_en", Aim())


def test_an_unknown_task_is_refused_with_a_guess() -> None:
    with pytest.raises(RequestError, match="Did you mean 'medqa'"):
        sight("medqaa", Aim())


def test_a_baseline_that_has_not_run_the_task_is_refused(exam: Exam) -> None:
    home = exam(8)
    evaluate(home, lambda _: "Answer: A")
    with pytest.raises(RequestError, match="no result of medqa there"):
        sight("medqa", Aim(), home / "reports" / "mine")
    with pytest.raises(RequestError, match="no result of medqa there"):
        sight("medqa", Aim(), home / "reports" / "nobody")


def test_a_baseline_of_which_nothing_was_measured_is_refused(exam: Exam) -> None:
    home = exam(8)
    evaluate(home, lambda _: Failure(failure="engine_error", reason="out of memory"))
    with pytest.raises(RequestError, match="nothing was measured there"):
        seen(home)


def test_a_headline_that_has_no_marks_of_samples_is_refused(exam: Exam) -> None:
    home = exam(8)
    code = (home / "exam.py").read_text(encoding="utf-8")
    (home / "exam.py").write_text(code.replace("(metrics.accuracy,)", "(metrics.macro_f1(*'ABCD'),)"), encoding="utf-8")
    evaluate(home, lambda _: "Answer: A")
    with pytest.raises(RequestError, match=r"its macro_f1 is no mean of marks\. Leave --baseline away\."):
        seen(home)


# --- graded marks -----------------------------------------------------------------------------------


def test_a_graded_headline_has_rows_by_how_alike_two_models_are(exam: Exam) -> None:
    home = exam(200)
    code = (home / "exam.py").read_text(encoding="utf-8")
    code += (
        "\nfrom msgspec.structs import replace\n"
        "grade = lambda sample, walk: int(sample.id) % 5 / 4\n"
        "TASK = replace(TASK, metrics=(replace(metrics.accuracy, name='grade', mark=grade),))\n"
    )
    (home / "exam.py").write_text(code, encoding="utf-8")
    evaluate(home, lambda _: "Answer: A")
    found = seen(home)
    assert (found.graded, found.metric, found.n) == (True, "grade", 200)
    assert [row.between for row in found.rows] == [0.9, 0.7, 0.5, 0.3]
    # Grades 0, 1/4 … 1 equally often: their variance is 1/8, that of a difference 2 · 1/8 · (1 - correlation).
    variance = 0.125 * 200 / 199
    for row in found.rows:
        error = math.sqrt(2 * variance * (1 - row.between) / 200)
        assert row.seen == pytest.approx((1.959963985 + 0.841621234) * error)
        assert row.wanted[2] == math.ceil((2.801585219 / 0.02) ** 2 * 2 * variance * (1 - row.between))


def test_a_graded_task_wants_a_run_to_be_told_anything() -> None:
    with pytest.raises(RequestError, match="aci_bench: its rouge1 is graded"):
        sight("aci_bench", Aim())


# --- the command ----------------------------------------------------------------------------------


def test_what_the_command_gives_as_json_is_what_was_found() -> None:
    said = CliRunner().invoke(app, ["power", "--task", "medqa", "--json"], catch_exceptions=False)
    assert said.exit_code == 0
    found = sight("medqa", Aim())
    assert msgspec.json.decode(said.stdout, type=Sight) == found
    assert msgspec.json.decode(to_json(found), type=Sight) == found
    assert json.loads(said.stdout)["aim"] == {"alpha": 0.05, "power": 0.8, "one_sided": False}


def test_the_command_prints_the_table_in_points() -> None:
    words = ["power", "--task", "mmlu_medical_anatomy", "--one-sided", "--alpha", "0.01"]
    said = CliRunner().invoke(app, words, catch_exceptions=False)
    assert said.exit_code == 0
    assert "mmlu_medical_anatomy: 135 samples" in said.stdout
    assert "one-sided at 0.01, seen 80% of the time" in said.stdout
    lines = {line.split()[0]: line.split() for line in said.stdout.splitlines() if line.strip()}
    # At 3 and 5 % nothing is seen; of 10 and 20 % the points, and the samples for half a point, one and two.
    assert lines["3.00"][:3] == ["3.00", "%", "-"]
    found = sight("mmlu_medical_anatomy", Aim(alpha=0.01, one_sided=True)).rows[-1]
    assert lines["20.00"][2:] == [f"{100 * (found.seen or 0):.2f}", *[f"{n or 0:,}" for n in found.wanted]]
