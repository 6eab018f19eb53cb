"""Metrics asked for by name: a module of other people's, an encoder, a metric of texts; added, and gone again."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval import evaluation
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.evaluation import Evaluation
from medeval.interop.seclusion import secluded
from medeval.metrics.text import TEXT
from medeval.openings import Means
from medeval.planning.extras import with_extras
from medeval.records import Estimate, Request

with secluded(offline=True):
    evaluate = pytest.importorskip("evaluate")
pytest.importorskip("transformers")

Exam = Callable[[int], Path]
HEAD = """
import datasets
import evaluate

class Theirs(evaluate.Metric):
    def _info(self):
        form = datasets.Features({"predictions": datasets.Value(KIND), "references": datasets.Value(KIND)})
        return evaluate.MetricInfo(description="", citation="", inputs_description="", features=form)

    def _compute(self, predictions, references):
"""
SHARE = (
    HEAD.replace("KIND", "'int32'")
    + """
        same = [a == b for a, b in zip(predictions, references)]
        return {"share": sum(same) / len(same), "firsts": float(sum(a == 0 for a in predictions))}
"""
)
LENGTHS = (
    HEAD.replace("KIND", "'string'")
    + """
        return {"lengths": sum(map(len, predictions)) / sum(map(len, references))}
"""
)
NOTES = """
from medeval import Form, Local, Message, OpenSample, Row, Task, metrics, prompts

def to_sample(row: Row) -> OpenSample:
    asked = (Message(role="user", content=row["said"]),)
    return OpenSample(id=row["_id"], messages=asked, references=(row["note"],), source=row["said"])

TASK = Task(
    title="Short notes", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=0.0, rows=4,
    folder="notes", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"written": prompts.last_turn}, metrics=metrics.ROUGE,
)
"""
ROWS = [
    ("say one", "the patient has a fever"), ("say two", "no pain in the chest"),
    ("say three", "aspirin 100 mg daily"), ("say four", "blood pressure is high"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _caches_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no module come to lie in the home of whoever runs the tests."""
    import datasets
    import evaluate.loading

    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", tmp_path / "metrics")
    plain = evaluate.loading.init_dynamic_modules
    monkeypatch.setattr(evaluate.loading, "init_dynamic_modules", lambda: plain(f"modules_{tmp_path.name}", tmp_path))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.test_metrics.test_bertscore import tiny_bert

    return tiny_bert(tmp_path_factory.mktemp("encoders") / "tiny-bert", layers=2)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A task of four short notes, in `notes.py`."""
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    folder = tmp_path / "data" / "notes"
    folder.mkdir(parents=True)
    lines = [json.dumps({"said": said, "note": note}) + "\n" for said, note in ROWS]
    (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    return tmp_path


def module(home: Path, name: str, body: str) -> str:
    """Write a module of evaluate's, and name it as --metric does."""
    folder = home / "modules" / name
    folder.mkdir(parents=True)
    (folder / f"{name}.py").write_text(body, encoding="utf-8")
    return f"evaluate:{folder}"


def run(home: Path, task: str, script: Callable[[Request], str], metrics: tuple[str, ...] = ()) -> Evaluation:
    return medeval.evaluate(
        model=Scripted(script), tasks=[task], data=home / "data", reports=home / "reports",
        task_paths=[home / f"{task}.py"], label="mine", style="written", metrics=metrics,
    )  # fmt: skip


def rescored(home: Path, task: str, metrics: tuple[str, ...] | None) -> Evaluation:
    return evaluation.rescore(home / "reports" / "mine", str(home / "data"), [home / f"{task}.py"], metrics=metrics)


def scored_again(home: Path, task: str, *metrics: str) -> Evaluation:
    """With these metrics more; none named: with those of before."""
    return rescored(home, task, metrics or None)


def wished(done: Evaluation) -> list[str]:
    """The metrics more that a cell remembers."""
    found: list[str] = json.loads((done.folders[0] / "run.json").read_bytes())["metrics"]
    return found


def estimates(found: Evaluation) -> dict[str, Estimate]:
    (result,) = found.results
    return {estimate.metric: estimate for estimate in result.estimates}


def files(found: Evaluation) -> dict[str, bytes]:
    return {name: (found.folders[0] / name).read_bytes() for name in ("result.json", "samples.jsonl")}


def lines(found: Evaluation) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (found.folders[0] / "samples.jsonl").read_bytes().splitlines()]


def asked(request: Request) -> str:
    """The first line of what is asked."""
    return request.text.partition("\n")[0]


