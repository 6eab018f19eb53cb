"""Filters of tasks: what passes, what is unknown, and which one keeps everything out."""

import pytest

from medeval import catalog
from medeval.errors import RequestError
from medeval.suggesting import sieve
from medeval.suggesting.sieve import WORDS, allows

TASKS = [*catalog.find().tasks.values()]


def names(**said: str) -> set[str]:
    wanted = {name.replace("_", "-"): text for name, text in said.items()}
    return {named.name for named in sieve(wanted).passed(TASKS)}


def test_without_a_filter_everything_passes() -> None:
    assert names(language="", kind=" , ") == {named.name for named in TASKS}


def test_words_of_one_filter_are_alternatives_and_filters_hold_together() -> None:
    assert names(kind="dialogue,consultation") == names(kind="dialogue") | names(kind="consultation")
    assert names(kind="dialogue", language="zh") == names(kind="dialogue") & names(language="zh")
    assert {"cmtmedqa", "cmb_clin", "meddialog_zh"} <= names(kind="dialogue", language="zh")
    assert "cmtmedqa_safety" in names(capability="safety", language="zh")


def test_all_that_a_licence_is_to_allow_has_to_be_allowed() -> None:
    assert names(licence_allows="commercial,texts") == names(licence_allows="commercial") & names(
        licence_allows="texts"
    )
    assert "medsafety" not in names(licence_allows="commercial")
    assert {"medqa", "mediq"} <= names(licence_allows="commercial,carry,texts")


def test_what_nobody_has_read_allows_nothing() -> None:
    assert not [what for what in WORDS["licence-allows"] if allows("a licence of my own", what)]


def test_unknown_words_are_told_all_at_once_with_the_known_ones() -> None:
    with pytest.raises(RequestError) as told:
        sieve({"language": "fr,en", "kind": "exam", "capability": "wit"})
    said = [str(fault) for fault in told.value.faults]
    assert said[0] == "--language fr: unknown. There are: en, zh."
    assert said[1].startswith("--kind exam: unknown. There are: choice, open,")
    assert said[2].startswith("--capability wit: unknown. There are: knowledge,")


def test_the_filter_that_lets_the_fewest_pass_is_the_tightest() -> None:
    found = sieve({"kind": "dialogue,consultation", "capability": "calculation", "language": "en,zh"})
    count = len([named for named in TASKS if "calculation" in named.task.capabilities])
    assert found.tightest(TASKS) == (
        f"--capability calculation is the tightest: alone it lets {count} of {len(TASKS)}"
    )  # fmt: skip
