"""Replies of patients as models speak, each with the question before it and the faults that are in it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from medeval.arrange import lettered
from medeval.casefile import told_by
from medeval.metrics.inquiry.fidelity import faults_of
from medeval.records import CaseSample

NUMBER = re.compile(r"^\s*(?:\d+\.|-)\s*")
Heard = Sequence[tuple[str, str, str]]
"""Question, reply, and the fault; empty where there is none."""
STONE = CaseSample(
    id="0", question="?", options=lettered(("Nephrolithiasis", "Pyelonephritis", "Appendicitis",
    "Hernia")), target=("A",),
    opening="A 45-year-old man has had pain in his left side since last night.",
    facts=(
        "The patient is a 45-year-old truck driver.",
        "He has severe pain in the left flank that comes in waves.",
        "The pain woke him up four hours ago.",
        "It radiates to the groin.",
        "His urine looks pink.",
        "He feels nauseated but has not vomited.",
        "He denies fever and chills.",
        "He had a kidney stone two years ago.",
        "He has been taking vitamin C supplements.",
        "He does not use tobacco.",
        "His sister has gout.",
        "No drug allergies are known.",
        "Costovertebral angle tenderness is present on the left.",
        "Urinalysis shows many red blood cells.",
    ),
)  # fmt: skip
ENGLISH: Heard = (
    ("Where is the pain?", "It's in my left flank, and it goes down to the groin.", ""),
    ("When did it start?", "It woke me up about four hours ago.", ""),
    ("How would you describe the pain?", "It's really severe, and it comes in waves, doctor.", ""),
    ("Have you noticed blood in your urine?", "My urine has looked pink, yes.", ""),
    ("Any fever?", "No, I haven't had a fever or chills.", ""),
    ("Any fever?", "No.", ""),
    ("Have you vomited?", "No, but I feel nauseous.", ""),
    ("Have you vomited?", "I've felt sick to my stomach, but I haven't thrown up.", ""),
    ("Have you had kidney stones before?", "Yes, I had one two years ago.", ""),
    ("Have you had kidney stones before?", "Yes.", ""),
    ("Do you take any medication?", "Just some vitamin C supplements.", ""),
    ("Do you smoke?", "No, I don't smoke.", ""),
    ("Do you smoke?", "I never have.", ""),
    ("Any diseases in your family?", "My sister has gout.", ""),
    ("Are you allergic to anything?", "Not that I know of.", ""),
    ("Do you have any chest pain?", "I don't know.", ""),
    ("Do you have any chest pain?", "I'm not sure about that, sorry.", ""),
    ("TEST: urinalysis", "The urinalysis showed many red blood cells.", ""),
    ("TEST: CT of the abdomen", "I haven't had that test done.", ""),
    ("What do you do for work?", "I drive a truck.", ""),
    ("How old are you?", "I'm 45 years old.", ""),
    ("Are you in pain?", "Yes, a lot, I hope you can help me.", ""),
    ("Is it appendicitis?", "I don't know, doctor.", ""),
    ("Do you have a cough?", "No, I don't have a cough.", ""),
    ("May I tap on your back?", "It is tender on the left when you tap there.", ""),
    ("What is wrong?", "I think it's nephrolithiasis.", "leaked_diagnosis"),
    ("What is wrong?", "They told me I have pyelonephritis.", "leaked_diagnosis"),
    ("Do you have appendicitis?", "Yes.", "leaked_diagnosis"),
    ("Any fever?", "Yes, I've had a fever since yesterday.", "contradicted"),
    ("Any fever?", "Yes.", "contradicted"),
    ("Have you vomited?", "Yes, I vomited.", "contradicted"),
    ("Do you smoke?", "Yes, I use tobacco.", "contradicted"),
    ("Do you feel nauseous?", "No, no nausea at all.", "contradicted"),
    ("Are you in pain?", "No, I have no pain.", "contradicted"),
    ("Are you in pain?", "No.", "contradicted"),
    ("Are you allergic to anything?", "Yes, I have drug allergies.", "contradicted"),
    ("Anything else?", "I have had diarrhea too.", "invented"),
    ("Do you have a cough?", "Yes, I do.", "invented"),
    ("Do you take any medication?", "I take lisinopril.", "invented"),
    ("When did it start?", "About nine days ago.", "invented"),
    ("How old are you?", "I'm 52.", "invented"),
    ("Did anything happen?", "My neighbor brought strange mushrooms from the forest and we cooked dinner.", "invented"),
    ("Any medical conditions?", "I have diabetes and high blood pressure.", "invented"),
    ("Anything else?", "I also feel dizzy and short of breath.", "invented"),
    ("Are you sure?", "As an AI language model, I can't feel pain.", "broken_role"),
    ("What now?", "You should get a CT scan as soon as possible.", "broken_role"),
    ("What now?", "I recommend plenty of fluids.", "broken_role"),
    ("What now?", "Your symptoms are typical of that.", "broken_role"),
    ("Any fever?", "Doctor: do you have chills?", "broken_role"),
    ("Any fever?", "The case description does not mention it.", "broken_role"),
    ("Tell me everything.", " ".join(STONE.facts[1:8]), "volunteered"),
)  # fmt: skip
PNEUMONIA = CaseSample(
    id="1", language="zh", question="？", options=lettered(("社区获得性肺炎", "肺结核", "肺癌",
    "支气管扩张")), target=("A",),
    opening="我咳嗽、发烧。",
    facts=(
        "患者，男，62岁。", "咳嗽、咳痰两周，痰为黄色。", "三天前开始发热，最高39度。", "否认咯血。", "活动后气短。",
        "有高血压病史十年。",
        "长期服用氨氯地平。", "对头孢类药物过敏。", "吸烟四十年，每天一包。", "退休前是矿工。", "右下肺可闻及湿啰音。",
        "白细胞升高。",
    ),
)  # fmt: skip
CHINESE: Heard = (
    ("咳嗽多久了？", "我咳嗽两周了，还有黄痰。", ""),
    ("发烧吗？", "三天前开始发烧的，最高39度。", ""),
    ("发烧吗？", "是的，发烧。", ""),
    ("有没有咯血？", "没有。", ""),
    ("有没有咯血？", "没有咳血。", ""),
    ("喘不喘？", "活动以后会气短。", ""),
    ("以前有什么病？", "我有十年的高血压。", ""),
    ("吃什么药？", "一直在吃氨氯地平。", ""),
    ("药物过敏吗？", "我对头孢过敏。", ""),
    ("抽烟吗？", "抽了四十年了，每天一包。", ""),
    ("做什么工作的？", "退休前当矿工。", ""),
    ("有没有腹痛？", "不清楚。", ""),
    ("有没有腹痛？", "没有腹痛。", ""),
    ("检查：血常规", "白细胞升高。", ""),
    ("检查：胸部CT", "这个我没做过。", ""),
    ("多大年纪？", "我今年62岁，医生。", ""),
    ("怎么了？", "我得了社区获得性肺炎。", "leaked_diagnosis"),
    ("怎么了？", "可能是肺结核吧。", "leaked_diagnosis"),
    ("有没有咯血？", "有，痰里带血。", "contradicted"),
    ("有没有咯血？", "有的。", "contradicted"),
    ("发烧吗？", "我没有发烧。", "contradicted"),
    ("发烧吗？", "没有。", "contradicted"),
    ("咳嗽吗？", "我不咳嗽。", "contradicted"),
    ("还有哪里不舒服？", "我还头痛，拉肚子。", "invented"),
    ("有没有胸痛？", "有的。", "invented"),
    ("吃什么药？", "我吃阿司匹林。", "invented"),
    ("发烧多久了？", "已经烧了八天了。", "invented"),
    ("以前有什么病？", "我有糖尿病。", "invented"),
    ("难受吗？", "作为一个人工智能，我没有感觉。", "broken_role"),
    ("怎么办？", "建议您尽快做胸部CT检查。", "broken_role"),
    ("怎么办？", "您的症状符合感染。", "broken_role"),
    ("怎么办？", "医生：请问您还有哪里不舒服？", "broken_role"),
    ("都说说。", "".join(PNEUMONIA.facts[1:9]), "volunteered"),
)  # fmt: skip


@pytest.mark.parametrize(("question", "reply", "fault"), ENGLISH)
def test_a_reply_has_the_faults_that_it_has(question: str, reply: str, fault: str) -> None:
    assert faults_of(STONE, reply, question) == ({fault} if fault else set())


@pytest.mark.parametrize(("question", "reply", "fault"), CHINESE)
def test_it_has_them_in_chinese(question: str, reply: str, fault: str) -> None:
    assert faults_of(PNEUMONIA, reply, question) == ({fault} if fault else set())


def test_a_patient_who_repeats_facts_never_has_a_fault(real: Path) -> None:
    told = 0
    for line in (real / "mediq" / "all_craft_md.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        facts = tuple([NUMBER.sub("", fact) for fact in row["facts"]])
        case = CaseSample(
            id="0", question="?", options=lettered(row["options"].values()), target=("A",), facts=facts,
            opening=row["context"][0],
        )  # fmt: skip
        for fact in facts:
            question = f"Is it true? {fact}"
            reply = "\n".join([facts[place] for place in told_by(question, facts, "en")])
            assert not faults_of(case, reply, question)
            told += 1
    assert told > 2000
