"""CMB-Exam: its real answers under questions made on the spot, its official score computed again, and the 2,000."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.records import Answer, ChoiceSample, Decoding, Exchange, Reply, Request, Response, Result, Setting, Walk
from medeval.reports import SAMPLES
from medeval.sitting import Sitting, sit
from medeval.sources import Local, Supply
from tasks.cmb_exam import OFFICIAL, match_choice, to_sample
from tests.conftest import REAL, choice

Rows = list[dict[str, Any]]
CMB = find().named("cmb_exam").task
ANSWERS = "CMB-test-choice-answer.json"
QUESTIONS = "CMB-Exam/CMB-test/CMB-test-choice-question-merge.json"
UNSORTED = ["EB", "EC", "DB", "CA"]

WHOLE = """
from msgspec.structs import replace
from medeval.catalog import find

CMB = find().named("cmb_exam").task
ORIGINAL = CMB.forms[0]
questions, answers = ORIGINAL.files
# The questions are made up, the answers are the real ones.
TASK = replace(CMB, folder="cmb", forms=(replace(ORIGINAL, files=(replace(questions, sha256=""), answers)),))
"""


@pytest.fixture(scope="module")
def golds() -> Rows:
    """The real answers; the tests that need them are skipped where they are absent."""
    path = REAL / "cmb" / ANSWERS
    if not path.is_file():
        pytest.skip(f"no real answers of CMB-Exam at {path}")
    rows: Rows = json.loads(path.read_text(encoding="utf-8"))
    return rows


@pytest.fixture(scope="module")
def whole(golds: Rows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task file, and data in the layout of the original: a question of six options for every real answer."""
    home = tmp_path_factory.mktemp("whole")
    (home / "whole.py").write_text(WHOLE, encoding="utf-8")
    path = home / "cmb" / QUESTIONS
    path.parent.mkdir(parents=True)
    singles = [row["id"] for row in golds if row["question_type"] == "单项选择题"]
    # The files do not name the types alike: eleven single-answer questions have another name in that of the questions.
    renamed = dict.fromkeys(singles[:11], "C型选择题")
    rows = [
        {
            "id": row["id"], "exam_type": row["exam_type"], "exam_class": row["exam_class"],
            "exam_subject": row["exam_subject"], "question": f"第{row['id']}题的正确答案",
            "question_type": renamed.get(row["id"], row["question_type"]),
            "option": {label: f"选项{label}{row['id']}" for label in "ABCDEF"},
        }
        for row in golds
    ]  # fmt: skip
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    shutil.copy(REAL / "cmb" / ANSWERS, home / "cmb" / ANSWERS)
    return home


def number(request: Request) -> int:
    """The id of the question that is asked."""
    return int(request.text.rpartition("第")[2].partition("题")[0])


def answered(whole: Path, reports: Path, say: Callable[[int], str]) -> tuple[Result, Rows]:
    """Ask a script all 11,200, and return the result and the lines of its samples."""

    def script(request: Request) -> Reply | str:
        return say(number(request))

    found = medeval.evaluate(
        model=Scripted(script), tasks="whole", data=whole, reports=reports, task_paths=[whole / "whole.py"],
        style="written", offline=True,
    )  # fmt: skip
    lines = (found.folders[0] / SAMPLES).read_text(encoding="utf-8").splitlines()
    return found.results[0], [json.loads(line) for line in lines]


def values(result: Result) -> Mapping[str, float | None]:
    return {estimate.metric: estimate.value for estimate in result.estimates if not estimate.beside}


# --- the official score, as it is described, in plain Python --------------------------------


def read_officially(text: str) -> str:
    """The letters A to G of the first statement, as far as its full stop; without a statement, all of the text."""
    cues = ("是", "：", "为", "应该是", "应该为")
    for place in range(len(text)):
        for subject in ("答案", "正确选项"):
            for cue in cues:
                if text.startswith(subject + cue, place):
                    stated = text[place + len(subject + cue) :]
                    ends = [stated.find(stop) for stop in "。." if stop in stated]
                    return "".join(letter for letter in stated[: min(ends, default=None)] if letter in "ABCDEFG")
    return "".join(letter for letter in text if letter in "ABCDEFG")


