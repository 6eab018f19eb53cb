"""What lies in a folder of reports, whatever state it is in; other tests of the board write their cells with this."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.board import shelf
from medeval.board.shelf import Broken, Cell, Entry
from medeval.entries import Card
from medeval.gradings import SURVEY, Judge
from medeval.records import Better, Decoding, Estimate, Identity, Result, Setting, SliceEstimate, Status, Table, to_json
from medeval.stats import wilson

Values = Sequence[float | None]
JUDGE = reports.Sworn(
    judge=Judge(name="strict", grading=SURVEY, decoding=Decoding()),
    identity=Identity(engine="x", version="1", model="j"),
)


def estimated(values: Values, metric: str = "accuracy", better: Better = "higher") -> Estimate:
    """The number that marks come to; a share of right answers has Wilson's interval."""
    known = [value for value in values if value is not None]
    value, is_share = sum(known) / max(1, len(known)), {*known} <= {0.0, 1.0}
    low, high, method = wilson(sum(known), len(known)) if known and is_share else (value - 0.1, value + 0.1, "student")
    return Estimate(
        metric=metric, value=value, low=low, high=high, method=method, n=len(known), n_eff=len(known), unread=0,
        truncated=0, refused=0, too_long=0, failed=len(values) - len(known), better=better,
    )  # fmt: skip


def resulting(values: Values, **fields: object) -> Result:
    """A result of marks; whatever is said of it stands in place of what is plain."""
    made = Result(
        task="medqa", task_version=1, entry="", setting=Setting(), data="d" * 64, prompt="p", journal="j",
        journal_records=len(values), headline="accuracy", estimates=(estimated(values),), flags=(),
        protocol="medqa.v1|letters", conditions="seed:0",
    )  # fmt: skip
    return replace(made, **fields)


def put(
    cell: Path,
    values: Values,
    *,
    others: dict[str, Values] | None = None,
    clusters: Sequence[str] = (),
    ids: Sequence[str] = (),
    statuses: Sequence[Status] = (),
    engine: str = "scripted",
    **fields: object,
) -> Path:
    """Write a finished cell: reports/<entry>/<cell>."""
    made = resulting(values, **{"entry": cell.parent.name, "protocol": f"{cell.name}.v1|letters", **fields})
    if "estimates" not in fields:
        more = [estimated(marks, name, "lower") for name, marks in (others or {}).items()]
        made = replace(made, estimates=(replace(estimated(values), metric=made.headline), *more))
    cell.mkdir(parents=True, exist_ok=True)
    manifest = reports.Manifest(
        task=made.task, task_version=1, entry=made.entry, setting=made.setting, form="x", pinned=True, data=made.data,
        engines={"model": Identity(engine=engine, version="1", model=made.entry)},
    )  # fmt: skip
    (cell / reports.MANIFEST).write_bytes(to_json(manifest))
    (cell / reports.RESULT).write_bytes(to_json(made))
    lines = [
        {
            "sample": ids[place] if ids else f"s{place}", "cluster": clusters[place] if clusters else "",
            "status": statuses[place] if statuses else "engine_error" if value is None else "scored",
            "scores": {made.headline: value, **{name: marks[place] for name, marks in (others or {}).items()}},
        }
        for place, value in enumerate(values)
    ]  # fmt: skip
    (cell / reports.SAMPLES).write_bytes(b"".join([to_json(line) + b"\n" for line in lines]))
    return cell


def put_judge(cell: Path, values: Values, name: str = "strict", **fields: object) -> Path:
    """Write what a judge made of a cell that is there."""
    said = {"judge": name, "entry": cell.parent.name, "protocol": f"{cell.name}.v1|letters|judge:{name}", **fields}
    place = put(cell / reports.JUDGED / name, values, **said)  # type: ignore[arg-type]
    (place / reports.MANIFEST).write_bytes(to_json(JUDGE))
    return place


def read(folder: Path) -> tuple[dict[str, Entry], dict[str, Broken]]:
    """Entries by their folders, and what is broken by its place."""
    entries, broken = shelf.shelved([shelf.opened(place) for place in shelf.places(folder)], folder)
    assert list(broken) == sorted(broken, key=lambda each: each.place)
    return {entry.slug: entry for entry in entries}, {each.place: each for each in broken}


