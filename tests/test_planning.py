"""Planning: everything that can be wrong is found before anything starts, and told at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval import evaluation
from medeval.catalog import find, own_folder
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.planning import Plan, data_root, prepare

Exam = Callable[[int], Path]


def plan(root: Path, **wanted: Any) -> Plan:
    """A plan for the small exam; whatever is named differs."""
    usual: dict[str, Any] = {
        "model": "baseline:random", "tasks": ("exam",), "data": str(root / "data"), "reports": root / "reports",
        "task_paths": (root / "exam.py",),
    }  # fmt: skip
    return Plan(**usual | wanted)


def faults(wrong: Plan) -> tuple[str, ...]:
    with pytest.raises(RequestError) as refused:
        prepare(wrong)
    assert refused.value.exit_code == 2
    return refused.value.faults


def run(root: Path, **wanted: Any) -> None:
    evaluation.run(prepare(plan(root, **wanted)))


# --- all at once ---


def test_a_sound_plan_is_prepared_and_leaves_no_results(exam: Exam) -> None:
    root = exam(4)
    prepared = prepare(plan(root))
    assert prepared.entry == "baseline-random"
    assert [cell.folder for cell in prepared.cells] == [root / "reports" / "baseline-random" / "exam"]
    assert not (root / "reports").exists()


def test_all_faults_are_told_at_once(exam: Exam) -> None:
    root = exam(4)
    (root / "file").write_text("", encoding="utf-8")
    told = faults(
        plan(root, model="baseline:mode", tasks=("exma", "exam"), data=str(root / "no"), reports=root / "file" / "here")
    )
    number = len(find().tasks) + len(find().groups) + 1
    assert told == (
        f"Unknown task 'exma'. Did you mean 'exam'? 'medeval tasks' lists all {number}.",
        (
            f"exam: no data, looked for {root}/no/exam/rows.jsonl. Name the folder that has them with --data DIR, "
            "or try --data sample (source: a file of your own: rows.jsonl)."
        ),
        f"{root}/file/here: results cannot be written there (Not a directory). Choose another --reports.",
        "Unknown baseline 'mode'. There are: random, majority, longest, overlap.",
    )


def test_a_plan_without_tasks_is_refused(exam: Exam) -> None:
    assert faults(plan(exam(4), tasks=())) == ("No task is named. 'medeval tasks' lists them.",)


@pytest.mark.parametrize("model", ["/models/qwen", "Qwen/Qwen2.5-7B", "vllm:qwen", ""])
def test_weights_get_a_clear_sentence(exam: Exam, model: str) -> None:
    assert faults(plan(exam(4), model=model)) == (
        (
            f"Model {model!r}: no engine for weights is part of this version. "
            "There are baseline:random, baseline:majority, baseline:longest, baseline:overlap, "
            "recorded:FOLDER and recorded:FILE."
        ),
    )


def test_a_recorded_file_of_predictions_answers_in_writing_and_says_it_was_made_elsewhere(exam: Exam) -> None:
    root = exam(4)
    told = root / "told.jsonl"
    told.write_text("".join(f'{{"id": "{number:04d}", "output": "A"}}\n' for number in range(4)), encoding="utf-8")
    assert faults(plan(root, model=f"recorded:{told}")) == (
        "Engine 'predictions' gives no log-probabilities, which style 'letters' needs. Add --style written.",
    )
    prepared = prepare(plan(root, model=f"recorded:{told}", style="written"))
    assert prepared.cells[0].folder.name == "exam@written,elsewhere"


def test_texts_made_elsewhere_are_not_replayed_as_answers_to_a_prompt_of_ours(exam: Exam) -> None:
    root = exam(4)
    told = root / "told.jsonl"
    told.write_text("".join(f'{{"id": "{number:04d}", "output": "A"}}\n' for number in range(4)), encoding="utf-8")
    run(root, model=f"recorded:{told}", style="written", label="told")
    assert "made elsewhere" in faults(plan(root, model=f"recorded:{root / 'reports' / 'told'}"))[0]


def test_a_journal_names_the_cell_it_is_in(exam: Exam) -> None:
    root = exam(4)
    run(root, label="first")
    journal = root / "reports" / "first" / "exam" / "journal.jsonl"
    assert evaluation.run(prepare(plan(root, model=f"recorded:{journal}", label="again"))).unsettled == 0


def test_a_run_that_came_first_is_noticed_under_the_lock(exam: Exam) -> None:
    root = exam(4)
    first, second = prepare(plan(root)), prepare(plan(root, seed=1))
    evaluation.run(first)
    with pytest.raises(RequestError, match=r"setting\.seed was 0, is now 1"):
        evaluation.run(second)


def test_a_file_in_the_place_of_a_folder_is_told_before_the_start(exam: Exam) -> None:
    root = exam(4)
    (root / "reports").mkdir()
    (root / "reports" / "ours").symlink_to(root / "nowhere")
    assert faults(plan(root, label="ours")) == (
        f"{root}/reports/ours: is no folder, and one is wanted there. Choose another --label.",
    )


@pytest.mark.parametrize(("word", "value"), [("style", "letter"), ("options", "shuffle"), ("protocol", "Mirage")])
def test_a_script_is_told_of_a_wrong_word_too(exam: Exam, word: str, value: str) -> None:
    assert faults(plan(exam(4), **{word: value}))[0].startswith(f"Unknown {word} {value!r}. There are: ")


# --- data ---


def test_data_are_looked_for_where_the_argument_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "/from/environment")
    assert data_root("/from/argument", find().named("medqa")) == Path("/from/argument")


def test_without_an_argument_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "/from/environment")
    assert data_root("", find().named("medqa")) == Path("/from/environment")


def test_sample_rows_lie_beside_the_task(exam: Exam) -> None:
    assert data_root("sample", find().named("medqa")) == own_folder() / "samples"
    root = exam(4)
    assert data_root("sample", find([root]).named("exam")) == root / "samples"


def test_without_any_folder_the_sentence_says_what_to_do(exam: Exam) -> None:
    assert faults(plan(exam(4), data="")) == (
        (
            "exam: no data folder is named. Use --data DIR (it would be looked for as DIR/exam/rows.jsonl), "
            "set MEDEVAL_DATA, or try --data sample."
        ),
    )


def test_the_environment_may_say_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "sample")
    assert data_root("", find().named("medqa")) == own_folder() / "samples"


# --- what does not go together ---


def test_words_are_not_shuffled(tmp_path: Path) -> None:
    told = faults(
        Plan(model="baseline:random", tasks=("pubmedqa",), data="sample", reports=tmp_path, options="shuffled")
    )
    assert told == ("pubmedqa: its options are words with no order; leave --options shuffled off for it.",)


def test_protocol_mirage_needs_texts(exam: Exam) -> None:
    root = exam(4)
    assert faults(plan(root, protocol="mirage")) == ("Protocol 'mirage' reads texts: add --style written.",)
    assert prepare(plan(root, protocol="mirage", style="written")).cells[0].folder.name == "exam@written,mirage"


def test_a_fault_of_the_whole_request_is_told_once(tmp_path: Path) -> None:
    wrong = Plan(model="baseline:random", tasks=("exams_en",), data="sample", reports=tmp_path, protocol="mirage")
    assert faults(wrong) == ("Protocol 'mirage' reads texts: add --style written.",)


def test_a_style_that_a_task_has_no_wording_for_is_refused(exam: Exam) -> None:
    root = exam(4)
    code = (root / "exam.py").read_text(encoding="utf-8").replace(', "written": prompts.write_a_letter', "")
    (root / "exam.py").write_text(code, encoding="utf-8")
    assert faults(plan(root, style="written")) == ("exam: it has no wording for style 'written'; it has letters.",)


def test_an_engine_without_log_probabilities_cannot_score_letters(exam: Exam) -> None:
    root = exam(4)
    mute = Scripted(lambda request: "", choices=False)
    assert faults(plan(root, model=mute)) == (
        "Engine 'scripted' gives no log-probabilities, which style 'letters' needs. Add --style written.",
    )
    assert prepare(plan(root, model=mute, style="written")).entry == "scripted"


def test_a_limit_below_zero_is_refused(exam: Exam) -> None:
    assert "limit" in faults(plan(exam(4), limit=-1))[0]


# --- folders that hold something else ---


def test_a_folder_that_another_model_answered_is_refused_with_the_field_and_the_way_out(exam: Exam) -> None:
    root = exam(4)
    run(root, label="mine")
    assert faults(plan(root, label="mine", model="baseline:longest")) == (
        (
            f"{root}/reports/mine/exam: holds another run (engines.model.model was 'random', is now 'longest'). "
            "Choose another --label."
        ),
    )


def test_an_entry_holds_one_model_only(exam: Exam) -> None:
    root = exam(4)
    run(root, label="mine")
    assert faults(plan(root, label="mine", model="baseline:longest", limit=2)) == (
        (
            f"{root}/reports/mine/exam: answered by another model (model was 'random', is now 'longest'). "
            "Choose another --label."
        ),
    )


def test_a_folder_with_another_setting_is_refused_with_the_field_and_the_way_out(exam: Exam) -> None:
    root = exam(4)
    run(root)
    assert faults(plan(root, seed=1)) == (
        (
            f"{root}/reports/baseline-random/exam: holds another run (setting.seed was 0, is now 1). "
            "Choose another --label."
        ),
    )


def test_a_folder_with_other_data_is_refused(exam: Exam) -> None:
    root = exam(4)
    run(root)
    rows = root / "data" / "exam" / "rows.jsonl"
    rows.write_text(rows.read_text(encoding="utf-8").replace("red", "pink"), encoding="utf-8")
    (fault,) = faults(plan(root))
    assert fault.startswith(f"{root}/reports/baseline-random/exam: holds another run (data was '")
    with pytest.raises(RequestError) as refused:
        evaluation.rescore(root / "reports" / "baseline-random", str(root / "data"), [root])
    assert "cannot be scored again (the data was " in str(refused.value)


def test_a_cell_of_another_version_of_its_task_is_not_scored_again(exam: Exam) -> None:
    root = exam(4)
    run(root)
    file = root / "exam.py"
    file.write_text(file.read_text(encoding="utf-8").replace("version=1", "version=2"), encoding="utf-8")
    with pytest.raises(RequestError) as refused:
        evaluation.rescore(root / "reports" / "baseline-random", str(root / "data"), [root])
    assert str(refused.value) == (
        f"{root}/reports/baseline-random/exam: cannot be scored again (the task's version was 1, is now 2). "
        "Run it again under another --label."
    )


def test_another_setting_that_names_another_folder_is_no_conflict(exam: Exam) -> None:
    root = exam(4)
    run(root)
    run(root, style="written")
    assert sorted(path.name for path in (root / "reports" / "baseline-random").iterdir()) == ["exam", "exam@written"]


def test_predictions_for_two_tasks_make_one_entry(tmp_path: Path) -> None:
    for task in ("medqa", "medmcqa"):
        medeval.evaluate(model="baseline:random", tasks=[task], data="sample", reports=tmp_path / "ids")
        lines = (tmp_path / "ids" / "baseline-random" / f"{task}@sample" / "samples.jsonl").read_bytes().splitlines()
        texts = [{"id": json.loads(line)["sample"], "text": "Answer: A"} for line in lines]
        file = tmp_path / f"{task}.jsonl"
        file.write_text("".join([json.dumps(text) + "\n" for text in texts]), encoding="utf-8")
        asked = Plan(
            model="", tasks=(task,), data="sample", reports=tmp_path / "reports", label="ours", style="written",
            elsewhere=True,
        )  # fmt: skip
        evaluation.score_predictions(asked, file)
    assert len(list((tmp_path / "reports" / "ours").iterdir())) == 2
