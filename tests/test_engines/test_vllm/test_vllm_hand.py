"""A hand: whatever its process does, every piece of work is told of once, and nobody is blamed for another's doing."""

import random
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.engines.vllm import hand as hands
from medeval.engines.vllm.hand import ASKED_TWICE, BATCHES, PARDONED, STARTING_SECONDS, STRIKES, Hand
from medeval.engines.vllm.wire import Alive, Broken, Done, FromProcess, Idle, Refused, Work
from medeval.errors import EngineError, RequestError
from tests.test_engines.test_vllm.scripted_process import AT_ONCE, Script, ScriptedProcess, compute, done

OWED = BATCHES * AT_ONCE

WORKS = [Work(number, (1, 2, 3), (number,)) for number in range(500)]
BLAMED = "over this request the engine ended with 1: poison"


class Ward:
    """A hand over scripted processes, and all of them that were ever begun."""

    def __init__(self, script: Script = compute, *, batch: int = 64, patience: float = 60.0) -> None:
        self.begun: list[ScriptedProcess] = []
        self.loads = True
        self._script, self._batch = script, batch
        # A double stands where a process does.
        self.hand = Hand(self._begin, patience)  # type: ignore[arg-type]

    def _begin(self) -> ScriptedProcess:
        self.begun.append(ScriptedProcess(self._script, batch=self._batch, loads=self.loads))
        return self.begun[-1]

    @property
    def restarts(self) -> int:
        return len(self.begun) - 1

    def finish(self, works: Sequence[Work], turns: int = 20_000) -> dict[int, Done | Refused]:
        """Have some work done; each piece is told of once."""
        queue, told = deque(works), dict[int, Done | Refused]()
        for _ in range(turns):
            self.hand.give(queue)
            for message in self.hand.news():
                assert message.number not in told
                told[message.number] = message
            if len(told) == len(works):
                break
        assert sorted(told) == sorted(work.number for work in works)
        return told


def poisoned(numbers: Collection[int]) -> Script:
    """End whenever such a number is in a batch."""

    def script(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        if any(work.number in numbers for work in batch):
            raise EOFError
        return compute(process, batch)

    return script


def undone(told: dict[int, Done | Refused]) -> dict[int, str]:
    """What was refused, and why; all else must have its own answer."""
    assert all(reply == done(WORKS[number]) for number, reply in told.items() if isinstance(reply, Done))
    return {number: reply.reason for number, reply in told.items() if isinstance(reply, Refused)}


# --- nothing goes wrong -------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 64, 1000])
def test_where_nothing_goes_wrong_everything_is_done_by_one_process(batch: int) -> None:
    ward = Ward(batch=batch)
    assert undone(ward.finish(WORKS)) == {}
    assert ward.restarts == 0


def test_nothing_is_given_before_the_model_is_loaded() -> None:
    ward = Ward()
    queue = deque(WORKS)
    ward.hand.give(queue)
    assert (len(queue), ward.begun[0].count) == (500, 0)
    assert ward.hand.news() == []
    assert ward.hand.context == 2048
    ward.hand.give(queue)
    assert (len(queue), ward.begun[0].count) == (0, 500)


def test_no_more_is_given_than_can_be_suspected() -> None:
    ward = Ward(batch=100)
    queue = deque([Work(number, (1,)) for number in range(3 * OWED)])
    ward.hand.news()
    ward.hand.give(queue)
    assert ward.begun[0].count == OWED
    ward.hand.give(queue)
    assert ward.begun[0].count == OWED
    assert len(ward.hand.news()) == 100
    ward.hand.give(queue)
    assert ward.begun[0].count == OWED + 100


def test_a_hand_that_is_closed_has_ended_its_process() -> None:
    ward = Ward()
    ward.finish(WORKS[:3])
    for _ in range(2):
        ward.hand.close()
        assert ward.hand.process is None
        assert ward.begun[0].life == ["ended"]
    assert ward.hand.news() == []


# --- what ends it -------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 64, 1000])
@pytest.mark.parametrize("number", [0, 123, 250, 499])
def test_one_poisoned_piece_of_work_is_found_among_500(number: int, batch: int) -> None:
    ward = Ward(poisoned({number}), batch=batch)
    assert undone(ward.finish(WORKS)) == {number: BLAMED}
    # Halves of 500: 250, 125, 63, 32, 16, 8, 4, 2, 1.
    assert ward.restarts <= 10


@pytest.mark.parametrize("numbers", [{0, 1}, {0, 499}, {249, 250}, {17, 400}])
def test_two_poisoned_pieces_are_found_too(numbers: set[int]) -> None:
    ward = Ward(poisoned(numbers), batch=256)
    assert undone(ward.finish(WORKS)) == dict.fromkeys(numbers, BLAMED)
    assert ward.restarts <= 19


@settings(deadline=None)
@given(st.integers(1, 500), st.sets(st.integers(0, 499), max_size=2), st.integers(1, 600), st.randoms())
def test_only_the_poisoned_are_ever_blamed(count: int, numbers: set[int], batch: int, dice: random.Random) -> None:
    works = dice.sample(WORKS, count)
    ward = Ward(poisoned(numbers), batch=batch)
    assert undone(ward.finish(works)) == dict.fromkeys(numbers & {work.number for work in works}, BLAMED)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 50))
