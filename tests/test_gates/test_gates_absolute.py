"""Limits whatever the baseline is: rates, numbers, harm that was never seen, and limits that nothing could hold."""

from pathlib import Path

import pytest
from scipy.stats import beta

from medeval.errors import RequestError
from medeval.gates import Line
from tests.nights import checked, estimated, marked, night

LIMIT = '[[absolute]]\ntask = "*"\nmetric = "{metric}"\n{limit}\n'


def held(root: Path, metric: str, limit: str) -> Line:
    (line,) = checked(root, "model-2026-11-02", LIMIT.format(metric=metric, limit=limit), None).lines
    return line


@pytest.mark.parametrize(
    ("metric", "count"),
    [("unread_rate", "unread"), ("truncated_rate", "truncated"), ("refused_rate", "refused"),
     ("too_long_rate", "too_long"), ("error_rate", "failed")],
)  # fmt: skip
def test_what_went_another_way_is_a_share_of_all_that_was_asked(tmp_path: Path, metric: str, count: str) -> None:
    night(tmp_path, "model-2026-11-02", marked(90, 100), **{count: 3})  # type: ignore[arg-type]
    asked = 103 if count == "failed" else 100
    assert held(tmp_path, metric, "max = 0.05").word == "NON_INFERIOR"
    line = held(tmp_path, metric, "max = 0.02")
    assert (line.word, line.kind) == ("REGRESSED", "absolute")
    assert line.new == pytest.approx(3 / asked)
    assert f"{300 / asked:.2f} %; max is 2.00 %" in line.why


