"""MMLU-Pro's category health: the rows of it, options of any number, worked examples, and how answers are read."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

import medeval
from medeval.catalog import find
from medeval.engines.base import Abilities
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.protocols import Wish, setting_for
from medeval.readers import HOUSE
from medeval.records import Kind, Response, Setting, Style
from medeval.sitting import Sitting, sit
from medeval.sources import Supply, read_rows
from tasks.mmlu_pro_health import LETTERS, of_health, solution, to_sample
from tests.conftest import choice

NAMED = find().named("mmlu_pro_health")
SUPPLY = Supply.only(NAMED.samples)
FOLDER = NAMED.samples / "mmlu_pro" / "data"
ROWS = read_rows(FOLDER / "test-00000-of-00001.parquet")
OPTIONS = {10: 598, 9: 67, 8: 42, 7: 20, 6: 8, 5: 8, 4: 72, 3: 3}
"""How many of the 818 questions have how many options, counted in the makers' outputs."""
ROW = {
    "_id": "0000", "question_id": 1, "question": "?", "options": ["a", "b", "c"], "answer": "B", "answer_index": 1,
    "cot_content": "", "category": "health", "src": "ori_mmlu-virology",
}  # fmt: skip


def asked(kind: Kind) -> Sitting:
    """The sample rows as a kind of model is asked by default."""
    abilities = Abilities(choices=True, chat=True, kind=kind, thinking=kind == "reasoning")
    setting = setting_for(Wish(), abilities, "mmlu_pro_health", NAMED.task)
    return sit("mmlu_pro_health", NAMED.task, replace(setting, data="sample"), SUPPLY)


# --- rows ---------------------------------------------------------------------------------


def test_only_the_category_is_asked_and_only_it_gives_examples() -> None:
    samples, form = NAMED.task.load("mmlu_pro_health", SUPPLY, sample=True)
    others = [row for row in ROWS if row["category"] != "health"]
    assert (len(ROWS), len(others), len(samples)) == (27, 3, 24)
    assert not {str(row["question_id"]) for row in others} & {sample.id for sample in samples}
    shown = NAMED.task.exemplars(form, SUPPLY, sample=True)
    assert [sample.id for sample in shown] == [str(number) for number in range(5, 10)]
    # A category that has the word in it would be another one.
    assert list(of_health([{**ROW, "category": name} for name in ("health care", "mental health", "other")])) == []


def test_the_real_file_is_counted_after_the_category_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "mmlu_pro" / "data" / "test-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes((FOLDER / path.name).read_bytes())
    with pytest.raises(DataError, match="the task pins 0e24a191921c"):
        NAMED.task.load("mmlu_pro_health", Supply.only(tmp_path))
    (form,) = NAMED.task.forms
    unpinned = replace(form, files=(replace(form.files[0], sha256=""),))
    with pytest.raises(DataError, match="gives 24 rows, the task has 818"):
        replace(NAMED.task, forms=(unpinned,)).load("mmlu_pro_health", Supply.only(tmp_path))


def test_the_declared_chance_is_that_of_the_options_there_are() -> None:
    assert sum(OPTIONS.values()) == NAMED.task.rows
    guessed = sum(count / options for options, count in OPTIONS.items()) / NAMED.task.rows
    assert NAMED.task.chance == pytest.approx(guessed, abs=5e-5)
    # One of ten, as some take it, is another number.
    assert NAMED.task.chance - 0.1 > 0.018


def test_the_sample_rows_have_every_number_of_options_and_every_letter() -> None:
    samples, _ = NAMED.task.load("mmlu_pro_health", SUPPLY, sample=True)
    counts = Counter(len(choice(sample).options) for sample in samples)
    assert {*counts} == {*OPTIONS}
    assert {sample.slices["options"] for sample in samples} == {str(number) for number in OPTIONS}
    assert {choice(sample).target[0] for sample in samples} == {*LETTERS}
    assert {sample.slices["subject"] for sample in samples} == {
        "virology", "anatomy", "clinical_knowledge", "nutrition", "human_aging", "medical_genetics",
        "college_medicine", "professional_medicine",
    }  # fmt: skip


def test_what_fills_examples_up_to_ten_is_no_option() -> None:
    rows = [row for row in read_rows(FOLDER / "validation-00000-of-00001.parquet") if "N/A" in row["options"]]
    assert {len(row["options"]) for row in rows} == {10}
    for row in rows:
        sample = to_sample(row)
        assert len(sample.options) == 10 - row["options"].count("N/A")
        right = next(option.text for option in sample.options if option.label == sample.target[0])
        assert right == row["options"][row["answer_index"]]
    between = to_sample({**ROW, "options": ["N/A", "b", "c"]})
    assert [(option.label, option.text) for option in between.options] == [("A", "b"), ("B", "c")]
    assert between.target == ("A",)


