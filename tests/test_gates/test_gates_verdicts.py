"""Words and codes: which comes first, and that all that is told of a verdict tells the same."""

import json
import random
import re
from itertools import product
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.gates import Line, Verdict, annotations, decide, exit_code, overall, summary
from medeval.gates.artefacts import badge, drawn, junit
from medeval.gates.verdicts import ORDER, Word
from medeval.records import to_json
from tests.nights import line

WORDS: tuple[Word, ...] = ("IMPROVED", "NON_INFERIOR", "INCONCLUSIVE", "NOT_COMPARABLE", "REGRESSED")


def verdict(words: list[Word], *, strict: bool, lines: list[Line] | None = None) -> Verdict:
    made = [line(word) for word in words] if lines is None else lines
    return Verdict(
        entry="m-2026-11-27", baseline="m.001", gate="gate.toml", gate_digest="0" * 16, medeval="1.0", strict=strict,
        word=overall(words), exit_code=exit_code(words, strict=strict), lines=tuple(made),
    )  # fmt: skip


def test_codes_come_in_their_order() -> None:
    """By a table of all sets of words, and not by the rule itself."""
    for there in product((False, True), repeat=5):
        words = [word for word, here in zip(WORDS, there, strict=True) if here]
        red, apart, unsure = (word in words for word in ("REGRESSED", "NOT_COMPARABLE", "INCONCLUSIVE"))
        for strict in (False, True):
            wanted = 5 if not words else 1 if red else 4 if apart else 6 if unsure and strict else 0
            assert exit_code(words, strict=strict) == wanted
    assert (exit_code(["REGRESSED", "NOT_COMPARABLE", "INCONCLUSIVE"], strict=True)) == 1
    assert (exit_code(["NOT_COMPARABLE", "INCONCLUSIVE"], strict=True)) == 4


def test_the_gravest_word_is_that_of_all() -> None:
    assert overall([]) == "NOT_COMPARABLE"
    assert overall(["NON_INFERIOR", "NON_INFERIOR"]) == "NON_INFERIOR"
    assert overall(["NON_INFERIOR", "IMPROVED"]) == "IMPROVED"
    assert overall(["INCONCLUSIVE", "IMPROVED"]) == "INCONCLUSIVE"
    assert overall(["NOT_COMPARABLE", "INCONCLUSIVE"]) == "NOT_COMPARABLE"
    assert overall([*WORDS]) == "REGRESSED"
    assert {*ORDER} == {*WORDS}


@pytest.mark.parametrize(
    ("gain", "low", "high", "p", "word", "why"),
    [
        (-0.03, -0.04, -0.021, 0.001, "REGRESSED", "beyond the margin"),
        (-0.015, -0.03, -0.001, 0.009, "REGRESSED", "surely worse"),
        (-0.015, -0.03, -0.001, 0.01, "INCONCLUSIVE", "reaches beyond"),
        (-0.004, -0.006, -0.002, 0.001, "NON_INFERIOR", "worse, but within the margin"),
        (-0.005, -0.006, -0.004, 0.001, "REGRESSED", "surely worse"),
        (0.01, 0.001, 0.02, 0.999, "IMPROVED", "the whole interval is above the baseline"),
        (0.01, 0.0, 0.02, 0.95, "NON_INFERIOR", "within the margin"),
        (0.0, -0.02, 0.02, 0.5, "NON_INFERIOR", "within the margin"),
        (0.0, -0.021, 0.021, 0.5, "INCONCLUSIVE", "reaches beyond"),
        (0.01, -0.021, 0.041, 0.3, "INCONCLUSIVE", "reaches beyond"),
        (0.0, 0.0, 0.0, 0.0, "NON_INFERIOR", "within the margin"),
    ],
)
def test_the_first_condition_that_holds_is_the_word(  # noqa: PLR0917
    gain: float, low: float, high: float, p: float, word: Word, why: str
) -> None:
    found = decide(gain, low, high, p, margin=0.02, min_effect=0.005, alpha=0.01)
    assert found[0] == word
    assert why in found[1]


@settings(max_examples=200, deadline=None)
@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.5))
def test_no_gain_is_red_and_no_loss_is_an_improvement(
    gain: float, below: float, above: float, p: float, margin: float
) -> None:
    word, _ = decide(gain, gain - below, gain + above, p, margin=margin, min_effect=0.0, alpha=0.01)
    assert word in WORDS
    assert not (word == "REGRESSED" and gain >= 0)
    assert not (word == "IMPROVED" and gain <= 0)
    if gain - below < -margin:
        assert word in ("INCONCLUSIVE", "REGRESSED"), "what may be worse than the margin never passes"


def test_printed_json_code_junit_summary_badge_and_annotations_say_the_same_a_thousand_times() -> None:
    dice = random.Random(8)
    codes = set()
    for _ in range(1_000):
        words = dice.choices(WORDS, weights=(3, 8, dice.randrange(3), dice.randrange(2), dice.randrange(2)),
                             k=dice.choice((0, 1, 2, 3, 5)))  # fmt: skip
        made = verdict(words, strict=dice.random() < 0.5)
        codes.add(made.exit_code)
        said = re.fullmatch(
            r"(\w+) \(exit (\d)\): m-2026-11-27 against m\.001; (?:\d+ gates?: (.*)|nothing was compared)", made.said
        )
        assert said is not None
        assert (said[1], int(said[2])) == (made.word, made.exit_code)
        counted = dict(part.split()[::-1] for part in said[3].split(", ")) if said[3] else {}
        assert {word: int(count) for word, count in counted.items()} == {word: words.count(word) for word in {*words}}

        told = json.loads(to_json(made))
        assert (told["word"], told["exit_code"]) == (made.word, made.exit_code)
        assert [each["word"] for each in told["lines"]] == words
        assert msgspec.json.decode(to_json(made), type=Verdict) == made

        (suite,) = ET.fromstring(junit(made))  # noqa: S314  of our own making
        unsure = "failures" if made.strict else "skipped"
        wanted = {"tests": len(words), "failures": words.count("REGRESSED"), "errors": words.count("NOT_COMPARABLE"),
                  "skipped": 0}  # fmt: skip
        wanted[unsure] += words.count("INCONCLUSIVE")
        assert {name: int(suite.attrib[name]) for name in wanted} == wanted
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert len(suite.findall(f"testcase/{tag}")) == wanted[name]
        assert len(suite.findall("testcase")) == len(words)
        red = wanted["failures"] + wanted["errors"] > 0
        assert red == (made.exit_code in (1, 4, 6))

        page = summary(made)
        assert f"## {made.word}".replace("_", r"\_") in page
        assert f"exit {made.exit_code}" in page
        for word in WORDS:
            marked = word.replace("_", r"\_")
            assert page.count(f"| {marked} |") == words.count(word)

        assert badge(made)["message"] == made.word.lower().replace("_", " ")
        assert made.word.lower().replace("_", "-") in drawn(made)
        notes = [each.partition(" ")[0] for each in annotations(made)]
        assert notes.count("::error") == min(10, wanted["failures"] + wanted["errors"])
        assert notes.count("::warning") == (0 if made.strict else words.count("INCONCLUSIVE"))
    assert codes == {0, 1, 4, 5, 6}


def test_a_line_is_called_by_its_cell_and_its_number() -> None:
    assert line().name == "medqa accuracy"
    assert line(cell="", metric="").name == "medqa"
