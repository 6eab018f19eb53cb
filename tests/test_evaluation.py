"""The whole corridor from Python: evaluate, groups, predictions made elsewhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.evaluation import Progress, run, score_predictions
from medeval.planning import Plan, prepare
from medeval.records import Protocol, Response, Style
from medeval.reports import RESULT, SAMPLES
from medeval.scoring import Scored


def test_results_are_typed_and_one_line_from_a_data_frame(tmp_path: Path) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks=["pubmedqa"], data="sample", reports=tmp_path)
    assert found.results[0].first.value == 14 / 25
    rows = found.rows()
    assert [row["metric"] for row in rows] == ["accuracy", "macro_f1"]
    assert all(isinstance(value, str | int | float) for row in rows for value in row.values())
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
    groups = [
        medeval.evaluate(
            model="baseline:majority", tasks="exams_en", data="sample", reports=tmp_path, style=style
        ).results[-1]
        for style in get_args(Style)
    ]
    assert len({group.protocol for group in groups}) == 2
    assert all("(sample)" in group.protocol for group in groups)
    assert all("medqa: sample data" in group.flags for group in groups)


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


def test_changed_code_of_a_task_is_noticed_by_a_finished_run(exam: Callable[[int], Path]) -> None:
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


def test_another_prompt_is_asked_and_another_seed_is_refused(exam: Callable[[int], Path]) -> None:
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


def test_progress_hears_of_every_reply_and_every_sample(exam: Callable[[int], Path]) -> None:
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


# --- predictions made elsewhere -------------------------------------------------------------


def predictions(home: Path, rows: list[dict[str, object]]) -> tuple[Plan, Path]:
    path = home / "told.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plan = Plan(
        model="", tasks=("exam",), data=str(home / "data"), reports=home / "reports", label="told", style="written",
        elsewhere=True, task_paths=(home / "exam.py",),
    )  # fmt: skip
    return plan, path


def test_predictions_make_a_normal_cell(exam: Callable[[int], Path]) -> None:
    home = exam(8)
    rows: list[dict[str, object]] = [{"id": f"{n:04d}", "output": f"The answer is {'ABCD'[n % 4]}."} for n in range(7)]
    found = score_predictions(*predictions(home, [*rows, {"id": "0007", "output": "no idea"}]))
    assert (found.results[0].first.value, found.results[0].first.unread) == (7 / 8, 1)
    assert found.results[0].protocol.split("|")[5] == "prompt:elsewhere"
    cell = home / "reports" / "told" / "exam@written,elsewhere"
    assert {path.name for path in cell.iterdir()} == {
        "manifest.json", "journal.jsonl", "samples.jsonl", "result.json", "run.json",
    }  # fmt: skip


def test_bare_letters_are_predictions_too(exam: Callable[[int], Path]) -> None:
    home = exam(8)
    found = score_predictions(*predictions(home, [{"id": f"{n:04d}", "answer": "ABCD"[n % 4]} for n in range(8)]))
    assert found.results[0].first.value == 1.0


def test_missing_doubled_and_foreign_ids_are_refused_by_name(exam: Callable[[int], Path]) -> None:
    home = exam(4)
    rows: list[dict[str, object]] = [{"id": name, "text": "A"} for name in ("0000", "0000", "0001", "0009")]
    with pytest.raises(RequestError) as caught:
        score_predictions(*predictions(home, rows))
    said = str(caught.value)
    for words in ("2 missing ids: 0002, 0003", "1 doubled ids: 0000", "1 foreign ids: 0009"):
        assert words in said
    assert not (home / "reports" / "told").exists()


def test_other_predictions_under_the_same_label_are_refused(exam: Callable[[int], Path]) -> None:
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
