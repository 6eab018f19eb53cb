"""Lists, read out of replies as models write them, in English and Chinese."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.lists import read_list

THREE = ("fever", "cough", "headache")
ZH = ("发热", "咳嗽", "头痛")
TWO = ("fever", "cough")

REPLIES: list[tuple[str, tuple[str, ...]]] = [
    ("fever, cough, headache", THREE),
    ("Fever, Cough, Headache", THREE),
    ("fever, cough, and headache", THREE),
    ("fever, cough and headache.", THREE),
    ("fever and cough", TWO),
    ("fever; cough; headache", THREE),
    ("fever\ncough\nheadache", THREE),
    ("fever,\ncough,\nheadache", THREE),
    ("- fever\n- cough\n- headache", THREE),
    ("* fever\n* cough\n* headache", THREE),
    ("• fever\n• cough\n• headache", THREE),
    ("1. fever\n2. cough\n3. headache", THREE),
    ("1) fever\n2) cough\n3) headache", THREE),
    ("(1) fever\n(2) cough\n(3) headache", THREE),
    ("1. **Fever**\n2. **Cough**\n3. **Headache**", THREE),
    ("1. **Fever**: raised temperature\n2. **Cough** - dry\n3. **Headache** (for two days, on the left)", THREE),
    ("- [x] fever\n- [ ] cough", TWO),
    ("The symptoms are:\n- fever\n- cough\n- headache\n\nLet me know if you need more.", THREE),
    ("Here are the symptoms, listed one by one:\nfever\ncough\nheadache\n\nI hope this helps!", THREE),
    ("Symptoms: fever, cough, headache", THREE),
    ("The symptoms are: fever, cough, and headache.", THREE),
    ("**Symptoms:** fever, cough, headache", THREE),
    ("Answer: fever, cough, headache", THREE),
    ("Let me think. It may be a cold, or worse.\n\nFinal answer: fever, cough, headache", THREE),
    ("- pain?\n- nausea?\n\nFinal answer:\n- fever\n- cough\n- headache", THREE),
    ("Final answer: fever, cough\n\nFinal answer: fever, cough, headache", THREE),
    ('["fever", "cough", "headache"]', THREE),
    ('```json\n["fever", "cough", "headache"]\n```', THREE),
    ('```\n["fever", "cough", "headache"]', THREE),
    ("['fever', 'cough', 'headache']", THREE),
    ('["fever", "cough", "headache",]', THREE),
    ('["fever", "cough", "headache"', THREE),
    ('["fever", "cough", "head', TWO),
    ("[fever, cough, headache]", THREE),
    ('{"symptoms": ["fever", "cough", "headache"]}', THREE),
    ('{"answer": ["fever", "cough", "headache"], "confidence": 0.9}', THREE),
    ('{"answer": "fever, cough, headache"}', THREE),
    ('{"step_by_step_thinking": "pain, or nausea", "answer": "fever; cough"}', TWO),
    ('{"symptoms": "none"}', ()),
    ('[{"name": "fever"}, {"name": "cough"}, {"name": "headache"}]', THREE),
    ('{"diagnoses": [{"diagnosis": "fever", "why": "hot"}, {"diagnosis": "cough"}]}', TWO),
    ('At first ["pain"], but then ["fever", "cough"]', TWO),
    ('As shown [1], the answer is ["fever", "cough"] [2].', TWO),
    ("fever, fever, Fever, cough", TWO),
    ("- fever\n- cough\n- FEVER", TWO),
    ('"fever", "cough"', TWO),
    ("fever", ("fever",)),
    ("Pneumonia.", ("pneumonia",)),
    ("1,2-dichloroethane, aspirin", ("1,2-dichloroethane", "aspirin")),
    ("fever,cough", TWO),
    ("> fever\n> cough", TWO),
    ("### Symptoms\n- fever\n- cough", TWO),
    ("None", ()),
    ("None.", ()),
    ("N/A", ()),
    ("Answer: none", ()),
    ("No symptoms found", ()),
    ("- None", ()),
    ("[]", ()),
    ('{"symptoms": []}', ()),
    ("", ()),
    ("   \n\n", ()),
    ("```\n```", ()),
    ("发热、咳嗽、头痛", ZH),
    ("发热，咳嗽，头痛", ZH),
    ("发热；咳嗽；头痛。", ZH),
    ("发热,咳嗽,头痛", ZH),
    ("发热、咳嗽和头痛", ZH),
    ("发热、咳嗽以及头痛", ZH),
    ("1、发热\n2、咳嗽\n3、头痛", ZH),
    ("1．发热\n2．咳嗽\n3．头痛", ZH),
    ("（1）发热\n（2）咳嗽\n（3）头痛", ZH),
    ("①发热\n②咳嗽\n③头痛", ZH),
    ("症状：发热、咳嗽、头痛", ZH),
    ("患者的症状包括：发热、咳嗽、头痛。", ZH),
    ("答案：发热、咳嗽、头痛", ZH),
    ("思考：可能是感冒，也可能是肺炎。\n最终答案：\n- 发热\n- 咳嗽\n- 头痛", ZH),
    ('["发热", "咳嗽", "头痛"]', ZH),
    ("{“症状”：[“发热”，“咳嗽”，“头痛”]}", ZH),
    ("- 发热：三天\n- 咳嗽\n- 头痛", ZH),
    ("无", ()),
    ("答案：无", ()),
    ("未提及", ()),
]


@pytest.mark.parametrize(("reply", "items"), REPLIES)
def test_listed_items_are_read(reply: str, items: tuple[str, ...]) -> None:
    assert tuple(item.lower() for item in read_list(reply).found) == items


def test_a_long_sentence_is_no_item() -> None:
    reply = (
        "The patient has been unwell for some days and it would be best if a physician saw them in person before " * 2
    )
    assert read_list(reply).found == ()


def test_the_rule_that_read_a_list_is_named() -> None:
    replies = ('["a"]', "- a", "a\nb", "a, b", "None", "")
    assert [read_list(reply).rule for reply in replies] == ["json", "bullets", "lines", "row", "none", ""]


ITEMS = st.lists(
    st.text(alphabet="abcdefgh甲乙丙丁", min_size=2, max_size=10), min_size=2, max_size=6, unique=True
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(ITEMS)
def test_every_form_says_the_same(items: list[str]) -> None:
    for reply in (
        json.dumps(items),
        "```json\n" + json.dumps({"items": items}, ensure_ascii=False) + "\n```",
        str(items),
        "\n".join(f"- {item}" for item in items),
        "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1)),
        "\n".join(items),
        ", ".join(items),
        "、".join(items),
        "；".join(items),
        "Answer: " + ", ".join(items),
        "答案：" + "，".join(items),
    ):
        assert list(read_list(reply).found) == items, reply


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*"[]{}\",:' \n-|();：，、.1", "Answer:", "and", "x", "无", "**", "```"])).map("".join))
def test_no_text_breaks_the_reader_of_lists(text: str) -> None:
    found = read_list(text).found
    assert len(found) == len(set(found))
    assert all(item.strip() for item in found)
