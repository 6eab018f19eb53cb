"""The runner: many talks, few rules."""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import runner
from medeval.engines.base import Ask, Engine, Rendered
from medeval.engines.scripted import Scripted
from medeval.errors import EngineError, Interrupted
from medeval.journal import Journal
from medeval.metrics.choice import accuracy
from medeval.prompts import question_options, write_a_letter
from medeval.records import (
    Answer,
    Choice,
    ChoiceSample,
    Decoding,
    Failure,
    Identity,
    Option,
    Order,
    Reply,
    Request,
    Response,
    Setting,
    Walk,
)
from medeval.runner import Seat, Watch, forecast, play
from medeval.sitting import Sitting, Take
from medeval.sources import Form, Local
from medeval.talks.base import Talk
from medeval.task import Task
from tests.conftest import choice

RIGHT = Response(logprobs=(-0.1, -3.0))
PLAIN_SETTING = Setting()


def fitting(request: Request) -> Reply:
    """A reply with as many log-probabilities as were asked for."""
    return Response(text="A", logprobs=(-0.1,) * len(request.choices))


class Kept(Watch):
    """Keeps every walk by the number of its take."""

    def __init__(self) -> None:
        self.walks: dict[int, Walk] = {}

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        assert number not in self.walks
        self.walks[number] = walk


class Spoken(Sitting):
    """A sitting whose talks may be given."""

    way: Callable[[ChoiceSample], Talk] | None = None

    def talk(self, take: Take) -> Talk:
        return self.way(choice(take.sample)) if self.way else super().talk(take)


def sitting(
    count: int, talk: Callable[[ChoiceSample], Talk] | None = None, setting: Setting = PLAIN_SETTING
) -> Sitting:
    samples = tuple([
        ChoiceSample(
            id=f"{number:04d}", question=f"Question {number}?", target=("A",),
            options=(Option(label="A", text="yes"), Option(label="B", text="no")),
        )
        for number in range(count)
    ])  # fmt: skip
    form = Form(name="", files=(Local(path=""),), to_sample=lambda row: samples[0])
    task = Task(
        title="", measures="", paper="", licence="", version=1, chance=0.5, rows=count, folder="", forms=(form,),
        wordings={"letters": question_options, "written": write_a_letter}, metrics=(accuracy,),
    )  # fmt: skip
    made = Spoken("exam", task, setting, samples=samples, form=form, data="")
    made.way = talk
    return made


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.jsonl")
    yield opened
    opened.close()


def test_every_talk_is_played_once_and_every_reply_journaled(journal: Journal) -> None:
    engine, kept = Scripted(lambda _: RIGHT), Kept()
    played = play([Seat(sitting(10_000), journal)], {"model": engine}, watch=kept)
    assert played["exam"][:2] == (10_000, 0)
    assert engine.asked == len(journal) == len(kept.walks) == 10_000
    assert all(walk.answer == Answer(picked=("A",), rule="likeliest") for walk in kept.walks.values())
    assert journal.acknowledged == 10_000


def test_a_finished_run_asks_nothing_and_goes_the_same_way(journal: Journal) -> None:
    first, second = Kept(), Kept()
    seat = Seat(sitting(50), journal)
    play([seat], {"model": Scripted(lambda _: RIGHT)}, watch=first)
    engine = Scripted(lambda _: RIGHT)
    assert play([seat], {"model": engine}, watch=second)["exam"][:2] == (0, 50)
    assert engine.asked == 0
    assert first.walks == second.walks


def conversation(sample: ChoiceSample) -> Talk:
    """Two questions at once, then one that depends on both replies, then a judge."""
    first, second = yield (ask("one"), ask("one"))
    (third,) = yield (ask(f"{said(first)}+{said(second)} {sample.id}"),)
    (verdict,) = yield (Request(text=f"judge {said(third)}", decoding=Decoding(), role="judge:strict"),)
    return Answer(picked=(said(verdict),), rule="told")


def ask(text: str) -> Request:
    return Request(text=text, decoding=Decoding(max_tokens=9))


def said(reply: Reply) -> str:
    assert isinstance(reply, Response)
    return reply.text


def test_a_conversation_with_a_judge_is_the_same_walk(journal: Journal) -> None:
    turn = iter(range(100))
    engines: dict[str, Engine] = {
        "model": Scripted(lambda request: f"{request.text}-{next(turn)}"),
        "judge:strict": Scripted(lambda request: request.text.upper()),
    }
    kept = Kept()
    play([Seat(sitting(1, conversation), journal)], engines, watch=kept)
    assert kept.walks[0].answer.picked == ("JUDGE ONE-0+ONE-1 0000-2",)
    assert [exchange.request.role for exchange in kept.walks[0].exchanges] == ["model"] * 3 + ["judge:strict"]
    assert len(journal) == 4, "two equal questions of one talk have two places"


