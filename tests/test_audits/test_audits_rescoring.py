"""Verifying with data: scores made again from raw replies, and what that sees where nothing else could."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import medeval
from medeval.audits import Where, verify
from medeval.cells import own_version
from medeval.engines.scripted import Scripted
from medeval.errors import Interrupted, RequestError
from medeval.journal import Journal
from medeval.reports import JOURNAL, JUDGED, MANIFEST, RESULT, RUN, SAMPLES
from tests.test_audits.damage import (
    CELL,
    changed,
    data_of,
    faults,
    json_changed,
    kinds,
    line_changed,
    one,
    reply_changed,
)

SAMPLE = Where(data="sample")
AGAIN = "scored again"


def again(folder: Path, where: Where) -> list[tuple[str, str]]:
    """What scoring again alone sees: where, and the sentence."""
    return [(place, said) for place, what, said in faults(folder, where) if what == AGAIN]


def files(folder: Path) -> dict[str, bytes]:
    """Everything that lies below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_published_is_made_again_byte_by_byte_and_left_alone(home: Path, entry: Path) -> None:
    before = files(home)
    found = one(entry, data_of(home))
    assert (found.exit_code, found.rescored, found.told) == (0, True, ())
    assert [each.word for each in found.folders[0].findings if each.what == AGAIN] == ["holds"]
    assert files(home) == before


def test_groups_are_made_again_of_members_that_were_made_again(grouped: Path) -> None:
    found = one(grouped, SAMPLE)
    assert (found.exit_code, found.cells, found.told) == (0, 4, ())


def test_two_samples_that_changed_their_marks_are_seen_by_scoring_alone(home: Path, entry: Path) -> None:
    path = entry / CELL / SAMPLES
    line_changed(path, 0, lambda line: line["scores"].update(accuracy=0.0))
    line_changed(path, 4, lambda line: line["scores"].update(accuracy=1.0))
    assert faults(entry) == [], "the mean is the same"
    assert again(entry, data_of(home)) == [
        (CELL, "samples.jsonl: line 1, sample '0000': scores.accuracy is 0.0, scored again 1.0.")
    ]


def test_another_answer_than_the_reply_gives_is_seen_by_scoring(home: Path, entry: Path) -> None:
    line_changed(entry / CELL / SAMPLES, 3, lambda line: line.update(picked=["D"]))
    assert faults(entry) == []
    assert again(entry, data_of(home)) == [
        (CELL, "samples.jsonl: line 4, sample '0003': picked is ['D'], scored again ['B'].")
    ]


def test_a_reply_forged_in_every_file_that_holds_it_is_seen_by_scoring(home: Path, entry: Path) -> None:
    cell = entry / CELL
    # The fourth question has D for its answer, and the model said B. Whoever forges mends what they think of.
    reply_changed(cell, 3, "Answer: D")
    line_changed(cell / SAMPLES, 3, lambda line: line["exchanges"][0]["reply"].update(text="Answer: D"))
    with closing(Journal(cell / JOURNAL, writable=False)) as journal:
        json_changed(cell / RESULT, "journal", value=journal.fingerprint())
    assert faults(entry) == [], "all files agree with each other"
    samples, result = [said for _, said in again(entry, data_of(home))]
    assert samples == "samples.jsonl: line 4, sample '0003': picked is ['B'], scored again ['D']."
    assert result.startswith(
        "estimates.accuracy.value is 0.3333333333333333, scored again 0.375; estimates.accuracy.low"
    )
    assert result.endswith("and 3 more fields.")


