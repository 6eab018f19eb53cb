"""Planning: everything that can be wrong is found before anything starts, and told at once."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval import evaluation
from medeval.catalog import find, own_folder
from medeval.engines.base import Abilities
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.openings import Means
from medeval.planning import Plan, prepare, supply
from medeval.records import Kind, Response

Exam = Callable[[int], Path]
REASONED = '"reasoned": prompts.reason_to_a_letter, "written"'
"""One more wording for the small exam."""


def plan(root: Path, **wanted: Any) -> Plan:
    """A plan for the small exam; whatever is named differs."""
    usual: dict[str, Any] = {
        "model": "baseline:random", "tasks": ("exam",), "data": str(root / "data"), "reports": root / "reports",
        "task_paths": (root / "exam.py",),
    }  # fmt: skip
    return Plan(**usual | wanted)


def model(kind: Kind, *, chat: bool = False, thinking: bool = False) -> Scripted:
    """A model of a kind, that says A to everything."""
    engine = Scripted(lambda request: Response(text="Answer: A", logprobs=(-1.0,) * len(request.choices)))
    engine.abilities = Abilities(
        choices=True, chat=chat, seeds=True, kind=kind, told_by="its chat template", thinking=thinking
    )
    return engine


def solved(root: Path) -> Path:
    """A file of four solved examples, in the shape of the small exam's rows."""
    path = root / "solved.jsonl"
    rows = [{"question": f"Solved {n}?", "options": [*"abcd"], "answer": "ABCD"[n], "part": "x"} for n in range(4)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


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
        plan(root, tasks=("exma", "exam", "medqa"), limit=-1, data=str(root / "no"), reports=root / "file" / "here")
    )
    number = len(find().tasks) + len(find().groups) + 1
    unknown, limit, reports, exam_data, medqa_data = told
    assert unknown == f"Unknown task 'exma'. Did you mean 'exam'? 'medeval tasks' lists all {number}."
    assert limit == "A limit of -1 samples cannot be; 0 means all."
    assert reports == f"{root}/file/here: results cannot be written there (Not a directory). Choose another --reports."
    assert exam_data.startswith("exam: a file of your own: rows.jsonl: not there (looked for ")
    assert medqa_data.startswith("medqa: ")
    assert "nothing may be downloaded" in medqa_data or "not there" in medqa_data


def test_a_wrong_model_is_told_beside_a_wrong_task_and_a_wrong_word(exam: Exam) -> None:
    assert faults(plan(exam(4), model="baseline:mode", tasks=("nonsuch",), style="letter")) == (
        f"Unknown task 'nonsuch'. 'medeval tasks' lists all {len(find().tasks) + len(find().groups) + 1}.",
        "Unknown style 'letter'. There are: letters, options, written, reasoned.",
        "Unknown baseline 'mode'. There are: random, majority, longest, overlap.",
    )


def test_a_plan_without_tasks_is_refused(exam: Exam) -> None:
    assert faults(plan(exam(4), tasks=())) == ("No task is named. 'medeval tasks' lists them.",)


@pytest.mark.parametrize("model", ["/models/qwen", "Qwen/Qwen2.5-7B"])
def test_weights_that_are_not_here_get_a_clear_sentence(exam: Exam, model: str) -> None:
    (fault,) = faults(plan(exam(4), model=model))
    assert model in fault
    assert "no such folder" in fault


def test_a_recorded_file_of_predictions_answers_in_writing_and_says_it_was_made_elsewhere(exam: Exam) -> None:
    root = exam(4)
    told = root / "told.jsonl"
    told.write_text("".join(f'{{"id": "{number:04d}", "output": "A"}}\n' for number in range(4)), encoding="utf-8")
    assert faults(plan(root, model=f"recorded:{told}")) == (
        "This engine gives no log-probabilities, which style 'letters' needs. Add --style written.",
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


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("kind", "clever"), ("style", "letter"), ("options", "shuffle"), ("protocol", "Mirage"), ("thinking", "maybe"),
    ],
)  # fmt: skip
def test_a_script_is_told_of_a_wrong_word_too(exam: Exam, word: str, value: str) -> None:
    assert faults(plan(exam(4), **{word: value}))[0].startswith(f"Unknown {word} {value!r}. There are: ")