def test_a_conversation_is_resumed_in_its_middle(journal: Journal) -> None:
    def breaking(request: Request) -> Reply | str:
        if "+" in request.text:
            raise EngineError("gone")
        return "x"

    seat = Seat(sitting(3, conversation), journal)
    judge = Scripted(lambda _: "A")
    with pytest.raises(EngineError):
        play([seat], {"model": Scripted(breaking), "judge:strict": judge})
    assert len(journal) == 6
    engine = Scripted(lambda _: "x")
    assert play([seat], {"model": engine, "judge:strict": judge})["exam"][:2] == (6, 6)
    assert engine.asked == 3


class Unruly:
    """Answers in any order, and otherwise as a script of faults says."""

    identity = Identity(engine="unruly", version="1", model="m")
    abilities = Scripted(lambda _: "").abilities
    notes: Sequence[str] = ()

    def __init__(self, fault: Callable[[list[tuple[str, Reply]]], list[tuple[str, Reply]]]) -> None:
        self._fault = fault
        self._waiting: list[Ask] = []

    def render(self, request: Request) -> Rendered:
        return Rendered(request.text, tuple(range(7)))

    def submit(self, asks: Sequence[Ask]) -> None:
        self._waiting += asks

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        random.Random(len(self._waiting)).shuffle(self._waiting)
        now, self._waiting = self._waiting[:7], self._waiting[7:]
        number = [int(ask.sample) for ask in now]
        made: list[tuple[str, Reply]] = [
            (ask.key, Response(logprobs=(-float(n % 2), -0.5))) for ask, n in zip(now, number, strict=True)
        ]
        return self._fault(made)

    def close(self) -> None:
        pass


def test_replies_may_come_in_any_order(journal: Journal) -> None:
    kept = Kept()
    play([Seat(sitting(100), journal)], {"model": Unruly(lambda replies: replies)}, watch=kept)
    assert [kept.walks[number].answer.picked for number in range(4)] == [("A",), ("B",), ("A",), ("B",)]


@pytest.mark.parametrize(
    "fault",
    [lambda replies: [*replies, replies[0]], lambda replies: [("0" * 32, replies[0][1]), *replies]],
    ids=["doubled", "made up"],
)
def test_a_reply_that_nobody_waits_for_stops_the_run(
    journal: Journal, fault: Callable[[list[tuple[str, Reply]]], list[tuple[str, Reply]]]
) -> None:
    with pytest.raises(EngineError, match="nobody waits for"):
        play([Seat(sitting(20), journal)], {"model": Unruly(fault)})


def test_logprobs_that_are_no_numbers_become_a_failure_that_costs_nobody_else(journal: Journal) -> None:
    def script(request: Request) -> Reply:
        return Response(logprobs=(float("nan"), -1.0)) if "Question 3?" in request.text else RIGHT

    kept = Kept()
    play([Seat(sitting(9), journal)], {"model": Scripted(script)}, watch=kept)
    assert [kept.walks[number].answer.status for number in range(9)] == ["scored"] * 3 + ["nonfinite"] + ["scored"] * 5


def test_an_engine_error_is_asked_again_by_the_next_run_and_not_by_this_one(journal: Journal) -> None:
    failing = Scripted(lambda _: Failure(failure="engine_error", reason="out of memory"))
    seat = Seat(sitting(4), journal)
    assert play([seat], {"model": failing})["exam"][:2] == (4, 0)
    assert failing.asked == 4
    mended, kept = Scripted(lambda _: RIGHT), Kept()
    assert play([seat], {"model": mended}, watch=kept)["exam"][:2] == (4, 0)
    assert kept.walks[0].answer.status == "scored"


def test_a_run_that_is_told_to_stop_keeps_what_it_has(journal: Journal) -> None:
    engine = Scripted(lambda _: RIGHT)
    with pytest.raises(Interrupted):
        play([Seat(sitting(1000), journal)], {"model": engine}, stopped=lambda: engine.asked >= 300)
    assert 300 <= len(journal) < 1000
    assert journal.acknowledged == len(journal)


def identified(**changed: str | int) -> Scripted:
    engine = Scripted(lambda _: RIGHT)
    engine.identity = replace(engine.identity, **changed)
    return engine


IDENTITY_FIELDS = [
    {"engine": "vllm"}, {"version": "2"}, {"model": "other"}, {"content": "ff"}, {"dtype": "float16"},
    {"quantisation": "awq"}, {"adapter": "lora"}, {"max_length": 4096},
]  # fmt: skip


@pytest.mark.parametrize("changed", IDENTITY_FIELDS, ids=lambda changed: next(iter(changed)))
def test_another_engine_never_reuses_a_reply(journal: Journal, changed: dict[str, str | int]) -> None:
    seat = Seat(sitting(3), journal)
    play([seat], {"model": identified()})
    assert play([seat], {"model": identified(**changed)})["exam"][:2] == (3, 0)


