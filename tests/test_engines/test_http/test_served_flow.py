"""Requests on their way to a faulty server: nothing lost, nothing asked again that was answered."""

import contextlib
import email.utils
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from medeval.engines.http import HTTP, flow
from medeval.errors import EngineError, RequestError
from medeval.records import Failure, Reply, Response
from tests.served_badly import Body, Fault, Script, Server, refusal, said, serving
from tests.test_engines.test_http.served import arrived, choosing, many, replies, submit, writing

COUNT = 300
HTML = b"<html><body>502 Bad Gateway</body></html>"


@pytest.fixture(autouse=True)
def _shortly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pause for next to nothing, and leave no thread behind."""
    monkeypatch.setattr(flow, "pause", lambda attempt, at_least=0.0: at_least + 0.002)
    yield
    assert not [each for each in threading.enumerate() if each.name == "medeval-http"]


def engine(server: Server, **how: Any) -> HTTP:
    return HTTP(server.url, "tiny", **how)


def whole(found: list[Reply], server: Server) -> None:
    """See that each is answered by its own text, and was answered once."""
    wanted = [said({"prompt": f"Question {number}?"}) for number in range(len(found))]
    assert [reply.text if isinstance(reply, Response) else reply for reply in found] == wanted
    assert set(server.answered.values()) == {1}


ONCE: dict[str, Fault] = {
    "429": refusal(429, "slower"), "429 a moment": refusal(429, "slower", Retry_After="0.01"), "408": refusal(408, "?"),
    "500": refusal(500, "oh"), "503": refusal(503, "oh"), "529": refusal(529, "oh"), "dropped": Fault(dead=True),
    "cut": Fault(cut=True), "half a chunk": Fault(chunked=True), "half": Fault(half=True), "html": Fault(content=HTML),
    "502 in html": Fault(502, HTML), "another shape": Fault(content=b'{"choices": {}}'), "null": Fault(content=b"null"),
    "an error in good shape": Fault(content=b'{"error": {"message": "overloaded"}}'),
}  # fmt: skip


@pytest.mark.parametrize("fault", ONCE.values(), ids=ONCE)
def test_whatever_happens_once_each_is_answered_exactly_once(fault: Fault) -> None:
    with serving(lambda body, before: None if before else fault) as server:
        whole(replies(engine(server), many(COUNT // 3)), server)
        assert set(server.came.values()) == {2}


def test_all_faults_together_in_any_order_lose_nothing() -> None:
    faults = list(ONCE.values())

    def script(body: Body, before: int) -> Fault | None:
        number = int(body["prompt"].split()[1][:-1])
        return faults[(number + before) % len(faults)] if before < number % 5 else Fault(lasts=number % 7 / 1000)

    with serving(script) as server:
        whole(replies(engine(server), many(COUNT)), server)
        assert server.came == {f"Question {number}?": number % 5 + 1 for number in range(COUNT)}


def test_replies_that_overtake_each_other_find_their_questions() -> None:
    def script(body: Body, before: int) -> Fault:
        return Fault(lasts=0.02 if body["prompt"].endswith(("0?", "3?")) else 0.001)

    with serving(script) as server:
        whole(replies(engine(server), many(60)), server)


def test_there_are_more_at_once_by_and_by_and_never_too_many() -> None:
    with serving(lambda body, before: Fault(lasts=0.01)) as server:
        whole(replies(engine(server, at_once=9), many(COUNT)), server)
        assert 4 < server.most <= 9


@pytest.mark.parametrize("most", [1, 2])
def test_so_few_at_once_as_are_wanted(most: int) -> None:
    with serving(lambda body, before: Fault(lasts=0.005)) as server:
        whole(replies(engine(server, at_once=most), many(30)), server)
        assert server.most == most


def test_a_server_that_bears_three_at_once_answers_all() -> None:
    inside, lock = [0], threading.Lock()

    def script(body: Body, before: int) -> Fault | None:
        with lock:
            if inside[0] >= 3:
                return refusal(429, "three at once")
            inside[0] += 1
        time.sleep(0.004)
        with lock:
            inside[0] -= 1
        return None

    with serving(script) as server:
        whole(replies(engine(server), many(COUNT)), server)


@pytest.mark.parametrize("date", [False, True], ids=["seconds", "a date"])
def test_a_pause_that_a_server_wants_is_kept_by_everybody(date: bool) -> None:
    told: list[float] = []
    early: list[float] = []

    def script(body: Body, before: int) -> Fault | None:
        now = time.time()
        if body["prompt"] == "Question 9?" and not before:
            # A date has whole seconds: what is left of its second is the pause.
            until = float(int(now) + 2) if date else now + 0.3
            told.append(until)
            return refusal(429, "wait", Retry_After=email.utils.formatdate(until, usegmt=True) if date else "0.3")
        if told and now < told[0] - 0.05:
            early.append(now)
        return Fault(lasts=0.002)

    with serving(script) as server:
        whole(replies(engine(server, at_once=1), many(40)), server)
    assert told
    assert early == []


@pytest.mark.parametrize("fault", [Fault(hold=True), Fault(drip=True)], ids=["silent", "a byte now and then"])
def test_what_takes_too_long_is_asked_again(fault: Fault) -> None:
    with serving(lambda body, before: None if before else fault) as server:
        whole(replies(engine(server, timeout=0.4), many(4)), server)


def test_what_never_comes_is_a_failure_of_its_own_and_costs_no_other_its_reply() -> None:
    bad = "Question 5?"
    with serving(lambda body, before: refusal(500, "oh no") if body["prompt"] == bad else None) as server:
        found = replies(engine(server), many(40))
        assert server.came[bad] == flow.MOST_ATTEMPTS
    failure = found.pop(5)
    assert isinstance(failure, Failure)
    assert (failure.failure, "oh no" in failure.reason) == ("engine_error", True)
    assert all(isinstance(reply, Response) for reply in found)


def test_half_of_a_character_is_asked_as_it_can_be_and_costs_no_other_its_reply() -> None:
    with serving() as server:
        found = replies(engine(server), [writing("one"), writing("a\ud800b"), writing("two")])
        assert all(isinstance(reply, Response) for reply in found)
        assert "a\\ud800b" in server.came


# --- refusals ---


def test_a_refused_question_is_a_failure_where_others_are_answered() -> None:
    def script(body: Body, before: int) -> Fault | None:
        return refusal(400, "a filter") if body["prompt"] == "Question 20?" else None

    with serving(script) as server:
        found = replies(engine(server), many(40))
        assert server.came["Question 20?"] == 1
    assert isinstance(found[20], Failure)
    assert found[20].failure == "engine_error"
    assert sum(isinstance(reply, Response) for reply in found) == 39


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens"),
        ("Unrecognized request argument supplied: repetition_penalty", "repetition_penalty"),
        ("[{'type': 'extra_forbidden', 'loc': ('body', 'min_p'), 'msg': 'Extra inputs are not permitted'}]", "min_p"),
    ],
)
def test_another_dialect_is_learnt_by_all_that_are_under_way(words: str, name: str) -> None:
    with serving(lambda body, before: refusal(400, words) if name in body else Fault(lasts=0.002)) as server:
        whole(replies(engine(server), many(COUNT)), server)
        assert sum(server.came.values()) < COUNT + 20


def test_a_server_that_takes_no_minus_one_gets_nought() -> None:
    words = "top_k must be 0 or more"
    with serving(lambda body, before: refusal(422, words) if body["top_k"] < 0 else None) as server:
        whole(replies(engine(server), many(30)), server)
        assert server.bodies[-1]["top_k"] == 0


def test_a_shorter_list_is_enough() -> None:
    words = "logprobs: must be less than or equal to 5"
    with serving(lambda body, before: refusal(400, words) if body["logprobs"] > 5 else None) as server:
        found = replies(engine(server), [choosing(f"Question {number}?") for number in range(20)])
    assert {reply.logprobs for reply in found if isinstance(reply, Response)} == {(-1.25, -0.5, -3.0, -4.5)}
    assert {reply.below for reply in found if isinstance(reply, Response)} == {(3,)}


def test_what_does_not_fit_is_asked_shorter_and_a_prompt_that_does_not_is_too_long() -> None:
    def script(body: Body, before: int) -> Fault | None:
        length, wanted = len(body["prompt"]), body["max_tokens"]
        words = (
            f"This model's maximum context length is 100 tokens. However, you requested {length + wanted} tokens "
            f"({length} in the messages, {wanted} in the completion)."
        )
        return refusal(400, words) if length + wanted > 100 else None

    with serving(script) as server:
        found = replies(engine(server), [writing("a" * 30, 500), writing("b" * 100, 5), writing("c", 5)])
        assert [body["max_tokens"] for body in server.bodies if body["prompt"][0] == "a"] == [500, 70]
    assert isinstance(found[0], Response)
    assert isinstance(found[1], Failure)
    assert found[1].failure == "too_long"
    assert isinstance(found[2], Response)


FATAL: dict[str, tuple[Script, str]] = {
    "401": (lambda body, before: refusal(401, "who?"), "--key-from"),
    "403": (lambda body, before: refusal(403, "no"), "does not allow"),
    "404": (lambda body, before: refusal(404, "what?"), "no 'tiny'"),
    "elsewhere": (lambda body, before: refusal(307, "there", Location="http://127.0.0.1:1/v1"), "answers 307"),
    "refused from the first": (lambda body, before: refusal(400, "no such thing"), "no such thing"),
}


@pytest.mark.parametrize(("script", "words"), FATAL.values(), ids=FATAL)
def test_a_server_that_cannot_do_it_ends_the_run_with_one_sentence(script: Script, words: str) -> None:
    with serving(script) as server, contextlib.closing(engine(server)) as one:
        submit(one, many(COUNT))
        with pytest.raises(RequestError) as fault:
            arrived(one, COUNT)
        assert len(fault.value.faults) == 1
        assert words in str(fault.value)
        assert sum(server.came.values()) <= 8


def test_a_server_that_tells_no_log_probabilities_ends_the_run_at_once() -> None:
    content = b'{"choices": [{"text": "A", "logprobs": null}]}'
    with serving(lambda body, before: Fault(content=content)) as server, contextlib.closing(engine(server)) as one:
        submit(one, [choosing(f"Question {number}?") for number in range(40)])
        for _ in range(2):  # and whoever asks once more hears the same
            with pytest.raises(RequestError, match="--style written"):
                arrived(one, 40)
        assert sum(server.came.values()) <= 8


def test_a_refusal_is_read_to_its_end_and_shown_in_short() -> None:
    words = f"{'You are welcome. ' * 60} Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."

    def script(body: Body, before: int) -> Fault | None:
        if body["prompt"] == "Question 7?":
            return refusal(400, words.replace("max", "least"))
        return refusal(400, words) if "max_tokens" in body else None

    with serving(script) as server:
        found = replies(engine(server, at_once=1), many(10))
    failure = found.pop(7)
    assert isinstance(failure, Failure)
    assert len(failure.reason) <= 310
    assert all(isinstance(reply, Response) for reply in found)


def test_what_was_answered_before_a_fatal_refusal_comes_out_first_and_nothing_is_asked_after_it() -> None:
    def script(body: Body, before: int) -> Fault:
        # Asked before the refused one, and answered after it.
        return refusal(401, "no more") if body["prompt"] == "Question 50?" else Fault(lasts=0.02)

    found: dict[int, Reply] = {}
    with serving(script) as server, contextlib.closing(engine(server)) as one:
        submit(one, many(COUNT))
        with pytest.raises(RequestError, match="no more"):
            arrived(one, COUNT, found)
        assert len(found) == sum(server.answered.values()) >= 45
        assert sum(server.came.values()) == len(found) + 1
    assert all(isinstance(reply, Response) for reply in found.values())


def test_where_no_server_is_one_sentence_says_so() -> None:
    with contextlib.closing(HTTP("http://127.0.0.1:1/v1", "tiny")) as one:
        submit(one, many(20))
        with pytest.raises(RequestError, match="no server answers there"):
            arrived(one, 20)


def test_a_proxy_that_is_none_is_told_and_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("all_proxy", "http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "nonsense://h")
    with contextlib.closing(HTTP("http://api.example.org/v1", "tiny")) as one:
        submit(one, many(2))
        with pytest.raises(EngineError, match="nonsense"):
            arrived(one, 2)


# --- the end, and the count ---


def test_closing_lets_go_of_what_is_under_way() -> None:
    with serving(lambda body, before: Fault(hold=True)) as server:
        one = engine(server)
        submit(one, many(50))
        while not server.bodies:
            assert one.replies(0.01) == []
        one.close()
        one.close()
        assert one.replies(0.0) == []


def test_an_engine_that_was_asked_nothing_opens_no_connection() -> None:
    one = HTTP("http://127.0.0.1:1/v1", "tiny")
    assert one.replies(0.0) == []
    one.close()


def test_nobody_waits_where_nothing_was_asked() -> None:
    with serving() as server, contextlib.closing(engine(server)) as one:
        assert one.replies(1e6) == []
        submit(one, many(3))
        arrived(one, 3)
        assert one.replies(1e6) == []


def test_more_can_be_asked_at_any_time() -> None:
    with serving() as server, contextlib.closing(engine(server)) as one:
        for _ in range(3):
            submit(one, many(20))
            arrived(one, 20)


def test_requests_beyond_the_questions_are_counted() -> None:
    with serving(lambda body, before: None if before else refusal(500, "oh")) as server:
        one = engine(server)
        with contextlib.closing(one):
            submit(one, many(10))
            arrived(one, 10)
            assert one.notes == [f"{server.url}: 10 requests more than questions, for it did not answer at once."]


def test_what_it_cost_by_the_servers_own_word_is_told() -> None:
    content = b'{"choices": [{"text": "C"}], "usage": {"cost": 0.25}}'
    with serving(lambda body, before: Fault(content=content)) as server, contextlib.closing(engine(server)) as one:
        submit(one, many(4))
        arrived(one, 4)
        assert one.notes == [f"{server.url}: by its own word this cost 1.0000."]
