"""Words, held against rouge-score's own tokenizer in English and against literal cases in Chinese."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.tokens import grams, lines_of, words_of

LATIN = st.text(st.characters(max_codepoint=0x24F), max_size=60)


@settings(deadline=None)
@given(LATIN)
def test_latin_text_has_the_words_of_rouge_score(text: str) -> None:
    theirs: Any = pytest.importorskip("rouge_score.tokenizers")
    assert list(words_of(text, "en")) == theirs.DefaultTokenizer(use_stemmer=False).tokenize(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("服用阿司匹林100mg。", "服 用 阿 司 匹 林 100mg"),
        ("服用阿司匹林１００ｍｇ，每日一次！", "服 用 阿 司 匹 林 100mg 每 日 一 次"),
        ("血壓偏高、糖尿病", "血 壓 偏 高 糖 尿 病"),
        ("β受体阻滞剂 (CYP2D6)", "β 受 体 阻 滞 剂 cyp2d6"),
        ("㐂𠀀𪛖\U00030000", "㐂 𠀀 𪛖 \U00030000"),  # extensions A, B and G
        ("\uf9b4⼀", "領 一"),  # a compatibility character, and a radical that stands for one
        ("お薬・ｱｽﾋﾟﾘﾝ", "お 薬 ア ス ピ リ ン"),
        ("약을 먹다", "약 을 먹 다"),
        ("人々〇", "人 々 〇"),
        ("体温 37.5℃", "体 温 37 5 c"),
        ("", ""),
        ("。，！？「」…—", ""),
    ],
)
def test_chinese_text_is_parted_into_characters_and_runs_of_letters(text: str, words: str) -> None:
    assert list(words_of(text, "zh")) == words.split()


def test_chinese_in_an_english_sample_is_not_lost() -> None:
    assert words_of("Take 阿司匹林 (aspirin)", "en") == ("take", "阿", "司", "匹", "林", "aspirin")


@settings(deadline=None)
@given(st.text(st.sampled_from("aB1 \n。阿司の한ñ"), max_size=40), st.sampled_from(["en", "zh"]))
def test_words_are_those_of_the_lines(text: str, language: Any) -> None:
    assert [word for line in lines_of(text, language) for word in line] == list(words_of(text, language))
    assert len(lines_of(text, language)) == text.count("\n") + 1


def test_grams_are_all_runs_of_a_size() -> None:
    assert list(grams("abcd", 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert list(grams("ab", 3)) == []
