"""Whether a judge stands for raters: read from what was put down, and nobody is admitted unseen."""

from pathlib import Path

from medeval.raters import Admission, admissions
from medeval.raters.admissions import publish

BAD = Admission(value=0.4, low=0.2, high=0.6, n=80, admitted=False, bar=0.6, why="agreement 0.40 is below 0.6")
GOOD = Admission(value=0.8, low=0.7, high=0.9, n=80, admitted=True, bar=0.6)


def test_who_was_put_down_is_read_again(tmp_path: Path) -> None:
    found = {"strict": {"safe": BAD, "fluent": GOOD}}
    (tmp_path / "raters").mkdir()
    publish(tmp_path, found)
    assert admissions(tmp_path) == found


def test_where_nobody_rated_nobody_is_admitted_or_refused(tmp_path: Path) -> None:
    assert admissions(tmp_path) == {}
