"""Modules of `evaluate` as metrics of ours, and ours as one of theirs, each held against the other side itself."""

import math
import os
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from medeval.errors import RequestError, TaskError
from medeval.interop.modules import Module, metrics_of, modules_folder
from medeval.interop.seclusion import OFFLINE, secluded
from medeval.metrics import of_labels
from medeval.metrics.base import Metric
from medeval.metrics.text import TEXT
from medeval.records import (
    Answer,
    ChoiceSample,
    Decoding,
    Exchange,
    Language,
    Message,
    OpenSample,
    Option,
    Request,
    Response,
    Sample,
    Walk,
)
from medeval.scoring.gathering import gathered
from medeval.stats import bootstrap

with secluded(offline=True):
    evaluate = pytest.importorskip("evaluate")

HEAD = """
import datasets
import evaluate
TEXT, NUMBER = datasets.Value("string"), datasets.Value("int32")
def info(*forms):
    return evaluate.MetricInfo(description="", citation="", inputs_description="",
        features=[datasets.Features({"predictions": a, "references": b}) for a, b in forms])
"""
F1 = """
from sklearn.metrics import f1_score, matthews_corrcoef
class F1(evaluate.Metric):
    def _info(self):
        return info((NUMBER, NUMBER))
    def _compute(self, predictions, references):
        return {"f1": f1_score(references, predictions, average="macro", labels=[0, 1, 2], zero_division=0),
                "mcc": matthews_corrcoef(references, predictions), "by_label": [0.5], "said": "all", "none": None,
                "fine": True}
"""
BLEU = """
import sacrebleu
class Bleu(evaluate.Metric):
    def _info(self):
        return info((TEXT, datasets.Sequence(TEXT)), (TEXT, TEXT))
    def _compute(self, predictions, references):
        width = min(map(len, references))
        streams = [[each[place] for each in references] for place in range(width)]
        return {"score": sacrebleu.corpus_bleu(predictions, streams).score}
"""
SAME = """
class Same(evaluate.Metric):
    def _info(self):
        return info((TEXT, TEXT))
    def _compute(self, predictions, references):
        if "poison" in predictions:
            raise ValueError("bad\\nfood")
        return {"same": sum(map(str.__eq__, predictions, references)) / len(predictions)}
"""
STRIPPED = """
    def compute(self, *, predictions=None, references=None, **kwargs):
        "Strip, then compute."
        return super().compute(predictions=[each.strip() for each in predictions], references=references, **kwargs)
"""
FORM = "info((TEXT, TEXT))"
GRADED = """
import numpy
class Graded(evaluate.Metric):
    def _info(self):
        made = info((NUMBER, NUMBER))
        made.format = "numpy"
        return made
    def _compute(self, predictions, references):
        return {"far": numpy.float64(abs(predictions - references).mean())}
"""


@pytest.fixture(autouse=True)
def _caches_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no module come to lie in the home of whoever runs the tests, and nothing go online."""
    import datasets
    import evaluate.loading

    for name in ("HF_HUB_OFFLINE", "HF_EVALUATE_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", tmp_path / "metrics")
    plain = evaluate.loading.init_dynamic_modules
    # Of a name of its own, and beside what `datasets` imports from: a package is found in one place only.
    monkeypatch.setattr(evaluate.loading, "init_dynamic_modules", lambda: plain(f"modules_{tmp_path.name}", tmp_path))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")

    def nowhere(*_: object) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", nowhere)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a module into a folder of its name."""

    def written(name: str, body: str) -> Path:
        folder = tmp_path / "modules" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(HEAD + body, encoding="utf-8")
        return folder

    return written


def walk(text: str = "", *picked: str) -> Walk:
    asked = Exchange(request=Request(text="?", decoding=Decoding()), asked="", reply=Response(text=text))
    return Walk(exchanges=(asked,), answer=Answer(picked=picked))


def written(number: int, *references: str, language: Language = "en") -> OpenSample:
    asked = (Message(role="user", content="?"),)
    return OpenSample(id=str(number), messages=asked, references=references, language=language)


