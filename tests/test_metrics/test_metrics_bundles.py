"""What is told beside the numbers that a task is known by."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval import metrics
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.metrics.base import Metric, Tabling
from medeval.records import Response, Result, Style

LABELS = ("A", "B", "C", "D")


def names(bundle: tuple[Metric, ...] | tuple[Tabling, ...]) -> list[str]:
    return [each.name for each in bundle]


def test_an_exam_is_told_over_chance_by_label_by_confidence_and_by_manner() -> None:
    assert names(metrics.exam(LABELS)) == [
        "chance_corrected",
        "balanced_accuracy", "macro_f1", "weighted_f1", "micro_f1", "recall_spread", "preference",
        "recall_A", "recall_B", "recall_C", "recall_D",
        "ece", "ece_10", "auroc", "aurc", "excess_aurc", "augrc", "accuracy_at_80", "accuracy_at_90", "accuracy_at_95",
        "coverage_at_5_risk", "confident", "confident_accuracy", "ece_null", "brier", "log_loss",
        "refusal_rate", "unread_rate", "truncation_rate", "format_kept", "language_kept", "tokens_written",
    ]  # fmt: skip
    assert names(metrics.exam_tables(LABELS)) == ["confusion", "reliability", "risk_coverage"]


def test_a_text_is_told_by_other_measures_than_those_it_is_known_by() -> None:
    told, known = names(metrics.texts()), names(metrics.ROUGE)
    assert not {*told} & {*known}
    assert {*told} | {*known} == {*names(metrics.TEXT), "truncation_rate", "language_kept", "tokens_written"}


@pytest.mark.parametrize("bundle", [metrics.exam(LABELS), metrics.exam("AB"), metrics.texts()])
def test_no_name_stands_twice_and_every_metric_says_what_it_is(bundle: tuple[Metric, ...]) -> None:
    assert len({*names(bundle)}) == len(bundle)
    assert [each.name for each in bundle if not each.about.endswith(".") or len(each.about) < 12] == []


def test_bundles_of_the_same_labels_share_their_marks() -> None:
    one, other = metrics.exam(LABELS), metrics.exam(list(LABELS))
    assert [each.mark for each in one] == [each.mark for each in other]
    assert len({each.mark for each in one}) == 8  # chance, pair, confidence, losses, manners, last_line, tongue, tokens


def test_making_a_bundle_loads_nothing_heavy() -> None:
    code = (
        "from medeval import metrics\nmetrics.exam('ABCD'), metrics.exam_tables('ABCD'), metrics.texts()\nimport sys\n"
        "print([name for name in ('numpy', 'scipy', 'torch', 'sklearn', 'evaluate') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- of real cells ------------------------------------------------------------------------------


def told(home: Path, model: Scripted, style: Style) -> Result:
    return medeval.evaluate(model=model, tasks="medqa", data="sample", reports=home, style=style).results[0]


def letters() -> Scripted:
    return Scripted(lambda request: Response(logprobs=(-0.5, -1.5, -2.5, -3.0)))


def writing() -> Scripted:
    return Scripted(lambda request: Response(text="It is clear.\nAnswer: A", completion_tokens=7))


@pytest.mark.parametrize(
    ("model", "style", "there", "absent"),
    [
        (letters, "letters", {"ece", "brier", "chance_corrected", "macro_f1"}, {"format_kept", "tokens_written"}),
        (writing, "written", {"format_kept", "tokens_written", "macro_f1"}, {"ece", "brier", "auroc"}),
    ],
)
def test_a_cell_tells_what_its_style_of_asking_gives(
    tmp_path: Path, model: Callable[[], Scripted], style: Style, there: set[str], absent: set[str]
) -> None:
    result = told(tmp_path, model(), style)
    found = {each.metric for each in result.estimates}
    assert there <= found
    assert not absent & found
    assert result.headline == "accuracy"
    assert not result.first.beside
    assert all(each.beside for each in result.estimates if each.metric in there)


def test_the_tables_of_a_cell_hold_every_sample_once(tmp_path: Path) -> None:
    result = told(tmp_path, letters(), "letters")
    tables = {table.name: table for table in result.tables}
    assert [*tables] == ["confusion", "reliability", "risk_coverage"]
    confusion = tables["confusion"]
    assert confusion.columns == ("right", "A", "B", "C", "D", "nothing")
    counts = [[float(each or 0) for each in row[1:]] for row in confusion.rows]
    assert sum(map(sum, counts)) == result.first.n
    # The model always says A: only that column is filled, and what stands in its first row is right.
    assert [sum(column) for column in zip(*counts, strict=True)] == [result.first.n, 0, 0, 0, 0]
    assert counts[0][0] / result.first.n == pytest.approx(result.first.value)
    (bin_of_all,) = tables["reliability"].rows
    assert bin_of_all[2] == result.first.n
    assert bin_of_all[4] == pytest.approx(result.first.value)


def test_a_written_cell_has_the_confusion_and_no_curves(tmp_path: Path) -> None:
    assert [table.name for table in told(tmp_path, writing(), "written").tables] == ["confusion"]


def test_every_exam_of_the_project_tells_its_bundle() -> None:
    for name, named in find().tasks.items():
        if "letters" in {way.partition(":")[0] for way in named.task.wordings}:
            assert {"chance_corrected", "ece", "language_kept"} <= {*names(named.task.also)}, name
