"""The traps of MEDEC: rows of commas, lines within a cell, replies that say nothing, and what counts in which text."""

import csv
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.records import Answer, Decoding, Exchange, OpenSample, Request, Response, Result, Walk
from medeval.sources import Supply, read_rows
from tasks.medec import FINE, TASKS, correction_rouge1, gold, numbered, to_sample

CATALOG = find()
NAMED = CATALOG.named("medec")
TEST_FILE = NAMED.samples / "medec" / "MEDEC-MS-TestSet-with-GroundTruth-and-ErrorType.csv"


def loaded(name: str = "medec") -> tuple[OpenSample, ...]:
    named = CATALOG.named(name)
    samples, _ = named.task.load(name, Supply.only(named.samples), sample=True)
    assert all(isinstance(sample, OpenSample) for sample in samples)
    return tuple([sample for sample in samples if isinstance(sample, OpenSample)])


def scored(reply: str, tmp_path: Path) -> dict[str, float | None]:
    found: Result = medeval.evaluate(
        model=Scripted(lambda _: reply), tasks=["medec"], data="sample", reports=tmp_path, style="written"
    ).results[0]
    return {each.metric: each.value for each in found.estimates}


def walk(text: str) -> Walk:
    exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text=text))
    return Walk(exchanges=(exchange,), answer=Answer())


def test_the_rows_of_nothing_but_commas_at_the_end_of_the_file_are_no_notes() -> None:
    rows = read_rows(TEST_FILE)
    with open(TEST_FILE, encoding="utf-8", newline="") as file:
        assert len([*csv.reader(file)]) == len(rows) + 1
    assert len(rows) == 66
    assert len(loaded()) == 26


def test_sentences_are_lines_of_one_cell_and_keep_their_own_numbers() -> None:
    assert numbered("0 A man.\n2 Hg.\n3 9 g/dL\n") == {0: "A man.", 2: "Hg.", 3: "9 g/dL"}
    # A line that does not count on belongs to the sentence before it.
    assert numbered("0 A man.\n1 He takes\n0 or 1 tablets.\nNo more.\n2 Well.\n") == {
        0: "A man.", 1: "He takes 0 or 1 tablets. No more.", 2: "Well.",
    }  # fmt: skip
    with pytest.raises(ValueError, match="no number"):
        numbered("A man.")


def test_a_gap_in_the_numbers_stays_and_the_wrong_sentence_is_found_by_its_number_not_by_its_place() -> None:
    sample = next(each for each in loaded() if each.id == "ms-test-8")
    lines = dict(line.split("|", 1) for line in sample.source.splitlines())
    assert "2" not in lines
    number, right = gold(sample)
    assert lines[str(number)] == "Hashimoto thyroiditis is diagnosed."
    assert right == "Graves disease is diagnosed."
    assert sample.source.splitlines()[number - 1].startswith(f"{number}|")


def test_what_is_shown_holds_the_error_and_not_its_correction() -> None:
    for sample, row in zip(loaded(), (row for row in read_rows(TEST_FILE) if row["Text ID"]), strict=True):
        assert sample.source.count("|") == len(sample.source.splitlines())
        assert (row["Error Sentence"] in sample.source) == (sample.slices["error"] == "there")
        assert sample.references == ((FINE,) if row["Error Flag"] == "0" else sample.references)
        assert row["Corrected Sentence"] not in sample.source


def test_both_texts_of_a_case_are_one_cluster_and_notes_of_hospitals_are_none() -> None:
    samples = loaded()
    pairs = [each.cluster for each in samples[:24]]
    assert pairs[::2] == pairs[1::2]
    assert len({*pairs}) == 12
    assert {each.cluster for each in loaded("medec_uw")} == {""}
    assert CATALOG.named("medec_uw").task.cluster == ""


def test_every_type_of_error_is_there_and_correct_notes_have_none() -> None:
    samples = loaded()
    assert {each.slices["error_type"] for each in samples} == {
        "causalOrganism", "diagnosis", "management", "none", "pharmacotherapy", "treatment",
    }  # fmt: skip
    assert all((each.slices["error_type"] == "none") == (each.slices["error"] == "none") for each in samples)


@pytest.mark.parametrize("reply", ["I cannot say.", "The note is INCORRECT.", "NA"])
def test_a_reply_that_says_neither_is_wrong_and_not_left_out(reply: str, tmp_path: Path) -> None:
    values = scored(reply, tmp_path)
    assert (values["error_flag_accuracy"], values["error_sentence_accuracy"]) == (0.0, 0.0)
    assert (values["composite_rouge1"], values["unreadable_rate"], values["correction_rouge1"]) == (0.0, 1.0, None)


def test_always_correct_has_the_share_of_correct_notes_and_sees_no_error(tmp_path: Path) -> None:
    values = scored("CORRECT", tmp_path)
    for name in ("error_flag_accuracy", "error_sentence_accuracy", "composite_rouge1"):
        assert values[name] == pytest.approx(12 / 26)
    assert (values["flag_recall"], values["false_alarm_rate"], values["correction_rouge1"]) == (0.0, 0.0, None)


def test_a_number_that_no_sentence_has_flags_an_error_and_names_no_sentence(tmp_path: Path) -> None:
    values = scored("99 All is well.", tmp_path)
    assert values["error_flag_accuracy"] == pytest.approx(14 / 26)
    assert values["error_sentence_accuracy"] == 0.0
    assert (values["flag_recall"], values["false_alarm_rate"]) == (1.0, 1.0)


def test_a_correction_is_marked_by_rouge_1_where_an_error_is_there_and_was_seen() -> None:
    wrong = next(each for each in loaded() if each.id == "ms-test-4")
    fine = next(each for each in loaded() if each.id == "ms-test-5")
    assert correction_rouge1(wrong, walk("3 Meningitis due to Cryptococcus neoformans is diagnosed.")) == 1.0
    # Five of seven words are the same: the error itself, left as it is, has 0.71.
    assert correction_rouge1(wrong, walk("3 Meningitis due to Candida albicans is diagnosed.")) == pytest.approx(5 / 7)
    # Another sentence, and none at all, count here too.
    assert correction_rouge1(wrong, walk("1 His CD4 count is 400/mm3.")) == pytest.approx(2 / (7 + 6))
    assert correction_rouge1(wrong, walk("3")) == 0.0
    assert correction_rouge1(wrong, walk("CORRECT")) is None
    assert correction_rouge1(wrong, walk("I cannot say.")) is None
    assert correction_rouge1(fine, walk("3 Meningitis due to Candida albicans is diagnosed.")) is None


def test_a_row_with_a_flag_that_is_no_number_is_refused() -> None:
    row = next(iter(read_rows(TEST_FILE)))
    with pytest.raises(ValueError, match="invalid literal"):
        to_sample({**row, "Error Flag": "yes"})


def test_the_collections_have_the_published_numbers_of_texts() -> None:
    assert {name: task.rows for name, task in TASKS.items()} == {"": 597, "uw": 328, "valid": 574}
    assert all(task.forms[0].exemplars == TASKS[""].forms[0].exemplars for task in TASKS.values())
    assert "medec-uw@googlegroups.com" in TASKS["uw"].obtain
