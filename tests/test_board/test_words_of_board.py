"""The words of the pages: the same in both languages, and nothing that is filled in can become markup."""

import re
import string

import pytest
from markupsafe import Markup

from medeval.board import TONGUES
from medeval.board.words import LANG, Tongue, Words
from medeval.records import Identity
from medeval.scoring.families import kin
from tests.payloads import PAYLOADS

EN, ZH = Words("en"), Words("zh")
HAN = re.compile(r"[\u4e00-\u9fff]")


def holes(text: str) -> list[str]:
    """The names of what is filled in, as often as they stand there."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_both_languages_have_the_same_texts_with_the_same_holes() -> None:
    assert [*EN.texts] == [*ZH.texts]
    assert {key: holes(text) for key, text in EN.texts.items()} == {key: holes(text) for key, text in ZH.texts.items()}
    assert sum(bool(holes(text)) for text in EN.texts.values()) > 30


def test_holes_have_plain_names_and_no_way_into_what_fills_them() -> None:
    for words in (EN, ZH):
        for key, text in words.texts.items():
            parts = [part for part in string.Formatter().parse(text) if part[1] is not None]
            assert all(re.fullmatch(r"[a-z]+", str(name)) for _, name, _, _ in parts), key
            assert not [part for part in parts if part[2] or part[3]], key


def test_a_language_is_called_as_browsers_call_it() -> None:
    assert {tongue: Words(tongue).lang for tongue in TONGUES} == LANG == {"en": "en", "zh": "zh-Hans"}


def test_what_is_filled_in_is_escaped_and_what_is_markup_stays_so() -> None:
    said = EN("list_and", first="A & B", last="<img src=x onerror=alert(1)>")
    assert said == "A &amp; B and &lt;img src=x onerror=alert(1)&gt;"
    assert isinstance(said, Markup)
    assert EN("list_and", first="A", last=Markup("<b>n</b>")) == "A and <b>n</b>"
    assert ZH("list_and", first="中文", last='"><b>') == "中文和&#34;&gt;&lt;b&gt;"
    # A text stands on a page again and again: filling it once must not fill it for good.
    assert EN("list_and", first="1", last="2") == "1 and 2"


def test_braces_in_what_is_filled_in_are_text() -> None:
    assert EN("list_and", first="{last}", last="{0.__class__}") == "{last} and {0.__class__}"
    assert EN.said("list_and", first="{last}", last="{x!r:>9}") == "{last} and {x!r:>9}"


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_payload_brings_markup_into_any_text(tongue: Tongue) -> None:
    words = Words(tongue)
    keys = [key for key, text in words.texts.items() if holes(text)]
    for place, payload in enumerate(PAYLOADS):
        key = keys[place % len(keys)]
        made = words(key, **dict.fromkeys(holes(words.texts[key]), payload))
        assert made.count("<") == words.texts[key].count("<")
        assert made.count('"') == words.texts[key].count('"')


def test_a_text_without_holes_may_hold_emphasis_and_nothing_else() -> None:
    for words in (EN, ZH):
        tags = {tag for text in words.texts.values() for tag in re.findall(r"<[^>]*>", text)}
        assert tags <= {"<b>", "</b>", "<em>", "</em>", "<code>", "</code>", "<i>", "</i>"}


def test_scripts_get_their_texts_and_no_others() -> None:
    for words in (EN, ZH):
        told = words.for_scripts()
        assert told == {key[3:]: text for key, text in words.texts.items() if key[:3] == "js_"}
        assert told
        assert not [text for text in told.values() if "<" in text]
    assert [*EN.for_scripts()] == [*ZH.for_scripts()]


@pytest.mark.parametrize(
    ("flag", "en", "zh"),
    [
        ("sample data", "sample data", "示例数据"),
        ("not ranked", "not ranked", "不参与排名"),
        ("partial: 12 not measured", "partial: 12 not measured", "不完整：12 个未测"),
        ("truncated: 7.5 %", "7.5 % cut off", "7.5% 被截断"),
        ("letter mass 0.31", "letter mass 0.31", "字母概率合计 0.31"),
        ("limited to 100", "first 100 only", "仅前 100 题"),
        ("patient fidelity 93.2 %", "patient fidelity 93.2 %", "患者忠实度 93.2%"),
    ],
)
def test_flags_are_said_in_both_languages(flag: str, en: str, zh: str) -> None:
    assert (EN.flag(flag), ZH.flag(flag)) == (en, zh)


@pytest.mark.parametrize(
    "flag",
    ["", "of my own", "sample data!", "partial: <b> not measured", "truncated: 7.5 %\n", "limited to ١٢x", "{count}"],
)
def test_a_flag_that_nobody_knows_stands_as_it_is(flag: str) -> None:
    assert EN.flag(flag) == ZH.flag(flag) == flag


@pytest.mark.parametrize(
    "flag",
    [
        "judge coverage 98.7 %",
        *[f"the judge is {kin(Identity(engine='x', version='1', model='qwen3-8b'), judge)}" for judge in (
            Identity(engine="x", version="1", model="qwen3-8b"), Identity(engine="x", version="1", model="qwen2-72b"),
        )],
    ],
)  # fmt: skip
def test_flags_of_judges_are_said_in_chinese_too(flag: str) -> None:
    assert flag.startswith(("judge coverage", "the judge is the model itself", "the judge is of the model's family"))
    assert HAN.search(ZH.flag(flag))


def test_names_are_listed_as_each_language_lists_them() -> None:
    bold = '<b dir="auto">{}</b>'
    assert [EN.listed(names) for names in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "", bold.format("a"), f"{bold.format('a')} and {bold.format('b')}",
        f"{bold.format('a')}, {bold.format('b')} and {bold.format('c')}",
    ]  # fmt: skip
    assert ZH.listed(("甲", "乙", "丙")) == f"{bold.format('甲')}、{bold.format('乙')}和{bold.format('丙')}"


def test_names_that_are_listed_are_escaped() -> None:
    assert EN.listed(('<i>"', "{first}")) == '<b dir="auto">&lt;i&gt;&#34;</b> and <b dir="auto">{first}</b>'
