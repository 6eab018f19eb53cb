"""The tree of errors, its exit codes, and faults that are raised together."""

import re

import pytest

from medeval import errors
from medeval.errors import (
    ComparisonError,
    DataError,
    EngineError,
    Interrupted,
    JournalError,
    MedevalError,
    ReportError,
    RequestError,
    TaskError,
    raise_all,
)

TREE: list[tuple[type[MedevalError], type[Exception], int]] = [
    (MedevalError, Exception, 3),
    (RequestError, MedevalError, 2),
    (TaskError, RequestError, 2),
    (DataError, RequestError, 2),
    (EngineError, MedevalError, 3),
    (ReportError, MedevalError, 3),
    (JournalError, ReportError, 3),
    (ComparisonError, MedevalError, 4),
    (Interrupted, MedevalError, 75),
]


@pytest.mark.parametrize(("kind", "parent", "code"), TREE)
def test_every_error_has_its_parent_and_its_exit_code(
    kind: type[MedevalError], parent: type[Exception], code: int
) -> None:
    assert kind.__bases__ == (parent,)
    assert kind("No.").exit_code == code


def test_the_tree_drawn_in_the_module_names_every_error_with_its_code() -> None:
    drawn = dict(re.findall(r"(\w+) +(\d+)  ", errors.__doc__ or ""))
    assert drawn == {kind.__name__: str(code) for kind, _, code in TREE}
    assert set(drawn) == {name for name, value in vars(errors).items() if isinstance(value, type)} - {"Iterable"}


def test_an_error_shows_one_fault_a_line() -> None:
    error = DataError("Row 1 is empty.", "Row 7 is empty.")
    assert str(error) == "Row 1 is empty.\nRow 7 is empty."
    assert error.faults == ("Row 1 is empty.", "Row 7 is empty.")


def test_all_faults_are_raised_as_one() -> None:
    with pytest.raises(RequestError) as caught:
        raise_all([TaskError("A."), DataError("B.", "C."), RequestError("D.")])
    assert caught.value.faults == ("A.", "B.", "C.", "D.")
    assert caught.value.exit_code == 2


def test_no_fault_raises_nothing() -> None:
    raise_all([])
    raise_all(iter(()))


def test_a_fault_found_twice_is_said_once() -> None:
    with pytest.raises(RequestError) as caught:
        raise_all([TaskError("A."), TaskError("B."), TaskError("A.")])
    assert caught.value.faults == ("A.", "B.")