def choice(*target: str, labels: str = "ABC") -> ChoiceSample:
    options = tuple([Option(label=label, text=label.lower()) for label in labels])
    return ChoiceSample(id="1", question="?", options=options, target=target)


def value(metrics: Sequence[Metric], pairs: Sequence[tuple[Sample, Walk]]) -> list[float]:
    marked = [(metrics[0].mark(sample, each), sample) for sample, each in pairs]
    return [found.value for found in gathered(metrics, marked, 0)]


# --- theirs as ours ---

ANSWERS = [("A", "A"), ("B", "B"), ("C", "B"), ("A", ""), ("B", "C"), ("C", "C"), ("A", "A"), ("C", "A")]


def test_a_module_of_numbers_gets_the_places_of_labels(write: Callable[[str, str], Path]) -> None:
    path = write("f1", F1)
    metrics = metrics_of(f"evaluate:{path}")
    assert [metric.name for metric in metrics] == ["f1", "f1_mcc"]
    found = value(metrics, [(choice(right), walk("", *picked)) for right, picked in ANSWERS])
    places = {"A": 0, "B": 1, "C": 2, "": -1}
    truth = evaluate.load(str(path)).compute(
        predictions=[places[picked] for _, picked in ANSWERS], references=[places[right] for right, _ in ANSWERS]
    )
    assert found == [truth["f1"], truth["mcc"]]
    # Our own macro-F1 is that of scikit-learn with an unread answer as a miss.
    ours = next(metric for metric in of_labels("A", "B", "C") if metric.name == "macro_f1")
    assert found[0] == pytest.approx(value([ours], [(choice(r), walk("", *p)) for r, p in ANSWERS])[0])


def test_a_place_is_that_among_the_options_as_they_were_shown(write: Callable[[str, str], Path]) -> None:
    metric = metrics_of(f"evaluate:{write('f1', F1)}#mcc")[0]
    assert metric.mark(choice("C", labels="CAB"), walk("", "B")) == (2, 0)
    assert metric.mark(choice("C", labels="CAB"), walk("", "B", "C")) == (-1, 0)
    assert metric.mark(choice("C", labels="CAB"), walk("", "E")) == (-1, 0)
    assert metric.mark(choice("A", "B"), walk("", "B")) is None


def test_one_key_is_named_after_a_hash_mark(write: Callable[[str, str], Path]) -> None:
    path = write("f1", F1)
    metrics = metrics_of(f"evaluate:{path}#mcc")
    assert [metric.name for metric in metrics] == ["f1_mcc"]
    pairs: list[tuple[Sample, Walk]] = [(choice(right), walk("", *picked)) for right, picked in ANSWERS]
    assert value(metrics, pairs) == value(metrics_of(f"evaluate:{path}"), pairs)[1:]
    with pytest.raises(RequestError, match=r"it computes no 'auc'\. There are f1, mcc\."):
        metrics_of(f"evaluate:{path}#auc")


def test_a_module_of_texts_gets_texts_and_all_their_references(write: Callable[[str, str], Path]) -> None:
    path = write("bleu", BLEU)
    metrics = metrics_of(f"evaluate:{path}")
    texts = [
        ("the patient has no fever today", ["the patient has a fever today", "no fever today in the patient"]),
        ("he was given aspirin for the pain", ["he was given aspirin for pain", "aspirin was given for the pain"]),
    ]
    found = value(metrics, [(written(n, *right), walk(text)) for n, (text, right) in enumerate(texts)])
    truth = evaluate.load(str(path)).compute(
        predictions=[text for text, _ in texts], references=[right for _, right in texts]
    )
    assert found == [truth["score"]]
    assert metrics[0].mark(written(0), walk("none")) is None


def test_a_module_of_one_reference_gets_the_first_and_says_so(write: Callable[[str, str], Path]) -> None:
    (metric,) = metrics_of(f"evaluate:{write('same', SAME)}")
    assert metric.name == "same"
    assert "the first" in metric.about
    assert value([metric], [(written(0, "yes", "no"), walk("yes")), (written(1, "yes", "no"), walk("no"))]) == [0.5]


