"""Files fetched over lines that break, from servers that misbehave; and who sees the token."""

import hashlib
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from medeval.errors import DataError
from medeval.sources import Hub, Supply, Url
from medeval.sources import address as module
from medeval.sources.address import _measure, _sent_on
from tests.hub_server import COMMIT, CUT, SHORT, TOKEN, Answer, HubServer, at_home, reached, serving

ROWS = b"".join([b'{"q": "%d"}\n' % number for number in range(100)])
OTHER = ROWS.replace(b"q", b"p")
SHA = hashlib.sha256(ROWS).hexdigest()
PAGE = b"\n <!DOCTYPE html><html><body>Log in first.</body></html>"
FIVE = 5


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home(tmp_path, monkeypatch)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with reached(monkeypatch) as server:
        server.pages["/files/rows.jsonl"] = ROWS
        yield server


@pytest.fixture
def slept(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited, if chance drew the most each time."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    return waited


def address(server: HubServer, sha256: str = "") -> Url:
    return Url(url=f"{server.url}/files/rows.jsonl", sha256=sha256)


def fetched(source: Url) -> bytes:
    return Supply(None).fetch("exam", source).read_bytes()


def refusal(source: Url | Hub) -> str:
    with pytest.raises(DataError) as caught:
        Supply(None).fetch("exam", source)
    (fault,) = caught.value.faults
    assert "\n" not in fault
    return fault


def left(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "cache").rglob("*") if path.is_file())


# --- what is refused, and what is tried again ---------------------------------------------


@pytest.mark.parametrize(
    ("answer", "asked", "said"),
    [
        (Answer(404), 1, "there is no file at this address (404). Get it on a machine with a network, and put it at "),
        (Answer(410), 1, "there is no file at this address (410). "),
        (Answer(401), 1, "access is refused (401). Ask its owners for the file. "),
        (Answer(403), 1, "access is refused (403). Ask its owners for the file. "),
        (Answer(500), FIVE, "the server answers 500, 5 times. Try again later. "),
        (Answer(429), FIVE, "the server answers 429, 5 times. Try again later. "),
        (Answer(302, location="file:///etc/passwd"), 1, "it is sent on to file:///etc/passwd, which is no address of "),
        (Answer(302, location="/files/rows.jsonl"), 10, "it is sent on and on, 10 times. "),
    ],
)  # fmt: skip
def test_what_an_address_refuses_is_said_in_a_sentence(
    server: HubServer, tmp_path: Path, answer: Answer, asked: int, said: str
) -> None:
    server.fail("/files/", answer, times=20)
    assert refusal(address(server)).startswith(f"{server.url}/files/rows.jsonl: {said}")
    assert server.gets("/files/") == asked
    assert left(tmp_path) == []


@pytest.mark.parametrize("answers", [(Answer(500),), (CUT,), (Answer(503), CUT), (Answer(408), Answer(425), CUT)])
def test_what_an_address_does_a_few_times_is_forgiven(server: HubServer, answers: tuple[Answer, ...]) -> None:
    server.fail("/files/", *answers)
    assert fetched(address(server)) == ROWS


def test_pauses_grow_and_are_drawn(server: HubServer, slept: list[float]) -> None:
    server.fail("/files/", Answer(500), times=20)
    refusal(address(server))
    assert slept == [2, 4, 8, 16]


def test_a_server_is_left_alone_as_long_as_it_asks(server: HubServer, slept: list[float]) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.fail("/files/", *[Answer(429, headers={"Retry-After": said}) for said in ("70", soon, "whenever")])
    assert fetched(address(server)) == ROWS
    assert slept[0] == 70
    assert 80 < slept[1] <= 90
    assert slept[2] == 8


def test_a_server_that_wants_hours_is_not_waited_for(server: HubServer, slept: list[float]) -> None:
    server.fail("/files/", Answer(429, headers={"Retry-After": "7200"}))
    said = "the server answers 429 and asks to be left alone for 7200 seconds. Get it on a machine with"
    assert said in refusal(address(server))
    assert slept == []


def test_a_server_that_says_nothing_is_asked_again(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.1)
    server.fail("/files/", Answer(lasts=5), times=FIVE)
    assert "the transfer failed (ReadTimeout: timed out), 5 times. Try again later." in refusal(address(server))
    server.fail("/files/", Answer(lasts=5))
    assert fetched(address(server)) == ROWS


def test_a_shorter_file_than_was_told_is_no_file() -> None:
    # The usual session sees to this itself; one that the user has set up may not.
    _measure(4, None)
    _measure(4, "4")
    with pytest.raises(Exception, match="broke off at 3 of 4 bytes"):
        _measure(3, "4")


