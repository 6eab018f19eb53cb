"""The line between a run and its engine process: whole messages, in their order, and nobody waits to be heard."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.engines.vllm.wire import (
    HEAD,
    Alive,
    Broken,
    Done,
    FromProcess,
    Idle,
    Line,
    Ready,
    Refused,
    Start,
    ToProcess,
    Work,
)

IDS = st.lists(st.integers(0, 2**32 - 1), max_size=40).map(tuple)
VALUES = st.one_of(st.none(), st.floats(allow_nan=False))
NUMBERS = st.integers(0, 2**63 - 1)
SAID: st.SearchStrategy[FromProcess] = st.one_of(
    st.builds(Ready, st.integers(0, 10**7)), st.builds(Refused, NUMBERS, st.text()), st.builds(Alive),
    st.builds(Idle, NUMBERS), st.builds(Broken, st.text()),
    st.builds(Done, NUMBERS, IDS, st.lists(VALUES, max_size=9).map(tuple), st.integers(0, 10**7), st.booleans()),
)  # fmt: skip
WORKS = st.builds(Work, NUMBERS, IDS, IDS, st.dictionaries(st.text(), st.one_of(st.none(), st.floats(), st.text())))

Pair = tuple[Line[FromProcess], socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A line, and the bare other end of it."""
    ours, theirs = socket.socketpair()
    with theirs:
        line: Line[FromProcess] = Line(ours, FromProcess)
        yield line, theirs
        line.close()


def spoken(*messages: FromProcess) -> bytes:
    """The bytes that a line sends."""
    ours, theirs = socket.socketpair()
    with theirs:
        line: Line[FromProcess] = Line(ours, FromProcess)
        line.send(messages)
        line.close()
        return b"".join(iter(lambda: theirs.recv(1 << 16), b""))


@settings(deadline=None)
@given(st.lists(SAID, max_size=12), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_messages_arrive_whole_and_in_order_whatever_pieces_they_come_in(
    messages: list[FromProcess], sizes: list[int]
) -> None:
    ours, theirs = socket.socketpair()
    line: Line[FromProcess] = Line(ours, FromProcess)
    data, found, turn = spoken(*messages), [], 0
    with theirs:
        while data:
            size = sizes[turn % len(sizes)]
            theirs.sendall(data[:size])
            data, turn = data[size:], turn + 1
            found += line.receive()
        assert found == messages
        assert line.receive() == []
    with pytest.raises(EOFError):
        line.receive()
    line.close()


@settings(deadline=None)
@given(st.lists(WORKS, max_size=8), st.dictionaries(st.text(), st.one_of(st.booleans(), st.text(), st.integers(0, 9))))
def test_what_is_sent_to_a_process_is_what_it_hears(works: list[Work], arguments: dict[str, object]) -> None:
    ours, theirs = socket.socketpair()
    run: Line[FromProcess] = Line(ours, FromProcess)
    process: Line[ToProcess] = Line(theirs, ToProcess)
    start = Start(arguments, "adapter")
    run.send([start])
    run.send(works)
    heard = process.receive()
    # Values that are no numbers equal nothing, not even themselves.
    assert repr(heard) == repr([start, *works])
    run.close()
    process.close()


def test_half_a_message_is_kept_until_the_rest_has_come(pair: Pair) -> None:
    line, other = pair
    data = spoken(Refused(1, "why"), Idle(7))
    first = HEAD + int.from_bytes(data[:HEAD], "little")
    for cut in (1, HEAD, first - 1):
        other.sendall(data[:cut])
        assert line.receive() == []
        other.sendall(data[cut:first])
        assert line.receive() == [Refused(1, "why")]
    other.sendall(data)
    assert line.receive() == [Refused(1, "why"), Idle(7)]


def test_a_peer_that_does_not_read_keeps_nobody_waiting(pair: Pair) -> None:
    line, _ = pair
    for _ in range(64):
        line.send([Broken("x" * 100_000)])
    assert line.waits


def test_what_could_not_be_sent_leaves_with_the_next_flush() -> None:
    ours, theirs = socket.socketpair()
    one: Line[FromProcess] = Line(ours, FromProcess)
    other: Line[FromProcess] = Line(theirs, FromProcess)
    said: list[FromProcess] = [Broken(f"{number}" * 50_000) for number in range(40)]
    one.send(said)
    assert one.waits
    heard: list[FromProcess] = []
    while len(heard) < len(said):
        heard += other.receive()
        one.flush()
    assert heard == said
    one.close()
    other.close()


def test_a_message_of_megabytes_arrives() -> None:
    ours, theirs = socket.socketpair()
    one: Line[FromProcess] = Line(ours, FromProcess)
    other: Line[ToProcess] = Line(theirs, ToProcess)
    work = Work(3, tuple(range(1_000_000)))
    one.send([work])
    heard: list[ToProcess] = []
    while not heard:
        heard = other.receive()
        one.flush()
    assert heard == [work]
    assert not one.waits
    one.close()
    other.close()


def test_two_that_shout_at_each_other_are_both_heard() -> None:
    ours, theirs = socket.socketpair()
    one: Line[FromProcess] = Line(ours, FromProcess)
    other: Line[FromProcess] = Line(theirs, FromProcess)
    said: list[FromProcess] = [Broken("x" * 3_000_000)]
    one.send(said)
    other.send(said)
    heard: list[list[FromProcess]] = [[], []]
    while not all(heard):
        heard[0] += one.receive()
        heard[1] += other.receive()
        one.flush()
        other.flush()
    assert heard == [said, said]
    one.close()
    other.close()


def test_what_was_said_before_the_end_is_heard_first(pair: Pair) -> None:
    line, other = pair
    other.sendall(spoken(Ready(2048), Broken("no memory")))
    other.shutdown(socket.SHUT_WR)
    assert line.receive() == [Ready(2048), Broken("no memory")]
    with pytest.raises(EOFError):
        line.receive()


def test_a_message_that_the_end_cut_off_is_no_message(pair: Pair) -> None:
    line, other = pair
    other.sendall(spoken(Ready(2048), Broken("no memory"))[:-3])
    other.shutdown(socket.SHUT_WR)
    assert line.receive() == [Ready(2048)]
    with pytest.raises(EOFError):
        line.receive()


def test_a_peer_that_went_with_words_unread_is_an_end_like_any_other(pair: Pair) -> None:
    line, other = pair
    line.send([Alive()])
    other.close()  # what it had not read makes this a reset
    with pytest.raises(EOFError):
        line.receive()


def test_numbers_that_json_cannot_say_are_said_as_none(pair: Pair) -> None:
    line, other = pair
    other.sendall(spoken(Done(1, (5,), (-0.5, None, float("-inf")))))
    assert line.receive() == [Done(1, (5,), (-0.5, None, float("-inf")))]
