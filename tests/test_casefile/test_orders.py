"""Tests that are ordered, and what they cost."""

import pytest

from medeval.casefile.orders import COSTS, UNKNOWN
from medeval.casefile.orders import tests_in as ordered


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("CBC and electrolytes", ["blood count", "metabolic panel"]), ("CT scan of the head", ["ct"]),
        ("MRI brain with contrast", ["mri"]), ("punch biopsy of the lesion", ["biopsy"]),
        ("血常规、胸片", ["blood count", "x ray"]),
        ("PET-CT", ["pet"]), ("chest x-ray", ["x ray"]), ("ECG, troponin", ["ecg", "troponin"]),
        ("胃镜", ["endoscopy"]),
    ],
)  # fmt: skip
def test_an_order_names_its_tests_each_once(order: str, names: list[str]) -> None:
    assert [test.name for test in ordered(order)] == names
    assert [test.cost for test in ordered(order)] == [COSTS[name] for name in names]


def test_a_test_that_nobody_knows_is_one_all_the_same() -> None:
    (test,) = ordered("Frobnication assay")
    assert test == ("frobnication assay", UNKNOWN)


def test_what_is_dearer_in_any_hospital_is_dearer_here() -> None:
    assert (
        COSTS["blood count"] < COSTS["x ray"] < COSTS["ultrasound"] < COSTS["ct"] < COSTS["mri"] < COSTS["angiography"]
    )
