"""The catalog: which tasks there are, what they are called, and which files are refused."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import catalog
from medeval.catalog import Catalog, find, own_folder
from medeval.errors import RequestError, TaskError

OWN = ("medmcqa", "medqa", "pubmedqa", "pubmedqa_closed")
Exam = Callable[[int], Path]


def refusal(*paths: Path) -> str:
    with pytest.raises(TaskError) as refused:
        find(paths)
    return str(refused.value)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def grouped(folder: Path, declared: str) -> Catalog:
    """The catalog with two copies of the exam, and groups."""
    written(folder / "second.py", (folder / "exam.py").read_text(encoding="utf-8"))
    written(folder / "groups.toml", declared)
    return find([folder])


# --- finding ---


def test_the_projects_own_tasks_are_found_and_named_by_their_files() -> None:
    found = find()
    assert set(OWN) <= set(found.tasks)
    assert found.named("medqa").file == own_folder() / "medqa.py"
    assert found.named("medqa").samples == own_folder() / "samples"


def test_tasks_by_suffix_are_named_file_and_suffix(exam: Exam) -> None:
    file = exam(4) / "exam.py"
    file.write_text(file.read_text(encoding="utf-8") + '\nTASKS = {"": TASK, "hard": TASK}\n', encoding="utf-8")
    assert set(find([file]).tasks) - set(find().tasks) == {"exam", "exam_hard"}
    assert find().named("pubmedqa_closed").file.name == "pubmedqa.py"


def test_a_task_path_may_be_a_file_or_a_folder(exam: Exam) -> None:
    folder = exam(4)
    for path in (folder / "exam.py", folder):
        assert find([path]).named("exam").task.title == "A small exam"


def test_python_that_yaml_of_another_harness_calls_is_no_task(exam: Exam) -> None:
    folder = exam(4)
    written(folder / "utils.py", "raise SystemExit")
    written(folder / "theirs.yaml", "task: theirs\nprocess_results: !function utils.marks\n")
    assert set(find([folder]).tasks) - set(find().tasks) == {"exam"}


def test_a_folder_of_tasks_that_merely_lies_there_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "tasks" / "mine.py", "raise SystemExit('executed')\n")
    monkeypatch.chdir(tmp_path)
    assert "mine" not in find().tasks


def test_an_installed_plug_in_is_found(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = exam(4)
    monkeypatch.syspath_prepend(folder)
    written(folder / "night_shift" / "rounds.py", (folder / "exam.py").read_text(encoding="utf-8"))
    plug_in = importlib.metadata.EntryPoint("night", "night_shift", "medeval.tasks")
    monkeypatch.setattr(catalog, "entry_points", lambda group: [plug_in])
    assert "rounds" in find().tasks


def test_a_plug_in_may_be_an_ordinary_package(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = exam(4)
    monkeypatch.syspath_prepend(folder)
    written(folder / "day_shift" / "__init__.py", "")
    written(folder / "day_shift" / "rounds.py", (folder / "exam.py").read_text(encoding="utf-8"))
    plug_in = importlib.metadata.EntryPoint("day", "day_shift", "medeval.tasks")
    monkeypatch.setattr(catalog, "entry_points", lambda group: [plug_in])
    assert "rounds" in find().tasks


# --- refusing ---


def test_a_file_without_a_task_is_named(tmp_path: Path) -> None:
    file = written(tmp_path / "empty.py", "TITLE = 'no task'\n")
    assert refusal(file) == (f"{file}: no TASK. A task file declares TASK = Task(…), or TASKS = {{suffix: Task(…)}}.")


@pytest.mark.parametrize("declared", ["TASK = 'medqa'", "TASKS = {'a': 1}", "TASKS = {}"])
def test_a_task_that_is_none_is_refused(tmp_path: Path, declared: str) -> None:
    file = written(tmp_path / "wrong.py", declared)
    assert refusal(file).startswith(f"{file}: no TASK.")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom."),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'."),
        ("def", "SyntaxError: invalid syntax (broken.py, line 1)."),
    ],
)
def test_what_a_file_raises_is_said_with_its_name(tmp_path: Path, code: str, said: str) -> None:
    file = written(tmp_path / "broken.py", code)
    assert refusal(file) == f"{file}: {said}"


def test_a_faulty_declaration_is_said_with_its_file(exam: Exam) -> None:
    folder = exam(4)
    file = written(folder / "Exam-2.py", (folder / "exam.py").read_text(encoding="utf-8").replace("1 / 4", "4"))
    assert refusal(file).splitlines() == [
        f"{file}: Task 'Exam-2': a name has small letters, digits and underscores only.",
        f"{file}: Task 'Exam-2': chance is 4, not a fraction below 1.",
    ]


def test_a_name_that_is_taken_is_refused_with_both_files(exam: Exam) -> None:
    folder = exam(4)
    file = written(folder / "medqa.py", (folder / "exam.py").read_text(encoding="utf-8"))
    assert refusal(file) == f"{file}: task 'medqa' is already declared by {own_folder() / 'medqa.py'}."


def test_a_path_that_is_missing_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == f"{tmp_path}/nowhere: no such file or folder of tasks."


def test_a_file_that_is_no_python_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "exam.txt", "TASK = 1\n")
    assert refusal(file) == f"{file}: not a Python file."


# --- choosing ---


def test_an_unknown_task_gets_a_suggestion_and_the_count() -> None:
    found = find()
    with pytest.raises(RequestError) as refused:
        found.named("medqua")
    assert str(refused.value) == (
        "Unknown task 'medqua'. Did you mean 'medqa'? "
        f"'medeval tasks' lists all {len(found.tasks) + len(found.groups)}."
    )


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    found = find()
    tasks, groups, unknown = found.chosen(["xxxxxxxx"])
    assert (tasks, groups) == ([], [])
    assert [str(fault) for fault in unknown] == [
        f"Unknown task 'xxxxxxxx'. 'medeval tasks' lists all {len(found.tasks) + len(found.groups)}."
    ]


def test_a_misspelt_group_gets_a_suggestion() -> None:
    (fault,) = find().chosen(["exam_en"])[2]
    assert "Did you mean 'exams_en'?" in str(fault)


def test_all_chooses_every_task() -> None:
    found = find()
    tasks, groups, unknown = found.chosen(["all"])
    assert {task.name for task in tasks} == set(found.tasks)
    assert (groups, unknown) == ([], [])


def test_a_task_is_chosen_once_however_often_it_is_named() -> None:
    tasks, groups, _ = find().chosen(["pubmedqa", "exams_en", "medqa", "exams_en"])
    assert [task.name for task in tasks] == ["pubmedqa", "medqa", "medmcqa"]
    assert [group.name for group in groups] == ["exams_en"]


# --- groups ---


def test_a_group_is_declared_beside_its_tasks(exam: Exam) -> None:
    found = grouped(exam(4), '[both]\ntitle = "Both exams"\nmembers = ["exam", "second"]\n')
    assert found.groups["both"].title == "Both exams"
    assert [task.name for task in found.chosen(["both"])[0]] == ["exam", "second"]


def test_a_group_may_have_members_among_the_projects_own(exam: Exam) -> None:
    assert grouped(exam(4), '[ours]\nmembers = ["exam", "medqa"]\n').groups["ours"].title == "ours"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('[few]\nmembers = ["exam", "thrid"]', "'few' has unknown members: ['thrid']."),
        ('[few]\nmembers = ["exam"]', "'few' needs a list of two members at least, none twice."),
        ('[few]\nmembers = ["exam", "exam"]', "'few' needs a list of two members at least, none twice."),
        ('[few]\nmembers = "exam"', "'few' needs a list of two members at least, none twice."),
        ('[few]\ntitle = "No members"', "'few' needs a list of two members at least, none twice."),
        (
            '["../../evil"]\nmembers = ["exam", "second"]',
            "'../../evil' is no name: small letters, digits and underscores only.",
        ),
    ],
)
def test_a_group_needs_a_name_of_its_own_and_two_known_members(exam: Exam, declared: str, said: str) -> None:
    folder = exam(4)
    with pytest.raises(TaskError) as refused:
        grouped(folder, declared)
    assert str(refused.value) == f"{folder}/groups.toml: {said}"


def test_a_file_of_groups_that_is_no_toml_is_named(exam: Exam) -> None:
    folder = exam(4)
    with pytest.raises(TaskError, match=f"^{folder}/groups.toml: "):
        grouped(folder, "[both\n")


def test_a_file_of_groups_with_a_field_of_no_group_is_refused(exam: Exam) -> None:
    folder = exam(4)
    with pytest.raises(TaskError, match=f"^{folder}/groups.toml: "):
        grouped(folder, 'title = "Both exams"\n')


def test_a_task_with_the_name_of_a_group_is_refused(exam: Exam) -> None:
    folder = exam(4)
    file = written(folder / "exams_en.py", (folder / "exam.py").read_text(encoding="utf-8"))
    assert "exams_en" in refusal(file)


def test_a_task_or_group_named_all_is_refused(exam: Exam) -> None:
    folder = exam(4)
    file = written(folder / "all.py", (folder / "exam.py").read_text(encoding="utf-8"))
    assert "all" in refusal(file)