def cells(folder: Path) -> dict[str, Cell]:
    """Cells by where they are."""
    return {cell.place.said: cell for entry in read(folder)[0].values() for cell in entry.cells}


def opened(cell: Path) -> Cell | Broken:
    return shelf.opened(shelf.Place(entry=cell.parent.name, cell=cell.name, path=cell))


def doubt_of(cell: Path) -> str:
    found = opened(cell)
    assert isinstance(found, Cell)
    assert (found.marks is None) == bool(found.doubt)
    return found.doubt


# --- what is looked at --------------------------------------------------------------------------


def test_folders_that_hold_no_entry_are_left_alone(tmp_path: Path) -> None:
    for name in ("duels", "raters", "baselines", ".git", ".atlas", "duels-8b", "atlas"):
        put(tmp_path / name / "medqa", [1, 0])
    (tmp_path / "notes.txt").write_text("A file is no entry.", encoding="utf-8")
    (tmp_path / "atlas" / "notes").mkdir()
    (tmp_path / "atlas" / "entry.json").write_text('{"schema_version": 1}', encoding="utf-8")
    assert [place.said for place in shelf.places(tmp_path)] == ["atlas/medqa", "duels-8b/medqa"]


def test_a_folder_is_a_cell_of_its_own_where_it_holds_a_result(tmp_path: Path) -> None:
    put(tmp_path / "atlas", [1, 0], entry="atlas")
    assert [place.said for place in shelf.places(tmp_path)] == ["atlas/."]


def test_judges_are_found_below_the_cell_that_they_judged(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "cmb_clin", [1, 0, 1], task="cmb_clin")
    for name in ("strict", "mild"):
        put_judge(cell, [1, 0, 0.5], name, task="cmb_clin", headline="overall")
    put(cell / reports.JUDGED / "nobody", [1])
    (cell / reports.JUDGED / "nobody" / reports.MANIFEST).unlink()
    found = cells(tmp_path)
    assert [*found] == ["atlas/cmb_clin", "atlas/cmb_clin/judged/mild", "atlas/cmb_clin/judged/strict"]
    strict = found["atlas/cmb_clin/judged/strict"]
    assert strict.result.judge == "strict"
    assert strict.marks is not None
    assert strict.marks.values["overall"].tolist() == [1, 0, 0.5]
    # Whose answers they are stands with the cell, not with the judge.
    assert (
        strict.identity == found["atlas/cmb_clin"].identity == Identity(engine="scripted", version="1", model="atlas")
    )


def test_entries_and_cells_stand_in_the_order_of_names_however_they_were_made(tmp_path: Path) -> None:
    names = [("cedar", "z"), ("atlas", "pubmedqa"), ("cedar", "a"), ("birch", "m"), ("atlas", "medqa"), ("b", "x")]
    for place, order in enumerate((names, names[::-1])):
        for entry, cell in order:
            put(tmp_path / str(place) / entry / cell, [1, 0])
    first, again = [cells(tmp_path / str(place)) for place in range(2)]
    assert [*first] == [*again] == [f"{entry}/{cell}" for entry, cell in sorted(names)]
    assert [*read(tmp_path / "0")[0]] == ["atlas", "b", "birch", "cedar"]


def test_an_entry_is_called_what_its_results_call_it(tmp_path: Path) -> None:
    put(tmp_path / "atlas-8b" / "medqa", [1, 0], entry="Atlas 8B（医学）")
    put(tmp_path / "birch" / "medqa", [1, 0], entry="")
    assert {slug: entry.name for slug, entry in read(tmp_path)[0].items()} == {
        "atlas-8b": "Atlas 8B（医学）", "birch": "birch",
    }  # fmt: skip


def test_a_rule_is_a_floor_and_a_model_is_none(tmp_path: Path) -> None:
    put(tmp_path / "baseline-random" / "medqa", [1, 0], engine="baseline")
    put(tmp_path / "atlas" / "medqa", [1, 0])
    put(tmp_path / "unknown" / "medqa", [1, 0])
    (tmp_path / "unknown" / "medqa" / reports.MANIFEST).unlink()
    found, _ = read(tmp_path)
    assert {slug: entry.is_floor for slug, entry in found.items()} == {
        "atlas": False, "baseline-random": True, "unknown": False,
    }  # fmt: skip


