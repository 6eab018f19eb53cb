"""Triples, read out of replies as models write them, in English and Chinese."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.relations import read_triples

ONE = {("treats", "aspirin", "pain")}
TWO = {("treats", "aspirin", "pain"), ("causes", "aspirin", "gastric ulcer")}
ZH = {("病理分型", "肺癌", "鳞癌")}
ZH_TWO = {("病理分型", "肺癌", "鳞癌"), ("病理分型", "肺癌", "腺癌")}
ZH_THREE = {*ZH_TWO, ("药物治疗", "肺癌", "顺铂")}
NOTHING: set[tuple[str, str, str]] = set()

REPLIES: list[tuple[str, set[tuple[str, str, str]]]] = [
    ('[{"subject": "aspirin", "predicate": "treats", "object": "pain"}]', ONE),
    ('[{"subject": "Aspirin", "predicate": "Treats", "object": " Pain "}]', ONE),
    (('[{"subject": "aspirin", "predicate": "treats", "object": "pain"},\n'
     ' {"subject": "aspirin", "predicate": "causes", "object": "gastric ulcer"}]'), TWO),
    ('```json\n[{"subject": "aspirin", "predicate": "treats", "object": "pain"}]\n```\nThat is all.', ONE),
    ('{"subject": "aspirin", "predicate": "treats", "object": "pain"}', ONE),
    (('{"subject": "aspirin", "predicate": "treats", "object": "pain"}\n'
     '{"subject": "aspirin", "predicate": "causes", "object": "gastric ulcer"}'), TWO),
    ('{"relations": [{"head": "aspirin", "relation": "treats", "tail": "pain"}]}', ONE),
    ('{"triples": [{"head_entity": "aspirin", "relation_type": "treats", "tail_entity": "pain"}]}', ONE),
    ('[{"head": {"text": "aspirin"}, "type": "treats", "tail": {"text": "pain"}}]', ONE),
    ('[["aspirin", "treats", "pain"], ["aspirin", "causes", "gastric ulcer"]]', TWO),
    ('["aspirin", "treats", "pain"]', ONE),
    ("[('aspirin', 'treats', 'pain'), (\"aspirin\", \"causes\", \"gastric ulcer\")]", TWO),
    ("('aspirin', 'treats', 'pain')", ONE),
    ("- Subject: aspirin, Predicate: treats, Object: pain", ONE),
    ("Head: aspirin; Relation: treats; Tail: pain", ONE),
    ("头实体：肺癌，关系：病理分型，尾实体：鳞癌", ZH),
    ('["aspirin", "treats", "pain"]\n["aspirin", "causes", "gastric ulcer"]', TWO),
    ('{"treats": [["aspirin", "pain"]], "causes": [["aspirin", "gastric ulcer"]]}', TWO),
    ('{"treats": [{"head": "aspirin", "tail": "pain"}]}', ONE),
    ("[{'subject': 'aspirin', 'predicate': 'treats', 'object': 'pain'}]", ONE),
    ('[{"subject": "aspirin", "predicate": "treats", "object": "pain"}, {"subject": "aspirin", "pred', ONE),
    ('[{"subject": "aspirin", "predicate": "treats", "object": "pain",},]', ONE),
    ('[{"subject": "aspirin", "predicate": "treats", "object": "pain"}, ["Aspirin", "treats", "pain"]]', ONE),
    ('[{"head": "aspirin", "relation": "treats"}, {"head": "aspirin", "relation": "treats", "tail": "pain"}]', ONE),
    ('[{"subject": "aspirin", "predicate": "treats", "object": null}]', NOTHING),
    ('[{"subject": "aspirin", "predicate": "treats", "object": "None"}]', NOTHING),
    ('[{"subject": 1, "predicate": 2, "object": 3}]', NOTHING),
    ('Try: [["aspirin", "kills", "pain"]]. Better: [["aspirin", "treats", "pain"]]', ONE),
    ("[]", NOTHING),
    ('{"relations": []}', NOTHING),
    ("aspirin | treats | pain", ONE),
    ("Aspirin | treats | Pain\nAspirin | causes | Gastric ulcer", TWO),
    ("- aspirin | treats | pain\n- aspirin | causes | gastric ulcer", TWO),
    ("1. aspirin | treats | pain", ONE),
    ("| Subject | Predicate | Object |\n|---|---|---|\n| aspirin | treats | pain |", ONE),
    ("| head | relation | tail |\n| :--- | :---: | ---: |\n| aspirin | treats | pain |", ONE),
    ("(aspirin, treats, pain)", ONE),
    ("(aspirin, treats, pain)\n(aspirin, causes, gastric ulcer)", TWO),
    ("1. (aspirin, treats, pain);", ONE),
    ("<aspirin; treats; pain>", ONE),
    ("**(aspirin, treats, pain)**", ONE),
    ("aspirin -> treats -> pain", ONE),
    ("aspirin → treats → pain", ONE),
    ("aspirin --treats--> pain", NOTHING),
    ("aspirin\ttreats\tpain", ONE),
    ("The triples are:\n(aspirin, treats, pain)\nNo others were found.", ONE),
    ("aspirin treats pain", NOTHING),
    ("Aspirin, the drug, treats pain.", NOTHING),
    ("aspirin | treats", NOTHING),
    ("a | b | c | d", NOTHING),
    ("", NOTHING),
    ("None", NOTHING),
    ("no relations found {[", NOTHING),
    ("具有病理分型关系的头尾实体对如下：头实体为肺癌，尾实体为鳞癌。", ZH),
    ("具有病理分型关系的头尾实体对如下：头实体为肺癌，尾实体为鳞癌。头实体为肺癌，尾实体为腺癌。", ZH_TWO),
    (("具有病理分型关系的头尾实体对如下：头实体为肺癌，尾实体为鳞癌。头实体为肺癌，尾实体为腺癌。"
     "具有药物治疗关系的头尾实体对如下：头实体为肺癌，尾实体为顺铂。"), ZH_THREE),
    (("具有病理分型关系的头尾实体对如下：头实体为肺癌，尾实体为鳞癌。头实体为肺癌，尾实体为腺癌。\n"
     "具有药物治疗关系的头尾实体对如下：头实体为肺癌，尾实体为顺铂。"), ZH_THREE),
    ("具有病理分型关系的头尾实体对如下：\n头实体为肺癌，尾实体为鳞癌。\n头实体为肺癌，尾实体为腺癌。", ZH_TWO),
    ("具有病理分型关系的实体对如下：头实体：肺癌，尾实体：鳞癌；头实体：肺癌，尾实体：腺癌；", ZH_TWO),
    ("- 具有“病理分型”关系的头尾实体对如下：头实体为肺癌,尾实体为鳞癌", ZH),
    ("头实体：肺癌；关系：病理分型；尾实体：鳞癌", ZH),
    ("头实体：肺癌；尾实体：鳞癌；关系：病理分型", ZH),
    ("具有病理分型关系的头尾实体对如下：头实体为肺癌", NOTHING),
    ("没有指定类型的三元组", NOTHING),
    ("具有病理分型关系的头尾实体对如下：无", NOTHING),
    ('[{"头实体": "肺癌", "关系": "病理分型", "尾实体": "鳞癌"}]', ZH),
    ('[{"subject": "肺癌", "predicate": "病理分型", "object": {"@value": "鳞癌"}}]', ZH),
    ('[{"主体": "肺癌", "谓词": "病理分型", "客体": "鳞癌"}]', ZH),
    ("{“subject”：“肺癌”，“predicate”：“病理分型”，“object”：“鳞癌”}", ZH),
    ("肺癌 | 病理分型 | 鳞癌", ZH),
    ("（肺癌，病理分型，鳞癌）", ZH),
    ("1、（肺癌，病理分型，鳞癌）\n2、（肺癌，病理分型，腺癌）", ZH_TWO),
    ("| 头实体 | 关系 | 尾实体 |\n|---|---|---|\n| 肺癌 | 病理分型 | 鳞癌 |", ZH),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "triples"), REPLIES)
def test_triples_are_read(reply: str, triples: set[tuple[str, str, str]]) -> None:
    assert read_triples(reply).found == triples


def test_the_rule_that_read_triples_is_named() -> None:
    replies = ('[["a", "b", "c"]]', "具有病因关系的头尾实体对如下：头实体为甲，尾实体为乙。", "a | b | c", "?")
    assert [read_triples(reply).rule for reply in replies] == ["json", "pairs", "cells", ""]


WORDS = st.text(alphabet="abcdefgh甲乙丙丁", min_size=2, max_size=8)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5))
def test_every_form_says_the_same(found: set[tuple[str, str, str]]) -> None:
    triples = sorted(found)
    for reply in (
        json.dumps([{"subject": h, "predicate": r, "object": t} for r, h, t in triples]),
        "\n".join(json.dumps({"head": h, "relation": r, "tail": t}, ensure_ascii=False) for r, h, t in triples),
        json.dumps([[h, r, t] for r, h, t in triples]),
        "\n".join(f"{h} | {r} | {t}" for r, h, t in triples),
        "\n".join(f"({h}, {r}, {t})" for r, h, t in triples),
        "\n".join(f"具有{r}关系的头尾实体对如下：头实体为{h}，尾实体为{t}。" for r, h, t in triples),
    ):
        assert read_triples(reply).found == found, reply


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from([*"[]{}\",:' \n|();：，、。", "头实体为", "尾实体为", "关系", "subject", "object", "->", "x"])
    ).map("".join)
)
def test_no_text_breaks_the_reader_of_triples(text: str) -> None:
    for triple in read_triples(text).found:
        assert all(part.strip() for part in triple)