def scored_officially(golds: Rows, said: Mapping[int, str]) -> dict[str, Any]:
    """Accuracy of every class, the plain mean of its classes for every type, and the plain mean of the types."""
    classes: dict[tuple[str, str], list[bool]] = {}
    for row in golds:
        letters = read_officially(said[row["id"]])
        if row["question_type"] != "多项选择题":
            letters = letters[:1]
        classes.setdefault((row["exam_type"], row["exam_class"]), []).append(letters == row["answer"])
    types: dict[str, list[float]] = {}
    for (exam_type, _), right in classes.items():
        types.setdefault(exam_type, []).append(sum(right) / len(right))
    means = {exam_type: sum(accuracies) / len(accuracies) for exam_type, accuracies in types.items()}
    hits = [hit for right in classes.values() for hit in right]
    return {"types": means, "mean": sum(means.values()) / len(means), "micro": sum(hits) / len(hits)}


# --- the real answers -----------------------------------------------------------------------


def test_the_real_answers_are_what_the_literature_counts(golds: Rows) -> None:
    assert len(golds) == 11_200
    several = [row for row in golds if row["question_type"] == "多项选择题"]
    assert (len(several), sum(len(row["answer"]) == 1 for row in several)) == (1190, 25)
    assert sorted(row["answer"] for row in golds if list(row["answer"]) != sorted(row["answer"])) == sorted(UNSORTED)
    classes = Counter((row["exam_type"], row["exam_class"]) for row in golds)
    assert (len(classes), {*classes.values()}) == (28, {400})
    assert len({exam_type for exam_type, _ in classes}) == 6
    ((gold, times),) = Counter(row["answer"] for row in golds).most_common(1)
    assert (gold, times, round(100 * times / 11_200, 1)) == ("D", 2198, 19.6)


def test_every_question_gets_its_real_answer_by_its_id(whole: Path, golds: Rows) -> None:
    task = find([whole / "whole.py"]).named("whole").task
    samples, form = task.load("whole", Supply.only(whole))
    assert not form.pinned
    assert [(sample.id, "".join(choice(sample).target)) for sample in samples] == [
        (str(row["id"]), row["answer"]) for row in golds
    ]
    # Whether several are wanted is the word of the answers: of the singles under another name none is.
    assert sum(choice(sample).several for sample in samples) == 1190
    assert Counter(sample.slices["question_type"] for sample in samples)["C型选择题"] == 11


