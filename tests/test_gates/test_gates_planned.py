"""A gate file laid on a baseline: which number each gate is about, and gates that are about none."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.baselines import Baseline
from medeval.catalog import Catalog
from medeval.errors import RequestError
from medeval.gates.planned import Planned, planned
from tests.nights import NOTHING, gates, marked, night, pinned
from tests.test_comparing import made

WIDE = 0.2


@pytest.fixture
def two(tmp_path: Path) -> Baseline:
    """Two tasks; one has a second number, one that is better lower, and one of which neither way is better."""
    night(tmp_path, "base", {"accuracy": marked(300, 400), "official": marked(200, 400)})
    night(tmp_path, "base", marked(150, 200), task="pubmedqa", cell="pubmedqa@chat")
    night(tmp_path, "base", {"length": [float(place) for place in range(300)]}, task="wordy", better="")
    return pinned(tmp_path, "base")


def laid(root: Path, baseline: Baseline, text: str, catalog: Catalog = NOTHING) -> list[tuple[str, str, float]]:
    return [told(plan) for plan in planned(gates(root, text), baseline, catalog)]


def told(plan: Planned) -> tuple[str, str, float]:
    return plan.pin.cell, plan.estimate.metric, plan.gate.margin


def gate(task: str, margin: float = WIDE, metric: str = "") -> str:
    named = f'metric = "{metric}"\n' if metric else ""
    return f'[[gate]]\ntask = "{task}"\n{named}margin = {margin}\n'


def faults(root: Path, baseline: Baseline, text: str) -> tuple[str, ...]:
    with pytest.raises(RequestError) as raised:
        laid(root, baseline, text)
    assert raised.value.exit_code == 2
    return raised.value.faults


def test_a_gate_is_about_the_number_that_its_task_is_known_by_or_the_one_it_names(
    tmp_path: Path, two: Baseline
) -> None:
    text = gate("medqa") + gate("medqa", 0.25, "official") + gate("pubmedqa", 0.3)
    assert laid(tmp_path, two, text) == [
        ("medqa", "accuracy", WIDE), ("medqa", "official", 0.25), ("pubmedqa@chat", "accuracy", 0.3),
    ]  # fmt: skip


def test_a_cell_may_be_named_instead_of_its_task(tmp_path: Path, two: Baseline) -> None:
    assert laid(tmp_path, two, gate("pubmedqa@chat")) == [("pubmedqa@chat", "accuracy", WIDE)]


def test_a_star_is_every_task_that_has_the_number(tmp_path: Path, two: Baseline) -> None:
    assert laid(tmp_path, two, gate("*", metric="accuracy")) == [
        ("medqa", "accuracy", WIDE), ("pubmedqa@chat", "accuracy", WIDE),
    ]  # fmt: skip
    assert laid(tmp_path, two, gate("*", metric="official")) == [("medqa", "official", WIDE)]


def test_a_star_leaves_out_tasks_of_which_neither_way_is_better(tmp_path: Path, two: Baseline) -> None:
    assert laid(tmp_path, two, gate("*")) == [("medqa", "accuracy", WIDE), ("pubmedqa@chat", "accuracy", WIDE)]
    wordy = pinned(tmp_path, "base", name="wordy", tasks=("wordy",))
    (fault,) = faults(tmp_path, wordy, gate("*"))
    assert "gate of " in fault


def test_a_gate_of_its_own_stands_before_one_for_all(tmp_path: Path, two: Baseline) -> None:
    for text in (
        gate("*", metric="accuracy") + gate("medqa", 0.3),
        gate("medqa", 0.3) + gate("*", metric="accuracy"),
    ):  # fmt: skip
        assert sorted(laid(tmp_path, two, text)) == [
            ("medqa", "accuracy", 0.3), ("pubmedqa@chat", "accuracy", WIDE),
        ]  # fmt: skip


def test_what_is_unknown_is_told_with_what_there_is(tmp_path: Path, two: Baseline) -> None:
    found = faults(tmp_path, two, gate("medqaa") + gate("medqa", WIDE, "accurracy") + gate("wordy"))
    assert len(found) == 3
    assert "base.001 has no such task; it has medqa, pubmedqa@chat, wordy" in found[0]
    assert "'accurracy' is not pinned; accuracy, official is" in found[1]
    assert "neither way is better" in found[2]


def test_a_number_that_no_task_has_is_no_gate_for_all(tmp_path: Path, two: Baseline) -> None:
    (alone,) = faults(tmp_path, two, gate("*", metric="acuracy"))
    (beside,) = faults(tmp_path, two, gate("medqa") + gate("*", metric="acuracy"))
    assert "acuracy" in alone
    assert "acuracy" in beside


@pytest.mark.parametrize(
    "text",
    [
        gate("medqa") + gate("medqa", 0.3, "accuracy"),
        gate("pubmedqa") + gate("pubmedqa@chat", 0.3),
        gate("*", metric="accuracy") + gate("*", 0.3, "accuracy"),
    ],
)
def test_one_number_has_one_gate(tmp_path: Path, two: Baseline, text: str) -> None:
    with pytest.raises(RequestError, match="2 gates"):
        laid(tmp_path, two, text)


@pytest.mark.parametrize("margin", [1.0, 1.5, 15])
def test_a_margin_in_points_is_not_taken_for_a_share(tmp_path: Path, two: Baseline, margin: float) -> None:
    (fault,) = faults(tmp_path, two, gate("medqa", margin))
    assert f"margin is {margin:g}" in fault


def test_a_number_on_a_scale_of_its_own_may_have_any_margin(tmp_path: Path) -> None:
    night(tmp_path, "base", {"score": [float(place % 50) for place in range(400)]}, unit="plain")
    baseline = pinned(tmp_path, "base")
    assert laid(tmp_path, baseline, gate("medqa", 3.0)) == [("medqa", "score", 3.0)]


def test_no_gate_is_no_plan(tmp_path: Path, two: Baseline) -> None:
    assert laid(tmp_path, two, "") == []


def test_macro_f1_is_seen_by_two_takes_of_the_baseline(shelf: Path, house: Catalog) -> None:
    text = gate("pubmedqa", 0.45, "macro_f1")
    sights = []
    for labels in (("a",), ("a", "b", "c")):
        baseline = pinned(shelf, *labels, name="-".join(labels), tasks=("pubmedqa",), catalog=house)
        (plan,) = planned(gates(shelf, text), baseline, house)
        assert plan.sight.measured == (len(labels) > 1)
        sights.append(plan.sight.seen)
    assert all(0.05 < seen < 0.9 for seen in sights)


def test_a_test_by_draws_that_could_never_be_as_rare_as_is_asked_is_refused_or_drawn_more_often(
    shelf: Path, house: Catalog
) -> None:
    """Of 2,000 draws nothing is rarer than 1 in 4,000: a loss of everything would not be one."""
    baseline = pinned(shelf, *"abc", name="draws", tasks=("pubmedqa",), catalog=house)
    text = gate("pubmedqa", 0.45, "macro_f1")
    (plan,) = planned(gates(shelf, f"family_alpha = 0.0002\n{text}"), baseline, house)
    assert 0.5 / (plan.draws + 1) < 0.0002
    with pytest.raises(RequestError, match="draws"):
        planned(gates(shelf, f"family_alpha = 1e-9\n{text}"), baseline, house)


def test_a_number_without_marks_of_single_samples_is_no_gate(shelf: Path, house: Catalog) -> None:
    baseline = pinned(shelf, *"abc", name="bare", tasks=("pubmedqa",), catalog=house)
    (pin,) = baseline.cells
    bare = replace(baseline, cells=(replace(pin, wholes={}),))
    with pytest.raises(RequestError, match="macro_f1"):
        planned(gates(shelf, gate("pubmedqa", 0.45, "macro_f1")), bare, house)


def test_a_number_of_a_task_is_not_asked_of_its_judges(tmp_path: Path) -> None:
    """The model's cell has an accuracy, and a judge's of the same task has grades."""
    made.cell(tmp_path, "base", made.lines(marked(600, 800)))
    graded = [made.line(f"{place:03d}", {"grade": mark}) for place, mark in enumerate(marked(500, 800))]
    made.cell(tmp_path, "base", graded, sworn=made.SWORN)
    baseline = pinned(tmp_path, "base")
    both = {("medqa", "accuracy"), ("medqa/judged/strict", "grade")}
    gate = '[[gate]]\ntask = "medqa"\nmargin = 0.03\n'
    for text, wanted in (
        (gate, both),
        (gate + 'metric = "accuracy"\n', {("medqa", "accuracy")}),
        (gate + 'metric = "grade"\n', {("medqa/judged/strict", "grade")}),
    ):
        found = planned(gates(tmp_path, text), baseline, NOTHING)
        assert {(plan.pin.cell, plan.estimate.metric) for plan in found} == wanted
    with pytest.raises(RequestError, match="'acuracy' is not pinned"):
        planned(gates(tmp_path, gate + 'metric = "acuracy"\n'), baseline, NOTHING)
