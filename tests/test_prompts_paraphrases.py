"""Other wordings of every task's sample rows: each holds the whole question, and what it asks for can be read."""

import functools
import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from medeval import catalog
from medeval.arrange import lettered, words
from medeval.prompts import Wording, options_listed, other_wordings
from medeval.records import ChoiceSample, Message, OpenSample, Response, Setting, Style
from medeval.sitting import Sitting, sit
from medeval.sources import Supply

EXAMS = [name for name, named in catalog.find().tasks.items() if named.task.chance and not named.task.budget]
STYLES: tuple[Style, ...] = ("letters", "written", "reasoned")
WAYS = [(style, chat) for style in STYLES for chat in (False, True)]
COLONS = {"en": ":", "zh": "："}


@functools.cache
def samples(name: str) -> list[ChoiceSample]:
    named = catalog.find().named(name)
    found, _ = named.task.load(name, Supply.only(named.samples), sample=True)
    return [each for each in found if isinstance(each, ChoiceSample)]


def worded(name: str, style: Style, *, chat: bool) -> Iterator[tuple[ChoiceSample, list[str]]]:
    """Every sample row with its wordings, the task's own first where it has one for this way."""
    own = catalog.find().named(name).task.wording(style, chat=chat)
    for sample in samples(name):
        others = other_wordings(sample, Setting(style=style, chat=chat))
        yield sample, [wording(sample) for wording in ([own] if own else []) + [*others]]


def in_words(sample: ChoiceSample) -> bool:
    return all(option.anchored for option in sample.options)


def frame(sample: ChoiceSample, text: str) -> str:
    """What is said around a question: the text without context, question and options."""
    for part in (sample.context, sample.question, options_listed(sample)):
        text = text.replace(part, "", 1) if part else text
    return text


def sat(name: str, style: Style, *, chat: bool = False) -> Sitting:
    named = catalog.find().named(name)
    setting = Setting(style=style, chat=chat, wordings=4, data="sample")
    return sit(name, named.task, setting, Supply.only(named.samples))


# --- what every wording holds ---------------------------------------------------------------------


def test_every_exam_of_the_house_is_among_those_looked_at() -> None:
    assert {"medqa", "medqa_mainland", "pubmedqa", "pubmedqa_closed", "cmb_exam", "medmcqa"} <= {*EXAMS}
    assert {sample.language for name in EXAMS for sample in samples(name)} == {"en", "zh"}


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize(("style", "chat"), WAYS)
def test_all_wordings_of_a_question_differ_and_hold_all_of_it(name: str, style: Style, *, chat: bool) -> None:
    looked_at = 0
    for sample, texts in worded(name, style, chat=chat):
        assert len({*texts}) == len(texts) >= 3
        for text in texts[-3:]:
            assert text.count(sample.question) == 1 + sample.context.count(sample.question)
            assert sample.context in text
            assert in_words(sample) or text.count(options_listed(sample)) == 1
        looked_at += 1
    assert looked_at >= 24


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize(("style", "chat"), WAYS)
def test_no_wording_names_a_letter_that_could_be_an_option(name: str, style: Style, *, chat: bool) -> None:
    for sample, texts in worded(name, style, chat=chat):
        for text in texts[-3:]:
            around = frame(sample, text)
            # X stands for the answer, and only where an answer is written on a line of its own.
            told = {*re.findall(r"(?<![A-Za-z])[A-Z](?![A-Za-z])", around)}
            assert told == ({"X"} if style in ("written", "reasoned") else set())
            assert "X" not in sample.labels


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize(("style", "chat"), WAYS)
def test_a_question_is_worded_in_its_own_language(name: str, style: Style, *, chat: bool) -> None:
    for sample, texts in worded(name, style, chat=chat):
        for text in texts[-3:]:
            around = frame(sample, text)
            if sample.language == "en":
                assert around.isascii()
            else:
                assert re.findall("[A-WYZa-z]+", around) == []
                assert re.search("[\u4e00-\u9fff]", around)


