"""Sheets as a hospital keeps them, made on the spot; the questions are ours."""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl  # type: ignore[import-untyped]  # it has no types, and only this file needs it
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock  # type: ignore[import-untyped]
from openpyxl.cell.text import InlineFont  # type: ignore[import-untyped]

from medeval.errors import DataError
from medeval.exams import opened
from medeval.records import ChoiceSample, OpenSample
from medeval.sources import Sheet, Supply, read_sheet

Rows = Sequence[Sequence[object]]
HEAD = ("Question", "A", "B", "C", "D", "Answer", "Ward")
ENGLISH: Rows = (
    ("Which new drug best explains an INR of 3.8 under warfarin?",
     "Rifampicin", "Amiodarone", "Carbamazepine", "St John's wort", "B", "Cardiology"),
    ("Which test is followed during an infusion of unfractionated heparin?",
     "aPTT", "INR", "Bleeding time", "Fibrinogen", "A", "Cardiology"),
    ("What is given within eight hours of a paracetamol overdose?",
     "Naloxone", "Flumazenil", "Acetylcysteine", "Protamine", "C", "Emergency"),
    ("Which drug must not be given with a monoamine oxidase inhibitor?",
     "Amoxicillin", "Paracetamol", "Omeprazole", "Pethidine", "D", "Emergency"),
    ("Which antidote is given for an overdose of a benzodiazepine?",
     "Flumazenil", "Naloxone", "Atropine", "Protamine", "A", "Emergency"),
    ("Which of these is stopped when the eGFR falls below 30 mL/min?",
     "Amlodipine", "Paracetamol", "Metformin", "Levothyroxine", "C", "Nephrology"),
)  # fmt: skip
SEVERAL: Sequence[object] = (
    "Which of these prolong the QT interval?",
    "Haloperidol", "Amoxicillin", "Erythromycin", "Paracetamol", "AC", "Cardiology",
)  # fmt: skip
HEAD_ZH = ("题干", "选项A", "选项B", "选项C", "选项D", "正确答案", "科室")
CHINESE: Rows = (
    ("对乙酰氨基酚过量的解毒药是？", "纳洛酮", "氟马西尼", "乙酰半胱氨酸", "鱼精蛋白", "C", "急诊"),
    ("肝素过量时用于拮抗的药物是？", "鱼精蛋白", "维生素K", "氨甲环酸", "氟马西尼", "A", "急诊"),
    ("青霉素过敏性休克的首选药物是？", "地塞米松", "肾上腺素", "异丙嗪", "葡萄糖酸钙", "B", "急诊"),
    ("下列药物中可升高华法林患者INR的是？", "利福平", "苯巴比妥", "卡马西平", "胺碘酮", "D", "心内"),
)
SHORT = [["q", "A", "B", "key"], ["Is 1,5 mg the dose?", "yes", "no", "A"]]
EXAM = """
file = "FILE"
question = "Question"
options = ["A", "B", "C", "D"]
answer = "Answer"
slices = ["Ward"]
"""
"""What is said of a sheet with our heading."""


def table(rows: Rows, mark: str = ",") -> str:
    """Rows as a text that a spreadsheet reads."""
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def laid(path: Path, rows: Rows, *, mark: str = ",", code: str = "utf-8") -> Path:
    """Lay down rows as a file of text."""
    path.write_bytes(table(rows, mark).encode(code))
    return path


def lined(path: Path, *rows: Mapping[str, object]) -> Path:
    """Lay down rows as JSON lines."""
    path.write_text("".join([json.dumps(row, ensure_ascii=False) + "\n" for row in rows]), encoding="utf-8")
    return path


def book(path: Path, **sheets: Rows) -> Any:
    """Lay down a workbook, and give it to be spoiled; whoever spoils it saves it again."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return made


def raised(before: str, digits: str, after: str) -> Any:
    """A cell with raised digits, as they stand in 10⁹."""
    return CellRichText(before, TextBlock(InlineFont(vertAlign="superscript"), digits), after)


def said(folder: Path, text: str, name: str = "exam.toml", **words: str) -> Path:
    """Lay down a declaration; `FILE` and other capitals are put in."""
    for word, value in words.items():
        text = text.replace(word, value)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def small(folder: Path, rows: Rows = ENGLISH, more: str = "") -> Path:
    """An exam of a few of our questions, in CSV."""
    laid(folder / "sheet.csv", [HEAD, *rows])
    return said(folder, EXAM + more, FILE="sheet.csv")


def written(path: Path, text: str | bytes) -> Path:
    """Lay down a file as it is."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(sheet: Sheet) -> list[list[object]]:
    """The cells of a sheet below its header."""
    return [list(line.cells.values()) for line in sheet.lines]