@pytest.mark.parametrize(
    "wanted",
    [
        {"limit": -1}, {"repeats": 0}, {"repeats": -1}, {"shots": -1}, {"max_tokens": 0}, {"temperature": -0.5},
        {"top_p": 1.5}, {"top_p": -0.1}, {"top_k": -1},
    ],
    ids=str,
)  # fmt: skip
def test_a_script_is_told_of_a_number_that_cannot_be(tmp_path: Path, wanted: dict[str, Any]) -> None:
    (name,) = wanted
    wrong = Plan(
        model="baseline:random", tasks=("medqa",), data="sample", reports=tmp_path, style="written", **wanted
    )  # fmt: skip
    (fault,) = faults(wrong)
    assert name.replace("_", "-") in fault


# --- data ---


def medqa_at(data: str, *, offline: bool = False) -> tuple[Path | None, bool]:
    """Where the data of a task are looked for first, and whether nothing may be fetched."""
    found = supply(data, find().named("medqa"), offline=offline)
    return found.root, found.offline


def test_data_are_looked_for_where_the_argument_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "/from/environment")
    assert medqa_at("/from/argument")[0] == Path("/from/argument")


def test_without_an_argument_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "/from/environment")
    assert medqa_at("")[0] == Path("/from/environment")


def test_sample_rows_lie_beside_the_task(exam: Exam) -> None:
    assert medqa_at("sample") == (own_folder() / "samples", True)
    root = exam(4)
    assert supply("sample", find([root]).named("exam")).root == root / "samples"


def test_the_environment_may_say_sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", "sample")
    assert medqa_at("") == (own_folder() / "samples", True)
    prepared = prepare(Plan(model="baseline:random", tasks=("medqa",), reports=tmp_path))
    assert prepared.cells[0].folder.name == "medqa@sample"


