"""Recorded replies: replayed to the byte, and never made up."""

import math
from pathlib import Path
from typing import Unpack

import pytest

import medeval
from medeval.engines.base import Abilities, Ask, Rendered
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError
from medeval.evaluation import Evaluation
from medeval.journal import Line, place
from medeval.protocols import How
from medeval.records import Choice, Decoding, Failure, Identity, Reply, Request, Response, Setting, Style


def evaluated(model: str, reports: Path, *tasks: str, **how: Unpack[How]) -> Evaluation:
    return medeval.evaluate(
        model=model, tasks=tasks or ["medqa", "pubmedqa"], data="sample", reports=reports, label="mine", **how
    )


@pytest.mark.parametrize("style", ["letters", "written"])
def test_a_recorded_entry_is_replayed_to_the_byte(tmp_path: Path, style: Style) -> None:
    first = evaluated("baseline:random", tmp_path / "one", style=style)
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", style=style)
    assert again.unsettled == 0
    assert len(first.folders) == 2
    for old, new in zip(first.folders, again.folders, strict=True):
        assert old != new
        for name in ("result.json", "samples.jsonl", "manifest.json"):
            assert (new / name).read_bytes() == (old / name).read_bytes()


def test_one_cell_of_an_entry_is_replayed_too(tmp_path: Path) -> None:
    first = evaluated("baseline:random", tmp_path / "one")
    again = evaluated(f"recorded:{first.folders[0]}", tmp_path / "two", "medqa")
    assert again.results == first.results[:1]


def test_a_request_that_is_not_recorded_is_an_engine_error(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", limit=10)
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa")
    assert again.unsettled == 16
    assert (again.results[0].first.n, again.results[0].first.failed) == (10, 16)
    assert "partial: 16 not measured" in again.results[0].flags


def test_a_request_in_other_words_is_not_recorded(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", style="letters")
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa", style="options")
    assert again.unsettled == 26


HOWS: list[How] = [
    {"style": "written"},
    {"style": "reasoned", "max_tokens": 99},
    {"style": "options"},
    {"options": "circular"},
    {"options": "shuffled", "style": "written"},
    {"shots": 2, "shots_from": "sample"},
    {"style": "reasoned", "temperature": 0.7, "repeats": 3},
]


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_what_nobody_says_again_is_asked_as_it_was_recorded(tmp_path: Path, how: How) -> None:
    first = evaluated("baseline:overlap", tmp_path / "one", "medqa", **how)
    # What the examples were is hashed into the setting; where to find them has to be said again.
    where = How(shots_from=how["shots_from"]) if "shots_from" in how else How()
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa", **where)
    assert again.unsettled == 0
    assert again.folders[0].name == first.folders[0].name
    for name in ("result.json", "samples.jsonl", "manifest.json"):
        assert (again.folders[0] / name).read_bytes() == (first.folders[0] / name).read_bytes()


def test_another_seed_or_order_than_the_recorded_one_is_what_was_wished_for(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", options="shuffled", seed=3)
    again = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa")
    assert (again.results[0].setting.seed, again.unsettled) == (3, 0)
    other = evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "three", "medqa", options="circular")
    assert other.results[0].setting.order == "circular"
    assert other.unsettled > 0


OTHERWISE: list[How] = [{"max_tokens": 9}, {"temperature": 0.7}, {"style": "written", "max_tokens": 9}]


@pytest.mark.parametrize("how", OTHERWISE, ids=str)
def test_a_recording_cannot_be_drawn_otherwise(tmp_path: Path, how: How) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", style="written")
    with pytest.raises(RequestError) as refused:
        evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa", **how)
    option = next(name for name in how if name != "style").replace("_", "-")
    assert str(refused.value) == f"medqa: was recorded as it was drawn. Leave --{option} away."


def test_what_was_not_recorded_is_asked_again_when_it_is(tmp_path: Path) -> None:
    evaluated("baseline:random", tmp_path / "one", "medqa", limit=10)
    assert evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa").unsettled == 16
    evaluated("baseline:random", tmp_path / "one", "medqa")
    assert evaluated(f"recorded:{tmp_path}/one/mine", tmp_path / "two", "medqa").unsettled == 0


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_a_folder_without_a_run_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    with pytest.raises(RequestError) as refused:
        evaluated(f"recorded:{folder}", tmp_path / "two")
    assert str(refused.value) == (
        f"recorded:{folder}: no recorded run there. Name an entry's folder, or one of its cells."
    )


def test_a_prediction_answers_whatever_is_asked_about_its_sample() -> None:
    engine = Predictions({"0003": "I think it is C."}, model="theirs.jsonl", content="ab12")
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask("key", "words", "exam", "0003", 0, "place", 0, request, Rendered("Which?", None))])
    assert engine.replies(0) == [("key", Response(text="I think it is C."))]
    assert (engine.identity.model, engine.identity.content) == ("theirs.jsonl", "ab12")
    assert engine.abilities == Predictions.ABILITIES == Abilities(choices=False, chat=True)