def asking(request: Request) -> Callable[[ChoiceSample], Talk]:
    def talk(sample: ChoiceSample) -> Talk:
        yield (request,)
        return Answer()

    return talk


PLAIN = Request(text="Question", decoding=Decoding())
CHANGED_REQUESTS = {
    "text": replace(PLAIN, text="Question "),
    "prefill": replace(PLAIN, prefill="The"),
    "choices": replace(PLAIN, choices=(Choice(label="A", text=" A"),)),
    "choice text": replace(PLAIN, choices=(Choice(label="A", text="A"),)),
    "role": replace(PLAIN, role="judge:x"),
    **{
        f"decoding.{field}": replace(PLAIN, decoding=replace(PLAIN.decoding, **{field: value}))
        for field, value in {
            "max_tokens": 2, "temperature": 0.6, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "presence_penalty": 0.5,
            "frequency_penalty": 0.5, "repetition_penalty": 1.1, "seed": 1, "stop": ("\n",),
        }.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED_REQUESTS)
def test_another_request_never_reuses_a_reply(journal: Journal, name: str) -> None:
    engines: dict[str, Engine] = {"model": Scripted(fitting), "judge:x": Scripted(fitting)}
    play([Seat(sitting(3, asking(PLAIN)), journal)], engines)
    assert play([Seat(sitting(3, asking(PLAIN)), journal)], engines)["exam"][:2] == (0, 3)
    assert play([Seat(sitting(3, asking(CHANGED_REQUESTS[name])), journal)], engines)["exam"][:2] == (3, 0)


def test_another_template_never_reuses_a_reply(journal: Journal) -> None:
    class Templated(Scripted):
        def render(self, request: Request) -> Rendered:
            return Rendered(f"<|user|>{request.text}<|end|>", None)

    seat = Seat(sitting(3), journal)
    play([seat], {"model": Scripted(lambda _: RIGHT)})
    assert play([seat], {"model": Templated(lambda _: RIGHT)})["exam"][:2] == (3, 0)


def test_the_same_question_of_two_samples_is_asked_for_each(journal: Journal) -> None:
    engine = Scripted(fitting)
    play([Seat(sitting(3, asking(PLAIN)), journal)], {"model": engine})
    assert engine.asked == 3


def test_a_forecast_counts_requests_reuse_and_tokens(journal: Journal) -> None:
    engine = Unruly(lambda replies: replies)
    play([Seat(sitting(30), journal)], {"model": engine})
    assert forecast([Seat(sitting(50), journal)], {"model": engine})["exam"] == (50, 30, 350, True)
    other = forecast([Seat(sitting(50), journal)], {"model": Scripted(lambda _: RIGHT)})["exam"]
    assert (other.requests, other.reused, other.counted) == (50, 0, False)


def test_few_talks_are_open_at_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "OPEN_TALKS", 16)
    most = 0

    class Counting(Unruly):
        def submit(self, asks: Sequence[Ask]) -> None:
            nonlocal most
            super().submit(asks)
            most = max(most, len(self._waiting))

    play([Seat(sitting(200), journal)], {"model": Counting(lambda replies: replies)})
    assert most == 16


# --- takes ---


DRAWN = Decoding(max_tokens=99, temperature=0.6)
TWICE_TURNED = Setting(style="written", order="circular", repeats=3, decoding=DRAWN)


def test_every_take_is_played_once_and_its_line_says_which_it_is(journal: Journal) -> None:
    seat, kept = Seat(sitting(5, setting=TWICE_TURNED), journal), Kept()
    engine = Scripted(lambda request: f"Answer: {'AB'[request.decoding.seed % 2]}")
    assert play([seat], {"model": engine}, watch=kept)["exam"][:2] == (30, 0)
    assert engine.asked == len(journal) == 30
    assert [*sorted(kept.walks)] == [*range(30)]
    told = sorted((line.sample, line.variant, line.repeat) for line in journal.lines())
    assert told == [(f"{n:04d}", variant, repeat) for n in range(5) for variant in range(2) for repeat in range(3)]


def test_a_walk_is_handed_over_under_the_number_of_its_take(journal: Journal) -> None:
    seat, kept = Seat(sitting(5, setting=TWICE_TURNED), journal), Kept()
    play([seat], {"model": Scripted(lambda request: str(request.decoding.seed))}, watch=kept)
    for number, take in enumerate(seat.sitting.takes):
        (exchange,) = kept.walks[number].exchanges
        assert isinstance(exchange.reply, Response)
        assert exchange.reply.text == str(exchange.request.decoding.seed)
        line = next(
            line
            for line in journal.lines()
            if (line.sample, line.variant, line.repeat) == (take.sample.id, take.variant, take.repeat)
        )
        assert line.reply == exchange.reply


