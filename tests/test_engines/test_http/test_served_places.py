"""Where a server is: its address, its name of the model, and a key that is nowhere to be seen."""

import pytest

from medeval.engines.http import HTTP, parted, seen
from medeval.engines.http.places import client_options, key, line
from medeval.errors import RequestError
from tests.served_badly import serving

HERE = "http://127.0.0.1:8000/v1"


def refused(model: str, *, offline: bool = False) -> str:
    with pytest.raises(RequestError) as fault:
        parted(model, offline=offline)
    assert len(fault.value.faults) == 1
    return fault.value.faults[0]


def test_a_name_is_parted_from_its_address_without_a_connection() -> None:
    assert parted(f"{HERE}#org/name#2") == (HERE, "org/name#2")
    assert parted(f"{HERE}/#tiny") == (HERE, "tiny")


@pytest.mark.parametrize(
    "model",
    ["http:", "http://", "http:///v1#x", "http://h:0/v1#x", "http://h:99999/v1#x", "http://h:a/v1#x", "http://[x/v1#x",
     "http://h/v1?key=1#x", "http://a b/v1#x"],
)  # fmt: skip
def test_an_address_of_another_form_is_a_sentence(model: str) -> None:
    assert refused(model).endswith("a server is named as http://HOST:PORT/v1#NAME.")


@pytest.mark.parametrize("rest", ["h/v1#x", "h:99999/v1#x", "h/v1?a=1#x", "h:a/v1#x"])
def test_a_password_in_an_address_is_refused_and_not_shown(rest: str) -> None:
    said = refused(f"http://me:passw0rd@{rest}")
    assert "passw0rd" not in said
    assert "--key-from" in said


def test_offline_only_this_machine_is_asked() -> None:
    assert "--offline" in refused("https://api.example.org/v1#x", offline=True)
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert parted(f"http://{host}:1/v1#x", offline=True)[1] == "x"


def test_the_name_of_an_only_model_can_be_left_out() -> None:
    with serving() as server:
        assert parted(server.url) == (server.url, "tiny")
        assert seen(server.url) == f"{server.url} serves tiny"
        server.models = ["one", "two"]
        assert "it serves one, two" in refused(server.url)


def test_where_nobody_answers_is_a_sentence() -> None:
    assert "no server answers there" in refused("http://127.0.0.1:1/v1")
    assert "no server answers there" in seen("http://127.0.0.1:1/v1")


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_variable_without_a_key_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("THEIR_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("THEIR_KEY", value)
    with pytest.raises(RequestError, match="--key-from THEIR_KEY"):
        HTTP(HERE, "tiny", key_from="THEIR_KEY")


@pytest.mark.parametrize("value", ["sk-schlüssel", "sk-a\nb", "sk-a\x00b"])
def test_a_key_that_no_header_takes_is_told_without_showing_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    if "\x00" in value:
        monkeypatch.setattr("os.environ", {"THEIR_KEY": value})
    else:
        monkeypatch.setenv("THEIR_KEY", value)
    with pytest.raises(RequestError) as fault:
        HTTP(HERE, "tiny", key_from="THEIR_KEY")
    assert "sk-" not in str(fault.value)


def test_a_lines_end_is_no_part_of_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", "sk-one\r\n")
    assert key("THEIR_KEY") == "sk-one"
    assert client_options(HERE, "THEIR_KEY")["headers"] == {"Authorization": "Bearer sk-one"}


def test_no_connection_follows_elsewhere_and_this_machine_needs_no_proxy() -> None:
    assert client_options(HERE, "") == {"headers": {}, "follow_redirects": False, "trust_env": False}
    assert client_options("https://api.example.org/v1", "")["trust_env"]


def test_what_a_server_says_is_one_short_line_without_the_key() -> None:
    assert line("a\n\tb sk-1 c", "sk-1") == "a b … c"
    assert len(line("x" * 999)) == 300


@pytest.mark.parametrize(("most", "timeout"), [(0, 1.0), (1, 0.0), (1, float("nan"))])
def test_no_request_at_once_and_no_time_cannot_be(most: int, timeout: float) -> None:
    with pytest.raises(RequestError):
        HTTP(HERE, "tiny", at_once=most, timeout=timeout)
