"""Tasks of dialogues: MTS-Dialog, CMB-Clin, CMtMedQA and MedDialog, as published and as they are asked."""

import json
from collections import Counter
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.baseline import RULES
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.metrics import ROUGE
from medeval.records import (
    Answer,
    Decoding,
    DialogueSample,
    Exchange,
    Failure,
    Message,
    OpenSample,
    Request,
    Response,
    Result,
    Sample,
    Turn,
    Walk,
)
from medeval.sources import Supply, read_rows
from tasks import cmb_clin, cmtmedqa, meddialog, mts_dialog

CATALOG = find()
FILES = ("mts_dialog", "aci_bench", "cmb_clin", "cmtmedqa", "meddialog")
NAMES = [name for name, named in CATALOG.tasks.items() if named.file.stem in FILES]
SECTION = OpenSample(
    id="0", messages=(Message(role="user", content="?"),), references=("Penicillin causes hives.",),
    slices={"header": "FAM/SOCHX"},
)  # fmt: skip


def loaded(name: str, root: Path) -> tuple[Sample, ...]:
    return tuple(CATALOG.named(name).task.load(name, Supply.only(root))[0])


def texts(name: str, root: Path) -> list[OpenSample]:
    return [sample for sample in loaded(name, root) if isinstance(sample, OpenSample)]


def talks(name: str, root: Path) -> list[DialogueSample]:
    return [sample for sample in loaded(name, root) if isinstance(sample, DialogueSample)]


def values(result: Result) -> dict[str, float | None]:
    return {estimate.metric: estimate.value for estimate in result.estimates}


def walk(text: str, judged: str = "") -> Walk:
    """What the model wrote, and what a judge said of it where there is one."""
    said = [("model", text)] + ([("judge:one", judged)] if judged else [])
    return Walk(
        exchanges=tuple([
            Exchange(request=Request(decoding=Decoding(), role=role), asked="", reply=Response(text=each))
            for role, each in said
        ]), answer=Answer(),
    )  # fmt: skip


def rouge1(text: str, judged: str = "") -> object:
    (metric,) = [each for each in mts_dialog.TEST1.metrics if each.name == "rouge1"]
    mark = metric.mark(SECTION, walk(text, judged))
    return mark[0] if isinstance(mark, tuple) else mark


# --- sections of notes --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rows"), [("", 200), ("_test2", 200), ("_valid", 100)])
def test_every_real_header_has_a_code_that_is_listed(name: str, rows: int, real: Path) -> None:
    sections = texts(f"mts_dialog{name}", real)
    assert len(sections) == rows
    # Each of the published test sets and the validation set has all twenty.
    assert {each.slices["header"] for each in sections} == {*mts_dialog.HEADERS}
    assert len(mts_dialog.HEADERS) == 20


def test_half_of_the_real_sections_have_two_headers_and_37_less_than_five_words(real: Path) -> None:
    sections = texts("mts_dialog", real)
    counts = Counter(each.slices["header"] for each in sections).most_common(2)
    assert counts == [("GENHX", 53), ("FAM/SOCHX", 45)]
    assert sum(len(each.references[0].split()) < 5 for each in sections) == 37


@pytest.mark.parametrize(
    "stated",
    ["Section: FAM/SOCHX", "section : fam/sochx", "**Section:** FAM/SOCHX", "**Section**: FAM/SOCHX (family)",
     "\n# Section: `FAM/SOCHX`"],
)  # fmt: skip
def test_a_header_is_read_off_the_first_line_and_is_no_part_of_the_text(stated: str) -> None:
    said = f"{stated}\n\nPenicillin causes hives."
    assert mts_dialog.header_accuracy(SECTION, walk(said)) == 1.0
    assert rouge1(said) == 1.0


@pytest.mark.parametrize("stated", ["Section: ALLERGY\n", "Section: FAM\n", "", "FAM/SOCHX\n", "A section: none\n"])
def test_another_header_or_none_is_wrong(stated: str) -> None:
    assert mts_dialog.header_accuracy(SECTION, walk(f"{stated}Penicillin causes hives.")) == 0.0


def test_a_section_without_a_header_keeps_its_words_and_a_header_alone_has_none() -> None:
    assert rouge1("Penicillin causes hives.") == 1.0
    # What stands further down is the section's own.
    assert rouge1("Penicillin causes hives.\nSection: FAM/SOCHX") == pytest.approx(2 * 3 / (3 + 6))
    assert (rouge1("Section: FAM/SOCHX"), rouge1("")) == (0.0, 0.0)


