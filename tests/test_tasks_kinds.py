"""What every task of the project declares of itself: what it asks, what it measures, how one gets its files."""

import re

import pytest

from medeval.catalog import Named, find
from medeval.errors import DataError
from medeval.records import CaseSample, ChoiceSample, DialogueSample, OpenSample
from medeval.sources import Local, Supply
from medeval.task import Worded

KNOWN = [*find().tasks.values()]
every_task = pytest.mark.parametrize("named", KNOWN, ids=lambda named: named.name)


def sampled(named: Named) -> tuple[Worded, ...]:
    try:
        return named.task.load(named.name, Supply.only(named.samples), sample=True)[0]
    except DataError:
        pytest.skip("no sample rows")


def test_a_task_says_what_it_measures_each_word_once() -> None:
    said = {named.name: named.task.capabilities for named in KNOWN}
    assert {name for name, words in said.items() if not words or len({*words}) < len(words)} == set()


@every_task
def test_the_kind_of_a_task_is_that_of_its_samples(named: Named) -> None:
    kinds = {
        "consultation": CaseSample, "dialogue": DialogueSample | OpenSample, "open": OpenSample, "nlp": OpenSample,
        "choice": ChoiceSample,
    }  # fmt: skip
    for sample in sampled(named):
        assert isinstance(sample, kinds[named.task.kind]), sample.id
        # A case has options as well, and is found out by asking.
        assert isinstance(sample, CaseSample) == (named.task.kind == "consultation")


@pytest.mark.parametrize(
    "named", [named for named in KNOWN if named.task.kind == "dialogue"], ids=lambda named: named.name
)
def test_a_dialogue_has_turns_before_or_behind(named: Named) -> None:
    samples = sampled(named)
    turns = [len(each.turns if isinstance(each, DialogueSample) else getattr(each, "messages", ())) for each in samples]
    assert max(turns) > 1


def test_whoever_has_to_bring_a_file_is_told_how_to_get_it() -> None:
    untold = {
        named.name for named in KNOWN for form in named.task.forms for source in form.files
        if isinstance(source, Local) and not named.task.obtain
    }  # fmt: skip
    assert untold == set()
    said = {named.name: named.task.obtain for named in KNOWN if named.task.obtain}
    assert {name for name, text in said.items() if not re.search(r"[.)]$", text)} == set(), "no sentences"


def test_a_consultation_measures_consulting() -> None:
    consultations = [named.task.capabilities for named in KNOWN if named.task.kind == "consultation"]
    assert consultations
    assert all("consultation" in each for each in consultations)
