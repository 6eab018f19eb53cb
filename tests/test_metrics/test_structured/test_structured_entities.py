"""Typed mentions, read out of replies as models write them, in English and Chinese."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.entities import read_mentions

TYPES = ("Chemical", "Disease")
ZH = ("疾病", "药物", "身体", "临床表现", "微生物类")
BOTH = {"Chemical": {"aspirin", "naloxone"}, "Disease": {"asthma"}}
ASTHMA = {"Disease": {"asthma"}}
NOTHING: dict[str, set[str]] = {}

ENGLISH: list[tuple[str, dict[str, set[str]]]] = [
    ('{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}', BOTH),
    ('{"chemical": ["Aspirin", "NALOXONE"], "disease": ["Asthma"]}', BOTH),
    ('{"Chemicals": ["aspirin", "naloxone"], "Diseases": ["asthma"]}', BOTH),
    ('```json\n{"Chemical": ["aspirin", "naloxone"],\n "Disease": ["asthma"]}\n```', BOTH),
    ('```\n{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}', BOTH),
    ('Sure:\n{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}\nLet me know {if} it helps.', BOTH),
    ('{"entities": {"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}}', BOTH),
    ('{"Chemical": ["aspirin", "naloxone", "aspirin"], "Disease": ["asthma", "Asthma "]}', BOTH),
    ('{"Chemical": "aspirin; naloxone", "Disease": "asthma"}', BOTH),
    ('{"Chemical": "aspirin, naloxone", "Disease": "asthma"}', BOTH),
    ("{'Chemical': ['aspirin', 'naloxone'], 'Disease': ['asthma']}", BOTH),
    ('{"Chemical": ["aspirin", "naloxone",], "Disease": ["asthma",],}', BOTH),
    ('{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"', BOTH),
    ('{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma", "diab', BOTH),
    ("{Chemical: [aspirin, naloxone], Disease: [asthma]}", BOTH),
    ('{"Chemical": ["aspirin", "naloxone"], "Gene": ["TP53"], "Disease": ["asthma"]}', BOTH),
    ('{"Chemical": [], "Disease": ["asthma"]}', ASTHMA),
    ('{"Chemical": null, "Disease": ["asthma"]}', ASTHMA),
    ('{"Chemical": "None", "Disease": "asthma"}', ASTHMA),
    ('{"Chemical": ["N/A"], "Disease": ["asthma"]}', ASTHMA),
    ('{"Chemical": false, "Disease": ["asthma", {"x": 1}, null]}', ASTHMA),
    ('{"Chemical": [{"text": "aspirin", "start": 0}, {"text": "naloxone"}], "Disease": [{"name": "asthma"}]}', BOTH),
    (('[{"type": "Chemical", "mention": "aspirin"}, {"type": "Chemical", "mention": "naloxone"},\n'
     ' {"type": "Disease", "mention": "asthma"}]'), BOTH),
    (('[{"text": "aspirin", "label": "CHEMICAL"}, {"text": "naloxone", "label": "Chemical"},\n'
     ' {"text": "asthma", "label": "DISEASE"}]'), BOTH),
    ('[{"entity": "asthma", "type": "disease"}, {"entity": "TP53", "type": "gene"}]', ASTHMA),
    ('{"entities": [{"entity": "asthma", "category": "Disease", "span": [3, 9]}]}', ASTHMA),
    (('{"type": "Chemical", "text": "aspirin"}\n{"type": "Chemical", "text": "naloxone"}\n'
     '{"type": "Disease", "text": "asthma"}'), BOTH),
    ('[["aspirin", "Chemical"], ["naloxone", "Chemical"], ["asthma", "Disease"]]', BOTH),
    ('[["Disease", "asthma"]]', ASTHMA),
    ("[('aspirin', 'Chemical'), ('naloxone', 'Chemical'), ('asthma', 'Disease')]", BOTH),
    ('"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]', BOTH),
    ('Chemical: ["aspirin", "naloxone"]\nDisease: ["asthma"]', BOTH),
    ("Chemicals mentioned: [aspirin, naloxone]\nDiseases mentioned: [asthma]", BOTH),
    ("1. {'type': 'Disease', 'mention': 'asthma'}\n2. {'type': 'Gene', 'mention': 'TP53'}", ASTHMA),
    ('{"aspirin": "Chemical", "naloxone": "Chemical", "asthma": "Disease"}', BOTH),
    (('First try: {"Chemical": ["pain"], "Disease": []}. '
     'Corrected: {"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}'), BOTH),
    ('{"type": "Disease", "mentions": 3}', NOTHING),
    ('{"Chemical": [], "Disease": []}', NOTHING),
    ("Chemical: aspirin; naloxone\nDisease: asthma", BOTH),
    ("Chemical: aspirin, naloxone\nDisease: asthma.", BOTH),
    ("**Chemical**: aspirin, naloxone\n**Disease**: asthma", BOTH),
    ("**Chemicals:** aspirin, naloxone\n\n**Diseases:** asthma", BOTH),
    ("- Chemical: aspirin; naloxone\n- Disease: asthma", BOTH),
    ("1. Chemical: aspirin; naloxone\n2. Disease: asthma", BOTH),
    ('Chemical entities: "aspirin", "naloxone"\nDisease entities: "asthma"', BOTH),
    ("Chemicals:\n- aspirin\n- naloxone\n\nDiseases:\n- asthma", BOTH),
    ("### Chemicals\n\n* aspirin\n* naloxone\n\n### Diseases\n\n* asthma", BOTH),
    ("**Chemical**\n1. aspirin\n2. naloxone\n\n**Disease**\n1. asthma\n\nThese are all entities in the text.", BOTH),
    ("Chemicals:\naspirin\nnaloxone\n\nDiseases:\nasthma", BOTH),
    ("Chemicals:\n- aspirin: an NSAID\n- naloxone – an antagonist\nDiseases:\n- asthma", BOTH),
    ("Chemicals:\n- `aspirin`\n- *naloxone*\nDiseases:\n- **asthma**", BOTH),
    ("- aspirin (Chemical)\n- naloxone (Chemical)\n- asthma (Disease)", BOTH),
    ("aspirin: Chemical\nnaloxone: Chemical\nasthma: Disease", BOTH),
    ("1. aspirin - Chemical\n2. naloxone - Chemical\n3. asthma - Disease", BOTH),
    ("| Entity | Type |\n|---|---|\n| aspirin | Chemical |\n| naloxone | Chemical |\n| asthma | Disease |", BOTH),
    ("Disease | asthma", ASTHMA),
    ("Chemical: None\nDisease: asthma", ASTHMA),
    ("Chemical: none mentioned\nDisease: asthma\n\nNote: the text is short.", ASTHMA),
    ("Chemicals:\n- None\nDiseases:\n- asthma", ASTHMA),
    ("Diseases:\n- asthma\n\nGenes:\n- TP53", ASTHMA),
    ("Diseases:\n- asthma\n\nI hope this helps!\n- bye", ASTHMA),
    ("Chemical: 1,2-dichloroethane", {"Chemical": {"1,2-dichloroethane"}}),
    ('{"Chemical": ["N,N-dimethyl, salt"]}', {"Chemical": {"n,n-dimethyl, salt"}}),
    ("Disease: Type  2\u00a0Diabetes", {"Disease": {"type 2 diabetes"}}),
    ("", NOTHING),
    ("There are no chemicals or diseases in this text.", NOTHING),
    ("The patient took aspirin for asthma.", NOTHING),
    ("Chemical: None\nDisease: None", NOTHING),
    ('{"answer": 42}', NOTHING),
    ("I think the disease could be many things {[(", NOTHING),
]  # fmt: skip

CHINESE: list[tuple[str, dict[str, set[str]]]] = [
    ("上述句子中的实体包含：\n疾病实体：糖尿病，高血压\n药物实体：无", {"疾病": {"糖尿病", "高血压"}}),
    (
        "上述句子中的实体包含：\n疾病实体：糖尿病，高血压\n药物实体：二甲双胍\n",
        {"疾病": {"糖尿病", "高血压"}, "药物": {"二甲双胍"}},
    ),
    ("疾病实体：糖尿病,高血压", {"疾病": {"糖尿病", "高血压"}}),
    ("疾病：糖尿病、高血压", {"疾病": {"糖尿病", "高血压"}}),
    ("疾病：糖尿病；高血压。", {"疾病": {"糖尿病", "高血压"}}),
    ("疾病实体：糖尿病、高血压，冠心病", {"疾病": {"糖尿病、高血压", "冠心病"}}),
    ("疾病: 糖尿病\n身体: 肝", {"疾病": {"糖尿病"}, "身体": {"肝"}}),
    ("**疾病**：糖尿病\n**临床表现**：多饮，多尿", {"疾病": {"糖尿病"}, "临床表现": {"多饮", "多尿"}}),
    ("1. 疾病：糖尿病\n2. 药物：无", {"疾病": {"糖尿病"}}),
    ("疾病：\n- 糖尿病\n- 高血压\n药物：\n- 二甲双胍", {"疾病": {"糖尿病", "高血压"}, "药物": {"二甲双胍"}}),
    ("## 疾病\n（1）糖尿病\n（2）高血压", {"疾病": {"糖尿病", "高血压"}}),
    ("①糖尿病（疾病）\n②肝（身体）", {"疾病": {"糖尿病"}, "身体": {"肝"}}),
    ("糖尿病：疾病", {"疾病": {"糖尿病"}}),
    ('{"疾病": ["糖尿病"], "药物": []}', {"疾病": {"糖尿病"}}),
    ("{“疾病”：[“糖尿病”，“高血压”]}", {"疾病": {"糖尿病", "高血压"}}),
    ('[{"实体": "糖尿病", "类型": "疾病"}]', {"疾病": {"糖尿病"}}),
    ('[{"实体名称": "糖尿病", "实体类型": "疾病类"}]', {"疾病": {"糖尿病"}}),
    ("| 实体 | 类型 |\n| --- | --- |\n| 糖尿病 | 疾病 |", {"疾病": {"糖尿病"}}),
    ("疾病实体：２型糖尿病（ＩＩ型）", {"疾病": {"2型糖尿病(ii型)"}}),
    ("疾病实体：没有\n药物实体：未提及", NOTHING),
    ("检查实体：血糖", NOTHING),
    ("微生物类实体：大肠杆菌", {"微生物类": {"大肠杆菌"}}),
    ("上述句子没有相关实体。", NOTHING),
    ("患者患有糖尿病。", NOTHING),
]


def by_type(text: str, types: tuple[str, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, mention in read_mentions(text, types).found:
        found.setdefault(kind, set()).add(mention)
    return found


@pytest.mark.parametrize(("reply", "mentions"), ENGLISH)
def test_typed_mentions_are_read(reply: str, mentions: dict[str, set[str]]) -> None:
    assert by_type(reply, TYPES) == mentions


@pytest.mark.parametrize(("reply", "mentions"), CHINESE)
def test_typed_mentions_are_read_in_chinese(reply: str, mentions: dict[str, set[str]]) -> None:
    assert by_type(reply, ZH) == mentions


def test_sodium_beside_others_is_a_mention_and_alone_it_says_that_there_is_none() -> None:
    assert read_mentions('{"Chemical": ["Na", "potassium"]}', ("Chemical",)).found == {
        ("Chemical", "na"), ("Chemical", "potassium"),
    }  # fmt: skip
    assert read_mentions('{"Chemical": ["NA"]}', ("Chemical",)).found == frozenset()


def test_the_rule_that_read_mentions_is_named() -> None:
    replies = ('{"Disease": ["asthma"]}', '{"Disease": []}', "Disease: asthma", "no idea")
    assert [read_mentions(reply, TYPES).rule for reply in replies] == ["json", "json", "lines", ""]


NAMES = st.text(alphabet="abcdefgh123中文病-", min_size=2, max_size=12).filter(
    lambda name: name[0].isalpha() and name[-1] != "-"
)
FOUND = st.dictionaries(st.sampled_from(TYPES), st.sets(NAMES, min_size=1, max_size=4), min_size=1)


@settings(deadline=None, max_examples=40)
@given(FOUND)
def test_every_form_says_the_same(found: dict[str, set[str]]) -> None:
    listed = {kind: sorted(names) for kind, names in found.items()}
    pairs = [(kind, name) for kind, names in listed.items() for name in names]
    for reply in (
        json.dumps(listed),
        "```json\n" + json.dumps(listed, ensure_ascii=False, indent=2) + "\n```",
        json.dumps([{"type": kind, "mention": name} for kind, name in pairs]),
        str(listed),
        json.dumps(listed)[:-1],
        "\n".join(f"{kind}: {'; '.join(names)}" for kind, names in listed.items()),
        "\n".join(f"{kind}实体：{'，'.join(names)}" for kind, names in listed.items()),
        "\n".join(f"### {kind}s\n" + "\n".join(f"- {name}" for name in names) for kind, names in listed.items()),
        "\n".join(f"| {name} | {kind} |" for kind, name in pairs),
    ):
        assert by_type(reply, TYPES) == found, reply


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from([*"[]{}\",:' \n-|();：，、", "Disease", "type", "mention", "asthma", "**", "```", "无"])
    ).map("".join)
)
def test_no_text_breaks_the_reader_of_mentions(text: str) -> None:
    for kind, mention in read_mentions(text, TYPES).found:
        assert kind in TYPES
        assert mention.strip()
