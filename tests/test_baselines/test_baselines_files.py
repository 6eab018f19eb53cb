"""Baselines on disk: accepted, sealed, found again, and what is no baseline."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.baselines import FOLDER, Baseline, accept, found, listed, read
from medeval.errors import ComparisonError, MedevalError, ReportError, RequestError
from medeval.records import Setting
from tests.nights import MODEL, NOTHING, marked, night, pinned


def runs(root: Path, *labels: str, n: int = 20) -> None:
    for place, label in enumerate(labels):
        night(root, label, marked(n - 3 - place, n))


def accepted(root: Path, labels: Sequence[str], reason: str = "A reason.", **how: object) -> tuple[Path, Baseline]:
    folders = [root / label for label in labels]
    return accept(folders, root, reason=reason, version="1.0", catalog=NOTHING, **how)  # type: ignore[arg-type]


def test_three_runs_of_a_model_are_a_file_for_git(tmp_path: Path) -> None:
    runs(tmp_path, "m-2026-11-01", "m-2026-11-02", "m-2026-11-03")
    labels = ["m-2026-11-01", "m-2026-11-02", "m-2026-11-03"]
    path, made = accepted(tmp_path, labels, "  The first\n release. ", name="My model")
    assert path == tmp_path / FOLDER / "my-model.001.json"
    assert (made.name, made.number, made.reason, list(made.entries)) == ("my-model", 1, "The first release.", labels)
    (pin,) = made.cells
    assert (pin.cell, pin.n, pin.takes) == ("medqa", 20, 3)
    assert pin.numbers[0].values == pytest.approx((17 / 20, 16 / 20, 15 / 20))
    assert found("my-model", tmp_path) == made == read(path)
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert text.count("\n") > 40, "a line a field: for people to review"
    assert json.loads(text)["checksum"] == made.checksum


def test_it_is_called_by_its_first_entry_where_nobody_names_it(tmp_path: Path) -> None:
    runs(tmp_path, "alpha", "beta", "gamma")
    assert accepted(tmp_path, ["alpha", "beta", "gamma"])[1].said == "alpha.001"


def test_a_chinese_name_makes_a_file_and_is_found_again(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b", "c")
    path, made = accepted(tmp_path, ["a", "b", "c"], "首次发布的模型。", name="华佗-二")
    assert made.reason == "首次发布的模型。"
    assert "首次发布" in path.read_text(encoding="utf-8")
    assert found(made.name, tmp_path) == made
    assert found("华佗-二", tmp_path) == made


def test_the_newest_holds_and_the_old_ones_stay(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b", "c")
    first = accepted(tmp_path, ["a", "b", "c"], name="m")[0].read_bytes()
    for number in range(2, 13):
        assert accepted(tmp_path, ["c", "b", "a"], name="m")[1].number == number
    assert (tmp_path / FOLDER / "m.001.json").read_bytes() == first
    assert found("m", tmp_path).number == 12
    assert found("m.002", tmp_path).number == 2
    assert [each.file for each in listed(tmp_path, "m.011")] == ["m.011.json"]
    assert len([*listed(tmp_path)]) == 12


def test_numbers_above_a_thousand_are_in_order(tmp_path: Path) -> None:
    runs(tmp_path, "a")
    accepted(tmp_path, ["a"], name="m", few=True)
    (tmp_path / FOLDER / "m.999.json").write_bytes(b"{}")
    path, made = accepted(tmp_path, ["a"], name="m", few=True)
    assert (path.name, made.number) == ("m.1000.json", 1000)
    assert found("m", tmp_path).number == 1000


def test_names_that_begin_alike_are_others(tmp_path: Path) -> None:
    runs(tmp_path, "a")
    for name in ("m", "m-2", "m.x"):
        accepted(tmp_path, ["a"], name=name, few=True)
    assert [found(name, tmp_path).said for name in ("m", "m-2", "m.x")] == ["m.001", "m-2.001", "m.x.001"]
    assert [each.file for each in listed(tmp_path, "m")] == ["m.001.json"]


def test_a_name_that_ends_like_a_number_would_be_two_baselines_at_once(tmp_path: Path) -> None:
    runs(tmp_path, "a")
    accepted(tmp_path, ["a"], name="m", few=True)
    accepted(tmp_path, ["a"], name="m", few=True)
    with pytest.raises(RequestError, match=r"m\.002"):
        accepted(tmp_path, ["a"], name="m.002", few=True)
    assert found("m.002", tmp_path).number == 2


def test_one_byte_changed_anywhere_is_found(tmp_path: Path) -> None:
    runs(tmp_path, "a", n=4)
    path, _ = accepted(tmp_path, ["a"], few=True)
    data = path.read_bytes()
    with open(path, "r+b", buffering=0) as file:
        for place, byte in enumerate(data):
            file.seek(place)
            file.write(bytes([byte ^ (1 if place % 2 else 0x20)]))
            with pytest.raises(ComparisonError):
                read(path)
            file.seek(place)
            file.write(bytes([byte]))
    for changed in (data[:-1], data + b"\n", data[1:], data.replace(b"\n", b"\r\n"), b"", b"\xef\xbb\xbf" + data):
        path.write_bytes(changed)
        with pytest.raises(ComparisonError, match="was changed after it was accepted"):
            read(path)
    path.write_bytes(data)
    assert read(path).number == 1


def test_a_field_that_comes_twice_is_no_way_around_the_seal(tmp_path: Path) -> None:
    runs(tmp_path, "a", n=4)
    path, made = accepted(tmp_path, ["a"], few=True)
    data = path.read_bytes()
    path.write_bytes(data[:-3] + f',\n "checksum": "{made.checksum}"\n}}\n'.encode())
    with pytest.raises(ComparisonError):
        read(path)


def test_a_file_of_a_later_form_is_told_from_a_changed_one(tmp_path: Path) -> None:
    import hashlib

    runs(tmp_path, "a", n=4)
    path, made = accepted(tmp_path, ["a"], few=True)
    bare = path.read_bytes().replace(made.checksum.encode(), b"")
    bare = bare.replace(b'"schema_version": 1', b'"schema_version": 2')
    seal = hashlib.sha256(bare).hexdigest().encode()
    path.write_bytes(bare.replace(b'"checksum": ""', b'"checksum": "' + seal + b'"'))
    with pytest.raises(ComparisonError, match="was written by another medeval"):
        read(path)


def test_a_renamed_or_copied_file_is_not_taken_for_another(tmp_path: Path) -> None:
    runs(tmp_path, "a", n=4)
    path, _ = accepted(tmp_path, ["a"], name="m", few=True)
    path.with_name("m.002.json").write_bytes(path.read_bytes())
    path.with_name("n.001.json").write_bytes(path.read_bytes())
    for name in ("m", "n"):
        with pytest.raises(ComparisonError, match=r"holds m\.001"):
            found(name, tmp_path)
    assert found("m.001", tmp_path).number == 1


def test_every_file_is_listed_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    runs(tmp_path, "a", n=4)
    path, _ = accepted(tmp_path, ["a"], name="m", few=True)
    accepted(tmp_path, ["a"], name="m", few=True)
    path.write_bytes(path.read_bytes().replace(b"A reason", b"B reason"))
    (tmp_path / FOLDER / "x.001.json").mkdir()
    (tmp_path / FOLDER / "notes.txt").write_text("hello")
    standing = {each.file: each for each in listed(tmp_path)}
    assert [*standing] == ["m.001.json", "m.002.json", "x.001.json"]
    assert "was changed" in standing["m.001.json"].fault
    assert standing["m.001.json"].baseline is None
    assert standing["m.002.json"].fault == ""
    assert "cannot be read" in standing["x.001.json"].fault


def test_a_baseline_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there: none"):
        found("m", tmp_path)
    runs(tmp_path, "a", n=4)
    accepted(tmp_path, ["a"], name="m", few=True)
    with pytest.raises(RequestError, match=r"there: m\)"):
        found("m.003", tmp_path)


def test_a_reason_is_wanted_and_so_are_three_runs(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b", "c")
    with pytest.raises(RequestError, match="--reason: say in a sentence"):
        accepted(tmp_path, ["a", "b", "c"], reason=" \n")
    with pytest.raises(RequestError, match="2 of at least 3 runs"):
        accepted(tmp_path, ["a", "b"])
    assert not (tmp_path / FOLDER).exists()
    assert accepted(tmp_path, ["a", "b"], few=True)[1].cells[0].takes == 2


def test_repeats_of_one_run_are_three_too(tmp_path: Path) -> None:
    night(tmp_path, "a", [[1.0, 0.0, 1.0]] * 8, setting=Setting(repeats=3))
    assert accepted(tmp_path, ["a"])[1].cells[0].takes == 3


def test_faults_of_a_request_are_told_at_once(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b")
    with pytest.raises(RequestError) as told:
        accepted(tmp_path, ["a", "b", "a"], reason="")
    assert len(told.value.faults) == 2


@pytest.mark.parametrize("again", ["a", "./a", "b/../a", "a/medqa"])
def test_a_run_is_no_repeat_of_itself_however_it_is_called(tmp_path: Path, again: str) -> None:
    runs(tmp_path, "a", "b")
    with pytest.raises(RequestError, match="named twice"):
        accepted(tmp_path, ["a", again, "b"])


def test_two_models_are_no_baseline(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b")
    night(tmp_path, "c", marked(17, 20), model=replace(MODEL, model="org/other"))
    with pytest.raises(RequestError, match="Pin runs of one model"):
        accepted(tmp_path, ["a", "b", "c"])


def test_a_run_with_gaps_is_no_baseline(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b")
    night(tmp_path, "c", [*marked(17, 19), None], failed=1)
    with pytest.raises(RequestError, match=r"c/medqa: 1 samples were not measured"):
        accepted(tmp_path, ["a", "b", "c"])


def test_a_run_that_is_not_finished_is_no_baseline(tmp_path: Path) -> None:
    runs(tmp_path, "a", "b", "c")
    (tmp_path / "c" / "medqa" / reports.RESULT).unlink()
    with pytest.raises(RequestError, match="no finished cell in common"):
        accepted(tmp_path, ["a", "b", "c"])
    with pytest.raises(RequestError, match="no results there"):
        accepted(tmp_path, ["a", "b", "nowhere"])


def test_a_cell_that_one_run_lacks_is_named_and_not_left_out_in_silence(tmp_path: Path) -> None:
    for label in "abc":
        night(tmp_path, label, marked(17, 20))
        night(tmp_path, label, marked(6, 8), task="pubmedqa")
    (tmp_path / "c" / "pubmedqa" / reports.RESULT).unlink()
    with pytest.raises(RequestError, match="pubmedqa"):
        accepted(tmp_path, [*"abc"])
    assert [pin.cell for pin in accepted(tmp_path, [*"abc"], tasks=("medqa",))[1].cells] == ["medqa"]


def test_only_the_tasks_that_are_named_are_pinned_and_all_of_them(tmp_path: Path) -> None:
    night(tmp_path, "a", marked(17, 20))
    night(tmp_path, "a", marked(6, 8), task="pubmedqa")
    assert [pin.cell for pin in pinned(tmp_path, "a", tasks=("pubmedqa",)).cells] == ["pubmedqa"]
    with pytest.raises(RequestError, match="medqaa"):
        pinned(tmp_path, "a", tasks=("pubmedqa", "medqaa"))


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    runs(tmp_path, "a")
    (tmp_path / FOLDER).write_text("a file")
    with pytest.raises(ReportError, match="cannot be made"):
        accepted(tmp_path, ["a"], few=True)


def test_nothing_but_json_of_the_wanted_shape_is_read(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "m.001.json"
    for middle in (b"[" * 100_000, b'"name": 1,', b'"name": "\xff",'):
        whole = b"{\n " + middle + b'\n "checksum": ""\n}\n'
        seal = hashlib.sha256(whole).hexdigest().encode()
        path.write_bytes(whole.replace(b'"checksum": ""', b'"checksum": "' + seal + b'"'))
        with pytest.raises(MedevalError) as told:
            read(path)
        assert told.value.exit_code == 4


def test_a_baseline_survives_json(tmp_path: Path) -> None:
    runs(tmp_path, "a")
    _, made = accepted(tmp_path, ["a"], few=True)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Baseline) == made
