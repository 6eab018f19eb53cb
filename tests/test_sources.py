"""Rows out of every kind of file, pins of their content, and predictions made elsewhere."""

import hashlib
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from medeval.errors import DataError
from medeval.records import ChoiceSample, Row
from medeval.sources import Form, Hub, Local, Source, Url, check_pin, place, read_predictions, read_rows, read_shares

SHA = "a" * 64


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"q": "x"}\n{"q": "ü"}\n'),
        ("a.jsonl", '{"q": "x"}\r\n\r\n{"q": "ü"}'),
        ("a.jsonl", '\ufeff{"q": "x"}\n{"q": "ü"}\n'),
        ("a.json", '{"q": "x"}\n{"q": "ü"}\n'),
        ("a.json", '{"q": "x"}\n{"q": "ü"}'),
        ("a.json", '\ufeff{"q": "x"}\n{"q": "ü"}\n'),
        ("a.json", '[{"q": "x"},\n {"q": "ü"}]'),
        ("a.json", '[{"q": "x"}, {"q": "ü"}]\n\n'),
        ("a.csv", "q\nx\nü\n"),
        ("a.csv", "\ufeffq\r\nx\r\nü\r\n"),
    ],
)  # fmt: skip
def test_rows_are_the_same_from_every_kind_of_text_file(tmp_path: Path, name: str, content: str) -> None:
    assert read_rows(written(tmp_path, name, content)) == [{"q": "x", "_id": "0000"}, {"q": "ü", "_id": "0001"}]


@pytest.mark.parametrize(
    ("between", "end"),
    [
        ("\n", ""),
        ("\n", "\n\n"),
        (" ", "\n"),
        (" ", "\n\n"),
    ],
)
def test_the_keys_of_an_object_are_the_ids_of_its_rows(tmp_path: Path, between: str, end: str) -> None:
    path = written(tmp_path, "a.json", f'{{"217": {{"q": "x"}},{between}"9": {{"q": "y"}}}}{end}')
    assert read_rows(path) == [{"_id": "217", "q": "x"}, {"_id": "9", "q": "y"}]


def test_a_plain_value_behind_a_key_is_a_row_with_a_value(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, "a.json", '{"217": "yes"}')) == [{"_id": "217", "value": "yes"}]


def test_a_quoted_cell_keeps_its_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'note,n\r\n"one, ""two""\r\nthree",1\r\n')
    assert read_rows(path) == [{"note": 'one, "two"\r\nthree', "n": "1", "_id": "0000"}]


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.data"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_csv_without_a_header_has_the_columns_that_the_task_names(tmp_path: Path, name: str, start: str) -> None:
    path = written(tmp_path, name, f'{start}"What, and\r\nwhy?",4,A\r\n\r\nq,"say ""5""",B\r\n')
    assert read_rows(path, ("question", "one", "answer")) == [
        {"question": "What, and\r\nwhy?", "one": "4", "answer": "A", "_id": "0000"},
        {"question": "q", "one": 'say "5"', "answer": "B", "_id": "0001"},
    ]


def test_a_column_may_be_the_id(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, "a.csv", "k1,x\n"), ("_id", "q")) == [{"_id": "k1", "q": "x"}]


@pytest.mark.parametrize(
    ("line", "cells"),
    [("x,y", 2), ("x,y,z,A", 4), ('"a\nb"', 1), ('x,"y,A', 2)],
    ids=["fewer", "more", "one", "open quote"],
)
def test_a_row_with_another_number_of_cells_than_columns_is_named(tmp_path: Path, line: str, cells: int) -> None:
    path = written(tmp_path, "a.csv", f'"first\nrow",y,A\n\n{line}\n')
    with pytest.raises(DataError) as caught:
        read_rows(path, ("q", "one", "answer"))
    assert str(caught.value) == (
        f"{path}, row 2: {cells} cells, the task names 3 (q, one, answer). Is a comma not quoted?"
    )


def test_parquet_gives_rows_with_what_is_nested_in_them(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"q": "x", "choices": ["a", "b"], "more": {"n": 1}},
        {"q": "y", "choices": [], "more": None},
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert read_rows(tmp_path / "a.parquet") == [rows[0] | {"_id": "0000"}, rows[1] | {"_id": "0001"}]


@pytest.mark.parametrize(("count", "last"), [(2, "0001"), (10_000, "9999"), (10_001, "10000")])
def test_ids_are_padded_so_that_they_sort_as_they_stand(tmp_path: Path, count: int, last: str) -> None:
    ids = [row["_id"] for row in read_rows(written(tmp_path, "a.jsonl", "{}\n" * count))]
    assert ids[-1] == last
    assert ids == sorted(ids)


