"""A whole night: what is read, what it comes to, and what is kept of it."""

from pathlib import Path

import pytest

from medeval import reports
from medeval.baselines import found
from medeval.errors import ComparisonError, RequestError
from medeval.gates import Verdict, check
from medeval.gates.nights import FILE
from medeval.gates.telling import notes
from tests.nights import GATE, NOTHING, checked, gates, night, of_counts, pinned

LABEL = "m-2026-11-27"
TEXT = GATE.format(margin=0.02)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A baseline of one run, and a night that lost a little."""
    base, new = of_counts(20, 25, 1_273)
    night(tmp_path, "base", base)
    night(tmp_path, LABEL, new)
    return tmp_path


def test_a_verdict_says_against_what_by_which_gate_and_of_whom(root: Path) -> None:
    baseline = pinned(root, "base")
    made = checked(root, LABEL, TEXT, baseline)
    assert (made.word, made.exit_code, made.strict) == ("NON_INFERIOR", 0, False)
    assert (made.entry, made.baseline, made.baseline_sha256) == (LABEL, "base.001", baseline.checksum)
    assert (made.gate, made.gate_digest) == (str(root / "gate.toml"), gates(root, TEXT).digest)
    assert made.said == f"NON_INFERIOR (exit 0): {LABEL} against base.001; 1 gate: 1 NON_INFERIOR"
    assert made.lines[0].at == 1


def test_it_is_kept_in_the_folder_of_the_night_and_not_of_a_cell(root: Path) -> None:
    baseline = pinned(root, "base")
    made = checked(root, LABEL, TEXT, baseline)
    assert reports.read(root / LABEL / FILE, Verdict) == made
    (root / LABEL / FILE).unlink()
    cell = root / LABEL / "medqa"
    alone = check(cell, root, gates(root, TEXT), baseline, NOTHING, version="1.0")
    assert alone.lines[0].gain == made.lines[0].gain
    assert alone.entry == LABEL
    assert not (cell / FILE).exists()
    assert not (root / LABEL / FILE).exists()


def test_nothing_to_go_by_is_five(root: Path) -> None:
    for baseline in (None, pinned(root, "base")):
        made = checked(root, LABEL, "", baseline)
        assert (made.word, made.exit_code, made.lines) == ("NOT_COMPARABLE", 5, ())
        assert "nothing was compared" in made.said
        assert "No gate was about anything." in made.notes


def test_gates_with_a_margin_need_a_baseline(root: Path) -> None:
    with pytest.raises(RequestError, match="need a baseline"):
        checked(root, LABEL, TEXT, None)


def test_an_entry_that_is_not_there_is_a_wrong_request(root: Path) -> None:
    with pytest.raises(RequestError, match="no results there"):
        checked(root, "nobody", TEXT, pinned(root, "base"))


def test_a_night_that_is_not_finished_cannot_be_compared(root: Path) -> None:
    baseline = pinned(root, "base")
    (root / LABEL / "medqa" / reports.RESULT).unlink()
    made = checked(root, LABEL, 'required = ["medqa"]\n' + TEXT, baseline)
    assert made.exit_code == 4
    assert [line.word for line in made.lines] == ["NOT_COMPARABLE", "NOT_COMPARABLE"]


def test_undecided_is_six_only_where_that_fails(root: Path) -> None:
    baseline = pinned(root, "base")
    close = GATE.format(margin=0.0085)
    assert checked(root, LABEL, close, baseline).exit_code == 0
    strict = checked(root, LABEL, 'on_inconclusive = "fail"\n' + close, baseline)
    assert (strict.word, strict.exit_code, strict.strict) == ("INCONCLUSIVE", 6, True)


def several(root: Path) -> str:
    """One task each that regressed, that is missing, that is undecided, that is as good, and that is better."""
    for task, (b, c) in {"red": (5, 60), "gone": (0, 0), "open": (30, 45), "same": (3, 3), "good": (60, 5)}.items():
        base, new = of_counts(b, c, 1_273)
        night(root, "base", base, task=task)
        if task != "gone":
            night(root, LABEL, new, task=task)
    return 'on_inconclusive = "fail"\n[[gate]]\ntask = "*"\nmargin = 0.012\n'


def test_all_words_may_stand_side_by_side_and_one_comes_before_four_before_six(tmp_path: Path) -> None:
    text = several(tmp_path)
    baseline = pinned(tmp_path, "base")
    made = checked(tmp_path, LABEL, text, baseline)
    assert {line.task: line.word for line in made.lines} == {
        "red": "REGRESSED", "gone": "NOT_COMPARABLE", "open": "INCONCLUSIVE", "same": "NON_INFERIOR",
        "good": "IMPROVED",
    }  # fmt: skip
    assert (made.word, made.exit_code) == ("REGRESSED", 1)
    for tasks, code in ((("gone", "open", "same"), 4), (("open", "same", "good"), 6), (("same", "good"), 0)):
        some = 'on_inconclusive = "fail"\n' + "".join([
            f'[[gate]]\ntask = "{task}"\nmargin = 0.012\n' for task in tasks
        ])  # fmt: skip
        assert checked(tmp_path, LABEL, some, baseline).exit_code == code, tasks


def test_kinds_of_gates_come_to_one_verdict(root: Path) -> None:
    text = (
        'required = ["medqa", "pubmedqa"]\n' + TEXT
        + '[[absolute]]\ntask = "*"\nmetric = "unread_rate"\nmax = 0.01\n[[speed]]\n'
    )  # fmt: skip
    made = checked(root, LABEL, text, pinned(root, "base"))
    assert [(line.kind, line.word) for line in made.lines] == [
        ("margin", "NON_INFERIOR"), ("required", "NOT_COMPARABLE"), ("absolute", "NON_INFERIOR"),
    ]  # fmt: skip
    assert made.exit_code == 4
    assert any("Speed is not told" in note for note in made.notes)


def test_a_baseline_of_one_run_is_told_to_be_one(root: Path) -> None:
    assert any(
        "its luck is in every verdict" in note for note in checked(root, LABEL, TEXT, pinned(root, "base")).notes
    )
    night(root, "base2", of_counts(20, 25, 1_273)[0])
    two = pinned(root, "base", "base2")
    assert not any("its luck" in note for note in checked(root, LABEL, TEXT, two).notes)


def test_last_night_is_told_beside_the_baseline_and_decides_nothing(root: Path) -> None:
    _, before = of_counts(0, 60, 1_273)
    night(root, "m-2026-11-26", before)
    made = checked(root, LABEL, TEXT, pinned(root, "base"), last="auto")
    (line,) = made.lines
    assert line.last is not None
    assert line.last.entry == "m-2026-11-26"
    assert line.last.low < line.last.difference < line.last.high
    assert made.exit_code == 0
    assert any(note.startswith("medqa accuracy against m-2026-11-26: ") for note in notes(made))
    plain = checked(root, LABEL, TEXT, found("base", root))
    assert plain.lines[0].last is None
    assert (plain.lines[0].word, plain.lines[0].p) == (line.word, line.p)


def test_a_last_night_that_cannot_be_compared_is_left_out(root: Path) -> None:
    base, _ = of_counts(0, 0, 1_273)
    night(root, "m-2026-11-26", base, prompt="q" * 16)
    made = checked(root, LABEL, TEXT, pinned(root, "base"), last="m-2026-11-26")
    assert made.lines[0].last is None
    with pytest.raises(RequestError, match="--last nobody"):
        checked(root, LABEL, TEXT, found("base", root), last="nobody")


def test_a_number_that_is_better_lower_is_turned_against_last_night_too(tmp_path: Path) -> None:
    for label, value in (("base", 0.5), ("m-2026-11-26", 0.5), (LABEL, 0.6)):
        night(tmp_path, label, {"brier": [value + 0.001 * (place % 7) for place in range(300)]}, better="lower")
    made = checked(tmp_path, LABEL, GATE.format(margin=0.2), pinned(tmp_path, "base"), last="auto")
    assert made.lines[0].last is not None
    assert made.lines[0].last.difference == pytest.approx(-0.1)
    assert made.lines[0].gain == pytest.approx(-0.1)


def test_a_baseline_that_was_changed_is_no_baseline(root: Path) -> None:
    pinned(root, "base")
    path = root / "baselines" / "base.001.json"
    path.write_bytes(path.read_bytes().replace(b'"takes": 1', b'"takes": 3'))
    with pytest.raises(ComparisonError) as told:
        found("base", root)
    assert told.value.exit_code == 4


def test_the_same_night_has_the_same_verdict_to_the_last_byte(root: Path) -> None:
    baseline = pinned(root, "base")
    checked(root, LABEL, TEXT, baseline)
    first = (root / LABEL / FILE).read_bytes()
    checked(root, LABEL, TEXT, baseline)
    assert (root / LABEL / FILE).read_bytes() == first


def test_a_verdict_that_cannot_be_kept_is_told_all_the_same(tmp_path: Path) -> None:
    base, new = of_counts(5, 60, 1_273)
    night(tmp_path, "base", base)
    night(tmp_path, LABEL, new)
    (tmp_path / LABEL / FILE).mkdir()
    made = checked(tmp_path, LABEL, TEXT, pinned(tmp_path, "base"))
    assert (made.word, made.exit_code) == ("REGRESSED", 1)
    assert any("not kept" in note for note in made.notes)
