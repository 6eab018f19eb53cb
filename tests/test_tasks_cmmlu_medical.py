"""CMMLU's medical subjects: nine tasks, the files they come from, and the prompt of lm-eval."""

import importlib.util
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from medeval.catalog import find
from medeval.errors import DataError
from medeval.records import Setting
from medeval.sitting import sit
from medeval.sources import Supply, Url, read_rows
from tasks.cmmlu_medical import SUBJECTS, raw, stem_options_zh, to_sample
from tests.conftest import choice

TASKS = {name.removeprefix("cmmlu_medical_"): named for name, named in find().tasks.items() if "cmmlu" in name}
SAMPLES = TASKS["anatomy"].samples
ROW = {"": "0", "_id": "0000", "Question": "？", "A": "甲", "B": "乙", "C": "丙", "D": "丁", "Answer": "C"}
every_subject = pytest.mark.parametrize("subject", SUBJECTS)


def test_there_are_nine_subjects_and_as_many_questions_as_are_counted() -> None:
    assert {*TASKS} == {*SUBJECTS}
    assert len(TASKS) == 9
    assert sum(named.task.rows for named in TASKS.values()) == 1815


@every_subject
def test_questions_and_examples_of_a_subject_lie_apart_although_their_files_have_one_name(subject: str) -> None:
    (form,) = TASKS[subject].task.forms
    (test,), (dev,) = form.files, form.exemplars
    assert isinstance(test, Url)
    assert isinstance(dev, Url)
    assert (test.path, dev.path) == (f"test/{subject}.csv", f"dev/{subject}.csv")
    assert test.url.endswith(f"/data/{test.path}")
    assert dev.url.endswith(f"/data/{dev.path}")


@every_subject
def test_the_sample_rows_have_the_shape_of_the_real_ones(subject: str) -> None:
    for split, count in (("test", 24), ("dev", 5)):
        lines = (SAMPLES / "cmmlu" / split / f"{subject}.csv").read_text(encoding="utf-8").splitlines()
        assert (lines[0], len(lines)) == (",Question,A,B,C,D,Answer", count + 1)
        rows = read_rows(SAMPLES / "cmmlu" / split / f"{subject}.csv")
        assert [row[""] for row in rows] == [str(number) for number in range(count)]
    golds = Counter(row["Answer"] for row in read_rows(SAMPLES / "cmmlu" / "test" / f"{subject}.csv"))
    assert golds == dict.fromkeys("ABCD", 6)


def test_a_comma_within_an_option_is_no_border() -> None:
    samples, _ = TASKS["genetics"].task.load("genetics", Supply.only(SAMPLES), sample=True)
    assert "45,X" in [option.text for sample in samples for option in choice(sample).options]


@pytest.mark.parametrize("text", ["NA", "None", "nan", "null", "N/A", "1e3"])
def test_an_option_that_pandas_would_take_for_nothing_stays_a_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cmmlu" / "test" / "virology.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f",Question,A,B,C,D,Answer\n0,？,{text},乙,丙,丁,A\n", encoding="utf-8")
    (sample,), _ = TASKS["virology"].task.load("virology", Supply.only(tmp_path), sample=True)
    assert choice(sample).options[0].text == text


def test_blanks_around_texts_go_but_for_those_who_ask_letter_for_letter() -> None:
    row = {**ROW, "Question": " 脑膜？ ", "A": " 硬脑膜", "Answer": "A "}
    assert (to_sample(row).question, to_sample(row).options[0].text, to_sample(row).target) == (
        "脑膜？", "硬脑膜", ("A",),
    )  # fmt: skip
    assert (raw(row).question, raw(row).options[0].text) == ("脑膜？", " 硬脑膜")


def test_an_answer_that_is_no_letter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cmmlu" / "test" / "anatomy.csv"
    path.parent.mkdir(parents=True)
    path.write_text(",Question,A,B,C,D,Answer\n0,？,甲,乙,丙,丁,E\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 1: the right answer \('E',\) is not among the options"):
        TASKS["anatomy"].task.load("anatomy", Supply.only(tmp_path), sample=True)


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cmmlu" / "test" / "anatomy.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes((SAMPLES / "cmmlu" / "test" / "anatomy.csv").read_bytes())
    with pytest.raises(DataError, match="gives 24 rows, the task has 148"):
        TASKS["anatomy"].task.load("anatomy", Supply.only(tmp_path))


@every_subject
def test_the_words_before_the_questions_name_the_subject(subject: str) -> None:
    task, said = TASKS[subject].task, SUBJECTS[subject][0]
    sitting = sit(subject, task, Setting(data="sample", style="letters", shots=5), Supply.only(SAMPLES))
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert request.text.startswith(f"以下是关于{said}的单项选择题，请直接给出正确答案的选项。\n\n")
    assert request.text.count("\n答案：") == 6
    assert [choice.text for choice in request.choices] == [*"ABCD"]


@every_subject
def test_the_prompt_is_the_one_of_lm_evals_own_file(subject: str) -> None:
    jinja2, yaml = pytest.importorskip("jinja2"), pytest.importorskip("yaml")
    found = importlib.util.find_spec("lm_eval")
    if found is None or found.origin is None:
        pytest.skip("needs lm-eval")
    folder = Path(found.origin).parent / "tasks" / "cmmlu"
    theirs: Mapping[str, Any] = yaml.safe_load((folder / f"cmmlu_{subject}.yaml").read_text(encoding="utf-8"))
    shared: Mapping[str, Any] = yaml.safe_load((folder / "_default_template_yaml").read_text(encoding="utf-8"))
    assert theirs["description"] == TASKS[subject].task.preamble
    asked = jinja2.Environment(autoescape=False).from_string(shared["doc_to_text"])
    for row in read_rows(SAMPLES / "cmmlu" / "test" / f"{subject}.csv"):
        assert stem_options_zh(raw(row)) == asked.render(row)
