"""The figures of compare and check: worked cases, synthetic nights, ten thousand gates, nights on a real model.

Nights are played through the gate's own code: marks of two runs in, a verdict out.
--quick leaves the model out.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import gate_night
import numpy as np
from figures import Figures
from gate_reports import CELLS, METRICS, many_gates, medmcqa
from scipy.stats import binom, norm

from medeval.catalog import Catalog
from medeval.comparing.measured import of_means
from medeval.gates import decide, verdict
from medeval.gates.files import opened
from medeval.gates.margins import Night, lines
from medeval.gates.planned import planned
from medeval.stats import power

NIGHTS, ALPHA, CONFIDENCE, MARGIN = 2_000, 0.01, 0.90, 0.015
SIZES, FLIPS, DROPS = (135, 500, 1_273), (0.01, 0.03, 0.05), (0.0, 0.01, 0.02, 0.03)
"""Flips are those of chance, as many either way; a drop comes on top of them."""
ENOUGH = 30
"""Flips that must be expected, for a normal approximation as Connor's to be near: with fewer the gate sees more."""
SEES = (
    (500, 0.03),
    (500, 0.05),
    (500, 0.10),
    (1_273, 0.03),
    (1_273, 0.05),
    (1_273, 0.10),
    (4_183, 0.03),
    (4_183, 0.05),
)


class Worked(NamedTuple):
    """A case of the specification: counts, and what must come out, in points at 90 %."""

    n: int
    b: int
    c: int
    difference: float
    low: float
    high: float
    words: dict[float, str]
    """By the margin, in points."""


WORKED = (
    Worked(1_273, 12, 40, -2.20, -3.19, -1.30, {1.5: "REGRESSED"}),
    Worked(1_273, 20, 25, -0.39, -1.29, 0.49, {1.5: "NON_INFERIOR", 1.0: "INCONCLUSIVE"}),
    Worked(135, 3, 4, -0.74, -4.5, 2.9, {1.5: "INCONCLUSIVE", 3.0: "INCONCLUSIVE"}),
    Worked(1_273, 0, 0, 0.0, -0.21, 0.21, {1.0: "NON_INFERIOR"}),
    Worked(4_183, 30, 60, -0.72, -1.10, -0.35, {1.5: "REGRESSED"}),
)


