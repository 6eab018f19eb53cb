"""The patient by rule: tells facts of the case in their own words, and never more than was asked for."""

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered
from medeval.engines.base import Ask, Rendered
from medeval.engines.patient import FactSelector
from medeval.records import CaseSample, Decoding, Identity, Message, Request, Response

CASE = CaseSample(
    id="0", question="Which diagnosis is likeliest?", options=lettered(("Gout", "Sepsis", "Sprain", "Fracture")),
    target=("A",), opening="A man of 50 has a painful toe.",
    facts=(
        "The patient is a 50-year-old man.", "The big toe began to hurt last night.", "He drank six beers at a party.",
        "He takes hydrochlorothiazide.", "He has never smoked.", "The uric acid is 9.1 mg/dL.",
        "An X-ray of the foot shows no fracture.",
    ),
)  # fmt: skip
CASE_ZH = CaseSample(
    id="1", language="zh", question="诊断？", options=lettered(("痛风", "脓毒症", "扭伤", "骨折")), target=("A",),
    opening="男，50岁，脚趾疼痛。", facts=("患者为50岁男性。", "昨晚开始脚趾疼痛。", "长期吸烟。", "血尿酸升高。"),
)  # fmt: skip


def told(*questions: str, case: CaseSample = CASE, engine: FactSelector | None = None) -> list[str]:
    """What the patient of a case answers, each question in a conversation of its own."""
    patient = engine or FactSelector()
    patient.study({("cases", case.id, 0): case})
    asks = []
    for number, question in enumerate(questions):
        messages = (Message(role="system", content="The case."), Message(role="user", content=question))
        request = Request(messages=messages, decoding=Decoding(max_tokens=256), role="patient")
        asks.append(Ask(f"{number}", "", "cases", case.id, 0, "", number, request, Rendered("", None)))
    patient.submit(asks)
    replies = dict(patient.replies(0))
    found = [replies[f"{number}"] for number in range(len(questions))]
    return [reply.text for reply in found if isinstance(reply, Response)]


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Do you smoke?", "He has never smoked."),
        ("Did you drink any beer?", "He drank six beers at a party."),
        ("Do you take any medication, such as hydrochlorothiazide?", "He takes hydrochlorothiazide."),
        ("TEST: uric acid", "The uric acid is 9.1 mg/dL."),
        ("TEST: X-ray of the foot", "An X-ray of the foot shows no fracture."),
    ],
)
def test_a_question_or_an_order_is_answered_with_the_fact_as_it_stands(question: str, fact: str) -> None:
    assert told(question)[0].split("\n")[0] == fact


def test_what_the_case_does_not_tell_is_not_known() -> None:
    assert told("Do you have pets?") == ["I don't know."]
    assert told("您养宠物吗？", case=CASE_ZH) == ["不清楚。"]


def test_a_chinese_case_is_told_in_chinese() -> None:
    assert told("您吸烟吗？", "检查：血尿酸", case=CASE_ZH) == ["长期吸烟。", "血尿酸升高。"]


def test_three_facts_at_most_are_told_and_every_line_is_a_fact() -> None:
    many = replace(CASE, facts=tuple([f"The cough is {how}." for how in ("dry", "new", "loud", "painful", "nightly")]))
    (reply,) = told("What is the cough like?", case=many)
    assert len(reply.split("\n")) == 3
    assert {*reply.split("\n")} <= {*many.facts}


def test_the_same_question_has_the_same_answer_whatever_was_asked_before() -> None:
    patient = FactSelector()
    first = told("Do you smoke?", engine=patient)
    between = told("Did you drink any beer?", "Do you smoke?", engine=patient)
    assert between[1:] == first == told("Do you smoke?")


def test_only_the_last_question_counts() -> None:
    patient = FactSelector()
    patient.study({("cases", "0", 0): CASE})
    messages = (
        Message(role="system", content="He has never smoked."), Message(role="user", content="Do you smoke?"),
        Message(role="assistant", content="He has never smoked."), Message(role="user", content="TEST: uric acid"),
    )  # fmt: skip
    request = Request(messages=messages, decoding=Decoding(max_tokens=256), role="patient")
    patient.submit([Ask("key", "", "cases", "0", 0, "", 0, request, Rendered("", None))])
    assert patient.replies(0) == [("key", Response(text="The uric acid is 9.1 mg/dL."))]


def test_every_variant_of_a_sample_has_its_own_case() -> None:
    patient = FactSelector()
    patient.study({("cases", "0", 0): CASE, ("cases", "0", 1): replace(CASE, facts=("He smokes a pipe.",))})
    request = Request(
        messages=(Message(role="user", content="Do you smoke?"),), decoding=Decoding(max_tokens=256), role="patient"
    )
    patient.submit([Ask("key", "", "cases", "0", 1, "", 0, request, Rendered("", None))])
    assert patient.replies(0) == [("key", Response(text="He smokes a pipe."))]


def test_its_identity_names_the_rule_and_its_version() -> None:
    patient = FactSelector()
    assert patient.identity == Identity(engine="patient", version="1", model="facts")
    assert patient.abilities.chat
    assert not patient.abilities.choices
