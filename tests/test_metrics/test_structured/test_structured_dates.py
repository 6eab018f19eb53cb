"""Dates and weeks of pregnancy, read out of replies, and held against the calendar."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.dates import MONTHS, read_date, read_gestation

STATED = [
    ("03/04/2021", (2021, 3, 4)),
    ("3/4/2021", (2021, 3, 4)),
    ("Answer: 12/31/2009", (2009, 12, 31)),
    ('{"step_by_step_thinking": "LMP 01/02/2009, so add 280 days", "answer": "10/09/2009"}', (2009, 10, 9)),
    ('{"answer": "09/23/2014"}', (2014, 9, 23)),
    ('{"answer": "09/23/2014', (2014, 9, 23)),
    ("```json\n{'answer': '09/23/2014'}\n```", (2014, 9, 23)),
    ("2021-03-04", (2021, 3, 4)),
    ("Answer: 2021/03/04", (2021, 3, 4)),
    ("2021.03.04", (2021, 3, 4)),
    ("The due date is 2021-03-04.", (2021, 3, 4)),
    ("2021-03-04T00:00:00", (2021, 3, 4)),
    ("March 3, 2021", (2021, 3, 3)),
    ("March 3rd, 2021", (2021, 3, 3)),
    ("Mar 3 2021", (2021, 3, 3)),
    ("Mar. 3, 2021", (2021, 3, 3)),
    ("march 3, 2021", (2021, 3, 3)),
    ("MARCH 3, 2021", (2021, 3, 3)),
    ("3 March 2021", (2021, 3, 3)),
    ("3rd of March 2021", (2021, 3, 3)),
    ("3rd March, 2021", (2021, 3, 3)),
    ("03-Mar-2021", (2021, 3, 3)),
    ("Sept 5, 2014", (2014, 9, 5)),
    ("Sept. 5, 2014", (2014, 9, 5)),
    ("September 5, 2014", (2014, 9, 5)),
    ("The estimated date of conception is May 6, 2013.", (2013, 5, 6)),
    ("**Answer:** October 10, 2015", (2015, 10, 10)),
    ("\\boxed{10/10/2015}", (2015, 10, 10)),
    ("\\boxed{\\text{October 10, 2015}}", (2015, 10, 10)),
    ("LMP was 01/10/2021. EDD = 10/17/2021", (2021, 10, 17)),
    ("Answer: 10/17/2021 (LMP 01/10/2021)", (2021, 10, 17)),
    ("Answer: 10/17/2021\n\nThe LMP was 01/10/2021.", (2021, 10, 17)),
    ("Answer: 01/01/2020. Wait, that is wrong.\nAnswer: 02/01/2020", (2020, 2, 1)),
    ("02/29/2020", (2020, 2, 29)),
    ("2021年3月3日", (2021, 3, 3)),
    ("２０２１年３月３日", (2021, 3, 3)),
    ("答案：2021年03月03日", (2021, 3, 3)),
    ("预产期为2021 年 3 月 3 日。", (2021, 3, 3)),
    ("答案是2021-03-03。", (2021, 3, 3)),
    ("末次月经2020年5月27日，因此预产期是2021年3月3日", (2021, 3, 3)),
    ("2021年3月3号", (2021, 3, 3)),
    ("03-04-2021", (2021, 3, 4)),
    ("03.04.2021", (2021, 3, 4)),
    ("12/1/2020\n", (2020, 12, 1)),
]

NO_DATE = [
    "",
    "next week",
    "02/30/2020",
    "02/29/2021",
    "13/13/2020",
    "23/09/2014",
    "00/10/2020",
    "31 April 2021",
    "2021年2月30日",
    "April 2021",
    "03/04/21",
    "3/4",
    "120/80 mmHg",
    "Answer: cannot be determined; the LMP was 01/10/2021",
    "答案：无法确定，末次月经2020年5月27日",
    "12345/01/2020",
    "01/02/20201",
    "Marble 3, 2021",
    "0000-01-01",
    "Answer: 02/30/2020. The LMP was 01/01/2020.",
]

WEEKS = [
    ("(17 weeks, 4 days)", (17, 4)),
    ("('14 weeks', '2 days')", (14, 2)),
    ('("14 weeks", "2 days")', (14, 2)),
    ('{"answer": "(14 weeks, 2 days)"}', (14, 2)),
    ('{"answer": ("14 weeks", "2 days")}', (14, 2)),
    ('{"answer": "(14, 2)"}', (14, 2)),
    ('{"answer": [14, 2]}', (14, 2)),
    ('{"answer": ["14 weeks", "2 days"]}', (14, 2)),
    ("Answer: (14, 2)", (14, 2)),
    ("17 weeks and 4 days", (17, 4)),
    ("17 weeks 4 days", (17, 4)),
    ("17 weeks, 4 days of gestation", (17, 4)),
    ("17 weeks and 1 day", (17, 1)),
    ("1 week, 1 day", (1, 1)),
    ("0 weeks, 6 days", (0, 6)),
    ("17w4d", (17, 4)),
    ("17 wks 4 d", (17, 4)),
    ("17+4", (17, 4)),
    ("17+4 weeks", (17, 4)),
    ("17 4/7 weeks", (17, 4)),
    ("The gestational age is 17-weeks, 4-days.", (17, 4)),
    ("Answer: 17 weeks and 4 days\n\n(280 days are 40 weeks.)", (17, 4)),
    ("At 12 weeks she bled. Now: 17 weeks, 4 days", (17, 4)),
    ("**17 weeks, 4 days**", (17, 4)),
    ("\\boxed{17 \\text{ weeks, } 4 \\text{ days}}", (17, 4)),
    ("17周4天", (17, 4)),
    ("17周+4天", (17, 4)),
    ("孕17+4周", (17, 4)),
    ("孕17周零4天", (17, 4)),
    ("答案：１７周４天", (17, 4)),
    ("34 weeks", (34, 0)),
    ("34 weeks, 0 days", (34, 0)),
]

NO_WEEKS = [
    "",
    "soon",
    "3 weeks, 10 days",
    "(14, 9)",
    "weeks and days",
    "Answer: unknown",
    "答案：无法确定",
    "(2020, 1)",
]


@pytest.mark.parametrize(("reply", "stated"), STATED)
def test_a_stated_date_is_read(reply: str, stated: tuple[int, int, int]) -> None:
    read = read_date(reply)
    assert read is not None
    assert read.value == date(*stated)


@pytest.mark.parametrize("reply", NO_DATE)
def test_a_reply_without_a_date_of_any_calendar_is_unread(reply: str) -> None:
    assert read_date(reply) is None


@pytest.mark.parametrize(("reply", "stated"), WEEKS)
def test_stated_weeks_and_days_are_read(reply: str, stated: tuple[int, int]) -> None:
    read = read_gestation(reply)
    assert read is not None
    assert read[:2] == stated


@pytest.mark.parametrize("reply", NO_WEEKS)
def test_a_reply_without_weeks_is_unread(reply: str) -> None:
    assert read_gestation(reply) is None


def test_a_task_says_whether_the_day_comes_first() -> None:
    american, european = read_date("03/04/2021"), read_date("03/04/2021", day_first=True)
    assert american is not None
    assert european is not None
    assert (american.value, european.value) == (date(2021, 3, 4), date(2021, 4, 3))
    assert read_date("03/25/2021", day_first=True) is None


def test_the_rule_that_read_a_date_is_named() -> None:
    replies = ('{"answer": "1/2/2020"}', "Answer: 1/2/2020", "1/2/2020")
    assert [read.rule for reply in replies if (read := read_date(reply))] == ["json", "answer", "said"]


@settings(deadline=None, max_examples=40)
@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_every_day_of_the_calendar_is_read_however_it_is_written(day: date) -> None:
    name = MONTHS[day.month - 1].capitalize()
    for written in (
        day.isoformat(),
        f"{day.month:02}/{day.day:02}/{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{name} {day.day}, {day.year}",
        f"{name[:3]} {day.day}, {day.year}",
        f"{day.day} {name} {day.year}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        for reply in (
            written,
            f"Answer: {written}.",
            f'{{"answer": "{written}"}}',
            f"It was 01/01/1999, and is {written} now",
        ):
            read = read_date(reply)
            assert read is not None, reply
            assert read.value == day, reply


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 45), st.integers(0, 6))
def test_every_week_and_day_is_read(weeks: int, days: int) -> None:
    for reply in (
        f"('{weeks} weeks', '{days} days')",
        f"{weeks}w{days}d",
        f'{{"answer": "({weeks}, {days})"}}',
        f"{weeks}周{days}天",
    ):
        read = read_gestation(reply)
        assert read is not None, reply
        assert read[:2] == (weeks, days)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*"0123456789/-. ,年月日", "March", " weeks ", "Answer: ", "days"])).map("".join))
def test_no_text_breaks_the_readers_of_time(text: str) -> None:
    read, age = read_date(text), read_gestation(text)
    assert read is None or read.rule
    assert age is None or 0 <= age.days < 7
