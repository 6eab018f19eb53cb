"""medeval parity: what is printed, what is written, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from medeval.cli import app
from medeval.parity import own_folder

FLOOR = """
title = "A paper"
source = "Somebody, 2025"
[floor]
task = "pubmedqa"
title = "majority answer"
manner = "yes to all"
metric = "accuracy"
published = "56.0"
count = 14
n = 25
model = "baseline:majority"
"""


def parity(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["parity", *[str(word) for word in words]], catch_exceptions=False)


@pytest.fixture
def floor(tmp_path: Path) -> Path:
    """A number that the project's own rows of PubMedQA give: 14 of 25."""
    path = tmp_path / "floor.toml"
    path.write_text(FLOOR, encoding="utf-8")
    return path


def test_what_agrees_is_a_table_and_exit_0(floor: Path) -> None:
    said = parity("--references", floor, "--data", "sample")
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        "task      reference        published  its protocol   ours   95 % interval   n  difference  verdict",
        "pubmedqa  majority answer       56.0  yes to all    56.00  37.07 to 73.33  25        0.00  exact",
        "",
    ]


def test_what_drifts_is_exit_1_with_both_numbers(floor: Path) -> None:
    floor.write_text(FLOOR.replace("56.0", "60.0").replace("14", "15"), encoding="utf-8")
    said = parity("--references", floor, "--data", "sample")
    assert said.exit_code == 1
    assert said.stdout.splitlines()[-1] == (
        "drift: pubmedqa, majority answer: the same answers give 14 of 25 (56.00), published is 15 (60.0)."
    )


def test_other_samples_are_exit_4(floor: Path) -> None:
    floor.write_text(FLOOR.replace("n = 25", "n = 500").replace("14", "280"), encoding="utf-8")
    said = parity("--references", floor, "--data", "sample")
    assert said.exit_code == 4
    assert "not comparable: pubmedqa, majority answer: ours rests on 25 samples; published on 500." in said.stdout


def test_nothing_to_compare_is_exit_5_and_all_is_listed(tmp_path: Path) -> None:
    said = parity("--task", "medmcqa", "--task", "aci_bench", "--outputs", tmp_path)
    assert said.exit_code == 5
    words = [line.split("  ")[-1] for line in said.stdout.partition("\n\n")[0].splitlines()[1:]]
    assert set(words) == {"absent", "not run"}


def test_json_holds_every_number_and_the_same_exit_code(floor: Path) -> None:
    floor.write_text(FLOOR.replace("count = 14\n", "").replace("56.0", "57"), encoding="utf-8")
    said = parity("--references", floor, "--data", "sample", "--json")
    assert said.exit_code == 1
    (line,) = json.loads(said.stdout)
    assert (line["verdict"]["word"], line["declared"]["reference"]["published"]) == ("drift", "57")
    assert (line["ours"]["value"], line["ours"]["n"]) == (14 / 25, 25)


def test_a_page_is_written_beside_the_table(floor: Path, tmp_path: Path) -> None:
    page = tmp_path / "site" / "parity.html"
    parity("--references", floor, "--data", "sample", "--page", page)
    text = page.read_text(encoding="utf-8")
    assert "The one published number that was compared came out again." in text
    assert "14 of 25" in text


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--task", "medqua"), "No number is declared for medqua"),
        (("--model", "org/name"), "--model org/name: say NAME=PATH"),
        (("--model", "org/name=x"), "--model org/name: no number is declared for it"),
        (("--references", "nowhere.toml"), "nowhere.toml: no references there"),
        (("--page", "."), "is a folder. Name a file for the page."),
    ],
)
def test_a_wrong_request_is_exit_2_and_a_sentence(words: tuple[str, ...], fault: str) -> None:
    from medeval.errors import RequestError

    with pytest.raises(RequestError) as refused:
        parity(*words)
    assert refused.value.exit_code == 2
    assert fault in str(refused.value)


def test_the_help_tells_the_exit_codes() -> None:
    said = " ".join(parity("--help").stdout.split())
    assert "0 all that was compared agrees, 1 one drifted, 2 the request is wrong" in said
    assert "4 one does not rest on the same samples, 5 nothing was compared" in said


# --- the real data ---


def test_what_the_shared_data_hold_comes_out_and_a_changed_number_fails(real: Path, tmp_path: Path) -> None:
    whole = ("--data", real, "--offline", "--task", "medqa", "--task", "pubmedqa")
    said = parity(*whole)
    assert said.exit_code == 0
    assert said.stdout.count("  exact") == 7
    changed = tmp_path / "parity"
    shutil.copytree(own_folder(), changed)
    mirage = changed / "mirage.toml"
    text = mirage.read_text(encoding="utf-8")
    mirage.write_text(text.replace("83.97", "83.90").replace("1069", "1068"), encoding="utf-8")
    said = parity(*whole, "--references", changed)
    assert said.exit_code == 1
    assert said.stdout.count("  exact") == 6
    assert "the same answers give 1,069 of 1,273 (83.97), published is 1,068 (83.90)." in said.stdout
