"""CareQA: the row that lost its question, lm-eval's prompt for every row, and questions without options."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval.catalog import find
from medeval.engines.base import Abilities
from medeval.errors import DataError
from medeval.protocols import Wish, setting_for
from medeval.records import Answer, Decoding, Exchange, OpenSample, Request, Response, Walk
from medeval.sitting import sit
from medeval.sources import Supply, read_rows
from tests.conftest import choice

NAMED = find().named("careqa")
TASK, OPEN = NAMED.task, find().named("careqa_open").task
FILE = "CareQA_en.json"
OWN = Supply.only(NAMED.samples)
ROWS = read_rows(NAMED.samples / "careqa" / FILE)
LOST = "5636d1af-e0b1-43b0-8a04-6f127dcf6785"


@pytest.fixture(scope="module")
def theirs() -> Callable[[Any], str]:
    """The prompt of lm-eval, out of its own file."""
    spec = importlib.util.find_spec("lm_eval")
    if spec is None or spec.origin is None:
        pytest.skip("needs lm-eval")
    path = Path(spec.origin).parent / "tasks" / "careqa" / "utils.py"
    alone = importlib.util.spec_from_file_location("careqa_utils", path)
    assert alone
    assert alone.loader
    module = importlib.util.module_from_spec(alone)
    alone.loader.exec_module(module)
    prompt: Callable[[Any], str] = module.doc_to_text
    return prompt


def test_the_row_without_a_question_gets_its_own_back() -> None:
    (row,) = [row for row in ROWS if row["question"] is None]
    sample = choice(TASK.forms[0].to_sample(row))
    assert (sample.id, sample.target) == (LOST, ("D",))
    assert sample.question.startswith("In relation to the immune mechanism involved in the rejection of transplanted")
    assert [option.text for option in sample.options] == [row[f"op{number}"] for number in range(1, 5)]


def test_another_row_without_a_question_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "careqa" / FILE
    path.parent.mkdir()
    path.write_text(json.dumps([{**ROWS[0], "question": None}]), encoding="utf-8")
    with pytest.raises(DataError, match=f"row 1: no field '{ROWS[0]['unique_id']}'"):
        TASK.load("careqa", Supply.only(tmp_path), sample=True)


@pytest.mark.parametrize(("cop", "letter"), [(1, "A"), (2, "B"), (3, "C"), (4, "D")])
def test_the_answer_counts_from_one(cop: int, letter: str) -> None:
    assert choice(TASK.forms[0].to_sample({**ROWS[0], "cop": cop})).target == (letter,)


@pytest.mark.parametrize("cop", [0, 5, -1])
def test_an_answer_that_is_no_option_is_refused(cop: int) -> None:
    with pytest.raises(ValueError, match=f"cop is {cop}"):
        TASK.forms[0].to_sample({**ROWS[0], "cop": cop})


def test_every_row_is_asked_letter_for_letter_as_lm_eval_asks_it(theirs: Callable[[Any], str], tmp_path: Path) -> None:
    # Blanks at the ends stay, as does the number that somebody wrote as one; the lost row is lm-eval's whole.
    patched = theirs({"question": None})
    lines = patched.removeprefix("Question: ").split("\n")
    texts = [line[3:] for line in lines[2:6]]
    lost = {**ROWS[0], "unique_id": LOST, "question": None, **{f"op{n}": text for n, text in enumerate(texts, 1)}}
    odd = {**ROWS[1], "question": " Which? ", "op1": "A ", "op2": 12}
    rows = [row for row in ROWS if row["question"]] + [{**lost, "cop": 4}, {**odd, "unique_id": "odd"}]
    path = tmp_path / "careqa" / FILE
    path.parent.mkdir()
    path.write_text(json.dumps(rows), encoding="utf-8")
    setting = setting_for(Wish(protocol="lm-eval"), Abilities(choices=True), "careqa", TASK)
    samples, _ = TASK.load("careqa", Supply.only(tmp_path), sample=True, exact=True)
    assert [TASK.wordings["letters"](sample) for sample in samples] == [theirs(row) for row in rows]
    assert (setting.style, setting.chat, TASK.preamble) == ("letters", False, "")


def test_letters_are_what_lm_eval_lets_the_model_go_on_with() -> None:
    setting = setting_for(Wish(protocol="lm-eval"), Abilities(choices=True), "careqa", TASK)
    sitting = sit("careqa", TASK, replace(setting, data="sample"), OWN)
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert request.text.endswith("\nAnswer:")
    assert [each.text for each in request.choices] == [" A", " B", " C", " D"]


def test_all_six_professions_and_all_five_years_have_rows_of_our_own() -> None:
    samples, _ = TASK.load("careqa", OWN, sample=True)
    assert {sample.slices["category"] for sample in samples} == {
        "Biology", "Chemistry", "Medicine", "Nursing", "Pharmacology", "Psychology",
    }  # fmt: skip
    assert {sample.slices["year"] for sample in samples} == {str(year) for year in range(2020, 2025)}


# --- without options ----------------------------------------------------------------------


def test_questions_without_options_show_no_answer() -> None:
    samples, _ = OPEN.load("careqa_open", OWN, sample=True)
    for sample in samples:
        assert isinstance(sample, OpenSample)
        for wording in OPEN.wordings.values():
            assert sample.references[0] not in wording(sample)


def test_an_answer_of_one_word_scores_best_by_words_and_nothing_by_pairs_of_them() -> None:
    sample = OPEN.forms[0].to_sample({"_id": "0000", "question": "What is vitamin B1?", "answer": "Thiamine"})
    exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text="Thiamine."))
    walk = Walk(exchanges=(exchange,), answer=Answer())
    marks = {metric.name: metric.mark(sample, walk) for metric in OPEN.metrics}
    assert list(marks) == ["token_f1", "rouge1", "rouge2", "rougeL", "rougeLsum"]
    assert (marks["token_f1"], marks["rouge2"]) == (1.0, (1.0, 0.0, 1.0, 1.0))


def test_another_number_of_rows_than_the_card_counts_is_refused() -> None:
    with pytest.raises(DataError, match="gives 24 rows, the task has 2769"):
        OPEN.load("careqa_open", OWN)
