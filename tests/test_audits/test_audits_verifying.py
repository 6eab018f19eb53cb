"""Verifying without data: every way in which a published folder can be other than its journal makes it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

import medeval
from medeval.audits import exit_code, folder_of, folders, verify
from medeval.engines.scripted import Scripted
from medeval.errors import Interrupted, RequestError
from medeval.journal import frame, unframe
from medeval.reports import JOURNAL, MANIFEST, RESULT, RUN, SAMPLES
from tests.test_audits.damage import CELL, changed, faults, json_changed, kinds, line_changed, one, reply_changed


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder: what is in it, and when that was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_a_whole_entry_agrees_and_nothing_in_it_is_touched(entry: Path) -> None:
    before = tree(entry)
    found = one(entry)
    assert (found.exit_code, found.cells, found.told) == (0, 1, ())
    (cell,) = found.folders
    assert (cell.where, cell.samples, cell.replies) == (CELL, 24, 24)
    assert [each.what for each in cell.findings] == [
        "folder", "manifest", "journal", "samples", "result", "numbers", "signature",
    ]  # fmt: skip
    assert tree(entry) == before


def test_groups_agree_too_and_are_made_of_their_members(grouped: Path) -> None:
    found = one(grouped)
    assert (found.exit_code, found.cells) == (0, 4)
    assert {each.where: each.samples for each in found.folders} == {
        "exams_en@sample": 77, "medmcqa@sample": 26, "medqa@sample": 26, "pubmedqa@sample": 25,
    }  # fmt: skip


# --- result.json ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "value", "what", "said"),
    [
        (("estimates", 0, "value"), 0.5, "numbers", "accuracy is 0.5 (0.179722 to 0.532937), and the marks in"),
        (("estimates", 0, "low"), 0.2, "numbers", "come to 0.3333333333333333 (0.179722 to 0.532937)."),
        (("estimates", 0, "n"), 23, "numbers", "accuracy: rests on 23 samples, and 24 have a mark in samples.jsonl."),
        (("estimates", 0, "n"), 25, "numbers", "accuracy: rests on 25 samples, and samples.jsonl has 24."),
        (("estimates", 0, "failed"), 1, "numbers", "accuracy: failed is 1, and samples.jsonl has 0."),
        (("estimates", 0, "unread"), 2, "numbers", "accuracy: unread is 2, and samples.jsonl has 0."),
        (("estimates", 0, "takes"), 3, "numbers", "accuracy: takes is 3, and samples.jsonl has 1 of a sample."),
        (("estimates", 0, "high"), None, "numbers", "accuracy: 0.17972190327297755 to None is no interval."),
        (("headline",), "f1", "numbers", "headline is 'f1', and its first estimate 'accuracy'."),
        (("estimates", 0, "version"), 2, "signature", "protocol has 'accuracy:v1', and the estimate is 'accuracy:v2'."),
        (("journal_records",), 25, "journal", "holds 24 replies, and 25 stand in result.json."),
        (("journal",), "0" * 64, "journal", "and 000000000000… stands in result.json."),
        (("task_version",), 2, "result", "task_version is 1 in manifest.json, and 2 in result.json."),
        (("entry",), "other", "result", "entry is 'model' in manifest.json, and 'other' in result.json."),
        (("data",), "0" * 64, "result", "and '0000000000000000000000000000000000000000000000000000000000000000'"),
        (("setting", "seed"), 7, "result", "setting: seed was 0, is now 7 (manifest.json, result.json)."),
        (("judge",), "strict", "result", "is by the judge 'strict'."),
        (("members",), ["medqa"], "result", "has members, as only a group has."),
        (("prompt",), "0" * 32, "signature", "prompt is '00000000000000000000000000000000', and what was asked comes"),
        (("protocol",), "exam.v1|letters", "signature", "protocol has 'letters' where the fields make 'written'."),
        (("conditions",), "chat:yes", "signature", "conditions are 'chat:yes', and the fields make 'chat:no|think:no"),
        (("estimates",), [], "numbers", "has no estimates."),
        (("estimates", 0, "value"), "NaN", "result", "result.json: Expected `float | null`, got `str`"),
        (("unknown",), 1, "result", "Object contains unknown field `unknown`."),
    ],
)  # fmt: skip
def test_a_changed_field_of_a_result_is_told(
    entry: Path, way: tuple[str | int, ...], value: object, what: str, said: str
) -> None:
    json_changed(entry / CELL / RESULT, *way, value=value)
    found = [each for where, kind, each in faults(entry) if (where, kind) == (CELL, what)]
    assert any(said in each for each in found), found


def test_a_changed_part_of_the_samples_is_told_by_its_name(entry: Path) -> None:
    # The small exam declares parts x and y.
    json_changed(entry / CELL / RESULT, "estimates", 0, "slices", 0, "estimate", value=0.75)
    (fault,) = faults(entry)
    assert fault[2].startswith("accuracy over part x is 0.75 (")


def test_a_number_that_json_does_not_know_is_no_result(entry: Path) -> None:
    changed(entry / CELL / RESULT, '"value": 0.3333333333333333', '"value": 1e999')
    assert faults(entry)[0][1:] == (
        "result",
        f"{entry / CELL / RESULT}: Number out of range - at `$.estimates[0].value`.",
    )


def test_a_flag_that_is_taken_away_is_missed(grouped: Path) -> None:
    cell = grouped / "medqa@sample"
    json_changed(cell / RESULT, "flags", value=[])
    assert ("medqa@sample", "signature", "has no flag 'sample data'.") in faults(grouped)


@pytest.mark.parametrize("data", [b"", b"no json", b"\xff\xfe", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"null"])
@pytest.mark.parametrize("name", [RESULT, MANIFEST])
def test_what_is_no_json_is_a_fault_and_no_traceback(entry: Path, name: str, data: bytes) -> None:
    (entry / CELL / name).write_bytes(data)
    assert name.partition(".")[0] in kinds(entry)


def test_without_a_result_a_cell_is_not_finished(entry: Path) -> None:
    (entry / CELL / RESULT).unlink()
    assert faults(entry) == [
        (CELL, "result", "result.json is not there: not finished. `medeval run` as it was started goes on.")
    ]


@pytest.mark.parametrize("name", [MANIFEST, JOURNAL, SAMPLES])
def test_a_missing_file_is_named(entry: Path, name: str) -> None:
    (entry / CELL / name).unlink()
    assert [said for _, _, said in faults(entry)] == [f"{name} is not there."]


# --- samples.jsonl ------------------------------------------------------------------------------


def test_a_better_mark_of_one_sample_is_seen_in_the_mean(entry: Path) -> None:
    line_changed(entry / CELL / SAMPLES, 4, lambda line: line["scores"].update(accuracy=1.0))
    where, what, said = faults(entry)[0]
    assert (where, what) == (CELL, "numbers")
    assert said == (
        "accuracy is 0.3333333333333333 (0.179722 to 0.532937), and the marks in samples.jsonl come to "
        "0.375 (0.211594 to 0.5729)."
    )


def test_a_status_that_is_another_is_counted(entry: Path) -> None:
    line_changed(entry / CELL / SAMPLES, 0, lambda line: line.update(status="refused"))
    assert (CELL, "numbers", "accuracy: refused is 0, and samples.jsonl has 1.") in faults(entry)


def test_a_reply_that_the_journal_does_not_have_is_told_with_both(entry: Path) -> None:
    line_changed(entry / CELL / SAMPLES, 3, lambda line: line["exchanges"][0]["reply"].update(text="Answer: D"))
    assert faults(entry) == [
        (CELL, "journal", "sample '0003': model replied 'Answer: D', and in the journal 'Answer: B'.")
    ]


def test_a_prompt_that_was_not_asked_is_told(entry: Path) -> None:
    line_changed(entry / CELL / SAMPLES, 3, lambda line: line["exchanges"][0].update(prompt="Say B."))
    assert faults(entry) == [(CELL, "journal", "sample '0003': model was asked in other words than stand here.")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "1 replies belong to no sample of samples.jsonl, first one of model to '0023'."),
        (lambda lines: [*lines, lines[3]], "sample '0003' (variant 0, repeat 0) stands twice."),
        (lambda lines: [*lines, lines[3].replace(b'"0003"', b'"9"')], "sample '9': a reply of model to it is not in"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "prompt is"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "samples.jsonl: line 24 has no end."),
        (lambda lines: [*lines[:-1], b"{}\n"], "samples.jsonl: line 24: Object missing required field `sample`."),
        (lambda lines: [], "samples.jsonl is empty."),
    ],
)  # fmt: skip
def test_lines_of_samples_that_are_missing_doubled_or_broken_are_told(
    entry: Path, change: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    path = entry / CELL / SAMPLES
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    assert any(said in each for _, _, each in faults(entry))


# --- journal.jsonl ------------------------------------------------------------------------------


def test_a_reply_changed_with_its_checksum_mended_is_seen_by_fingerprint_and_by_the_samples(entry: Path) -> None:
    reply_changed(entry / CELL, 5, "Answer: D")
    (one_fault, other) = faults(entry)
    assert one_fault[2].startswith("its fingerprint is ")
    assert other == (CELL, "journal", "sample '0005': model replied 'Answer: B', and in the journal 'Answer: D'.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "holds 23 replies, and 24 stand in result.json."),
        (lambda lines: [*lines, lines[2]], "line 25 answers sample '0002' again, which was answered for good before."),
        (lambda lines: [*lines, b"garbage\n"], "journal.jsonl: line 25 is damaged: its checksum or its form"),
        (lambda lines: [lines[0].replace(b"Answer", b"answer"), *lines[1:]], "journal.jsonl: line 1 is damaged"),
        (lambda lines: [*lines[:-1], lines[-1][:-9]], "journal.jsonl: line 24 has no end: a run was killed, or"),
        (lambda lines: [], "holds 0 replies, and 24 stand in result.json."),
    ],
)  # fmt: skip
def test_lines_of_a_journal_that_are_missing_doubled_or_broken_are_told(
    entry: Path, change: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    path = entry / CELL / JOURNAL
    path.write_bytes(data := b"".join(change(path.read_bytes().splitlines(keepends=True))))
    assert any(said in each for _, _, each in faults(entry))
    assert path.read_bytes() == data, "a torn end is told, and stays"


def test_a_reply_to_a_sample_that_nobody_has_is_told(entry: Path) -> None:
    path = entry / CELL / JOURNAL
    *_, last = path.read_bytes().splitlines(keepends=True)
    line = unframe(last)
    assert line is not None
    with path.open("ab") as file:
        file.write(frame(replace(line, sample="elsewhere")))
    assert "1 replies belong to no sample of samples.jsonl, first one of model to 'elsewhere'." in [
        said for _, _, said in faults(entry)
    ]


# --- folders --------------------------------------------------------------------------------------


def test_a_result_of_another_entry_is_told(home: Path, entry: Path) -> None:
    medeval.evaluate(
        model=Scripted(lambda _: "Answer: A", model="other"), tasks="exam", data=home / "data",
        reports=home / "reports", task_paths=[home / "exam.py"], style="written",
    )  # fmt: skip
    shutil.copyfile(home / "reports" / "other" / CELL / RESULT, entry / CELL / RESULT)
    said = [said for _, _, said in faults(entry)]
    assert "entry is 'model' in manifest.json, and 'other' in result.json." in said
    assert any(each.startswith("its fingerprint is ") for each in said)


def test_a_cell_of_another_entry_is_told(entry: Path) -> None:
    other = entry.parent / "better"
    entry.rename(other)
    assert faults(other) == [
        (CELL, "manifest", "is of the entry 'model', whose folder is 'model', and lies in 'better'.")
    ]


def test_a_cell_under_another_name_is_told(entry: Path) -> None:
    (entry / CELL).rename(entry / "exam")
    assert faults(entry) == [("exam", "manifest", "its task and setting belong into a folder 'exam@written'.")]


def test_an_entry_that_two_models_answered_is_told(grouped: Path) -> None:
    changed(grouped / "pubmedqa@sample" / MANIFEST, '"model": "majority"', '"model": "random"')
    assert (
        "", "model",
        "pubmedqa@sample was answered by another model than medmcqa@sample (model was 'majority', is now 'random').",
    ) in faults(grouped)  # fmt: skip


@pytest.mark.parametrize("name", [MANIFEST, JOURNAL, SAMPLES, RESULT])
def test_no_link_is_followed(entry: Path, tmp_path: Path, name: str) -> None:
    path = entry / CELL / name
    path.rename(tmp_path / name)
    path.symlink_to(tmp_path / name)
    assert faults(entry) == [
        (CELL, "folder", f"'{name}' is a link, and none is followed. Put there what it points to.")
    ]


def test_a_cell_that_is_a_link_is_not_looked_at(entry: Path, tmp_path: Path) -> None:
    (entry / CELL).rename(tmp_path / "cell")
    (entry / CELL).symlink_to(tmp_path / "cell")
    found = one(entry)
    assert (found.exit_code, found.cells) == (4, 0)
    assert [each.said for each in found.faults] == [
        f"'{CELL}' is a link, and none is followed. Put there what it points to."
    ]


def test_an_entry_that_is_a_link_is_not_looked_at(entry: Path, tmp_path: Path) -> None:
    (tmp_path / "model").symlink_to(entry)
    assert [said for _, _, said in faults(tmp_path / "model")] == [
        f"{tmp_path / 'model'} is a link. Name what it points to."
    ]


def test_a_pipe_in_the_place_of_a_file_is_not_opened(entry: Path) -> None:
    (entry / CELL / RESULT).unlink()
    os.mkfifo(entry / CELL / RESULT)
    assert faults(entry) == [(CELL, "folder", "'result.json' is neither a file nor a folder.")]


def test_a_folder_in_the_place_of_a_file_is_a_fault(entry: Path) -> None:
    (entry / CELL / RESULT).unlink()
    (entry / CELL / RESULT).mkdir()
    assert kinds(entry) == {"result"}


@pytest.mark.parametrize(("name", "what"), [(JOURNAL, "journal"), (SAMPLES, "samples"), (RESULT, "folder")])
def test_what_is_too_large_is_not_read(entry: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str) -> None:
    monkeypatch.setattr(folders, "LARGEST", 8000)
    with open(entry / CELL / name, "ab") as file:
        file.write(b" " * 9000)
    said = [each for _, kind, each in faults(entry) if kind == what]
    assert any("8,000" in each for each in said), said


def test_files_of_others_are_noted_and_are_no_fault(entry: Path) -> None:
    (entry / CELL / "notes.txt").write_text("mine", encoding="utf-8")
    (entry / os.fsdecode(b"bad\xff.txt")).write_text("mine", encoding="utf-8")
    found = one(entry)
    assert found.exit_code == 0
    assert [(each.where, each.word, each.said) for each in found.told] == [
        ("", "note", "'bad\\udcff.txt' is none of medeval's files."),
        (CELL, "note", "'notes.txt' is none of medeval's files."),
    ]


def test_many_faults_of_one_kind_are_cut_short(entry: Path) -> None:
    for number in range(12):
        line_changed(entry / CELL / SAMPLES, number, lambda line: line["exchanges"][0]["reply"].update(text="?"))
    assert [said for _, what, said in faults(entry) if what == "journal"][4:] == [
        "sample '0004': model replied '?', and in the journal 'Answer: B'.", "and more of the same.",
    ]  # fmt: skip


def test_a_folder_with_nothing_in_it_is_told_apart_from_one_that_is_not_there(tmp_path: Path) -> None:
    assert folder_of(str(tmp_path), tmp_path) == tmp_path
    (found,) = verify([tmp_path])
    assert (found.exit_code, exit_code([found]), exit_code([])) == (5, 5, 5)
    with pytest.raises(RequestError, match="nobody: no such entry in"):
        folder_of("nobody", tmp_path)


def test_a_fault_weighs_more_than_an_empty_entry(entry: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    whole, empty = verify([entry, tmp_path / "empty"])
    assert exit_code([whole, empty]) == 5
    (entry / CELL / RESULT).unlink()
    assert exit_code(verify([entry, tmp_path / "empty"])) == 4


def test_one_cell_can_be_verified_alone(grouped: Path) -> None:
    assert folder_of("baseline-majority/medqa@sample", grouped.parent) == grouped / "medqa@sample"
    found = one(grouped / "medqa@sample")
    assert [(each.where, each.samples) for each in found.folders] == [("medqa@sample", 26)]


def test_a_signal_ends_it(entry: Path) -> None:
    with pytest.raises(Interrupted):
        verify([entry], stopped=lambda: True)


def test_circumstances_that_cannot_be_read_are_told(entry: Path) -> None:
    json_changed(entry / CELL / RUN, "attempts", value="none")
    assert [what for _, what, _ in faults(entry)] == ["run"]
