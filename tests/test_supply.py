"""Files found on this machine, or fetched: from a hub and from addresses that behave, and from such as do not."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from medeval.errors import DataError, RequestError
from medeval.sources import Hub, Local, Source, Supply, Url, model_folder, reach
from tests.hub_server import COMMIT, CUT, OTHER_COMMIT, SHORT, TOKEN, Answer, HubServer, at_home, reached

ROWS = b'{"q": "x"}\n{"q": "y"}\n'
SHA = hashlib.sha256(ROWS).hexdigest()
REPO = "datasets/org/exam"
HUB = Hub(repo="org/exam", path="data/test.jsonl", revision=COMMIT)
PINNED = Hub(repo="org/exam", path="data/test.jsonl", revision=COMMIT, sha256=SHA)


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home(tmp_path, monkeypatch)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with reached(monkeypatch) as server:
        server.repos[REPO]["data/test.jsonl"] = ROWS
        server.pages["/files/rows.jsonl"] = ROWS
        yield server


def laid(tmp_path: Path, repo: str, path: str, content: bytes, commit: str = COMMIT) -> Path:
    """Lay a file into the client's cache by hand, as a copy from another machine would be."""
    folder = tmp_path / "hf" / "hub" / repo.replace("/", "--")
    blob = folder / "blobs" / hashlib.sha256(content).hexdigest()
    pointer = folder / "snapshots" / commit / path
    for each in (blob, pointer, folder / "refs" / "main"):
        each.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    pointer.symlink_to(os.path.relpath(blob, pointer.parent))
    (folder / "refs" / "main").write_text(commit)
    return pointer