def test_of_a_result_only_what_the_board_needs_is_kept(tmp_path: Path) -> None:
    part = SliceEstimate(slice="part", value="heart", n=1, estimate=1, low=None, high=None)
    first, second = [replace(estimated([1, 0], name), slices=(part,)) for name in ("accuracy", "macro_f1")]
    table = Table(name="t", about="a", columns=("c",), rows=((1,),))
    put(tmp_path / "atlas" / "medqa", [1, 0], estimates=(first, second), tables=(table,))
    kept = cells(tmp_path)["atlas/medqa"].result
    assert (kept.estimates, kept.tables) == ((first, replace(second, slices=())), ())


def test_the_names_of_samples_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", [1, 0], ids=("one", "二"), clusters=("c", ""))
    assert shelf.names(cells(tmp_path)["atlas/medqa"]) == (("one", "二"), ("c", ""))


def test_of_two_results_of_one_protocol_the_plainest_stands_and_the_other_is_told(tmp_path: Path) -> None:
    for name in ("medqa@system-1a2b3c4d", "medqa", "medqa@prefill-00000000", "medqa@5shot"):
        protocol = "medqa.v1|5-shot" if "5" in name else "medqa.v1|0-shot"
        put(tmp_path / "atlas" / name, [1, 0], protocol=protocol)
    put(tmp_path / "birch" / "medqa@system-1a2b3c4d", [1, 0], protocol="medqa.v1|0-shot")
    entries, broken = read(tmp_path)
    assert {slug: [cell.place.cell for cell in entry.cells] for slug, entry in entries.items()} == {
        "atlas": ["medqa", "medqa@5shot"], "birch": ["medqa@system-1a2b3c4d"],
    }  # fmt: skip
    assert {place: each.why for place, each in broken.items()} == dict.fromkeys(
        ("atlas/medqa@prefill-00000000", "atlas/medqa@system-1a2b3c4d"),
        "another result of the same protocol stands on the board: medqa",
    )


# --- what is not whole --------------------------------------------------------------------------


@pytest.mark.parametrize("there", [(reports.MANIFEST,), (reports.JOURNAL,), (reports.MANIFEST, reports.JOURNAL)])
def test_a_run_that_has_not_ended_is_unfinished(tmp_path: Path, there: Sequence[str]) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.JOURNAL).touch()
    for path in cell.iterdir():
        if path.name not in there:
            path.unlink()
    put(tmp_path / "birch" / "medqa", [1, 0])
    entries, broken = read(tmp_path)
    assert broken == {"atlas/medqa": Broken(place="atlas/medqa", why="", unfinished=True)}
    assert [*entries] == ["birch"]


def test_a_judge_who_was_not_heard_to_the_end_is_unfinished_and_the_cell_is_not(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (put_judge(cell, [1, 0]) / reports.RESULT).unlink()
    entries, broken = read(tmp_path)
    assert [found.place.said for found in entries["atlas"].cells] == ["atlas/medqa"]
    assert broken["atlas/medqa/judged/strict"].unfinished


ODD = {
    "": "Input data was truncated",
    "{": "Input data was truncated",
    '{"schema_version": 1, "task"': "Input data was truncated",
    "nothing of the kind": "JSON is malformed",
    "[]": "Expected `object`, got `array`",
    "null": "Expected `object`, got `null`",
    '{"schema_version": 2}': "Invalid enum value 2",
    '{"schema_version": 1, "task": 7}': "Expected `str`, got `int` - at `$.task`",
    '{"schema_version": 1, "score": 0.99}': "Object contains unknown field `score`",
    '{"schema_version": 1}': "Object missing required field `task`",
}


@pytest.mark.parametrize(("text", "why"), ODD.items())
def test_what_is_no_result_is_told_and_stops_nothing(tmp_path: Path, text: str, why: str) -> None:
    put(tmp_path / "birch" / "medqa", [1, 0])
    put(tmp_path / "atlas" / "pubmedqa", [1, 0])
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.RESULT).write_text(text, encoding="utf-8")
    entries, broken = read(tmp_path)
    assert {slug: len(entry.cells) for slug, entry in entries.items()} == {"atlas": 1, "birch": 1}
    (only,) = broken.values()
    assert (only.place, only.unfinished) == ("atlas/medqa", False)
    assert only.why.startswith("result.json: ")
    assert why in only.why


