"""Tests that are ordered, and what they cost."""

import pytest

from medeval.casefile.orders import COSTS, KINDS, UNKNOWN
from medeval.casefile.orders import tests_in as ordered


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("CBC and electrolytes", ["complete blood count", "metabolic panel"]), ("CT scan of the head", ["ct"]),
        ("MRI brain with contrast", ["mri"]), ("punch biopsy of the lesion", ["biopsy"]),
        ("血常规、胸片", ["complete blood count", "chest x-ray"]),
        ("PET-CT", ["nuclear imaging"]), ("chest x-ray", ["chest x-ray"]),
        ("ECG, troponin", ["electrocardiogram", "troponin"]),
        ("胃镜", ["upper endoscopy"]), ("CT angiography of the chest", ["angiography"]),
        ("physical examination", ["physical examination"]),
        ("头颅CT", ["ct"]), ("肝功能和肾功能", ["liver function", "renal function"]),
        ("a CBC, then a second CBC", ["complete blood count"]),
    ],
)  # fmt: skip
def test_an_order_names_its_tests_each_once(order: str, names: list[str]) -> None:
    assert [test.name for test in ordered(order)] == names
    assert all(test.cost == COSTS[test.kind] for test in ordered(order))


def test_a_test_that_nobody_knows_is_one_all_the_same() -> None:
    (test,) = ordered("Frobnication assay")
    assert test == ("frobnication assay", "unknown", UNKNOWN)


def test_what_is_dearer_in_any_hospital_is_dearer_here() -> None:
    assert (
        COSTS["common laboratory"]
        < COSTS["x-ray"]
        < COSTS["ultrasound"]
        < COSTS["ct"]
        < COSTS["mri"]
        < COSTS["angiography"]
    )


def test_no_test_stands_in_two_classes_and_there_are_many() -> None:
    names = [name for named in KINDS.values() for name in named]
    assert len(names) == len({*names}) >= 60
    phrases = [phrase for named in KINDS.values() for texts in named.values() for phrase in texts.split(", ")]
    assert [phrase for phrase in phrases if len(ordered(phrase)) != 1 or ordered(phrase)[0].kind == "unknown"] == []