def a_note(request: Request) -> str:
    """Two notes as they were wanted, one of a word, and one of nothing."""
    said = {"say one": "the patient has a fever", "say two": "no pain in the chest", "say three": "aspirin"}
    return said.get(asked(request), "")


def faults(home: Path, task: str, *metrics: str, offline: bool = True) -> tuple[str, ...]:
    """Why a run is refused; nothing is asked and nothing written."""
    engine = Scripted(lambda _: "Answer: A")
    with pytest.raises(RequestError) as refused:
        medeval.evaluate(
            model=engine, tasks=[task], data=home / "data", reports=home / "reports",
            task_paths=[home / f"{task}.py"], style="written", metrics=metrics, offline=offline,
        )  # fmt: skip
    assert (refused.value.exit_code, engine.asked, (home / "reports").exists()) == (2, 0, False)
    return refused.value.faults


# --- a module of other people's -------------------------------------------------------------------


def test_a_module_tells_of_a_run_what_it_would_tell_alone(exam: Exam) -> None:
    home = exam(12)
    name = module(home, "share", SHARE)
    # A to questions 0 to 9, of which 0, 4 and 8 have that answer; nothing that could be read to two others.
    script = {"Question 10?": "I do not know.", "Question 11?": "It depends."}
    found = estimates(run(home, "exam", lambda request: script.get(asked(request), "Answer: A"), metrics=(name,)))
    assert found["share"].value == found["accuracy"].value == 3 / 12
    assert found["share_firsts"].value == 10.0
    assert (found["share"].beside, found["share"].unit, found["accuracy"].beside) == (True, "plain", False)
    assert re.fullmatch(r"share [0-9a-f]{12}, evaluate [\d.]+", found["share"].by)


def test_one_number_of_a_module_can_be_named(exam: Exam) -> None:
    home = exam(8)
    name = module(home, "share", SHARE)
    found = estimates(run(home, "exam", lambda _: "Answer: A", metrics=(f"{name}#firsts",)))
    assert found["share_firsts"].value == 8.0
    assert "share" not in found


def test_a_module_of_texts_is_given_the_texts_of_a_run(notes: Path) -> None:
    found = estimates(run(notes, "notes", a_note, metrics=(module(notes, "lengths", LENGTHS),)))
    said = len("the patient has a fever") + len("no pain in the chest") + len("aspirin")
    assert found["lengths"].value == pytest.approx(said / sum(len(note) for _, note in ROWS))


# --- a metric of texts ----------------------------------------------------------------------------


def test_a_metric_of_texts_is_told_beside_those_of_the_task(notes: Path) -> None:
    plain = estimates(run(notes, "notes", a_note))
    assert [*plain] == ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    found = estimates(run(notes, "notes", a_note, metrics=("exact_match", "length")))
    assert [*found] == [*plain, "exact_match", "length"]
    assert (found["exact_match"].value, found["exact_match"].n) == (0.5, 4)
    # Words: five, five, one and none.
    assert found["length"].value == pytest.approx(11 / 4)
    assert [found[name] for name in plain] == [*plain.values()]


def test_what_a_task_tells_by_itself_is_told_once(notes: Path) -> None:
    once = run(notes, "notes", a_note)
    before = files(once)
    assert files(run(notes, "notes", a_note, metrics=("rouge1", "rougeL"))) == before


def test_the_same_metric_named_twice_is_told_once(notes: Path) -> None:
    found = run(notes, "notes", a_note, metrics=("chrf", "chrf"))
    assert [each.metric for each in found.results[0].estimates].count("chrf") == 1


def test_a_module_that_is_called_as_a_metric_of_the_task_is_told_under_another_name(notes: Path) -> None:
    body = LENGTHS.replace("lengths", "rouge1")
    plain = estimates(run(notes, "notes", a_note))
    found = estimates(run(notes, "notes", a_note, metrics=(module(notes, "rouge1", body),)))
    assert found["rouge1"] == plain["rouge1"]
    (name,) = found.keys() - plain.keys()
    assert re.fullmatch("rouge1_[0-9a-f]{6}", name)
    said = len("the patient has a fever") + len("no pain in the chest") + len("aspirin")
    assert found[name].value == pytest.approx(said / sum(len(note) for _, note in ROWS))
    assert found[name].by.startswith("rouge1 ")
    # The same name whenever it is computed by the same.
    again = estimates(scored_again(notes, "notes"))
    assert [*again] == [*found]


@pytest.mark.parametrize("name", [metric.name for metric in TEXT])
def test_every_metric_of_texts_can_be_named(name: str) -> None:
    named = find().named("medqa")
    (added,) = with_extras(named, (name,), Means()).task.also[len(named.task.also) :]
    assert added.name == name