def test_takes_that_were_played_are_not_asked_again_and_further_ones_are(journal: Journal) -> None:
    def play_with(repeats: int, order: Order = "circular") -> tuple[int, int]:
        setting = replace(TWICE_TURNED, repeats=repeats, order=order)
        engine = Scripted(lambda _: "Answer: A")
        played = play([Seat(sitting(5, setting=setting), journal)], {"model": engine})["exam"]
        assert engine.asked == played.asked
        return played.asked, played.reused

    assert play_with(2) == (20, 0)
    assert play_with(2) == (0, 20)
    assert play_with(3) == (10, 20)
    assert play_with(1, "given") == (0, 5), "the first turn is the order as given"


def test_the_same_words_of_two_repeats_are_two_requests_though_nothing_be_drawn(journal: Journal) -> None:
    greedy = replace(TWICE_TURNED, decoding=replace(DRAWN, temperature=0.0), order="given")
    engine = Scripted(lambda _: "Answer: A")
    assert play([Seat(sitting(4, setting=greedy), journal)], {"model": engine})["exam"][:2] == (12, 0)
    assert len({line.key for line in journal.lines()}) == 12
    assert len({line.asked for line in journal.lines()}) == 4


def test_only_some_takes_are_played_where_that_is_asked_for(journal: Journal) -> None:
    seat, kept = Seat(sitting(5, setting=TWICE_TURNED), journal), Kept()
    engine = Scripted(lambda _: "Answer: A")
    assert play([seat], {"model": engine}, watch=kept, only={0, 7, 29})["exam"][:2] == (3, 0)
    assert {*kept.walks} == {0, 7, 29}
    assert play([seat], {"model": engine})["exam"][:2] == (27, 3)


def test_a_forecast_counts_takes(journal: Journal) -> None:
    seats = [Seat(sitting(5, setting=TWICE_TURNED), journal)]
    engine = Unruly(lambda replies: replies)
    play(seats, {"model": Scripted(lambda _: "Answer: A")}, only={0, 1})
    assert forecast(seats, {"model": engine})["exam"][:3] == (30, 0, 210)
    assert forecast(seats, {"model": Scripted(lambda _: "Answer: A")})["exam"][:2] == (30, 2)


def test_two_cells_of_one_engine_are_played_into_two_journals(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / name) for name in ("one.jsonl", "two.jsonl")]
    seats = [Seat(sitting(5), journals[0]), Seat(sitting(3, setting=TWICE_TURNED), journals[1])]
    seats[1].sitting.name = "other"
    played = play(seats, {"model": Scripted(lambda request: RIGHT if request.choices else "Answer: A")})
    assert {name: took[:2] for name, took in played.items()} == {"exam": (5, 0), "other": (18, 0)}
    assert [len(journal) for journal in journals] == [5, 18]
    for journal in journals:
        journal.close()


def shared(sample: ChoiceSample) -> Talk:
    """Ask the model and a patient at once, then the judge."""
    plain = Request(text=sample.question, decoding=Decoding())
    (_, said) = yield (plain, replace(plain, role="patient"))
    yield (replace(plain, text=getattr(said, "text", ""), role="judge:j"),)
    return Answer()


def test_one_engine_may_have_several_roles_and_every_reply_finds_its_own(journal: Journal) -> None:
    both, judge = Scripted(lambda request: f"{request.role} hears"), Scripted(lambda request: request.text)
    kept = Kept()
    engines = {"model": both, "patient": both, "judge:j": judge}
    played = play([Seat(sitting(600, shared), journal)], engines, watch=kept)["exam"]
    assert (both.asked, judge.asked, played.asked) == (1200, 600, 1800)
    assert {role: spent.asked for role, spent in played.others.items()} == {"patient": 600, "judge:j": 600}
    for walk in kept.walks.values():
        assert [each.reply for each in walk.exchanges] == [
            Response(text="model hears"), Response(text="patient hears"), Response(text="patient hears"),
        ]  # fmt: skip


class Deaf(Scripted):
    """An engine that must not be listened to while it has nothing to say."""

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        assert self._waiting, "listened to in vain"
        return super().replies(timeout)


def test_an_engine_is_listened_to_only_while_it_has_something_to_answer(journal: Journal) -> None:
    deaf = Deaf(lambda _: "x")
    idle = Deaf(lambda _: "x")
    engines = {"model": Scripted(lambda _: "x"), "patient": deaf, "judge:j": Scripted(lambda _: "y"), "judge:k": idle}
    play([Seat(sitting(40, shared), journal)], engines)
    assert (deaf.asked, idle.asked) == (40, 0)
