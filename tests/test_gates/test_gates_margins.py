"""Nights held to margins: the worked cases, one by one, and what every kind of number is decided by."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats as scipy_stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests

from medeval import metrics
from medeval.baselines import Baseline
from medeval.catalog import Catalog
from medeval.gates import Line, Verdict
from medeval.metrics.verdicts import clipped_mean
from medeval.records import Decoding, Setting, Unit
from tests.nights import GATE, MODEL, NOTHING, PROTOCOL, checked, estimated, marked, night, of_counts, pinned


def held(root: Path, b: int, c: int, n: int, text: str, *, swapped: bool = False) -> Line:
    """The one line that a night of such counts comes to."""
    base, new = of_counts(b, c, n)
    night(root, "base", new if swapped else base)
    night(root, "m-2026-11-27", base if swapped else new)
    (line,) = checked(root, "m-2026-11-27", text, pinned(root, "base")).lines
    return line


@pytest.mark.parametrize(
    ("n", "b", "c", "margin", "gain", "low", "high", "p", "word", "why"),
    [
        (1273, 12, 40, 0.015, -2.20, -3.19, -1.30, 4e-5, "REGRESSED", "surely worse"),
        (1273, 12, 40, 0.010, -2.20, -3.19, -1.30, 4e-5, "REGRESSED", "beyond the margin"),
        (1273, 20, 25, 0.015, -0.39, -1.29, 0.49, None, "NON_INFERIOR", "within the margin"),
        (1273, 20, 25, 0.010, -0.39, -1.29, 0.49, None, "INCONCLUSIVE", "needs n≈"),
        (135, 3, 4, 0.0445, -0.74, -4.5, 2.9, None, "INCONCLUSIVE", "needs n≈"),
        (1273, 0, 0, 0.015, 0.0, -0.21, 0.21, 0.5, "NON_INFERIOR", "within the margin"),
        (1273, 0, 0, 0.010, 0.0, -0.21, 0.21, 0.5, "NON_INFERIOR", "within the margin"),
        (4183, 30, 60, 0.015, -0.72, -1.10, -0.35, 8e-4, "REGRESSED", "surely worse"),
        (1273, 40, 12, 0.015, 2.20, 1.30, 3.19, None, "IMPROVED", "the whole interval is above the baseline"),
    ],
)  # fmt: skip
def test_the_worked_cases_come_out_as_they_were_worked(  # noqa: PLR0917
    tmp_path: Path, n: int, b: int, c: int, margin: float, gain: float, low: float, high: float, p: float | None,
    word: str, why: str,
) -> None:  # fmt: skip
    line = held(tmp_path, b, c, n, GATE.format(margin=margin))
    assert line.word == word
    assert why in line.why
    assert line.gain is not None
    assert line.low is not None
    assert line.high is not None
    assert 100 * line.gain == pytest.approx(gain, abs=0.006)
    digits = 0.06 if n == 135 else 0.006
    assert [100 * line.low, 100 * line.high] == pytest.approx([low, high], abs=digits)
    assert (line.up, line.down, line.n) == (b, c, n)
    assert line.method == "Tango"
    below = scipy_stats.binom.cdf(b, b + c, 0.5) - scipy_stats.binom.pmf(b, b + c, 0.5) / 2
    assert line.p == pytest.approx(below)
    assert line.p_adjusted == line.p, "of one gate"
    if p is not None:
        assert line.p == pytest.approx(p, rel=0.25)


def test_a_loss_that_was_declared_to_be_none_is_none(tmp_path: Path) -> None:
    line = held(tmp_path, 30, 60, 4183, GATE.format(margin=0.015) + "min_effect = 0.01\n")
    assert (line.word, line.why) == ("NON_INFERIOR", "worse, but within the margin")
    assert line.p is not None
    assert line.p < 0.001


def test_the_samples_that_were_lost_are_named(tmp_path: Path) -> None:
    line = held(tmp_path, 12, 60, 1273, GATE.format(margin=0.015))
    assert line.lost == tuple([f"medqa/{place:04}" for place in range(12, 62)])
    assert line.lost_count == 60
    passing = held(tmp_path / "other", 5, 5, 1273, GATE.format(margin=0.015))
    assert passing.lost == ()


@pytest.mark.parametrize(("b", "c", "n"), [(12, 40, 1273), (20, 25, 1273), (3, 90, 1273), (0, 7, 4183), (1, 0, 500)])
def test_swapping_base_and_new_mirrors_every_sign(tmp_path: Path, b: int, c: int, n: int) -> None:
    one = held(tmp_path / "one", b, c, n, GATE.format(margin=0.02))
    two = held(tmp_path / "two", b, c, n, GATE.format(margin=0.02), swapped=True)
    assert (one.gain, one.low, one.high) == pytest.approx((-two.gain, -two.high, -two.low), abs=1e-12)  # type: ignore[operator]
    assert (one.up, one.down) == (two.down, two.up)
    assert one.p is not None
    assert two.p is not None
    assert one.p + two.p == pytest.approx(1.0)
    assert (one.base, one.new) == (two.new, two.base)


def several(root: Path, counts: dict[str, tuple[int, int, int]], **parts: object) -> Baseline:
    for task, (b, c, n) in counts.items():
        base, new = of_counts(b, c, n)
        night(root, "base", base, task=task)
        night(root, "m-2026-11-27", new, task=task, **parts)  # type: ignore[arg-type]
    return pinned(root, "base")


COUNTS = {"a": (12, 40, 1273), "b": (20, 25, 1273), "c": (30, 60, 4183), "d": (4, 16, 900), "e": (30, 9, 700),
          "f": (0, 8, 600), "g": (10, 10, 2000)}  # fmt: skip


def test_holm_over_all_gates_is_that_of_statsmodels(tmp_path: Path) -> None:
    baseline = several(tmp_path, COUNTS)
    found = checked(tmp_path, "m-2026-11-27", '[[gate]]\ntask = "*"\nmargin = 0.03\n', baseline)
    assert [line.task for line in found.lines] == [*COUNTS]
    ps = [line.p for line in found.lines]
    reject, adjusted, *_ = multipletests(ps, alpha=0.01, method="holm")
    assert [line.p_adjusted for line in found.lines] == pytest.approx(adjusted)
    assert [line.word == "REGRESSED" for line in found.lines] == reject.tolist()
    assert {"REGRESSED", "IMPROVED", "NON_INFERIOR"} == {line.word for line in found.lines}


def test_what_cannot_be_compared_is_no_part_of_the_family(tmp_path: Path) -> None:
    baseline = several(tmp_path, COUNTS)
    for task in [*COUNTS][2:]:
        for file in (tmp_path / "m-2026-11-27" / task).iterdir():
            file.unlink()
    found = checked(tmp_path, "m-2026-11-27", '[[gate]]\ntask = "*"\nmargin = 0.03\n', baseline)
    _, adjusted, *_ = multipletests([line.p for line in found.lines[:2]], method="holm")
    assert [line.p_adjusted for line in found.lines[:2]] == pytest.approx(adjusted)
    assert {line.word for line in found.lines[2:]} == {"NOT_COMPARABLE"}
    assert found.exit_code == 1, "what is red comes before what is missing"


CLUSTERS = [f"case {place // 10}" for place in range(500)]


def planted(dice: np.random.Generator, share: float) -> list[float]:
    """Marks that whole clusters share: what is right in a case is right in most of it."""
    cases = dice.random(50) < share
    return [float(cases[place // 10] if dice.random() < 0.8 else dice.random() < share) for place in range(500)]


@pytest.mark.parametrize("takes", [1, 3])
def test_a_clustered_task_is_tested_by_its_clusters_through_a_pinned_baseline(tmp_path: Path, takes: int) -> None:
    dice = np.random.default_rng(7)
    base, new = [planted(dice, 0.8) for _ in range(takes)], planted(dice, 0.75)
    for place, marks in enumerate(base):
        night(tmp_path, f"base{place}", marks, clusters=CLUSTERS)
    night(tmp_path, "m-2026-11-27", new, clusters=CLUSTERS)
    baseline = pinned(tmp_path, *[f"base{place}" for place in range(takes)])
    (line,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.4), baseline).lines
    rest = np.array(new) - np.mean(base, axis=0)
    fit = OLS(rest, np.ones(500)).fit(cov_type="cluster", cov_kwds={"groups": [int(c.split()[1]) for c in CLUSTERS]})
    half = scipy_stats.t.ppf(0.95, 49) * fit.bse[0]
    assert line.method == "CR1 over 50 clusters"
    assert line.gain == pytest.approx(rest.mean())
    assert [line.low, line.high] == pytest.approx([rest.mean() - half, rest.mean() + half])
    assert line.p == pytest.approx(scipy_stats.t.cdf(rest.mean() / fit.bse[0], 49))
    assert line.n_eff < 150, "ten samples of a case are worth little more than two"
    naive = rest.std(ddof=1) / np.sqrt(500)
    assert fit.bse[0] > 1.5 * naive


def test_a_baseline_of_three_takes_is_their_mean(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    base = dice.random(600) < 0.75
    takes = [[float(mark ^ (dice.random() < 0.04)) for mark in base] for _ in range(4)]
    for label, marks in zip(("a", "b", "c", "m-2026-11-27"), takes, strict=True):
        night(tmp_path, label, marks)
    (line,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.03), pinned(tmp_path, "a", "b", "c")).lines
    mean, new = np.mean(takes[:3], axis=0), np.array(takes[3])
    found = scipy_stats.ttest_rel(new, mean)
    interval = found.confidence_interval(0.90)
    assert line.base == pytest.approx(np.mean(takes[:3]))
    assert line.gain == pytest.approx((new - mean).mean())
    assert [line.low, line.high] == pytest.approx([interval.low, interval.high])
    assert line.p == pytest.approx(scipy_stats.ttest_rel(new, mean, alternative="less").pvalue)
    assert line.word == "NON_INFERIOR"


def test_three_equal_takes_and_a_night_that_is_the_same_are_no_difference(tmp_path: Path) -> None:
    """The mean of three equal numbers differs from them in the last digit, and that is no loss, however often."""
    for label in ("a", "b", "c", "m-2026-11-27"):
        night(tmp_path, label, [(0.1, 0.7)[place % 2] for place in range(200)])
    (line,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.2), pinned(tmp_path, "a", "b", "c")).lines
    assert line.word == "NON_INFERIOR"
    assert (line.gain, line.up, line.down) == (0.0, 0, 0)


@pytest.mark.parametrize("unit", ["fraction", "plain"])
def test_of_a_number_that_is_better_when_lower_more_is_a_loss(tmp_path: Path, unit: Unit) -> None:
    dice = np.random.default_rng(5)
    base = dice.random(400)
    night(tmp_path, "base", {"brier": base.tolist()}, better="lower", unit=unit)
    night(tmp_path, "m-2026-11-27", {"brier": (base + 0.05 * dice.random(400)).tolist()}, better="lower", unit=unit)
    night(tmp_path, "m-2026-11-28", {"brier": (base - 0.05 * dice.random(400)).tolist()}, better="lower", unit=unit)
    baseline = pinned(tmp_path, "base")
    (worse,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.1), baseline).lines
    (better,) = checked(tmp_path, "m-2026-11-28", GATE.format(margin=0.1), baseline).lines
    assert (worse.word, better.word) == ("REGRESSED", "IMPROVED")
    assert worse.gain == pytest.approx(-0.025, abs=0.002)
    assert (worse.up, worse.down) == (0, 400)
    assert worse.new is not None
    assert worse.base is not None
    assert worse.new > worse.base
    assert worse.low is not None
    assert worse.high is not None
    assert worse.low < worse.gain < worse.high < 0  # type: ignore[operator]
    assert worse.lost_count == 400


def test_macro_f1_of_three_takes_and_the_mean_of_types_are_gates_too(shelf: Path, house: Catalog) -> None:
    baseline = pinned(shelf, "a", "b", "c", name="two", catalog=house)
    text = "".join([
        f'[[gate]]\ntask = "{task}"\nmetric = "{metric}"\nmargin = 0.45\n'
        for task, metric in (("pubmedqa", "macro_f1"), ("pubmedqa", "accuracy"), ("cmb_exam", "mean_of_types"))
    ])  # fmt: skip
    found = checked(shelf, "d", text, baseline, house)
    told = {(line.task, line.metric): line for line in found.lines}
    takes = {label: {} for label in "abcd"}  # type: dict[str, dict[tuple[str, str], float]]
    for pin in baseline.cells:
        for number in pin.numbers:
            for label, value in zip("abc", number.values, strict=True):
                takes[label][pin.result.task, number.metric] = value
    for key, line in told.items():
        assert line.base == pytest.approx(np.mean([takes[label][key] for label in "abc"]), abs=1e-9), key
        assert line.gain == pytest.approx(line.new - line.base, abs=1e-9)  # type: ignore[operator]
        assert line.low < line.gain < line.high  # type: ignore[operator]
        assert line.word in ("NON_INFERIOR", "INCONCLUSIVE")
        assert line.n < 40
    assert told["pubmedqa", "macro_f1"].n == told["pubmedqa", "accuracy"].n
    assert told["pubmedqa", "macro_f1"].n_eff <= told["pubmedqa", "accuracy"].n


def test_a_number_that_is_cut_below_nothing_is_held_to_the_mean_of_what_takes_come_to(
    tmp_path: Path, house: Catalog
) -> None:
    """The points of a rubric: of takes at −0.2 and 0.4 the mean is 0.2, and that of all their marks together 0.1."""
    cut = replace(
        house.tasks["pubmedqa"].task, metrics=(replace(metrics.accuracy, name="points", gather=clipped_mean),), also=()
    )  # fmt: skip
    catalog = Catalog(tasks={"medqa": replace(house.tasks["pubmedqa"], name="medqa", task=cut)}, groups={})
    for label, mean, value in (("a", -0.2, 0.0), ("b", 0.4, 0.4), ("m-2026-11-27", 0.3, 0.3)):
        marks = [mean + 0.1 * (-1) ** place for place in range(200)]
        told = replace(estimated([[mark] for mark in marks], "points"), value=value)
        night(tmp_path, label, {"points": marks}, estimates=[told])
    baseline = pinned(tmp_path, "a", "b", catalog=catalog)
    assert baseline.cells[0].result.first.value == pytest.approx(0.2)
    (line,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.3), baseline, catalog).lines
    assert (line.base, line.new, line.gain) == pytest.approx((0.2, 0.3, 0.1))


def test_a_number_over_all_texts_together_is_a_gate_too(shelf: Path, house: Catalog) -> None:
    """Of cmb_clin no sample has a mark that is a number."""
    baseline = pinned(shelf, "a", "b", "c", name="clin", tasks=("cmb_clin",), catalog=house)
    (line,) = checked(shelf, "d", '[[gate]]\ntask = "cmb_clin"\nmargin = 0.9\n', baseline, house).lines
    assert (line.metric, line.word) == ("rouge1", "NON_INFERIOR")
    assert line.base == pytest.approx(np.mean(baseline.cells[0].numbers[0].values), abs=1e-9)
    assert line.low <= line.gain <= line.high  # type: ignore[operator]


def test_macro_f1_is_mirrored_too(shelf: Path, house: Catalog) -> None:
    text = '[[gate]]\ntask = "pubmedqa"\nmetric = "macro_f1"\nmargin = 0.5\n'
    lines: list[Line] = []
    for one, two in (("a", "d"), ("d", "a")):
        baseline = pinned(shelf, one, name=f"of {one}", tasks=("pubmedqa",), catalog=house)
        lines += checked(shelf, two, text, baseline, house).lines
    first, second = lines
    assert first.gain == pytest.approx(-(second.gain or 0))
    assert [first.low, first.high] == pytest.approx([-(second.high or 0), -(second.low or 0)])


def verdict(root: Path, text: str = GATE.format(margin=0.05), **parts: object) -> Verdict:
    """A night that differs from the pinned one in some part."""
    base, new = of_counts(3, 3, 400)
    night(root, "base", base)
    night(root, "m-2026-11-27", new, **parts)  # type: ignore[arg-type]
    return checked(root, "m-2026-11-27", text, pinned(root, "base"))


WRITTEN = Setting(style="written", decoding=Decoding(max_tokens=64))
CHANGES: dict[str, tuple[dict[str, object], str, str]] = {
    "data": ({"data": "e" * 64}, "data", ""),
    "prompt": ({"prompt": "q" * 16}, "prompt", "prompt"),
    "system": ({"setting": Setting(system="Be brief.")}, "system", "prompt"),
    "reader": ({"protocol": PROTOCOL.replace("house.v1", "house.v2")}, "reader", "reader"),
    "scorer": ({"protocol": PROTOCOL.replace("{metric}:v1", "{metric}:v2")}, "metric accuracy", "reader"),
    "samples": ({"ids": [f"other/{place}" for place in range(400)]}, "samples", ""),
    "clusters": ({"clusters": [f"case {place // 4}" for place in range(400)]}, "samples", ""),
    "limit": ({"setting": Setting(limit=400)}, "limit", ""),
    "rows": ({"setting": Setting(data="sample")}, "rows", ""),
}  # fmt: skip


@pytest.mark.parametrize("change", [*CHANGES])
def test_what_must_be_the_same_is_and_what_was_changed_on_purpose_is_told(tmp_path: Path, change: str) -> None:
    parts, field, treatment = CHANGES[change]
    found = verdict(tmp_path / "one", **parts)  # type: ignore[arg-type]
    assert (found.word, found.exit_code) == ("NOT_COMPARABLE", 4)
    assert field in found.lines[0].why
    assert found.lines[0].gain is None
    for declared in ("prompt", "engine", "decoding", "reader"):
        text = f'treatment = ["{declared}"]\n' + GATE.format(margin=0.05)
        again = verdict(tmp_path / declared, text, **parts)
        assert again.exit_code == (0 if declared == treatment else 4), declared
        if declared == treatment:
            assert any(each.startswith(f"{treatment}: ") for each in again.treatment)


def test_another_decoding_is_refused_unless_it_is_declared(tmp_path: Path) -> None:
    base, new = of_counts(3, 3, 400)
    hotter = replace(WRITTEN, decoding=Decoding(max_tokens=64, temperature=0.6))
    night(tmp_path, "base", base, setting=WRITTEN)
    night(tmp_path, "m-2026-11-27", new, setting=hotter)
    baseline = pinned(tmp_path, "base")
    refused = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.05), baseline)
    assert refused.exit_code == 4
    assert "temperature 0.0 → 0.6" in refused.lines[0].why
    declared = 'treatment = ["decoding"]\n' + GATE.format(margin=0.05)
    assert checked(tmp_path, "m-2026-11-27", declared, baseline).exit_code == 0


def test_a_seed_is_no_treatment_and_neither_is_a_model(tmp_path: Path) -> None:
    found = verdict(tmp_path, setting=Setting(seed=9), model=replace(MODEL, content="decade"))
    assert found.exit_code == 0
    assert found.treatment == ("model: content c0ffee → decade",)


def test_where_the_engine_is_what_was_changed_the_model_must_be_the_same(tmp_path: Path) -> None:
    text = 'treatment = ["engine"]\n' + GATE.format(margin=0.05)
    assert verdict(tmp_path / "a", text, model=replace(MODEL, version="0.12")).exit_code == 0
    assert verdict(tmp_path / "b", text, model=replace(MODEL, content="decade")).exit_code == 4


def test_a_night_with_gaps_is_not_compared(tmp_path: Path) -> None:
    found = verdict(tmp_path, failed=3)
    assert (found.word, found.exit_code) == ("NOT_COMPARABLE", 4)
    assert found.lines[0].why == "partial: 3 samples were not measured"


def test_a_task_that_the_night_has_not_and_one_that_it_has_twice(tmp_path: Path) -> None:
    base, new = of_counts(3, 3, 400)
    night(tmp_path, "base", base, cell="medqa@sample")
    night(tmp_path, "m-2026-11-27", new, task="other")
    baseline = pinned(tmp_path, "base")
    (line,) = checked(tmp_path, "m-2026-11-27", GATE.format(margin=0.05), baseline).lines
    assert (line.word, line.why) == ("NOT_COMPARABLE", "the night has no result of it")
    for cell in ("medqa", "medqa@chat"):
        night(tmp_path, "m-2026-11-28", new, cell=cell)
    (line,) = checked(tmp_path, "m-2026-11-28", GATE.format(margin=0.05), baseline).lines
    assert (line.word, line.why) == ("NOT_COMPARABLE", "the night has several cells of it")


def test_a_number_that_the_night_does_not_have_is_not_compared(tmp_path: Path) -> None:
    night(tmp_path, "base", {"accuracy": marked(300, 400), "other": marked(200, 400)})
    night(tmp_path, "m-2026-11-27", marked(300, 400))
    text = '[[gate]]\ntask = "medqa"\nmetric = "other"\nmargin = 0.05\n'
    (line,) = checked(tmp_path, "m-2026-11-27", text, pinned(tmp_path, "base")).lines
    assert (line.word, line.why) == ("NOT_COMPARABLE", "its other has no marks to compare")


def test_the_line_tells_of_how_many_samples_it_is(tmp_path: Path) -> None:
    half: list[float | None] = [None if place % 2 else 1.0 for place in range(800)]
    night(tmp_path, "base", {"accuracy": marked(700, 800), "found": half})
    night(tmp_path, "m-2026-11-27", {"accuracy": marked(700, 800), "found": half})
    text = '[[gate]]\ntask = "medqa"\nmetric = "found"\nmargin = 0.05\n'
    (line,) = checked(tmp_path, "m-2026-11-27", text, pinned(tmp_path, "base")).lines
    assert (line.n, line.word) == (400, "NON_INFERIOR")


@pytest.mark.parametrize(("b", "c"), [(20, 25), (60, 65), (16, 24), (150, 150)])
def test_what_it_would_take_to_decide_is_more_than_there_is_and_would_do(tmp_path: Path, b: int, c: int) -> None:
    """As many more of the same rates decide."""
    line = held(tmp_path / "one", b, c, 1273, GATE.format(margin=0.01))
    assert line.word == "INCONCLUSIVE"
    wanted = int(line.why.partition("n≈")[2].split()[0].replace(",", ""))
    assert wanted > 1273
    times = wanted / 1273 * 1.02
    again = held(tmp_path / "two", round(b * times), round(c * times), round(1273 * times), GATE.format(margin=0.01))
    assert again.word != "INCONCLUSIVE"


def test_nothing_is_known_of_a_task_that_is_not_in_the_catalog_but_its_marks(tmp_path: Path) -> None:
    assert NOTHING.tasks == {}
    assert held(tmp_path, 1, 1, 1273, GATE.format(margin=0.015)).word == "NON_INFERIOR"