def refusal(path: Path, sheet: str = "", header: int = 1) -> str:
    """Why a sheet cannot be read."""
    with pytest.raises(DataError) as caught:
        read_sheet(path, sheet, header)
    return str(caught.value)


def faults(file: Path) -> list[str]:
    """All that is said to be wrong with an exam."""
    with pytest.raises(DataError) as caught:
        opened(file)
    return list(caught.value.faults)


def samples(file: Path) -> tuple[Any, ...]:
    """The questions of an exam, as the rest of the house gets them."""
    name, task = opened(file)
    return task.load(name, Supply.only(file.parent))[0]


def asked(file: Path) -> list[ChoiceSample]:
    """The same, of an exam with options."""
    found = samples(file)
    assert all(isinstance(each, ChoiceSample) for each in found)
    return list(found)


def answered(file: Path) -> list[OpenSample]:
    """The same, of an exam whose answers are texts."""
    found = samples(file)
    assert all(isinstance(each, OpenSample) for each in found)
    return list(found)


# --- forms that openpyxl does not write -------------------------------------------------------

_SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="Exam">ROWS</table:table></office:spreadsheet></office:body>
</office:document-content>"""
_OPENDOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"


def ods(path: Path, rows: Rows) -> Path:
    """Lay down an OpenDocument sheet, as LibreOffice does."""
    lines = [f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows]
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_OPENDOCUMENT}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", _OPENDOCUMENT)
        packed.writestr("META-INF/manifest.xml", manifest)
        packed.writestr("content.xml", _SHEET.replace("ROWS", "".join(lines)))
    return path


def _cell(cell: object) -> str:
    kind = f'float" office:value="{cell}' if isinstance(cell, float) else "string"
    text = escape(str(cell))
    return f'<table:table-cell office:value-type="{kind}"><text:p>{text}</text:p></table:table-cell>'


def ole(**streams: bytes) -> bytes:
    """A compound file, the shell of .xls and of locked workbooks: a sector of places, one of names, the streams."""
    # Streams of 4096 bytes and more need no second, smaller table of places.
    padded = {name: data.ljust(max(4096, len(data) + -len(data) % 512), b"\0") for name, data in streams.items()}
    places, names, body, sector = [0xFFFFFFFD, 0xFFFFFFFE], [_entry("Root Entry", 0xFFFFFFFE, 0, child=1)], b"", 2
    for number, (name, data) in enumerate(padded.items(), 1):
        count = len(data) // 512
        after = number + 1 if number < len(padded) else 0xFFFFFFFF
        names.append(_entry(name, sector, len(data), after=after))
        places += [*range(sector + 1, sector + count), 0xFFFFFFFE]
        body, sector = body + data, sector + count
    head = struct.pack("<8s16xHHHHH6xIIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6,
                       0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)  # fmt: skip
    head += struct.pack("<108I", *[0xFFFFFFFF] * 108)
    table_of_places = struct.pack("<128I", *places, *[0xFFFFFFFF] * (128 - len(places)))
    return head + table_of_places + b"".join(names).ljust(512, b"\0") + body


def _entry(name: str, start: int, size: int, *, child: int = 0xFFFFFFFF, after: int = 0xFFFFFFFF) -> bytes:
    text, kind = f"{name}\0".encode("utf-16-le"), 5 if child == 1 else 2
    return struct.pack("<64sHBBIII16x4x8x8xIQ", text, len(text), kind, 1, 0xFFFFFFFF, after, child, start, size)


_BEGINS = struct.pack("<HHHHII", 0x600, 5, 0, 0x7CC, 0, 6)


def xls(path: Path, rows: Rows) -> Path:
    """Lay down a sheet of Excel 97, one record a cell."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def text(cell: str) -> bytes:
        return struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")

    cells = b"".join([
        record(0x203, struct.pack("<HHHd", row, column, 0, cell)) if isinstance(cell, float)
        else record(0x204, struct.pack("<HHH", row, column, 0) + text(str(cell)))
        for row, line in enumerate(rows) for column, cell in enumerate(line)
    ])  # fmt: skip
    begin, page, end = record(0x809, _BEGINS), record(0x42, struct.pack("<H", 1200)), record(0xA, b"")
    named = struct.pack("<BBBB", 0, 0, len("Exam"), 0) + b"Exam"
    where = len(begin) + len(page) + 4 + 4 + len(named) + len(end)
    globals_ = begin + page + record(0x85, struct.pack("<I", where) + named) + end
    path.write_bytes(ole(Workbook=globals_ + record(0x809, _BEGINS[:2] + b"\x10" + _BEGINS[3:]) + cells + end))
    return path