def test_a_result_that_is_no_text_is_told(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.RESULT).write_bytes(b'\xff\xfe{"task": "\xff"}')
    found = opened(cell)
    assert isinstance(found, Broken)
    assert found.why.startswith("result.json: ")


def test_a_folder_in_the_place_of_a_result_is_told(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.RESULT).unlink()
    (cell / reports.RESULT).mkdir()
    found = opened(cell)
    assert isinstance(found, Broken)
    assert found.why == "result.json: cannot be read (Is a directory)."


def test_a_result_without_the_number_that_it_is_known_by_is_told_so(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0], estimates=(estimated([1, 0], "macro_f1"),))
    why = "result.json: no estimate of 'accuracy', by which the cell is known."
    assert opened(cell) == Broken(place="atlas/medqa", why=why)


def test_samples_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0, 1])
    data = (cell / reports.SAMPLES).read_bytes()
    (cell / reports.SAMPLES).write_bytes(data[:-20])
    assert opened(cell) == Broken(place="atlas/medqa", why="samples.jsonl: Input data was truncated.")


@pytest.mark.parametrize("name", [reports.RESULT, reports.SAMPLES, reports.MANIFEST, "entry.json"])
@pytest.mark.parametrize("text", ['{"x', "[]", '{"schema_version": 7}'])
def test_no_sentence_tells_where_on_this_machine_the_reports_are(tmp_path: Path, name: str, text: str) -> None:
    cell = put(tmp_path / "reports" / "atlas" / "medqa", [1, 0])
    put_judge(cell, [1, 0])
    for place in (cell, cell / reports.JUDGED / "strict"):
        (place / name if name != "entry.json" else cell.parent / name).write_text(text, encoding="utf-8")
    _, broken = read(tmp_path / "reports")
    assert broken
    assert [each for each in broken.values() if str(tmp_path) in f"{each.place} {each.why}"] == []
    assert all(each.why for each in broken.values())


@pytest.mark.parametrize("name", [reports.SAMPLES, reports.MANIFEST, reports.RUN])
def test_files_that_are_nested_without_end_stop_nothing(tmp_path: Path, name: str) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / name).write_text('{"x":' + "[" * 99_999, encoding="utf-8")
    found = opened(cell)
    if name == reports.RUN:
        assert isinstance(found, Cell)
        assert found.run is None
    else:
        assert isinstance(found, Broken)
        assert found.why.startswith(f"{name}: ")


def test_circumstances_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.RUN).write_text('{"schema_version": 1', encoding="utf-8")
    found = opened(cell)
    assert isinstance(found, Cell)
    assert found.run is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Input data was truncated."),
        ("[]", "Expected `object`, got `array`."),
        ('{"schema_version": 1, "rank": 1}', "Object contains unknown field `rank`."),
        (
            '{"tags": ["<b>"]}',
            "tags: '<b>' is no tag. Take up to 24 of a-z, 0-9, dot, hyphen and underscore, such as 8b.",
        ),
        (
            '{"url": "javascript:alert(1)"}',
            "url: 'javascript:alert(1)' is no address of the web. Say https://HOST/PATH.",
        ),
    ],
)
def test_a_card_that_cannot_be_read_is_told_and_the_entry_stays(tmp_path: Path, text: str, why: str) -> None:
    put(tmp_path / "atlas" / "medqa", [1, 0])
    (tmp_path / "atlas" / "entry.json").write_text(text, encoding="utf-8")
    entries, broken = read(tmp_path)
    assert broken == {"atlas/entry.json": Broken(place="atlas/entry.json", why=why)}
    assert entries["atlas"].card == Card()
    assert len(entries["atlas"].cells) == 1


