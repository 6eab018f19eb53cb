"""JSON out of replies: what is whole is what json gives, and what is broken loses no more than it must."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.fragments import Json, fragments

BROKEN: list[tuple[str, list[Json]]] = [
    ("no fragment at all", []),
    ('{"a": ["x", "y"]', [{"a": ["x", "y"]}]),
    ('{"a": ["x", "y", "cut of', [{"a": ["x", "y"]}]),
    ('{"a": ["x",], }', [{"a": ["x"]}]),
    ("{'a': ['x', 'y']}", [{"a": ["x", "y"]}]),
    ("{'a': [\"Crohn's disease\", 'Crohn's colitis']}", [{"a": ["Crohn's disease", "Crohn's colitis"]}]),
    ("{a: [x, two words]}", [{"a": ["x", "two words"]}]),
    ('{"a": None, "b": True}', [{"a": None, "b": True}]),
    ("{“病”：[“糖尿病”，“高血压”]}", [{"病": ["糖尿病", "高血压"]}]),
    ('{"a": ["x" // why\n, "y"]}', [{"a": ["x", "y"]}]),
    ('{"a": ["x", "y, "z"]}\n{"b": 1}', [{"a": ["x", "y, ", "z", "]}", {"b": "1"}]}]),
    ('{"a": "x"]}', [{"a": "x"}]),
    ('[["x", "y"}', [[["x", "y"]]]),
    ('Thus {see below} we get {"a": ["x"]}.', [{}, {"a": ["x"]}]),
    ('{"a" ["x"]}', [{}]),
    ('{"a": "he said \\"no\\"", b}', [{"a": 'he said "no"'}]),
    ('["x" "y"]', [["x", "y"]]),
    ("[('x', 'y (z)'), (\"z\",)]", [[["x", "y (z)"], ["z"]]]),
    ("[x (y), z]", [["x (y)", "z"]]),
    ('{"a": "bad \\escape"', [{"a": "bad \\escape"}]),
]


@pytest.mark.parametrize(("text", "found"), BROKEN)
def test_broken_fragments_keep_what_can_be_kept(text: str, found: list[Json]) -> None:
    assert fragments(text) == found


VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WHOLE = VALUES.filter(lambda value: isinstance(value, dict | list))


@settings(deadline=None, max_examples=40)
@given(st.lists(WHOLE, max_size=3), st.booleans())
def test_whole_fragments_are_what_json_gives(values: list[Json], indented: bool) -> None:
    text = "Here you are:\n```json\n" + "\n".join(json.dumps(each, indent=2 if indented else None) for each in values)
    assert fragments(text + "\n```\nAnything else?") == values


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.text(alphabet="abc 中文", min_size=1).filter(lambda text: text == text.strip()), max_size=4), st.data()
)
def test_a_list_that_is_cut_keeps_the_items_before_the_cut(items: list[str], data: st.DataObject) -> None:
    text = json.dumps({"items": items}, ensure_ascii=False)
    cut = data.draw(st.integers(text.index("[") + 1, len(text)))
    [found] = fragments(text[:cut])
    assert isinstance(found, dict)
    kept = found.get("items", [])
    assert isinstance(kept, list)
    assert kept == items[: len(kept)]
    assert len(kept) == len(items) if cut == len(text) else len(kept) >= text[:cut].count('", "')


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*"[]{}\",:' \n\\ab1：，“”", "null", "//"])).map("".join))
def test_no_text_breaks_the_reader_of_fragments(text: str) -> None:
    for found in fragments(text):
        assert isinstance(found, dict | list)
