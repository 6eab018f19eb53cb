"""Folders of results: safe names, files that are whole or absent, and the published schema."""

import errno
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types, and only this file needs it
import pytest

import medeval
from medeval import reports
from medeval.engines.scripted import Scripted
from medeval.errors import DataError, ReportError, RequestError
from medeval.records import Decoding, Failure, Identity, Response, Result, Setting
from medeval.reports import Manifest, Publisher, cell_name, differing, probe, publish, read, slug, sweep

SCHEMA = Path(__file__).parents[1] / "reports" / "result.schema.json"
MANIFEST = Manifest(
    task="medqa", task_version=1, entry="mine", setting=Setting(), form="original", pinned=True, data="d",
    engines={"model": Identity(engine="hf", version="5", model="a")},
)  # fmt: skip


def marked(text: str) -> str:
    """How a text is told apart in a name."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def names(folder: Path) -> list[str]:
    return sorted([path.name for path in folder.iterdir()])


# --- names ---


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("baseline:majority", "baseline-majority"),
        ("Qwen/Qwen2.5-7B", "qwen-qwen2.5-7b"),
        ("a/b", "a-b"),
        ("  ./checkpoints/step 100/ ", "checkpoints-step-100"),
        ("under_score", "under_score"),
        ("../../x", "x"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}1", "a1"),
    ],
)
def test_a_plain_name_keeps_its_words(text: str, name: str) -> None:
    assert slug(text) == name


@pytest.mark.parametrize(
    "text",
    ["../../x", "..", ".", "", "/", "CON", "LPT9", "a/b", "a\\b", "a\0b", "a\nb", "x" * 300, "医疗模型",
     "-rf", "~root", "*?", ".hidden", "a.", "\ud800", "\u202emodel", "." * 300, "é" * 300, "COM\N{SUPERSCRIPT ONE}"],
)  # fmt: skip
def test_every_name_becomes_one_safe_component_of_a_path(text: str) -> None:
    name = slug(text)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]*", name)
    assert not name.endswith(".")
    assert len(name) <= 80
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)


@pytest.mark.parametrize("text", ["con.txt", "NUL.tar.gz"])
def test_the_name_of_a_device_is_no_name_with_any_ending(text: str) -> None:
    assert slug(text).partition(".")[0] not in ("con", "nul")


def test_names_that_would_fall_together_are_kept_apart() -> None:
    alike = ["医疗模型", "医疗模形", "", "*", "CON", "con!", "x" * 300, "x" * 301, "a+b", "a&b", "a\0b"]
    assert len({slug(name) for name in alike}) == len(alike)


@pytest.mark.parametrize(
    ("task", "setting", "name"),
    [
        ("medqa", Setting(), "medqa"),
        ("medqa", Setting(seed=7), "medqa"),
        ("medqa", Setting(style="written"), "medqa@written"),
        ("medqa", Setting(limit=100), "medqa@limit100"),
        ("cmb_exam", Setting(style="written", shots=5, data="sample"), "cmb_exam@written,5shot,sample"),
        (
            "medqa",
            Setting(
                style="written", shots=2, protocol="mirage", elsewhere=True, order="shuffled", data="sample", limit=9
            ),
            "medqa@written,2shot,mirage,elsewhere,shuffled,sample,limit9",
        ),
        ("medqa", Setting(order="circular"), "medqa@circular"),
        ("medqa", Setting(chat=True), "medqa@chat"),
        ("medqa", Setting(style="options", chat=True), "medqa@options,chat"),
        # A model that is asked to write is asked in its own way: whether it thinks is part of the entry's name.
        ("medqa", Setting(style="reasoned", chat=True, thinking="on"), "medqa@reasoned"),
        ("medqa", Setting(style="written", repeats=5, decoding=Decoding(temperature=0.7)), "medqa@written,repeats5"),
        ("medqa", Setting(shots=5, protocol="lm-eval"), "medqa@5shot,lm-eval"),
        ("cmb_exam", Setting(style="written", shots=5, protocol="cmb-official"), "cmb_exam@written,5shot,cmb-official"),
        ("medqa", Setting(shots=3, shots_from="sample"), "medqa@3shot,shots-sample"),
        ("medqa", Setting(shots=3, shots_from="own#file.jsonl#0a1b2c3d"), "medqa@3shot,shots-0a1b2c3d"),
        ("medqa", Setting(system="You are a physician."), f"medqa@system-{marked('You are a physician.')}"),
        # What another harness asks is plain as it asks it.
        ("lm-eval:ARC_easy", Setting(style="options", protocol="lm-eval"), "lm-eval-arc_easy"),
        ("lm-eval:x", Setting(style="written", protocol="lm-eval", shots=5, limit=9), "lm-eval-x@5shot,limit9"),
        ("medqa", Setting(prefill="答案是"), f"medqa@prefill-{marked('答案是')}"),
        (
            "medqa",
            Setting(
                style="reasoned", chat=True, thinking="off", system="s", prefill="p", shots=1, shots_from="a#b",
                repeats=2, protocol="house", order="circular", data="sample", limit=7, seed=3,
            ),
            f"medqa@reasoned,system-{marked('s')},prefill-{marked('p')},1shot,shots-b,repeats2,circular,sample,limit7",
        ),
    ],
)  # fmt: skip
def test_a_cell_is_named_by_what_differs_in_a_fixed_order(task: str, setting: Setting, name: str) -> None:
    assert cell_name(task, setting) == name


def test_a_cell_has_a_name_that_is_a_safe_folder_whatever_was_said() -> None:
    setting = Setting(
        system="../../x" * 99, prefill="/\0\n\ud800", shots=10**6, shots_from="../x#../y.jsonl#00000000", limit=10**9
    )
    assert re.fullmatch(r"[a-z0-9_]+@[a-z0-9,-]{1,120}", cell_name("cmb_exam", setting))


def test_other_words_around_a_question_are_another_cell() -> None:
    said = ["", "x", "y", "医", "x ", "X"]
    assert (
        len({cell_name("medqa", Setting(system=system, prefill=prefill)) for system in said for prefill in said}) == 36
    )


# --- publishing ---


def test_a_file_is_new_and_whole_after_it_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_bytes(b"old")
    file = Publisher(path)
    for number in range(200_000):  # more than is held in memory at once
        file.write(b"%06d\n" % number)
    assert path.read_bytes() == b"old"
    file.commit()
    assert path.read_bytes() == b"".join([b"%06d\n" % number for number in range(200_000)])
    assert names(tmp_path) == ["samples.jsonl"]


def test_a_file_may_be_empty(tmp_path: Path) -> None:
    Publisher(tmp_path / "samples.jsonl").commit()
    assert (tmp_path / "samples.jsonl").read_bytes() == b""


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "result.json"
    publish(path, {"value": 1})
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        with pytest.raises(ReportError) as refused:
            publish(path, {"value": 2})
    assert (
        str(refused.value)
        == f"{path}: cannot be written (No space left on device). What was there before is untouched."
    )
    assert path.read_bytes() == b'{\n "value": 1\n}\n'
    assert names(tmp_path) == ["result.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_at_the_end_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fails(*arguments: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "result.json"
    publish(path, {"value": 1})
    with monkeypatch.context() as broken:
        broken.setattr(os, call, fails)
        with pytest.raises(ReportError) as refused:
            publish(path, {"value": 2})
    assert str(refused.value) == (
        f"{path}: cannot be written (Input/output error). What was there before is untouched."
    )
    assert path.read_bytes() == b'{\n "value": 1\n}\n'
    assert names(tmp_path) == ["result.json"]


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    with monkeypatch.context() as slow:
        slow.setattr(os, "write", lambda number, data: whole(number, bytes(data)[:3]))
        publish(tmp_path / "result.json", {"value": 1})
    assert (tmp_path / "result.json").read_bytes() == b'{\n "value": 1\n}\n'


def test_what_is_discarded_leaves_the_place_alone(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(b"old")
    file = Publisher(path)
    file.write(b"new" * reports.CHUNK)
    assert len(names(tmp_path)) == 2
    file.discard()
    file.discard()
    assert names(tmp_path) == ["result.json"]
    assert path.read_bytes() == b"old"


def test_sweeping_removes_what_a_killed_run_was_writing_and_nothing_else(tmp_path: Path) -> None:
    for name in (".result.json.tmp", ".samples.jsonl.tmp", "result.json", "notes.tmp", ".hidden"):
        (tmp_path / name).write_bytes(b"")
    sweep(tmp_path)
    assert names(tmp_path) == [".hidden", "notes.tmp", "result.json"]


def test_a_folder_is_probed_and_left_clean(tmp_path: Path) -> None:
    probe(tmp_path / "new" / "reports")
    assert names(tmp_path) == [], "what is not asked for is not made"


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RequestError) as refused:
        probe(tmp_path / "file" / "reports")
    assert str(refused.value) == (
        f"{tmp_path}/file/reports: results cannot be written there (Not a directory). Choose another --reports."
    )


# --- reading ---


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    publish(tmp_path / "manifest.json", MANIFEST)
    assert read(tmp_path / "manifest.json", Manifest) == MANIFEST


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "result.json", Result) is None


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"task": "medqa"}', b"\xff\xfe", b'{"task": NaN}'])
def test_a_damaged_file_is_named(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=f"^{path}: .+"):
        read(path, Result)


def test_a_folder_in_the_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as refused:
        read(tmp_path, Result)
    assert str(refused.value) == f"{tmp_path}: cannot be read (Is a directory)."


def test_cells_are_an_entrys_folders_or_the_folder_itself(tmp_path: Path) -> None:
    for name, file in (("b", "manifest.json"), ("a", "result.json"), ("c", "notes.txt")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_bytes(b"{}")
    assert [path.name for path in reports.cells(tmp_path)] == ["a", "b"]
    assert list(reports.cells(tmp_path / "b")) == [tmp_path / "b"]
    assert list(reports.cells(tmp_path / "nowhere")) == []


def test_differing_names_nested_fields_with_both_values() -> None:
    other = Manifest(
        task="medqa", task_version=2, entry="mine", setting=Setting(seed=3), form="original", pinned=True, data="d",
        engines={
            "model": Identity(engine="hf", version="5", model="b"), "judge": Identity(engine="x", version="", model="")
        },
    )  # fmt: skip
    found = differing(MANIFEST, other)
    assert found[0].startswith("engines.judge was None, is now {'engine': 'x'")
    assert found[1:] == [
        "engines.model.model was 'a', is now 'b'", "setting.seed was 0, is now 3", "task_version was 1, is now 2",
    ]  # fmt: skip
    assert differing(MANIFEST, MANIFEST) == []


# --- the schema ---


def test_the_published_schema_is_golden() -> None:
    current = json.dumps(reports.schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("MEDEVAL_WRITE_GOLDENS"):
        SCHEMA.write_text(current, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == current, "make goldens; then read the diff"


@pytest.fixture
def cell(tmp_path: Path) -> dict[str, Any]:
    """The result of a baseline on sample rows, read as any reader would."""
    medeval.evaluate(model="baseline:majority", tasks=["pubmedqa"], data="sample", reports=tmp_path)
    found: dict[str, Any] = json.loads(
        (tmp_path / "baseline-majority" / "pubmedqa@sample" / "result.json").read_bytes()
    )
    return found


def valid(result: object) -> bool:
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    return bool(checker.is_valid(result))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_bytes()))


def test_a_real_result_is_valid(cell: dict[str, Any]) -> None:
    assert valid(cell)


def test_results_of_every_way_to_ask_are_valid(tmp_path: Path) -> None:
    model = Scripted(lambda request: Response(logprobs=(-1.0, -2.0, -3.0, -4.0)) if request.choices else "A")
    found = [
        medeval.evaluate(model=model, tasks=["medqa"], data="sample", reports=tmp_path, shots=2, options="circular"),
        medeval.evaluate(
            model=model, tasks=["cmb_exam"], data="sample", reports=tmp_path, style="reasoned", chat=True, repeats=2,
            temperature=0.5, system="你是医生。", prefill="答案",
        ),
        medeval.evaluate(model=model, tasks=["mmlu_medical"], data="sample", reports=tmp_path, style="options"),
    ]  # fmt: skip
    folders = [folder for each in found for folder in each.folders]
    assert len(folders) == 1 + 1 + 7
    results = [json.loads((folder / "result.json").read_bytes()) for folder in folders]
    assert [result["task"] for result in results if not valid(result)] == []
    assert {result["letter_mass"] is None for result in results} == {True, False}


def test_a_result_of_which_nothing_was_measured_is_valid(tmp_path: Path) -> None:
    silent = Scripted(lambda request: Failure(failure="engine_error", reason="no answer"))
    medeval.evaluate(model=silent, tasks=["medqa"], data="sample", reports=tmp_path)
    found = json.loads((tmp_path / "scripted" / "medqa@sample" / "result.json").read_bytes())
    assert found["estimates"][0]["value"] is None
    assert valid(found)


@pytest.mark.parametrize(
    "broken",
    [
        {"task": 7}, {"schema_version": 2}, {"estimates": {}}, {"surprise": 1}, {"setting": {"style": "shouted"}},
        {"estimates": [{"metric": "accuracy"}]}, {"flags": None}, {"letter_mass": "0.9"},
        {"setting": {"style": "letters", "order": "upside down"}},
    ],
)  # fmt: skip
def test_a_broken_result_is_not_valid(cell: dict[str, Any], broken: dict[str, Any]) -> None:
    assert not valid(cell | broken)


@pytest.mark.parametrize("lacking", ["task", "estimates", "headline", "journal", "protocol"])
def test_a_result_that_lacks_a_field_is_not_valid(cell: dict[str, Any], lacking: str) -> None:
    del cell[lacking]
    assert not valid(cell)