def test_a_file_that_ends_too_early_as_if_it_were_whole_is_told_by_its_checksum(
    server: HubServer, tmp_path: Path
) -> None:
    server.fail("/files/", SHORT)
    assert "what came is not the pinned file: its sha256 is " in refusal(address(server, SHA))
    assert left(tmp_path) == []


# --- going on where it broke off ----------------------------------------------------------


@pytest.mark.parametrize("sha256", ["", SHA])
def test_a_transfer_that_broke_off_goes_on_from_there(server: HubServer, tmp_path: Path, sha256: str) -> None:
    server.fail("/files/", CUT, CUT)
    assert fetched(address(server, sha256)) == ROWS
    half = len(ROWS) // 2
    assert server.ranges == ["", f"bytes={half}-", f"bytes={half + (len(ROWS) - half) // 2}-"]
    assert left(tmp_path) == ["rows.jsonl"]


def test_the_next_run_goes_on_from_there(server: HubServer, tmp_path: Path) -> None:
    server.fail("/files/", CUT, times=FIVE)
    said = refusal(address(server))
    assert "the transfer failed (RemoteProtocolError: peer closed connection without sending complete message" in said
    assert ", 5 times. Try again later: it goes on from where it broke off. Get it on a machine" in said
    assert left(tmp_path) == [".rows.jsonl.part", ".rows.jsonl.part.mark"]
    here = (tmp_path / "cache/data/exam/.rows.jsonl.part").stat().st_size
    assert here > 0.9 * len(ROWS)
    assert fetched(address(server)) == ROWS
    assert server.ranges[FIVE:] == [f"bytes={here}-"]
    assert left(tmp_path) == ["rows.jsonl"]


def test_a_long_file_on_a_bad_line_comes_in_the_end(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 1)
    server.fail("/files/", CUT, times=8)
    assert fetched(address(server)) == ROWS


@pytest.mark.parametrize("sha256", ["", hashlib.sha256(OTHER).hexdigest()])
def test_a_file_that_changed_meanwhile_begins_anew(server: HubServer, sha256: str) -> None:
    server.fail("/files/", CUT, times=FIVE)
    refusal(address(server, sha256))
    server.pages["/files/rows.jsonl"] = OTHER
    assert fetched(address(server, sha256)) == OTHER


def test_a_server_that_sends_no_rest_sends_the_whole(server: HubServer) -> None:
    server.ranging = False
    server.fail("/files/", CUT, CUT)
    assert fetched(address(server)) == ROWS


def test_without_a_mark_and_a_checksum_nothing_is_joined(server: HubServer, tmp_path: Path) -> None:
    server.tagged = False
    server.fail("/files/", CUT, times=FIVE)
    refusal(address(server))
    assert left(tmp_path) == []
    assert fetched(address(server)) == ROWS
    assert {*server.ranges} == {""}


def test_a_checksum_tells_whether_pieces_belong_together(server: HubServer) -> None:
    server.tagged = False
    source = address(server, hashlib.sha256(OTHER).hexdigest())
    server.fail("/files/", CUT, times=FIVE)
    refusal(source)
    server.pages["/files/rows.jsonl"] = OTHER
    assert fetched(source) == OTHER
    assert server.ranges[-2].startswith("bytes=")
    assert server.ranges[-1] == "", "the pieces did not make the pinned file"


@pytest.mark.parametrize("same", [True, False])
def test_what_cannot_be_gone_on_with_begins_anew(server: HubServer, tmp_path: Path, *, same: bool) -> None:
    """Of the same address there is more than the file has; of another one nothing is of any use."""
    folder = tmp_path / "cache" / "data" / "exam"
    folder.mkdir(parents=True)
    (folder / ".rows.jsonl.part").write_bytes(OTHER * 2)
    url = f"{server.url}/files/rows.jsonl" if same else "https://x.org/rows.jsonl"
    (folder / ".rows.jsonl.part.mark").write_text(f"{url}\n\n")
    assert fetched(address(server, SHA)) == ROWS
    assert server.ranges == ([f"bytes={2 * len(ROWS)}-", ""] if same else [""])


def test_two_at_once_fetch_a_file_once(server: HubServer) -> None:
    server.fail("/files/", Answer(lasts=0.2))
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(fetched, [address(server)] * 2)] == [ROWS, ROWS]
    assert server.gets("/files/") == 1


def test_progress_is_told_in_bytes(server: HubServer) -> None:
    told: list[tuple[int, int]] = []
    server.fail("/files/", CUT)
    Supply(None).fetch("exam", address(server), lambda done, whole: told.append((done, whole)))
    assert told[-1] == (len(ROWS), len(ROWS))
    assert sorted(told) == told


