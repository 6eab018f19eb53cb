"""Verdicts: what is said of a published number and ours, case by case."""

import pytest

from medeval.parity import Verdict, Word, exit_code, verdict
from medeval.parity.verdicts import Same, Unit
from medeval.records import Estimate
from medeval.stats import wilson


def share(hits: int, n: int, failed: int = 0) -> Estimate:
    low, high, method = wilson(hits, n)
    return made(hits / n, low, high, n, method=method, failed=failed)


def made(
    value: float | None, low: float | None, high: float | None, n: int, *, method: str = "", failed: int = 0
) -> Estimate:
    return Estimate(
        metric="accuracy", value=value, low=low, high=high, method=method, n=n, n_eff=n, unread=0, truncated=0,
        refused=0, too_long=0, failed=failed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("published", "hits", "word"),
    [
        ("83.97", 1069, "exact"), ("84.0", 1069, "exact"), ("84", 1069, "exact"),
        ("83.98", 1069, "drift"), ("83.97", 1068, "drift"), ("83.97", 1070, "drift"), ("83.9", 1069, "drift"),
    ],
)  # fmt: skip
def test_the_same_outputs_must_agree_to_the_last_printed_decimal(published: str, hits: int, word: Word) -> None:
    assert verdict(published, share(hits, 1273), "outputs", n=1273).word == word


@pytest.mark.parametrize("published", ["12.5", "12", "13"])
def test_a_tie_may_have_been_rounded_either_way(published: str) -> None:
    assert verdict(published, share(1, 8), "outputs", n=8).word == "exact"


def test_a_count_is_the_sharper_witness() -> None:
    # 84 per cent of 1,273 is any of 1,063 to 1,075; the count says which.
    assert verdict("84", share(1070, 1273), "outputs", n=1273).word == "exact"
    found = verdict("84", share(1070, 1273), "outputs", n=1273, count=1069)
    assert (found.word, found.why) == ("drift", "the same answers give 1,070 of 1,273 (84.05), published is 1,069 (84)")


def test_a_drift_without_a_count_tells_both_numbers() -> None:
    found = verdict("23.7", made(0.25, 0.2, 0.3, 500), "outputs", n=500)
    assert (found.word, found.why) == ("drift", "the same answers give 25.00, published is 23.7")
    assert found.difference == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("published", "word"),
    # Wilson for 628 of 1,273 is 46.59 to 52.08.
    [
        ("49.33", "within"),
        ("46.59", "within"),
        ("52.1", "within"),
        ("52", "within"),
        ("52.2", "drift"),
        ("46.0", "drift"),
    ],
)
def test_the_same_model_agrees_where_the_published_number_lies_in_our_interval(published: str, word: Word) -> None:
    found = verdict(published, share(628, 1273), "model", n=1273)
    assert found.word == word
    assert found.difference == pytest.approx(100 * 628 / 1273 - float(published))


def test_within_says_no_more_than_that() -> None:
    found = verdict("50.0", share(628, 1273), "model", n=1273)
    assert found.why == "the published number lies in our interval"
    apart = verdict("80.91", share(628, 1273), "model", n=1273)
    assert apart.why == "published 80.91 lies outside our interval, 46.59 to 52.08"


def test_a_number_printed_as_it_is_is_compared_as_it_is() -> None:
    close, far = made(0.03043, 0.02, 0.04, 1273), made(0.0306, 0.02, 0.04, 1273)
    assert verdict("0.0304", close, "outputs", n=1273, unit="plain").word == "exact"
    assert verdict("0.0304", far, "outputs", n=1273, unit="plain").word == "drift"


@pytest.mark.parametrize(
    ("value", "tolerance", "word"),
    # Printed 0.0304 was between 0.03035 and 0.03045.
    [
        (0.03048, "", "drift"), (0.03048, "0.0002", "within"), (0.0306, "0.0002", "within"),
        (0.03061, "0.0002", "drift"), (0.03019, "0.0002", "drift"), (0.03044, "0.00001", "exact"),
        (0.03046, "0.00001", "drift"), (0.03044, "0", "exact"),
    ],
)  # fmt: skip
def test_a_tolerance_widens_what_agrees_and_never_narrows_it(value: float, tolerance: str, word: Word) -> None:
    ours = made(value, 0.01, 0.05, 1273)
    assert verdict("0.0304", ours, "outputs", n=1273, unit="plain", tolerance=tolerance).word == word


def test_a_tolerance_is_in_the_unit_that_was_printed() -> None:
    near = made(0.8410, 0.8, 0.9, 1273)
    assert verdict("84.0", near, "outputs", n=1273).word == "drift"
    assert verdict("84.0", near, "outputs", n=1273, tolerance="0.2").word == "within"
    assert verdict("84.0", near, "outputs", n=1273, tolerance="0.002").word == "drift"


def test_a_count_knows_no_tolerance() -> None:
    assert verdict("84", share(1070, 1273), "outputs", n=1273, count=1069, tolerance="5").word == "drift"


@pytest.mark.parametrize("same", ["outputs", "model"])
@pytest.mark.parametrize("unit", ["per cent", "plain"])
def test_other_samples_are_never_a_pass(same: Same, unit: Unit) -> None:
    found = verdict("55.2", share(276, 500), same, n=1000, unit=unit)
    assert found == Verdict(word="not comparable", why="ours rests on 500 samples; published on 1,000")


def test_samples_that_could_not_be_measured_are_other_samples() -> None:
    found = verdict("83.97", share(1069, 1270, failed=3), "model", n=1273)
    assert found.word == "not comparable"
    assert found.why == "ours rests on 1,270 samples, 3 more could not be measured; published on 1,273"


def test_no_value_and_no_interval_cannot_be_compared() -> None:
    assert verdict("50", made(None, None, None, 10), "outputs", n=10).word == "not comparable"
    assert verdict("50", made(0.5, None, None, 10), "model", n=10).why == "ours has no interval"
    assert verdict("50", made(0.5, None, None, 10), "outputs", n=10).word == "exact"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["exact", "within", "waiting", "absent", "not run"], 0),
        (["exact", "drift"], 1),
        (["drift", "not comparable"], 1),
        (["exact", "not comparable"], 4),
        (["waiting", "absent", "not run"], 5),
        ([], 5),
    ],
)
def test_the_exit_code_follows_the_words(words: list[Word], code: int) -> None:
    assert exit_code(words) == code
