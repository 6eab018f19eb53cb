"""Texts that no model should write and some do: the time a reader takes for them grows with their length."""

import time
from collections.abc import Callable

import pytest

from medeval.metrics.structured import (
    read_correction,
    read_date,
    read_gestation,
    read_list,
    read_mentions,
    read_number,
    read_triples,
)

LONG = 100_000
FLOODS = (
    *'([{"9 \n\\“（。９',
    "Answer:", '"answer":', "\\boxed{", "答案：", "Therefore ", "is 9 ", "9,", "9**", "1,234", "((9)", "9 - ",
    "{'a':", '{"a', "['", '"\\', r"\"", "{}", "[1", "/*", "]}",
    "- a\n", "a\n", "a, ", "a and ", "Disease: ", "- Disease (",
    "Disease | ", "头实体", "头实体为尾实体为", "有关系", "a -> b -> ", "(a, b, c)\n", "9 weeks,", "9/9/", "2021年",
    "March 3, ", "(9, ", "no a ",
)  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "number": read_number,
    "date": read_date,
    "gestation": read_gestation,
    "list": read_list,
    "mentions": lambda text: read_mentions(text, ("Disease", "疾病")),
    "triples": read_triples,
    "correction": read_correction,
}


@pytest.mark.parametrize("name", READERS)
def test_a_flood_of_anything_is_got_through(name: str) -> None:
    slow = {}
    for flood in FLOODS:
        began = time.process_time()
        READERS[name](flood * (LONG // len(flood)))
        # What grows with the square of the length takes minutes; nothing here takes a tenth of the bound.
        if time.process_time() - began > 2:
            slow[flood] = time.process_time() - began
    assert slow == {}


@pytest.mark.parametrize("name", READERS)
def test_a_flood_before_and_after_an_answer_is_got_through(name: str) -> None:
    began = time.process_time()
    for flood in ("[", "{", "(", '"', "9", "Answer: ", "（", "- "):
        half = flood * (LONG // 2 // len(flood))
        READERS[name](f'{half}\n{{"answer": "Disease: x"}}\n{half}')
    assert time.process_time() - began < 8
