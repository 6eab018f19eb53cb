"""Nights of a series: which is the last, what changed since, and gates that nobody should rely on."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.baselines import Baseline, found
from medeval.errors import RequestError
from medeval.gates import Verdict, nights
from medeval.gates.telling import notes
from medeval.records import Identity
from tests.nights import GATE, MODEL, checked, marked, night, pinned

DAY = "model-2026-11-{:02}"
GREEN, WIDE = marked(300, 400), marked(292, 400)


def told(root: Path, day: int, marks: list[float], model: Identity = MODEL, last: str = "") -> Verdict:
    night(root, DAY.format(day), marks, model=model)
    baseline = pinned(root, "base") if not (root / "baselines").is_dir() else None
    return checked(root, DAY.format(day), GATE.format(margin=0.03), baseline or pinned_before(root), last=last)


def pinned_before(root: Path) -> Baseline:
    return found("base", root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    night(tmp_path, "base", GREEN)
    return tmp_path


def test_the_night_before_is_the_newest_of_the_series_that_is_older(root: Path) -> None:
    for label in ("model-2026-11-01", "model-2026-11-03", "model-2026-11-09", "other-2026-11-04"):
        night(root, label, GREEN)
    own = root / "model-2026-11-05"
    assert [path.name for path in nights.earlier(own, root)] == ["model-2026-11-01", "model-2026-11-03"]
    assert nights.last("auto", own, root) == root / "model-2026-11-03"
    assert nights.last("auto", root / "base", root) is None
    assert nights.last("other-2026-11-04", own, root) == root / "other-2026-11-04"
    with pytest.raises(RequestError, match="--last nobody: no such entry"):
        nights.last("nobody", own, root)


def test_what_changed_since_last_night_is_told_and_decides_nothing(root: Path) -> None:
    told(root, 1, marked(260, 400))
    found = told(root, 2, GREEN, last="auto")
    (line,) = found.lines
    assert line.last is not None
    assert line.last.entry == "model-2026-11-01"
    assert line.last.difference == pytest.approx(0.10)
    assert (found.word, found.exit_code) == ("NON_INFERIOR", 0)


def test_without_a_night_before_that_is_said(root: Path) -> None:
    found = told(root, 1, GREEN, last="auto")
    assert "There is no night before this one to tell what changed since." in found.notes


def turns(root: Path, models: list[Identity]) -> int:
    words = []
    for place, model in enumerate(models):
        found = told(root, place + 1, WIDE if place % 2 else GREEN, model)
        words.append(found.lines[0].word)
    assert len({*words}) == 2
    return found.lines[0].turns


def test_a_word_that_turns_thrice_with_nothing_changed_is_unstable(root: Path) -> None:
    assert turns(root, [MODEL] * 4) == 3 >= nights.UNSTABLE


def test_a_word_that_turns_with_the_model_does_not(root: Path) -> None:
    assert turns(root, [replace(MODEL, content=f"c{place}") for place in range(4)]) == 0


def test_a_word_that_turns_with_medeval_does_not(root: Path) -> None:
    turns(root, [MODEL] * 4)
    for day in (1, 2, 3):
        path = root / DAY.format(day) / nights.FILE
        found = reports.read(path, Verdict)
        assert found is not None
        reports.publish(path, replace(found, medeval=f"{day + 1}.0"))
    again = checked(root, DAY.format(4), GATE.format(margin=0.03), pinned_before(root))
    assert again.lines[0].turns == 0


def test_a_night_that_is_checked_again_does_not_count_itself(root: Path) -> None:
    assert turns(root, [MODEL] * 2) == 1
    assert checked(root, DAY.format(2), GATE.format(margin=0.03), pinned_before(root)).lines[0].turns == 1


def test_another_baseline_begins_anew(root: Path) -> None:
    turns(root, [MODEL] * 4)
    anew = pinned(root, "base")
    assert anew.number == 2
    assert checked(root, DAY.format(4), GATE.format(margin=0.03), anew).lines[0].turns == 0


def test_an_unstable_gate_is_told_with_what_it_sees_and_never_loosened(root: Path) -> None:
    turns(root, [MODEL] * 4)
    found = checked(root, DAY.format(4), GATE.format(margin=0.03), pinned_before(root))
    (said,) = [note for note in notes(found) if "unstable" in note]
    assert said.startswith("medqa accuracy: unstable: its word changed 3 times with nothing else changed.")
    assert said.endswith("not a wider margin.")
    assert found.lines[0].margin == 0.03


def test_no_more_nights_are_looked_back_at_than_are_kept(tmp_path: Path) -> None:
    for month in (1, 2, 3):
        for day in range(1, 29):
            folder = tmp_path / f"m-2026-{month:02}-{day:02}" / "medqa"
            folder.mkdir(parents=True)
            (folder / reports.RESULT).touch()
    found = nights.earlier(tmp_path / "m-2026-03-28", tmp_path)
    assert len(found) == nights.KEPT == 60
    assert found[-1].name == "m-2026-03-27"


def test_dates_are_in_the_order_of_days_and_what_is_no_date_is_no_night(tmp_path: Path) -> None:
    for label in ("m-2026-11-9", "m_20261108", "m-2026-11-10", "m-2026-02-30", "m-2026-11-09", "m"):
        night(tmp_path, label, marked(3, 4))
    (tmp_path / "m-2026-11-11").mkdir()
    found = [path.name for path in nights.earlier(tmp_path / "m-2026-11-27", tmp_path)]
    assert found == ["m_20261108", "m-2026-11-09", "m-2026-11-10"]
    assert nights.earlier(tmp_path / "m-2026-11-27", tmp_path / "nowhere") == []


def test_another_gate_begins_anew(root: Path) -> None:
    turns(root, [MODEL] * 3)
    night(root, DAY.format(9), WIDE)
    (line,) = checked(root, DAY.format(9), GATE.format(margin=0.04), pinned_before(root)).lines
    assert line.turns == 0


def test_a_verdict_that_cannot_be_read_is_as_good_as_none(root: Path) -> None:
    told(root, 1, GREEN)
    (root / DAY.format(1) / nights.FILE).write_text('{"lines": "none"}', encoding="utf-8")
    assert told(root, 2, WIDE).lines[0].turns == 0


def test_what_was_said_of_a_night_stays_in_its_folder(root: Path) -> None:
    found = told(root, 1, GREEN)
    assert reports.read(root / DAY.format(1) / nights.FILE, Verdict) == found
