"""Prompts, letter for letter those of lm-eval 0.4.13, what stands around them, and templates that only write text."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.exceptions import SecurityError, TemplateError
from msgspec.structs import replace

from medeval import prompts
from medeval.arrange import lettered, words
from medeval.errors import RequestError, TaskError
from medeval.prompts import Asking, Wording, template
from medeval.prompts.asking import glue, solved
from medeval.prompts.chats import ChatTemplate
from medeval.records import (
    Choice,
    ChoiceSample,
    Decoding,
    DialogueSample,
    Message,
    OpenSample,
    Request,
    Sample,
    Setting,
    Style,
    Turn,
)

VIGNETTE = ChoiceSample(
    id="q7",
    question='A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?',
    options=lettered(["Ampicillin", "<b>Ceftriaxone</b>", "Doxycycline & rest", "{% raw %}"]),
    target=("D",),
)
STUDY = ChoiceSample(
    id="21645374",
    question="Do mitochondria play a role?",
    context="Leaves die.\nMitochondria were seen.",
    options=words("yes", "no", "maybe"),
    target=("yes",),
)
CHINESE = ChoiceSample(
    id="3",
    language="zh",
    question="下列哪项{{ 正确 }}？",
    options=lettered(["甲 < 乙", "{% raw %}", "丙"]),
    target=("B",),
)

# --- wordings ---

LISTED = "A. Ampicillin\nB. <b>Ceftriaxone</b>\nC. Doxycycline & rest\nD. {% raw %}\n"
STEM = 'A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?'
READ = "Leaves die.\nMitochondria were seen.\n\nDo mitochondria play a role?\n\n"
LISTED_ZH = "下列哪项{{ 正确 }}？\n\nA. 甲 < 乙\nB. {% raw %}\nC. 丙\n\n"
LAST_LINE = 'End with a last line "Answer: X"'
SAID: dict[str, tuple[ChoiceSample, str]] = {
    # lm-eval's medqa_4options, medmcqa, mmlu and pubmedqa
    "question_options": (VIGNETTE, f"Question: {STEM}\n{LISTED}Answer:"),
    "question_choices": (VIGNETTE, f"Question: {STEM}\nChoices:\n{LISTED}Answer:"),
    "stem_options": (VIGNETTE, f"{STEM}\n{LISTED}Answer:"),
    "abstract_question": (
        STUDY,
        "Abstract: Leaves die.\nMitochondria were seen.\nQuestion: Do mitochondria play a role?\nAnswer:",
    ),
    # our own
    "question_only": (VIGNETTE, f"Question: {STEM}\nAnswer:"),
    "write_a_letter": (VIGNETTE, f"{STEM}\n\n{LISTED}\nGive the letter of the right option. {LAST_LINE}."),
    "reply_with_a_letter": (VIGNETTE, f"{STEM}\n\n{LISTED}\nReply with the letter only."),
    "reason_to_a_letter": (
        VIGNETTE,
        f"{STEM}\n\n{LISTED}\nThink step by step. {LAST_LINE}, where X is the letter of the right option.",
    ),
    "write_a_word": (STUDY, f"{READ}Answer with one word of: yes, no, maybe. {LAST_LINE}."),
    "reply_with_a_word": (STUDY, f"{READ}Reply with one word of: yes, no, maybe. Nothing else."),
    "reason_to_a_word": (
        STUDY,
        f"{READ}Think step by step. {LAST_LINE}, where X is one word of: yes, no, maybe.",
    ),
    "question_options_zh": (CHINESE, "题目：下列哪项{{ 正确 }}？\nA. 甲 < 乙\nB. {% raw %}\nC. 丙\n答案："),
    "question_only_zh": (CHINESE, "题目：下列哪项{{ 正确 }}？\n答案："),
    "write_a_letter_zh": (CHINESE, f"{LISTED_ZH}请给出正确选项的字母，最后一行写“答案：X”。"),
    "reply_with_a_letter_zh": (CHINESE, f"{LISTED_ZH}只回答正确选项的字母。"),
    "reason_to_a_letter_zh": (
        CHINESE,
        f"{LISTED_ZH}请一步一步地分析，最后一行写“答案：X”，X为正确选项的字母。",
    ),
}

CONSULTED = OpenSample(
    id="9", references=("See a doctor.",), messages=(
        Message(role="user", content="My head hurts {{ since }} 5 < 6 o'clock."),
        Message(role="assistant", content="Did you fall?"),
        Message(role="user", content="Yes.\nWhat now?"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_wording_says_this_and_nothing_else(name: str) -> None:
    sample, said = SAID[name]
    assert getattr(prompts, name)(sample) == said


def test_every_wording_stands_among_those_tested_here() -> None:
    others = {
        "Asking", "Wording", "first_turn", "last_turn", "options_listed", "other_wordings", "template",
        "with_letters", "with_letters_zh", "with_words",
    }  # fmt: skip
    assert {*prompts.__all__} - others == {*SAID}


def test_the_last_turn_is_what_was_asked_last_as_it_is() -> None:
    assert prompts.last_turn(CONSULTED) == "Yes.\nWhat now?"


def test_the_first_turn_of_a_dialogue_comes_behind_what_there_is_to_read() -> None:
    turns = (Turn(asked="What is it?"), Turn(asked="And then?"))
    assert prompts.first_turn(DialogueSample(id="0", context="A case.", turns=turns)) == "A case.\nWhat is it?"
    assert prompts.first_turn(DialogueSample(id="0", turns=turns)) == "What is it?"


def test_options_are_listed_one_a_line() -> None:
    assert prompts.options_listed(VIGNETTE) == LISTED


def test_abstract_question_without_an_abstract_is_the_question_alone() -> None:
    assert prompts.abstract_question(VIGNETTE) == f"Question: {STEM}\nAnswer:"


@pytest.mark.parametrize(
    "name",
    [
        "abstract_question", "question_only", "write_a_letter", "reply_with_a_letter", "reason_to_a_letter",
        "write_a_word", "reply_with_a_word", "reason_to_a_word", "question_options_zh", "question_only_zh",
        "write_a_letter_zh", "reply_with_a_letter_zh", "reason_to_a_letter_zh",
    ],
)  # fmt: skip
def test_a_passage_is_shown_once_before_its_question(name: str) -> None:
    said = getattr(prompts, name)(replace(CHINESE, context="患者，男，40岁。"))
    before, _, behind = said.partition("患者，男，40岁。\n")
    assert behind, "the passage is not shown"
    assert "下列哪项" not in before
    assert "患者" not in behind


SETS: dict[str, tuple[Mapping[str, Wording], dict[str, Wording]]] = {
    "letters": (
        prompts.with_letters(prompts.question_choices),
        {
            "letters": prompts.question_choices, "letters:chat": prompts.reply_with_a_letter,
            "options": prompts.question_only, "written": prompts.write_a_letter,
            "reasoned": prompts.reason_to_a_letter,
        },
    ),
    "words": (
        prompts.with_words(prompts.abstract_question),
        {
            "letters": prompts.abstract_question, "letters:chat": prompts.reply_with_a_word,
            "written": prompts.write_a_word, "reasoned": prompts.reason_to_a_word,
        },
    ),
    "letters_zh": (
        prompts.with_letters_zh(),
        {
            "letters": prompts.question_options_zh, "letters:chat": prompts.reply_with_a_letter_zh,
            "options": prompts.question_only_zh, "written": prompts.write_a_letter_zh,
            "written:plain": prompts.question_options_zh, "reasoned": prompts.reason_to_a_letter_zh,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_a_wording_for_every_style_that_makes_sense(name: str) -> None:
    made, wanted = SETS[name]
    assert made == wanted


# --- templates ---


# The question and options hold HTML and Jinja: equal texts mean that neither is escaped nor rendered.
@pytest.mark.parametrize("sample", [VIGNETTE, STUDY])
@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (
            "Question: {{ question }}\n{% for o in options %}{{ o.label }}. {{ o.text }}\n{% endfor %}Answer:",
            prompts.question_options,
        ),
        (
            "Question: {{ question }}\nChoices:\n{% for o in options %}{{o.label}}. {{o.text}}\n{% endfor %}Answer:",
            prompts.question_choices,
        ),
        (
            "{% if context %}Abstract: {{ context }}\n{% endif %}Question: {{ question }}\nAnswer:",
            prompts.abstract_question,
        ),
    ],
)
def test_a_template_gives_the_same_text_as_the_equal_function(
    source: str, plain: Wording, sample: ChoiceSample
) -> None:
    assert template(source)(sample) == plain(sample)


@pytest.mark.parametrize("source", ["{{ questoin }}", "{{ question.stem }}", "{{ options[9].text }}", "{{ target }}"])
def test_an_undefined_name_is_an_error_of_the_task_that_names_the_sample(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


@pytest.mark.parametrize("source", ["{{ question", "{% for %}", "{% raise %}", "{{ question | shorten }}"])
def test_a_template_with_a_syntax_error_is_refused_before_any_sample(source: str) -> None:
    with pytest.raises(TaskError, match="Prompt template"):
        template(source)


@pytest.mark.parametrize(
    "source",
    [
        '{{ "".__class__.__mro__ }}',
        "{{ question.__class__ }}",
        "{{ options[0].__class__.__init__.__globals__ }}",
        '{{ options | attr("__class__") }}',
        '{{ "{0.__class__}".format(question) }}',
        "{{ cycler.__init__.__globals__ }}",
        "{{ options.append(1) }}",
        "{{ [].append(1) }}",
        "{{ {}.update(a=1) }}",
    ],
)
def test_the_sandbox_refuses_ways_out(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


@pytest.mark.parametrize(
    "source",
    [
        "{{ question + 1 }}",
        "{{ 1 / 0 }}",
        "{{ question() }}",
        "{{ range(10**9) | list }}",
        '{% include "/etc/passwd" %}',
    ],
)
def test_a_template_that_fails_on_a_sample_is_an_error_of_the_task(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


def test_a_template_keeps_its_last_line_end() -> None:
    assert template("Answer:\n")(VIGNETTE) == "Answer:\n"


# --- asking ---

ANATOMY = "The following are multiple choice questions (with answers) about anatomy.\n\n"
BRIEF, ONE = Decoding(max_tokens=512), Decoding(max_tokens=1)


def solved_sample(number: int, question: str, texts: str, target: str) -> ChoiceSample:
    return ChoiceSample(id=f"{number}", question=question, options=lettered(texts.split()), target=(target,))


SHOWN = (
    solved_sample(0, "Where is the  ulnar nerve felt?", "Elbow Knee Hip Ankle", "A"),
    solved_sample(1, "Which bone is in the thigh?", "Tibia Ulna Femur Talus", "C"),
    solved_sample(2, "Which vessel leaves the left ventricle?", "Vein Aorta Node Duct", "B"),
    solved_sample(3, "Which nerve moves the diaphragm?", "Vagus Sural Median Phrenic", "D"),
    solved_sample(4, "How many lobes has the right lung?", "3 2 4 1", "A"),
)
ASKED = solved_sample(5, "Which organ makes insulin?", "Liver Pancreas Spleen Kidney", "B")
FIRST = "Where is the  ulnar nerve felt?\nA. Elbow\nB. Knee\nC. Hip\nD. Ankle\nAnswer: A\n\n"
LAST = "Which organ makes insulin?\nA. Liver\nB. Pancreas\nC. Spleen\nD. Kidney\nAnswer:"
# The output of lm-eval 0.4.13's fewshot_context for these rows under mmlu's own template and description.
LM_EVAL = {
    0: ANATOMY + LAST,
    1: ANATOMY + FIRST + LAST,
    5: (
        "The following are multiple choice questions (with answers) about anatomy.\n\n"
        "Where is the  ulnar nerve felt?\nA. Elbow\nB. Knee\nC. Hip\nD. Ankle\nAnswer: A\n\n"
        "Which bone is in the thigh?\nA. Tibia\nB. Ulna\nC. Femur\nD. Talus\nAnswer: C\n\n"
        "Which vessel leaves the left ventricle?\nA. Vein\nB. Aorta\nC. Node\nD. Duct\nAnswer: B\n\n"
        "Which nerve moves the diaphragm?\nA. Vagus\nB. Sural\nC. Median\nD. Phrenic\nAnswer: D\n\n"
        "How many lobes has the right lung?\nA. 3\nB. 2\nC. 4\nD. 1\nAnswer: A\n\n"
        "Which organ makes insulin?\nA. Liver\nB. Pancreas\nC. Spleen\nD. Kidney\nAnswer:"
    ),
}


def request(asking: Asking, sample: ChoiceSample = ASKED) -> Request:
    return asking.request(asking.question(sample), BRIEF)


@pytest.mark.parametrize("shots", [0, 1, 5])
def test_solved_examples_in_plain_text_are_those_of_lm_evals_mmlu(shots: int) -> None:
    asking = Asking(prompts.stem_options, Setting(shots=shots), SHOWN[:shots], preamble=ANATOMY)
    assert request(asking) == Request(text=LM_EVAL[shots], decoding=BRIEF)
    assert asking.glue(asking.question(ASKED)) == " "


def test_a_system_prompt_stands_above_a_plain_text_as_in_lm_eval() -> None:
    asking = Asking(prompts.stem_options, Setting(system="Be brief.", shots=1), SHOWN[:1], preamble=ANATOMY)
    assert request(asking).text == f"Be brief.\n\n{ANATOMY}{FIRST}{LAST}"


def test_a_task_says_what_stands_between_its_solved_examples() -> None:
    asking = Asking(prompts.stem_options, Setting(shots=2), SHOWN[:2], between="\n")
    assert request(asking).text == (
        "Where is the  ulnar nerve felt?\nA. Elbow\nB. Knee\nC. Hip\nD. Ankle\nAnswer: A\n"
        "Which bone is in the thigh?\nA. Tibia\nB. Ulna\nC. Femur\nD. Talus\nAnswer: C\n"
        f"{LAST}"
    )


def test_one_asking_asks_about_many_samples_behind_the_same_examples() -> None:
    asking = Asking(prompts.stem_options, Setting(shots=1), SHOWN[:1], preamble=ANATOMY)
    texts = [request(asking, sample).text for sample in (ASKED, VIGNETTE, ASKED)]
    assert texts == [f"{ANATOMY}{FIRST}{prompts.stem_options(each)}" for each in (ASKED, VIGNETTE, ASKED)]


def test_a_plain_request_takes_its_prefill_choices_and_decoding_along() -> None:
    asking = Asking(prompts.stem_options, Setting(prefill=" It is", thinking="on"))
    choices = (Choice(label="A", text=" A"),)
    assert asking.request("Why?", ONE, choices) == Request(text="Why?", prefill=" It is", choices=choices, decoding=ONE)
    assert asking.prefill == " It is"


def test_in_a_chat_every_solved_example_is_a_turn_of_each() -> None:
    setting = Setting(style="written", chat=True, thinking="off", system="Be brief.", prefill="Well,", shots=2)
    asking = Asking(prompts.stem_options, setting, SHOWN[:2], preamble=ANATOMY, between="###")
    choices = (Choice(label="A", text=" A"),)
    assert asking.request(asking.question(ASKED), ONE, choices) == Request(
        messages=(
            Message(role="system", content="Be brief."),
            Message(role="user", content=FIRST.removesuffix(" A\n\n")),
            Message(role="assistant", content="A"),
            Message(
                role="user", content="Which bone is in the thigh?\nA. Tibia\nB. Ulna\nC. Femur\nD. Talus\nAnswer:"
            ),
            Message(role="assistant", content="C"),
            Message(role="user", content=LAST),
        ),
        prefill="Well,", choices=choices, decoding=ONE, thinking="off",
    )  # fmt: skip


def test_a_chat_without_anything_around_it_is_one_message() -> None:
    asking = Asking(prompts.reply_with_a_letter, Setting(chat=True), preamble=ANATOMY)
    assert request(asking).messages == (Message(role="user", content=prompts.reply_with_a_letter(ASKED)),)


@pytest.mark.parametrize(
    ("wording", "one"),
    [(prompts.reply_with_a_letter, SHOWN[1]), (prompts.reply_with_a_letter_zh, replace(SHOWN[1], language="zh"))],
)
def test_a_solved_example_of_a_chat_replies_with_the_letter_where_letters_are_scored(
    wording: Wording, one: ChoiceSample
) -> None:
    """The letter is scored straight behind the head of the turn, so it must stand there in the examples too."""
    asking = Asking(wording, Setting(style="letters", chat=True, shots=1), [replace(one, explanation="A thigh bone.")])
    assert request(asking).messages[1] == Message(role="assistant", content="C")


@pytest.mark.parametrize(
    ("language", "explanation", "said"),
    [
        ("en", "", "Answer: C"),
        ("en", "The thigh has one bone.", "The thigh has one bone.\nAnswer: C"),
        ("zh", "", "答案：C"),
        ("zh", "大腿只有一根骨。", "大腿只有一根骨。\n答案：C"),
    ],
)
@pytest.mark.parametrize("style", ["written", "reasoned"])
def test_a_solved_example_of_writing_gives_its_reason_and_ends_as_the_model_is_told_to(
    style: Style, language: Any, explanation: str, said: str
) -> None:
    one = replace(SHOWN[1], language=language, explanation=explanation)
    chat = Asking(prompts.write_a_letter, Setting(style=style, chat=True, shots=1), [one])
    assert request(chat).messages[1].content == said
    plain = Asking(prompts.write_a_letter, Setting(style=style, shots=1), [one])
    question = prompts.write_a_letter
    assert request(plain).text == f"{question(one)}\n\n{said}\n\n{question(ASKED)}"


@pytest.mark.parametrize(
    ("changes", "question", "style", "said"),
    [
        ({}, "Question: ?\nAnswer:", "letters", "C"),
        ({}, "题目：？\n答案：", "letters", "C"),
        ({"explanation": "So it is."}, "Answer:", "letters", "C"),
        ({"target": ("A", "C"), "several": True}, "答案：", "written", "AC"),
        ({"target": ("A", "C"), "several": True}, "Answer:", "letters", "AC"),
        ({"target": ("A", "C"), "several": True, "language": "zh"}, "请回答。", "written", "答案：AC"),
        ({"target": ("A", "C")}, "Answer:", "letters", "A, C"),
        ({}, "Question: ?\nAnswer:", "options", "Femur"),
        ({}, "题目：？\n答案：", "options", "Femur"),
        ({"target": ("A", "C"), "several": True}, "Answer:", "options", "Tibia, Femur"),
    ],
)
def test_a_solved_example_shows_what_is_wanted_in_its_style(
    changes: dict[str, Any], question: str, style: Style, said: str
) -> None:
    assert solved(replace(SHOWN[1], **changes), question, style) == said


def test_words_are_shown_as_words() -> None:
    asking = Asking(prompts.abstract_question, Setting(shots=1), [STUDY])
    assert request(asking, replace(STUDY, context="", question="Safe?")).text == (
        "Abstract: Leaves die.\nMitochondria were seen.\nQuestion: Do mitochondria play a role?\nAnswer: yes\n\n"
        "Question: Safe?\nAnswer:"
    )


NOTES = tuple([
    OpenSample(
        id=name, messages=(Message(role="user", content=said),), references=(note, "never shown"), source=said,
    )
    for name, said, note in (
        ("a", "[doctor] what hurts ?\n[patient] my knee .", "CHIEF COMPLAINT\n\nKnee pain."),
        ("b", "[patient] i cough .", "CHIEF COMPLAINT\n\nCough."),
    )
])  # fmt: skip


def note_of(sample: OpenSample) -> str:
    return f"Write the note.\n\n{sample.source}\n\nNote:"


def test_an_example_of_a_text_shows_its_first_reference_behind_the_question() -> None:
    plain = Asking(note_of, Setting(style="written", shots=1), NOTES[:1])
    assert plain.request(plain.question(NOTES[1]), BRIEF) == Request(
        text=(
            "Write the note.\n\n[doctor] what hurts ?\n[patient] my knee .\n\nNote: CHIEF COMPLAINT\n\nKnee pain.\n\n"
            "Write the note.\n\n[patient] i cough .\n\nNote:"
        ),
        decoding=BRIEF,
    )
    chat = Asking(note_of, Setting(style="written", chat=True, shots=1, system="Be brief."), NOTES[:1])
    assert chat.request(chat.question(NOTES[1]), BRIEF).messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Write the note.\n\n[doctor] what hurts ?\n[patient] my knee .\n\nNote:"),
        Message(role="assistant", content="CHIEF COMPLAINT\n\nKnee pain."),
        Message(role="user", content="Write the note.\n\n[patient] i cough .\n\nNote:"),
    )


def test_turns_before_the_last_one_stand_between_the_examples_and_what_is_asked() -> None:
    before = CONSULTED.messages[:-1]
    chat = Asking(prompts.last_turn, Setting(style="written", chat=True, shots=1), NOTES[1:])
    assert chat.request(chat.question(CONSULTED), BRIEF, before=before).messages == (
        Message(role="user", content="[patient] i cough ."),
        Message(role="assistant", content="CHIEF COMPLAINT\n\nCough."),
        *CONSULTED.messages,
    )
    plain = Asking(prompts.last_turn, Setting(style="written", system="Be brief."))
    assert plain.request(plain.question(CONSULTED), BRIEF, before=before).text == (
        "Be brief.\n\nMy head hurts {{ since }} 5 < 6 o'clock.\n\nDid you fall?\n\nYes.\nWhat now?"
    )


def test_a_chinese_example_goes_on_behind_its_colon_without_a_blank() -> None:
    asking = Asking(prompts.question_options_zh, Setting(style="written", shots=1), [CHINESE])
    question = "题目：下列哪项{{ 正确 }}？\nA. 甲 < 乙\nB. {% raw %}\nC. 丙\n答案："
    assert request(asking, CHINESE).text == f"{question}B\n\n{question}"


def conclusion(sample: Sample, style: Style) -> str:
    return f"答案是{''.join(sample.right)}。"


def in_short(sample: Sample, style: Style) -> str:
    return f"The answer is {sample.right[0]}."


def test_a_task_says_what_a_solved_example_says() -> None:
    shown = [replace(CHINESE, explanation="不用。", target=("A", "C"), several=True)]
    plain = Asking(prompts.question_options_zh, Setting(style="written", shots=1), shown, between="\n",
                   solution=conclusion)  # fmt: skip
    question = prompts.question_options_zh(CHINESE)
    assert request(plain, CHINESE).text == f"{question}答案是AC。\n{question}"
    chat = Asking(prompts.write_a_letter_zh, Setting(style="written", chat=True, shots=1), shown, solution=conclusion)
    assert request(chat, CHINESE).messages[1] == Message(role="assistant", content="答案是AC。")


def test_what_a_task_says_is_parted_from_the_question_like_any_answer() -> None:
    colon = Asking(prompts.stem_options, Setting(style="written", shots=1), SHOWN[1:2], solution=in_short)
    assert "Answer: The answer is C.\n\n" in request(colon).text
    none = Asking(prompts.write_a_letter, Setting(style="written", shots=1), SHOWN[1:2], solution=in_short)
    assert 'a last line "Answer: X".\n\nThe answer is C.\n\n' in request(none).text


@pytest.mark.parametrize(
    ("before", "blank"),
    [
        ("Answer:", " "), ("The answer is", " "), ("so", " "), ("(A)", " "),
        ("", ""), ("Answer: ", ""), ("Answer:\n", ""), ("答案：", ""), ("答案是（", ""), ("The answer is (", ""),
    ],
)  # fmt: skip
def test_a_blank_parts_an_answer_from_what_stands_before_it_where_one_is_needed(before: str, blank: str) -> None:
    assert glue(before) == blank


@given(st.text(max_size=20))
@settings(deadline=None)
def test_no_answer_follows_two_blanks_or_begins_a_turn_with_one(before: str) -> None:
    joined = before + glue(before)
    assert not joined.endswith("  ") or before.endswith("  ")
    assert joined.startswith(" ") <= before.startswith(" ")


@pytest.mark.parametrize(
    ("chat", "prefill", "question", "blank"),
    [
        (False, "", "Answer:", " "),
        (False, "", "答案：", ""),
        (False, "Surely", "答案：", " "),
        (False, "Surely ", "Answer:", ""),
        (True, "", "Reply with the letter only.", ""),
        (True, "", "Answer:", ""),
        (True, "The answer is", "Reply with the letter only.", " "),
        (True, "答案：", "只回答字母。", ""),
    ],
)
def test_a_choice_goes_on_with_the_prefill_or_the_plain_question_or_begins_the_turn(
    chat: bool, prefill: str, question: str, blank: str
) -> None:
    assert Asking(prompts.stem_options, Setting(chat=chat, prefill=prefill)).glue(question) == blank


# --- chat templates ---

KINDS = Path(__file__).parent / "goldens" / "kinds.jsonl"
TALK = [
    {"role": "user", "content": "Why?"},
    {"role": "assistant", "content": "Because."},
    {"role": "user", "content": " Which <b> & 'x'? 哪个？\n"},
]
CHATS = {
    "one turn": TALK[:1],
    "three turns": TALK,
    "a system prompt": [{"role": "system", "content": "Be brief."}, *TALK[:1]],
    "a closed talk": TALK[:2],
}
VARIABLES: tuple[dict[str, Any], ...] = (
    {}, {"enable_thinking": True}, {"enable_thinking": False}, {"thinking": True}, {"thinking_mode": "off"},
    {"reasoning_effort": "high"},
)  # fmt: skip


def foreign_templates() -> Iterator[Any]:
    """Every template among the files of known models, once, with the tokens that it may name."""
    seen = set()
    for line in KINDS.read_text(encoding="utf-8").splitlines():
        model = json.loads(line)
        config = model["files"].get("tokenizer_config.json")
        if not isinstance(config, dict):
            continue  # a download that broke off
        listed = config.get("chat_template") or ""
        if isinstance(listed, list):
            listed = {each["name"]: each["template"] for each in listed}["default"]
        source = model["files"].get("chat_template.jinja") or listed
        if source and source not in seen and model["kind"] != "error":
            seen.add(source)
            tokens = {name: config.get(name) for name in ("bos_token", "eos_token")}
            said = {name: each["content"] if isinstance(each, dict) else each for name, each in tokens.items()}
            yield pytest.param(source, {name: each for name, each in said.items() if each}, id=model["name"])


FOREIGN = list(foreign_templates())


def transformers_says(source: str, messages: list[dict[str, str]], *, answer: bool, **variables: Any) -> str:
    theirs = pytest.importorskip("transformers.utils.chat_template_utils")
    (rendered,), _ = theirs.render_jinja_template(
        [messages], chat_template=source, add_generation_prompt=answer, **variables
    )
    assert isinstance(rendered, str)
    return rendered


def test_there_are_many_foreign_templates() -> None:
    assert len(FOREIGN) >= 40
    assert sum("enable_thinking" in each.values[0] for each in FOREIGN) >= 3


@pytest.mark.parametrize(("source", "tokens"), FOREIGN)
@pytest.mark.parametrize("messages", CHATS.values(), ids=CHATS)
def test_a_foreign_template_renders_as_in_transformers(
    source: str, tokens: dict[str, str], messages: list[dict[str, str]]
) -> None:
    ours = ChatTemplate(source)
    for answer in (True, False):
        for variables in VARIABLES:
            try:
                theirs = transformers_says(source, messages, answer=answer, **tokens, **variables)
            except TemplateError as error:
                with pytest.raises(RequestError) as refused:
                    ours.render(messages, answer=answer, **tokens, **variables)
                assert str(refused.value) == f"the chat template refuses: {error}"
            else:
                assert ours.render(messages, answer=answer, **tokens, **variables) == theirs


SMALL = {
    "lines of blocks leave nothing": "{% if true %}\n  {% if true %}\nx\n  {% endif %}\n{% endif %}\ny\n",
    "generation": "a\n{% generation %}\n  {{ messages[0].content }}\n{% endgeneration %}\nb",
    "generation in a loop": "{% for m in messages %}{%- generation -%} {{ m.role }} {%- endgeneration %};{% endfor %}",
    "loop controls": "{% for m in messages %}{% if loop.index == 2 %}{% continue %}{% endif %}{{ m.role }}"
    "{% if loop.last %}{% break %}{% endif %}|{% endfor %}",
    "JSON": "{{ messages | tojson }}",
    "JSON in lines": "{{ messages | tojson(indent=2) }}",
    "JSON without blanks": "{{ messages | tojson(separators=(',', ':')) }}",
    "JSON sorted": "{{ {'b': 1, 'a': '<&>'} | tojson(sort_keys=true) }}",
    "JSON in ASCII": "{{ '哪' | tojson(ensure_ascii=true) }}",
    "no tools": "{% if tools is not none %}{{ tools | tojson }}{% endif %}.",
    "tools defined": "{{ tools is defined }} {{ documents is none }}",
    "nothing escaped": "{{ '<b>' }} {{ messages[-1].content }}",
    "undefined": "[{{ nothing }}]{% if nothing %}x{% endif %}",
    "namespaces": "{% set n = namespace(x=0) %}{% for m in messages %}{% set n.x = n.x + 1 %}{% endfor %}{{ n.x }}",
    "the answer's head": "{{ messages[0]['content'].strip() }}{% if add_generation_prompt %}>{% endif %}",
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("answer", [True, False])
def test_whatever_a_template_may_say_is_said_as_in_transformers(name: str, answer: bool) -> None:
    theirs = transformers_says(SMALL[name], TALK, answer=answer)
    assert ChatTemplate(SMALL[name]).render(TALK, answer=answer) == theirs


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if true %}\nx\n{% endif %}\ny", "x\ny"),
        ("a\n    {% if true %}\nx\n    {% endif %}\ny\n", "a\nx\ny"),
        ("{% generation %}{{ messages[0].content }}{% endgeneration %}", "Why?"),
        ("{{ messages[2].content | tojson }}", "\" Which <b> & 'x'? 哪个？\\n\""),
        ("{{ bos_token }}{% if add_generation_prompt %}>{% endif %}", "<s>>"),
    ],
)
def test_a_template_renders_to_this_text(source: str, said: str) -> None:
    assert ChatTemplate(source).render(TALK, answer=True, bos_token="<s>") == said  # noqa: S106  no secret


@pytest.fixture(params=["Etc/GMT-14", "UTC", "Etc/GMT+12"])
def _somewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be somewhere on earth; a day apart at most."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_somewhere")
def test_a_template_can_say_what_day_it_is_where_the_model_runs() -> None:
    source = "{{ strftime_now('%d %b %Y') }}"
    days = {transformers_says(source, TALK, answer=True)}
    said = ChatTemplate(source).render(TALK, answer=True)
    assert said in days | {transformers_says(source, TALK, answer=True)}  # midnight may pass


@pytest.mark.parametrize(
    ("source", "variables"),
    [
        ("{{ messages[0].content }}{% if enable_thinking %}x{% endif %}", {"messages", "enable_thinking"}),
        ("{% set thinking = true %}{% if thinking %}x{% endif %}", set()),
        ("{% for m in messages %}{{ m.thinking }}{% endfor %}", {"messages"}),
        ("{% if enable_thinking is defined and not enable_thinking %}x{% endif %}", {"enable_thinking"}),
        ("{% if not date is defined %}{% set date = 1 %}{% endif %}{{ date }}", {"date"}),
        ("thinking", set()),
    ],
)
def test_the_variables_of_a_template_are_those_that_come_from_outside(source: str, variables: set[str]) -> None:
    assert ChatTemplate(source).variables == variables


def test_functions_of_a_template_are_no_variables() -> None:
    source = "{{ raise_exception('x') }}{{ strftime_now('%Y') }}{{ namespace(a=1) }}{{ range(3) }}{{ messages }}"
    assert ChatTemplate(source).variables - {"raise_exception", "strftime_now", "namespace", "range"} == {"messages"}


def test_a_template_keeps_its_source() -> None:
    assert ChatTemplate("{{ messages[0].content }}\n").source == "{{ messages[0].content }}\n"


def test_a_template_that_refuses_says_why() -> None:
    refusing = ChatTemplate("{% if messages[0].role == 'system' %}{{ raise_exception('No system role.') }}{% endif %}x")
    assert refusing.render(TALK, answer=True) == "x"
    with pytest.raises(RequestError) as refused:
        refusing.render(CHATS["a system prompt"], answer=True)
    assert str(refused.value) == "the chat template refuses: No system role."


@pytest.mark.parametrize(
    "source", ["{% for m in messages %}", "{{ messages", "{% generation %}x", "{% frobnicate %}", "{{ 'x' | frob }}"]
)
def test_what_is_no_template_is_refused_before_anything_is_rendered(source: str) -> None:
    with pytest.raises(RequestError, match=r"^the chat template is not valid \("):
        ChatTemplate(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.__class__.__base__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ strftime_now.__globals__['dt'] }}",
        "{{ raise_exception.__globals__['json'] }}",
        "{{ (messages | attr('__class__')).__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update(role='system') }}",
        "{{ messages.clear() }}",
    ],
)
def test_no_template_finds_a_way_out_of_the_sandbox_or_changes_the_messages(source: str) -> None:
    messages = [dict(turn) for turn in TALK]
    with pytest.raises(SecurityError):
        ChatTemplate(source).render(messages, answer=True)
    assert messages == TALK


@pytest.mark.parametrize(
    "source",
    ["{{ ''.__class__ }}", "{{ messages | attr('__class__') }}", "{{ '{0.__class__}'.format(messages) }}",
     "{{ strftime_now.__globals__ }}", "{{ '%s' % messages.__class__ }}", "{{ self.__init__ }}"],
)  # fmt: skip
def test_what_a_template_may_not_see_is_nothing_to_it(source: str) -> None:
    assert ChatTemplate(f"[{source}]").render(TALK, answer=True) == "[]"


@pytest.mark.parametrize("source", ["{% include '/etc/passwd' %}", "{% import 'os' as os %}{{ os }}"])
def test_a_template_has_nothing_to_load_from(source: str) -> None:
    with pytest.raises(TypeError, match="no loader"):
        ChatTemplate(source).render(TALK, answer=True)


def test_a_template_cannot_fill_the_memory_with_a_range() -> None:
    with pytest.raises(OverflowError, match="Range too big"):
        ChatTemplate("{% for i in range(10 ** 9) %}x{% endfor %}").render(TALK, answer=True)