@pytest.mark.parametrize("name", ["pubmedqa", "pubmedqa_closed"])
@pytest.mark.parametrize(("style", "chat"), WAYS)
def test_where_words_are_the_options_nobody_asks_for_a_letter_or_an_option(
    name: str, style: Style, *, chat: bool
) -> None:
    for sample, texts in worded(name, style, chat=chat):
        arounds = [frame(sample, text) for text in texts[-3:]]
        assert not any(word in around.lower() for around in arounds for word in ("letter", "option"))
        # A plain prompt for one word may leave the words to the question; whatever else is asked names every one.
        named = ["yes, no, maybe" in around for around in arounds]
        assert all(named) if (style, chat) != ("letters", False) else named == [False, True, False]


# --- what follows a wording -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name in EXAMS if catalog.find().named(name).task.wording("letters", chat=False)]
)
def test_a_letter_goes_on_with_the_last_words_of_a_plain_prompt(name: str) -> None:
    sitting = sat(name, "letters")
    assert len(sitting.takes) == 4 * len(sitting.samples)
    for take in sitting.takes:
        sample = take.sample
        assert isinstance(sample, ChoiceSample)
        talk = sitting.talk(take)
        (request,) = next(talk)
        talk.close()
        # As lm-eval has it: the blank belongs to the letter; a full-width colon takes none.
        blank = " " if sample.language == "en" else ""
        assert request.text.endswith(COLONS[sample.language])
        assert [choice.text for choice in request.choices] == [blank + label for label in sample.labels]


@pytest.mark.parametrize("name", ["medqa", "medqa_mainland", "pubmedqa"])
def test_a_letter_is_the_first_thing_said_in_a_chat(name: str) -> None:
    sitting = sat(name, "letters", chat=True)
    for take in sitting.takes[:8]:
        sample = take.sample
        assert isinstance(sample, ChoiceSample)
        (request,) = next(sitting.talk(take))
        assert [choice.text for choice in request.choices] == [*sample.labels]
        assert not request.messages[-1].content.endswith((":", "："))


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize("style", ["written", "reasoned"])
def test_a_reply_that_does_what_a_wording_says_is_read(name: str, style: Style) -> None:
    reader = catalog.find().named(name).task.reader
    for sample, texts in worded(name, style, chat=True):
        if sample.several:
            continue
        for text in texts[-3:]:
            (line,) = re.findall('["“]((?:Answer: |答案：)X)["”]', frame(sample, text))
            for target in sample.labels:
                reply = line.replace("X", target)
                assert reader.read(Response(text=reply), sample).picked == (target,)


# --- literal cases --------------------------------------------------------------------------------

DRUG = ChoiceSample(id="1", question="Which drug?", options=lettered(["Red", "Blue"]), target=("A",))
STUDY = ChoiceSample(
    id="2", question="Is it safe?", context="Nobody died.", options=words("yes", "no", "maybe"), target=("yes",)
)
CHINESE = ChoiceSample(id="3", language="zh", question="哪种药？", options=lettered(["红", "蓝"]), target=("A",))


def first(sample: ChoiceSample, style: Style, *, chat: bool = False) -> str:
    wordings: tuple[Wording, ...] = other_wordings(sample, Setting(style=style, chat=chat))
    text: str = wordings[0](sample)
    return text


LISTED, LISTED_ZH = "Which drug?\n\nA. Red\nB. Blue\n\n", "哪种药？\n\nA. 红\nB. 蓝\n\n"
BEST, BEST_ZH = "Choose the best option.\n\n", "请选出最佳选项。\n\n"
ALL, ALL_ZH = "Choose every right option.\n\n", "请选出所有正确选项。\n\n"
SEVERAL, SEVERAL_ZH = replace(DRUG, several=True), replace(CHINESE, several=True)
STUDY_ZH = replace(
    STUDY, language="zh", question="安全吗？", context="无人死亡。", options=words("是", "否"), target=("是",)
)
ASKED, ASKED_ZH = "Nobody died.\n\nIs it safe?\n\n", "无人死亡。\n\n安全吗？\n\n"
LITERAL: list[tuple[ChoiceSample, Style, bool, str]] = [
    (DRUG, "letters", False, f"{BEST}{LISTED}The best option is:"),
    (DRUG, "letters", True, f"{BEST}{LISTED}Write nothing but the letter of the right option."),
    (STUDY, "letters", False, f"Decide.\n\n{ASKED}Your decision:"),
    (STUDY, "letters", True, f"Decide.\n\n{ASKED}Write nothing but one word of yes, no, maybe."),
    (STUDY_ZH, "letters", False, f"请作出判断。\n\n{ASKED_ZH}你的判断："),
    (STUDY_ZH, "letters", True, f"请作出判断。\n\n{ASKED_ZH}除是、否之一外什么都不要写。"),
    (SEVERAL, "letters", True, f"{ALL}{LISTED}Write nothing but the letters of all right options."),
    (SEVERAL_ZH, "written", True, f"{ALL_ZH}{LISTED_ZH}最后单独一行写“答案：X”，X为所有正确选项的字母。"),
    (CHINESE, "letters", False, f"{BEST_ZH}{LISTED_ZH}最佳选项："),
    (CHINESE, "reasoned", True, f"{BEST_ZH}{LISTED_ZH}请先推理再作答。最后单独一行写“答案：X”，X为正确选项的字母。"),
]


