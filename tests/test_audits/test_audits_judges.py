"""Verifying groups and judges: what is made of results, and what judges said of answers."""

import shutil
from pathlib import Path

import pytest

from medeval.audits import Verified
from medeval.records import Result
from medeval.reports import JUDGED, RESULT, SAMPLES, from_json
from tests.test_audits.damage import changed, faults, json_changed, line_changed, one

# --- groups -----------------------------------------------------------------------------------


def test_a_changed_number_of_a_group_is_told_with_both(grouped: Path) -> None:
    value = from_json((grouped / "exams_en@sample" / RESULT).read_bytes(), Result, "").estimates[0].value
    json_changed(grouped / "exams_en@sample" / RESULT, "estimates", 0, "value", value=0.9)
    assert faults(grouped) == [
        ("exams_en@sample", "numbers", f"estimates.macro_accuracy.value is 0.9, scored again {value}.")
    ]


def test_a_group_without_one_of_its_members_is_told(grouped: Path) -> None:
    shutil.rmtree(grouped / "pubmedqa@sample")
    assert faults(grouped) == [
        ("exams_en@sample", "result", "its member 'pubmedqa' is not among the cells that could be made again.")
    ]


def test_a_group_whose_members_lie_elsewhere_is_not_made(grouped: Path) -> None:
    path = grouped / "exams_en@sample" / RESULT
    json_changed(path, "members", value=["../baseline-majority/medqa", "medmcqa", "pubmedqa"])
    assert "its member '../baseline-majority/medqa' is not among" in faults(grouped)[0][2]


@pytest.mark.parametrize(("way", "value"), [(("headline",), "f1"), (("estimates",), []), (("setting", "limit"), 7)])
def test_a_group_that_cannot_be_is_a_fault_and_no_traceback(grouped: Path, way: tuple[str, ...], value: object) -> None:
    json_changed(grouped / "exams_en@sample" / RESULT, *way, value=value)
    assert {where for where, _, _ in faults(grouped)} == {"exams_en@sample"}


def test_a_group_of_a_member_that_cannot_be_is_a_fault_and_no_traceback(grouped: Path) -> None:
    json_changed(grouped / "medqa@sample" / RESULT, "headline", value="f1")
    assert {where for where, _, _ in faults(grouped)} == {"exams_en@sample", "medqa@sample"}


def test_a_group_whose_name_leads_elsewhere_is_not_made(grouped: Path) -> None:
    json_changed(grouped / "exams_en@sample" / RESULT, "task", value="../../exams_en")
    assert faults(grouped)[0][2] == "its name and setting belong into a folder '../../exams_en@sample'."


# --- judges -----------------------------------------------------------------------------------


def judged_cell(heard: Path) -> Path:
    (cell,) = [path for path in heard.iterdir() if path.is_dir()]
    return cell


def test_judges_and_panels_agree_and_are_told_apart(heard: Path) -> None:
    found = one(heard)
    cell = judged_cell(heard).name
    assert found.exit_code == 0
    assert [(each.where, each.replies) for each in found.folders] == [
        (cell, 24 + 16), (f"{cell}/judged/mild", 16), (f"{cell}/judged/mild+strict", 0), (f"{cell}/judged/strict", 16),
    ]  # fmt: skip


def judge_faults(found: Verified, name: str) -> list[tuple[str, str]]:
    return [(each.what, each.said) for each in found.faults if each.where.endswith(f"/judged/{name}")]


def test_a_grade_that_the_judge_did_not_give_is_told(heard: Path) -> None:
    path = judged_cell(heard) / JUDGED / "strict" / SAMPLES
    line_changed(path, 1, lambda line: line["verdicts"][0].update(grade="5"))
    assert judge_faults(one(heard), "strict") == [
        ("journal", "sample '0001': the verdict on safe is '5', and the judge's words say '4'.")
    ]


def test_words_that_the_judge_did_not_say_are_told(heard: Path) -> None:
    path = judged_cell(heard) / JUDGED / "strict" / SAMPLES
    line_changed(path, 1, lambda line: line["exchanges"][0]["reply"].update(text="Grade: 5"))
    (found, again) = judge_faults(one(heard), "strict")
    assert again[1] == "sample '0001': the verdict on safe is '4', and the judge's words say '5'."
    assert found[1].startswith("sample '0001': judge:strict replied 'Grade: 5', and in the journal 'So it seems.")


@pytest.mark.parametrize(
    ("way", "value", "said"),
    [
        (("journal_records",), 3, "holds 24 replies with the judge's, and 3 stand in result.json."),
        (("journal",), "0" * 64, "000000000000… stands in result.json."),
        (("judge",), "kind", "is by the judge 'kind', and lies in the folder of 'strict'."),
        (("conditions",), "x", "conditions are 'x', and the fields make"),
        (("entry",), "x", "entry is 'scripted' in manifest.json, and 'x' in result.json."),
    ],
)
def test_a_changed_field_of_a_judges_result_is_told(
    heard: Path, way: tuple[str | int, ...], value: object, said: str
) -> None:
    json_changed(judged_cell(heard) / JUDGED / "strict" / RESULT, *way, value=value)
    assert any(said in each for _, each in judge_faults(one(heard), "strict"))


def test_a_judge_in_the_folder_of_another_is_told(heard: Path) -> None:
    cell = judged_cell(heard)
    (cell / JUDGED / "strict").rename(cell / JUDGED / "wise")
    found = one(heard)
    assert judge_faults(found, "wise") == [("manifest", "is of 'strict', and lies in a folder 'wise'.")]
    assert [each.said for each in found.told if each.word == "note"] == [
        "holds replies of 'judge:strict', who has no folder here."
    ]


def test_a_panel_of_others_is_told(heard: Path) -> None:
    changed(judged_cell(heard) / JUDGED / "mild+strict" / "panel.json", "mild", "wise")
    assert judge_faults(one(heard), "mild+strict") == [
        ("manifest", "is of 'strict+wise', and lies in a folder 'mild+strict'.")
    ]


def test_a_judges_folder_that_is_a_link_is_told(heard: Path, tmp_path: Path) -> None:
    folder = judged_cell(heard) / JUDGED / "strict"
    folder.rename(tmp_path / "strict")
    folder.symlink_to(tmp_path / "strict")
    assert any("'strict' is a link, and none is followed." in said for _, _, said in faults(heard))