def test_nothing_named_leaves_a_task_as_it_is() -> None:
    named = find().named("aci_bench")
    assert with_extras(named, (), Means()) is named


# --- an encoder -----------------------------------------------------------------------------------

THREE = ("bertscore_precision", "bertscore_recall", "bertscore_f1")


def test_bertscore_is_told_of_a_run_and_of_each_of_its_samples(notes: Path, encoder: Path) -> None:
    done = run(notes, "notes", a_note, metrics=(f"bertscore:{encoder}#1",))
    found = estimates(done)
    by_sample = [[each["scores"][name] for name in THREE] for each in lines(done)]
    # What is said as it was wanted is 1, and nothing is 0; a part lies between.
    assert by_sample[0] == pytest.approx([1, 1, 1], abs=1e-5)
    assert by_sample[1] == pytest.approx([1, 1, 1], abs=1e-5)
    assert by_sample[3] == [0, 0, 0]
    precision, recall, f1 = by_sample[2]
    assert -1 < recall < precision < 1
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))
    for place, name in enumerate(THREE):
        assert found[name].value == pytest.approx(math.fsum(each[place] for each in by_sample) / 4)
        assert found[name].n == 4
        assert "tiny-bert" in found[name].by


def test_two_layers_are_told_side_by_side_under_names_of_their_own(notes: Path, encoder: Path) -> None:
    one, two = f"bertscore:{encoder}#1", f"bertscore:{encoder}#2"
    alone = estimates(run(notes, "notes", a_note, metrics=(two,)))
    both = estimates(run(notes, "notes", a_note, metrics=(one, two, one, two)))
    more = [name for name in both if name.startswith("bertscore_")]
    assert more[:3] == [*THREE]
    assert len(more) == 6
    for name, other in zip(THREE, more[3:], strict=True):
        assert re.fullmatch(rf"{name}_[0-9a-f]{{6}}", other)
        assert (both[other].value, both[other].by) == (alone[name].value, alone[name].by)
        assert both[other].by != both[name].by
    assert len({other[-6:] for other in more[3:]}) == 1, "what computes them is the same"


def test_another_layer_is_another_number(notes: Path, encoder: Path) -> None:
    first = estimates(run(notes, "notes", a_note, metrics=(f"bertscore:{encoder}#1",)))
    last = estimates(run(notes, "notes", a_note, metrics=(f"bertscore:{encoder}",)))
    assert first["bertscore_f1"].value != last["bertscore_f1"].value
    assert first["bertscore_f1"].by != last["bertscore_f1"].by
    second = estimates(run(notes, "notes", a_note, metrics=(f"bertscore:{encoder}#2",)))
    assert second["bertscore_f1"].value == last["bertscore_f1"].value


# --- added, gone, added again ---------------------------------------------------------------------


def test_a_folder_is_told_more_of_without_being_asked_again(notes: Path, encoder: Path) -> None:
    name, wanted = module(notes, "lengths", LENGTHS), f"bertscore:{encoder}#1"
    plain = run(notes, "notes", a_note)
    before = files(plain)
    journal = (plain.folders[0] / "journal.jsonl").read_bytes()

    more = files(scored_again(notes, "notes", name, wanted, "chrf"))
    assert {"lengths", "chrf", *THREE} <= {*estimates(scored_again(notes, "notes", name, wanted, "chrf"))}
    assert all(name in line["scores"] for name in THREE for line in lines(plain))
    # What was wished for stands in run.json, and nothing named is what was named before.
    assert wished(plain) == [name, wanted, "chrf"]
    assert files(rescored(notes, "notes", None)) == more
    assert files(rescored(notes, "notes", ("chrf",))) != more
    assert wished(plain) == ["chrf"]
    # Named no longer, they are gone, and stay so.
    assert files(rescored(notes, "notes", ())) == before
    assert files(rescored(notes, "notes", None)) == before
    assert wished(plain) == []
    # A run that names them computes them, asks nothing, and writes the same.
    engine = Scripted(a_note)
    named = medeval.evaluate(
        model=engine, tasks=["notes"], data=notes / "data", reports=notes / "reports", task_paths=[notes / "notes.py"],
        label="mine", style="written", metrics=(name, wanted, "chrf"),
    )  # fmt: skip
    assert (engine.asked, files(named)) == (0, more)
    assert files(run(notes, "notes", a_note)) == before
    assert (plain.folders[0] / "journal.jsonl").read_bytes() == journal


