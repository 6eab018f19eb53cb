"""Gate files: what they say, where, and everything that is wrong with one at once."""

import re
from pathlib import Path

import pytest

from medeval.errors import RequestError
from medeval.gates.files import Bound, Gates, Margin, Speed, opened
from tests.nights import gates

WHOLE = """\
version = 1
baseline = "my-model"          # a comment
family_alpha = 0.01
confidence = 0.90
on_inconclusive = "fail"
treatment = ["prompt", "engine"]
required = ["medqa", "pubmedqa"]

[confirm]
alpha = 0.02

[[gate]]
task = "medqa"
metric = "accuracy"
margin = 0.015
min_effect = 0.005

[[absolute]]
task = "*"
metric = "unread_rate"
max = 0.02

[[gate]]
task = "*"
margin = 1e-2

# [[gate]]
[[absolute]]
task = "medsafety"
metric = "harm"
max = 0.01
bound = true

[[speed]]
metric = "replies_per_second"
history = 30
level = 0.999
"""


def test_everything_that_is_written_is_read_and_its_lines_are_known(tmp_path: Path) -> None:
    found = gates(tmp_path, WHOLE)
    assert found.gates == Gates(
        baseline="my-model", on_inconclusive="fail", treatment=("prompt", "engine"), required=("medqa", "pubmedqa"),
        confirm=found.gates.confirm,
        gate=(
            Margin(task="medqa", metric="accuracy", margin=0.015, min_effect=0.005), Margin(task="*", margin=0.01),
        ),
        absolute=(
            Bound(task="*", metric="unread_rate", max=0.02),
            Bound(task="medsafety", metric="harm", max=0.01, bound=True),
        ),
        speed=(Speed(metric="replies_per_second", history=30, level=0.999),),
    )  # fmt: skip
    assert found.gates.confirm.alpha == 0.02
    assert [found.line("gate", place) for place in (0, 1)] == [12, 23]
    assert [found.line("absolute", place) for place in (0, 1)] == [18, 28]
    assert found.line("speed", 0) == 34
    assert found.gates.treatments == ("prompt", "engine")


def test_what_is_written_in_another_way_is_told_at_the_first_line(tmp_path: Path) -> None:
    found = gates(tmp_path, 'gate = [{task = "medqa", margin = 0.01}]\n')
    assert (found.gates.gate[0].margin, found.line("gate", 0)) == (0.01, 1)


def test_a_head_with_blanks_in_it_is_one_too(tmp_path: Path) -> None:
    found = gates(tmp_path, '[[ gate ]]\ntask = "a"\nmargin = 0.01\n\n[[gate]]\ntask = "b"\nmargin = 0.01\n')
    assert [found.line("gate", place) for place in (0, 1)] == [1, 5]


def test_an_empty_file_is_one_with_all_that_is_usual(tmp_path: Path) -> None:
    found = gates(tmp_path, "")
    assert found.gates == Gates()
    assert (found.gates.family_alpha, found.gates.confidence, found.gates.on_inconclusive) == (0.01, 0.90, "warn")


def test_the_digest_changes_with_the_file(tmp_path: Path) -> None:
    one, two = gates(tmp_path, WHOLE), gates(tmp_path, WHOLE.replace("0.015", "0.016"))
    assert one.digest != two.digest
    assert re.fullmatch(r"[0-9a-f]{16}", one.digest)
    assert gates(tmp_path, WHOLE).digest == one.digest


def test_a_file_with_many_faults_tells_them_all_at_once(tmp_path: Path) -> None:
    text = """
family_alpha = 0.7
confidence = 0.4
treatment = ["weather"]
confirm = {alpha = 0}
[[gate]]
task = "medqa"
margin = 0
[[gate]]
task = "medqa"
margin = -0.1
min_effect = -1
[[absolute]]
task = "*"
metric = "unread_rate"
[[absolute]]
task = "*"
metric = "error_rate"
max = 0.1
min = 0.0
[[speed]]
metric = "furlongs"
history = 2
"""
    with pytest.raises(RequestError) as told:
        gates(tmp_path, text)
    faults = told.value.faults
    assert len(faults) == 12
    assert all(fault.startswith(f"{tmp_path / 'gate.toml'}: ") for fault in faults)
    for wanted in (
        "family_alpha is 0.7", "confidence is 0.4", "confirm.alpha is 0", "treatment 'weather'", "has 2 gates",
        "margin is 0;", "margin is -0.1", "min_effect is -1", "unread_rate of *: say either", "error_rate of *",
        "speed 'furlongs'", "history is at least 5",
    ):  # fmt: skip
        assert sum(wanted in fault for fault in faults) == 1, wanted


@pytest.mark.parametrize(
    "text",
    [
        "version = 2", "unknown = 1", '[[gate]]\ntask = "medqa"', "[[gate]]\nmargin = 0.1",
        '[[gate]]\ntask = "medqa"\nmargin = "small"', 'on_inconclusive = "rerun"', "[[gate]", "gate = 1",
        '[[absolute]]\ntask = "*"\nmetric = "unread_rate"\nmaximum = 0.1', 'required = "medqa"', "\x00",
    ],
)  # fmt: skip
def test_what_is_no_gate_file_is_a_sentence_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(RequestError, match=r"gate\.toml: ") as told:
        gates(tmp_path, text)
    assert told.value.exit_code == 2


def test_a_file_that_is_not_there_or_no_text_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="medeval init ci"):
        opened(tmp_path / "gate.toml")
    (tmp_path / "gate.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError, match=r"gate\.toml: "):
        opened(tmp_path / "gate.toml")
    with pytest.raises(RequestError, match="cannot be read"):
        opened(tmp_path)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "field", ["family_alpha = {}", '[[gate]]\ntask = "a"\nmargin = {}',
              '[[gate]]\ntask = "a"\nmargin = 1.0\nmin_effect = {}',
              '[[absolute]]\ntask = "a"\nmetric = "harm"\nmax = {}',
              '[[absolute]]\ntask = "a"\nmetric = "harm"\nmin = {}', "[[speed]]\nlevel = {}"],
)  # fmt: skip
def test_what_is_no_number_is_no_limit(tmp_path: Path, number: str, field: str) -> None:
    with pytest.raises(RequestError, match=r"gate\.toml: \S"):
        gates(tmp_path, field.format(number))


def test_a_loss_that_is_none_cannot_be_larger_than_one_that_is_forbidden(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="min_effect"):
        gates(tmp_path, '[[gate]]\ntask = "medqa"\nmargin = 0.01\nmin_effect = 0.5\n')
    same = gates(tmp_path, '[[gate]]\ntask = "medqa"\nmargin = 0.01\nmin_effect = 0.01\n')
    assert same.gates.gate[0].min_effect == 0.01


def test_a_harm_bound_of_nothing_can_never_be_seen(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="harm"):
        gates(tmp_path, '[[absolute]]\ntask = "a"\nmetric = "harm"\nmax = 0\nbound = true\n')
    assert gates(tmp_path, '[[absolute]]\ntask = "a"\nmetric = "error_rate"\nmax = 0\n').gates.absolute[0].max == 0
