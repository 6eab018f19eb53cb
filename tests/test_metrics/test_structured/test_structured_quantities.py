"""Marks of numbers and dates, held against literal rules and every row of MedCalc-Bench."""

import csv
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from medeval.errors import DataError
from medeval.metrics.base import Metric
from medeval.metrics.structured.quantities import Wanted, close_to, within
from medeval.records import Answer, Decoding, Exchange, Message, OpenSample, Request, Response, Walk


def walk(text: str) -> Walk:
    request = Request(text="?", decoding=Decoding())
    return Walk(exchanges=(Exchange(request=request, asked="", reply=Response(text=text)),), answer=Answer())


def sample(*references: str, kind: str = "") -> OpenSample:
    asked = (Message(role="user", content="?"),)
    return OpenSample(id="1", messages=asked, references=references, slices={"kind": kind})


def wanted(each: OpenSample) -> Wanted:
    gold, low, high = each.references
    return Wanted(each.slices["kind"], gold, low, high)  # type: ignore[arg-type]


def marked(metric: Metric, each: OpenSample, text: str) -> bool:
    return metric.mark(each, walk(text)) == 1.0


@pytest.mark.parametrize(
    ("said", "right"),
    [("100", True), ("95", True), ("105", True), ("94.99", False), ("105.01", False), ("no idea", False)],
)
def test_a_decimal_is_right_on_its_limits_and_between_them(said: str, right: bool) -> None:
    assert marked(within(wanted), sample("100", "95", "105", kind="decimal"), f"Answer: {said}") is right


@pytest.mark.parametrize("limits", [("-0.8694", "-0.7866"), ("-0.7866", "-0.8694")])
def test_limits_of_a_negative_number_are_put_in_order(limits: tuple[str, str]) -> None:
    each = sample("-0.828", *limits, kind="decimal")
    assert marked(within(wanted), each, "Answer: -0.83 L")
    assert not marked(within(wanted), each, "Answer: 0.83 L")


@pytest.mark.parametrize(
    ("said", "right"),
    [("4", True), ("4.0", True), ("4.4", True), ("4.6", False), ("3.5", True), ("4.5", True), ("-4", False)],
)
def test_an_integer_is_right_once_rounded_a_half_to_the_even_side(said: str, right: bool) -> None:
    assert marked(within(wanted), sample("4", "4", "4", kind="integer"), f"Answer: {said}") is right


def test_a_number_may_be_off_by_a_share_or_by_so_much_or_not_at_all() -> None:
    gold = sample("200")
    for metric, right, wrong in (
        (close_to(relative=0.05), ("190", "210", "200"), ("189.9", "210.1", "-200")),
        (close_to(absolute=1), ("199", "201"), ("198.9", "201.1")),
        (close_to(), ("200", "200.0", "2e2", "1,000/5"), ("200.1", "20", "none")),
    ):
        assert [said for said in right if not marked(metric, gold, f"Answer: {said}")] == []
        assert [said for said in wrong if marked(metric, gold, f"Answer: {said}")] == []
    assert (close_to(relative=0.05).name, close_to().name) == ("close", "same_number")


def test_a_tolerance_holds_its_own_edge() -> None:
    assert 0.63 - 0.6 > 0.05 * 0.6
    assert marked(close_to(relative=0.05), sample("0.6"), "0.63")


def test_gold_that_is_no_number_is_a_fault_of_the_data_that_names_the_sample() -> None:
    with pytest.raises(DataError, match="sample 1: 'soon' is to be a number"):
        close_to().mark(sample("soon"), walk("3"))
    with pytest.raises(DataError, match="sample 1: 'soon' is to be a date"):
        within(wanted).mark(sample("soon", "", "", kind="date"), walk("3"))


# --- every row of MedCalc-Bench ---

DRESSED = (
    "{}",
    "Answer: {}",
    "**Answer:** {}",
    "The final answer is {}.",
    '{{"step_by_step_thinking": "The patient is 45 years old and weighs 70 kg; 70 / 2 = 35.", "answer": "{}"}}',
    '```json\n{{"step_by_step_thinking": "step 1: 3 points", "answer": "{}"}}\n```',
    '{{"step_by_step_thinking": "he said "no" to 5 mg", "answer": "{}',
    "We start from 12.5 on 01/01/1990, at 3 weeks, 1 days.\n\n\\boxed{{{}}}",
    "患者45岁，体重70公斤。\n答案：{}",
)


def read_rows(folder: Path) -> list[OpenSample]:
    with open(folder / "medcalc" / "test_data.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        sample(
            row["Ground Truth Answer"], row["Lower Limit"], row["Upper Limit"],
            kind="gestation" if "weeks" in row["Ground Truth Answer"] else row["Output Type"],
        )
        for row in rows
    ]  # fmt: skip


def written(each: OpenSample) -> list[str]:
    """The gold answer in the ways in which models put it."""
    gold, kind = each.references[0], each.slices["kind"]
    if kind == "date":
        day = datetime.strptime(gold, "%m/%d/%Y")  # noqa: DTZ007  a day, not a moment
        return [gold, f"{day.month}/{day.day}/{day.year}", f"{day:%Y-%m-%d}", f"{day:%B %d, %Y}", f"{day:%d %b %Y}"]
    if kind == "gestation":
        weeks, days = re.findall(r"\d+", gold)
        return [gold, f"({weeks} weeks, {days} days)", f"{weeks} weeks and {days} days", f"({weeks}, {days})"]
    minus = gold.replace("-", "−")
    return [
        gold,
        f"{float(gold):,}",
        f"{float(gold):.3e}" if kind == "decimal" else gold,
        minus,
        f"{gold} mg/dL",
        f"{gold} / 2 * 2",
    ]


def off(each: OpenSample) -> list[str]:
    """Answers that are near the gold one, and wrong."""
    gold, kind = each.references[0], each.slices["kind"]
    if kind == "date":
        month, day, year = gold.split("/")
        return [
            f"{month}/{day}/{int(year) + 1}",
            "02/30/2020",
            f"{int(day) % 28 + 1:02}/{int(month):02}/{int(year) + 30}",
        ]
    if kind == "gestation":
        weeks, days = re.findall(r"\d+", gold)
        return [f"({weeks} weeks, {(int(days) + 1) % 7} days)", f"({int(weeks) + 1} weeks, {days} days)", weeks]
    value = float(gold)
    far = abs(value) / 10 + 1
    return [f"{value + far:.3f}", f"{value - far:.3f}", f"{-value - 3:.3f}", "unknown"]


def test_every_gold_answer_of_medcalc_is_right_however_it_is_written(real: Path) -> None:
    samples, metric = read_rows(real), within(wanted)
    assert Counter(each.slices["kind"] for each in samples) == {
        "decimal": 627, "integer": 360, "date": 40, "gestation": 20,
    }  # fmt: skip
    # Each way to write a number meets each dress, though not in every row.
    replies = [
        (each, DRESSED[(row + 2 * place) % len(DRESSED)].format(said))
        for row, each in enumerate(samples) for place, said in enumerate(written(each) * 2)
    ]  # fmt: skip
    assert [(each.references, reply) for each, reply in replies if not marked(metric, each, reply)] == []


def test_every_answer_off_the_gold_one_of_medcalc_is_wrong(real: Path) -> None:
    samples, metric = read_rows(real), within(wanted)
    replies = [
        (each, DRESSED[(row + place) % len(DRESSED)].format(said))
        for row, each in enumerate(samples) for place, said in enumerate(off(each) * 2)
    ]  # fmt: skip
    assert [(each.references, reply) for each, reply in replies if marked(metric, each, reply)] == []