def test_an_id_of_the_file_is_kept(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, "a.csv", "_id,q\nk1,x\n")) == [{"_id": "k1", "q": "x"}]


@pytest.mark.parametrize(
    "name",
    ["a.jsonl", "a.json"],
)
def test_half_surrogates_and_nan_in_json_lines_are_forgiven(tmp_path: Path, name: str) -> None:
    first, second = read_rows(written(tmp_path, name, '{"q": "\\ud83d", "n": NaN}\n{"q": "y", "n": 1}\n'))
    assert first["q"] == "\ud83d"
    assert math.isnan(first["n"])
    assert second == {"q": "y", "n": 1, "_id": "0001"}


def test_half_surrogates_and_nan_in_a_list_are_forgiven(tmp_path: Path) -> None:
    (row,) = read_rows(written(tmp_path, "a.json", '[{"q": "\\ud83d", "n": NaN}]'))
    assert row["q"] == "\ud83d"
    assert math.isnan(row["n"])


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.jsonl", '{"q": 1}\n\n{"q":\n{"q": 3}\n', "line 3"),
        ("a.json", '{"q": 1}\n{"q": 2}\n{"q"\n', "line 3"),
        ("a.jsonl", '{"q": 1}\n[2]\n', r"row 2: found \[2\], not an object"),
        ("a.json", "[1, 2]", "row 1: found 1, not an object"),
        ("a.json", "[1,", "not JSON"),
        ("a.json", "", "not JSON"),
        ("a.jsonl", b'{"q": 1}\n{"q": "\xff"}\n', "line 2: .*0xff"),
        ("a.json", b'[{"q": "\xff"}]', "0xff"),
        ("a.csv", b"q\n\xff\n", "0xff"),
        ("a.parquet", "q,r", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_place(
    tmp_path: Path, name: str, content: str | bytes, fault: str
) -> None:
    with pytest.raises(DataError, match=rf"{name}.*{fault}"):
        read_rows(written(tmp_path, name, content))


@pytest.mark.parametrize("content", ["3", "null", '"rows"', "[" * 100_000], ids=["number", "null", "text", "deep"])
def test_a_json_file_that_holds_no_rows_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match=r"a\.json"):
        read_rows(written(tmp_path, "a.json", content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        read_rows(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_an_empty_file_of_lines_has_no_rows(tmp_path: Path, name: str) -> None:
    assert read_rows(written(tmp_path, name, "")) == []


# --- pins ---------------------------------------------------------------------------------


def test_a_file_with_the_pinned_content_is_accepted(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "q\nx\n")
    check_pin(path, Local(path="a.csv", sha256=hashlib.sha256(b"q\nx\n").hexdigest()))
    check_pin(path, Local(path="a.csv"))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Hub(repo="o/r", path="a.csv", revision="0123456789", sha256=SHA), "hub:o/r@01234567/a.csv"),
        (Hub(repo="o/r", path="a.csv", sha256=SHA), "hub:o/r@main/a.csv"),
        (Url(url="https://x.org/d/a.csv", sha256=SHA), "https://x.org/d/a.csv"),
        (Local(path="a.csv", sha256=SHA), "a file of your own: a.csv"),
    ],
)
def test_a_file_with_other_content_is_refused_and_its_source_is_told(tmp_path: Path, source: Source, said: str) -> None:
    path = place(tmp_path.parent, tmp_path.name, source)
    assert path == tmp_path / "a.csv"
    with pytest.raises(DataError) as caught:
        check_pin(written(tmp_path, "a.csv", "q\nx\n"), source)
    found = hashlib.sha256(b"q\nx\n").hexdigest()[:12]
    assert str(caught.value) == (
        f"{path}: sha256 is {found}…, the task pins aaaaaaaaaaaa…. Get the original file ({said})."
    )


@pytest.mark.parametrize(
    ("files", "pinned"),
    [
        ((Local(path="a", sha256=SHA),), True),
        ((Hub(repo="o/r", path="a", revision="b" * 40), Url(url="u", sha256=SHA)), False),
        ((Hub(repo="o/r", path="a"),), False),
        ((Local(path="a", sha256=SHA), Url(url="u")), False),
    ],
)
def test_a_form_is_pinned_if_every_file_is(files: tuple[Source, ...], pinned: bool) -> None:
    def to_sample(row: Row) -> ChoiceSample:
        return ChoiceSample(id=row["_id"], question="?", options=(), target=())

    assert Form(name="f", files=files, to_sample=to_sample).pinned is pinned


@pytest.mark.parametrize(
    ("url", "name", "path"),
    [
        ("https://x.org/d/a.csv", "", "a.csv"),
        ("https://x.org/d/a.csv", "US/test.csv", "US/test.csv"),
        ("https://x.org/d/?file=7", "a.csv", "a.csv"),
    ],
)
def test_a_file_of_an_address_may_be_given_a_name(tmp_path: Path, url: str, name: str, path: str) -> None:
    source = Url(url=url, name=name)
    assert source.path == path
    assert place(tmp_path, "exam", source) == tmp_path / "exam" / path
    assert source.said == url