def marks(n: int, b: int, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Marks of two runs with so many gained and lost, and the others alike."""
    base, new = np.ones(n), np.ones(n)
    base[:b], new[b : b + c] = 0.0, 0.0
    base[b + c :: 3] = new[b + c :: 3] = 0.0
    return base, new


def night(n: int, b: int, c: int, margin: float = MARGIN) -> tuple[str, float]:
    """What the gate says of one, by one gate alone, and the chance it says so by."""
    found = of_means(*marks(n, b, c), (), (CONFIDENCE,))
    low, high, _ = found.limits[0]
    word, _ = decide(found.value, low, high, found.lower, margin=margin, min_effect=0.0, alpha=ALPHA)
    return word, found.lower


def worked(figures: Figures) -> None:
    """The cases of the specification."""
    off, wrong = 0.0, 0
    for case in WORKED:
        found = of_means(*marks(case.n, case.b, case.c), (), (CONFIDENCE,))
        got = [100 * each for each in (found.value, *found.limits[0][:2])]
        digits = 1 if case.n == 135 else 2  # as they are printed there
        off = max(off, *[
            abs(one - said) * 10 ** digits for one, said in zip(got[1:], (case.low, case.high), strict=True)
        ], abs(got[0] - case.difference) * 100)  # fmt: skip
        for margin, word in case.words.items():
            wrong += night(case.n, case.b, case.c, margin / 100)[0] != word
    figures.at_most("worked cases: off the last printed digit", off, 0.5 + 1e-9, "digits")
    figures.at_most("worked cases: other verdicts", wrong, 0, "")


def played(n: int, flips: float, drop: float, nights: int, dice: np.random.Generator) -> float:
    """The share of nights that come out red."""
    counts = dice.multinomial(n, (flips / 2, flips / 2 + drop, 1 - flips - drop), size=nights)
    known: dict[tuple[int, int], bool] = {}
    red = 0
    for b, c, _ in counts.tolist():
        if (b, c) not in known:
            known[b, c] = night(n, b, c)[0] == "REGRESSED"
        red += known[b, c]
    return red / nights


def exact(n: int, flips: float, drop: float) -> float:
    """The same by adding up every outcome: the mid-p test against the level, and no code of the gate."""
    share, whole = flips + drop, 0.0
    for both in range(n + 1):
        chance = binom.pmf(both, n, share)
        if chance > 1e-12:
            lost = np.arange(both + 1)
            p = binom.cdf(both - lost, both, 0.5) - 0.5 * binom.pmf(both - lost, both, 0.5)
            red = (p < ALPHA) & (2 * lost > both)
            whole += chance * binom.pmf(lost[red], both, (flips / 2 + drop) / share).sum()
    return float(whole)


def tabled(n: int, flips: float, drop: float) -> float:
    """The same by Connor's formula, on which the table of the specification rests."""
    share = flips + drop
    away = drop * np.sqrt(n) - norm.isf(ALPHA) * np.sqrt(share)
    return float(norm.cdf(away / np.sqrt(share - drop**2)))


def nights(figures: Figures, count: int) -> None:
    """Thousands of nights a setting: false alarms, and what is seen."""
    dice = np.random.default_rng(20261128)
    alarms: list[float] = []
    far = far_tabled = 0.0
    print(f"      {'n':>6} {'flips':>6}   red nights, %: measured (exact; table) by the true drop")
    for n in SIZES:
        for flips in FLIPS:
            said = []
            for drop in DROPS:
                red, true = played(n, flips, drop, count, dice), exact(n, flips, drop)
                shown = f"{100 * red:5.1f} ({100 * true:.1f}"
                if not drop:
                    alarms.append(red)
                far = max(far, abs(red - true))
                if n * (flips + drop) >= ENOUGH:
                    far_tabled = max(far_tabled, abs(red - tabled(n, flips, drop)))
                    shown += f"; {100 * tabled(n, flips, drop):.1f}"
                said.append(f"{shown})")
            print(
                f"      {n:>6,} {flips:>6.0%}   "
                + "  ".join([f"−{100 * d:.0f}: {x}" for d, x in zip(DROPS, said, strict=True)])
            )
    seen = []
    print("      red nights at the losses that the specification's table has for 80 %: measured (exact)")
    for n, share in SEES:
        loss = power.detectable(n, share, alpha=ALPHA, one_sided=True) or 0.0
        red = played(n, share - loss, loss, count, dice)
        true = 100 * exact(n, share - loss, loss)
        print(f"      {n:>6,} {share:>6.0%}   −{100 * loss:.1f}: {100 * red:.1f} ({true:.1f})")
        if n * share >= ENOUGH:
            seen.append(abs(red - 0.8))
    settings = len(SIZES) * len(FLIPS)
    figures.at_most(f"false red, {settings} settings x {count:,} nights", sum(alarms) / settings, 1.2 * ALPHA, "")
    figures.at_most("power off what adding up every outcome gives", 100 * far, 3.0, "points")
    figures.at_most("power off the table's formula, 30 flips or more", 100 * far_tabled, 3.0, "points")
    figures.at_most("power at the losses of the table, off 80 %", 100 * max(seen), 3.0, "points")


def three_takes(figures: Figures, count: int) -> None:
    """The same against the mean of three takes, as baselines are pinned: chance flips in each of the four runs."""
    dice, alarms = np.random.default_rng(20261129), []
    for n in SIZES:
        for flips in FLIPS:
            red = 0
            for _ in range(count):
                truth = dice.random(n) < 0.7
                takes = truth[:, None] ^ (dice.random((n, 4)) < flips / 2)
                found = of_means(takes[:, :3].mean(axis=1), takes[:, 3].astype(float), (), (CONFIDENCE,))
                low, high, _ = found.limits[0]
                how = {"margin": MARGIN, "min_effect": 0.0, "alpha": ALPHA}
                red += decide(found.value, low, high, found.lower, **how)[0] == "REGRESSED"
            alarms.append(red / count)
    figures.at_most("false red against three takes, the same settings", sum(alarms) / len(alarms), 1.2 * ALPHA, "")


def ten_thousand(figures: Figures, home: Path) -> None:
    """As many gates as nobody has, from the file to the verdict."""
    file, baseline, sides = many_gates(home)
    begun = time.perf_counter()
    gate = opened(file)
    plans = planned(gate, baseline, Catalog(tasks={}, groups={}))
    found = verdict(lines(plans, Night(sides), gate), gate, baseline, "night", "")
    seconds = time.perf_counter() - begun
    figures.at_least("gates that were decided", len(found.lines), CELLS * METRICS, "")
    figures.note(f"{len(found.lines):,} gates, three takes pinned, n 1,273: {found.word}")
    figures.at_most("10,000 gates, from the file to the verdict", seconds, 2.0, "s")


def compared(figures: Figures, home: Path) -> None:
    """Two cells of MedMCQA's size, by the command, Python's start included."""
    reports = medmcqa(home)
    names = sorted(path.name for path in reports.iterdir())
    command: list[str | Path] = [
        Path(sys.executable).parent / "medeval",
        "compare",
        *names,
        "--reports",
        reports,
        "--slices",
    ]
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    figures.at_most("compare two MedMCQA cells (4,183 items, 21 subjects)", min(seconds), 3.0, "s")


def main() -> None:
    """Measure all of it."""
    quick = "--quick" in sys.argv
    sys.argv = [each for each in sys.argv if each != "--quick"]
    figures = Figures()
    worked(figures)
    nights(figures, NIGHTS)
    three_takes(figures, NIGHTS)
    with tempfile.TemporaryDirectory() as folder:
        ten_thousand(figures, Path(folder))
        compared(figures, Path(folder))
        if not quick:
            on_a_model(figures, Path(folder))
    figures.end()


def on_a_model(figures: Figures, home: Path) -> None:
    """The whole way on a real engine: a baseline, a night of the same model, a night of a copy that lost something."""
    place = gate_night.prepared(home / "models")
    found = gate_night.played(place, home / "nights")
    red, green = found.red, found.green
    figures.note(
        f"{found.engine}: right {100 * found.accuracy[0]:.1f} %, with noise {100 * found.accuracy[1]:.1f} %; "
        f"{100 * found.flipped:.2f} % flip between runs of one model; {found.seconds:.0f} s in all"
    )
    figures.note(f"noise: {red.word} {100 * red.gain:+.1f} ({100 * red.low:.1f} to {100 * red.high:.1f}), "
                 f"{red.down} lost, such as {', '.join(red.lost[:3])}")  # fmt: skip
    figures.note(f"same: {green.word} {100 * green.gain:+.1f} ({100 * green.low:.1f} to {100 * green.high:.1f})")
    figures.at_least("a model with noise: exit code", red.code, 1, "")
    figures.at_most("a model with noise: exit code is 1", red.code, 1, "")
    figures.at_least("a model with noise: questions named", len(red.lost), 1, "")
    figures.at_most("the same model again: exit code", green.code, 0, "")


if __name__ == "__main__":
    main()
