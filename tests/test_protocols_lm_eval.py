"""`--protocol lm-eval`: letter for letter what lm-eval 0.4.13 asks, held against lm-eval itself on all real rows."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from medeval.catalog import find
from medeval.engines.base import Abilities
from medeval.errors import RequestError
from medeval.protocols import Wish, setting_for
from medeval.records import Kind
from medeval.sitting import sit
from medeval.sources import Supply
from tests.conftest import REAL

CATALOG = find()
SUBJECTS = (
    "anatomy", "clinical_knowledge", "college_biology", "college_medicine", "medical_genetics", "professional_medicine",
)  # fmt: skip
EXAMS = {"medqa": "medqa/medqa.yaml", "pubmedqa": "pubmedqa/pubmedqa.yaml", "medmcqa": "medmcqa/medmcqa.yaml"} | {
    f"mmlu_medical_{subject}": f"mmlu/default/mmlu_{subject}.yaml" for subject in SUBJECTS
}
"""Our names, and lm-eval's own files."""
CHINESE = {name: f"cmmlu/{name.replace('_medical', '', 1)}.yaml" for name in CATALOG.tasks if name.startswith("cmmlu_")}
"""The same, of which only our own rows are here."""
ROWS = {"medqa": 1273, "pubmedqa": 500, "medmcqa": 4183, "mmlu": 1089}
FEW = [f"mmlu_medical_{subject}" for subject in SUBJECTS]
EVERY = 5
"""lm-eval takes 17 ms for a prompt with five examples, which are the same for all rows: so every fifth is built."""


