"""Numbers, read out of replies as people and models write them, and held against Python's own arithmetic."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.arithmetic import value_at
from medeval.metrics.structured.numbers import read_number

STATED: list[tuple[str, float]] = [
    ('{"step_by_step_thinking": "BMI = 70 / 1.75^2", "answer": "22.857"}', 22.857),
    ('{"step_by_step_thinking": "The age is 45 years.", "answer": 22.857}', 22.857),
    ('{"answer": "25.6 mg/dL"}', 25.6),
    ('{"step_by_step_thinking": "He said "45" and left", "answer": "3"}', 3.0),
    ('{"step_by_step_thinking": "so it is 12.5", "answer": "12.5', 12.5),
    ('{"step_by_step_thinking": "unclosed, "answer": 7.25}', 7.25),
    ("{'step_by_step_thinking': 'x', 'answer': '18.2'}", 18.2),
    ('```json\n{"answer": "1,234.5"}\n```', 1234.5),
    ('{"Answer": -1}', -1.0),
    ('{"answer": 18.5/1.75**2}', 18.5 / 1.75**2),
    ('{"answer": "((140 - 87) * 48.0 * 1) / (1.4 * 72)"}', 53 * 48 / (1.4 * 72)),
    ('{"answer": "8.1 mL/min/1.73 m²"}', 8.1),
    ('{"final_answer": "4 out of 9"}', 4.0),
    ('{"answer": "", "step_by_step_thinking": "nothing"}\nAnswer: 6', 6.0),
    ('I will answer in JSON.\n\n{"answer": "5"}\n\nNote that 2 of 7 criteria were missing.', 5.0),
    ("Answer: 25.6 mg/dL", 25.6),
    ("**Answer:** 25.6", 25.6),
    ("Answer: **25.6 mL/min**", 25.6),
    ("### Final Answer\n\n25.6", 25.6),
    ("Final answer: \\boxed{25.6}", 25.6),
    ("$$\\boxed{25.6 \\text{ mL/min}}$$", 25.6),
    ("\\boxed{\\frac{1}{2}}", 0.5),
    ("\\boxed{1{,}234}", 1234.0),
    ("First \\boxed{3}, but on reflection \\boxed{4}", 4.0),
    ("The answer is 42.", 42.0),
    ("The final answer is approximately 25.6 kg/m^2.", 25.6),
    ("Answer: BMI = 18.5/1.75**2 = 6.04", 6.04),
    ("Answer: BMI = 70 kg / (1.75 m)^2 = 22.86 kg/m²", 22.86),
    ("Answer: 5.2 mmol/L (= 93.6 mg/dL)", 5.2),
    ("Answer: The HbA1c is 7.2 %", 7.2),
    ("Answer: the patient's FIB-4 is 3.82", 3.82),
    ("Answer: CHA2DS2-VASc score of 4", 4.0),
    ("Answer: 4 points, 1 of them for an age of 65-74 (65-74 = 1 point)", 4.0),
    ("Answer: 1.5 (moderate risk = 2 points)", 1.5),
    ("Answer: 140 mEq/L - 104 mEq/L = 36", 36.0),
    ("Answer: 1,234, which is high", 1234.0),
    ("Score = 1 (age) + 1 (hypertension) = 2", 2.0),
    ("Total: 2 + 1 + 1 = 4 points", 4.0),
    ("**Final Answer: 4**", 4.0),
    ("Answer:\n\nThe MELD score is 20.", 20.0),
    ("The patient's CHA₂DS₂-VASc score is 4.", 4.0),
    ("The corrected sodium is 141.24 mEq/L, which is 3 above the measured one.", 141.24),
    ("Answer: 4, because of age and sex.", 4.0),
    ("Answer: 4.", 4.0),
    ("Answer: −3", -3.0),
    ("Answer: -0.828 L", -0.828),
    ("Answer: 1.2e-3", 0.0012),
    ("Answer: 1.2 × 10^-3", 0.0012),
    ("Answer: 1.2 x 10⁻³ mol", 0.0012),
    ("Answer: 150 × 10⁹/L", 1.5e11),
    ("Answer: 1/2", 0.5),
    ("Answer: 53.1%", 53.1),
    ("Answer: about 7 points", 7.0),
    ("Answer: ~7", 7.0),
    ("Answer: ≈ 25.6", 25.6),
    ("Answer: 25.6 ± 2", 25.6),
    ("Answer: .5", 0.5),
    ("Answer: <25.6>", 25.6),
    ("The patient scores 4 points on the CURB-65.", 4.0),
    ('{"answer": {"value": 5.5, "unit": "mg"}}', 5.5),
    ("= 2544 / 100.8\n= 25.24 mL/min", 25.24),
    ("The result is 3.1 (95% CI 2.0 to 4.2).", 3.1),
    ("Answer: 12 - 3 = 9", 9.0),
    ("Answer: +2", 2.0),
    ("Answer (in mg/dL): 9.32", 9.32),
    ("Answer: 3\n\nWait, the patient is 80 years old. Answer: 4", 4.0),
    ("Let me answer this in 3 steps. First, 70 kg. The total score is 5.", 5.0),
    ("≈ 25.6", 25.6),
    ("25.6", 25.6),
    ("**25.6** mg/dL", 25.6),
    ("160 points", 160.0),
    ("BMI = 70/1.75^2 = 22.86", 22.86),
    ("Weight = 70 kg. Height = 1.75 m. Therefore, the BMI is 22.86 kg/m².", 22.86),
    ("Age: 1 point. Hypertension: 1 point.\nTotal score: 2 points", 2.0),
    ("The creatinine clearance is 25.238 mL/min.", 25.238),
    ("The creatinine clearance is 25.238 mL/min. The patient is 87 years old.", 25.238),
    ("So the corrected calcium ≈ 9.32 mg/dL.", 9.32),
    ("MAP = (1/3 * 120) + (2/3 * 80) = 93.33 mmHg", 93.33),
    ("Thus, QTc = 400 / sqrt(0.8) = 447.2 msec.", 447.2),
    ("答案：25.6", 25.6),
    ("答案是25.6分", 25.6),
    ("答案为：３．５", 3.5),
    ("最终答案：约为 25.6 mL/min", 25.6),
    ("因此，该患者的BMI为22.86kg/m²。", 22.86),
    ("体重70公斤，身高1.75米，所以BMI＝70÷1.75^2＝22.86", 22.86),
    ("总分：5分", 5.0),
    ("患者45岁，肌酐清除率约为25.2", 25.2),
    ("２５．６", 25.6),
    ('{"answer": "−３"}', -3.0),
]

UNREAD = [
    "Answer: 5 or 6",
    "Answer: 140 mEq/L to 145",
    "Answer: 25 % - 30 %",
    "答案：5或6",
    "",
    "I cannot tell.",
    "Answer: cannot be determined",
    "Answer: 25\n\nFinal answer: not enough information",
    '{"answer": "N/A"}',
    '{"answer": null}',
    "Answer: 25,6",
    "Answer: 5 000",
    "Answer: < 1",
    "Answer: >= 15",
    "Answer: 5-7",
    "Answer: 5 – 7 points",
    "Answer: between 5 and 7",
    "Answer: 5 to 7",
    "Answer: 3, 4, 5",
    "Answer: 03/04/2021",
    "Answer: 9**9**9",
    "Answer: 1/0",
    "Answer: " + "(" * 10_000 + "1" + ")" * 10_000,
    "Answer: " + "9" * 400,
    "Answer: (-8)**0.5",
    "Answer: __import__('os').system('true')",
    "答案：无法确定",
    "The patient was given vitamin B12 and had HbA1c measured.",
    "答案：三点五",
    "答案：5至7分",
]


@pytest.mark.parametrize(("reply", "number"), STATED)
def test_a_stated_number_is_read(reply: str, number: float) -> None:
    read = read_number(reply)
    assert read is not None
    assert read.value == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize("reply", UNREAD)
def test_a_reply_that_states_no_one_number_is_unread(reply: str) -> None:
    assert read_number(reply) is None


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ('{"answer": 3}', "json"),
        ("\\boxed{3}", "boxed"),
        ("The answer is 3.", "answer"),
        ("3 mg", "alone"),
        ("Therefore, we get 3.", "conclusion"),
        ("The score was high; BMI = 3", "said"),
    ],
)
def test_the_rule_that_read_a_number_is_named(reply: str, rule: str) -> None:
    read = read_number(reply)
    assert read is not None
    assert read.rule == rule


def test_a_percentage_keeps_its_number_and_says_that_it_is_one() -> None:
    read = read_number("Answer: 12.5 %")
    assert read is not None
    assert (read.value, read.percent) == (12.5, True)


SUMS = st.recursive(
    st.integers(0, 99).map(str) | st.sampled_from(["0.5", "1.75", "3.25"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda sum_: f"({' '.join(sum_)})")
    | st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map("".join),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(SUMS)
def test_sums_have_the_value_that_python_gives_them(written: str) -> None:
    try:
        truth = float(eval(written))  # noqa: S307  the oracle; the text is of our own making
    except ZeroDivisionError:
        assert value_at(written) is None
        return
    found = value_at(written)
    assert found is not None
    assert found[0] == pytest.approx(truth, rel=1e-9, abs=1e-9)
    assert found[1] == len(written)


@pytest.mark.parametrize("written", ["2**3**2", "-2**2", "2**-1", "10-2-3", "100/10/2", "-(3+4)*2", "2*-3", "1.5e3/3"])
def test_signs_bind_as_they_do_in_python(written: str) -> None:
    found = value_at(written)
    assert found is not None
    assert found[0] == eval(written)  # noqa: S307  literals of this file


@settings(deadline=None, max_examples=40)
@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4)))
def test_every_number_comes_back_however_it_is_written(number: float) -> None:
    plain = f"{number:.4f}"
    for reply in (
        plain,
        f"Answer: {number:,.4f} mg/dL",
        f'{{"step_by_step_thinking": "12 + 3 = 15", "answer": "{plain}"}}',
        f"The answer is {plain.replace('-', '−')}.",
        f"综上，答案：{number:.4f}。",
        f"$\\boxed{{{plain}}}$",
    ):
        read = read_number(reply)
        assert read is not None, reply
        assert math.isclose(read.value, number, rel_tol=1e-12, abs_tol=1e-12), reply


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*'0123456789.,-+*/()[]{}":= \n\\eE%：≈', "Answer", "answer is", "答案"])).map("".join))
def test_no_text_breaks_the_reader_of_numbers(text: str) -> None:
    read = read_number(text)
    assert read is None or math.isfinite(read.value)
