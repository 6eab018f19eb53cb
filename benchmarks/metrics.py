"""The figures of metrics and statistics: ROUGE beside lm-eval's call, BCa beside scipy's, a cell scored, ranks."""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figures

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

PAIRS, SLOW_PAIRS = 2_000, 100
ITEMS, DRAWS = 11_200, 10_000
MODELS, TASKS, RANKED, RANK_DRAWS = 150, 25, 1_000, 2_000
CLASSES = 28
NOTES = Path(__file__).parents[2] / "shared" / "data"
"""Real notes, where they lie beside the project; else notes of random words, which are as long."""
EXAM = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]), target=("ABCDE"[row["answer"]],),
        slices={"type": row["type"], "class": row["class"], "subject": row["subject"]},
    )


TASK = Task(
    title="Synthetic", measures="Speed.", paper="", licence="", version=1, chance=1 / 5, rows=ROWS, folder="synthetic",
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options},
    metrics=(
        metrics.accuracy, metrics.partial_credit, metrics.mean_over(metrics.accuracy, "mean_of_types", "type", "class"),
    ),
    also=metrics.exam("ABCDE"), tables=metrics.exam_tables("ABCDE"), slices=("type", "class", "subject"),
)
"""


def best(function: Callable[[], object], times: int = 3) -> float:
    """The shortest of some runs: others use the machine too."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        function()
        took.append(time.perf_counter() - begun)
    return min(took)


def notes() -> list[tuple[str, str]]:
    """Pairs of a prediction and a reference, as many as are wanted."""
    from medeval.sources import read_rows

    texts = NOTES / "aci_bench" / "clinicalnlp_taskB_test1.csv"
    if texts.is_file():
        right = [row["note"] for row in read_rows(texts)]
        said = [
            row["note"]
            for name in ("test1_gpt4.csv", "test1_bart_large_full.csv")
            for row in read_rows(NOTES / "predictions" / "aci_bench" / name)
        ]
        pairs = [(text, right[place % len(right)]) for place, text in enumerate(said)]
    else:
        dice = random.Random(0)  # noqa: S311  words, nothing secret
        words = [f"{a}{b}" for a in ("pain", "note", "card", "lung", "renal") for b in range(300)]

        def note(lines: int) -> str:
            return "\n".join([" ".join(dice.choices(words, k=12)) for _ in range(lines)])

        pairs = [(note(25), note(38)) for _ in range(80)]
    return [pairs[place % len(pairs)] for place in range(PAIRS)]


def rouge(figures: Figures) -> None:
    """ROUGE-1, -2 and -L of 2,000 notes, against a call of `evaluate` a document, as lm-eval's tasks make it."""
    import evaluate

    from medeval.metrics.text import tokens
    from medeval.metrics.text.rouge import rouge as mark
    from medeval.records import Answer, Decoding, Exchange, Message, OpenSample, Request, Response, Walk

    pairs = notes()

    def walk(text: str) -> Walk:
        exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text=text))
        return Walk(exchanges=(exchange,), answer=Answer())

    samples = [
        (OpenSample(id="0", messages=(Message(role="user", content="?"),), references=(right,)), walk(said))
        for said, right in pairs
    ]

    def ours() -> list[tuple[float, ...]]:
        tokens.lines_of.cache_clear()
        return [mark(sample, said) for sample, said in samples]  # type: ignore[misc]

    theirs_of = evaluate.load(str(_module()))
    begun = time.perf_counter()
    theirs = [
        theirs_of.compute(predictions=[said], references=[right], rouge_types=["rouge1", "rouge2", "rougeL"])
        for said, right in pairs[:SLOW_PAIRS]
    ]
    slow = (time.perf_counter() - begun) / SLOW_PAIRS * PAIRS
    took = best(ours)
    names = ("rouge1", "rouge2", "rougeL")
    apart = max(
        abs(ours_of[place] - found[name])
        for ours_of, found in zip(ours(), theirs, strict=False)
        for place, name in enumerate(names)
    )
    figures.note(f"{PAIRS:,} pairs: {took:.2f} s for four ROUGE; theirs, from {SLOW_PAIRS}: {slow:.0f} s for three")
    figures.at_least("ROUGE against lm-eval's call a document, times faster", slow / took, 10, "times")
    figures.at_most("  largest difference", apart, 1e-9, "")


def _module() -> Path:
    """The rouge module of `evaluate`, which lm-eval loads by name from a network: the same few lines, from here."""
    folder = Path(tempfile.mkdtemp()) / "rouge"
    folder.mkdir()
    (folder / "rouge.py").write_text(ROUGE_MODULE, encoding="utf-8")
    return folder


ROUGE_MODULE = """
import datasets
import evaluate
from rouge_score import rouge_scorer, scoring


class Rouge(evaluate.Metric):
    def _info(self):
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="",
            features=datasets.Features({"predictions": text, "references": text}),
        )

    def _compute(self, predictions, references, rouge_types):
        scorer = rouge_scorer.RougeScorer(rouge_types)
        aggregator = scoring.BootstrapAggregator()
        for said, right in zip(predictions, references):
            aggregator.add_scores(scorer.score(right, said))
        found = aggregator.aggregate()
        return {name: found[name].mid.fmeasure for name in rouge_types}
"""