def test_what_a_judge_says_later_is_no_part_of_a_section() -> None:
    assert rouge1("Section: FAM/SOCHX\nPenicillin causes hives.", judged="Grade: 5") == 1.0


def test_a_section_has_the_rouge_of_a_text(real: Path) -> None:
    one = texts("mts_dialog", real)[0]
    said = walk(one.source)
    (ours,) = [each for each in mts_dialog.TEST1.metrics if each.name == "rouge1"]
    assert ours.mark(one, said) == ROUGE[0].mark(one, said)


# --- cases and their questions ------------------------------------------------------------


def test_the_real_cases_have_208_questions_with_a_solution_each(real: Path) -> None:
    cases = talks("cmb_clin", real)
    assert Counter(len(case.turns) for case in cases) == {3: 54, 2: 14, 4: 4, 1: 2}
    assert all(turn.asked and turn.reference for case in cases for turn in case.turns)
    assert all(case.context.startswith("以下是一位病人的病例：\n") for case in cases)
    assert {case.carried for case in cases} == {"own"}


def test_the_gold_variant_differs_in_what_is_carried_on_alone(real: Path) -> None:
    own, gold = talks("cmb_clin", real), talks("cmb_clin_gold", real)
    assert {case.carried for case in gold} == {"gold"}
    assert [case.turns for case in own] == [case.turns for case in gold]


def test_both_releases_of_the_cases_are_read_the_same() -> None:
    row = {"id": "7", "title": "案例分析-感冒", "description": "咳嗽两天。 "}
    first, later = [
        cmb_clin.to_sample({**row, "QA_pairs": [{"question": " 诊断？", key: "感冒。\n"}]})
        for key in ("answer", "solution")
    ]
    assert first == later
    assert first.turns == (Turn(asked="诊断？", reference="感冒。"),)


def test_a_model_reads_its_own_answers_and_in_the_gold_variant_those_of_the_benchmark(tmp_path: Path) -> None:
    heard: dict[str, list[list[Message]]] = {}
    for name in ("cmb_clin", "cmb_clin_gold"):

        def script(request: Request, name: str = name) -> str:
            heard.setdefault(name, []).append([turn for turn in request.messages if turn.role == "assistant"])
            return "我不知道。"

        medeval.evaluate(
            model=Scripted(script), tasks=[name], data="sample", reports=tmp_path, style="written", chat=True
        )  # fmt: skip
    own, gold = [[turn.content for before in heard[name] for turn in before] for name in ("cmb_clin", "cmb_clin_gold")]
    assert {*own} == {"我不知道。"}
    assert "我不知道。" not in gold
    assert len(own) == len(gold) > 0


def test_a_case_that_breaks_off_counts_all_its_questions(tmp_path: Path) -> None:
    # The last is too long for its context: those before it keep what they have.
    rows = {row["id"]: row for row in read_rows(CATALOG.named("cmb_clin").samples / "cmb" / "CMB-test-qa.json")}
    answers = {pair["question"]: pair["answer"] for row in rows.values() for pair in row["QA_pairs"]}
    last = {row["QA_pairs"][-1]["question"] for row in rows.values()}

    def script(request: Request) -> str | Failure:
        asked = request.messages[-1].content.rpartition("\n")[2]
        return Failure(failure="too_long", reason="it is full") if asked in last else answers[asked]

    result = medeval.evaluate(
        model=Scripted(script), tasks=["cmb_clin"], data="sample", reports=tmp_path, style="written", chat=True
    ).results[0]
    turns = sum(len(row["QA_pairs"]) for row in rows.values())
    assert values(result)["rouge1"] == pytest.approx((turns - len(rows)) / turns)
    assert result.first.failed == 0


# --- patients -----------------------------------------------------------------------------


def test_the_real_file_of_cmtmedqa_holds_dialogues_and_questions_of_safety(real: Path) -> None:
    last, own, safety = texts("cmtmedqa", real), talks("cmtmedqa_own", real), texts("cmtmedqa_safety", real)
    assert (len(last), len(own), len(safety)) == (1000, 1000, 144)
    assert [len(each.messages) for each in last] == [2 * len(each.turns) - 1 for each in own]
    assert [each.references[0] for each in last] == [each.turns[-1].reference for each in own]
    assert [each.slices for each in last] == [each.slices for each in own]
    assert sum("谢" in each.messages[-1].content for each in last) == 856


def test_six_questions_of_safety_stand_there_twice_and_are_no_more_samples_for_it(real: Path) -> None:
    safety = texts("cmtmedqa_safety", real)
    assert len({each.id for each in safety}) == 144
    clusters = Counter(each.cluster for each in safety)
    assert Counter(clusters.values()) == {1: 132, 2: 6}


