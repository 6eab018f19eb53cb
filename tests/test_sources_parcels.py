"""What is within an .xlsx and its reader does not tell: errors, formulas, raised digits, and what fills the memory."""

import zipfile
from pathlib import Path

import pytest

from medeval.sources import parcels, read_sheet
from tests.test_exams.books import (
    SHORT,
    book,
    laid,
    ods,
    raised,
    refusal,
    rows,
)


def test_a_formula_says_what_was_computed_last(tmp_path: Path) -> None:
    book(tmp_path / "b.xlsx", S=[["q", "A"], ["What is 2 + 2?", "=2+2"]])
    _patched(tmp_path / "b.xlsx", tmp_path / "a.xlsx", "<v></v>", "<v>4</v>")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [["What is 2 + 2?", "4"]]


def test_errors_and_uncomputed_formulas_are_no_empty_cells(tmp_path: Path) -> None:
    made = book(
        tmp_path / "a.xlsx", S=[["title"], ["q", "A", "B"], ["one", "x", "=1+1"], ["two", "#REF!", "y"], ["=A1"]]
    )
    made["S"]["B4"].data_type = "e"
    made.save(tmp_path / "a.xlsx")
    found = read_sheet(tmp_path / "a.xlsx", header=2)
    never = "holds a formula that was never computed. Open the file in Excel and save it"
    assert found.flaws == {(3, "B"): never, (4, "A"): "holds an error (#REF!)", (5, "q"): never}
    assert read_sheet(ods(tmp_path / "a.ods", SHORT)).flaws == read_sheet(laid(tmp_path / "a.csv", SHORT)).flaws == {}


def test_a_formula_that_gives_an_empty_text_was_computed(tmp_path: Path) -> None:
    book(tmp_path / "b.xlsx", S=[["q", "A"], ["one", '=IF(1=1,"","x")']])
    _patched(tmp_path / "b.xlsx", tmp_path / "a.xlsx", '<c r="B2">', '<c r="B2" t="str">')
    assert read_sheet(tmp_path / "a.xlsx").flaws == {}


STRINGS = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>x</t></r>
<r><rPr><vertAlign val="HOW"/></rPr><t>WHAT</t></r><r><t xml:space="preserve"> y</t></r></si></sst>"""


@pytest.mark.parametrize(
    ("how", "what", "seen"),
    [("superscript", "9", "x⁹ y"), ("superscript", "-12", "x⁻¹² y"), ("superscript", "th", "xth y"),
     ("subscript", "2", "x₂ y"), ("baseline", "9", "x9 y")],
)  # fmt: skip
def test_raised_and_lowered_digits_of_excel_stay_so(tmp_path: Path, how: str, what: str, seen: str) -> None:
    book(tmp_path / "b.xlsx", S=[["q", "A"], ["TEXT", "x"]])
    _patched(
        tmp_path / "b.xlsx", tmp_path / "a.xlsx", '<c r="A2" t="inlineStr"><is><t>TEXT</t></is></c>',
        '<c r="A2" t="s"><v>0</v></c>', STRINGS.replace("HOW", how).replace("WHAT", what),
    )  # fmt: skip
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [[seen, "x"]]


def test_raised_digits_of_other_programs_stay_so(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[["q"], ["x"]])
    made["S"]["A2"] = raised("Platelets of 100 x 10", "9", "/L")
    made.save(tmp_path / "a.xlsx")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [["Platelets of 100 x 10⁹/L"]]


# --- what fills the memory ----------------------------------------------------------------


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book(tmp_path / "a.xlsx", S=SHORT)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/image1.bin", bytes(40 << 20))
    assert (tmp_path / "a.xlsx").stat().st_size < 100_000
    assert rows(read_sheet(tmp_path / "a.xlsx")) == SHORT[1:]
    monkeypatch.setattr(parcels, "LARGEST", 32 << 20)
    (tmp_path / "a.xlsx").touch()  # what lies still is read once
    assert "would unpack to" in refusal(tmp_path / "a.xlsx")
    assert "would unpack to" in refusal(tmp_path / "a.xlsx", "S")


def test_a_cell_far_from_all_others_is_told_before_it_takes_the_memory(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=SHORT)
    made["S"]["XFD1048576"] = "stray"
    made.save(tmp_path / "a.xlsx")
    assert refusal(tmp_path / "a.xlsx").endswith(
        "has a cell at XFD1048576, far from all others. Delete it, and save the file."
    )


def test_entities_that_blow_up_are_an_error_and_no_text(tmp_path: Path) -> None:
    book(tmp_path / "b.xlsx", S=SHORT)
    entities = "".join([f'<!ENTITY e{level} "{f"&e{level - 1};" * 10 if level else "x" * 50}">' for level in range(9)])
    _patched(tmp_path / "b.xlsx", tmp_path / "a.xlsx", "<worksheet ", f"<!DOCTYPE x [{entities}]><worksheet ")
    _patched(tmp_path / "a.xlsx", tmp_path / "c.xlsx", "<t>yes</t>", "<t>&e8;</t>")
    assert refusal(tmp_path / "c.xlsx").startswith(f"{tmp_path / 'c.xlsx'}: ")


def _patched(old: Path, new: Path, was: str, now: str, strings: str = "") -> None:
    """Put another text into a sheet's XML, and strings that sheets share: what only Excel writes."""
    with zipfile.ZipFile(old) as packed, zipfile.ZipFile(new, "w") as copy:
        for name in packed.namelist():
            data = packed.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                assert was in data
                data = data.replace(was, now)
            copy.writestr(name, data)
        if strings:
            copy.writestr("xl/sharedStrings.xml", strings)


def test_a_cell_that_says_the_same_without_raised_digits_stays_as_it_is(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[["q", "dose"], ["x", "109 mg"], ["y", "109"], ["z", 109]])
    made["S"]["A2"] = raised("10", "9", "")
    made.save(tmp_path / "a.xlsx")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [["10⁹", "109 mg"], ["y", "109"], ["z", "109"]]
