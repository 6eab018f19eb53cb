"""Metrics by rule, held against a corpus of literal replies."""

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered
from medeval.metrics.base import Metric
from medeval.metrics.rules import RULES, RULES_OF_TEXTS, language_of, last_line, manners, tokens, tongue
from medeval.records import (
    Answer,
    ChoiceSample,
    Decoding,
    Exchange,
    Failure,
    Language,
    Message,
    Reply,
    Request,
    Response,
    Status,
    Walk,
)

MANNER = ("refusal_rate", "unread_rate", "truncation_rate")
FORM = 'Which vessel?\n\nEnd with "Answer: X".'


def walk(*replies: Reply, status: Status = "scored", prompt: str = FORM) -> Walk:
    request = Request(text=prompt, decoding=Decoding(max_tokens=99))
    exchanges = [Exchange(request=request, asked="", reply=reply) for reply in replies]
    return Walk(exchanges=tuple(exchanges), answer=Answer(status=status))


def asked(language: Language = "en") -> ChoiceSample:
    return ChoiceSample(id="0", question="?", options=lettered("abcd"), target=("A",), language=language)


def marked(text: str, status: Status = "scored") -> dict[str, float]:
    return dict(zip(MANNER, manners(asked(), walk(Response(text=text), status=status)), strict=True))


def formed(text: str, status: Status = "scored", prompt: str = FORM) -> float | None:
    return last_line(asked(), walk(Response(text=text), status=status, prompt=prompt))


# --- the language of a text ---------------------------------------------------------------------

LANGUAGES = [
    # English, plain and with the marks that models put around it
    ("The correct answer is B.", "en"),
    ("**Answer:** C. Beta blockers reduce mortality after infarction.", "en"),
    ("1. Aspirin\n2. Clopidogrel\n3. Heparin\n", "en"),
    ("Serum K+ is 6.8 mmol/L, so give calcium gluconate first.", "en"),
    ("The drug 黄连 (Coptis) is used for diarrhoea in traditional medicine.", "en"),
    ("I'm sorry, but I can't help with that.", "en"),
    ("def dose(weight):\n    return weight * 15", "en"),
    ('```json\n{"answer": "B", "confidence": 0.8}\n```', "en"),
    ("<think>The patient has fever.</think> Therefore sepsis is likely.", "en"),
    ("Il s'agit d'une embolie pulmonaire.", "en"),  # by script it is not Chinese, and that is all that is asked
    # Chinese, simplified and traditional
    ("正确答案是B。", "zh"),
    ("答案：C", ""),  # two characters and a letter
    ("答案是C", "zh"),
    ("首选青霉素", "zh"),
    ("患者应首选二甲双胍（Metformin）治疗。", "zh"),
    ("建议服用阿司匹林 100 mg，每日一次。", "zh"),
    ("根據病史，最可能的診斷是急性闌尾炎。", "zh"),
    ("抱歉，我无法回答这个问题。", "zh"),
    ("<think>病人发热三天</think>\n诊断为肺炎", "zh"),
    ("治疗方案：ACEI、ARB、SGLT2i 均可降低心衰患者的住院率。", "zh"),
    ("㐀㐁㐂", "zh"),
    # Both
    ("Diagnosis: 急性心肌梗死。治疗：阿司匹林和氯吡格雷，尽快行冠状动脉介入治疗。", "zh"),
    ("The most likely diagnosis here is acute myocardial infarction (急性心肌梗死).", "en"),
    ("患者 patient 发热 fever", "zh"),
    ("高血压 hypertension treatment guidelines recommend", "en"),
    # Too little to tell
    ("", ""),
    ("   \n", ""),
    ("B", ""),
    ("(C)", ""),
    ("A, B, D", ""),
    ("Answer: B", ""),
    ("42", ""),
    ("3.5 × 10^9/L; 120/80; 37.2", ""),
    ("……！？。", ""),
    ("😀👍", ""),
    ("yes", ""),
    ("选B", ""),
    ("x = y + z", ""),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_the_language_of_a_text_is_that_of_most_of_its_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "asked_in", "kept"),
    [
        ("The answer is B, because it is.", "en", 1.0),
        ("The answer is B, because it is.", "zh", 0.0),
        ("答案是B，因为如此。", "zh", 1.0),
        ("答案是B，因为如此。", "en", 0.0),
        # Of a letter or a number nobody can say in what language it is.
        ("B", "zh", None),
        ("B", "en", None),
        ("Answer: B", "zh", None),
        ("3.5 × 10^9/L", "en", None),
        # Who says nothing does not say it in the language of the question.
        ("", "en", 0.0),
        (" \n", "zh", 0.0),
    ],
)
def test_a_reply_is_in_the_language_of_the_question_or_not_or_too_short_to_tell(
    text: str, asked_in: Language, kept: float | None
) -> None:
    assert tongue(asked(asked_in), walk(Response(text=text))) == kept