def test_the_last_question_is_asked_behind_all_that_was_said() -> None:
    row = {
        "id": "a", "cate1": "内科", "cate2": "内科", "instruction": " 还查什么？ ", "input": "", "output": "心电图。",
        "history": [["胸闷？", "多久了？"], ["三天。", "请做检查。"]],
    }  # fmt: skip
    asked = cmtmedqa.to_sample(row)
    assert [(turn.role, turn.content) for turn in asked.messages] == [
        ("user", "胸闷？"), ("assistant", "多久了？"), ("user", "三天。"), ("assistant", "请做检查。"),
        ("user", "还查什么？"),
    ]  # fmt: skip
    assert asked.slices == {"department": "内科", "turns": "3"}
    assert [turn.reference for turn in cmtmedqa.whole(row).turns] == ["多久了？", "请做检查。", "心电图。"]


UTTERANCES = ["patient: My ear rings.", "patient: Why: is it age?", "doctor: How long?", "patient: A week.",
              "doctor: Have it tested.", "patient: Thanks."]  # fmt: skip


def test_the_doctors_last_turn_is_wanted_behind_what_was_said_before_it() -> None:
    asked = meddialog.to_sample({"description": "Ears.", "utterances": UTTERANCES})
    assert [(turn.role, turn.content) for turn in asked.messages] == [
        ("user", "My ear rings.\nWhy: is it age?"), ("assistant", "How long?"), ("user", "A week."),
    ]  # fmt: skip
    assert asked.references == ("Have it tested.",)
    assert asked.slices == {"turns": "2"}
    pairs = [each.split(": ", 1) for each in UTTERANCES]
    said = [{"speaker": who, "utterance": words} for who, words in pairs]
    assert meddialog.to_sample({"description": "Ears.", "utterances": said}) == asked


def test_chinese_speakers_are_known_by_their_own_names() -> None:
    asked = meddialog.to_chinese({"utterances": ["病人：耳鸣。", "医生：多久了？", "患者：一周。", "医生：查听力。"]})
    assert [turn.content for turn in asked.messages] == ["耳鸣。", "多久了？", "一周。"]
    assert (asked.references, asked.language) == (("查听力。",), "zh")


@pytest.mark.parametrize(
    "utterances", [[], ["patient: Hello?"], ["doctor: Hello."], ["doctor: Hello.", "patient: Hm.", "doctor: Well?"]]
)
def test_a_dialogue_without_an_answer_to_a_patient_is_told(utterances: list[str], tmp_path: Path) -> None:
    path = tmp_path / "meddialog" / "en_test_1000.json"
    path.parent.mkdir()
    rows = [{"utterances": UTTERANCES}, {"utterances": utterances}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")  # a line a row is read as well
    with pytest.raises(DataError, match="row 2: ValueError: there is no turn of the doctor's"):
        CATALOG.named("meddialog").task.load("meddialog", Supply.only(tmp_path), sample=True)


# --- all of them --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_conversation_that_fits_no_context_is_nothing_and_no_fault(name: str, tmp_path: Path) -> None:
    model = Scripted(lambda _: Failure(failure="too_long", reason="it is full"))
    result = medeval.evaluate(model=model, tasks=[name], data="sample", reports=tmp_path, style="written").results[0]
    assert (result.first.value, result.first.failed) == (0.0, 0)
    assert result.first.too_long == result.first.n > 0


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_that_reads_nothing_is_as_good_as_knowing_or_says_nothing(name: str, tmp_path: Path) -> None:
    for rule in RULES:
        found = medeval.evaluate(model=f"baseline:{rule}", tasks=[name], data="sample", reports=tmp_path)
        first = found.results[0].first
        assert (first.failed, first.unread) == (0, 0)
        assert (first.value or 0.0) < 0.75


@pytest.mark.parametrize(
    ("name", "n", "share"), [("cmtmedqa", 1000, 41.1), ("cmtmedqa_own", 1000, 23.65), ("cmb_clin", 74, 15.87)]
)  # fmt: skip
def test_the_answer_of_another_dialogue_does_well_at_the_end_of_one_and_not_before(
    name: str, n: int, share: float, real: Path, tmp_path: Path
) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks=[name], data=str(real), reports=tmp_path)
    first = found.results[0].first
    assert (first.n, first.failed, first.unread) == (n, 0, 0)
    assert round(100 * (first.value or 0.0), 2) == share
    if name == "cmtmedqa":
        assert any(f"ROUGE-1 of {share:.0f} %" in trap for trap in CATALOG.named(name).task.traps)
