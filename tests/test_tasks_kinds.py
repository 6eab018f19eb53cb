"""What every task of the project declares of itself: what it asks, what it measures, how one gets its files."""

import re

import pytest

from medeval.catalog import Named, find
from medeval.errors import DataError
from medeval.records import CaseSample, ChoiceSample, DialogueSample, OpenSample
from medeval.sources import Local, Supply
from medeval.task import Worded

every_task = pytest.mark.parametrize("named", find().tasks.values(), ids=lambda named: named.name)


def sampled(named: Named) -> tuple[Worded, ...]:
    try:
        return named.task.load(named.name, Supply.only(named.samples), sample=True)[0]
    except DataError:
        pytest.skip("no sample rows")


@every_task
def test_a_task_says_what_it_measures_each_word_once(named: Named) -> None:
    assert named.task.capabilities
    assert len({*named.task.capabilities}) == len(named.task.capabilities)


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


@every_task
def test_a_dialogue_has_turns_before_or_behind(named: Named) -> None:
    if named.task.kind != "dialogue":
        pytest.skip("no dialogue")
    samples = sampled(named)
    turns = [len(each.turns if isinstance(each, DialogueSample) else getattr(each, "messages", ())) for each in samples]
    assert max(turns) > 1


@every_task
def test_whoever_has_to_bring_a_file_is_told_how_to_get_it(named: Named) -> None:
    local = [source for form in named.task.forms for source in form.files if isinstance(source, Local)]
    assert bool(named.task.obtain) or not local
    assert not named.task.obtain or re.search(r"[.)]$", named.task.obtain), "no sentence"


@every_task
def test_a_consultation_measures_consulting(named: Named) -> None:
    assert named.task.kind != "consultation" or "consultation" in named.task.capabilities
