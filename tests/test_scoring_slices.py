"""The parts of a cell: what can be said of any question, and which parts are worth showing."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.arrange import lettered
from medeval.records import AskedSample, ChoiceSample, Decoding, Language, Message, OpenSample, Request, Sample
from medeval.scoring.slices import COMPARED, MERGED, OTHER, in_order, slices_of


def choice(question: str, language: Language = "en", *, several: bool = False, **slices: str) -> ChoiceSample:
    return ChoiceSample(
        id=question, question=question, options=lettered("abcd"), target=("A",), language=language, several=several,
        slices=slices,
    )  # fmt: skip


def opened(content: str, *, before: str = "", language: Language = "en") -> OpenSample:
    turns = [Message(role="user", content=before), Message(role="assistant", content="I see.")] if before else []
    return OpenSample(
        id=content, messages=(*turns, Message(role="user", content=content)), references=("Good.",), language=language
    )  # fmt: skip


def parted(sample: Sample, other: Sample) -> dict[str, str]:
    """The parts of a sample among ten of its kind and ten of another, so that nothing is merged or the same for all."""
    parts, *_ = slices_of([sample] * MERGED + [other] * MERGED)
    return dict(parts)


# --- questions that ask for what is not so ------------------------------------------------------

NEGATED: list[tuple[Language, str]] = [
    ("en", "Which of the following is NOT a feature of nephrotic syndrome?"),
    ("en", "All of the following are branches of the external carotid artery except:"),
    ("en", "True is all EXCEPT regarding intrafusal fibres"),
    ("en", "A 23-year-old woman has a fever. Which of the following drugs should not be given to this patient?"),
    ("en", "Which of the following statements is false regarding asbestosis?"),
    ("en", "Which of the following is the least likely diagnosis?"),
    ("en", "Which of the following statements about the cytoskeleton is incorrect?"),
    ("en", "He takes warfarin. Which antibiotic is contraindicated in this patient?"),
    ("en", "A reflex which never disappears is the"),
    ("en", "Which of these isn't a side effect of lithium?"),
    ("en", "All are true about pinealoma, except - "),
    ("en", "Which one of the following is the wrong match?"),
    ("zh", "下列不属于肾病综合征表现的是"),
    ("zh", "关于血糖来源的叙述，错误的是"),
    ("zh", "下列哪项不是急性胰腺炎的并发症？"),
    ("zh", "关于淋球菌的叙述，不正确的是（　　）"),
    ("zh", "慢性支气管炎的治疗，以下哪项不恰当"),
    ("zh", "护士在指导其提高受孕率技巧时应除外"),
    ("zh", "影响藻酸盐印模材料凝固时间的因素除了"),
    ("zh", "妊娠绝对禁忌的药物是"),
    ("zh", "我国规定饮用水中汞的含量不得超过"),
    ("zh", "关于呼吸衰竭的治疗，下列哪项提法不正确?"),
    ("zh", "患者，男，46岁。胸痛2小时。下列处理措施中，最不可能采取的是"),
    ("zh", "以下并非糖尿病急性并发症的是"),
    ("en", "Which of the following is not true about H. influenzae?"),
    ("en", "Which of these is not caused by E. coli O157?"),
    ("en", "Midazolam cannot be given by which of the following routes?"),
    ("en", "Infective endocarditis is least common in:"),
    ("en", "Which nerve fibre type is least susceptible to local anaesthetics?"),
    ("zh", "哪一项不是肺炎的病因分类（ ）。"),
    ("zh", "下列药物中，不能用于儿童的是。"),
    ("zh", "下列哪项不是肝硬化的表现？（　）"),
    ("zh", "下列除哪项外，均可出现尿频"),
    ("zh", "肾盂肾炎治疗原则，下列除哪项外均正确"),
    ("zh", "下列哪种物品不适用燃烧法灭菌"),
    ("zh", "护理此类颅内出血的患儿不适宜的措施是"),
    ("zh", "孕妇禁用药是"),
]  # fmt: skip

PLAIN: list[tuple[Language, str]] = [
    ("en", "Which of the following is the most likely diagnosis?"),
    ("en", "He does not smoke. Which of the following is the most appropriate next step in management?"),
    ("en", "All of the examination is normal except for mild pallor. What is the most likely diagnosis?"),
    ("en", "Nothing abnormal was detected. What is the treatment of choice?"),
    ("en", "The notch of Rivinus is a part of the"),
    ("en", "Noting the knot in the umbilical cord, what would you do next?"),
    ("en", "A patient with no fever has a cough. Which drug is given first?"),
    ("en", "Exceptional heat loss in the newborn is due to"),
    ("zh", "功能性消化不良可选用的非处方药是"),
    ("zh", "钙拮抗药的不良反应中较典型的是"),
    ("zh", "非处方药分为甲、乙两类的依据是"),
    ("zh", "最易引起胃肠道损害的非甾体抗炎药是"),
    ("zh", "不明原因发热最常见的病因是"),
    ("zh", "不孕症最常见的原因是"),
    ("zh", "不稳定型心绞痛的首选治疗是"),
    ("zh", "患者不思饮食，恶心呕吐。最可能的诊断是"),
    ("zh", "二尖瓣关闭不全患者心脏杂音的特点是"),
    ("zh", "生长发育不足的主要原因是"),
    ("zh", "不同浓度的氯化钠溶液渗透压最高的是"),
    ("zh", "除去饮片中混有的铁屑的方法是"),
    ("zh", "五味子去除的非药用部位是"),
    ("zh", "男性，2天前无明显诱因出现腹痛，不能忍受，伴呕吐，诊断应考虑"),
    ("zh", "316型不锈钢优点是"),
    ("zh", "下列可作为固体分散体不溶性载体材料的是"),
    ("zh", "由于情志抑郁不舒而发出的长吁或短叹声音称为"),
    ("zh", "心电图呈不完全性右束支传导阻滞见于"),
    ("zh", "氟喹诺酮药物不能用于儿童主要是因为"),
    ("en", "Which tumour is treated not only by surgery but also by chemotherapy?"),
]  # fmt: skip

KNOWN: dict[tuple[str, str], str] = {
    (
        "no",
        "Which of the following best explains why he should not be given exenatide?",
    ): "it asks why something is not so",
    ("no", "Which is the volume of gas that does not take part in gas exchange?"): "what is asked for is described",
}
"""What the rule gets wrong, of the kinds that real exams hold."""


def negated(question: str, language: Language) -> str:
    # Ten of each kind, so that no part is merged or left out.
    others = [choice("Which is it?")] * MERGED + [choice("Which is not so?")] * MERGED
    return slices_of([choice(question, language), *others])[0]["negated"]


@pytest.mark.parametrize(("language", "question"), NEGATED, ids=[question for _, question in NEGATED])
def test_what_asks_for_the_exception_is_heard(language: Language, question: str) -> None:
    assert negated(question, language) == "yes"


@pytest.mark.parametrize(("language", "question"), PLAIN, ids=[question for _, question in PLAIN])
def test_what_only_sounds_like_it_is_not_taken_for_it(language: Language, question: str) -> None:
    assert negated(question, language) == "no"


@pytest.mark.parametrize(
    ("wanted", "question"), [pytest.param(*key, marks=pytest.mark.xfail(reason=why)) for key, why in KNOWN.items()]
)
def test_what_the_rule_does_not_hear_yet(wanted: str, question: str) -> None:
    assert negated(question, "en" if question.isascii() else "zh") == wanted


def test_parts_that_are_numbers_stand_in_the_order_of_numbers_and_others_in_that_of_the_alphabet() -> None:
    values = ["50 to 99 words", "200 words or more", "other", "0 to 49 words", "100 to 199 words", "easy"]
    found = [value for _, value in sorted([("length", value) for value in values], key=in_order)]
    assert found == ["easy", "other", "0 to 49 words", "50 to 99 words", "100 to 199 words", "200 words or more"]
    assert in_order(("a", "9")) < in_order(("b", "1"))


def test_a_text_of_ones_own_is_no_question_that_could_be_negated() -> None:
    assert not {"negated", "answers"} & parted(opened("What is not so?"), choice("x " * 60)).keys()


# --- how long a question is, and what else can be said of it ------------------------------------


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "0 to 49 words"), (49, "0 to 49 words"), (50, "50 to 99 words"), (99, "50 to 99 words"),
        (100, "100 to 199 words"), (199, "100 to 199 words"), (200, "200 words or more"), (999, "200 words or more"),
    ],
)  # fmt: skip
def test_the_length_of_an_english_question_is_in_words(count: int, said: str) -> None:
    other = choice("word " * (10 if count > 49 else 60))
    assert parted(choice("word\n" * count), other)["length"] == said
    assert parted(opened("word " * count), other)["length"] == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (29, "0 to 29 characters"), (30, "30 to 59 characters"), (59, "30 to 59 characters"),
        (60, "60 to 119 characters"), (119, "60 to 119 characters"), (120, "120 characters or more"),
    ],
)  # fmt: skip
def test_the_length_of_a_chinese_question_is_in_characters_without_blanks(count: int, said: str) -> None:
    other = choice("药" * (10 if count > 29 else 40), "zh")
    assert parted(choice("药 " * count, "zh"), other)["length"] == said


def test_of_a_conversation_the_last_turn_is_what_is_asked() -> None:
    other = choice("word " * 60)
    assert parted(opened("Why?", before="word " * 300), other)["length"] == "0 to 49 words"


def test_language_and_the_number_of_answers_are_parts() -> None:
    parts = parted(choice("哪些？", "zh", several=True), choice("Which?"))
    assert (parts["language"], parts["answers"]) == ("zh", "several")
    assert parted(choice("Which?"), choice("哪些？", "zh", several=True))["answers"] == "one"


def test_a_request_that_others_have_worded_has_no_length_of_its_own() -> None:
    worded = AskedSample(id="0", requests=(Request(text="word " * 300, decoding=Decoding()),))
    assert parted(worded, choice("word " * 60))["length"] == "0 to 49 words"


# --- which parts are shown ----------------------------------------------------------------------


def departments(**counts: int) -> list[Sample]:
    return [choice(f"{name} {n}", department=name) for name, count in counts.items() for n in range(count)]


def test_parts_of_less_than_ten_go_together() -> None:
    found = slices_of(departments(surgery=30, eyes=10, skin=9, ears=1))
    assert Counter(each["department"] for each in found) == {"surgery": 30, "eyes": 10, OTHER: 10}
    assert (MERGED, COMPARED) == (10, 30)


def test_a_part_that_is_called_other_takes_the_small_ones_in() -> None:
    found = slices_of(departments(surgery=30, other=12, skin=4))
    assert Counter(each["department"] for each in found) == {"surgery": 30, "other": 16}


def test_what_parts_nothing_is_left_out() -> None:
    assert slices_of(departments(surgery=40)) == [{}] * 40
    # All of them are too small: together they are everything, and that parts nothing.
    assert slices_of(departments(skin=5, ears=5, eyes=5)) == [{}] * 15


def test_a_part_that_only_some_samples_have_is_a_part_of_those() -> None:
    placed = departments(surgery=15, skin=15)
    found = slices_of([*placed, *[choice(f"{n}") for n in range(20)]])
    assert [each.get("department") for each in found] == ["surgery"] * 15 + ["skin"] * 15 + [None] * 20


def test_what_a_benchmark_declares_stands_before_what_is_found() -> None:
    own = [choice(f"{n}", length="short" if n % 2 else "long") for n in range(40)]
    assert {each["length"] for each in slices_of(own)} == {"short", "long"}


def test_the_names_of_parts_are_in_order() -> None:
    rows = [choice(f"Which {'not' * (n % 2)} so?", zeal="ab"[n % 2], age="xy"[n % 2]) for n in range(40)]
    assert [*slices_of(rows)[0]] == sorted(slices_of(rows)[0])
    assert {"zeal", "age"} <= slices_of(rows)[0].keys()


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(60)))
def test_the_order_of_samples_changes_no_part(order: list[int]) -> None:
    rows = [
        choice(f"{'Which is not so?' * (n % 3)} {'word ' * (n * 7)}", "zh" if n % 4 == 0 else "en", part=str(n % 7))
        for n in range(60)
    ]
    first = slices_of(rows)
    assert slices_of([rows[place] for place in order]) == [first[place] for place in order]