def test_labels_are_texts_where_a_module_takes_texts(write: Callable[[str, str], Path]) -> None:
    metrics = metrics_of(f"evaluate:{write('same', SAME)}")
    pairs = [(choice("A", "C"), walk("", "C", "A")), (choice("B"), walk()), (choice("B"), walk("", "B"))]
    assert value(metrics, pairs) == [pytest.approx(2 / 3)]


def test_a_file_does_as_well_as_a_folder(write: Callable[[str, str], Path]) -> None:
    path = write("same", SAME)
    one, other = metrics_of(f"evaluate:{path}")[0], metrics_of(f"evaluate:{path / 'same.py'}")[0]
    assert one.by == other.by
    assert one.by.endswith(f", evaluate {evaluate.__version__}")


def test_another_source_is_another_module(write: Callable[[str, str], Path]) -> None:
    path = write("same", SAME)
    before = metrics_of(f"evaluate:{path}")[0].by
    (path / "same.py").write_text(HEAD + SAME.replace("/ len", "/ 2 / len"), encoding="utf-8")
    assert metrics_of(f"evaluate:{path}")[0].by != before


def test_the_interval_is_that_of_draws_through_the_module(write: Callable[[str, str], Path]) -> None:
    (metric,) = metrics_of(f"evaluate:{write('same', SAME)}")
    pairs = [(written(n, "yes"), walk("yes" if n % 4 else "no")) for n in range(60)]
    marked = [(metric.mark(sample, each), sample) for sample, each in pairs]
    (found,) = gathered([metric], marked, 5)
    # The same draws of a mean, gathered without a module.
    hits = np.empty(60, dtype=object)
    hits[:] = [float(mark[0] == mark[1]) for mark, _ in marked]  # type: ignore[index]
    truth = bootstrap.bootstrapped(
        hits, lambda marks, weights: (weights @ marks.astype(float)) / weights.sum(axis=-1), 5,
        draws=metric.draws, accelerated=False,
    )  # fmt: skip
    assert found.value == pytest.approx(0.75)
    assert found.interval[:2] == pytest.approx(truth.intervals[0][:2])
    assert found.interval.method == truth.intervals[0].method
    assert found.interval.method.startswith("percentile bootstrap")


@pytest.mark.parametrize("body", [F1, BLEU, SAME])
def test_a_draw_past_arrow_gives_what_the_module_gives(write: Callable[[str, str], Path], body: str) -> None:
    module = Module("m", write("m", body) / "m.py")
    dice = np.random.default_rng(1)
    words = ["yes", "no", "the pain is gone now", "发热，咳嗽", "", " two\nlines ", "\u200b\x00\r"]
    for _ in range(5):
        if module.takes.texts:
            marks: list[Any] = [tuple(dice.choice(words, 2).tolist()) for _ in range(30)]
        else:
            marks = [tuple(dice.integers(0, 3, 2).tolist()) for _ in range(30)]
        assert module._plain
        assert module.drawn(marks) == module.computed(marks)


def test_a_module_that_wants_arrays_goes_through_arrow(write: Callable[[str, str], Path]) -> None:
    path = write("graded", GRADED)
    module = Module("graded", path / "graded.py")
    assert not module._plain
    assert module.drawn([(0, 2), (1, 1)]) == {"far": 1.0}
    assert [metric.name for metric in metrics_of(f"evaluate:{path}")] == ["graded_far"]


def test_a_module_with_steps_of_its_own_goes_through_arrow(write: Callable[[str, str], Path]) -> None:
    module = Module("same", write("same", SAME + STRIPPED) / "same.py")
    assert not module._plain
    assert module.drawn([(" yes ", "yes")]) == {"same": 1.0}


# --- what may be wrong with theirs ---


def test_a_fault_of_the_module_is_told_in_one_sentence(write: Callable[[str, str], Path]) -> None:
    path = write("same", SAME)
    (metric,) = metrics_of(f"evaluate:{path}")
    pairs = [(written(0, "yes"), walk("poison")), (written(1, "yes"), walk("yes"))]
    with pytest.raises(TaskError, match=r"it cannot compute 2 samples \(ValueError: bad food\)") as fault:
        value([metric], pairs)
    assert "\n" not in fault.value.faults[0]
    # It goes on with what it can compute.
    assert value([metric], pairs[1:]) == [1.0]


