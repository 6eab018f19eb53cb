"""What the reader of workbooks does not tell of .xlsx files: errors in cells, digits that were raised, their size."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from medeval.errors import DataError
from medeval.sources.texts import clean

LARGEST = 1 << 30
"""Bytes that a workbook may unpack to; one that wants more is no exam."""
MOST = 20_000_000
"""Cells between the first and the last one in use: memory is taken for all of them."""
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
Flaws = Mapping[tuple[int, int], str]


class Found(NamedTuple):
    """What was seen in a sheet."""

    flaws: Flaws
    raised: Mapping[str, str]
    """Texts with raised or lowered digits: what they are without, and with."""
    shares: Mapping[tuple[int, int], str]
    """Numbers that are shown per cent, by row and column."""


NOTHING = Found({}, {}, {})


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
            found = _of_cells(book, part, path)
            return found._replace(raised={**_of_shared(book), **found.raised})
        except (ET.ParseError, KeyError) as error:
            raise DataError(f"{path}: is damaged ({error}). Open it in Excel and save it anew.") from error


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


def _of_cells(book: zipfile.ZipFile, part: str, path: Path) -> Found:
    flaws: dict[tuple[int, int], str] = {}
    shares: dict[tuple[int, int], str] = {}
    as_shares = _styles_of_shares(book)
    raised: dict[str, str] = {}
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
        if cell.get("t") == "e":
            flaws[row - 1, column - 1] = f"holds an error ({parts.get('v') or '#'})"
        elif "f" in parts and not parts.get("v") and "is" not in parts and cell.get("t") != "str":
            # Of type `str` it was computed, and came to an empty text.
            flaws[row - 1, column - 1] = "holds a formula that was never computed. Open the file in Excel and save it"
        elif parts.get("v") and cell.get("t", "n") == "n" and cell.get("s", "") in as_shares:
            shares[row - 1, column - 1] = f"{100 * float(parts['v']):.10g}%"
        for text in [each for each in cell if _name(each) == "is"]:
            raised |= _raised(text)
    return Found(flaws, raised, shares)


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


def _of_shared(book: zipfile.ZipFile) -> dict[str, str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return {}
    found: dict[str, str] = {}
    for text in _elements(book, "xl/sharedStrings.xml", "si"):
        found |= _raised(text)
    return found


def _raised(text: ET.Element) -> dict[str, str]:
    """10 and a raised 9 are 10⁹ for people, and 109 for whoever takes the text alone."""
    plain = told = ""
    for run in text:
        if _name(run) == "r":
            said = "".join([each.text or "" for each in run.iter() if _name(each) == "t"])
        else:
            said = run.text or "" if _name(run) == "t" else ""
        how = next((each.get("val") for each in run.iter() if _name(each) == "vertAlign"), None)
        plain += said
        told += said.translate({"superscript": _RAISED, "subscript": _LOWERED}.get(how or "", {}))
    return {clean(plain): clean(told)} if plain != told else {}


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