class Asked(NamedTuple):
    """What is brought before a model."""

    prompt: str
    choices: tuple[str, ...]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real rows in the shape of the hubs' data sets, made by plain Python: <task>.<split>.jsonl."""
    if not REAL.is_dir() or importlib.util.find_spec("lm_eval") is None:
        pytest.skip("needs lm-eval, and the real benchmark data")
    if version("lm_eval") != "0.4.13":
        pytest.skip("the protocol is that of lm-eval 0.4.13")
    folder = tmp_path_factory.mktemp("hub")
    for name, rows in _shaped(REAL):
        lines = [json.dumps(row) + "\n" for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def _shaped(real: Path) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    lines = (real / "medqa" / "phrases_no_exclude_test.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    yield "medqa.test", [
        {
            "sent1": row["question"], "sent2": "", "label": "ABCD".index(row["answer_idx"]),
            **{f"ending{n}": row["options"][label] for n, label in enumerate("ABCD")},
        }
        for row in rows
    ]  # fmt: skip
    labelled = json.loads((real / "pubmedqa" / "ori_pqal.json").read_text(encoding="utf-8"))
    truth = json.loads((real / "pubmedqa" / "test_ground_truth.json").read_text(encoding="utf-8"))
    rows = [
        {key: row[key] for key in ("QUESTION", "CONTEXTS", "final_decision")}
        for pmid, row in labelled.items()
        if pmid in truth
    ]
    yield "pubmedqa.test", rows
    lines = (real / "medmcqa" / "dev.json").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    fields = ("id", "question", "opa", "opb", "opc", "opd", "subject_name")
    yield "medmcqa.validation", [{**{key: row[key] for key in fields}, "cop": row["cop"] - 1} for row in rows]
    for subject in SUBJECTS:
        for split in ("test", "dev"):
            with open(real / "mmlu" / split / f"{subject}_{split}.csv", encoding="utf-8", newline="") as file:
                cells = list(csv.reader(file))
            rows = [
                {"question": row[0], "subject": subject, "choices": row[1:5], "answer": "ABCD".index(row[5])}
                for row in cells
            ]
            yield f"mmlu_medical_{subject}.{split}", rows


@pytest.fixture(scope="module")
def theirs(hub: Path) -> Mapping[tuple[str, int], Mapping[int, Asked]]:
    """What lm-eval asks: by task and number of examples, and then by the row's place."""
    specs: list[dict[str, Any]] = []
    for shots, name in [*[(0, name) for name in EXAMS], *[(5, name) for name in FEW]]:
        files = {path.name.split(".")[1]: str(path) for path in hub.glob(f"{name}.*.jsonl")}
        specs.append({
            "name": name, "yaml": EXAMS[name], "files": files, "shots": shots, "every": EVERY if shots else 1
        })  # fmt: skip
    asked: dict[tuple[str, int], Mapping[int, Asked]] = {}
    for spec, found in zip(specs, _asked(specs, hub), strict=True):
        asked[spec["name"], spec["shots"]] = found
    return asked


def _asked(specs: Sequence[Mapping[str, Any]], folder: Path) -> list[dict[int, Asked]]:
    """What lm-eval asks by each spec, by the row's place."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("lm_eval_prompts.py"), folder],
        input="\n".join(map(json.dumps, specs)), env={**os.environ, "HF_HOME": str(folder / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked: dict[tuple[str, int], dict[int, Asked]] = {}
    with open(folder / "asked.jsonl", encoding="utf-8") as file:
        for line in map(json.loads, file):
            found = Asked(line["prompt"], tuple(line["choices"]))
            asked.setdefault((line["name"], line["shots"]), {})[line["place"]] = found
    return [asked[spec["name"], spec["shots"]] for spec in specs]


def ours(name: str, supply: Supply, shots: int = 0, kind: Kind = "base", *, pins: bool = True) -> list[Asked]:
    """What is asked here; without pins the rows are as good as sample rows."""
    task = CATALOG.named(name).task
    abilities = Abilities(choices=True, chat=True, kind=kind)
    setting = setting_for(Wish(protocol="lm-eval", shots=shots), abilities, name, task)
    sitting = sit(name, task, setting if pins else replace(setting, data="sample"), supply)
    asked = []
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        assert (request.messages, request.prefill) == ((), "")
        asked.append(Asked(request.text, tuple([choice.text for choice in request.choices])))
    return asked


@pytest.mark.parametrize("name", EXAMS)
def test_every_row_is_asked_letter_for_letter_as_lm_eval_asks_it(
    name: str, theirs: Mapping[tuple[str, int], Mapping[int, Asked]], real: Path
) -> None:
    mine = ours(name, Supply.only(real))
    assert len(mine) == CATALOG.named(name).task.rows
    assert dict(enumerate(mine)) == theirs[name, 0]


def test_no_row_was_left_out_of_the_comparison(theirs: Mapping[tuple[str, int], Mapping[int, Asked]]) -> None:
    counts = dict.fromkeys(ROWS, 0)
    for (name, shots), asked in theirs.items():
        counts[name.split("_")[0]] += 0 if shots else len(asked)
    assert counts == ROWS


@pytest.mark.parametrize("name", FEW)
def test_five_examples_are_the_first_of_the_dev_split_and_stand_as_lm_eval_has_them(
    name: str, theirs: Mapping[tuple[str, int], Mapping[int, Asked]], real: Path
) -> None:
    mine = dict(enumerate(ours(name, Supply.only(real), shots=5)))
    assert len(mine) == CATALOG.named(name).task.rows
    assert {place: mine[place] for place in theirs[name, 5]} == theirs[name, 5]
    # The rows between them: the same examples stand before what was compared without any.
    preamble = CATALOG.named(name).task.preamble
    (examples,) = {
        mine[place].prompt.removesuffix(bare.prompt.removeprefix(preamble)) for place, bare in theirs[name, 0].items()
    }
    assert examples.count("\nAnswer: ") == 5


@pytest.mark.parametrize("kind", ["chat", "reasoning"])
def test_the_protocol_asks_a_chat_model_in_the_same_plain_text(kind: Kind, real: Path) -> None:
    assert ours("medqa", Supply.only(real), kind=kind) == ours("medqa", Supply.only(real))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("medqa", "medqa/test.json"),
        ("medmcqa", "medmcqa/data/validation-00000-of-00001.parquet"),
        ("mmlu_medical_college_medicine", "mmlu/college_medicine/test-00000-of-00001.parquet"),
    ],
)
def test_the_hubs_form_of_the_same_rows_is_asked_in_the_same_words(
    name: str, place: str, hub: Path, real: Path, tmp_path: Path
) -> None:
    from pyarrow import Table, parquet

    split = "validation" if name == "medmcqa" else "test"
    rows = (hub / f"{name}.{split}.jsonl").read_text(encoding="utf-8")
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    if path.suffix == ".json":
        path.write_text(rows, encoding="utf-8")
    else:
        parquet.write_table(Table.from_pylist([json.loads(line) for line in rows.splitlines()]), path)
    assert ours(name, Supply.only(tmp_path), pins=False) == ours(name, Supply.only(real))


@pytest.mark.skipif(importlib.util.find_spec("lm_eval") is None, reason="needs lm-eval")
def test_chinese_questions_are_asked_with_the_blank_that_lm_eval_puts_behind_a_full_width_colon(tmp_path: Path) -> None:
    rows = CATALOG.named("cmmlu_medical_anatomy").samples
    specs: list[dict[str, Any]] = []
    for name, yaml in CHINESE.items():
        files = {}
        for split in ("test", "dev"):
            path = tmp_path / f"{name}.{split}.jsonl"
            with open(rows / "cmmlu" / split / f"{name.removeprefix('cmmlu_medical_')}.csv", encoding="utf-8") as file:
                path.write_text("".join([json.dumps(row) + "\n" for row in csv.DictReader(file)]), encoding="utf-8")
            files[split] = str(path)
        specs += [{"name": name, "yaml": yaml, "files": files, "shots": shots, "every": 1} for shots in (0, 5)]
    for spec, found in zip(specs, _asked(specs, tmp_path), strict=True):
        name, shots = spec["name"], spec["shots"]
        mine = ours(name, Supply.only(rows), shots=shots, pins=False)
        assert {each.choices for each in mine} == {(" A", " B", " C", " D")}
        assert dict(enumerate(mine)) == found


def test_only_what_lm_eval_has_can_be_asked_in_its_protocol() -> None:
    able = Abilities(choices=True)
    allowed = set()
    for name, named in CATALOG.tasks.items():
        try:
            setting_for(Wish(protocol="lm-eval"), able, name, named.task)
        except RequestError as fault:
            assert str(fault) == f"{name}: protocol 'lm-eval' knows no such task. Leave --protocol away."
        else:
            allowed.add(name)
    assert allowed == {*EXAMS, *CHINESE, "careqa"}
