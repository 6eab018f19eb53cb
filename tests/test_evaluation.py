"""The whole corridor from Python: evaluate, groups, predictions made elsewhere."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Unpack

import pytest

import medeval
from medeval.engines.base import Abilities
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.evaluation import Evaluation, Progress, rescore, run, score_predictions
from medeval.planning import Plan, prepare
from medeval.protocols import How
from medeval.records import Order, Protocol, Reply, Request, Response, Style
from medeval.reports import RESULT, SAMPLES
from medeval.scoring import Scored

Exam = Callable[[int], Path]


def test_results_are_typed_and_one_line_from_a_data_frame(tmp_path: Path) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks=["pubmedqa"], data="sample", reports=tmp_path)
    assert found.results[0].first.value == 14 / 25
    rows = found.rows()
    assert [row["metric"] for row in rows] == [estimate.metric for estimate in found.results[0].estimates]
    named = [estimate.metric for estimate in found.results[0].estimates if not estimate.beside]
    assert named == [row["metric"] for row in rows[:2]] == ["accuracy", "macro_f1"]
    assert {"chance_corrected", "balanced_accuracy", "ece", "recall_yes"} <= {row["metric"] for row in rows[2:]}
    assert {row["metric"] for row in rows if not row["beside"]} == {*named}
    values = [(key, value) for row in rows for key, value in row.items()]
    assert all(isinstance(value, str | int | float) for key, value in values if key not in ("low", "high"))
    # An interval has both limits or none: the model says the same to all, so every draw has the same recalls.
    without = {row["metric"] for row in rows if row["low"] is None}
    assert without == {row["metric"] for row in rows if row["high"] is None}
    assert {"recall_yes", "recall_no", "recall_maybe"} <= without
    assert not {"accuracy", "macro_f1", "chance_corrected"} & without
    assert len({tuple(row) for row in rows}) == 1, "every row has the same columns"


def test_a_group_has_the_plain_mean_and_all_questions_pooled(tmp_path: Path) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks=["exams_en"], data="sample", reports=tmp_path)
    *members, group = found.results
    assert [member.task for member in members] == ["medqa", "medmcqa", "pubmedqa"]
    macro, micro = group.estimates
    firsts = [member.first for member in members]
    assert macro.value == pytest.approx(sum(first.value or 0 for first in firsts) / 3)
    # MOVER: the members' own Wilson limits, combined.
    below = sum(((first.value or 0) - (first.low or 0)) ** 2 for first in firsts) ** 0.5 / 3
    assert (macro.value or 0) - (macro.low or 0) == pytest.approx(below)
    assert micro.value == pytest.approx(sum((first.value or 0) * first.n for first in firsts) / 77)
    assert (micro.n, micro.method) == (77, "MOVER")
    assert (tmp_path / "baseline-majority" / "exams_en@sample" / RESULT).is_file()
    assert group.members == ("medqa", "medmcqa", "pubmedqa")


def test_groups_asked_in_another_style_share_no_column_and_say_what_their_data_are(tmp_path: Path) -> None:
    styles: tuple[Style, ...] = ("letters", "written", "reasoned")
    found = [
        medeval.evaluate(model="baseline:majority", tasks="exams_en", data="sample", reports=tmp_path, style=style)
        for style in styles
    ]
    groups = [
        result
        for each, style in zip(found, styles, strict=True)
        for result in each.results
        if (result.task, result.setting.style) == ("exams_en", style)
    ]
    assert len({group.protocol for group in groups}) == 3
    assert all("(sample)" in group.protocol for group in groups)
    assert all("medqa: sample data" in group.flags for group in groups)


def test_a_run_gives_the_group_that_it_made_and_none_that_was_there(tmp_path: Path) -> None:
    styles: tuple[Style, ...] = ("letters", "written", "reasoned")
    for style in styles:
        found = medeval.evaluate(
            model="baseline:majority", tasks="exams_en", data="sample", reports=tmp_path, style=style
        )
        assert [(result.task, result.setting.style) for result in found.results] == [
            ("medqa", style), ("medmcqa", style), ("pubmedqa", style), ("exams_en", style),
        ]  # fmt: skip
        assert len(found.folders) == 4


@pytest.mark.parametrize("order", ["shuffled", "circular"])
def test_a_group_says_in_what_order_options_were_shown(tmp_path: Path, order: Order) -> None:
    found = medeval.evaluate(
        model="baseline:majority", tasks="mmlu_medical", data="sample", reports=tmp_path, options=order
    )
    assert f"letters-{order}" in found.results[-1].protocol.split("|")


def test_members_that_were_asked_in_different_ways_have_no_mean_and_that_is_said(tmp_path: Path) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks="exams_zh", data="sample", reports=tmp_path)
    assert [result.task for result in found.results] == ["cmb_exam", "medqa_mainland"]
    assert found.notes == (
        (
            "exams_zh: no mean, because its members were asked in different ways "
            "(cmb_exam written 0-shot, medqa_mainland letters 0-shot)."
        ),
    )


def test_a_base_model_has_a_mean_of_the_chinese_exams(tmp_path: Path) -> None:
    engine = Scripted(lambda _: "A")
    engine.abilities = Abilities(choices=True, seeds=True, kind="base")
    found = medeval.evaluate(model=engine, tasks="exams_zh", data="sample", reports=tmp_path)
    *members, group = found.results
    assert (group.task, found.notes) == ("exams_zh", ())
    assert found.folders[-1].name == "exams_zh@written,5shot,sample"
    assert group.first.value == pytest.approx(sum(member.first.value or 0 for member in members) / 2)


def test_a_group_is_made_though_the_limit_leaves_nothing_out_of_one_member(tmp_path: Path) -> None:
    def names() -> set[str]:
        return {path.name for path in (tmp_path / "baseline-majority").iterdir()}

    def play(tasks: str) -> None:
        medeval.evaluate(model="baseline:majority", tasks=tasks, data="sample", reports=tmp_path, limit=25)

    play("exams_en")
    assert names() == {"medqa@sample,limit25", "medmcqa@sample,limit25", "pubmedqa@sample", "exams_en@sample,limit25"}
    result = tmp_path / "baseline-majority" / "exams_en@sample,limit25" / RESULT
    made = result.read_bytes()
    result.write_bytes(made.replace(b'"macro_accuracy"', b'"macro_nonsense"'))
    play("pubmedqa")
    assert result.read_bytes() == made


def test_a_group_is_made_again_when_a_member_changes(tmp_path: Path) -> None:
    medeval.evaluate(model="baseline:majority", tasks="exams_en", data="sample", reports=tmp_path)
    folder = tmp_path / "baseline-majority"
    stale = (folder / "exams_en@sample" / RESULT).read_bytes()
    (folder / "exams_en@sample" / RESULT).write_bytes(stale.replace(b'"macro_accuracy"', b'"macro_nonsense"'))
    medeval.evaluate(model="baseline:majority", tasks="medqa", data="sample", reports=tmp_path)
    assert (folder / "exams_en@sample" / RESULT).read_bytes() == stale


def test_changed_code_of_a_task_is_noticed_by_a_finished_run(exam: Exam) -> None:
    home = exam(12)
    engine = Scripted(lambda _: Response(logprobs=(-0.1, -1.0, -1.0, -1.0)))

    def value() -> float | None:
        found = medeval.evaluate(
            model=engine, tasks=["exam"], data=home / "data", reports=home, task_paths=[home / "exam.py"]
        )
        return found.results[0].first.value

    assert value() == 0.25
    code = (home / "exam.py").read_text()
    (home / "exam.py").write_text(
        code + "\nfrom msgspec.structs import replace\n"
        "TASK = replace(TASK, metrics=(replace(metrics.accuracy, mark=lambda sample, walk: 1.0),))\n"
    )
    assert value() == 1.0, "scored again from the journal"
    assert engine.asked == 12, "and asked nothing"


def test_another_prompt_is_asked_and_another_seed_is_refused(exam: Exam) -> None:
    home = exam(12)
    engine = Scripted(lambda _: Response(logprobs=(-0.1, -1.0, -1.0, -1.0)))

    def play(seed: int = 0) -> None:
        medeval.evaluate(
            model=engine, tasks=["exam"], data=home / "data", reports=home, task_paths=[home / "exam.py"], seed=seed
        )

    play()
    code = (home / "exam.py").read_text()
    (home / "exam.py").write_text(code.replace("prompts.question_options", "prompts.question_choices"))
    play()
    assert engine.asked == 24
    with pytest.raises(RequestError, match=r"setting.seed was 0, is now 1.*Choose another --label"):
        play(seed=1)


def test_progress_hears_of_every_reply_and_every_sample(exam: Exam) -> None:
    class Heard(Progress):
        replies = 0
        statuses: list[str]

        def replied(self, task: str, count: int) -> None:
            self.replies += count

        def scored(self, task: str, scored: Scored) -> None:
            self.statuses.append(scored.status)

    home, heard = exam(20), Heard()
    heard.statuses = []
    plan = Plan(
        model=Scripted(lambda _: Response(logprobs=(-0.1, -1.0, -1.0, -1.0))), tasks=("exam",), data=str(home / "data"),
        reports=home, task_paths=(home / "exam.py",),
    )  # fmt: skip
    run(prepare(plan), heard)
    assert heard.replies == 20
    assert heard.statuses == ["scored"] * 20


# --- several takes ----------------------------------------------------------------------------


TRUTH = {f"{number} {('red', 'green', 'blue', 'grey')[number % 4]}" for number in range(12)}


def knowing(request: Request) -> Reply:
    """Finds the right option wherever it stands."""
    listed = dict(re.findall(r"^([A-D])\. (.*)$", request.text.rpartition("Question: ")[2], re.MULTILINE))
    (right,) = [label for label, text in listed.items() if text in TRUTH]
    if not request.choices:
        return Response(text=f"Answer: {right}")
    return Response(logprobs=tuple([-0.1 if choice.label == right else -3.0 for choice in request.choices]))


def stubborn(request: Request) -> Reply:
    """Says A, whatever stands there."""
    if not request.choices:
        return Response(text="Answer: A")
    return Response(logprobs=tuple([-0.1 if choice.label == "A" else -3.0 for choice in request.choices]))


def play(home: Path, script: Callable[[Request], Reply | str], **how: Unpack[How]) -> Evaluation:
    return medeval.evaluate(
        model=Scripted(script), tasks=["exam"], data=home / "data", reports=home / "reports",
        task_paths=[home / "exam.py"], **how,
    )  # fmt: skip


def values(found: Evaluation) -> dict[str, float | None]:
    return {estimate.metric: estimate.value for estimate in found.results[0].estimates}


def test_who_knows_the_answer_finds_it_in_every_turn_of_the_options(exam: Exam) -> None:
    found = play(exam(12), knowing, options="circular")
    assert values(found) == {"accuracy": 1.0, "accuracy_voted": 1.0, "accuracy_every": 1.0, "consistency": 1.0}
    assert found.played["exam"][:2] == (48, 0)
    assert [(estimate.n, estimate.takes) for estimate in found.results[0].estimates] == [(12, 4)] * 4


def test_who_sticks_to_a_letter_is_right_in_one_turn_of_four(exam: Exam) -> None:
    found = play(exam(12), stubborn, options="circular")
    # Three of the twelve golds are A as given, which is what the first of four different votes says.
    assert values(found) == {"accuracy": 1 / 4, "accuracy_voted": 3 / 12, "accuracy_every": 0.0, "consistency": 0.0}
    low, high = found.results[0].first.low, found.results[0].first.high
    assert low is not None
    assert high is not None
    assert low <= 1 / 4 <= high, "every sample has the same mean"


def test_every_turn_has_a_line_with_the_options_as_they_were_shown(exam: Exam) -> None:
    home = exam(12)
    found = play(home, knowing, options="circular")
    assert found.folders[0].name == "exam@circular"
    lines = [json.loads(line) for line in (found.folders[0] / SAMPLES).read_text(encoding="utf-8").splitlines()]
    assert [(line["sample"], line["variant"], line["repeat"]) for line in lines] == [
        (f"{number:04d}", variant, 0) for number in range(12) for variant in range(4)
    ]
    # The gold of the first is A; with each turn the others move up, and it goes to the end.
    assert (
        [line["target"] for line in lines[:4]] == [line["picked"] for line in lines[:4]] == [["A"], ["D"], ["C"], ["B"]]
    )


def test_repeats_have_a_mean_and_a_majority(exam: Exam) -> None:
    asked: Counter[str] = Counter()

    def two_of_three(request: Request) -> Reply:
        asked[request.text] += 1
        return knowing(request) if asked[request.text] != 2 else Response(text="no idea")

    home = exam(12)
    found = play(home, two_of_three, style="written", temperature=0.7, repeats=3)
    assert found.folders[0].name == "exam@written,repeats3"
    told = values(found)
    assert told["accuracy"] == pytest.approx(2 / 3)
    # Of three takes two are right: two that are drawn hold one of them, and are both right in one way of three.
    assert told == {
        "accuracy": told["accuracy"], "accuracy_voted": 1.0, "pass_at_2": 1.0, "all_of_2": pytest.approx(1 / 3),
        "pass_at_3": 1.0, "all_of_3": 0.0, "flip_rate": pytest.approx(2 / 3),
    }  # fmt: skip
    first = found.results[0].first
    assert (first.n, first.takes, first.unread) == (12, 3, 12)
    assert len({*asked.values()}) == 1, "every question was asked three times in the same words"
    lines = [json.loads(line) for line in (found.folders[0] / SAMPLES).read_text(encoding="utf-8").splitlines()]
    assert [(line["repeat"], line["status"]) for line in lines[:3]] == [(0, "scored"), (1, "unread"), (2, "scored")]


def test_several_takes_say_so_in_the_signature(exam: Exam) -> None:
    result = play(exam(12), knowing, options="circular", style="written", temperature=0.7, repeats=2).results[0]
    assert "written-circular" in result.protocol.split("|")
    assert {"T:0.7", "repeats:2"} <= {*result.conditions.split("|")}


# --- scoring again ----------------------------------------------------------------------------


def solved(home: Path, questions: int = 4) -> Path:
    """A file of solved examples, in the shape of the small exam's rows."""
    path = home / "solved.jsonl"
    rows = [
        {
            "question": f"Solved {n}?",
            "options": [f"s{n}{option}" for option in "abcd"],
            "answer": "ABCD"[n],
            "part": "x",
        }
        for n in range(questions)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


WAYS: list[How] = [
    {"options": "circular"},
    {"options": "shuffled", "seed": 3},
    {"options": "circular", "shots": 3},
    {"style": "written", "temperature": 0.7, "repeats": 3, "shots": 2},
    {"style": "written", "chat": True, "system": "Be brief.", "prefill": "Answer:", "shots": 1, "limit": 5},
]


@pytest.mark.parametrize("how", WAYS, ids=",".join)
def test_scoring_again_gives_the_same_bytes_and_asks_nothing(exam: Exam, how: How) -> None:
    home = exam(12)
    own = solved(home)
    if how.get("shots"):
        how = {**how, "shots_from": str(own)}
    cell = play(home, stubborn, **how).folders[0]
    whole = {name: (cell / name).read_bytes() for name in (RESULT, SAMPLES)}
    for name in whole:
        (cell / name).write_bytes(b"")
    again = rescore(cell.parent, str(home / "data"), [home / "exam.py"], shots_from=str(own))
    assert {name: (cell / name).read_bytes() for name in whole} == whole
    assert again.folders == (cell,)
    assert play(home, stubborn, **how).played == {}


def test_scoring_again_takes_the_projects_own_examples_from_where_they_were(tmp_path: Path) -> None:
    engine = Scripted(stubborn)
    found = medeval.evaluate(
        model=engine, tasks="medqa", data="sample", reports=tmp_path, shots=5, options="circular", limit=3
    )
    cell = found.folders[0]
    assert cell.name == "medqa@5shot,circular,sample,limit3"
    whole = (cell / RESULT).read_bytes()
    (cell / RESULT).unlink()
    assert rescore(cell.parent).results == found.results
    assert (cell / RESULT).read_bytes() == whole


@pytest.mark.parametrize("named", ["", "other"])
def test_examples_of_ones_own_have_to_be_brought_along_unchanged(exam: Exam, named: str) -> None:
    home = exam(12)
    own = solved(home)
    cell = play(home, stubborn, shots=2, shots_from=str(own)).folders[0]
    mark = hashlib.sha256(own.read_bytes()).hexdigest()[:8]
    assert cell.name == f"exam@2shot,shots-{mark}"
    if named:
        solved(home, 3)
    with pytest.raises(RequestError) as refused:
        rescore(cell.parent, str(home / "data"), [home / "exam.py"], shots_from=str(own) if named else "")
    assert refused.value.faults == (
        f"exam: its solved examples came from solved.jsonl#{mark}. Name that file with --shots-from.",
    )


def test_examples_of_another_file_make_another_cell(exam: Exam) -> None:
    home = exam(12)
    one = play(home, stubborn, shots=2, shots_from=str(solved(home))).folders[0]
    two = play(home, stubborn, shots=2, shots_from=str(solved(home, 3))).folders[0]
    assert one != two


# --- predictions made elsewhere -------------------------------------------------------------


def predictions(home: Path, rows: list[dict[str, object]]) -> tuple[Plan, Path]:
    path = home / "told.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plan = Plan(
        model="", tasks=("exam",), data=str(home / "data"), reports=home / "reports", label="told", style="written",
        elsewhere=True, task_paths=(home / "exam.py",),
    )  # fmt: skip
    return plan, path