def test_an_end_that_comes_once_is_nobodys_fault(count: int, moment: int, batch: int) -> None:
    turns = [0]

    def killed(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        turns[0] += 1
        if turns[0] == moment + 1:
            raise EOFError
        return compute(process, batch)

    ward = Ward(killed, batch=batch)
    assert undone(ward.finish(WORKS[:count])) == {}
    assert ward.restarts <= 1


def test_even_a_piece_that_was_alone_when_the_process_ended_is_tried_again() -> None:
    ward = Ward(poisoned({7}))
    assert undone(ward.finish([WORKS[7]])) == {7: BLAMED}
    assert ward.restarts == 2


def test_suspects_are_tried_by_themselves() -> None:
    ward = Ward(poisoned({3}), batch=1000)
    queue = deque(WORKS[:4])
    ward.hand.news()
    ward.hand.give(queue)
    assert ward.hand.news() == []
    queue.extend(WORKS[4:20])
    while queue:
        ward.hand.give(queue)
        ward.hand.news()
    sizes = [[len(works) for works in process.given] for process in ward.begun]
    # Four end it; the first half is done; the second ends it; so does the one of them that is left.
    assert sizes == [[4], [2, 2], [1, 1], [16]]


def test_what_was_done_before_the_end_is_not_done_again() -> None:
    ward = Ward(poisoned({450}), batch=50)
    assert list(undone(ward.finish(WORKS))) == [450]
    # Nine batches were done; only the tenth is taken apart.
    assert [process.count for process in ward.begun[:2]] == [500, 25]


def test_a_process_that_always_ends_is_given_up_after_some_strikes() -> None:
    def always(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        raise EOFError

    ward = Ward(always)
    with pytest.raises(EngineError) as found:
        ward.finish(WORKS)
    assert found.value.exit_code == 3
    assert found.value.faults == (
        f"vLLM ended {STRIKES + 1} times (the engine ended with 1: poison). The same command goes on where it stopped.",
    )
    assert len(ward.begun) == STRIKES + 1
    # Nobody is left behind.
    assert all(process.life == ["killed"] for process in ward.begun)


def test_a_process_that_does_not_start_again_is_given_up_too() -> None:
    ward = Ward(poisoned({3}))
    queue = deque(WORKS)
    ward.hand.news()
    ward.hand.give(queue)

    class Stillborn(ScriptedProcess):
        def receive(self) -> list[FromProcess]:
            raise EOFError

    ward.hand._begin = Stillborn  # type: ignore[assignment]
    for _ in range(STRIKES):
        ward.hand.news()
    with pytest.raises(EngineError, match=f"vLLM ended {STRIKES + 1} times"):
        ward.hand.news()


def test_ends_with_much_done_in_between_are_pardoned() -> None:
    def now_and_then(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        if process.count - len(process.waiting) > PARDONED + 200:
            raise EOFError
        return compute(process, batch)

    ward = Ward(now_and_then, batch=16)
    works = [Work(number, ()) for number in range(30_000)]
    assert all(isinstance(reply, Done) for reply in ward.finish(works).values())
    assert ward.restarts > 2 * STRIKES


def test_its_own_last_word_stands_before_what_is_seen_from_the_outside() -> None:
    def spoken(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        process._script = poisoned({7})
        process.waiting = [*batch]
        return [Broken("RuntimeError: no kernel")]

    ward = Ward(spoken)
    assert undone(ward.finish([WORKS[7]])) == {7: "over this request RuntimeError: no kernel"}
    # Said once, it is the reason of one end only.
    assert ward.restarts == 2


# --- the start ----------------------------------------------------------------------------


class Failing(ScriptedProcess):
    """Ends before it is ready."""

    last = "ended by SIGKILL"
    word: Sequence[FromProcess] = ()

    def receive(self) -> list[FromProcess]:
        if self.word:
            said, self.word = [*self.word], ()
            return said
        raise EOFError

    def last_word(self) -> str:
        return self.last


@pytest.mark.parametrize(
    ("word", "why"),
    [((), "the engine ended by SIGKILL"), ((Broken("ValueError: no memory"),), "ValueError: no memory")],
)  # fmt: skip
def test_a_first_start_that_fails_is_a_wrong_request(word: Sequence[FromProcess], why: str) -> None:
    begun: list[Failing] = []

    def begin() -> Failing:
        begun.append(Failing())
        begun[-1].word = word
        return begun[-1]

    hand = Hand(begin, 60.0)  # type: ignore[arg-type]
    if word:
        assert hand.news() == []
    with pytest.raises(RequestError) as found:
        hand.news()
    assert found.value.faults == (f"vLLM does not start: {why}",)
    assert [process.life for process in begun] == [["killed"]]


# --- replies that are not as they should be -----------------------------------------------


@settings(deadline=None)
@given(st.integers(1, 120), st.integers(1, 50), st.randoms(use_true_random=False))
def test_replies_may_come_twice_in_any_order_beside_foreign_ones(count: int, batch: int, dice: random.Random) -> None:
    def muddled(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        said = compute(process, batch) * 2 + [
            Done(10_000 + dice.randrange(9), (1,)),
            Refused(20_000, "whose?"),
            Alive(),
        ]
        return dice.sample(said, len(said))

    ward = Ward(muddled, batch=batch)
    assert undone(ward.finish(WORKS[:count])) == {}
    assert ward.restarts == 0


def forgetting(times: int, numbers: Collection[int]) -> Script:
    """Say nothing of some work, the first few times."""
    left = Counter(dict.fromkeys(numbers, times))

    def script(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        forgotten = {work.number for work in batch if left[work.number] > 0}
        left.subtract(forgotten)
        return compute(process, [work for work in batch if work.number not in forgotten])

    return script


@pytest.mark.parametrize("times", range(1, ASKED_TWICE + 1))
def test_what_is_forgotten_is_given_again(times: int) -> None:
    ward = Ward(forgetting(times, {3, 77, 499}))
    assert undone(ward.finish(WORKS)) == {}
    assert ward.restarts == 0
    assert ward.begun[0].count == 500 + 3 * times


def test_what_is_never_answered_is_given_up_and_costs_no_other_its_reply() -> None:
    ward = Ward(forgetting(1000, {3, 77}))
    assert undone(ward.finish(WORKS)) == dict.fromkeys((3, 77), "the engine never answers this request")
    assert ward.begun[0].count == 500 + 2 * ASKED_TWICE
    assert undone(ward.finish(WORKS[100:120])) == {}


def test_a_word_that_all_is_done_may_cross_with_more_work() -> None:
    ward = Ward(lambda process, batch: [Idle(1)])
    (process,) = ward.begun
    ward.hand.news()
    ward.hand.give(deque(WORKS[:1]))
    ward.hand.give(deque(WORKS[1:3]))
    assert (ward.hand.news(), process.given) == ([], [WORKS[:1], WORKS[1:3]])
    # It speaks of one piece, and three were given: nothing is missed yet, and nothing is given again.
    process._script = compute
    process.send(())
    process.waiting = WORKS[:3]
    assert [message.number for message in ward.hand.news()] == [0, 1, 2]
    assert process.count == 3


def test_a_reply_that_comes_after_all_is_heard_and_the_second_one_is_not() -> None:
    ward = Ward(lambda process, batch: [Idle(process.count)])
    (process,) = ward.begun
    ward.hand.news()
    ward.hand.give(deque(WORKS[:1]))
    assert ward.hand.news() == []
    assert process.given == [WORKS[:1], WORKS[:1]]
    process._script = lambda process, batch: [done(WORKS[0]), done(WORKS[0])]
    assert ward.hand.news() == [done(WORKS[0])]


def test_after_an_end_what_was_counted_before_it_counts_no_more() -> None:
    ends, forgets = poisoned({3}), forgetting(1, {5})

    def both(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        ends(process, batch)
        return forgets(process, batch)

    ward = Ward(both, batch=1)
    assert undone(ward.finish(WORKS[:20])) == {3: BLAMED}


# --- time ---------------------------------------------------------------------------------


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(hands, "time", made)
    return made


def silent(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
    """Hang: nothing comes any more, not even a word of being alive."""
    process._told = True
    return []


def test_a_process_without_any_progress_is_ended_and_begun_anew(clock: Clock) -> None:
    ward = Ward(silent, patience=30.0)
    ward.hand.news()
    ward.hand.give(deque(WORKS[:2]))
    clock.now = 30.0
    assert ward.hand.news() == []
    assert ward.restarts == 0
    clock.now = 30.5
    ward._script = compute
    assert ward.hand.news() == []
    assert ward.restarts == 1
    assert ward.begun[0].life == ["killed"]
    queue: deque[Work] = deque()
    told: list[int] = []
    for _ in range(8):
        ward.hand.give(queue)
        told += [message.number for message in ward.hand.news()]
    assert told == [0, 1]


def test_a_request_over_which_it_hangs_is_blamed_for_it(clock: Clock) -> None:
    def hanging(process: ScriptedProcess, batch: list[Work]) -> list[FromProcess]:
        clock.now += 1
        if any(work.number == 3 for work in batch):
            clock.now += 100
            process.waiting, process._told = [], True
            return []
        return compute(process, batch)

    ward = Ward(hanging, patience=30.0)
    assert undone(ward.finish(WORKS[:10])) == {3: "over this request the engine made no progress for 30 seconds"}


def test_a_word_of_being_alive_is_progress(clock: Clock) -> None:
    ward = Ward(lambda process, batch: silent(process, batch) or [Alive()], patience=30.0)
    ward.hand.news()
    ward.hand.give(deque(WORKS[:1]))
    for _ in range(20):
        clock.now += 29
        assert ward.hand.news() == []
        ward.begun[0].waiting = WORKS[:1]
    assert ward.restarts == 0


def test_a_process_with_nothing_to_do_may_be_silent_for_ever(clock: Clock) -> None:
    ward = Ward(patience=30.0)
    ward.finish(WORKS[:1])
    clock.now = 1e6
    assert ward.hand.news() == []
    assert undone(ward.finish(WORKS[1:3])) == {}
    assert ward.restarts == 0


def test_loading_may_take_longer_than_a_reply(clock: Clock) -> None:
    ward = Ward.__new__(Ward)
    begun = ScriptedProcess(loads=False)
    ward.hand = Hand(lambda: begun, 30.0)  # type: ignore[arg-type, return-value]
    clock.now = STARTING_SECONDS
    assert ward.hand.news() == []
    clock.now = STARTING_SECONDS + 1
    with pytest.raises(RequestError, match="vLLM does not start: the engine made no progress for 3600 seconds"):
        ward.hand.news()
    assert begun.life == ["killed"]


@pytest.mark.parametrize("batch", [1, 7])
def test_many_hands_share_a_queue_and_each_piece_is_done_once(batch: int) -> None:
    begin: Callable[[], ScriptedProcess] = lambda: ScriptedProcess(batch=batch)  # noqa: E731
    several = [Hand(begin, 60.0) for _ in range(3)]  # type: ignore[arg-type]
    queue, told = deque([Work(number, ()) for number in range(3000)]), Counter[int]()
    while sum(told.values()) < 3000:
        for hand in several:
            hand.give(queue)
            told.update(message.number for message in hand.news())
    assert set(told.values()) == {1}
