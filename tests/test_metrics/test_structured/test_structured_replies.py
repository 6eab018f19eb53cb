"""What models write where a clinical value is asked for, and what must be read: written before the readers met it.

The forms are those of calculators: units with digits in them, names of scores with digits in them, sums shown beside
their value, points out of a total, dates counted from another date, weeks and days of a pregnancy.
"""

from datetime import date

import pytest

from medeval.metrics.structured.quantities import Wanted, read_value

NUMBERS: list[tuple[str, float]] = [
    ("Answer: 25.24 mL/min", 25.24),
    ("**Answer: 25.24 mL/min/1.73 m²**", 25.24),
    ("Answer: 127.7 mL/min/1.73m^2", 127.7),
    ("Answer: $127.7$ mL/min/1.73 m$^2$", 127.7),
    ("Answer: \\(25.24 \\, \\text{mL/min}\\)", 25.24),
    ("Answer: \\boxed{14.5\\ \\text{kg/m}^2}", 14.5),
    ("Answer: 1.94 m2", 1.94),
    ("Answer: 22.9 kg/m2", 22.9),
    ("Answer: -0.83 L (that is, none)", -0.83),
    ("Answer: −0.83 liters", -0.83),
    ("Answer: –0.83 L", -0.83),
    ("Answer: - 0.83 L", -0.83),
    ("FENa = 0.247 %\n\nAnswer: 0.247 %", 0.247),
    ("Answer: 5.3e-2", 0.053),
    ("Answer: 1,234.5 mOsm/kg", 1234.5),
    ("Answer: 0.0", 0.0),
    ('{"step_by_step_thinking": "((140 - 87) * 48) / (1.4 * 72) = 25.24", "answer": "25.24"}', 25.24),
    ('{"step_by_step_thinking": "He is 87 years old.", "answer": 25.24}', 25.24),
    ('{"answer": "25.24 mL/min"}', 25.24),
    ('{"step_by_step_thinking": ["weight 48 kg", "age 87"], "answer": ["25.24"]}', 25.24),
    ('```json\n{\n  "step_by_step_thinking": "1. Age: 87\\n2. Weight: 48 kg",\n  "answer": "-0.83"\n}\n```', -0.83),
    ('{"answer": "The patient\'s BMI is 14.5 kg/m²."}', 14.5),
    ("Answer: approximately 413.6 ms", 413.6),
    ("Answer: QTc = 330 ms / sqrt(0.8) ≈ 368.95 ms", 368.95),
    ("Answer: 369 msec (QT 330 ms at 75 beats/min)", 369.0),
    ("Answer: 54 mL/h (1,296 mL/day)", 54.0),
    ("Answer: 73.8 kg (162.7 lb)", 73.8),
    ("Answer: 35.2 MME/day", 35.2),
    ("Answer: 53.09 mg of prednisolone PO (7.96 mg × 6.67)", 53.09),
    ("Answer: MAP = (2 × 85 + 130)/3 = 100 mm Hg", 100.0),
    ("Answer: (2*85 + 130)/3", 100.0),
    ("Answer: 141.24 mEq/L ≈ 141 mEq/L", 141.24),
    ("Answer: Corrected calcium = 8.2 + 0.8 × (4.0 − 2.6) = 9.32 mg/dL", 9.32),
    ("Answer: 25.24 mL/min (23.98–26.50)", 25.24),
    ("Answer: 25.24 (rounded to 25)", 25.24),
    ("Answer: The patient's BMI is 14.5 kg/m², which is underweight (<18.5).", 14.5),
    ("Therefore, the answer is: 14.5.", 14.5),
    ("Answer: 14.5\n\nNote: the reference range is 18.5–24.9.", 14.5),
    ("The patient weighs 42 kg and is 170 cm tall.\n<answer>14.5</answer>", 14.5),
    ("<answer>\n14.5 kg/m²\n</answer>", 14.5),
    ("<answer> 0.12947068644241227 <\\answer>", 0.12947068644241227),
    ("Answer: MELD-Na ≈ 20", 20.0),
    ("Answer: The FIB-4 index is 3.82", 3.82),
    ("Answer: 1.5 points", 1.5),
    ("Answer: 3/4 L", 0.75),
]
SCORES: list[tuple[str, int]] = [
    ("Answer: 12/15", 12),
    ("Answer: GCS 12/15 (E3 V4 M5)", 12),
    ("Answer: 2/5 points", 2),
    ('{"answer": "4/9"}', 4),
    ("Answer: 12 (E3 V4 M5)", 12),
    ("Answer: E3V4M5 = 12", 12),
    ("Answer: 4 + 3 + 5 = 12", 12),
    ("Answer: 3 out of 7", 3),
    ("Answer: 2 of 4 criteria", 2),
    ("Answer: 2 criteria (temperature > 38 °C, heart rate > 90)", 2),
    ("Answer: SIRS criteria met: 2", 2),
    ("Answer: Score of 4 (high risk; annual stroke risk 4.8%)", 4),
    ("Answer: 8 (Class B)", 8),
    ("Answer: Child-Pugh B (8 points)", 8),
    ("Answer: PSI = 160 → Class V", 160),
    ("Answer: CURB-65 score = 1", 1),
    ("Answer: CURB-65: 1", 1),
    ("CURB-65 Score: **1**", 1),
    ("Answer: HAS-BLED 5", 5),
    ("Answer: CHA2DS2-VASc = 4", 4),
    ('{"answer": "CHA2DS2-VASc Score: 4"}', 4),
    ("Answer: Wells score −2", -2),
    ("Answer: Wells' criteria score = -2 points", -2),
    ("Answer: 3 points: 2 for age ≥75 years, 1 for hypertension", 3),
    ("Answer: 0 points", 0),
    ("Answer: APACHE II score: 26", 26),
    ("Answer: 26 (APACHE II; mortality about 55 %)", 26),
    ("The total is 1 + 2 + 1 = 4 points.\n\nAnswer: 4.", 4),
]
DATES: list[tuple[str, date | None]] = [
    ("Answer: 09/23/2014", date(2014, 9, 23)),
    ("Answer: 9/23/2014", date(2014, 9, 23)),
    ("**Answer: September 23, 2014**", date(2014, 9, 23)),
    ("Answer: 23 September 2014", date(2014, 9, 23)),
    ("Answer: Tuesday, Sept. 23, 2014", date(2014, 9, 23)),
    ("Answer: 2014-09-23", date(2014, 9, 23)),
    ("Answer: 09-23-2014", date(2014, 9, 23)),
    ('{"step_by_step_thinking": "LMP 12/11/2013 + 280 days", "answer": "09/23/2014"}', date(2014, 9, 23)),
    ("Answer: 12/11/2013 + 280 days = 09/17/2014", date(2014, 9, 17)),
    ("Answer: 12/11/2013 + 280 days - 6 days → 09/11/2014", date(2014, 9, 11)),
    ("Answer: Her due date, counted from 12/11/2013, is 09/17/2014.", date(2014, 9, 17)),
    ("Answer: 09/23/2014 (her last period was on 12/11/2013)", date(2014, 9, 23)),
    ("Answer: 09/23/2014; the last period is 12/11/2013", date(2014, 9, 23)),
    ("Answer: EDD = 09/23/2014", date(2014, 9, 23)),
    ("<answer>09/23/2014</answer>", date(2014, 9, 23)),
    ("Answer: 09/31/2014", None),
    ("Answer: 23/09/2014", None),
    ("Answer: unknown, the last period was on 12/11/2013", None),
]
GESTATIONS: list[tuple[str, tuple[int, int] | None]] = [
    ("Answer: (0 weeks, 6 days)", (0, 6)),
    ("Answer: 37 weeks, 2 days", (37, 2)),
    ("Answer: ('38 weeks', '3 days')", (38, 3)),
    ('{"answer": "(14 weeks, 1 days)"}', (14, 1)),
    ('{"answer": ["14 weeks", "1 day"]}', (14, 1)),
    ("{\"answer\": \"('14 weeks', '1 days')\"}", (14, 1)),
    ('{"answer": {"weeks": 14, "days": 1}}', (14, 1)),
    ("Answer: Weeks: 14, Days: 1", (14, 1)),
    ("Answer: 14w1d", (14, 1)),
    ("Answer: 14 wk 1 d", (14, 1)),
    ("Answer: 14+1 weeks", (14, 1)),
    ("Answer: 14⁺¹ weeks", (14, 1)),
    ("Answer: $14^{+1}$ weeks", (14, 1)),
    ("Answer: 14 1/7 weeks", (14, 1)),
    ("Answer: (14, 1)", (14, 1)),
    ("Answer: (14 weeks; 1 day)", (14, 1)),
    ("Answer: 14 completed weeks and 1 day", (14, 1)),
    ("Answer: 99 days = 14 weeks and 1 day", (14, 1)),
    ("Answer: 14 weeks and 1 day (99 days)", (14, 1)),
    ("Answer: 14 weeks", (14, 0)),
    ("Answer: 6 days", (0, 6)),
    ("Hence, the estimated gestational age is 6 days.", (0, 6)),
    ("<answer>(14 weeks, 1 day)</answer>", (14, 1)),
    ("Answer: 14 weeks, 8 days", None),
    ("Answer: 14.1 weeks", None),
    ("Answer: 99 days", None),
    ("Answer: cannot be told; at 14 weeks and 1 day she was well", None),
]
NOTHING = (
    "", "Answer: X", "Answer: N/A", "Answer: not enough information", "Answer: 5 or 6", "Answer: between 5 and 7",
    "Answer: 5–7", "I cannot compute this.", '{"step_by_step_thinking": "The patient is 87", "answer": ""}',
    "Answer: <1 %", "<answer></answer>", "<answer>unknown</answer>", "Answer: –",
)  # fmt: skip


@pytest.mark.parametrize(("reply", "value"), NUMBERS)
def test_the_number_of_a_reply_is_read(reply: str, value: float) -> None:
    assert read_value(Wanted("decimal", "0", "0", "0"), reply) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("reply", "value"), SCORES)
def test_the_points_of_a_score_are_read(reply: str, value: int) -> None:
    assert read_value(Wanted("integer", "0"), reply) == value


@pytest.mark.parametrize(("reply", "value"), DATES)
def test_the_date_of_a_reply_is_read(reply: str, value: date | None) -> None:
    assert read_value(Wanted("date", "01/01/2000"), reply) == value


@pytest.mark.parametrize(("reply", "value"), GESTATIONS)
def test_the_weeks_and_days_of_a_reply_are_read(reply: str, value: tuple[int, int] | None) -> None:
    assert read_value(Wanted("gestation", "1 week"), reply) == value


@pytest.mark.parametrize("reply", NOTHING)
@pytest.mark.parametrize("wanted", [Wanted("decimal", "0", "0", "0"), Wanted("integer", "0")], ids=["decimal", "score"])
def test_where_no_value_is_stated_none_is_read(reply: str, wanted: Wanted) -> None:
    assert read_value(wanted, reply) is None