def test_an_answer_whose_letter_and_number_disagree_is_told() -> None:
    with pytest.raises(ValueError, match="the answer is 'B', its number 2"):
        to_sample({**ROW, "answer_index": 2})


def test_blanks_that_once_gave_an_option_away_are_gone() -> None:
    (row,) = [row for row in ROWS if any(text != text.strip() for text in row["options"])]
    assert row["options"][row["answer_index"]] == " Vitamin C"
    assert [option.text for option in to_sample(row).options if option.text != option.text.strip()] == []
    assert to_sample(row).question == row["question"].rstrip("\n")


# --- prompts ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["base", "chat"])
def test_five_worked_examples_stand_before_a_question_by_default(kind: Kind) -> None:
    sitting = asked(kind)
    assert (sitting.setting.style, sitting.setting.shots, sitting.setting.chat) == ("reasoned", 5, kind == "chat")
    (request,) = next(sitting.talk(sitting.takes[0]))
    text = request.text + "\n".join([message.content for message in request.messages])
    assert text.count("Let's think step by step. ") == 5
    assert [f"The answer is ({letter})." in text for letter in "JGFCD"] == [True] * 5
    assert "psychology" not in text
    assert "Pavlov" not in text


def test_a_reasoning_model_is_asked_without_examples() -> None:
    sitting = asked("reasoning")
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert (sitting.setting.shots, sitting.setting.thinking, len(request.messages)) == (0, "on", 1)


def test_a_worked_example_goes_on_with_the_prompt_as_in_lm_eval() -> None:
    theirs = pytest.importorskip("lm_eval.tasks.mmlu_pro.utils")
    sitting = asked("base")
    (request,) = next(sitting.talk(sitting.takes[0]))
    rows = [*of_health(read_rows(FOLDER / "validation-00000-of-00001.parquet"))]
    bare = [{**row, "options": [text for text in row["options"] if text != "N/A"]} for row in rows]
    shown = [f"{theirs.fewshot_to_text(row)} {theirs.fewshot_to_target(row)}" for row in bare]
    last = theirs.doc_to_text(next(of_health(ROWS))).removesuffix(" Let's think step by step.")
    assert request.text == "\n\n".join([*shown, last])
    # With what fills up the options, lm-eval's own examples have more of them.
    assert "N/A" in theirs.fewshot_to_text(rows[3])
    assert "N/A" not in request.text


@pytest.mark.parametrize(
    ("style", "said"),
    [("reasoned", "why"), ("written", "Answer: B"), ("letters", "B"), ("options", "b")],
)
def test_a_solved_example_says_what_its_style_asks_for(style: Style, said: str) -> None:
    sample = to_sample({**ROW, "cot_content": "A: why"})
    assert solution(sample, style) == said


# --- answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Let's think step by step. Measles is due to a virus. The answer is (D).", "D"),
        ("So the answer is J.", "J"),
        ("The answer is (I)", "I"),
        ("The answer is **(H)**.", "H"),
        ("Answer: G", "G"),
        # The first one that is stated is what lm-eval reads; the last is what is meant.
        ("One may think that the answer is (A). But that is wrong. The answer is (C).", "C"),
        # The makers' last resort reads the last capital from A to J here: an A, and an I.
        ("DNA", None),
        ("I cannot tell", None),
        ("The answer is (K).", None),
        ("", None),
    ],
)
def test_letters_up_to_j_are_read_and_nothing_is_guessed(text: str, letter: str | None) -> None:
    row = {**ROW, "options": [f"option {letter}" for letter in LETTERS]}
    answer = HOUSE.read(Response(text=text), to_sample(row))
    assert answer.picked == ((letter,) if letter else ())


def test_a_letter_that_the_question_does_not_have_is_no_answer() -> None:
    assert HOUSE.read(Response(text="The answer is (D)."), to_sample(ROW)).picked == ()
    assert HOUSE.read(Response(text="The answer is (C)."), to_sample(ROW)).picked == ("C",)


def test_what_is_not_read_is_wrong_and_stays_among_the_questions(tmp_path: Path) -> None:
    sitting = sit("mmlu_pro_health", NAMED.task, Setting(data="sample", style="written"), SUPPLY)
    samples: Mapping[str, str] = {
        next(sitting.talk(take))[0].text: choice(take.sample).target[0] for take in sitting.takes
    }
    places = {text: place for place, text in enumerate(samples)}
    found = medeval.evaluate(
        model=Scripted(
            lambda request: "No idea." if places[request.text] % 3 else f"The answer is ({samples[request.text]})."
        ),
        tasks=["mmlu_pro_health"], data="sample", reports=tmp_path, style="written",
    )  # fmt: skip
    first = found.results[0].first
    assert (first.value, first.n, first.unread) == (8 / 24, 24, 16)