def test_the_commonest_right_answer_is_right_as_often_as_published(whole: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(
        model="baseline:majority", tasks="whole", data=whole, reports=tmp_path, task_paths=[whole / "whole.py"],
        offline=True,
    )  # fmt: skip
    assert round(100 * (found.results[0].first.value or 0), 1) == 19.6


def test_sorted_letters_are_all_right_but_officially_the_four_unsorted_are_wrong(
    whole: Path, golds: Rows, tmp_path: Path
) -> None:
    said = {row["id"]: f"答案是{''.join(sorted(row['answer']))}。" for row in golds}
    result, lines = answered(whole, tmp_path, said.__getitem__)
    found = values(result)
    assert (found["accuracy"], found["mean_of_types"], found["partial_credit"]) == (1.0, 1.0, 1.0)
    assert found["official"] == (11_200 - 4) / 11_200
    wrong = ["".join(line["target"]) for line in lines if line["scores"]["official"] == 0.0]
    assert sorted(wrong) == sorted(UNSORTED)
    assert found["official_mean_of_types"] == pytest.approx(scored_officially(golds, said)["mean"], abs=1e-12)
    assert result.first.unread == 0


def test_letters_in_the_order_of_the_key_are_officially_all_right(whole: Path, golds: Rows, tmp_path: Path) -> None:
    said = {row["id"]: row["answer"] for row in golds}
    found = values(answered(whole, tmp_path, said.__getitem__)[0])
    assert {*found.values()} == {1.0}


def knowing(golds: Rows, *, types: frozenset[str]) -> dict[int, str]:
    """Texts of a model that knows some exams well, others a little, and says what it says in many ways."""
    ways = (
        "{0}", "答案：{0}。", "答案:{0}，因为A不对", "正确选项为{0}.", "分析：C不符合题意。答案应该是{0}。",
        "答案是{0}。更正：答案是B。", "首先排除E。\n因此答案为{0}\n", "答案是{1}", "{1}", "我不知道。答案是无法确定。",
    )  # fmt: skip
    said = {}
    for row in golds:
        known = 10 if row["exam_type"] in types else len(row["exam_class"]) % 4
        gold = row["answer"] if row["id"] % 10 < known else "ABCDE"[row["id"] % 5]
        said[row["id"]] = ways[row["id"] % 7 if known == 10 else row["id"] % len(ways)].format(gold, gold[::-1])
    return said


@pytest.mark.parametrize(
    "types", [frozenset(), frozenset({"药师考试"}), frozenset({"医技考试", "医师考试"})], ids=["little", "8", "3 and 5"]
)
def test_the_official_numbers_are_those_of_the_description(
    types: frozenset[str], whole: Path, golds: Rows, tmp_path: Path
) -> None:
    said = knowing(golds, types=types)
    result, _ = answered(whole, tmp_path, said.__getitem__)
    found, wanted = values(result), scored_officially(golds, said)
    assert found["official"] == pytest.approx(wanted["micro"], abs=1e-12)
    assert found["official_mean_of_types"] == pytest.approx(wanted["mean"], abs=1e-12)
    assert wanted["mean"] != pytest.approx(wanted["micro"], abs=1e-4)
    (mean,) = [estimate for estimate in result.estimates if estimate.metric == "official_mean_of_types"]
    assert {part.value: part.estimate for part in mean.slices} == pytest.approx(wanted["types"], abs=1e-12)
    assert {part.slice for part in mean.slices} == {"exam_type"}
    assert (mean.low or 0) < (mean.value or 0) < (mean.high or 0)


def test_a_model_that_knows_only_the_largest_type_has_a_sixth_of_the_types_and_more_of_the_questions(
    whole: Path, golds: Rows, tmp_path: Path
) -> None:
    known = {row["id"]: row["answer"] for row in golds if row["exam_type"] == "药师考试"}
    found = values(answered(whole, tmp_path, lambda place: f"答案：{known.get(place, '无')}")[0])
    assert found["accuracy"] == pytest.approx(3200 / 11_200)
    assert found["mean_of_types"] == pytest.approx(1 / 6)
    assert found["official_mean_of_types"] == pytest.approx(1 / 6)


def test_the_mean_of_types_is_that_of_the_marks_that_were_kept(whole: Path, golds: Rows, tmp_path: Path) -> None:
    result, lines = answered(whole, tmp_path, knowing(golds, types=frozenset()).__getitem__)
    marks = {line["sample"]: line["scores"]["accuracy"] for line in lines}
    types: dict[str, dict[str, list[float]]] = {}
    for row in golds:
        types.setdefault(row["exam_type"], {}).setdefault(row["exam_class"], []).append(marks[str(row["id"])])
    means = [sum(sum(each) / len(each) for each in classes.values()) / len(classes) for classes in types.values()]
    found = values(result)
    assert found["mean_of_types"] == pytest.approx(sum(means) / 6, abs=1e-12)
    assert found["accuracy"] == pytest.approx(sum(marks.values()) / 11_200, abs=1e-12)


# --- the official reader --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("答案是B。", "B"),
        ("B", "B"),
        ("答案：ABD", "ABD"),
        ("正确选项为C.", "C"),
        ("正确选项：A", "A"),
        ("答案应该是D。选项A错误。", "D"),
        ("答案应该为D", "D"),
        # The first statement wins, whatever is said after it.
        ("答案是A。更正：答案是B。", "A"),
        ("答案是：B", "B"),
        ("答案是\nB\n选C", "BC"),
        # Only the full-width colon makes a statement: else every capital in the text counts.
        ("答案:B，而不是C。", "BC"),
        ("选B，因为A是错的", "BA"),
        ("DNA病毒，选B", "DAB"),
        # A statement without a letter is the end of it.
        ("A和B都有可能，答案是无法确定。", ""),
        ("答案是b。C", ""),
        ("正确选项是H。A", ""),
        # The letters stay as they stand: no order, no set.
        ("答案是DCBA。", "DCBA"),
        ("答案是A、A。", "AA"),
        ("答案是G。", "G"),
        ("答案是A.B", "A"),
        ("", ""),
    ],
)
def test_letters_are_read_as_the_official_code_reads_them(text: str, letters: str) -> None:
    assert match_choice(text) == letters
    assert read_officially(text) == letters