def test_a_number_of_the_cell_has_a_least_value(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", marked(60, 100))
    assert held(tmp_path, "accuracy", "min = 0.60").word == "NON_INFERIOR"
    assert held(tmp_path, "accuracy", "min = 0.61").word == "REGRESSED"
    assert held(tmp_path, "accuracy", "max = 0.60").word == "NON_INFERIOR", "at most is not less than"
    assert held(tmp_path, "accuracy", "max = 0.59").word == "REGRESSED"


@pytest.mark.parametrize("harmful", [0, 1, 4])
def test_harm_is_held_by_the_exact_one_sided_limit(tmp_path: Path, harmful: int) -> None:
    night(tmp_path, "model-2026-11-02", {"harmful": marked(harmful, 600)}, better="lower")
    limit = beta.ppf(0.95, harmful + 1, 600 - harmful)
    assert held(tmp_path, "harmful", f"max = {limit + 1e-6}\nbound = true").word == "NON_INFERIOR"
    line = held(tmp_path, "harmful", f"max = {max(limit - 1e-6, 0.006)}\nbound = true")
    assert (line.word == "REGRESSED") == (harmful > 0)
    assert f"at most {100 * limit:.2f} % by its 95 % limit" in line.why


def test_none_of_too_few_proves_nothing_and_is_refused(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", {"harmful": marked(0, 100)}, better="lower")
    with pytest.raises(RequestError) as told:
        held(tmp_path, "harmful", "max = 0.01\nbound = true")
    (fault,) = told.value.faults
    assert "Not one of 100 still leaves 2.95 % possible; such a limit takes n≈300." in fault
    with pytest.raises(RequestError, match=r"Every one of 100 still leaves 97\.05 % possible"):
        held(tmp_path, "harmful", "min = 0.99\nbound = true")


def test_a_limit_of_what_no_cell_has_is_a_fault_of_the_file(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", marked(6, 10))
    with pytest.raises(RequestError, match="no cell of the night has such a number"):
        held(tmp_path, "acuracy", "max = 1")


def test_a_task_that_is_missing_cannot_be_compared(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", marked(6, 10))
    text = 'required = ["pubmedqa"]\n[[absolute]]\ntask = "medmcqa"\nmetric = "unread_rate"\nmax = 0.1\n'
    found = checked(tmp_path, "model-2026-11-02", text, None)
    assert [(line.kind, line.task, line.word) for line in found.lines] == [
        ("required", "pubmedqa", "NOT_COMPARABLE"), ("absolute", "medmcqa", "NOT_COMPARABLE"),
    ]  # fmt: skip
    assert found.exit_code == 4


@pytest.mark.parametrize("n", [299, 100, 10, 1])
@pytest.mark.parametrize("limit", [0.0099, 0.001])
def test_so_many_samples_as_are_told_would_do_for_a_limit(tmp_path: Path, n: int, limit: float) -> None:
    text = f"max = {limit}\nbound = true"

    def harmless(label: str, count: int) -> None:
        night(tmp_path / label, "model-2026-11-02", {"harmful": marked(0, count)}, better="lower")

    harmless("few", n)
    with pytest.raises(RequestError) as told:
        held(tmp_path / "few", "harmful", text)
    needed = int(str(told.value).rpartition("n≈")[2].rstrip(".").replace(",", ""))
    harmless("enough", needed)
    harmless("less", needed * 9 // 10)
    assert held(tmp_path / "enough", "harmful", text).word == "NON_INFERIOR"
    with pytest.raises(RequestError, match="cannot see"):
        held(tmp_path / "less", "harmful", text)


def test_a_floor_is_held_by_its_lower_limit(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", marked(98, 100))
    floor = 1 - beta.ppf(0.95, 3, 98)
    assert held(tmp_path, "accuracy", f"min = {floor - 1e-6}\nbound = true").word == "NON_INFERIOR"
    line = held(tmp_path, "accuracy", f"min = {floor + 1e-6}\nbound = true")
    assert line.word == "REGRESSED"
    assert f"at least {100 * floor:.2f} % by its 95 % limit" in line.why


def test_of_what_is_no_share_the_end_of_its_interval_is_held_to_the_limit(tmp_path: Path) -> None:
    scores = [float(place % 5) for place in range(100)]
    night(tmp_path, "model-2026-11-02", {"score": scores}, unit="plain")
    low = estimated([[each] for each in scores], "score", unit="plain").low
    assert low is not None
    assert held(tmp_path, "score", f"min = {low - 0.001}\nbound = true").word == "NON_INFERIOR"
    assert held(tmp_path, "score", f"min = {low + 0.001}\nbound = true").word == "REGRESSED"


def test_takes_are_counted_one_by_one(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", [[1.0, 0.0, 1.0]] * 100, unread=30)
    assert held(tmp_path, "unread_rate", "max = 0.2").new == pytest.approx(30 / 300)


def test_a_night_of_which_nothing_was_measured_is_no_fault_of_the_file(tmp_path: Path) -> None:
    nothing = estimated([[None]] * 30, failed=30)
    night(tmp_path, "model-2026-11-02", [None] * 30, estimates=(nothing,))
    line = held(tmp_path, "error_rate", "max = 0.1")
    assert (line.word, line.new) == ("REGRESSED", 1.0)
    assert held(tmp_path, "accuracy", "min = 0.5").word == "NOT_COMPARABLE"


def test_every_cell_of_all_is_held_and_a_cell_may_be_named(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", {"accuracy": marked(150, 200), "official": marked(90, 200)})
    night(tmp_path, "model-2026-11-02", marked(120, 200), task="pubmedqa", cell="pubmedqa@chat")
    text = LIMIT.format(metric="accuracy", limit="min = 0.7") + LIMIT.format(metric="official", limit="min = 0.4")
    text += LIMIT.format(metric="accuracy", limit="max = 1.0").replace("*", "pubmedqa@chat")
    found = checked(tmp_path, "model-2026-11-02", text, None)
    assert [(line.cell, line.metric, line.word, line.at) for line in found.lines] == [
        ("medqa", "accuracy", "NON_INFERIOR", 1), ("pubmedqa@chat", "accuracy", "REGRESSED", 1),
        ("medqa", "official", "NON_INFERIOR", 5), ("pubmedqa@chat", "accuracy", "NON_INFERIOR", 9),
    ]  # fmt: skip
    assert found.exit_code == 1


def test_what_is_required_is_there_whole(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-02", marked(150, 200), cell="medqa@chat")
    night(tmp_path, "model-2026-11-02", [*marked(9, 10), None], task="torn", failed=1)
    for named in ("medqa", "medqa@chat"):
        assert checked(tmp_path, "model-2026-11-02", f'required = ["{named}"]\n', None).exit_code == 5
    partial = checked(tmp_path, "model-2026-11-02", 'required = ["torn"]\n', None)
    assert partial.exit_code == 4
    assert "partial" in partial.lines[0].why