def test_a_file_that_cannot_be_opened_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        check_pin(tmp_path / "none.csv", Local(path="none.csv", sha256=SHA))


# --- predictions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"output": "C"', "C"),
        ('"outputs": ["C", "D"]', "C"),
        ('"text": "C"', "C"),
        ('"answer": "C"', "C"),
        ('"note": "C"', "C"),
        ('"answer": "gold", "output": "C"', "C"),
        ('"output": ""', ""),
    ],
)
def test_a_prediction_is_found_under_each_known_field(tmp_path: Path, cell: str, text: str) -> None:
    path = written(tmp_path, "p.jsonl", f'{{"id": "q1", {cell}}}\n')
    assert read_predictions(path, ["q1"]).texts == {"q1": text}


def test_a_field_that_is_named_goes_before_the_known_ones(tmp_path: Path) -> None:
    path = written(tmp_path, "p.jsonl", '{"id": "q1", "output": "A", "said": "C"}\n')
    assert read_predictions(path, ["q1"], "said").texts == {"q1": "C"}


def test_predictions_go_by_id_whatever_their_order(tmp_path: Path) -> None:
    path = written(tmp_path, "p.jsonl", '{"id": 2, "output": "B"}\n{"id": "1", "output": "A"}\n')
    assert read_predictions(path, ["1", "2"]).texts == {"1": "A", "2": "B"}


def test_predictions_go_by_order_if_one_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "p.json", '[{"id": "x", "output": "A"}, {"output": "B"}]')
    assert read_predictions(path, ["1", "2"], by_order=True).texts == {"1": "A", "2": "B"}


def test_predictions_may_stand_in_a_spreadsheet(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", '\ufeffid,answer\r\nq1,"Because …\r\nAnswer: C"\r\nq2,""\r\n')
    assert read_predictions(path, ["q1", "q2"]).texts == {"q1": "Because …\r\nAnswer: C", "q2": ""}


def test_missing_doubled_and_foreign_ids_are_named_at_once(tmp_path: Path) -> None:
    ids = ["q1", "q1", *[f"f{number}" for number in range(7)]]
    path = written(tmp_path, "p.jsonl", "".join(f'{{"id": "{each}", "output": "A"}}\n' for each in ids))
    with pytest.raises(DataError) as caught:
        read_predictions(path, ["q1", "q2", "q3"])
    assert caught.value.faults == (
        f"{path}: 2 missing ids: q2, q3.",
        f"{path}: 1 doubled ids: q1.",
        f"{path}: 7 foreign ids: f0, f1, f2, f3, f4, ….",
    )


@pytest.mark.parametrize("value", ["3", "[]", "[3]", "null", "[null]", '{"A": 1}'])
def test_what_is_no_text_is_no_answer_of_the_models(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, "p.jsonl", f'{{"id": "q1", "output": "A"}}\n{{"id": "q2", "output": {value}}}\n')
    with pytest.raises(DataError, match="1 textless ids: q2"):
        read_predictions(path, ["q1", "q2"])


@pytest.mark.parametrize("row", ['{"id": "q1", "said": "C"}', '{"output": "C", "said": "D"}'])
def test_a_file_without_texts_or_ids_says_what_it_has_and_what_to_do(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match=r"no field .*It has: .*said\. Name the text with --field; .* --by-order"):
        read_predictions(written(tmp_path, "p.jsonl", row + "\n"), ["q1"])


def test_the_field_that_was_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "p.jsonl", '{"id": "q1", "answer": "A", "outputs": ["B"]}\n')
    assert read_predictions(path, ["q1"]).field == "outputs"
    assert read_predictions(path, ["q1"], "answer").texts == {"q1": "A"}
    assert read_predictions(path, ["q1"], "outputs[0]").texts == {"q1": "B"}


def test_zeros_that_a_spreadsheet_dropped_are_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", "id,output\n1,A\n2,B\n")
    with pytest.raises(DataError, match="differ only by zeros at their head"):
        read_predictions(path, ["0001", "0002"])


def test_a_long_note_fits_into_a_cell(tmp_path: Path) -> None:
    note = "x" * 200_000
    assert read_predictions(written(tmp_path, "p.csv", f"id,output\n1,{note}\n"), ["1"]).texts == {"1": note}


def test_another_encoding_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes("id,output\n1,答案\n".encode("gbk"))
    with pytest.raises(DataError, match="Save it as UTF-8"):
        read_predictions(tmp_path / "p.csv", ["1"])


