"""An exam of one's own as a task: sat by models that know all and nothing, private, the same wherever it lies."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.errors import DataError, RequestError
from medeval.exams import LICENCE, opened
from medeval.exams import asked as shown
from medeval.records import Reply, Request, Response, Style
from tests.test_exams.books import (
    CHINESE,
    ENGLISH,
    EXAM,
    HEAD,
    HEAD_ZH,
    SEVERAL,
    asked,
    book,
    faults,
    laid,
    said,
    small,
)
from tests.test_exams.sittings import requests, run, sitting

EXAMPLES = (
    ("Which antidote is given for an opioid overdose?", "Naloxone", "Flumazenil", "Atropine", "Protamine", "A", "x"),
    ("Which electrolyte do loop diuretics lower most?", "Calcium", "Potassium", "Chloride", "Copper", "B", "x"),
    ("Which antibiotic is most linked with tendon rupture?", "Amoxicillin", "Doxycycline", "Levofloxacin", "Cefalexin",
     "C", "x"),
)  # fmt: skip


def oracle(file: Path, style: Style) -> Callable[[Request], Reply | str]:
    """Knows every right answer, whatever its letter is today."""
    samples = {each.question: each for each in asked(file)}

    def script(request: Request) -> Reply | str:
        text = request.text or request.messages[-1].content
        sample = next(each for question, each in samples.items() if question in text)
        texts = [option.text for option in sample.options if option.label in sample.target]
        labels = [line[0] for line in text.splitlines() if line[1:3] == ". " and line[3:] in texts]
        if request.choices:
            return Response(logprobs=tuple([-0.01 if each.label in labels else -9.0 for each in request.choices]))
        return f"答案：{''.join(labels)}" if sample.language == "zh" else f"Answer: {', '.join(labels)}"

    return script


def mixed(folder: Path) -> Path:
    """Questions in two languages, some of which have several right options."""
    rows = [(*ENGLISH[0][:6], "en"), (*CHINESE[0][:6], "zh"), (*SEVERAL[:6], "en"), (*CHINESE[1][:6], "zh")]
    return small(folder, rows, 'language = "Ward"\n')


# --- models -------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["letters", "written", "reasoned"])
@pytest.mark.parametrize("order", ["given", "shuffled"])
def test_who_knows_all_has_all_right(tmp_path: Path, style: Style, order: str) -> None:
    file = small(tmp_path)
    result = run(file, oracle(file, style), style=style, options=order)
    assert (result.first.value, result.first.n, result.first.unread) == (1.0, len(ENGLISH), 0)


def test_numbers_are_broken_down_by_what_was_named(tmp_path: Path) -> None:
    rows = [(f"{row[0]} ({number})", *row[1:6], "ICU" if row[5] == "A" else "Ward")
            for number in range(20) for row in ENGLISH]  # fmt: skip
    result = run(small(tmp_path, rows), lambda _: "Answer: A", style="written")
    parts = {(each.value, each.n, each.estimate) for each in result.first.slices if each.slice == "Ward"}
    assert parts == {("ICU", 40, 1.0), ("Ward", 80, 0.0)}


@pytest.mark.parametrize("style", ["written", "reasoned"])
def test_who_knows_all_has_all_right_in_both_languages_and_where_several_are_right(
    tmp_path: Path, style: Style
) -> None:
    file = mixed(tmp_path)
    result = run(file, oracle(file, style), style=style, chat=True)
    assert {each.metric: each.value for each in result.estimates if not each.beside} == {
        "accuracy": 1.0, "partial_credit": 1.0
    }  # fmt: skip
    assert result.first.unread == 0


@pytest.mark.parametrize("style", ["written", "reasoned"])
def test_who_says_nothing_is_not_read_at_all(tmp_path: Path, style: Style) -> None:
    result = run(mixed(tmp_path), lambda _: "", style=style)
    assert (result.first.value, result.first.unread, result.first.n) == (0.0, 4, 4)


def test_half_of_several_right_options_is_half_a_credit_and_not_accurate(tmp_path: Path) -> None:
    result = run(small(tmp_path, [SEVERAL]), lambda _: "Answer: A", style="written")
    assert {each.metric: each.value for each in result.estimates if not each.beside} == {
        "accuracy": 0.0, "partial_credit": 0.5
    }  # fmt: skip


def test_a_base_model_chooses_letters_and_a_chat_model_reasons(tmp_path: Path) -> None:
    file, heard = small(tmp_path), list[Request]()

    def script(request: Request) -> Reply | str:
        heard.append(request)
        return Response(logprobs=(-1.0,) * 4) if request.choices else "Answer: A"

    assert run(file, script, kind="base", label="base").protocol.startswith("exam.v1|letters|0-shot|")
    assert [(bool(each.text), [choice.label for choice in each.choices]) for each in heard] == [(True, [*"ABCD"])] * 6
    heard.clear()
    assert run(file, script, kind="chat", label="chat").protocol.startswith("exam.v1|reasoned|0-shot|")
    assert [(each.text, each.messages[0].role, each.choices) for each in heard] == [("", "user", ())] * 6


def test_of_several_right_options_a_base_model_writes_and_has_no_style_of_letters(tmp_path: Path) -> None:
    file = mixed(tmp_path)
    assert run(file, lambda _: "A", kind="base").protocol.startswith("exam.v1|written|0-shot|")
    with pytest.raises(RequestError, match="letters"):
        run(file, lambda _: "A", style="letters")


# --- marked private -----------------------------------------------------------------------


def test_results_say_that_they_are_private(tmp_path: Path) -> None:
    result = run(small(tmp_path), lambda _: "Answer: A", style="written")
    assert result.setting.data == "own"
    assert result.flags == ("private",)
    assert "(own)|" in result.protocol
    assert "(unpinned)" not in result.protocol
    assert opened(tmp_path / "exam.toml")[1].licence == LICENCE == "own"


@pytest.mark.parametrize("outside", [True, False])
def test_the_word_for_sample_rows_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, outside: bool
) -> None:
    file = small(tmp_path)
    plain = run(file, lambda _: "Answer: A", style="written", label="plain")
    if outside:
        monkeypatch.setenv("MEDEVAL_DATA", "sample")
    beside = run(file, lambda _: "Answer: A", style="written", label="sample", data="" if outside else "sample")
    assert beside.setting == plain.setting
    assert beside.protocol == plain.protocol
    assert "sample data" not in beside.flags


# --- the same wherever it lies ------------------------------------------------------------


def test_an_exam_in_another_folder_has_the_same_fingerprints(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    file = small(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "über there")
    first, second = [
        run(path, lambda _: "Answer: A", style="written") for path in (file, tmp_path / "über there" / "exam.toml")
    ]
    assert first == second


def test_the_same_cells_in_another_kind_of_file_are_the_same_data(tmp_path: Path) -> None:
    file = small(tmp_path)
    book(tmp_path / "a.xlsx", Hidden=[HEAD, *ENGLISH])
    other = said(tmp_path, EXAM, "other.toml", FILE="a.xlsx")
    assert sitting(file, "letters").data == sitting(other, "letters").data
    laid(tmp_path / "sheet.csv", [HEAD, *ENGLISH[:-1], (*ENGLISH[-1][:5], "D", ENGLISH[-1][6])])
    assert sitting(file, "letters").data != sitting(other, "letters").data


def test_a_sheet_that_changed_is_not_taken_for_the_one_that_was_asked(tmp_path: Path) -> None:
    file = small(tmp_path)
    run(file, lambda _: "Answer: A", style="written")
    laid(tmp_path / "sheet.csv", [HEAD, *ENGLISH[:-1], (*ENGLISH[-1][:5], "D", ENGLISH[-1][6])])
    with pytest.raises(RequestError, match="data"):
        run(file, lambda _: "Answer: A", style="written")


def test_a_second_run_asks_nothing_and_a_limit_draws_from_all(tmp_path: Path) -> None:
    file, model = small(tmp_path), Scripted(lambda _: "Answer: A")
    how = {"model": model, "tasks": [str(file)], "reports": tmp_path / "reports", "style": "written"}
    first = medeval.evaluate(**how).results  # type: ignore[arg-type]
    assert model.asked == 6
    assert medeval.evaluate(**how).results == first  # type: ignore[arg-type]
    assert model.asked == 6
    (limited,) = medeval.evaluate(**how, limit=4, label="few").results  # type: ignore[arg-type]
    assert (limited.first.n, limited.flags) == (4, ("private", "limited to 4"))


# --- solved examples ----------------------------------------------------------------------


def with_examples(folder: Path, rows: object = EXAMPLES, questions: object = ENGLISH, more: str = "") -> Path:
    laid(folder / "examples.csv", [HEAD, *rows])  # type: ignore[misc]
    return small(folder, questions, f'examples = "examples.csv"\n{more}')  # type: ignore[arg-type]


def test_solved_examples_stand_before_each_question(tmp_path: Path) -> None:
    text = requests(with_examples(tmp_path), "letters", shots=2)[0].text
    assert text.startswith(
        "Question: Which antidote is given for an opioid overdose?\nA. Naloxone\nB. Flumazenil\nC. Atropine\n"
        "D. Protamine\nAnswer: A\n\nQuestion: Which electrolyte do loop diuretics lower most?\n"
    )
    assert text.endswith("D. St John's wort\nAnswer:")
    assert text.count("Question:") == 3


def test_solved_examples_of_a_chat_are_turns_with_why_they_are_right(tmp_path: Path) -> None:
    rows = [(*row[:6], "It is the antagonist.") for row in EXAMPLES]
    file = with_examples(tmp_path, rows, more='explanation = "Ward"\n')
    messages = requests(file, "reasoned", chat=True, shots=1)[0].messages
    assert [each.role for each in messages] == ["user", "assistant", "user"]
    assert messages[1].content == "It is the antagonist.\nAnswer: A"


def test_several_right_options_of_an_example_are_shown_as_a_model_is_to_write_them(tmp_path: Path) -> None:
    rows = [("Which two raise potassium?", "Spironolactone", "Furosemide", "Trimethoprim", "Insulin", "A、C", "x")]
    text = requests(with_examples(tmp_path, rows, [SEVERAL]), "written", shots=1)[0].text
    assert "Answer: AC\n\n" in text


def test_a_question_is_never_its_own_example(tmp_path: Path) -> None:
    file = with_examples(tmp_path, [ENGLISH[0], *EXAMPLES])
    first, second, *_ = requests(file, "letters", shots=2)
    assert first.text.count(str(ENGLISH[0][0])) == 1
    assert second.text.startswith(f"Question: {ENGLISH[0][0]}")


def test_too_few_examples_are_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="4 solved examples are wanted and 3 are there"):
        requests(with_examples(tmp_path), "letters", shots=4)


def test_faults_of_the_examples_are_told_with_those_of_the_exam(tmp_path: Path) -> None:
    questions = [ENGLISH[0], (*ENGLISH[1][:5], "E", "w")]
    found = faults(with_examples(tmp_path, [(*EXAMPLES[0][:5], "", "x"), ("", *EXAMPLES[1][1:])], questions))
    assert [fault.partition(":")[0] for fault in found] == [
        "sheet.csv, row 3, column 'Answer' (F3)", "examples.csv, row 2, column 'Answer' (F2)",
        "examples.csv, row 3, column 'Question' (A3)",
    ]  # fmt: skip


def test_examples_are_read_as_the_exam_is(tmp_path: Path) -> None:
    questions = [(*row[:5], key, "w") for row, key in zip(ENGLISH, "010320", strict=True)]
    examples = [(*row[:5], key, "w") for row, key in zip(EXAMPLES, "121", strict=True)]
    text = requests(with_examples(tmp_path, examples, questions), "letters", shots=3)[0].text
    assert [line for line in text.splitlines() if line.startswith("Answer: ")] == [
        "Answer: B",
        "Answer: C",
        "Answer: B",
    ]


def test_two_right_options_in_an_example_are_told_where_the_exam_has_one(tmp_path: Path) -> None:
    (found,) = faults(with_examples(tmp_path, [(*EXAMPLES[0][:5], "AC", "x"), *EXAMPLES[1:]]))
    assert found.startswith("examples.csv, row 2, column 'Answer' (F2): 'AC' names 2 options")


def test_examples_of_a_case_whose_question_is_everywhere_the_same_are_shown(tmp_path: Path) -> None:
    ask = "What is the most likely diagnosis?"
    rows = [(f"Case {number}: fever of {38 + number} °C.", ask, "Flu", "Cold", "Angina", "Measles", "ABCD"[number], "x")
            for number in range(4)]  # fmt: skip
    laid(tmp_path / "sheet.csv", [("Case", *HEAD), *rows[:2]])
    laid(tmp_path / "examples.csv", [("Case", *HEAD), *rows[2:]])
    file = said(tmp_path, EXAM + 'context = "Case"\nexamples = "examples.csv"\n', FILE="sheet.csv")
    assert requests(file, "letters", shots=2)[0].text.count(ask) == 3


def test_a_base_model_is_shown_as_many_examples_as_there_are(tmp_path: Path) -> None:
    rows = [("Which two raise potassium?", "Spironolactone", "Furosemide", "Trimethoprim", "Insulin", "AC", "x")]
    file = with_examples(tmp_path, rows, [SEVERAL])
    assert run(file, lambda _: "AC", kind="base").first.value == 1.0


# --- the task that it is ------------------------------------------------------------------


def test_what_a_guess_is_worth_is_counted_question_by_question(tmp_path: Path) -> None:
    two = ("Is codeine safe while breast-feeding?", "Yes", "No", "", "", "B", "w")
    assert opened(small(tmp_path, [two, ENGLISH[0]]))[1].chance == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert opened(small(tmp_path, [SEVERAL]))[1].chance == pytest.approx(1 / 15)
    assert opened(small(tmp_path, [two, SEVERAL]))[1].chance == pytest.approx((1 / 3 + 1 / 15) / 2)


def test_the_task_keeps_what_was_said_of_it(tmp_path: Path) -> None:
    file = small(tmp_path, ENGLISH, 'title = "Pharmacy, 2026"\nmeasures = "Antidotes."\nname = "pharmacy_2026"\n')
    name, task = opened(file)
    assert (name, task.title, task.measures, task.rows) == ("pharmacy_2026", "Pharmacy, 2026", "Antidotes.", 6)
    assert (task.kind, task.language, task.slices, task.cluster) == ("choice", "en", ("Ward",), "")
    assert [*task.faults(name)] == []
    assert task.metrics[0].name == "accuracy"


@pytest.mark.parametrize(
    ("file", "name"),
    [("Pharmacy Exam 2026.toml", "pharmacy_exam_2026"), ("药学部-2026.toml", "2026"), ("a.b-c.toml", "a_b_c"),
     ("_x_.toml", "x")],
)  # fmt: skip
def test_a_name_is_made_of_the_files(tmp_path: Path, file: str, name: str) -> None:
    laid(tmp_path / "sheet.csv", [HEAD, *ENGLISH])
    assert opened(said(tmp_path, EXAM, file, FILE="sheet.csv"))[0] == name


def test_a_file_of_which_no_name_can_be_made_asks_for_one(tmp_path: Path) -> None:
    laid(tmp_path / "题库.csv", [HEAD_ZH, *CHINESE], code="gb18030")
    text = ('file = "题库.csv"\nlanguage = "zh"\nquestion = "题干"\nanswer = "正确答案"\n'
            'options = ["选项A", "选项B", "选项C", "选项D"]\n')  # fmt: skip
    with pytest.raises(RequestError, match=r"no name can be made of '药学部题库'.*name = "):
        opened(said(tmp_path, text, "药学部题库.toml"))
    name, task = opened(said(tmp_path, 'name = "pharmacy"\n' + text, "药学部题库.toml"))
    assert (name, task.title, task.language) == ("pharmacy", "药学部题库", "zh")


def test_a_sheet_with_a_fault_in_every_row_is_cut_short(tmp_path: Path) -> None:
    found = faults(small(tmp_path, [(f"Question {number}?", *"xyzu", "", "w") for number in range(250)]))
    assert len(found) == 201
    assert found[200] == f"{tmp_path / 'exam.toml'}: 50 faults more."


def test_a_sheet_that_is_not_there_is_told_with_the_examples_that_are_not(tmp_path: Path) -> None:
    found = faults(said(tmp_path, EXAM + 'examples = "other.xlsx"\n', FILE="sheet.csv"))
    assert [fault.partition(": ")[0] for fault in found] == [
        str(tmp_path / "sheet.csv"), str(tmp_path / "other.xlsx")
    ]  # fmt: skip


def test_the_first_questions_are_shown_as_a_chat_model_is_asked_them(tmp_path: Path) -> None:
    file = small(tmp_path)
    assert shown(file, 2) == tuple([each.messages[0].content for each in requests(file, "reasoned", chat=True)[:2]])