def test_draws_that_the_module_cannot_compute_are_left_out(write: Callable[[str, str], Path]) -> None:
    body = SAME.replace('if "poison" in predictions', "if len({*predictions}) == 1 and len(predictions) == 3")
    (metric,) = metrics_of(f"evaluate:{write('same', body)}")
    pairs = [(written(n, "1"), walk(str(n))) for n in range(3)]
    (found,) = gathered([metric], [(metric.mark(sample, each), sample) for sample, each in pairs], 0)
    assert found.value == pytest.approx(1 / 3)
    # All three alike: 3 of 27 ways.
    drawn = re.search(r"(\d+)( of 100)? draws", found.interval.method)
    assert drawn is not None
    assert int(drawn[1]) == pytest.approx(100 * 24 / 27, abs=12)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SAME.replace(FORM, "info((datasets.Value('float32'), NUMBER))"), "it takes .*float32.*whole numbers"),
        (SAME.replace(FORM, "info((datasets.Sequence(TEXT), TEXT))"), "it takes .*List"),
        (SAME.replace(FORM, "info((TEXT, NUMBER))"), "it takes .*int32"),
        (SAME.replace("return {", "return {'said': 'much', 'each': [1.0]} or {"), "no number"),
        (SAME.replace("return {", "return None and {"), "no number"),
        ("raise SystemExit('gone')\n", "cannot load it .SystemExit: gone"),
        ("import no_such_library_of_anyone\n", "cannot load it .ImportError: .*no_such_library_of_anyone"),
        ("", "cannot load it"),
        (SAME.replace('if "poison" in predictions', "if True"), "cannot compute 2 samples"),
    ],
)  # fmt: skip
def test_a_module_that_will_not_do_is_refused_at_once(write: Callable[[str, str], Path], body: str, said: str) -> None:
    with pytest.raises(RequestError, match=said) as fault:
        metrics_of(f"evaluate:{write('strange', body)}")
    assert len(fault.value.faults) == 1
    assert "\n" not in fault.value.faults[0]


def test_a_bare_name_is_refused_for_it_would_need_a_network() -> None:
    with pytest.raises(RequestError, match=r"no module is fetched from a network\. Download the folder"):
        metrics_of("evaluate:rouge")


def test_a_folder_without_a_file_of_its_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match=r"a folder NAME with NAME\.py in it"):
        metrics_of(f"evaluate:{tmp_path / 'empty'}")
    (tmp_path / "data.csv").touch()
    with pytest.raises(RequestError, match=r"is a file NAME\.py"):
        metrics_of(f"evaluate:{tmp_path / 'data.csv'}")


def test_samples_that_a_module_cannot_be_given_are_told(write: Callable[[str, str], Path]) -> None:
    (metric, _) = metrics_of(f"evaluate:{write('f1', F1)}")
    with pytest.raises(TaskError, match="takes whole numbers, and sample '7' has none"):
        metric.mark(written(7, "yes"), walk("yes"))