def test_a_module_that_was_changed_is_computed_anew(exam: Exam) -> None:
    home = exam(8)
    name = module(home, "share", SHARE)
    old = estimates(run(home, "exam", lambda _: "Answer: A", metrics=(f"{name}#firsts",)))["share_firsts"]
    script = home / "modules" / "share" / "share.py"
    script.write_text(SHARE.replace("a == 0", "a == 9"), encoding="utf-8")
    new = estimates(run(home, "exam", lambda _: "Answer: A", metrics=(f"{name}#firsts",)))["share_firsts"]
    assert (old.value, new.value) == (8.0, 0.0)
    assert old.by != new.by


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("nope", r"--metric nope: unknown\. There are evaluate:PATH\[#KEY\], .+ of texts: rouge1, .+\."),
        ("", r"--metric : unknown\. .+"),
        ("bertscore:HERE#one", r"--metric bertscore:HERE#one: 'one' is no layer\. Say bertscore:ENCODER#NUMBER\."),
        ("bertscore:HERE#-1", r"--metric bertscore:HERE#-1: '-1' is no layer\. .+"),
        ("bertscore:HERE/none", r"HERE/none: no such folder, .+"),
        ("bertscore:HERE", r"HERE: no config\.json, so this is no folder of an encoder\."),
        ("bertscore:somebody/encoder", r"somebody/encoder: no such folder, and nothing of that name .+ \(offline\)\."),
        ("evaluate:HERE/none", r"evaluate:HERE/none: there is no such file or folder here, .+"),
        ("evaluate:HERE", r"evaluate:HERE: a module is a file NAME\.py or a folder NAME with NAME\.py in it\."),
    ],
)
def test_what_cannot_be_computed_is_one_sentence_and_nothing_is_asked(notes: Path, wanted: str, sentence: str) -> None:
    def here(text: str) -> str:
        return text.replace("HERE", str(notes))

    (fault,) = [each.replace(str(notes), "HERE") for each in faults(notes, "notes", here(wanted))]
    assert re.fullmatch(sentence, fault)


def test_a_name_that_the_hub_does_not_know_is_refused(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, local_files_only: bool) -> None:
        assert not local_files_only
        raise OSError("there is no such model")

    # The hub itself is left alone: its client would go on asking for half a minute where there is no network.
    monkeypatch.setattr("transformers.utils.cached_file", unknown)
    assert faults(notes, "notes", "bertscore:somebody/encoder", offline=False) == (
        "somebody/encoder: no such folder, and nothing of that name can be had on the hub.",
    )


def test_a_layer_that_an_encoder_does_not_have_is_refused(notes: Path, encoder: Path) -> None:
    (fault,) = faults(notes, "notes", f"bertscore:{encoder}#3")
    assert "3" in fault
    assert "layer" in fault


def test_a_key_that_a_module_does_not_compute_is_refused(exam: Exam) -> None:
    home = exam(4)
    name = module(home, "share", SHARE)
    (fault,) = faults(home, "exam", f"{name}#auc")
    assert fault == f"{name}#auc: it computes no 'auc'. There are share, firsts."


def test_a_folder_is_left_as_it_was_where_more_cannot_be_told(notes: Path) -> None:
    plain = run(notes, "notes", a_note)
    before = files(plain)
    with pytest.raises(RequestError, match="--metric nope: unknown"):
        scored_again(notes, "notes", "nope")
    assert files(plain) == before


@pytest.mark.parametrize("wanted", ["chrf", "bertscore"])
def test_metrics_of_texts_are_refused_for_questions_with_options(exam: Exam, encoder: Path, wanted: str) -> None:
    home = exam(4)
    name = f"bertscore:{encoder}" if wanted == "bertscore" else wanted
    (fault,) = faults(home, "exam", name)
    assert fault == (
        f"--metric {name}: it holds texts against references, and exam has answers to pick. "
        "Name only tasks, or cells, that want texts."
    )


def test_an_entry_of_questions_and_texts_is_not_half_scored_again(notes: Path, exam: Exam) -> None:
    home = exam(4)
    run(home, "exam", lambda _: "Answer: A")
    done = run(notes, "notes", a_note)
    before = files(done)
    with pytest.raises(RequestError, match="and exam has answers to pick"):
        evaluation.rescore(
            home / "reports" / "mine", str(home / "data"), [home / "exam.py", home / "notes.py"], metrics=("chrf",)
        )
    assert files(done) == before
    found = evaluation.rescore(done.folders[0], str(home / "data"), [home / "notes.py"], metrics=("chrf",))
    assert "chrf" in estimates(found)