def test_a_named_field_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "p.jsonl", '{"id": "q1", "output": "C"}\n')
    with pytest.raises(DataError, match=r"no field 'said'\. It has: id, output\."):
        read_predictions(path, ["q1"], "said")


def test_by_order_there_must_be_a_row_for_each_sample(tmp_path: Path) -> None:
    path = written(tmp_path, "p.jsonl", '{"output": "A"}\n')
    with pytest.raises(DataError, match="1 rows for 2 samples"):
        read_predictions(path, ["1", "2"], by_order=True)


def test_a_spreadsheet_with_a_surplus_cell_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", "id,said\nq1,C,D\n")
    with pytest.raises(DataError, match="more cells than the header names"):
        read_predictions(path, ["q1"])


# --- probabilities ------------------------------------------------------------------------


LABELS = {"q1": ("A", "B", "C"), "q2": ("yes", "no")}


def shares(folder: Path, *rows: str, **how: bool) -> object:
    path = written(folder, "p.jsonl", "".join(f"{row}\n" for row in rows))
    return read_shares(path, LABELS, "probs", **how)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("[0.5, 0.25, 0.25]", "[1, 0]"),
        ('{"A": 0.5, "B": 0.25, "C": 0.25}', '{"yes": 1, "no": 0}'),
        ('{"C": 0.25, "A": 0.5, "B": 0.25}', '{"no": 0.0, "yes": 1.0}'),
    ],
    ids=["listed", "by label", "by label in another order"],
)
def test_probabilities_stand_in_a_list_or_by_label_and_come_in_the_order_of_the_options(
    tmp_path: Path, one: str, two: str
) -> None:
    rows = [f'{{"id": "q2", "probs": {two}}}', f'{{"id": "q1", "probs": {one}}}']
    assert shares(tmp_path, *rows) == {"q1": (0.5, 0.25, 0.25), "q2": (1.0, 0.0)}
    by_order = [f'{{"probs": {one}}}', f'{{"probs": {two}}}']
    assert shares(tmp_path, *by_order, by_order=True) == {"q1": (0.5, 0.25, 0.25), "q2": (1.0, 0.0)}


def test_probabilities_are_kept_as_they_are_whatever_they_sum_to(tmp_path: Path) -> None:
    rows = ['{"id": "q1", "probs": [0.333, 0.333, 0.333]}', '{"id": "q2", "probs": [0.02, 0.01]}']
    assert shares(tmp_path, *rows) == {"q1": (0.333, 0.333, 0.333), "q2": (0.02, 0.01)}


@pytest.mark.parametrize(
    "value",
    [
        "null", '"0.5"', "0.5", "[]", "[0.5, 0.5]", "[0.25, 0.25, 0.25, 0.25]", '{"A": 0.5, "B": 0.5}',
        '{"A": 0.5, "B": 0.3, "C": 0.2, "D": 0.0}', '{"yes": 0.5, "no": 0.5, "C": 0.0}', '{"a": 1, "b": 0, "c": 0}',
        "[1.1, 0, 0]", "[-0.1, 0.6, 0.5]", "[NaN, 0.5, 0.5]", "[0.5, 0.5, null]", '[0.5, "0.3", 0.2]', "[true, 0, 0]",
        "[0, 0, 0]", "[[0.5], [0.3], [0.2]]",
    ],
)  # fmt: skip
def test_what_is_no_probability_of_every_option_is_refused_with_its_id(tmp_path: Path, value: str) -> None:
    with pytest.raises(DataError) as caught:
        shares(tmp_path, f'{{"id": "q1", "probs": {value}}}', '{"id": "q2", "probs": [0.5, 0.5]}')
    (said,) = caught.value.faults
    assert said.endswith("p.jsonl: 1 ids without a probability from 0 to 1 for every option: q1.")


def test_ids_of_probabilities_that_are_missing_doubled_or_foreign_are_named_at_once(tmp_path: Path) -> None:
    rows = [f'{{"id": "{name}", "probs": [0.5, 0.25, 0.25]}}' for name in ("q1", "q1", "q3")]
    with pytest.raises(DataError) as caught:
        shares(tmp_path, *rows)
    path = tmp_path / "p.jsonl"
    assert caught.value.faults == (
        f"{path}: 1 missing ids: q2.", f"{path}: 1 doubled ids: q1.", f"{path}: 1 foreign ids: q3.",
    )  # fmt: skip


def test_a_field_of_probabilities_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no field 'probs'\. It has: id, all_probs\."):
        shares(tmp_path, '{"id": "q1", "all_probs": [1, 0, 0]}')
    with pytest.raises(DataError, match="1 rows for 2 samples"):
        shares(tmp_path, '{"probs": [1, 0, 0]}', by_order=True)