def test_what_is_thought_may_be_in_another_language() -> None:
    reply = Response(text="答案是B，因为如此。", reasoning="The answer is B, because the vessel is a vein.")
    assert tongue(asked("zh"), walk(reply)) == 1.0
    assert tongue(asked("en"), walk(reply)) == 0.0


# --- the last line ------------------------------------------------------------------------------

LAST_LINES = [
    ("Answer: B", True),
    ("Blood returns by the vein.\nAnswer: B", True),
    ("Because it is.\n\nAnswer: B\n", True),
    ("Answer: B.   \n\n", True),
    ("**Answer: B**", True),
    ("**Answer:** B", True),
    ("### Answer\u00a0: (C) the duct", True),
    ("Final answer: A, C", True),
    ("FINAL ANSWER: D", True),
    ("The answer is B.", True),
    ("Answer: yes", True),
    ("Answer: \\boxed{B}", True),
    ("答案：B", True),
    ("答案: ABD", True),
    ("因为静脉回流。\n答案：C。", True),
    ("**答案：** D", True),
    ("【答案】B", True),
    ("正确答案：A、C", True),
    # Not so
    ("", False),
    ("B", False),
    ("B. vein", False),
    ("正确的是B", False),
    ("Answer:", False),
    ("答案：", False),
    ("The right option is B.", False),
    ("Answer: B\nI hope this helps!", False),
    ("答案：B\n希望对你有帮助。", False),
    ("I cannot give medical advice.", False),
    ("抱歉，我不能回答。", False),
    ("Answer: B. The vein returns blood from the tissues to the heart, while the aorta carries it away.", False),
    ("```python\nanswer = 4\nprint(answer)\n```", False),
    ("Answer\nB", False),
    ("12.5", False),
]


NO_ANSWERS = (
    "I'm sorry, but I can't answer that.", "I cannot answer this question.", "No answer is given.",
    "抱歉，我无法给出答案，请咨询医生。",
)  # fmt: skip
"""Last lines that name an answer and state none."""


@pytest.mark.parametrize(("text", "kept"), LAST_LINES)
def test_the_form_is_kept_where_the_last_line_states_the_answer(text: str, kept: bool) -> None:
    assert formed(text) == float(kept)


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_a_last_line_that_only_speaks_of_an_answer_states_none(text: str) -> None:
    assert formed(text, "refused") == 0.0


@pytest.mark.parametrize("status", ["unread", "refused", "truncated"])
def test_a_form_that_holds_no_answer_is_not_kept(status: Status) -> None:
    assert formed("Answer: B", "scored") == 1.0
    assert formed("Answer: B", status) == 0.0


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        ('Which vessel?\n\nEnd with "Answer: X".', True),
        ("哪条血管？\n\n最后一行写“答案：X”。", True),
        ("Which vessel?\n\nAnswer:", False),
        ("Which vessel?\nPlease think step-by-step and generate your output in JSON.", False),
        ("哪条血管？\n\n答案：", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("text", ["Answer: B", "B"])
def test_no_form_is_kept_or_broken_that_was_not_asked_for(prompt: str, text: str, *, asks: bool) -> None:
    assert formed(text, prompt=prompt) == (float(text == "Answer: B") if asks else None)


def test_in_a_talk_it_is_the_last_message_that_asks_for_a_form() -> None:
    def told(*messages: str) -> float | None:
        said = tuple([Message(role="user", content=each) for each in messages])
        request = Request(messages=said, decoding=Decoding())
        exchange = Exchange(request=request, asked="", reply=Response(text="Answer: B"))
        return last_line(asked(), Walk(exchanges=(exchange,), answer=Answer(status="scored")))

    assert told("Which vessel?", FORM) == 1.0
    assert told(FORM, "Are you sure?") is None


def test_of_several_replies_the_last_has_the_form() -> None:
    wordy = "It is B, since blood returns by the vein."
    assert last_line(asked(), walk(Response(text="Answer: B"), Response(text=wordy))) == 0.0
    assert last_line(asked(), walk(Response(text=wordy), Response(text="Answer: B"))) == 1.0


# --- the rest -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "refused", "unread"),
    [("scored", 0.0, 0.0), ("refused", 1.0, 0.0), ("unread", 0.0, 1.0), ("truncated", 0.0, 0.0)],
)
def test_refusals_and_what_could_not_be_read_are_those_of_the_reader(
    status: Status, refused: float, unread: float
) -> None:
    found = marked("Whatever it says.", status=status)
    assert (found["refusal_rate"], found["unread_rate"]) == (refused, unread)