@pytest.mark.parametrize(("sample", "style", "chat", "text"), LITERAL)
def test_a_wording_is_this_letter_for_letter(sample: ChoiceSample, style: Style, *, chat: bool, text: str) -> None:
    assert first(sample, style, chat=chat) == text


@pytest.mark.parametrize(("style", "chat"), WAYS[1:])
def test_questions_of_several_right_options_are_asked_for_all_of_them(style: Style, *, chat: bool) -> None:
    for several, one, every in (
        (SEVERAL, ("the letter of the right option", "best option"), "the letters of all right options"),
        (SEVERAL_ZH, ("为正确选项的字母", "最佳选项"), "所有正确选项的字母"),
    ):
        texts = [wording(several) for wording in other_wordings(several, Setting(style=style, chat=chat))]
        assert not any(each in text for text in texts for each in one)
        assert all(every in text for text in texts)


@pytest.mark.parametrize("sample", [SEVERAL_ZH, STUDY_ZH], ids=["several", "words"])
def test_where_several_are_right_or_words_are_the_options_nobody_asks_for_one_item(sample: ChoiceSample) -> None:
    for wording in other_wordings(sample, Setting(style="letters", chat=True)):
        assert "哪一项" not in wording(sample)


@pytest.mark.parametrize("style", ["written", "reasoned"])
def test_all_right_options_of_a_question_that_are_written_as_asked_are_read(style: Style) -> None:
    reader = catalog.find().named("cmb_exam").task.reader
    asked = [sample for sample in samples("cmb_exam") if sample.several]
    assert asked
    for sample in asked:
        for wording in other_wordings(sample, Setting(style=style)):
            (line,) = re.findall("“(答案：X)”", frame(sample, wording(sample)))
            reply = Response(text=line.replace("X", "".join(sample.target)))
            assert {*reader.read(reply, sample).picked} == {*sample.target}


def test_the_three_wordings_of_a_plain_question_are_these() -> None:
    def ends(sample: ChoiceSample) -> list[tuple[str, str]]:
        texts = [wording(sample) for wording in other_wordings(sample, Setting(style="letters"))]
        return [(text.partition("\n")[0], text.rpartition("\n")[2]) for text in texts]

    assert ends(DRUG) == [
        ("Choose the best option.", "The best option is:"),
        ("The following is a medical question.", "Correct option:"),
        ("Which drug?", "Of these options the right one is:"),
    ]
    assert ends(STUDY) == [
        ("Decide.", "Your decision:"),
        ("The following is a medical question.", "Answer, as one word of yes, no, maybe:"),
        ("Nobody died.", "The right answer is:"),
    ]
    assert ends(STUDY_ZH) == [
        ("请作出判断。", "你的判断："), ("下面是一道医学题。", "请用是、否之一作答："), ("无人死亡。", "正确答案是："),
    ]  # fmt: skip


def test_texts_and_styles_without_options_in_the_prompt_have_no_other_wordings() -> None:
    note = OpenSample(id="1", messages=(Message(role="user", content="Hello"),), references=("Hi",))
    assert other_wordings(note, Setting(style="written")) == ()
    assert other_wordings(DRUG, Setting(style="options")) == ()
    assert len(other_wordings(DRUG, Setting(style="letters"))) == 3
