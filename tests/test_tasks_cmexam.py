"""CMExam: options in one text, several right letters, annotations, and its makers' two numbers."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.metrics import accuracy
from medeval.readers import HOUSE
from medeval.records import Answer, ChoiceSample, Response, Result, Row, Setting, Style, Walk
from medeval.sitting import Sitting, sit
from medeval.sources import Supply, read_rows
from tasks.cmexam import ANNOTATIONS, SETS, as_sets, explained, from_hub, options_in, to_sample
from tests.conftest import choice

NAMED = find().named("cmexam")
SUPPLY = Supply.only(NAMED.samples)
ROWS = read_rows(NAMED.samples / "cmexam" / "test_with_annotations.csv")
ROW = {
    "_id": "0000", "Question": "？", "Options": "A 甲\nB 乙\nC 丙\nD 丁\nE 戊", "Answer": "B", "Explanation": "",
    **dict.fromkeys(ANNOTATIONS.values(), "不符合"),
}  # fmt: skip


def asked_in(style: Style, *, shots: int = 0) -> Sitting:
    return sit("cmexam", NAMED.task, Setting(data="sample", style=style, shots=shots), SUPPLY)


def answered(said: Callable[[ChoiceSample], str], tmp_path: Path) -> Result:
    """The result of a model that says something about every question of the sample rows."""
    sitting = asked_in("written")
    texts = {next(sitting.talk(take))[0].text: said(choice(take.sample)) for take in sitting.takes}
    found = medeval.evaluate(
        model=Scripted(lambda request: texts[request.text]), tasks=["cmexam"], data="sample", reports=tmp_path,
        style="written",
    )  # fmt: skip
    return found.results[0]


# --- options ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("A 升高\nB 降低\nC 不变", {"A": "升高", "B": "降低", "C": "不变"}),
        # Its makers' own reader takes what stands up to the next blank: 10, and 1.
        ("A 10 mg 口服\nB 1 mg 静脉注射", {"A": "10 mg 口服", "B": "1 mg 静脉注射"}),
        ("A.一\nB、二\nC：三\nD) 四", {"A": "一", "B": "二", "C": "三", "D": "四"}),
        # A text may run over lines, and a line of it may begin with a letter.
        ("A 维生素\nA 缺乏\nB 维生素\n缺乏", {"A": "维生素 A 缺乏", "B": "维生素 缺乏"}),
        ("A CD4 T细胞\nB B 细胞\nC DNA", {"A": "CD4 T细胞", "B": "B 细胞", "C": "DNA"}),
        (" A  一 \n\n B  二 ", {"A": "一", "B": "二"}),
        ("", {}),
    ],
)
def test_options_are_taken_out_of_their_text(text: str, options: Mapping[str, str]) -> None:
    assert options_in(text) == options


def test_labels_stay_where_one_lacks_in_the_middle() -> None:
    (sample,) = [choice(each) for each in sample_rows() if len(choice(each).options) == 4]
    assert (sample.labels, sample.target) == (("A", "B", "D", "E"), ("D",))
    assert next(option.text for option in sample.options if option.label == "D") == "核糖体30S亚基"
    assert to_sample({**ROW, "Options": "A 甲\nB 乙\nD 丁\nE 戊", "Answer": "E"}).labels == tuple("ABDE")


def test_a_right_letter_without_a_text_can_be_named_all_the_same() -> None:
    sample = to_sample({**ROW, "Options": "A 甲\nB 乙\nD 丁\nE 戊", "Answer": "C"})
    assert [(option.label, option.text) for option in sample.options][2] == ("C", "")
    assert sample.target == ("C",)


def test_a_row_without_any_option_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cmexam" / "test_with_annotations.csv"
    path.parent.mkdir()
    path.write_text("Question,Options,Answer,Explanation\n？,,B,\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 1: the options are .*there must be two at least"):
        NAMED.task.load("cmexam", Supply.only(tmp_path), sample=True)


def sample_rows() -> tuple[ChoiceSample, ...]:
    samples, _ = NAMED.task.load("cmexam", SUPPLY, sample=True)
    return tuple(map(choice, samples))


# --- several right letters ----------------------------------------------------------------


def test_the_sample_rows_have_every_number_of_right_letters_and_every_letter() -> None:
    counts = Counter(len(sample.target) for sample in sample_rows())
    assert {*counts} == {1, 2, 3, 4, 5}
    assert {sample.several for sample in sample_rows() if len(sample.target) > 1} == {True}
    assert {sample.target for sample in sample_rows() if len(sample.target) == 1} == {(letter,) for letter in "ABCDE"}


@pytest.mark.parametrize(
    ("gold", "said", "right"),
    [
        ("ABD", "答案：ABD", True), ("ABD", "答案：D、B、A", True), ("DBA", "答案：ABD", True),
        ("ABD", "答案：AB", False), ("ABD", "答案：ABDE", False), ("ABCDE", "答案：ABCDE", True),
        ("B", "答案：B", True), ("B", "答案：BC", False), ("B", "DNA病毒。答案：B", True),
    ],
)  # fmt: skip
def test_all_right_letters_are_wanted_and_no_other(gold: str, said: str, right: bool) -> None:
    sample = to_sample({**ROW, "Answer": gold})
    walk = Walk(exchanges=(), answer=HOUSE.read(Response(text=said), sample))
    assert accuracy.mark(sample, walk) == float(right)
    wanted, picked = as_sets(sample, walk)
    assert (wanted == picked) == right


def test_the_question_does_not_tell_how_many_are_right() -> None:
    one, many = to_sample(ROW), to_sample({**ROW, "Answer": "ABD"})
    for wording in NAMED.task.wordings.values():
        assert wording(one) == wording(many)


def test_the_weighted_f1_of_sets_is_that_of_another_implementation(tmp_path: Path) -> None:
    scores = pytest.importorskip("sklearn.metrics")
    places = {sample.id: place for place, sample in enumerate(sample_rows())}

    def said(sample: ChoiceSample) -> str:
        place = places[sample.id]
        return ["A", "B", "".join(sample.right), "", "".join(sample.right), "AB", "C"][place % 7]

    result = answered(lambda sample: f"答案：{said(sample)}" if said(sample) else "我不知道。", tmp_path)
    golds = ["".join(sorted(sample.right)) for sample in sample_rows()]
    picks = ["".join(sorted(said(sample))) or "无答案" for sample in sample_rows()]
    wanted = scores.f1_score(golds, picks, average="weighted", zero_division=0.0)
    values = {estimate.metric: estimate.value for estimate in result.estimates}
    assert 0.2 < wanted < 0.8
    assert values["weighted_f1_of_sets"] == pytest.approx(wanted, abs=1e-12)
    assert values["accuracy"] == pytest.approx(sum(a == b for a, b in zip(golds, picks, strict=True)) / len(golds))
    # What cannot be read stays among the questions; in its makers' numbers of GPT it does not.
    assert (result.first.n, result.first.unread) == (len(golds), picks.count("无答案"))


def test_there_is_a_class_for_every_set_of_letters() -> None:
    assert len(SETS) == len({*SETS}) == 2**5 - 1
    mute = Walk(exchanges=(), answer=Answer(status="unread"))
    assert as_sets(to_sample(ROW), mute) == (float(SETS.index("B")), -1.0)


# --- annotations and explanations ---------------------------------------------------------


def test_every_annotation_is_a_slice_and_an_empty_one_says_that_none_fits() -> None:
    samples = sample_rows()
    assert {tuple(sample.slices) for sample in samples} == {tuple(ANNOTATIONS)}
    blank = [row["_id"] for row in ROWS if not row["Clinical Department"]]
    assert [sample.slices["department"] for sample in samples if sample.id in blank] == ["不符合"]
    assert {sample.slices["difficulty"] for sample in samples} == {*"12345"}
    assert len({sample.slices["discipline"] for sample in samples}) == 7
    assert len({sample.slices["competency"] for sample in samples} - {"不符合"}) == 4


def test_numbers_are_broken_down_by_annotations_that_enough_questions_share(tmp_path: Path) -> None:
    result = answered(lambda sample: f"答案：{''.join(sample.right)}", tmp_path)
    assert {"discipline", "competency", "difficulty"} <= {part.slice for part in result.first.slices}


def test_an_explanation_is_shown_in_solved_examples_and_nowhere_else() -> None:
    plain, shown = asked_in("reasoned"), asked_in("reasoned", shots=5)
    explanations = [row["Explanation"] for row in ROWS if row["Explanation"]]
    for take in plain.takes:
        (request,) = next(plain.talk(take))
        assert not [each for each in explanations if each in request.text]
    (request,) = next(shown.talk(shown.takes[0]))
    pool = [row for row in read_rows(NAMED.samples / "cmexam" / "val.csv") if row["Explanation"]]
    # One of the seven examples has no explanation, and is not shown.
    assert len(pool) == 6
    assert sum(f"{row['Explanation']}\n答案：{row['Answer']}" in request.text for row in pool) == 5


def test_examples_without_an_explanation_or_an_answer_are_left_out() -> None:
    rows: list[Row] = [{**ROW, "Explanation": why, "Answer": gold} for why in ("因为", " ", None) for gold in ("A", "")]
    assert [(row["Explanation"], row["Answer"]) for row in explained(rows)] == [("因为", "A")]


def test_a_base_model_is_shown_letters_only() -> None:
    sitting = asked_in("written", shots=5)
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert request.text.count("\n答案：") == 6
    assert request.text.endswith("\n答案：")


# --- the hub's copy -----------------------------------------------------------------------


def test_the_hubs_copy_means_the_same_without_annotations() -> None:
    own = to_sample(ROWS[0])
    listed = [{"key": label, "value": f"{text} "} for label, text in options_in(ROWS[0]["Options"]).items()]
    bare = {key: value for key, value in ROWS[0].items() if key not in ANNOTATIONS.values()}
    other = from_hub({**bare, "Options": listed})
    assert (other.options, other.target, other.slices) == (own.options, own.target, {})


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cmexam").mkdir()
    copied = (NAMED.samples / "cmexam" / "test_with_annotations.csv").read_bytes()
    (tmp_path / "cmexam" / "test_with_annotations.csv").write_bytes(copied)
    with pytest.raises(DataError, match="the task pins e998f69b3f81"):
        NAMED.task.load("cmexam", Supply.only(tmp_path))


def test_the_declared_chance_is_that_of_one_letter_of_five() -> None:
    # 204 of the 6,811 want several letters, which a guess of one never gets.
    assert NAMED.task.chance == pytest.approx((6811 - 204) / 6811 / 5, abs=5e-4)
