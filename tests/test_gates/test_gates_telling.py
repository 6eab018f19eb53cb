"""A verdict in words: a row a gate, what is to be known beside them, and the samples that were lost."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.catalog import Catalog
from medeval.gates import Line, Verdict, exit_code, overall
from medeval.gates.nights import UNSTABLE
from medeval.gates.telling import HEAD, NAMED, RIGHT, lost, notes, row
from medeval.gates.verdicts import Beside, Kind, Second, Word
from tests.nights import GATE, checked, estimated, hurried, line, marked, night, of_counts, pinned

SECOND = Second(difference=-0.0233, low=-0.04, high=-0.01, p=0.00004, confirmed=True)
BESIDE = Beside(entry="m-2026-11-26", difference=0.01, low=-0.002, high=0.022, p=0.1234)


def verdict(*lines: Line, treatment: tuple[str, ...] = (), beside: tuple[str, ...] = ()) -> Verdict:
    words = [each.word for each in lines]
    return Verdict(
        entry="m-2026-11-27", baseline="m.001", gate="gate.toml", gate_digest="0" * 16, medeval="1.0", strict=False,
        word=overall(words), exit_code=exit_code(words, strict=False), lines=lines, treatment=treatment, notes=beside,
    )  # fmt: skip


def told(one: Line) -> dict[str, str]:
    return dict(zip(HEAD, row(one), strict=True))


def test_a_worked_case_is_a_row_that_a_reader_can_check(tmp_path: Path) -> None:
    base, new = of_counts(12, 40, 1_273)
    night(tmp_path, "base", base)
    night(tmp_path, "m-2026-11-27", new)
    (made,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.015), pinned(tmp_path, "base")).lines
    cells = told(made)
    wrong = (12 + 1_221 // 4 + 1, 40 + 1_221 // 4 + 1)  # one in four of those that both know alike
    for name, missed in zip(("baseline", "night"), wrong, strict=True):
        assert float(cells.pop(name)) == pytest.approx(100 * (1 - missed / 1_273), abs=0.005)
    assert float(cells.pop("sees")) == pytest.approx(100 * (made.seen or 0), abs=0.005)
    assert cells == {
        "gate": "medqa", "number": "accuracy", "change": "−2.20", "interval": "−3.19 to −1.30", "margin": "1.50",
        "n": "1,273", "b": "12", "c": "40", "p": "<0.0001", "Holm p": "<0.0001", "word": "REGRESSED",
        "why": made.why,
    }  # fmt: skip


def test_only_numbers_stand_to_the_right() -> None:
    assert [HEAD[place] for place in RIGHT] == [*HEAD[2:13]]
    assert [name for place, name in enumerate(HEAD) if place not in RIGHT] == ["gate", "number", "word", "why"]


def test_a_gate_is_called_by_its_cell_and_where_there_is_none_by_its_task() -> None:
    assert told(line(cell="medqa@chat"))["gate"] == "medqa@chat"
    assert told(line(cell=""))["gate"] == "medqa"


@pytest.mark.parametrize("kind", ["absolute", "speed", "required"])
def test_what_is_no_margin_has_no_flips_up_or_down(kind: Kind) -> None:
    cells = told(line(kind=kind))
    assert (cells["b"], cells["c"]) == ("–", "–")
    assert (told(line())["b"], told(line())["c"]) == ("0", "0")


def test_marks_that_are_no_numbers_are_neither_up_nor_down(shelf: Path, house: Catalog) -> None:
    """By a number that is computed of all answers at once: some flipped, and none is 0 of them."""
    baseline = pinned(shelf, "a", name="neither", tasks=("pubmedqa",), catalog=house)
    text = '[[gate]]\ntask = "pubmedqa"\nmetric = "{}"\nmargin = 0.5\n'
    made = checked(shelf, "b", text.format("macro_f1") + text.format("accuracy"), baseline, house)
    gathered, plain = made.lines
    assert gathered.flips > 0
    assert (gathered.up, gathered.down) == (0, 0)
    assert (told(gathered)["b"], told(gathered)["c"]) == ("–", "–")
    assert (told(plain)["b"], told(plain)["c"]) == (f"{plain.up}", f"{plain.down}")


def test_an_interval_that_is_not_whole_is_none() -> None:
    for low, high in ((None, 0.1), (-0.1, None), (None, None)):
        assert told(line(low=low, high=high))["interval"] == "–"


def test_a_loss_is_below_zero_whichever_way_the_number_is_better(tmp_path: Path) -> None:
    for label, value in (("base", 0.3), ("m-2026-11-27", 0.5)):
        scores = [value + 0.001 * (place % 9) for place in range(200)]
        night(tmp_path, label, {"brier": scores}, better="lower")
    (made,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.2), pinned(tmp_path, "base")).lines
    assert told(made)["change"] == "−20.00"
    assert (told(made)["baseline"], told(made)["night"]) == ("30.40", "50.40")


def test_notes_come_in_their_order() -> None:
    one = line("REGRESSED", second=SECOND, last=BESIDE, turns=UNSTABLE, seen=0.0123, flips=0.031)
    unstable = "medqa accuracy: unstable: its word changed 3 times with nothing else changed."
    said = [*notes(verdict(line(), one, treatment=("model: content a → b", "engine: b"), beside=("One run.",)))]
    assert said == [
        "Differs from the baseline: model: content a → b.",
        "Differs from the baseline: engine: b.",
        "medqa accuracy: the loss came out again: −2.33 (−4.00 to −1.00), p <0.0001.",
        "medqa accuracy against m-2026-11-26: +1.00 (−0.20 to 2.20), p 0.1234.",
        f"{unstable} It sees 1.23, and 3.1 % flip: take more samples or takes, and not a wider margin.",
        "One run.",
    ]


def test_a_second_run_that_was_better_is_told_as_one() -> None:
    better = replace(SECOND, difference=0.004, low=-0.01, high=0.018, p=0.62, confirmed=False)
    (said,) = notes(verdict(line("INCONCLUSIVE", second=better)))
    assert said == "medqa accuracy: the loss did not come out again: +0.40 (−1.00 to 1.80), p 0.6200."


def test_a_scale_of_its_own_is_not_told_in_per_cent() -> None:
    both = line("REGRESSED", unit="plain", second=SECOND, last=BESIDE)
    assert [*notes(verdict(both))] == [
        "medqa accuracy: the loss came out again: −0.0233 (−0.04 to −0.01), p <0.0001.",
        "medqa accuracy against m-2026-11-26: +0.01 (−0.002 to 0.022), p 0.1234.",
    ]


@pytest.mark.parametrize("turns", [0, 1, UNSTABLE - 1])
def test_a_word_that_turned_once_or_twice_is_not_called_unstable(turns: int) -> None:
    assert [*notes(verdict(line(turns=turns)))] == []


@pytest.mark.parametrize("kind", ["absolute", "speed"])
def test_no_samples_are_asked_for_where_nothing_flips(kind: Kind) -> None:
    """A speed that is now red and now green needs no more samples; and nobody knows what it sees."""
    (said,) = notes(verdict(line(kind=kind, turns=4, seen=None)))
    assert "unstable: its word changed 4 times with nothing else changed" in said
    assert "flip" not in said
    assert "more samples" not in said
    assert "sees" not in said


def test_nothing_beside_is_nothing_told() -> None:
    assert [*notes(verdict())] == [*notes(verdict(line(), line("REGRESSED")))] == []


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "q0"), (3, "q0, q1, q2"), (10, "q0, q1, q2, q3, q4, q5, q6, q7, q8, q9"),
     (11, "q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 1 more"),
     (1_234, "q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 1,224 more")],
)  # fmt: skip
def test_ten_lost_samples_are_named_and_the_others_counted(count: int, said: str) -> None:
    assert NAMED == 10
    names = tuple([f"q{place}" for place in range(min(count, 50))])
    made = line("REGRESSED", lost=names, lost_count=count)
    assert [*lost(verdict(made))] == [f"medqa accuracy: lost {said}"]


def test_lost_samples_are_told_of_what_is_red_or_open_and_of_nothing_else() -> None:
    words: dict[str, Word] = {
        "a": "REGRESSED", "b": "INCONCLUSIVE", "c": "NON_INFERIOR", "d": "IMPROVED", "e": "NOT_COMPARABLE",
    }  # fmt: skip
    lines = [line(word, cell=cell, lost=("q",), lost_count=1) for cell, word in words.items()]
    lines.append(line("REGRESSED", cell="nothing"))
    assert [*lost(verdict(*lines))] == ["a accuracy: lost q", "b accuracy: lost q"]


def test_limits_and_speeds_have_rows_as_well(tmp_path: Path) -> None:
    """In their own units, and with what they were held to."""
    for place in range(6):
        cell = night(tmp_path, f"m-2026-11-{place + 1:02}", marked(60, 100), estimates=(
            estimated([[each] for each in marked(60, 100)], unread=3),
        ))  # fmt: skip
        hurried(cell, 100_000 + 1_000 * place)
    text = '[[absolute]]\ntask = "*"\nmetric = "unread_rate"\nmax = 0.02\n[[speed]]\n'
    limit, pace = map(told, checked(tmp_path, "m-2026-11-06", text, None).lines)
    assert (limit["gate"], limit["number"], limit["night"], limit["n"]) == ("medqa", "unread_rate", "3.00", "100")
    assert (limit["word"], limit["why"]) == ("REGRESSED", "3.00 %; max is 2.00 %")
    assert (limit["p"], limit["Holm p"], limit["margin"], limit["sees"], limit["baseline"]) == ("–",) * 5
    assert (pace["gate"], pace["number"], pace["night"], pace["n"]) == ("speed", "tokens_per_second", "1050", "5")
    assert pace["baseline"] == "1020"
    assert pace["change"] == "+30.1"
    assert pace["word"] == "NON_INFERIOR"
