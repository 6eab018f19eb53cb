"""What a question takes at most: every turn reads again what was said before, and writes as much as it may."""

import pytest
from msgspec.structs import replace

from medeval import catalog
from medeval.errors import RequestError
from medeval.protocols import HOUSE
from medeval.records import DialogueSample, Kind
from medeval.sources import Supply
from medeval.suggesting.costs import READS, Cost

KNOWN = catalog.find().tasks


@pytest.mark.parametrize("kind", ["base", "chat", "reasoning"])
def test_every_task_has_a_cost_or_no_wording_for_a_kind_of_model(kind: Kind) -> None:
    known = [named for named in KNOWN.values() if any((named.samples / named.task.folder).glob("*"))]
    assert len(known) > 50
    for named in known:
        try:
            cost = Cost.of(named, kind)
        except RequestError as error:
            assert str(error) == f"It has no wording for a {kind} model.", named.name
            continue
        assert cost.read > 0, named.name
        assert cost.written >= 1, named.name


def test_a_letter_is_one_pass() -> None:
    assert Cost.of(KNOWN["medqa"], "base").written == 1


def test_a_reason_is_as_long_as_the_protocol_lets_it_be() -> None:
    decoding = HOUSE["chat"].decoding
    assert decoding
    assert Cost.of(KNOWN["medqa"], "chat").written == decoding.max_tokens


def test_a_dialogue_writes_at_every_turn_and_reads_what_was_said() -> None:
    named = KNOWN["cmb_clin"]
    samples, _ = named.task.load(named.name, Supply.only(named.samples), sample=True)
    turns = [len(each.turns) for each in samples if isinstance(each, DialogueSample)]
    cost = Cost.of(named, "chat")
    assert cost.written == pytest.approx(1024 * sum(turns) / len(turns))
    # The prompt once a turn, and before turn k the k - 1 replies, each as long as it may be.
    again = sum(1024 * count * (count - 1) / 2 for count in turns) / len(turns)
    assert cost.read > again


def test_a_consultation_may_ask_as_often_as_its_budget_allows() -> None:
    named = KNOWN["mediq"]
    assert named.task.budget == 10
    assert Cost.of(named, "chat").written == 11 * 4096
    fewer = replace(named, task=replace(named.task, budget=1))
    assert Cost.of(fewer, "chat").written == 2 * 4096


def test_solved_examples_make_a_prompt_longer() -> None:
    named = KNOWN["cmb_exam"]
    once = {kind: Cost.of(named, kind) for kind in ("base", "chat")}
    assert "5-shot" in once["base"].asked
    assert once["base"].read > 5 * once["chat"].read


def test_reading_is_faster_than_writing() -> None:
    assert Cost(asked="", read=READS * 50, written=50).seconds(10) == pytest.approx(10)


def test_a_chinese_character_is_a_token_and_three_letters_are_another() -> None:
    english, chinese = Cost.of(KNOWN["medqa"], "base"), Cost.of(KNOWN["cmtmedqa_safety"], "chat")
    samples, _ = KNOWN["medqa"].task.load("medqa", Supply.only(KNOWN["medqa"].samples), sample=True)
    wording = KNOWN["medqa"].task.wording("letters", chat=False)
    assert wording
    assert english.read == pytest.approx(sum(len(wording(each)) for each in samples) / len(samples) / 3)
    zh = KNOWN["cmtmedqa_safety"]
    asked, _ = zh.task.load(zh.name, Supply.only(zh.samples), sample=True)
    words = zh.task.wording("written", chat=True)
    assert words
    assert chinese.read == pytest.approx(sum(len(words(each)) for each in asked) / len(asked))