def test_nothing_of_a_module_stays_behind(
    write: Callable[[str, str], Path], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.delenv("HF_EVALUATE_OFFLINE")
    noisy = SAME.replace('if "poison"', "import os; print(os.environ['HF_HUB_OFFLINE'])\n        if \"poison\"")
    noisy = "import os\nos.environ['HF_HUB_OFFLINE']\nprint('here')\n" + noisy
    (metric,) = metrics_of(f"evaluate:{write('same', noisy)}")
    value([metric], [(written(0, "yes"), walk("yes"))])
    assert capfd.readouterr() == ("", "")
    assert [name for name in OFFLINE if name in os.environ] == []


# --- ours as theirs ---

NOTES = [
    ("The patient has a fever.", ["The patient has fever and cough.", "A fever was found."]),
    ("Aspirin 100 mg was given.", ["Aspirin was given.", "He was given 100 mg of aspirin daily."]),
    ("No pain.", ["There is no chest pain.", "No pain in the chest."]),
    ("", ["Nothing was found.", "All is well."]),
] * 3


def ours(name: str | None = None, **given: Any) -> Any:
    module = evaluate.load(str(modules_folder()), *([name] if name else []), keep_in_memory=True)
    return module.compute(**given)


@pytest.mark.parametrize("name", ["rouge1", "rougeLsum", "bleu4", "chrf", "token_f1"])
@pytest.mark.parametrize("several", [False, True])
def test_our_metrics_give_through_evaluate_what_a_run_gives(name: str, *, several: bool) -> None:
    (metric,) = [each for each in TEXT if each.name == name]
    references = [right if several else right[:1] for _, right in NOTES]
    samples = [written(n, *right) for n, right in enumerate(references)]
    marked = [(metric.mark(sample, walk(text)), sample) for sample, (text, _) in zip(samples, NOTES, strict=True)]
    (truth,) = gathered([metric], marked, 3)
    given = references if several else [right[0] for right in references]
    found = ours(name, predictions=[text for text, _ in NOTES], references=given, seed=3)
    assert found == {name: truth.value, "low": truth.interval.low, "high": truth.interval.high, "n": 12}
    assert found["low"] < found[name] < found["high"]


def test_rouge_through_evaluate_is_that_of_rouge_score() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rouge1"])
    truth = [scorer.score(right[0], text)["rouge1"].fmeasure for text, right in NOTES]
    found = ours("rouge1", predictions=[text for text, _ in NOTES], references=[right[0] for _, right in NOTES])
    assert found["rouge1"] == pytest.approx(math.fsum(truth) / len(truth))


def test_the_language_says_how_texts_are_cut() -> None:
    given = {"predictions": ["患者有发热"], "references": ["患者发热"]}
    assert ours("rouge1", **given, language="zh")["rouge1"] == pytest.approx(8 / 9)
    with pytest.raises(ValueError, match="no language 'de'"):
        ours("rouge1", **given, language="de")


def test_labels_are_marked_as_a_run_marks_them() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    right, said = ["yes", "no", "maybe", "yes", "no", "yes"], ["yes", "no", "yes", "", "maybe", "yes"]
    found = ours("accuracy", predictions=said, references=right)
    assert found["accuracy"] == metrics.accuracy_score(right, said) == 0.5
    # Wilson's limits of 3 in 6.
    assert (found["low"], found["high"]) == pytest.approx((0.1876, 0.8124), abs=1e-4)
    assert found["n"] == 6
    truth = metrics.f1_score(right, said, labels=["yes", "no", "maybe"], average="macro", zero_division=0)
    assert ours("macro_f1", predictions=said, references=right)["macro_f1"] == pytest.approx(truth)


def test_without_a_name_all_metrics_for_texts_come() -> None:
    texts, right = [text for text, _ in NOTES], [right for _, right in NOTES]
    found = ours(predictions=texts, references=right)
    assert {metric.name for metric in TEXT} <= {*found}
    assert found["rouge2"] == ours("rouge2", predictions=texts, references=right)["rouge2"]
    assert found["rouge1_low"] < found["rouge1"] < found["rouge1_high"]
    # There is no source that a text could have copied from.
    assert (found["copy_rate"], found["copy_rate_low"], found["copy_rate_n"]) == (None, None, 0)


def test_a_metric_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no metric 'rouge9' .*: rouge1, .*accuracy, macro_f1"):
        evaluate.load(str(modules_folder()), "rouge9")


def test_ours_come_back_as_ours() -> None:
    metrics = metrics_of(f"evaluate:{modules_folder()}#rouge1")
    assert [metric.name for metric in metrics] == ["medeval_metrics_rouge1"]
    pairs = [(written(n, *right), walk(text)) for n, (text, right) in enumerate(NOTES)]
    (plain,) = [each for each in TEXT if each.name == "rouge1"]
    assert value(metrics, pairs) == pytest.approx(value([plain], pairs))