@pytest.mark.parametrize("data", ["", "/from/argument"])
def test_what_is_missing_is_fetched_unless_that_is_forbidden(monkeypatch: pytest.MonkeyPatch, data: str) -> None:
    for name in ("MEDEVAL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    assert [medqa_at(data, offline=offline)[1] for offline in (False, True)] == [False, True]


def test_without_any_folder_the_caches_are_looked_in_and_the_sentence_says_what_to_do(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = exam(4)
    monkeypatch.setenv("MEDEVAL_CACHE", str(root / "cache"))
    assert faults(plan(root, data="")) == (
        (
            f"exam: a file of your own: rows.jsonl: not there (looked for {root}/cache/data/exam/rows.jsonl). "
            "Put it there, or name the folder that has it with --data DIR, or try --data sample."
        ),
    )
    (root / "cache" / "data").mkdir(parents=True)
    (root / "data" / "exam").rename(root / "cache" / "data" / "exam")
    assert prepare(plan(root, data="")).cells[0].folder.name == "exam"


def test_offline_is_said_by_a_plan_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDEVAL_OFFLINE")
    wanted = Plan(model="baseline:random", tasks=("pubmedqa",), reports=tmp_path, means=Means(offline=True))
    (fault,) = faults(wanted)
    assert "nothing may be downloaded" in fault


# --- what does not go together ---


def test_words_are_not_shuffled(tmp_path: Path) -> None:
    told = faults(
        Plan(model="baseline:random", tasks=("pubmedqa",), data="sample", reports=tmp_path, options="shuffled")
    )
    assert told == ("pubmedqa: its options are words with no order; leave --options shuffled off for it.",)


def test_protocol_mirage_reads_texts(exam: Exam) -> None:
    root = exam(4)
    assert faults(plan(root, protocol="mirage", style="letters")) == (
        "Protocol 'mirage' reads texts: leave --style letters away.",
    )
    assert prepare(plan(root, protocol="mirage")).cells[0].folder.name == "exam@written,mirage"


def test_protocol_mirage_reads_the_letters_a_to_d_only(tmp_path: Path) -> None:
    wrong = Plan(
        model="baseline:random", tasks=("medqa_5options", "pubmedqa", "medqa"), data="sample", reports=tmp_path,
        protocol="mirage",
    )  # fmt: skip
    assert faults(wrong) == tuple([
        f"{name}: protocol 'mirage' reads the letters A to D, and its options are others."
        for name in ("medqa_5options", "pubmedqa")
    ])  # fmt: skip


def test_a_fault_of_the_whole_request_is_told_once(tmp_path: Path) -> None:
    wrong = Plan(
        model="baseline:random", tasks=("exams_en",), data="sample", reports=tmp_path, protocol="mirage",
        style="letters",
    )  # fmt: skip
    assert faults(wrong) == ("Protocol 'mirage' reads texts: leave --style letters away.",)


PUBLISHED = [(name, protocol) for name, named in find().tasks.items() for protocol in named.task.protocols]


@pytest.mark.parametrize(("task", "protocol"), PUBLISHED)
def test_every_protocol_that_a_task_declares_can_be_tried_on_the_projects_own_rows(
    tmp_path: Path, task: str, protocol: str
) -> None:
    engine = model("chat", chat=True)
    wanted = Plan(model=engine, tasks=(task,), data="sample", reports=tmp_path, protocol=protocol)  # type: ignore[arg-type]
    assert protocol in prepare(wanted).cells[0].folder.name.split("@")[1].split(",")


def test_a_style_that_a_task_has_no_wording_for_is_refused(exam: Exam) -> None:
    root = exam(4)
    code = (root / "exam.py").read_text(encoding="utf-8").replace(', "written": prompts.write_a_letter', "")
    (root / "exam.py").write_text(code, encoding="utf-8")
    assert faults(plan(root, style="written")) == ("exam: it has no wording for style 'written'; it has letters.",)


def test_an_engine_without_log_probabilities_cannot_score_letters(exam: Exam) -> None:
    root = exam(4)
    mute = Scripted(lambda request: "", choices=False)
    assert faults(plan(root, model=mute)) == (
        "This engine gives no log-probabilities, which style 'letters' needs. Add --style written.",
    )
    assert prepare(plan(root, model=mute, style="written")).entry == "scripted"


# --- metrics that are asked for ---


def also(root: Path, *wanted: str) -> list[str]:
    """What the small exam tells beside its accuracy."""
    (cell,) = prepare(plan(root, metrics=wanted, style="written")).cells
    return [metric.name for metric in cell.sitting.metrics][1:]


def test_a_metric_that_a_task_has_anyway_is_told_once(exam: Exam) -> None:
    root = exam(4)
    wanted = Plan(
        model="baseline:random",
        tasks=("aci_bench",),
        data="sample",
        reports=root / "reports",
        metrics=("chrf", "rouge1"),
    )
    names = [metric.name for metric in prepare(wanted).cells[0].sitting.metrics]
    assert (names[0], names.count("chrf"), names.count("rouge1")) == ("rouge1", 1, 1)


def test_no_metric_more_is_told_than_was_asked_for(exam: Exam) -> None:
    assert also(exam(4)) == []


def test_a_metric_of_texts_is_not_told_of_questions_with_options(exam: Exam) -> None:
    (fault,) = faults(plan(exam(4), metrics=("chrf",), style="written"))
    assert fault.startswith("--metric chrf: ")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("blue", r"--metric blue: unknown\. There are evaluate:PATH\[#KEY\], .* rouge1, .*"),
        ("bertscore:/nowhere#x", r"--metric bertscore:/nowhere#x: 'x' is no layer\. Say bertscore:ENCODER#NUMBER\."),
        ("bertscore:/nowhere", r"/nowhere: no such folder.*"),
        ("evaluate:/nowhere", r"evaluate:/nowhere: there is no such file or folder here.*"),
    ],
)
def test_a_metric_that_there_is_not_is_told_with_those_there_are(exam: Exam, wanted: str, said: str) -> None:
    (fault,) = faults(plan(exam(4), metrics=(wanted,)))
    assert re.fullmatch(said, fault)