def put(path: Path, content: bytes = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def address(server: HubServer, sha256: str = "", name: str = "") -> Url:
    return Url(url=f"{server.url}/files/rows.jsonl", sha256=sha256, name=name)


def refusal(supply: Supply, source: Source) -> str:
    with pytest.raises(DataError) as caught:
        supply.fetch("exam", source)
    (fault,) = caught.value.faults
    assert "\n" not in fault
    return fault


def unfinished(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith((".part", ".incomplete"))]


# --- on this machine ----------------------------------------------------------------------


@pytest.mark.parametrize("source", [HUB, Url(url="https://x.org/d/test.jsonl"), Local(path="test.jsonl")])
def test_a_file_in_the_folder_that_was_named_goes_before_all_caches(tmp_path: Path, source: Source) -> None:
    own = put(tmp_path / "mine" / "exam" / source.path)
    laid(tmp_path, REPO, "data/test.jsonl", b"")
    put(tmp_path / "cache" / "data" / "exam" / source.path, b"")
    for supply in (Supply(tmp_path / "mine"), Supply(tmp_path / "mine", offline=True), Supply.only(tmp_path / "mine")):
        assert supply.find("exam", source) == supply.fetch("exam", source) == supply.where("exam", source) == own


def test_whether_a_file_in_the_folder_that_was_named_is_the_pinned_one_is_for_the_task_to_say(tmp_path: Path) -> None:
    own = put(tmp_path / "exam" / "data" / "test.jsonl", b"rows of one's own")
    assert Supply(tmp_path).fetch("exam", PINNED) == own, "nothing else is fetched in its place"
    assert Supply.only(tmp_path).fetch("exam", PINNED) == own


@pytest.mark.parametrize("revision", ["", COMMIT])
@pytest.mark.parametrize("root", [None, "mine"])
def test_a_file_in_the_hub_clients_cache_is_found(tmp_path: Path, revision: str, root: str | None) -> None:
    pointer = laid(tmp_path, REPO, "data/test.jsonl", ROWS)
    supply = Supply(tmp_path / root if root else None, offline=True)
    source = Hub(repo="org/exam", path="data/test.jsonl", revision=revision, sha256=SHA)
    assert supply.find("exam", source) == supply.fetch("exam", source) == supply.where("exam", source) == pointer


def test_another_commit_in_the_cache_is_not_taken(tmp_path: Path) -> None:
    laid(tmp_path, REPO, "data/test.jsonl", ROWS, OTHER_COMMIT)
    assert Supply(None).find("exam", HUB) is None


@pytest.mark.parametrize(
    "source",
    [
        Url(url="https://x.org/d/test.jsonl"),
        Url(url="https://x.org/d/?file=7", name="US/test.jsonl"),
        Local(path="test.jsonl"),
    ],
)
def test_a_file_in_medevals_own_cache_is_found(tmp_path: Path, source: Source) -> None:
    path = put(tmp_path / "cache" / "data" / "exam" / source.path)
    assert Supply(tmp_path / "mine", offline=True).fetch("exam", source) == path
    assert Supply(None, offline=True, cache=tmp_path / "cache" / "data").fetch("exam", source) == path


@pytest.mark.parametrize(
    ("settings", "cache"),
    [
        ({"MEDEVAL_CACHE": "/big"}, "/big/data"),
        ({"MEDEVAL_CACHE": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/medeval/data"),
        ({"MEDEVAL_CACHE": "", "HOME": "/home/me"}, "/home/me/.cache/medeval/data"),
    ],
)
def test_medevals_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], cache: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert Supply(None).where("exam", Url(url="https://x.org/rows.csv")) == Path(cache) / "exam" / "rows.csv"
    assert Supply(None).where("exam", Local(path="rows.csv")) == Path(cache) / "exam" / "rows.csv"


@pytest.mark.parametrize(
    ("settings", "cache"),
    [
        ({"HF_HUB_CACHE": "/big"}, "/big"),
        ({"HF_HOME": "/hf"}, "/hf/hub"),
        ({"HF_HOME": "$HOME/hf", "HOME": "/home/me"}, "/home/me/hf/hub"),
    ],
)
def test_the_hub_clients_cache_is_where_its_variables_say(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], cache: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    expected = Path(cache) / "datasets--org--exam" / "snapshots" / COMMIT / "data" / "test.jsonl"
    assert Supply(None).where("exam", HUB) == expected
    said = "import huggingface_hub.constants as it; print(it.HF_HUB_CACHE)"
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout
    assert told.strip() == cache, "the client itself says so"


def test_what_is_missing_would_be_looked_for_in_the_folder_that_was_named_first(tmp_path: Path) -> None:
    for source in (HUB, Local(path="rows.csv"), Url(url="https://x.org/rows.csv")):
        assert Supply(tmp_path).where("exam", source) == tmp_path / "exam" / source.path


def test_a_supply_of_one_folder_knows_no_cache_and_no_network(tmp_path: Path) -> None:
    laid(tmp_path, REPO, "data/test.jsonl", ROWS)
    supply = Supply.only(tmp_path / "samples")
    assert supply.offline
    assert supply.find("exam", HUB) is None
    assert refusal(supply, HUB) == (
        f"hub:org/exam@cccccccc/data/test.jsonl: not on this machine, and nothing may be downloaded (looked for "
        f"{tmp_path}/samples/exam/data/test.jsonl). On a machine with a network run `hf download org/exam "
        f"data/test.jsonl --repo-type dataset --revision {COMMIT}`, and copy the file to "
        f"{tmp_path}/samples/exam/data/test.jsonl."
    )


# --- offline ------------------------------------------------------------------------------


def test_offline_a_missing_file_of_the_hub_is_told_with_how_to_bring_it(tmp_path: Path) -> None:
    cached = tmp_path / "hf" / "hub" / "datasets--org--exam"
    looked = f"{cached}/snapshots/main/my rows.csv and {tmp_path}/cache/data/exam/my rows.csv"
    source = Hub(repo="org/exam", path="my rows.csv")
    assert refusal(Supply(None, offline=True), source) == (
        f"hub:org/exam@main/my rows.csv: not on this machine, and nothing may be downloaded (looked for {looked}). "
        "On a machine with a network run `hf download org/exam 'my rows.csv' --repo-type dataset`, and copy the file "
        f"to DIR/exam/my rows.csv with --data DIR, or {cached.name} of its cache to {cached}."
    )


def test_offline_a_missing_file_of_an_address_is_told_with_how_to_bring_it(tmp_path: Path) -> None:
    own, cached = tmp_path / "mine" / "exam" / "rows.csv", tmp_path / "cache" / "data" / "exam" / "rows.csv"
    assert refusal(Supply(tmp_path / "mine", offline=True), Url(url="https://x.org/rows.csv")) == (
        f"https://x.org/rows.csv: not on this machine, and nothing may be downloaded (looked for {own} and {cached}). "
        f"Get it on a machine with a network, and put it at {own}."
    )


@pytest.mark.parametrize("offline", [False, True])
def test_a_missing_file_of_ones_own_is_never_fetched(tmp_path: Path, *, offline: bool) -> None:
    own, cached = tmp_path / "mine" / "exam" / "rows.csv", tmp_path / "cache" / "data" / "exam" / "rows.csv"
    assert refusal(Supply(tmp_path / "mine", offline=offline), Local(path="rows.csv")) == (
        f"a file of your own: rows.csv: not there (looked for {own} and {cached}). "
        "Put it there, or name the folder that has it with --data DIR, or try --data sample."
    )


@pytest.mark.parametrize("name", ["MEDEVAL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_environment_can_forbid_the_network(hub: HubServer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert not Supply(None).offline
    monkeypatch.setenv(name, "1")
    assert Supply(None).offline
    for source in (HUB, address(hub)):
        assert "nothing may be downloaded" in refusal(Supply(None), source)
    with pytest.raises(RequestError, match="nothing may be downloaded"):
        model_folder("org/model")
    assert hub.asked == []


def test_offline_a_damaged_file_of_a_cache_is_refused(tmp_path: Path) -> None:
    pointer = laid(tmp_path, REPO, "data/test.jsonl", b"damaged")
    assert refusal(Supply(None, offline=True), PINNED).startswith(f"{pointer}: sha256 is ")


OFFLINE = """
    import sys
    from pathlib import Path
    opened = []

    def hook(event, args):
        if event.startswith("socket."):
            opened.append(event)  # noted, because the client swallows what its telemetry raises
            raise RuntimeError("a socket")

    sys.addaudithook(hook)  # told of every socket and every name that is looked up, whoever does it
    from medeval.errors import RequestError
    from medeval.sources import Hub, Local, Supply, Url, model_folder

    assert "huggingface_hub" not in sys.modules, "importing is light"
    supply, commit = Supply(None, offline=True), "c" * 40
    print(supply.fetch("exam", Hub(repo="org/exam", path="data/test.jsonl", revision=commit)))
    print(supply.fetch("exam", Hub(repo="org/exam", path="data/test.jsonl")))
    print(model_folder("org/model", offline=True))
    print(model_folder("org/model", commit, offline=True))
    for missing in (
        lambda: supply.fetch("exam", Hub(repo="org/other", path="a")), lambda: model_folder("org/no", offline=True),
        lambda: supply.fetch("exam", Url(url="http://localhost/a")), lambda: supply.fetch("exam", Local(path="a")),
        lambda: Supply.only(Path("x")).fetch("exam", Hub(repo="org/exam", path="data/test.jsonl")),
    ):
        try:
            missing()
        except RequestError:
            continue
        raise SystemExit("it was there")
    print(opened)
"""


def test_offline_no_socket_is_opened(tmp_path: Path) -> None:
    pointer = laid(tmp_path, REPO, "data/test.jsonl", ROWS)
    model = laid(tmp_path, "models/org/model", "config.json", b"{}").parent
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(OFFLINE)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [str(pointer), str(pointer), str(model), str(model), "[]"], done.stderr


# --- from the hub -------------------------------------------------------------------------


@pytest.mark.parametrize("source", [PINNED, Hub(repo="org/exam", path="data/test.jsonl")])
def test_a_file_of_the_hub_is_downloaded_once(hub: HubServer, tmp_path: Path, source: Hub) -> None:
    supply = Supply(tmp_path / "mine")
    path = supply.fetch("exam", source)
    assert path.read_bytes() == ROWS
    assert path == tmp_path / "hf/hub/datasets--org--exam/snapshots" / COMMIT / "data/test.jsonl"
    asked = len(hub.asked)
    assert supply.find("exam", source) == supply.fetch("exam", source) == path
    assert Supply(None, offline=True).fetch("exam", source) == path
    assert len(hub.asked) == asked
    assert not (tmp_path / "mine").exists(), "nothing is written into the user's own folder"


def test_the_token_goes_to_the_hub_and_to_nobody_else(hub: HubServer) -> None:
    Supply(None).fetch("exam", HUB)
    Supply(None).fetch("exam", address(hub))
    assert {who for _, path, who in hub.asked if "resolve" in path} == {f"Bearer {TOKEN}"}
    assert {who for _, path, who in hub.asked if "files" in path} == {""}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, "RepoNotFound"), r"no such repository, or a private one\. Check its name at \S+/org/exam;"),
        (Answer(401, "RepoNotFound"), r"if it is private, set HF_TOKEN, or run `hf auth login`\."),
        (Answer(401, "GatedRepo"), r"Accept the conditions at \S+/datasets/org/exam, then set HF_TOKEN, or run"),
        (Answer(403, "GatedRepo"), r"its makers ask for consent\. "),
        (Answer(404, "RevisionNotFound"), rf"no revision '{COMMIT}'\. Look for it at \S+/org/exam/commits/main"),
        (Answer(404, "EntryNotFound"), rf"no such file at this revision\. Look for it at \S+/tree/{COMMIT}\."),
        (Answer(401), r"the hub refuses access \(401\)\. .* `hf auth login`"),
        (Answer(403), r"the hub refuses access \(403\)\. .* `hf auth login`"),
        (Answer(400), r"the hub at http://127\S+ answers 400\."),
        (Answer(503), r"the hub at http://127\S+ answers 503\. Try again later\. On a machine with .*--data DIR"),
        (Answer(429), r"answers 429\. Try again later\."),
        (Answer(no_hub=True), r"what answers at http://127\S+ is no hub\. Check HF_ENDPOINT and the proxy\. On a "),
    ],
)  # fmt: skip
def test_what_the_hub_refuses_is_said_in_a_sentence_with_what_to_do(hub: HubServer, answer: Answer, said: str) -> None:
    hub.fail("/resolve/", answer, times=20)
    with pytest.raises(DataError, match=rf"^hub:org/exam@cccccccc/data/test\.jsonl: .*{said}") as caught:
        Supply(None).fetch("exam", HUB)
    assert "\n" not in str(caught.value)