PIECES = ("答案", "正确选项", "是", "：", ":", "为", "应该", "。", ".", "\n", *"ABGHb选")


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_as_the_description_says(text: str) -> None:
    assert match_choice(text) == read_officially(text)


def asked(*target: str, several: bool) -> ChoiceSample:
    option = {label: f"选项{label}" for label in "ABCDE"}
    row = {
        "id": 1, "_id": "0000", "exam_type": "医师考试", "exam_class": "规培结业", "question": "？", "option": option,
        "question_type": "多项选择题" if several else "单项选择题", "answer": "".join(target), "several": several,
    }  # fmt: skip
    return to_sample(row)


def replied(text: str) -> Walk:
    exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text=text))
    return Walk(exchanges=(exchange,), answer=Answer())


def own_rows(setting: Setting) -> Sitting:
    named = find().named("cmb_exam")
    return sit("cmb_exam", named.task, setting, Supply.only(named.samples))


@pytest.mark.parametrize(
    ("gold", "several", "text", "mark"),
    [
        ("B", False, "答案是B。", 1.0),
        ("B", False, "BCD", 1.0),  # of a single answer the first letter counts
        ("B", False, "CB", 0.0),
        ("B", True, "BCD", 0.0),
        ("B", True, "B", 1.0),
        ("ACD", True, "答案是ACD。", 1.0),
        ("ACD", True, "答案是CAD。", 0.0),
        ("DB", True, "BD", 0.0),
        ("DB", True, "DB", 1.0),
        ("B", False, "", 0.0),
    ],
)
def test_letters_are_compared_as_they_stand(gold: str, several: bool, text: str, mark: float) -> None:
    assert OFFICIAL.mark(asked(*gold, several=several), replied(text)) == mark


# --- rows and prompts -----------------------------------------------------------------------

ROW = {
    "id": 7, "_id": "0006", "exam_type": "药师考试", "exam_class": "初级中药士", "exam_subject": "中药士",
    "question": "几何？", "question_type": "单项选择题", "answer": "B",
}  # fmt: skip


def labels(read: Callable[[Any], ChoiceSample], answer: str, **option: str | None) -> str:
    return "".join(read({**ROW, "answer": answer, "option": option}).labels)


def test_empty_options_are_none() -> None:
    assert labels(to_sample, "B", A="一", B="二", C="三 ", D=" ", E="", F=None) == "ABC"


def test_a_bare_digit_as_sixth_option_is_a_leaked_answer_and_left_out() -> None:
    first = partial(labels, to_sample, A="10", B="20", C="30", D="40", E="50")
    assert first("B", F="2") == "ABCDE"
    assert first("B", F="六个月") == "ABCDEF"
    assert first("F", F="6") == "ABCDEF"


def official_lines(number: int) -> list[str]:
    """What a question of our own looks like in the official prompt, below its own text."""
    sitting = own_rows(Setting(style="written", data="sample", protocol="cmb-official"))
    (request,) = next(sitting.talk(sitting.takes[number - 1]))
    first, _, *lines, last = request.text.splitlines()
    assert (first[:2], last) == ("问：", "答：")
    return lines


def test_options_of_one_character_are_shown_here() -> None:
    assert labels(to_sample, "B", A="温", B="热", C="平和", D="寒") == "ABCD"


def test_options_of_one_character_are_not_shown_in_the_official_prompt() -> None:
    # CMB's own code drops them, right or not: of the answer to the third, which is B, not even the letter is shown.
    assert official_lines(1)[0] == "A. 泡沫细胞"
    assert official_lines(3) == ["C. 10", "D. 20", "E. 40"]