def test_predictions_make_a_normal_cell(exam: Exam) -> None:
    home = exam(8)
    rows: list[dict[str, object]] = [{"id": f"{n:04d}", "output": f"The answer is {'ABCD'[n % 4]}."} for n in range(7)]
    found = score_predictions(*predictions(home, [*rows, {"id": "0007", "output": "no idea"}]))
    assert (found.results[0].first.value, found.results[0].first.unread) == (7 / 8, 1)
    assert found.results[0].protocol.split("|")[5] == "prompt:elsewhere"
    cell = home / "reports" / "told" / "exam@written,elsewhere"
    assert {path.name for path in cell.iterdir()} == {
        "manifest.json", "journal.jsonl", "samples.jsonl", "result.json", "run.json",
    }  # fmt: skip


def test_bare_letters_are_predictions_too(exam: Exam) -> None:
    home = exam(8)
    found = score_predictions(*predictions(home, [{"id": f"{n:04d}", "answer": "ABCD"[n % 4]} for n in range(8)]))
    assert found.results[0].first.value == 1.0


def test_missing_doubled_and_foreign_ids_are_refused_by_name(exam: Exam) -> None:
    home = exam(4)
    rows: list[dict[str, object]] = [{"id": name, "text": "A"} for name in ("0000", "0000", "0001", "0009")]
    with pytest.raises(RequestError) as caught:
        score_predictions(*predictions(home, rows))
    said = str(caught.value)
    for words in ("2 missing ids: 0002, 0003", "1 doubled ids: 0000", "1 foreign ids: 0009"):
        assert words in said
    assert not (home / "reports" / "told").exists()


def test_other_predictions_under_the_same_label_are_refused(exam: Exam) -> None:
    home = exam(4)
    score_predictions(*predictions(home, [{"id": f"{n:04d}", "text": "A"} for n in range(4)]))
    with pytest.raises(RequestError, match=r"content was .*Choose another --label"):
        score_predictions(*predictions(home, [{"id": f"{n:04d}", "text": "B"} for n in range(4)]))


@pytest.mark.parametrize(("protocol", "right", "unread"), [("mirage", 1069, 0), ("house", 1056, 27)])
def test_the_published_gpt4_outputs_give_the_published_number(
    real: Path, tmp_path: Path, protocol: Protocol, right: int, unread: int
) -> None:
    plan = Plan(
        model="", tasks=("medqa",), data=str(real), reports=tmp_path, style="written", protocol=protocol, elsewhere=True
    )
    found = score_predictions(plan, real / "predictions" / "mirage" / "gpt-4-32k_cot_medqa.jsonl")
    first = found.results[0].first
    assert round((first.value or 0) * 1273) == right
    assert (first.n, first.unread + first.refused + first.truncated) == (1273, unread)
    lines = (found.folders[0] / SAMPLES).read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["status"] != "scored" for line in lines) == unread
