import subprocess
import sys
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
import pytest

from medeval import reports
from medeval.records import Result, to_json
from medeval.scoring.shown import Scored
from medeval.stats import intervals

MAKER = Path(__file__).parents[2] / "benchmarks" / "board_reports.py"
ENTRIES, TASKS, ITEMS = 8, 4, 80
Cells = list[tuple[Path, Result, list[Scored]]]


def made(folder: Path) -> Path:
    size = map(str, (ENTRIES, TASKS, ITEMS))
    subprocess.run([sys.executable, "-W", "error", MAKER, folder, *size], check=True)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("bench") / "reports")


@pytest.fixture(scope="module")
def cells(folder: Path) -> Cells:
    found: Cells = []
    for path in sorted(folder.glob("*/*/")):
        result = reports.read(path / reports.RESULT, Result)
        assert result is not None
        lines = (path / reports.SAMPLES).read_bytes().splitlines()
        found.append((path, result, [msgspec.json.decode(line, type=Scored) for line in lines]))
    return found


def test_every_file_is_what_a_run_would_publish(cells: Cells, tmp_path: Path) -> None:
    for path, result, lines in cells:
        manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
        run = reports.read(path / reports.RUN, reports.Run)
        assert manifest is not None
        assert (manifest.task, manifest.entry, manifest.data) == (result.task, path.parent.name, result.data)
        assert path.name == reports.cell_name(result.task, manifest.setting)
        for name, value in ((reports.MANIFEST, manifest), (reports.RESULT, result), (reports.RUN, run)):
            reports.publish(tmp_path / name, value)
            assert (tmp_path / name).read_bytes() == (path / name).read_bytes()
        assert b"".join([to_json(line) + b"\n" for line in lines]) == (path / reports.SAMPLES).read_bytes()


def test_numbers_follow_from_the_marks(cells: Cells) -> None:
    for _, result, lines in cells:
        known = [line for line in lines if line.status != "engine_error"]
        told = {each.metric: each for each in result.estimates}
        for name in {*told} & {"accuracy", "brier", "log_loss", "unread_rate", "truncation_rate"}:
            marks = [line.scores[name] for line in known]
            assert told[name].value == pytest.approx(np.mean(np.array(marks, dtype=float)), abs=1e-12)
            assert (told[name].n, told[name].failed) == (len(known), ITEMS - len(known))
        hits = sum(line.scores["accuracy"] or 0 for line in known)
        assert (result.first.low, result.first.high, result.first.method) == intervals.wilson(hits, len(known))
        for part in result.first.slices:
            there = [line for line in known if line.slices[part.slice] == part.value]
            right = [line.picked == line.target for line in there]
            assert part.n == len(there)
            assert part.estimate == pytest.approx(np.mean(right))
        assert sum(part.n for part in result.first.slices) == 2 * len(known)


def test_what_is_read_is_what_the_reply_says(cells: Cells) -> None:
    for _, result, lines in cells:
        for line in lines:
            reply = msgspec.to_builtins(line.exchanges[0].reply)
            if result.setting.style == "letters" and line.picked:
                assert "ABCD"[int(np.argmax(reply["logprobs"]))] == line.picked[0]
            elif line.span:
                assert reply["text"][slice(*line.span)] == line.picked[0]


def test_some_cells_are_missing_partial_truncated_or_asked_in_another_way(cells: Cells) -> None:
    assert len(cells) == ENTRIES * TASKS - 1
    flags = sorted({flag for _, result, _ in cells for flag in result.flags})
    assert flags == ["partial: 3 not measured", "truncated: 1.2 %"]
    protocols: dict[str, set[str]] = {}
    for _, result, _ in cells:
        protocols.setdefault(result.task, set()).add(result.protocol)
    assert {name: len(said) for name, said in protocols.items()} == {
        "cmb_exam": 2, "medmcqa": 1, "medqa": 1, "pubmedqa": 1,
    }  # fmt: skip
    assert [path.name for path, result, _ in cells if "5-shot" in result.protocol] == ["cmb_exam@written,5shot"]


def test_entries_find_the_same_questions_hard(cells: Cells) -> None:
    marks = [[line.scores["accuracy"] for line in lines] for _, result, lines in cells if result.task == "medqa"]
    together = np.corrcoef(np.array(marks, dtype=float))
    assert np.mean([together[pair] for pair in combinations(range(len(marks)), 2)]) > 0.1


def test_the_same_reports_are_made_again(folder: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again")
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
