"""What the reader of workbooks does not tell of .xlsx files: errors in cells, digits that were raised, their size."""

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from medeval.errors import DataError
from medeval.sources.texts import clean

LARGEST = 1 << 30
"""Bytes that a workbook may unpack to; one that wants more is no exam."""
MOST = 20_000_000
"""Cells between the first and the last one in use: memory is taken for all of them."""
_PLACES = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
Flaws = Mapping[tuple[int, int], str]


class Found(NamedTuple):
    """What was seen in a sheet, by row and column, from 0."""

    flaws: Flaws
    told: Mapping[tuple[int, int], str]
    """Cells that people read otherwise than their values are: 10⁹, 5%."""


NOTHING = Found({}, {})


def looked_through(path: Path, name: str) -> Found:
    """Look through a sheet; of other kinds of workbooks nothing is known."""
    if not zipfile.is_zipfile(path):
        return NOTHING
    with zipfile.ZipFile(path) as book:
        size = sum(part.file_size for part in book.infolist())
        if size > LARGEST:
            raise DataError(f"{path}: would unpack to {size / (1 << 30):.1f} GiB, which no exam takes.")
        part = _part_of(book, name)
        if not part:
            return NOTHING
        try:
            shares, raised = _styles_of_shares(book), _of_shared(book)
            return _of_cells(book, part, path, shares, raised) if _is_worth_it(book, part, shares, raised) else NOTHING
        except (ET.ParseError, KeyError) as error:
            raise DataError(f"{path}: is damaged ({error}). Open it in Excel and save it anew.") from error


def _is_worth_it(book: zipfile.ZipFile, part: str, shares: Collection[str], raised: Collection[int]) -> bool:
    """Whether any cell may be one of those that are looked for: most sheets have none, and are large."""
    data = book.read(part)
    if raised or any(mark in data for mark in (b't="e"', b"<f>", b"<f ", b"vertAlign")):
        return True
    if any(f's="{style}"'.encode() in data for style in shares):
        return True
    columns, rows = {b"A"}, 0
    for place in _PLACES.finditer(data):
        columns.add(place[1])
        rows = max(rows, int(place[2]))
    return rows * max([_number(each.decode()) for each in columns]) > MOST


def _part_of(book: zipfile.ZipFile, name: str) -> str:
    """The part of a parcel that a sheet is in; none where it is no .xlsx."""
    names = {*book.namelist()}
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return ""
    targets = {
        each.get("Id"): each.get("Target", "") for each in _elements(book, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    for sheet in _elements(book, "xl/workbook.xml", "sheet"):
        if sheet.get("name") == name:
            key = next((value for each, value in sheet.attrib.items() if each.endswith("}id")), "")
            target = targets.get(key, "").lstrip("/")
            return next((each for each in (target, f"xl/{target}") if each in names), "")
    return ""


def _of_cells(
    book: zipfile.ZipFile, part: str, path: Path, shares: Collection[str], raised: Mapping[int, str]
) -> Found:
    flaws: dict[tuple[int, int], str] = {}
    told: dict[tuple[int, int], str] = {}
    rows = columns = 0
    for cell in _elements(book, part, "c"):
        place = _CELL.fullmatch(cell.get("r", ""))
        if place is None:
            continue
        row, column = int(place[2]), _number(place[1])
        parts = {_name(each): each.text or "" for each in cell}
        if not {"v", "is", "f"} & {*parts}:
            continue  # a cell with a border and nothing in it
        rows, columns = max(rows, row), max(columns, column)
        if rows * columns > MOST:
            raise DataError(f"{path}: has a cell at {place[0]}, far from all others. Delete it, and save the file.")
        here, kind, value = (row - 1, column - 1), cell.get("t", "n"), parts.get("v", "")
        if kind == "e":
            flaws[here] = f"holds an error ({value or '#'})"
        elif "f" in parts and not value and "is" not in parts and kind != "str":
            # Of type `str` it was computed, and came to an empty text.
            flaws[here] = "holds a formula that was never computed. Open the file in Excel and save it"
        elif kind == "s" and value.isdigit() and int(value) in raised:
            told[here] = raised[int(value)]
        elif kind == "n" and value and cell.get("s", "") in shares:
            told[here] = f"{100 * float(value):.10g}%"
        for text in [each for each in cell if _name(each) == "is"]:
            told |= {here: said} if (said := _raised(text)) else {}
    return Found(flaws, told)


def _styles_of_shares(book: zipfile.ZipFile) -> frozenset[str]:
    """The styles in which 0.05 is shown as 5%: two formats that all workbooks know, and those with a sign."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    formats, styles = {"9", "10"}, []
    with book.open("xl/styles.xml") as file:
        root = ET.parse(file).getroot()  # noqa: S314  as below
    for element in root.iter():
        if _name(element) == "numFmt" and "%" in element.get("formatCode", ""):
            formats.add(element.get("numFmtId", ""))
        if _name(element) == "cellXfs":
            styles = [each.get("numFmtId", "") for each in element if _name(each) == "xf"]
    return frozenset([str(place) for place, name in enumerate(styles) if name in formats])


def _of_shared(book: zipfile.ZipFile) -> dict[int, str]:
    """The texts with raised or lowered digits among those that cells share, by number."""
    if "xl/sharedStrings.xml" not in book.namelist() or b"vertAlign" not in book.read("xl/sharedStrings.xml"):
        return {}
    texts = enumerate(_elements(book, "xl/sharedStrings.xml", "si"))
    return {number: said for number, text in texts if (said := _raised(text))}


def _raised(text: ET.Element) -> str:
    """10 and a raised 9 are 10⁹ for people, and 109 for whoever takes the text alone; empty if nothing is raised."""
    plain = told = ""
    for run in text:
        if _name(run) == "r":
            said = "".join([each.text or "" for each in run.iter() if _name(each) == "t"])
        else:
            said = run.text or "" if _name(run) == "t" else ""
        how = next((each.get("val") for each in run.iter() if _name(each) == "vertAlign"), None)
        plain += said
        told += said.translate({"superscript": _RAISED, "subscript": _LOWERED}.get(how or "", {}))
    return clean(told) if plain != told else ""


def _elements(book: zipfile.ZipFile, part: str, name: str) -> Iterator[ET.Element]:
    """The elements of a name, one after the other; each is let go of once it was looked at."""
    with book.open(part) as file:
        # What expat, on which this stands, makes of entities that blow up is an error.
        for _, element in ET.iterparse(file):  # noqa: S314
            if _name(element) == name:
                yield element
                element.clear()


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = 26 * found + ord(letter) - 64
    return found