# --- kinds ---


def test_the_kind_is_handed_on_with_its_reason(exam: Exam) -> None:
    root = exam(4)
    told = prepare(plan(root, model=model("chat", chat=True), style="written"))
    assert (told.kind, told.told_by) == ("chat", "its chat template")
    said = prepare(plan(root, model=model("chat", chat=True), kind="base"))
    assert (said.kind, said.told_by) == ("base", "--kind")
    assert said.cells[0].sitting.setting.style == "letters"
    assert prepare(plan(root)).kind is None


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("base", ["medqa@sample", "cmb_exam@written,5shot,sample"]),
        ("chat", ["medqa@reasoned,sample", "cmb_exam@written,sample"]),
        ("reasoning", ["medqa@reasoned,sample", "cmb_exam@written,sample"]),
    ],
)
def test_every_task_of_a_run_is_asked_by_the_kind_of_the_model(tmp_path: Path, kind: Kind, cells: list[str]) -> None:
    engine = model(kind, chat=kind != "base", thinking=kind == "reasoning")
    prepared = prepare(Plan(model=engine, tasks=("medqa", "cmb_exam"), data="sample", reports=tmp_path))
    assert [cell.folder.name for cell in prepared.cells] == cells
    assert [cell.manifest.setting for cell in prepared.cells] == [cell.sitting.setting for cell in prepared.cells]


@pytest.mark.parametrize(
    ("wanted", "entry"),
    [
        ({}, "scripted-thinking"),
        ({"thinking": "off"}, "scripted-not-thinking"),
        ({"style": "letters"}, "scripted-not-thinking"),
        ({"label": "Ours"}, "Ours"),
    ],
)
def test_thinking_is_part_of_the_name_where_it_can_be_chosen(
    tmp_path: Path, wanted: dict[str, Any], entry: str
) -> None:
    engine = model("reasoning", chat=True, thinking=True)
    prepared = prepare(Plan(model=engine, tasks=("medqa",), data="sample", reports=tmp_path, **wanted))
    assert prepared.entry == entry


def test_a_model_that_always_thinks_keeps_its_plain_name(tmp_path: Path) -> None:
    engine = model("reasoning", chat=True)
    assert prepare(Plan(model=engine, tasks=("medqa",), data="sample", reports=tmp_path)).entry == "scripted"


def test_thinking_or_not_under_one_label_is_refused(exam: Exam) -> None:
    root = exam(4)
    engine = model("reasoning", chat=True, thinking=True)
    run(root, model=engine, label="ours", style="written")
    (fault,) = faults(plan(root, model=engine, label="ours", style="written", thinking="off"))
    assert fault.startswith(f"{root}/reports/ours/exam@written: holds another run (")
    assert "setting.thinking was 'on', is now 'off'" in fault


# --- solved examples ---


def test_examples_are_named_by_their_file_and_its_content(exam: Exam) -> None:
    root = exam(4)
    own = solved(root)
    prepared = prepare(plan(root, shots=2, shots_from=str(own)))
    mark = hashlib.sha256(own.read_bytes()).hexdigest()[:8]
    assert prepared.cells[0].manifest.setting.shots_from == f"solved.jsonl#{mark}"
    assert prepared.cells[0].folder.name == f"exam@2shot,shots-{mark}"


def test_the_projects_own_examples_may_stand_before_real_questions(exam: Exam, real: Path) -> None:
    wanted = Plan(
        model="baseline:random", tasks=("medqa",), data=str(real), reports=exam(4), shots=2, shots_from="sample",
        limit=5,
    )  # fmt: skip
    (cell,) = prepare(wanted).cells
    assert cell.folder.name == "medqa@2shot,shots-sample,limit5"


def test_a_missing_file_of_examples_is_refused(exam: Exam) -> None:
    root = exam(4)
    assert faults(plan(root, shots=2, shots_from=str(root / "no.jsonl"))) == (
        f"--shots-from {root}/no.jsonl: no such file of solved examples. There is also 'sample'.",
    )