@pytest.mark.parametrize("name", [RESULT, SAMPLES])
def test_the_same_written_otherwise_is_told(home: Path, entry: Path, name: str) -> None:
    changed(entry / CELL / name, ":", ": ") if name == SAMPLES else changed(entry / CELL / name, "\n", "\n\n")
    assert faults(entry) == []
    (found,) = again(entry, data_of(home))
    assert "is written otherwise than medeval writes it." in found[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "samples.jsonl: line 24 is missing."),
        (lambda lines: [*lines, lines[-1]], "samples.jsonl: line 25 is one that scoring again does not make."),
        (lambda lines: [*lines[:5], b"{\n", *lines[6:]], "samples.jsonl: line 6 is no JSON."),
    ],
)
def test_lines_that_are_missing_or_too_many_are_told(
    home: Path, entry: Path, change: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    path = entry / CELL / SAMPLES
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    assert (CELL, said) in again(entry, data_of(home))


# --- another release ----------------------------------------------------------------------------


def of_another_release(cell: Path) -> None:
    changed(cell / RESULT, f"medeval-{own_version()}", "medeval-0.0.1")


def test_a_result_of_another_release_is_noted_and_is_no_fault(home: Path, entry: Path) -> None:
    of_another_release(entry / CELL)
    found = one(entry, data_of(home))
    assert found.exit_code == 0
    assert [(each.what, each.word, each.said) for each in found.told] == [(
        AGAIN, "note",
        f"result.json was made by medeval-0.0.1, and scored again by medeval-{own_version()}: nothing else differs.",
    )]  # fmt: skip


def test_groups_of_another_release_are_noted_too(grouped: Path) -> None:
    for cell in grouped.iterdir():
        if cell.is_dir():
            of_another_release(cell)
    found = one(grouped, SAMPLE)
    assert (found.exit_code, len(found.told), {each.word for each in found.told}) == (0, 4, {"note"})


def test_a_number_that_differs_between_releases_is_a_fault_that_names_both(home: Path, entry: Path) -> None:
    of_another_release(entry / CELL)
    json_changed(entry / CELL / RESULT, "estimates", 0, "value", value=0.34)
    (found,) = again(entry, data_of(home))
    assert found[1] == (
        "estimates.accuracy.value is 0.34, scored again 0.3333333333333333 "
        f"(made by medeval-0.0.1, and scored again by medeval-{own_version()})."
    )


# --- data -----------------------------------------------------------------------------------------


def test_data_that_are_missing_are_a_fault_of_the_request_for_all_cells_at_once(grouped: Path, tmp_path: Path) -> None:
    for name in ("medqa", "medmcqa"):
        cell = grouped / f"{name}@sample"
        changed(cell / MANIFEST, '"data": "sample"', '"data": "real"')
        cell.rename(grouped / name)
    with pytest.raises(RequestError) as refused:
        verify([grouped], Where(data=str(tmp_path), offline=True))
    said = "\n".join(refused.value.faults)
    assert refused.value.exit_code == 2
    assert f"{grouped / 'medqa'}: " in said
    assert f"{grouped / 'medmcqa'}: " in said


def test_an_unknown_task_is_a_fault_of_the_request(home: Path, entry: Path) -> None:
    with pytest.raises(RequestError, match="Unknown task 'exam'"):
        verify([entry], Where(data=str(home / "data")))


def test_other_data_than_a_cell_is_of_do_not_agree(home: Path, entry: Path) -> None:
    changed(home / "data" / "exam" / "rows.jsonl", "Question 3?", "Question three?")
    ((where, said),) = again(entry, data_of(home))
    assert where == CELL
    assert said.startswith("cannot be scored again (the data was ")


def test_a_task_of_another_version_does_not_agree(home: Path, entry: Path) -> None:
    changed(home / "exam.py", "version=1", "version=2")
    assert again(entry, data_of(home)) == [(
        CELL,
        "cannot be scored again (the task's version was 1, is now 2). Run it again under another --label.",
    )]  # fmt: skip


def test_other_words_than_were_asked_do_not_agree(home: Path, entry: Path) -> None:
    changed(home / "exam.py", '"written": prompts.write_a_letter', '"written": prompts.question_options')
    ((where, said),) = again(entry, data_of(home))
    assert where == CELL
    assert said.startswith("journal.jsonl: sample '0000' was asked in other words than exam has now.")


def test_a_journal_that_lacks_replies_is_not_finished(home: Path, entry: Path) -> None:
    path = entry / CELL / JOURNAL
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    ((where, said),) = again(entry, data_of(home))
    assert where == CELL
    assert said.startswith("not finished: journal.jsonl: sample '0023' has no reply yet. `medeval run` as it was")


def test_a_run_without_results_is_not_finished(home: Path, entry: Path) -> None:
    for name in (RESULT, SAMPLES, RUN):
        (entry / CELL / name).unlink()
    assert "result" in kinds(entry, data_of(home))


def test_what_stands_in_the_way_of_scoring_is_told_first(home: Path, entry: Path) -> None:
    with open(entry / CELL / JOURNAL, "ab") as file:
        file.write(b"half a line")
    assert again(entry, data_of(home)) == [(CELL, "not done: what is told above stands in the way.")]


def test_a_signal_ends_it_and_leaves_nothing_behind(home: Path, entry: Path) -> None:
    before = files(home)
    said = iter([False, False, False, True, True, True, True])
    with pytest.raises(Interrupted):
        verify([entry], data_of(home), lambda: next(said))
    assert files(home) == before


# --- what a stranger might try ----------------------------------------------------------------------


def test_code_that_a_stranger_wishes_for_is_not_run(home: Path, entry: Path, tmp_path: Path) -> None:
    module = tmp_path / "evil.py"
    module.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    json_changed(entry / CELL / RUN, "metrics", value=[f"evaluate:{module}"])
    with pytest.raises(RequestError, match=r"wishes for evaluate:.*allow it: --metric evaluate:"):
        verify([entry], data_of(home))
    assert not (tmp_path / "ran").exists()


def test_a_million_takes_of_a_sample_are_not_made(home: Path, entry: Path) -> None:
    cell = entry / CELL
    json_changed(cell / MANIFEST, "setting", "repeats", value=10**9)
    cell.rename(entry / "exam@written,repeats1000000000")
    found = faults(entry, data_of(home))
    assert ("manifest", "asks every sample 1,000,000,000 times, and 24 replies are there.") in [
        each[1:] for each in found
    ]


def test_a_group_of_members_of_ones_own_choice_is_told(grouped: Path) -> None:
    json_changed(grouped / "exams_en@sample" / RESULT, "members", value=["medqa", "medmcqa"])
    assert ("exams_en@sample", "result",
            "its members are medqa, medmcqa, and those of the group medqa, medmcqa, pubmedqa.",
    ) in faults(grouped, SAMPLE)  # fmt: skip


def of_talks(root: Path) -> Where:
    return Where(data=str(root / "data"), task_paths=(root / "talks.py",))


STRICT = f"talks@written/{JUDGED}/strict"


def test_judges_are_heard_again_out_of_the_journal(talks: Path, heard: Path) -> None:
    found = one(heard, of_talks(talks))
    assert (found.exit_code, found.told, len(found.folders)) == (0, (), 4)
    assert all(AGAIN in [each.what for each in folder.findings] for folder in found.folders)


def test_marks_of_a_judge_that_its_words_do_not_give_are_told(talks: Path, heard: Path) -> None:
    line_changed(heard / STRICT / SAMPLES, 0, lambda line: line["marks"].update(grades=[9.0, 9.0, 2.0, 2.0]))
    (found,) = again(heard, of_talks(talks))
    assert found[0] == STRICT
    assert found[1].startswith("samples.jsonl: line 1, sample '0000': marks.grades")


def test_a_changed_number_of_a_judge_is_told(talks: Path, heard: Path) -> None:
    json_changed(heard / STRICT / RESULT, "estimates", 0, "value", value=5.0)
    (found,) = again(heard, of_talks(talks))
    assert found[0] == STRICT
    assert found[1].startswith("estimates.grade.value is 5.0, scored again ")


def test_a_judge_whose_name_leads_out_of_the_folder_is_not_heard(talks: Path, heard: Path) -> None:
    changed(heard / STRICT / MANIFEST, '"name": "strict"', '"name": "../../../../strict"')
    before = files(talks)
    found = faults(heard, of_talks(talks))
    assert (STRICT, "manifest", "is of '../../../../strict', and lies in a folder 'strict'.") in found
    assert ("talks@written", AGAIN, "not done: what is told above stands in the way.") in found
    assert files(talks) == before


def test_metrics_that_were_wished_for_are_told_again(tmp_path: Path) -> None:
    medeval.evaluate(
        model=Scripted(lambda _: "Take it with water.", model="m"), tasks="medsafety", data="sample", reports=tmp_path,
        style="written", chat=True, metrics=("chrf",),
    )  # fmt: skip
    found = one(tmp_path / "m", SAMPLE)
    assert (found.exit_code, found.told) == (0, ())
