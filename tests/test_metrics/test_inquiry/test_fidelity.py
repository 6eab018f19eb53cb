"""The fidelity of a patient: literal replies, and the faults that rules find in them."""

import numpy as np
import pytest

from medeval.arrange import lettered
from medeval.metrics.inquiry.fidelity import FAULTS, FIDELITY, faults, faults_of
from medeval.records import Answer, CaseSample, Decoding, Exchange, Language, Request, Response, Walk

ENGLISH = CaseSample(
    id="0", question="?", options=lettered(("Lung cancer", "Influenza")), target=("A",), opening="I have a cough.",
    facts=(
        "The man has a cough.", "He denied having a fever.", "He coughed up blood twice.", "He takes lisinopril.",
        "He has smoked a pack a day for 30 years.", "He lost five kilograms.", "He returned from Thailand last month.",
    ),
)  # fmt: skip
CHINESE = CaseSample(
    id="1", language="zh", question="？", options=lettered(("急性阑尾炎", "肠炎")), target=("A",), opening="我肚子痛。",
    facts=("患者腹痛12小时。", "伴恶心。", "否认腹泻。", "有发热。", "对青霉素过敏。"),
)  # fmt: skip
GOOD: dict[Language, tuple[str, ...]] = {
    "en": (
        "He denied having a fever.",
        "No, I have had no fever.",
        "I coughed up blood twice.",
        "I don't know.",
        "I take lisinopril.",
        "I'm not sure about chest pain.",
        "Yes, I smoke a pack a day.",
        "I have a cough.",
        "I have not been tested.",
        "A month ago I came back from Thailand.",
        "I lost five kilograms.",
    ),
    "zh": ("伴恶心。", "没有腹泻。", "有发热。", "不清楚。", "对青霉素过敏。", "我没查过血糖。", "肚子痛了12小时。"),
}
BAD: tuple[tuple[str, str], ...] = (
    ("I have lung cancer.", "leaked_diagnosis"), ("My doctor says it is LUNG CANCER, and I cough.", "leaked_diagnosis"),
    ("The correct answer is A.", "broken_role"), ("As an AI language model, I cannot feel pain.", "broken_role"),
    ("The case file says that I cough.", "broken_role"), ("You should order a CT of the chest.", "broken_role"),
    ("I would recommend a biopsy.", "broken_role"), ("Yes, I have a fever.", "contradicted"),
    ("I have never coughed up blood, no hemoptysis.", "contradicted"), ("I have no cough at all.", "contradicted"),
    ("I have chest pain and palpitations.", "invented"), ("My head hurts, I have a terrible headache.", "invented"),
    ("I have seizures every night.", "invented"), ("My legs are swollen, there is edema.", "invented"),
    (" ".join(ENGLISH.facts), "volunteered"),
)  # fmt: skip
BAD_CHINESE: tuple[tuple[str, str], ...] = (
    ("我得了急性阑尾炎。", "leaked_diagnosis"), ("作为一个人工智能，我没有感觉。", "broken_role"),
    ("病例资料里写的是腹痛。", "broken_role"), ("正确答案是A。", "broken_role"),
    ("我拉肚子，腹泻三次。", "contradicted"), ("没有发热。", "contradicted"), ("我头痛得厉害。", "invented"),
    ("我胸痛，还心慌。", "invented"), ("建议您做CT检查。", "broken_role"),
)  # fmt: skip


@pytest.mark.parametrize("reply", GOOD["en"])
def test_a_faithful_reply_has_no_fault(reply: str) -> None:
    assert faults_of(ENGLISH, reply) == set()


@pytest.mark.parametrize("reply", GOOD["zh"])
def test_nor_has_one_in_chinese(reply: str) -> None:
    assert faults_of(CHINESE, reply) == set()


@pytest.mark.parametrize(("reply", "fault"), BAD)
def test_a_fault_is_found(reply: str, fault: str) -> None:
    assert fault in faults_of(ENGLISH, reply)


@pytest.mark.parametrize(("reply", "fault"), BAD_CHINESE)
def test_a_fault_is_found_in_chinese(reply: str, fault: str) -> None:
    assert fault in faults_of(CHINESE, reply)


def test_a_diagnosis_that_is_a_fact_of_the_case_is_no_leak() -> None:
    open_secret = CaseSample(
        id="2", question="?", options=ENGLISH.options, target=("A",), opening="I have a cough.",
        facts=("He was treated for lung cancer in 2010.",),
    )  # fmt: skip
    assert "leaked_diagnosis" not in faults_of(open_secret, "I was treated for lung cancer in 2010.")


def test_the_share_is_of_all_replies() -> None:
    exchanges = tuple([
        Exchange(request=Request(decoding=Decoding(), role=role), asked="", reply=Response(text=said))
        for text in ("I take lisinopril.", "I have lung cancer.", "I don't know.")
        for role, said in (("model", "What is it?"), ("patient", text))
    ])  # fmt: skip
    mark = faults(ENGLISH, Walk(exchanges=exchanges, answer=Answer()))
    shares = np.asarray(FIDELITY[0].gather(np.array([mark]), np.ones((1, 1))))[0]
    assert shares[0] == pytest.approx(2 / 3)
    assert shares[1 + FAULTS.index("leaked_diagnosis")] == pytest.approx(1 / 3)
    assert faults(ENGLISH, Walk(exchanges=(), answer=Answer())) is None