def test_what_is_not_on_the_hub_is_told_apart(hub: HubServer) -> None:
    for source, said in {
        Hub(repo="org/none", path="a", revision=COMMIT): "no such repository",
        Hub(repo="org/exam", path="a", revision=COMMIT): "no such file at this revision",
        Hub(repo="org/exam", path="a", revision=OTHER_COMMIT): "no revision 'dddd",
        Hub(repo="a/b/c", path="a"): "'a/b/c' is no name on the hub. One looks like org/name.",
    }.items():
        assert said in refusal(Supply(None), source)


def test_a_hub_that_cannot_be_reached_is_told_with_another_way(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        said = refusal(Supply(tmp_path / "mine"), HUB)
        with pytest.raises(RequestError, match=r"^Model 'org/model': the hub at \S+ cannot be reached"):
            model_folder("org/model")
    assert "cannot be reached (ConnectError" in said
    assert said.endswith(
        f"and copy the file to {tmp_path}/mine/exam/data/test.jsonl, or datasets--org--exam of its cache to "
        f"{tmp_path}/hf/hub/datasets--org--exam."
    )


@pytest.fixture
def lookups(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that somebody wanted an address for, on a machine that knows none but its own."""
    names: list[str] = []
    known = socket.getaddrinfo

    def looked_up(host: str, *args: Any, **more: Any) -> Any:
        if str(host).startswith("127."):
            return known(host, *args, **more)
        names.append(str(host))
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(reach, "_FOUND", {})
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("what is not passing is waited for"))
    return names


def test_a_hub_whose_name_nobody_knows_is_asked_once(lookups: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.invalid")
    for source in (HUB, PINNED, Hub(repo="org/other", path="a.jsonl")):
        assert (
            f"{source.said}: the hub at https://hub.invalid cannot be reached (ConnectError: [Errno -2] Name or "
            "service not known). Check the network and the proxy. On a machine with a network run `hf download "
        ) in refusal(Supply(None), source)
    assert lookups == ["hub.invalid"] * 2, "once by us, once by the session of the hub's client"


def test_an_address_whose_name_nobody_knows_is_asked_once(lookups: list[str]) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        url = f"https://files.invalid/{name}"
        assert refusal(Supply(None), Url(url=url)).startswith(
            f"{url}: files.invalid cannot be reached (ConnectError: [Errno -2] Name or service not known). "
            "Check the network and the proxy. Get it on a machine with a network, and put it at "
        )
    assert lookups == ["files.invalid"]
    assert "other.invalid cannot be reached" in refusal(Supply(None), Url(url="https://other.invalid/a.jsonl"))


def test_a_host_that_one_is_sent_on_to_is_told(hub: HubServer, lookups: list[str]) -> None:
    hub.fail("/files/", Answer(302, location="https://store.invalid/a"), times=9)
    for _ in range(2):
        said = refusal(Supply(None), address(hub))
        assert said.startswith(f"{hub.url}/files/rows.jsonl: store.invalid cannot be reached (ConnectError: ")
    assert lookups == ["store.invalid"]


def test_a_lost_host_is_asked_again_after_a_while(lookups: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    source = Url(url="https://files.invalid/a.jsonl")
    refusal(Supply(None), source)
    later = time.monotonic() + 301
    monkeypatch.setattr("time.monotonic", lambda: later)
    refusal(Supply(None), source)
    assert lookups == ["files.invalid"] * 2


def test_a_proxy_may_know_a_name_that_this_machine_does_not(
    hub: HubServer, lookups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import close_session

    close_session()
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, hub.url)
    hub.below = "http://hub.invalid"
    assert Supply(None).fetch("exam", PINNED).read_bytes() == ROWS
    assert {*lookups} == {"hub.invalid"}


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EHOSTUNREACH])
@pytest.mark.parametrize("routed", [True, False])
def test_a_network_that_is_unreachable_is_told_at_the_first_try_and_a_host_is_tried_again(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, number: int, *, routed: bool
) -> None:
    """Of a host that has addresses of both kinds, the fault of the last one is told: it says nothing of the first."""
    tried: list[object] = []

    def unreachable(where: object, *_: Any, **__: Any) -> NoReturn:
        tried.append(where)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(reach, "_FOUND", {})
    monkeypatch.setattr(reach, "_has_way", lambda url: routed)
    monkeypatch.setattr(socket, "create_connection", unreachable)
    said = refusal(Supply(None), Url(url="http://127.0.0.2/a.jsonl"))
    assert len(tried) == (5 if routed else 1)
    assert ("5 times. Try again later." if routed else "127.0.0.2 cannot be reached (ConnectError: ") in said


def test_a_way_is_looked_for_without_a_word_to_the_host(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reach.asked(hub.url) == ""
    assert hub.asked == [], "where a way leads to it the client asks by itself"


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), CUT])
def test_what_goes_wrong_once_is_tried_again(hub: HubServer, answer: Answer) -> None:
    hub.fail("/resolve/", answer)
    assert Supply(None).fetch("exam", PINNED).read_bytes() == ROWS


@pytest.mark.parametrize("answer", [CUT, SHORT])
def test_a_transfer_that_breaks_off_leaves_nothing(hub: HubServer, tmp_path: Path, answer: Answer) -> None:
    hub.fail("/resolve/", answer, times=20)
    assert "the transfer broke off, and nothing of it was kept. Try again." in refusal(Supply(None), HUB)
    assert unfinished(tmp_path) == []
    assert Supply(None).find("exam", HUB) is None
    hub.faults.clear()
    assert Supply(None).fetch("exam", HUB).read_bytes() == ROWS


def test_another_content_than_the_pinned_one_is_not_kept(hub: HubServer, tmp_path: Path) -> None:
    hub.repos[REPO]["data/test.jsonl"] = b"something else"
    said = refusal(Supply(None), PINNED)
    found = hashlib.sha256(b"something else").hexdigest()[:12]
    assert f"not the pinned file: its sha256 is {found}…, the task pins {SHA[:12]}…; it was not kept." in said
    assert Supply(None).find("exam", PINNED) is None
    assert not [path for path in (tmp_path / "hf").rglob("blobs/*") if path.read_bytes() != ROWS]
    before = hub.gets("/resolve/")
    refusal(Supply(None), PINNED)
    assert hub.gets("/resolve/") > before, "a second run asks the hub again"
    hub.repos[REPO]["data/test.jsonl"] = ROWS
    assert Supply(None).fetch("exam", PINNED).read_bytes() == ROWS


def test_a_damaged_file_of_the_clients_cache_is_downloaded_again(hub: HubServer) -> None:
    path = Supply(None).fetch("exam", PINNED)
    path.resolve().write_bytes(b"damaged")
    assert Supply(None).fetch("exam", PINNED) == path
    assert path.read_bytes() == ROWS


def test_an_outdated_file_gives_way_to_the_pinned_one_and_stays_where_it_was(hub: HubServer, tmp_path: Path) -> None:
    old = laid(tmp_path, REPO, "data/test.jsonl", b"of yesterday", OTHER_COMMIT)
    source = Hub(repo="org/exam", path="data/test.jsonl", sha256=SHA)
    assert Supply(None).fetch("exam", source).read_bytes() == ROWS
    assert old.read_bytes() == b"of yesterday"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full. Make room, or name a folder on another disk with HF_HOME."),
        (errno.EACCES, "cannot be written. Name a folder of your own with HF_HOME."),
        (errno.EIO, "the hub's client fails (OSError: [Errno 5] "),
    ],
)
def test_a_disk_that_takes_nothing_is_told(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def full(*args: Any, **kwargs: Any) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    assert said in refusal(Supply(None), HUB)
    assert unfinished(tmp_path) == []


def test_the_client_draws_no_bars_where_nobody_sees_them(hub: HubServer, capfd: pytest.CaptureFixture[str]) -> None:
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, enable_progress_bars

    enable_progress_bars()
    Supply(None).fetch("exam", HUB)
    assert are_progress_bars_disabled()
    assert capfd.readouterr() == ("", "")


# --- from an address ----------------------------------------------------------------------


@pytest.mark.parametrize("sha256", ["", SHA])
@pytest.mark.parametrize(("name", "path"), [("", "rows.jsonl"), ("US/test.jsonl", "US/test.jsonl")])
def test_a_file_of_an_address_is_downloaded_once(
    hub: HubServer, tmp_path: Path, sha256: str, name: str, path: str
) -> None:
    source, supply = address(hub, sha256, name), Supply(tmp_path / "mine")
    assert supply.fetch("exam", source) == tmp_path / "cache" / "data" / "exam" / path
    assert supply.fetch("exam", source).read_bytes() == ROWS
    assert hub.gets("/files/") == 1
    assert not (tmp_path / "mine").exists(), "nothing is written into the user's own folder"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.org/a", "/etc/passwd", "x.org/a"])
def test_only_addresses_of_the_web_are_fetched(url: str) -> None:
    assert refusal(Supply(None), Url(url=url)).startswith(f"{url}: only addresses of http and https are fetched.")


def test_another_content_at_an_address_than_the_pinned_one_is_not_kept(hub: HubServer, tmp_path: Path) -> None:
    hub.pages["/files/rows.jsonl"] = b"something else"
    assert "what came is not the pinned file: its sha256 is " in refusal(Supply(None), address(hub, SHA))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_damaged_file_of_medevals_cache_is_downloaded_again(hub: HubServer, tmp_path: Path) -> None:
    put(tmp_path / "cache" / "data" / "exam" / "rows.jsonl", b"damaged")
    assert Supply(None).fetch("exam", address(hub, SHA)).read_bytes() == ROWS


def test_an_address_that_nobody_serves_is_told(hub: HubServer) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/rows.csv"
        assert refusal(Supply(None), Url(url=url)).startswith(f"{url}: the transfer failed (ConnectError: ")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "its disk is full. "), (errno.EROFS, "it cannot be written (Read-only file system). ")],
)
def test_a_cache_that_takes_nothing_is_told(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def full(file: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", full)
    folder = tmp_path / "cache" / "data" / "exam"
    assert refusal(Supply(None), address(hub)) == f"{folder}: {said}Name another folder with MEDEVAL_CACHE."
    assert list(folder.iterdir()) == []


# --- models -------------------------------------------------------------------------------


@pytest.fixture
def model(hub: HubServer) -> HubServer:
    names = (
        "model-1.safetensors", "config.json", "tokenizer.model", "merges.txt", "chat_template.jinja",
        "pytorch_model.bin", "weights.pt", "modeling.py", "training.pkl",
    )  # fmt: skip
    hub.repos["models/org/model"] = {name: name.encode() for name in names}
    return hub


@pytest.mark.parametrize("revision", ["", "main", COMMIT])
def test_of_a_model_comes_what_is_safe_and_needed(model: HubServer, tmp_path: Path, revision: str) -> None:
    folder = model_folder("org/model", revision)
    assert folder == tmp_path / "hf/hub/models--org--model/snapshots" / COMMIT
    assert {path.name for path in folder.iterdir()} == {
        "model-1.safetensors", "config.json", "tokenizer.model", "merges.txt", "chat_template.jinja",
    }  # fmt: skip
    asked = len(model.asked)
    assert model_folder("org/model", revision, offline=True) == folder
    assert len(model.asked) == asked


def test_code_of_a_model_comes_only_if_one_says_so(model: HubServer) -> None:
    folder = model_folder("org/model")
    with pytest.raises(RequestError, match=r"^Model 'org/model': it is not whole on this machine"):
        model_folder("org/model", offline=True, code=True)
    assert not (folder / "modeling.py").exists()
    assert (model_folder("org/model", code=True) / "modeling.py").is_file()
    assert not (folder / "pytorch_model.bin").exists()


def test_a_model_that_was_laid_into_the_cache_by_hand_is_found(tmp_path: Path) -> None:
    folder = laid(tmp_path, "models/org/model", "config.json", b"{}").parent
    assert model_folder("org/model", offline=True) == model_folder("org/model", COMMIT, offline=True) == folder


def test_offline_a_missing_model_is_told_with_how_to_bring_it(tmp_path: Path) -> None:
    here = tmp_path / "hf" / "hub" / "models--org--model"
    with pytest.raises(RequestError) as caught:
        model_folder("org/model", "v2", offline=True)
    assert str(caught.value) == (
        f"Model 'org/model' at v2: it is not whole on this machine, and nothing may be downloaded. On a machine with a "
        f"network run `hf download org/model --revision v2`, and copy models--org--model of its cache to {here} here."
    )


@pytest.mark.parametrize(
    ("name", "revision", "answer", "said"),
    [
        ("./models/mine", "", Answer(), "'./models/mine' is no name on the hub. One looks like org/name."),
        ("org/none", "", Answer(), "no such repository, or a private one. Check its name at "),
        ("org/model", "v9", Answer(), "the repository has no revision 'v9'. "),
        ("org/model", "", Answer(401, "GatedRepo"), "its makers ask for consent. Accept the conditions at "),
        ("org/model", "", Answer(403), "the hub refuses access (403). "),
        ("org/model", "", Answer(500), " answers 500. Try again later. On a machine with a network run `hf download "),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_had_is_told(
    model: HubServer, name: str, revision: str, answer: Answer, said: str
) -> None:
    if answer.status != 200:
        model.fail("/models/", answer, times=20)
    with pytest.raises(RequestError) as caught:
        model_folder(name, revision)
    assert said in str(caught.value)
    assert not isinstance(caught.value, DataError)
    assert "\n" not in str(caught.value)