def test_what_was_cut_off_counts_though_an_answer_was_read() -> None:
    cut = walk(Response(text="The answer is B. Let me", finish="length"))
    assert manners(asked(), cut)[MANNER.index("truncation_rate")] == 1.0
    assert marked("The answer is B.")["truncation_rate"] == 0.0


def test_of_several_replies_one_that_was_cut_off_is_enough() -> None:
    for finishes in (("length", "stop"), ("stop", "length")):
        cut = walk(*[Response(text="Answer: B", finish=finish) for finish in finishes])
        assert manners(asked(), cut) == (0.0, 0.0, 1.0)
    assert manners(asked(), walk(Response(text="First,"), Response(text="Answer: B"))) == (0.0, 0.0, 0.0)


def test_a_failure_says_nothing_in_no_language_and_in_no_form() -> None:
    failed = walk(Failure(failure="too_long", reason="5,000 tokens"), status="too_long")
    assert manners(asked(), failed) == (0.0, 0.0, 0.0)
    assert (last_line(asked(), failed), tongue(asked(), failed)) == (0.0, 0.0)


def test_the_tokens_of_all_replies_count() -> None:
    both = walk(Response(text="a", completion_tokens=7), Response(text="b", completion_tokens=5))
    assert tokens(asked(), both) == 12.0


def test_of_what_no_engine_counted_nobody_knows_the_tokens() -> None:
    assert tokens(asked(), walk(Response(text="a"))) is None
    assert tokens(asked(), walk(Failure(failure="too_long", reason=""))) is None


def test_a_model_that_wrote_nothing_wrote_no_token() -> None:
    assert tokens(asked(), walk(Response(text="", prompt_tokens=31))) == 0.0


def test_every_mark_stands_under_its_own_name() -> None:
    by_place = {metric.part: metric.name for metric in RULES if metric.mark is manners}
    assert by_place == dict(enumerate(MANNER))
    assert {metric.name: metric.mark for metric in RULES if metric.part is None} == {
        "format_kept": last_line, "language_kept": tongue, "tokens_written": tokens,
    }  # fmt: skip
    assert [(metric.name, metric.mark, metric.part) for metric in RULES_OF_TEXTS] == [
        ("truncation_rate", manners, 2), ("language_kept", tongue, None), ("tokens_written", tokens, None),
    ]  # fmt: skip


@pytest.mark.parametrize("metric", [*RULES, *RULES_OF_TEXTS], ids=lambda metric: metric.name)
def test_manners_are_those_of_what_is_written_and_are_not_voted_on(metric: Metric) -> None:
    assert metric.styles == ("written", "reasoned")
    assert not metric.voted


def test_more_refusals_are_worse_and_more_kept_forms_better() -> None:
    assert {metric.name: metric.better for metric in RULES} == {
        "refusal_rate": "lower", "unread_rate": "lower", "truncation_rate": "lower", "format_kept": "higher",
        "language_kept": "higher", "tokens_written": "",
    }  # fmt: skip


def test_what_a_patient_says_and_what_is_asked_beside_a_conversation_is_none_of_the_models_manners() -> None:
    whole = walk(Response(text="Answer: A", prompt_tokens=9, completion_tokens=4))
    others = tuple([
        replace(
            whole.exchanges[0], request=replace(whole.exchanges[0].request, role=role),
            reply=Response(text="x", finish="length", prompt_tokens=9, completion_tokens=100),
        )
        for role in ("patient", "model:probe")
    ])  # fmt: skip
    mixed = replace(whole, exchanges=(*whole.exchanges, *others))
    for metric in RULES:
        assert metric.mark(asked(), mixed) == metric.mark(asked(), whole), metric.name