def test_a_card_that_can_be_read_stands_with_its_entry(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", [1, 0])
    card = {"schema_version": 1, "parent": "root", "stage": "alignment", "tags": ["zh", "8b"], "private": True}
    (tmp_path / "atlas" / "entry.json").write_text(json.dumps(card), encoding="utf-8")
    assert read(tmp_path)[0]["atlas"].card == Card(parent="root", stage="alignment", tags=("zh", "8b"), private=True)


# --- what cannot be relied on -------------------------------------------------------------------


def test_a_result_that_its_samples_give_is_beyond_doubt(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0, 1], others={"brier": [0.25, 0.5, 0.0]})
    found = opened(cell)
    assert isinstance(found, Cell)
    assert found.doubt == ""
    assert found.result.first.value == pytest.approx(2 / 3)
    assert found.marks is not None
    assert {name: values.tolist() for name, values in found.marks.values.items()} == {
        "accuracy": [1, 0, 1], "brier": [0.25, 0.5, 0.0],
    }  # fmt: skip


def test_samples_that_were_not_measured_count_as_samples(tmp_path: Path) -> None:
    assert not doubt_of(put(tmp_path / "atlas" / "medqa", [1, 0, None, 1, None]))


def test_a_result_without_samples_is_doubted(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0])
    (cell / reports.SAMPLES).unlink()
    assert doubt_of(cell) == "no samples"


@pytest.mark.parametrize("lines", [0, 1, 2, 4, 5])
def test_another_number_of_samples_than_the_result_tells_is_doubted(tmp_path: Path, lines: int) -> None:
    cell, other = put(tmp_path / "atlas" / "medqa", [1, 1, 1]), put(tmp_path / "other" / "medqa", [1] * lines)
    shutil.copy(other / reports.SAMPLES, cell / reports.SAMPLES)
    assert doubt_of(cell) == "samples do not match"


@pytest.mark.parametrize("claimed", [0.0, 0.4999, 0.51, 0.75, 1.0])
def test_a_share_that_the_samples_do_not_give_is_doubted(tmp_path: Path, claimed: float) -> None:
    said = replace(estimated([1, 0, 0, 1]), value=claimed)
    assert doubt_of(put(tmp_path / "atlas" / "medqa", [1, 0, 0, 1], estimates=(said,))) == "samples give another number"


@pytest.mark.parametrize("claimed", [0.4, 0.99])
def test_a_share_that_the_measured_samples_do_not_give_is_doubted_too(tmp_path: Path, claimed: float) -> None:
    said = replace(estimated([1, 0, 0, 1, None]), value=claimed)
    cell = put(tmp_path / "atlas" / "medqa", [1, 0, 0, 1, None], estimates=(said,))
    assert doubt_of(cell) == "samples give another number"


def test_a_share_of_samples_that_have_no_mark_is_doubted(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "medqa", [1, 0, 1])
    data = (cell / reports.SAMPLES).read_bytes()
    (cell / reports.SAMPLES).write_bytes(data.replace(b'"accuracy":0', b'"accuracy":null'))
    assert doubt_of(cell) == "samples give another number"


def test_a_share_of_no_samples_at_all_is_doubted(tmp_path: Path) -> None:
    said = replace(estimated([1, 0]), value=0.5, n=0, failed=2)
    cell = put(tmp_path / "atlas" / "medqa", [None, None], estimates=(said,))
    assert doubt_of(cell) == "samples give another number"


def test_a_number_that_is_no_mean_of_marks_is_taken_as_it_is(tmp_path: Path) -> None:
    said = replace(estimated([0.2, 0.4]), value=0.99, method="BCa bootstrap")
    assert not doubt_of(put(tmp_path / "atlas" / "medqa", [0.2, 0.4], estimates=(said,)))


def test_a_group_has_no_samples_and_is_not_doubted(tmp_path: Path) -> None:
    cell = put(tmp_path / "atlas" / "mmlu_medical", [1, 0], members=("a", "b"))
    (cell / reports.SAMPLES).unlink()
    found = opened(cell)
    assert isinstance(found, Cell)
    assert (found.marks, found.doubt) == (None, "")


def test_nothing_measured_at_all_is_no_fault(tmp_path: Path) -> None:
    said = replace(estimated([None, None]), value=None, low=None, high=None, method="nothing measured")
    found = opened(put(tmp_path / "atlas" / "medqa", [None, None], estimates=(said,)))
    assert isinstance(found, Cell)
    assert found.doubt == ""
    assert found.marks is not None
    assert np.isnan(found.marks.values["accuracy"]).all()