def bca(figures: Figures) -> None:
    """BCa of macro-F1, against scipy's generic call on the same pairs."""
    import numpy as np
    import scipy.stats

    from medeval.metrics import macro_f1
    from medeval.stats import bootstrap

    dice = np.random.default_rng(0)
    targets = dice.integers(5, size=ITEMS)
    picks = np.where(dice.random(ITEMS) < 0.6, targets, dice.integers(5, size=ITEMS))
    marks = np.column_stack([targets, picks]).astype(np.float64)
    metric = macro_f1(*"ABCDE")

    def ours() -> bootstrap.Bootstrapped:
        return bootstrap.bootstrapped(marks, metric.gather, 1, draws=DRAWS)

    def generic(targets: "Ints", picks: "Ints", axis: int = -1) -> "Floats":
        scores = []
        for label in range(5):
            right, said = targets == label, picks == label
            scores.append(2 * (right & said).sum(axis=axis) / (right.sum(axis=axis) + said.sum(axis=axis)))
        means: Floats = np.mean(scores, axis=0)
        return means

    took = best(ours)
    begun = time.perf_counter()
    theirs = scipy.stats.bootstrap(
        (targets, picks), generic, paired=True, vectorized=True, n_resamples=DRAWS, batch=100, method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    slow = time.perf_counter() - begun
    low, high, method = ours().intervals[metric.part or 0]
    figures.note(f"{method} {low:.4f} to {high:.4f}; scipy {theirs.low:.4f} to {theirs.high:.4f}, {slow:.1f} s")
    figures.at_most("BCa of macro-F1, 11,200 items, 10,000 draws", took, 3, "s")
    figures.at_least("  against scipy's generic call, times faster", slow / took, 20, "times")
    apart = max(abs(low - theirs.low), abs(high - theirs.high)) / (high - low)
    figures.at_most("  limits apart, as a share of the interval", apart, 0.05, "")


def cell(figures: Figures) -> None:
    """A cell of 11,200 items scored again from its journal, with every metric over every slice."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        home = Path(folder)
        _exam(home)
        found = json.loads(_apart("--play", home))
        took = min([json.loads(_apart("--score", home))["seconds"] for _ in range(3)])
    figures.note(f"{found['metrics']} metrics, {found['slices']} slices each at most, {found['estimates']:,} intervals")
    figures.at_least("metrics of the cell", found["metrics"], 30, "")
    figures.at_most("11,200 items scored again, all metrics and slices", took, 10, "s")


def _exam(home: Path) -> None:
    dice = random.Random(0)  # noqa: S311  answers, nothing secret
    (home / "data" / "synthetic").mkdir(parents=True)
    (home / "synthetic.py").write_text(EXAM.replace("ROWS", str(ITEMS)), encoding="utf-8")
    with open(home / "data" / "synthetic" / "rows.jsonl", "w", encoding="utf-8") as file:
        for number in range(ITEMS):
            row = {
                "question": f"{'findings ' * (number % 240)}Which is {'not ' * (number % 5 == 0)}likely, {number}?",
                "options": [f"finding {number % 97 + place} of the kidney" for place in range(5)],
                "answer": dice.choices(range(5), (5, 5, 5, 4, 3))[0], "type": f"type {number % 6}",
                "class": f"class {number % CLASSES}", "subject": f"subject {number % 60}",
            }  # fmt: skip
            file.write(json.dumps(row) + "\n")


def _play(home: Path) -> None:
    """Answer the exam with confidences of all heights, and tell what came of it."""
    import medeval
    from medeval.engines.scripted import Scripted
    from medeval.records import Request, Response

    dice = random.Random(1)  # noqa: S311  the same

    def script(request: Request) -> Response:
        return Response(logprobs=tuple([dice.gauss(-2.0, 1.2) for _ in request.choices]))

    found = medeval.evaluate(
        model=Scripted(script), tasks=["synthetic"], data=home / "data", reports=home / "reports",
        task_paths=[home / "synthetic.py"],
    ).results[0]  # fmt: skip
    told = {
        "metrics": len(found.estimates), "slices": max(len(each.slices) for each in found.estimates),
        "estimates": sum(1 + len(each.slices) for each in found.estimates),
    }  # fmt: skip
    print(json.dumps(told))


def _score(home: Path) -> None:
    """Score it again, in a process of its own that has nothing in its caches."""
    from medeval.evaluation import rescore

    begun = time.perf_counter()
    rescore(home / "reports" / "scripted", str(home / "data"), [home / "synthetic.py"])
    print(json.dumps({"seconds": time.perf_counter() - begun}))


def ranks(figures: Figures) -> None:
    """Rank intervals of a whole board."""
    found = json.loads(_apart("--rank"))
    figures.at_most("rank intervals, 150 models, 25 tasks, 1,000 items", found["seconds"], 60, "s")
    figures.at_most("  peak memory", found["peak_kb"] / 1e6, 2, "GB")


def _rank() -> None:
    import numpy as np

    from medeval.stats import ranks as room

    dice = np.random.default_rng(0)
    ability = np.linspace(-0.6, 0.6, MODELS)
    tasks = []
    for _ in range(TASKS):
        chance = 1 / (1 + np.exp(-(ability + dice.normal(size=(RANKED, 1)))))
        tasks.append((dice.random((RANKED, MODELS)) < chance).astype(np.float64))
    begun = time.perf_counter()
    room.rank_intervals(tasks, seed=1, draws=RANK_DRAWS)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def _apart(*words: str | Path) -> str:
    return subprocess.run(
        [sys.executable, __file__, *map(str, words)], check=True, capture_output=True, text=True
    ).stdout  # fmt: skip


def main(parts: Sequence[Callable[[Figures], None]] = (rouge, bca, cell, ranks)) -> None:
    """Measure everything."""
    figures = Figures()
    for part in parts:
        part(figures)
    figures.end()


if __name__ == "__main__":
    apart: dict[str, Callable[[], None]] = {
        "--play": lambda: _play(Path(sys.argv[2])), "--score": lambda: _score(Path(sys.argv[2])), "--rank": _rank,
    }  # fmt: skip
    apart.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
