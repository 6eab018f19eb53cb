"""How an exam is put: the house's words in both languages, and its owner's own, which can do nothing but write."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from medeval import prompts
from medeval.exams import opened
from medeval.exams.declared import Exam
from medeval.exams.wordings import wordings_of
from medeval.records import ChoiceSample, Message, OpenSample, Option
from tests.test_exams.books import CHINESE, ENGLISH, EXAM, HEAD, SEVERAL, asked, faults, laid, said, samples, small

CHOICE = Exam(file="a.csv", question="q", options=("A", "B"), answer="k")
OPEN = Exam(file="a.csv", question="q", references="r")
EN = ChoiceSample(
    id="0002", question="Which is safest in pregnancy?", target=("B",), slices={"Ward": "Maternity"},
    options=(Option(label="A", text="Ibuprofen"), Option(label="B", text="Paracetamol")),
)  # fmt: skip
ZH = ChoiceSample(
    id="0003", question="妊娠期首选的解热镇痛药是？", target=("B",), language="zh",
    options=(Option(label="A", text="布洛芬"), Option(label="B", text="对乙酰氨基酚")),
)  # fmt: skip
OWN = "{{ language }}|{{ question }}|{% for each in options %}{{ each.label }}={{ each.text }};{% endfor %}"


def put(way: str, sample: ChoiceSample | OpenSample, exam: Exam = CHOICE, *, several: bool = False) -> str:
    return wordings_of(exam, several=several)[way](sample)


def own(prompt: str | dict[str, str], *, several: bool = False) -> Mapping[str, prompts.Wording]:
    made = Exam(file="a.csv", question="q", options=("A", "B"), answer="k", prompt=prompt)
    return wordings_of(made, several=several)


# --- the house's words --------------------------------------------------------------------


def test_an_english_question_has_lm_evals_prompt_and_the_houses() -> None:
    listed = "A. Ibuprofen\nB. Paracetamol\n"
    assert put("letters", EN) == f"Question: {EN.question}\n{listed}Answer:"
    assert put("written:plain", EN) == put("letters", EN)
    assert put("letters:chat", EN) == f"{EN.question}\n\n{listed}\nReply with the letter only."
    assert put("reasoned", EN) == (
        f'{EN.question}\n\n{listed}\nThink step by step. End with a last line "Answer: X", where X is the letter of '
        "the right option."
    )
    assert put("options", EN) == f"Question: {EN.question}\nAnswer:"


def test_a_chinese_question_of_the_same_exam_is_put_in_chinese() -> None:
    listed = "A. 布洛芬\nB. 对乙酰氨基酚\n"
    assert put("letters", ZH) == f"题目：妊娠期首选的解热镇痛药是？\n{listed}答案："
    assert put("reasoned", ZH).endswith("请一步一步地分析，最后一行写“答案：X”，X为正确选项的字母。")
    for way in wordings_of(CHOICE, several=False):
        assert not any(word in put(way, ZH) for word in ("Answer", "Question", "letter")), way
        assert not any(sign in put(way, EN) for sign in "题答："), way


@pytest.mark.parametrize("way", ["letters", "letters:chat", "options", "written", "written:plain", "reasoned"])
@pytest.mark.parametrize("sample", [EN, ZH], ids=["en", "zh"])
def test_the_case_is_read_first_in_every_way(way: str, sample: ChoiceSample) -> None:
    case = "A case to be read."
    with_case = ChoiceSample(
        id=sample.id, question=sample.question, context=case, options=sample.options, target=sample.target,
        language=sample.language,
    )  # fmt: skip
    text = put(way, with_case)
    assert text.count(case) == 1
    assert text.index(case) < text.index(sample.question)
    assert text.replace(f"{case}\n\n", "", 1) == put(way, sample)


@pytest.mark.parametrize(("sample", "line"), [(EN, '"Answer: X, Y".'), (ZH, "最后一行写“答案：XY”。")])
def test_where_several_may_be_right_all_letters_are_asked_for(sample: ChoiceSample, line: str) -> None:
    several = ChoiceSample(
        id=sample.id, question=sample.question, options=sample.options, target=("A", "B"), several=True,
        language=sample.language,
    )  # fmt: skip
    ways = wordings_of(CHOICE, several=True)
    assert {*ways} == {"written", "reasoned"}, "one letter's probability tells nothing of a set of letters"
    for way in ways:
        assert ways[way](several).endswith(line)
        assert ways[way](sample) == put(way, sample), "a question that says that one is right"
    assert ("step by step" in ways["reasoned"](several)) is (sample.language == "en")
    assert "step by step" not in ways["written"](several)


def test_an_open_question_is_asked_as_it_is_and_a_base_model_sees_where_to_answer() -> None:
    english = OpenSample(id="1", messages=(Message(role="user", content="What is INR?"),), references=("A ratio.",))
    chinese = OpenSample(
        id="2", messages=(Message(role="user", content="什么是INR？"),), references=("比值。",), language="zh"
    )
    assert put("written", english, OPEN) == "What is INR?"
    assert put("written:plain", english, OPEN) == "Question: What is INR?\nAnswer:"
    assert put("written:plain", chinese, OPEN) == "问题：什么是INR？\n回答："


# --- the owner's own ----------------------------------------------------------------------


def test_one_text_is_put_in_every_style_that_shows_options() -> None:
    ways = own(OWN)
    for way in ("letters", "letters:chat", "written", "written:plain", "reasoned", "reasoned:chat"):
        assert ways[way](EN) == "en|Which is safest in pregnancy?|A=Ibuprofen;B=Paracetamol;"
        assert ways[way](ZH).startswith("zh|妊娠期")
    assert ways["options"](EN) == put("options", EN), "options are not shown there"


def test_a_table_has_a_text_for_a_style_and_the_others_are_the_houses() -> None:
    ways = own({"reasoned": OWN, "options": "{{ question }}"})
    assert ways["reasoned"](EN).startswith("en|")
    assert ways["reasoned:chat"](EN).startswith("en|")
    assert ways["options:plain"](EN) == EN.question
    for way in ("letters", "written", "written:plain"):
        assert ways[way](EN) == put(way, EN)


def test_own_words_bring_no_letters_back_where_several_may_be_right() -> None:
    assert not any(way.startswith("letters") for way in own(OWN, several=True))


def test_a_template_sees_the_case_and_the_parts_of_a_question(tmp_path: Path) -> None:
    laid(tmp_path / "sheet.csv", [("Case", *HEAD), ("She is 34.", *ENGLISH[0])])
    text = EXAM + 'context = "Case"\nprompt = "{{ context }} [{{ slices.Ward }}] {{ question }}"\n'
    file = said(tmp_path, text, FILE="sheet.csv")
    (sample,) = samples(file)
    assert opened(file)[1].wordings["reasoned"](sample) == f"She is 34. [Cardiology] {ENGLISH[0][0]}"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("{{ question }", ["unexpected '}'"]),
        ("{{ quetsion }}", ["quetsion", "undefined"]),
        ("{{ question }} {{ options[7].text }}", ["0002"]),
        ("{{ question }} {{ slices.Dose }}", ["Dose"]),
        ("{{ question }} {{ 1 / 0 }}", ["division by zero"]),
        ("{{ question }} {{ question.__class__.__mro__ }}", ["unsafe"]),
        ("{{ question }} {{ options.__init__.__globals__ }}", ["unsafe"]),
        ("{{ question }} {% for n in range(10 ** 9) %}{% endfor %}", ["Range too big"]),
        ("{{ question }} {% include '/etc/hostname' %}", ["no loader"]),
        ("{{ question }} {{ cycler.__init__.__globals__.os.popen('id') }}", ["unsafe"]),
        ("{{ question }} {{ options.append(1) }}", ["append"]),
        ("{question} {options}", ["does not show question '0002'", "{{ question }}"]),
        (" ", ["does not show question '0002'"]),
        ("Answer with a letter.", ["does not show question '0002'"]),
    ],
)
def test_a_prompt_that_fails_or_wants_out_is_told_before_anything_is_asked(
    tmp_path: Path, prompt: str, words: list[str]
) -> None:
    laid(tmp_path / "sheet.csv", [HEAD, *ENGLISH])
    (found,) = faults(said(tmp_path, EXAM + f'prompt = "{prompt}"\n', FILE="sheet.csv"))
    assert found.startswith(f"{tmp_path / 'exam.toml'}: ")
    assert [word for word in words if word not in found] == []
    assert found.endswith(".")
    assert "\n" not in found


def test_a_prompt_that_fails_at_a_later_question_is_told_too(tmp_path: Path) -> None:
    short = (*ENGLISH[0][:3], "", "", "B", "")
    file = small(tmp_path, [*ENGLISH[1:3], short], 'prompt = "{{ question }} {{ options[3].text }}"\n')
    (found,) = faults(file)
    assert "0004" in found


def test_a_part_that_a_question_does_not_have_is_told(tmp_path: Path) -> None:
    file = small(tmp_path, [ENGLISH[0], (*ENGLISH[1][:6], "")], 'prompt = "{{ question }} ({{ slices.Ward }})"\n')
    (found,) = faults(file)
    assert "0003" in found
    assert "Ward" in found


def test_every_style_of_a_table_is_tried(tmp_path: Path) -> None:
    more = '[prompt]\nletters = "{{ question }} {{ a }}"\nwritten = "{{ question }}"\nreasoned = "{{ b }}"\n'
    found = faults(small(tmp_path, ENGLISH, more))
    assert ["'a'" in found[0], "'b'" in found[1], len(found)] == [True, True, 2]


def test_words_of_our_own_are_not_escaped_as_for_a_page(tmp_path: Path) -> None:
    row = ('Is "CrCl < 30" & "age > 80" a reason to halve it?', "<b>Yes</b>", "{{ question }}", "", "", "A", "w")
    file = small(tmp_path, [row], 'prompt = "{{ question }}\\n{{ options[0].text }}\\n{{ options[1].text }}"\n')
    (sample,) = samples(file)
    # What the sheet says is never read as a template.
    assert opened(file)[1].wordings["written"](sample) == f"{row[0]}\n<b>Yes</b>\n{{{{ question }}}}"


def test_a_mixed_exam_is_put_in_the_language_of_each_question(tmp_path: Path) -> None:
    rows = [(*ENGLISH[0][:6], "en"), (*CHINESE[0][:6], "zh"), (*SEVERAL[:6], "en")]
    file = small(tmp_path, rows, 'language = "Ward"\n')
    written = opened(file)[1].wordings["written"]
    ends = [written(sample).rpartition("\n")[2] for sample in asked(file)]
    assert ['"Answer: X, Y".' in ends[0], "“答案：XY”" in ends[1], '"Answer: X, Y".' in ends[2]] == [True] * 3