# --- where it comes from ------------------------------------------------------------------


@pytest.mark.parametrize("where", ["/files/rows.jsonl", "rows.jsonl", "{url}/files/rows.jsonl"])
def test_an_address_may_send_one_on(server: HubServer, where: str) -> None:
    server.fail("/files/moved", Answer(302, location=where.format(url=server.url)))
    assert fetched(Url(url=f"{server.url}/files/moved", sha256=SHA, name="rows.jsonl")) == ROWS


def test_nobody_is_sent_from_https_to_http() -> None:
    with pytest.raises(DataError) as caught:
        _sent_on("https://x.org/a", "http://y.org/a", "Get it otherwise.", "https://x.org/b")
    assert str(caught.value) == (
        "https://x.org/a: it is sent on from https to http (y.org), which is not safe. Get it otherwise."
    )
    assert _sent_on("http://x.org/a", "https://y.org/a", "", "http://x.org/a") == "https://y.org/a"


def test_a_proxy_is_asked_where_there_is_one(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import close_session

    close_session()
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, server.url)
    server.pages["http://files.example/rows.jsonl"] = ROWS
    assert fetched(Url(url="http://files.example/rows.jsonl")) == ROWS
    assert [path for _, path, _ in server.asked] == ["http://files.example/rows.jsonl"]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer(content=PAGE, headers={"Content-Type": "text/html; charset=utf-8"}), "a page (HTML), not data"),
        (Answer(content=PAGE, headers={"Content-Type": "text/plain"}), "a page (HTML), not data"),
        (Answer(content=b"<p>Sorry</p>", headers={"Content-Type": "text/html"}), "a page (HTML), not data"),
        (Answer(content=b"\x80\x04\x95K."), "a pickle, which is a program and is never opened"),
        (Answer(content=b"PK\x03\x04\x14"), "an archive (zip)"),
    ],
)
@pytest.mark.parametrize("sha256", ["", SHA])
def test_what_is_no_data_is_not_kept(server: HubServer, tmp_path: Path, answer: Answer, what: str, sha256: str) -> None:
    server.fail("/files/", answer)
    said = f"what came is {what}; it was not kept. Open the address, and see. Get it on a machine with a network, "
    assert said in refusal(address(server, sha256))
    assert left(tmp_path) == []


def test_data_that_a_server_takes_for_a_page_are_data(server: HubServer) -> None:
    server.fail("/files/", Answer(headers={"Content-Type": "text/html"}))
    assert fetched(address(server)) == ROWS


def test_a_page_instead_of_a_file_of_the_hub_is_not_kept(server: HubServer) -> None:
    server.repos["datasets/org/exam"]["rows.jsonl"] = PAGE
    source = Hub(repo="org/exam", path="rows.jsonl", revision=COMMIT)
    assert "what the hub gives is a page (HTML), not data; it was not kept. Look at " in refusal(source)
    assert Supply(None).find("exam", source) is None


# --- the token ----------------------------------------------------------------------------


def test_the_token_does_not_go_where_the_hub_sends_one_on_to(server: HubServer) -> None:
    server.repos["datasets/org/exam"]["rows.jsonl"] = ROWS
    with serving() as elsewhere:
        elsewhere.pages["/store/rows"] = ROWS
        moved = Answer(302, location=f"{elsewhere.url}/store/rows", headers={
            "X-Repo-Commit": COMMIT, "X-Linked-ETag": f'"{SHA}"', "X-Linked-Size": str(len(ROWS)),
        })  # fmt: skip
        server.fail("/resolve/", moved, times=5)
        path = Supply(None).fetch("exam", Hub(repo="org/exam", path="rows.jsonl", revision=COMMIT, sha256=SHA))
        assert path.read_bytes() == ROWS
        assert {(path, who) for _, path, who in elsewhere.asked} == {("/store/rows", "")}
    assert {who for _, _, who in server.asked} == {f"Bearer {TOKEN}"}


def test_an_address_gets_no_token_be_it_the_hubs_own(server: HubServer) -> None:
    fetched(address(server))
    assert server.url == os.environ["HF_ENDPOINT"]
    assert {who for _, _, who in server.asked} == {""}


@pytest.mark.parametrize("ending", ["", "/", "/mirror"])
def test_a_mirror_stands_in_for_the_hub(server: HubServer, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url + ending)
    server.repos["datasets/org/exam"]["rows.jsonl"] = ROWS
    server.below = ending.rstrip("/")
    assert Supply(None).fetch("exam", Hub(repo="org/exam", path="rows.jsonl", revision=COMMIT)).read_bytes() == ROWS
    assert server.gets(f"{server.below}/datasets/org/exam/resolve/{COMMIT}/rows.jsonl") == 1
