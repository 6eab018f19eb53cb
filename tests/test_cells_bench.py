"""The folder of a judge: whose it is, what stands in it, in which order, and what is left where it breaks."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.catalog import find
from medeval.cells.bench import Bench
from medeval.cells.lines import InOrder
from medeval.cells.panel import panels_of
from medeval.errors import RequestError
from medeval.journal import Journal
from medeval.openings import Means
from medeval.planning import Cell, jury
from medeval.records import Answer, Decoding, Exchange, Identity, Request, Response, Result, Setting, Walk
from medeval.sitting import sit
from medeval.sources import Supply
from tests.judges import answers, derived, evaluated, home, judge, rejudged, rescored

MODEL = Identity(engine="scripted", version="1", model="m")


def cell(root: Path, rows: int = 3) -> Cell:
    """A cell whose folder is there and empty."""
    file = home(root, rows) / "talks.py"
    task = find([file]).named("talks").task
    sitting = sit("talks", task, Setting(style="written"), Supply(root / "data"))
    manifest = reports.Manifest(
        task="talks", task_version=1, entry="m", setting=sitting.setting, form=sitting.form, pinned=False,
        data=sitting.data, engines={"model": MODEL},
    )  # fmt: skip
    (root / "cell").mkdir()
    return Cell(sitting=sitting, folder=root / "cell", manifest=manifest, file=file)


def sworn(of: Cell, name: str = "strict", gradings: Sequence[str] = ("two",)) -> list[reports.Sworn]:
    return list(jury([judge(model=name)], gradings, None, Means()).panel(of.sitting))


def walk(*said: str) -> Walk:
    return Walk(exchanges=exchanges("model", *said), answer=Answer(rule="text"))


def exchanges(role: str, *said: str) -> tuple[Exchange, ...]:
    request = Request(decoding=Decoding(), role=role)
    return tuple([Exchange(request=request, asked="w", reply=Response(text=each)) for each in said])


def begun(of: Cell, one: reports.Sworn) -> Bench:
    bench = Bench(of, one)
    bench.begin()
    return bench


def ended(of: Cell, bench: Bench) -> Result:
    journal = Journal(of.folder / reports.JOURNAL)
    try:
        return bench.publish(journal, "0")
    finally:
        journal.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_judge_s_folder_says_first_who_it_is_and_how_it_is_asked(tmp_path: Path) -> None:
    here = cell(tmp_path)
    (one,) = sworn(here)
    bench = begun(here, one)
    assert bench.folder == here.folder / "judged" / "strict"
    assert [path.name for path in bench.folder.iterdir()] == [reports.MANIFEST]
    assert reports.read(bench.folder / reports.MANIFEST, reports.Sworn) == one
    assert list(reports.sworn(here.folder)) == [one]
    before = (bench.folder / reports.MANIFEST).read_bytes()
    begun(here, one)
    assert (bench.folder / reports.MANIFEST).read_bytes() == before


OTHERS = [
    ({"identity": replace(MODEL, model="strict", version="2")}, "identity.version was '1', is now '2'"),
    ({"judge": {"choosing": True}}, "judge.choosing was False, is now True"),
    ({"judge": {"decoding": Decoding(max_tokens=9)}}, "judge.decoding.max_tokens was 1024, is now 9"),
]


@pytest.mark.parametrize(("changed", "why"), OTHERS)
def test_who_is_heard_otherwise_under_the_same_name_is_refused(
    changed: dict[str, object], why: str, tmp_path: Path
) -> None:
    here = cell(tmp_path)
    (one,) = sworn(here)
    begun(here, one)
    fields = {
        name: replace(one.judge, **value) if isinstance(value, dict) else value for name, value in changed.items()
    }
    with pytest.raises(RequestError) as refused:
        begun(here, replace(one, **fields))
    assert refused.value.faults == (
        f"{here.folder}/judged/strict: was heard otherwise ({why}). Call the judge otherwise: NAME=MODEL.",
    )
    assert list(reports.sworn(here.folder)) == [one]


def test_lines_stand_in_the_order_of_the_takes_whatever_was_heard_first(tmp_path: Path) -> None:
    here = cell(tmp_path)
    bench = begun(here, sworn(here)[0])
    for number in (2, 0, 1):
        said = ["Grade: 4", "No.", "Grade: 4", "No."] if number else ["Grade: 4"] * 4
        # What others said stands between.
        heard = (*exchanges("judge:mild", "Grade: 1"), *exchanges("judge:strict", *said))
        bench.finished(number, walk("Gout.", "Rest."), heard)
    result = ended(here, bench)
    assert [line["sample"] for line in lines(bench.folder / reports.SAMPLES)] == ["0000", "0001", "0002"]
    assert [(line["sample"], line["turn"]) for line in lines(bench.folder / reports.LEDGER)] == [
        ("0001", 0), ("0001", 1), ("0002", 0), ("0002", 1),
    ]  # fmt: skip
    assert reports.read(bench.folder / reports.RESULT, Result) == result
    assert sorted(path.name for path in bench.folder.iterdir()) == [
        "ledger.jsonl", "manifest.json", "result.json", "samples.jsonl",
    ]  # fmt: skip


def test_a_ledger_without_a_line_is_there_and_empty(tmp_path: Path) -> None:
    here = cell(tmp_path, 1)
    bench = begun(here, sworn(here)[0])
    bench.finished(0, walk("Gout.", "Rest."), exchanges("judge:strict", *["Grade: 4"] * 4))
    ended(here, bench)
    assert (bench.folder / reports.LEDGER).read_bytes() == b""


def test_what_is_closed_before_it_is_published_leaves_what_was_there(tmp_path: Path) -> None:
    here = cell(tmp_path, 2)
    (one,) = sworn(here)
    bench = begun(here, one)
    for number in range(2):
        bench.finished(number, walk("Gout.", "Rest."), exchanges("judge:strict", *["Grade: 4"] * 4))
    ended(here, bench)
    before = derived(here.folder)
    other = begun(here, one)
    other.finished(0, walk("Gout.", "Rest."), exchanges("judge:strict", *["Grade: 1"] * 4))
    other.close()
    assert derived(here.folder) == before
    (bench.folder / ".samples.jsonl.tmp").write_bytes(b"half")
    begun(here, one)
    assert derived(here.folder) == before, "what a killed run was writing is swept away"


def test_those_who_grade_by_the_same_in_the_same_words_sit_together(tmp_path: Path) -> None:
    here = cell(tmp_path)

    def of(name: str, **changed: str) -> reports.Sworn:
        (one,) = sworn(here, name)
        return replace(one, judge=replace(one.judge, **changed))

    benches = [Bench(here, each) for each in (*sworn(here, "strict"), *sworn(here, "mild"))]
    (panel,) = panels_of(here, benches)
    assert (panel.judges, panel.folder.name) == (("mild", "strict"), "mild+strict")
    assert panels_of(here, benches[:1]) == []
    assert panels_of(here, [benches[0], Bench(here, of("mild", prose="{answer}"))]) == []
    whole = [Bench(here, each) for each in sworn(here, "strict", ("whole",))]
    assert panels_of(here, [benches[0], *whole]) == []
    assert len(panels_of(here, [*benches, *whole, Bench(here, sworn(here, "mild", ("whole",))[0])])) == 2


def test_lines_are_held_back_until_those_before_them_are_there(tmp_path: Path) -> None:
    one = InOrder(tmp_path / "lines")
    for number, line in ((3, b"d\n"), (1, b""), (0, b"a\na\n"), (2, b"c\n")):
        one.write(number, line)
    one.commit()
    assert (tmp_path / "lines").read_bytes() == b"a\na\nc\nd\n"
    again = InOrder(tmp_path / "lines")
    again.write(0, b"x\n")
    again.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]
    assert (tmp_path / "lines").read_bytes() == b"a\na\nc\nd\n"


# --- a cell with judges -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["samples.jsonl", "ledger.jsonl", "result.json"])
def test_what_was_taken_away_from_a_judge_is_made_again_without_asking(tmp_path: Path, name: str) -> None:
    root = home(tmp_path)
    heard = judge()
    where = evaluated(root, answers, heard).folders[1]
    whole = derived(root / "reports")
    (where / name).unlink()
    evaluated(root, answers, heard)
    assert derived(root / "reports") == whole
    (where / name).write_bytes(b"{")
    rejudged(root, heard)
    assert derived(root / "reports") == whole
    (where / name).unlink()
    rescored(root)
    assert derived(root / "reports") == whole
    assert heard.asked == 16


def test_a_run_without_judges_leaves_their_folders_and_is_up_to_date_all_the_same(tmp_path: Path) -> None:
    root = home(tmp_path)
    evaluated(root, answers, judge())
    whole = derived(root / "reports")
    found = evaluated(root, answers)
    assert [result.judge for result in found.results] == [""]
    assert derived(root / "reports") == whole
    assert evaluated(root, answers).played == {}


def test_a_refused_judge_changes_nothing_of_those_that_were_heard(tmp_path: Path) -> None:
    root = home(tmp_path)
    evaluated(root, answers, judge())
    whole = derived(root / "reports")
    other = judge()
    other.identity = replace(other.identity, version="2")
    with pytest.raises(RequestError, match="was heard otherwise"):
        rejudged(root, other)
    with pytest.raises(RequestError, match="was heard otherwise"):
        evaluated(root, answers, other)
    assert derived(root / "reports") == whole
    assert other.asked == 0


def test_a_judge_whose_name_is_no_name_of_a_folder_has_a_safe_one(tmp_path: Path) -> None:
    root = home(tmp_path)
    (_, where) = evaluated(root, answers, judge(model="../Org/Strict 7B")).folders
    assert where.parent.name == "judged"
    assert where.name == reports.slug("../Org/Strict 7B")
    assert "/" not in where.name


def test_judges_are_told_apart_by_their_manifests_alone(tmp_path: Path) -> None:
    root = home(tmp_path)
    (own, *_) = evaluated(root, answers, judge(), judge(model="mild"), gradings=("two", "whole")).folders
    found = sorted(each.judge.name for each in reports.sworn(own))
    assert found == ["mild", "mild@whole", "strict", "strict@whole"]
    assert sorted(each.judges for each in reports.panels(own)) == [("mild", "strict"), ("mild@whole", "strict@whole")]