def test_a_question_of_whose_options_none_is_left_is_asked_officially_all_the_same() -> None:
    assert [line for number in (6, 23) for line in official_lines(number) if line] == []


def test_an_answer_that_is_not_shown_can_still_be_right() -> None:
    sitting = own_rows(Setting(style="written", data="sample", protocol="cmb-official"))
    assert len(sitting.samples) == 32
    talk = sitting.talk(sitting.takes[2])
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((Response(text="答案是B。"),))
    assert end.value.value.picked == sitting.takes[2].sample.right == ("B",)


def test_an_example_of_reasoning_shows_the_official_explanation() -> None:
    sitting = own_rows(Setting(style="reasoned", data="sample", shots=5))
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert "答：精氨酸酶-1是尿素循环中的酶，" in request.text
    assert "所以答案是D。\n问：" in request.text


def test_examples_are_of_the_class_of_the_question_and_of_no_other() -> None:
    sitting = own_rows(Setting(style="written", data="sample", shots=5))
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        exams = [line.partition("的一道")[0] for line in request.text.splitlines() if line.startswith("问：")]
        slices = take.sample.slices
        assert exams == [f"问：以下是中国{slices['exam_type']}中{slices['exam_class']}考试"] * 6


# --- the 2,000 ------------------------------------------------------------------------------


@pytest.fixture
def two_thousand(real: Path, tmp_path: Path) -> Path:
    """A folder of data that has nothing but the second form."""
    (tmp_path / "data" / "cmb").mkdir(parents=True)
    shutil.copy(real / "cmb" / "cmb_single_2000.json", tmp_path / "data" / "cmb")
    return tmp_path / "data"


def test_the_2000_are_the_second_form_and_have_lost_their_exams(two_thousand: Path) -> None:
    samples, form = CMB.load("cmb_exam", Supply.only(two_thousand))
    assert (form.name, form.pinned, len(samples)) == ("single2000", True, 2000)
    assert not any(choice(sample).several or sample.slices for sample in samples)
    assert {choice(sample).labels for sample in samples} == {tuple("ABCDE")}
    first = choice(samples[0])
    assert (first.target, first.options[3].text) == (("D",), "咽鼓管宽、短、直")
    sitting = sit("cmb_exam", CMB, Setting(style="written", chat=True), Supply.only(two_thousand))
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert request.messages[0].content.startswith("以下是中国医学考试的一道单项选择题，不需要做任何分析和解释，")


def test_the_2000_have_a_majority_and_no_mean_of_types(two_thousand: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(
        model="baseline:majority", tasks="cmb_exam", data=two_thousand, reports=tmp_path, offline=True
    )
    result = found.results[0]
    # Counted in the file: 453 of the answers are D.
    assert values(result) == {"accuracy": 453 / 2000, "official": 453 / 2000, "partial_credit": 453 / 2000}


def test_a_signature_names_no_metric_that_was_left_out(two_thousand: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(
        model="baseline:majority", tasks="cmb_exam", data=two_thousand, reports=tmp_path, offline=True
    )
    assert [part for part in found.results[0].protocol.split("|") if "of_types" in part] == []


def test_other_2000_are_refused(two_thousand: Path) -> None:
    path = two_thousand / "cmb" / "cmb_single_2000.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="the task pins"):
        CMB.load("cmb_exam", Supply.only(two_thousand))


def test_questions_without_their_answers_are_not_asked(two_thousand: Path, whole: Path) -> None:
    shutil.copy(whole / "cmb" / ANSWERS, two_thousand / "cmb" / ANSWERS)
    form = replace(CMB.forms[0], files=(Local(path="some.json"), CMB.forms[0].files[1]))
    (two_thousand / "cmb" / "some.json").write_text('[{"id": 0, "question": "？", "option": {}}]', encoding="utf-8")
    with pytest.raises(DataError, match=rf"some\.json and {ANSWERS} cannot be joined \(KeyError: 0\)"):
        replace(CMB, forms=(form,)).load("cmb_exam", Supply.only(two_thousand))