def test_a_prediction_answers_every_turn_of_its_sample_with_one_text() -> None:
    engine = Predictions({"0003": "I think it is C."}, model="theirs.jsonl", content="ab12")
    request = Request(text="Which?", decoding=Decoding())
    engine.submit(
        [
            Ask(f"{variant}", "words", "exam", "0003", variant, "place", 0, request, Rendered("Which?", None))
            for variant in range(2)
        ]
    )
    assert [reply for _, reply in engine.replies(0)] == [Response(text="I think it is C.")] * 2


def weighed(*shares: float) -> Reply:
    """The reply of a file that gives these probabilities to the options of sample 0003."""
    engine = Predictions(shares={"0003": shares}, model="theirs.jsonl:probs", content="ab12")
    assert engine.abilities == Predictions.WEIGHING == Abilities(choices=True, whole=False)
    choices = tuple([Choice(label=label, text=f" {label}") for label in "ABCD"[: len(shares)]])
    request = Request(text="Which?", choices=choices, decoding=Decoding())
    engine.submit([Ask("key", "words", "exam", "0003", 0, "place", 0, request, Rendered("Which?", None))])
    ((_, reply),) = engine.replies(0)
    return reply


def test_probabilities_made_elsewhere_are_log_probabilities_of_the_choices() -> None:
    reply = weighed(0.5, 0.25, 0.2, 0.05)
    assert isinstance(reply, Response)
    assert [math.exp(value) for value in reply.logprobs] == pytest.approx([0.5, 0.25, 0.2, 0.05])
    assert (reply.below, reply.printed) == ((), True)


def test_a_probability_of_nothing_is_below_all_others_by_nobody_knows_how_much() -> None:
    reply = weighed(0.0, 0.9, 0.1, 0.0)
    assert isinstance(reply, Response)
    assert reply.below == (0, 3)
    assert reply.logprobs == pytest.approx((math.log(0.1), math.log(0.9), math.log(0.1), math.log(0.1)))
    assert weighed(1.0, 0.0) == Response(logprobs=(0.0, 0.0), below=(1,), printed=True)


# --- a recording by itself ---

MODEL = Identity(engine="hf", version="5.16", model="theirs", content="headers:12ab", dtype="bfloat16")


def line(reply: Reply) -> Line:
    return Line(key="then", asked="words", sample="0003", reply=reply)


HERE = place("0003", 0, 0, "model", 0)


def recorded(*lines: tuple[str, Line]) -> Recorded:
    return Recorded(MODEL, lines, {"exam": Setting(style="written", shots=5)})


def asked_of(engine: Recorded, task: str, where: str, asked: str) -> Reply:
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask("now", asked, task, "0003", 0, where, 0, request, Rendered("Which?", None))])
    ((key, reply),) = engine.replies(0)
    assert key == "now"
    return reply


def test_a_recording_is_known_by_the_model_that_replied_then() -> None:
    engine = recorded(("exam", line(Response(text="C"))))
    assert engine.identity == MODEL
    assert engine.settings == {"exam": Setting(style="written", shots=5)}
    assert Recorded(MODEL, []).settings == {}


@pytest.mark.parametrize("reply", [Response(text="C"), Failure(failure="too_long", reason="9,000 tokens")])
def test_the_same_words_at_the_same_place_get_the_reply_of_then(reply: Reply) -> None:
    assert asked_of(recorded(("exam", line(reply))), "exam", HERE, "words") == reply


@pytest.mark.parametrize(
    ("task", "where", "asked"),
    [
        ("other", HERE, "words"),
        ("exam", HERE, "others"),
        ("exam", place("0004", 0, 0, "model", 0), "words"),
        ("exam", place("0003", 1, 0, "model", 0), "words"),
        ("exam", place("0003", 0, 1, "model", 0), "words"),
        ("exam", place("0003", 0, 0, "judge:x", 0), "words"),
        ("exam", place("0003", 0, 0, "model", 1), "words"),
    ],
)
def test_another_task_place_or_wording_gets_no_reply(task: str, where: str, asked: str) -> None:
    engine = recorded(("exam", line(Response(text="C"))))
    assert asked_of(engine, task, where, asked) == Failure(
        failure="engine_error", reason="this request is not in the recording"
    )