@pytest.mark.parametrize("shots", [{}, {"shots": 0}], ids=["unsaid", "none"])
def test_examples_that_would_not_be_shown_are_refused(exam: Exam, shots: dict[str, int]) -> None:
    root = exam(4)
    assert faults(plan(root, shots_from=str(solved(root)), **shots)) == (
        "--shots-from without --shots N shows nothing.",
    )


def test_examples_of_ones_own_stand_where_the_kind_shows_some_by_itself(tmp_path: Path) -> None:
    wanted = Plan(model=model("base"), tasks=("cmb_exam",), data="sample", reports=tmp_path, shots_from="sample")
    assert prepare(wanted).cells[0].folder.name == "cmb_exam@written,5shot,shots-sample,sample"


def test_too_few_examples_are_told_beside_everything_else(exam: Exam) -> None:
    root = exam(4)
    told = faults(plan(root, tasks=("nonsuch", "exam"), shots=5, shots_from=str(solved(root))))
    assert told[1:] == (
        (
            "exam: 5 solved examples are wanted and 4 are there. "
            "Ask for fewer --shots, or name more with --shots-from FILE."
        ),
    )
    assert not (root / "reports").exists()


# --- recordings ---


def recorded(root: Path, **wanted: Any) -> str:
    """Play the exam, and name the recording."""
    run(root, model=model("chat", chat=True), label="first", **wanted)
    return f"recorded:{root / 'reports' / 'first'}"


def answered(root: Path, **wanted: Any) -> bool:
    return evaluation.run(prepare(plan(root, label="again", **wanted))).unsettled == 0


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"style": "letters"},
        {"style": "written", "options": "circular"},
        {"style": "written", "temperature": 0.7, "repeats": 2, "seed": 5},
        {"options": "shuffled", "seed": 3},
    ],
    ids=str,
)
def test_a_recording_is_replayed_as_it_was_asked(exam: Exam, how: dict[str, Any]) -> None:
    root = exam(4)
    code = (root / "exam.py").read_text(encoding="utf-8").replace('"written"', REASONED)
    (root / "exam.py").write_text(code, encoding="utf-8")
    assert answered(root, model=recorded(root, **how))


def test_a_recording_with_examples_of_ones_own_asks_for_their_file(exam: Exam) -> None:
    root = exam(4)
    own = solved(root)
    name = recorded(root, style="written", shots=2, shots_from=str(own))
    (fault,) = faults(plan(root, model=name, label="again"))
    assert "--shots-from" in fault
    assert "solved.jsonl" in fault
    assert answered(root, model=name, shots_from=str(own))


@pytest.mark.parametrize("wanted", [{"protocol": "mirage"}, {"options": "circular"}, {"shots": 2}], ids=str)
def test_what_is_wished_of_a_recording_is_done_or_refused_and_never_passed_over(
    exam: Exam, wanted: dict[str, Any]
) -> None:
    root = exam(4)
    if "shots" in wanted:
        wanted = {**wanted, "shots_from": str(solved(root))}
    name = recorded(root, style="written")
    try:
        setting = prepare(plan(root, model=name, label="again", **wanted)).cells[0].manifest.setting
    except RequestError as refused:
        assert [option for option in wanted if f"--{option}" in str(refused)]
    else:
        ours = {"protocol": setting.protocol, "options": setting.order, "shots": setting.shots}
        assert {key: ours[key] for key in wanted if key in ours}.items() <= wanted.items()


@pytest.mark.parametrize(
    "wanted", [{"options": "circular"}, {"options": "shuffled"}, {"temperature": 0.7, "repeats": 3}], ids=str
)
def test_texts_made_elsewhere_answered_the_options_as_given_and_once(exam: Exam, wanted: dict[str, Any]) -> None:
    root = exam(4)
    told = root / "told.jsonl"
    told.write_text("".join(f'{{"id": "{number:04d}", "output": "A"}}\n' for number in range(4)), encoding="utf-8")
    (fault,) = faults(plan(root, model=f"recorded:{told}", style="written", **wanted))
    assert [option for option in wanted if f"--{option}" in fault]


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
