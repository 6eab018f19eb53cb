"""Names of files: which are plain, and which two are one."""

import pytest

from medeval.bundles.names import faults, parted
from medeval.sources import unfit


@pytest.mark.parametrize(
    "path",
    [
        "tasks.lock", "wheels.txt", "data/cmb/CMB-Exam/CMB-test/CMB-test-choice-question-merge.json",
        "data/medmcqa/data/test-00000-of-00001.parquet", "data/题库/测试 1.csv",
        "wheels/msgspec-0.20.0-cp311-cp311-manylinux_2_17_x86_64.whl", "wheels/rouge_score-0.1.2.tar.gz",
        "licences/cmb_exam.txt", "prompts/medqa/letters-chat.txt", "judges/survey/grade_zh.md",
    ],
)  # fmt: skip
def test_names_of_real_files_are_plain(path: str) -> None:
    assert [*faults([path])] == []


def test_what_is_wrong_with_a_name_is_told() -> None:
    assert [*faults(["data/x.pkl", "prompts/x.py", "elsewhere/x", "data/../x"])] == [
        "'data/x.pkl' cannot hold rows: " + unfit("x.pkl").rstrip("."),
        "'prompts/x.py' does not end in .txt",
        "'elsewhere/x' stands in none of data, licences, prompts, judges, wheels",
        "'data/../x' is no plain name",
    ]


def test_folders_of_one_name_are_no_fault() -> None:
    assert [*faults(["data/a/x", "data/a/y", "data/b/x", "licences/a.txt"])] == []


def test_a_long_path_is_parted_where_it_can_be() -> None:
    assert parted("d/" + "n" * 98) == (b"", b"d/" + b"n" * 98)
    assert parted("d" * 155 + "/" + "n" * 100) == (b"d" * 155, b"n" * 100)
    with pytest.raises(ValueError, match=r"n{101}"):
        parted("d/" + "n" * 101)
