"""medeval baseline: accept, list, show and verify, and one sentence for what cannot be pinned."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from medeval.baselines.files import Baseline, _sealed
from medeval.comparing.sides import PRIVATE
from tests.nights import MODEL, SETTING, marked, night

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(command: Said) -> Said:
    """Run the verb in the folder of the test."""
    return partial(command, "baseline")


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three runs of one model, and one of another."""
    home = tmp_path / "reports"
    for place, label in enumerate(("m-2026-11-01", "m-2026-11-02", "m-2026-11-03")):
        night(home, label, marked(150 - place, 200))
    night(home, "other", marked(150, 200), model=replace(MODEL, model="org/other"))
    return home


RUNS = ("m-2026-11-01", "m-2026-11-02", "m-2026-11-03")


def test_accept_writes_a_file_and_tells_what_is_in_it(said: Said, three: Path) -> None:
    code, out, err = said("accept", *RUNS, "--reason", "The first release.", "--name", "m")
    assert (code, err) == (0, "")
    assert out.rstrip().splitlines()[-1] == "reports/baselines/m.001.json"
    assert "m.001, accepted " in out
    assert "of m-2026-11-01, m-2026-11-02, m-2026-11-03: The first release." in out
    (row,) = [line for line in out.splitlines() if line.startswith("medqa ")]
    assert re.split(r"\s{2,}", row)[:7] == [
        "medqa", "accuracy", "74.50", "75.00, 74.50, 74.00", "200", "3", "0.7 %",
    ]  # fmt: skip
    data = json.loads((three / "baselines" / "m.001.json").read_text())
    assert f"sha256 {data['checksum']}" in out
    code, out, _ = said("accept", *RUNS, "--reason", "Again.", "--name", "m", "--json")
    assert (code, json.loads(out)["number"]) == (0, 2)


def test_what_cannot_be_accepted_is_two_and_says_why(said: Said, three: Path) -> None:
    for words, wanted in (
        ((*RUNS, "--reason", " "), "--reason: say in a sentence"),
        ((*RUNS[:2], "--reason", "x"), "2 of at least 3 runs"),
        ((*RUNS[:2], RUNS[0], "--reason", "x"), "named twice"),
        ((*RUNS[:2], "other", "--reason", "x"), "Pin runs of one model"),
        ((*RUNS[:2], "nobody", "--reason", "x"), "no results there"),
    ):
        code, out, err = said("accept", *words)
        assert (code, out) == (2, ""), words
        assert wanted in err
    assert not (three / "baselines").exists()
    code, _, err = said("accept", *RUNS)
    assert code == 2
    assert "--reason" in err


def test_fewer_are_pinned_where_that_is_said(said: Said, three: Path) -> None:
    code, out, _ = said("accept", RUNS[0], "--reason", "One.", "--few")
    assert code == 0
    assert out.rstrip().endswith("reports/baselines/m-2026-11-01.001.json")
    assert three.is_dir()


def test_names_of_tasks_may_have_blanks_between(said: Said, three: Path) -> None:
    night(three, RUNS[0], marked(8, 10), task="pubmedqa")
    code, out, _ = said("accept", RUNS[0], "--reason", "One.", "--few", "--tasks", "medqa, pubmedqa", "--json")
    assert code == 0
    assert [cell["cell"] for cell in json.loads(out)["cells"]] == ["medqa", "pubmedqa"]


def test_list_show_and_verify(said: Said, three: Path) -> None:
    assert said("list") == (0, "No baseline is pinned there. `medeval baseline accept` pins one.\n", "")
    assert said("verify")[0] == 5
    for reason in ("The first.", "第二次发布。"):
        said("accept", *RUNS, "--reason", reason, "--name", "m")
    code, out, _ = said("list")
    assert code == 0
    rows = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines()]
    assert [row[0] for row in rows] == ["file", "m.001.json", "m.002.json"]
    assert rows[2][2:] == ["1", "3", ", ".join(RUNS), "第二次发布。", "as it was written"]
    assert [each["file"] for each in json.loads(said("list", "--json")[1])] == ["m.001.json", "m.002.json"]
    assert "m.002, accepted" in said("show", "m")[1]
    assert "m.001, accepted" in said("show", "m.001")[1]
    assert json.loads(said("show", "m.001", "--json")[1])["reason"] == "The first."
    assert said("verify")[0] == said("verify", "m")[0] == said("verify", "m.001")[0] == 0
    assert said("verify", "n")[0] == 5
    code, _, err = said("show", "n")
    assert (code, err.startswith("medeval: Baseline 'n': not in reports/baselines (there: m).")) == (2, True)


def test_a_byte_that_was_changed_is_four_and_the_others_are_told_to_be_whole(said: Said, three: Path) -> None:
    for _ in range(2):
        said("accept", *RUNS, "--reason", "One.", "--name", "m")
    path = three / "baselines" / "m.001.json"
    path.write_bytes(path.read_bytes().replace(b"One.", b"Two."))
    code, out, err = said("verify")
    assert (code, err) == (4, "")
    first, second = out.splitlines()[1:]
    assert "was changed after it was accepted" in first
    assert second.endswith("as it was written")
    assert said("verify", "m.002")[0] == 0
    assert said("list")[0] == 0
    code, out, err = said("show", "m.001")
    assert (code, out) == (4, "")
    assert "Restore it from git" in err


def test_a_reason_steers_no_terminal(said: Said, three: Path) -> None:
    code, out, _ = said("accept", *RUNS, "--reason", "x\n\x1b[2Jm.002  \u202eforged", "--name", "m")
    assert code == 0
    for told in (out, said("list")[1], said("show", "m")[1]):
        assert "\x1b" not in told
        assert "\u202e" not in told
        assert not [line for line in told.splitlines() if line.startswith("m.002")]
    assert three.is_dir()


def test_a_baseline_of_an_exam_of_ones_own_says_so_and_no_other(said: Said, tmp_path: Path) -> None:
    home = tmp_path / "reports"
    night(home, "m", marked(15, 20), "pharmacy", setting=replace(SETTING, data="own"))
    night(home, "m", marked(15, 20))
    out = said("accept", "m", "--reason", "One.", "--few", "--name", "all")[1]
    assert PRIVATE in out.splitlines()
    assert PRIVATE in said("show", "all")[1].splitlines()
    assert PRIVATE not in said("accept", "m", "--reason", "One.", "--few", "--tasks", "medqa")[1]


def test_what_was_recorded_by_an_older_medeval_is_as_it_was_written_and_is_read(said: Said, tmp_path: Path) -> None:
    """There an estimate has the mean of all takes between the limits of the first."""
    (tmp_path / "reports" / "baselines").mkdir(parents=True)
    for place in range(3):
        night(tmp_path / "reports", f"m{place}", marked(15 - place, 20))
    said("accept", "m0", "m1", "m2", "--reason", "As it was.", "--name", "old")
    path = tmp_path / "reports" / "baselines" / "old.001.json"
    was = json.loads(path.read_text(encoding="utf-8"))
    was["cells"][0]["result"]["estimates"][0] |= {"low": 0.5, "high": 0.9, "method": "wilson", "takes": 1}
    path.write_bytes(_sealed(msgspec.convert(was | {"checksum": ""}, Baseline)))
    code, out, _ = said("verify")
    assert (code, out.splitlines()[1].endswith("as it was written")) == (0, True)
    (row,) = [line for line in said("show", "old")[1].splitlines() if line.startswith("medqa ")]
    assert re.split(r"\s{2,}", row)[2:4] == ["70.00", "75.00, 70.00, 65.00"]
