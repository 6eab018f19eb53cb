"""Openings: which engine a name stands for, and what is said where it stands for none."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval.engines.baseline import Baseline
from medeval.engines.recorded import Recorded
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.openings import Choice, Means, chosen, engine_for, folder_of, predictions_engine, told
from medeval.records import Kind, Response
from tests.model_folders import whole

NOTHING = Means()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
THERE_ARE = (
    "Name a folder of weights, org/name of the hub, baseline:random, baseline:majority, baseline:longest, "
    "baseline:overlap, recorded:FOLDER, recorded:FILE, or http://HOST:PORT/v1#NAME."
)


def refusal(model: str, means: Means = NOTHING) -> str:
    with pytest.raises(RequestError) as refused:
        engine_for(model, means, None, 0)
    assert refused.value.exit_code == 2
    (fault,) = refused.value.faults
    assert "\n" not in fault
    return fault


# --- baselines ---


@pytest.mark.parametrize("rule", ["random", "majority", "longest", "overlap"])
def test_a_baseline_is_named_by_its_rule(rule: str) -> None:
    engine = engine_for(f"baseline:{rule}", NOTHING, None, 0)
    assert isinstance(engine, Baseline)
    assert (engine.identity.engine, engine.identity.model) == ("baseline", rule)


@pytest.mark.parametrize("rule", ["", "mode", "Random"])
def test_an_unknown_baseline_is_refused_with_those_there_are(rule: str) -> None:
    assert refusal(f"baseline:{rule}") == (f"Unknown baseline {rule!r}. There are: random, majority, longest, overlap.")


# --- recordings ---


def played(reports: Path, label: str, task: str = "medqa") -> Path:
    """The folder of an entry that was played on the project's own rows."""
    engine = Scripted(lambda request: Response(logprobs=(-1.0,) * len(request.choices)), model="ours")
    medeval.evaluate(model=engine, tasks=task, data="sample", reports=reports, label=label)
    return reports / label


def test_a_recording_is_the_model_that_was_recorded(tmp_path: Path) -> None:
    entry = played(tmp_path, "first")
    cell = entry / "medqa@sample"
    for named in (entry, cell, cell / "journal.jsonl"):
        engine = engine_for(f"recorded:{named}", NOTHING, None, 0)
        assert isinstance(engine, Recorded)
        assert (engine.identity.engine, engine.identity.model) == ("scripted", "ours")
        assert {name: setting.style for name, setting in engine.settings.items()} == {"medqa": "letters"}


def test_a_folder_without_a_run_is_no_recording(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert refusal(f"recorded:{folder}") == (
            f"recorded:{folder}: no recorded run there. Name an entry's folder, or one of its cells."
        )


# --- predictions made elsewhere ---


def test_a_file_is_told_from_a_recording(tmp_path: Path) -> None:
    file, journal = tmp_path / "told.jsonl", tmp_path / "journal.jsonl"
    for path in (file, journal):
        path.write_text("", encoding="utf-8")
    assert told(f"recorded:{file}") == file
    nothing = [f"recorded:{journal}", f"recorded:{tmp_path}", f"recorded:{tmp_path}/no.jsonl", str(file), "recorded:"]
    assert [told(name) for name in nothing] == [None] * len(nothing)
    assert told(Scripted(lambda request: "")) is None


def test_a_file_of_predictions_is_known_by_its_name_its_field_and_its_content(tmp_path: Path) -> None:
    file = tmp_path / "gpt.jsonl"
    file.write_text('{"id": "a", "text": "A"}\n{"id": "b", "text": "B"}\n', encoding="utf-8")
    engine = predictions_engine(file, ["a", "b"])
    assert engine.identity.model == "gpt.jsonl:text"
    assert engine.identity.content == hashlib.sha256(file.read_bytes()).hexdigest()
    assert not engine.abilities.choices
    with pytest.raises(RequestError, match="1 missing ids: c"):
        predictions_engine(file, ["a", "b", "c"])


# --- weights: a folder ---


@pytest.mark.parametrize("form", ["{}", "hf:{}", "vllm:{}"])
def test_an_unknown_folder_is_told_with_what_there_is(tmp_path: Path, form: str) -> None:
    assert refusal(form.format(tmp_path / "qwen")) == f"Model '{tmp_path}/qwen': no such folder. {THERE_ARE}"


@pytest.mark.parametrize("model", ["qwen", "a b/c", "org/name/more"])
def test_what_is_neither_a_folder_nor_a_name_of_the_hub_is_told_so(model: str) -> None:
    assert refusal(model) == f"Model {model!r}: no such folder. {THERE_ARE}"


@pytest.mark.parametrize("model", ["", "hf:", "vllm:"])
def test_an_empty_name_is_never_the_folder_that_one_happens_to_be_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(model) == f"Model '': no such folder. {THERE_ARE}"


def test_a_file_is_no_folder_of_weights(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    assert refusal(str(file)) == f"Model '{file}': no such folder. {THERE_ARE}"


def test_a_folder_that_holds_no_model_is_told_so(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)) == f"{tmp_path}: no config.json, so this is no folder of a model."


def test_a_folder_goes_before_a_repository_of_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "org" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert folder_of("org/name", Means(offline=True)) == Path("org/name")


# --- weights: the hub ---


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache of the hub's client."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path / "hf" / "hub"


@pytest.mark.parametrize("means", [NOTHING, Means(offline=True)], ids=["by the environment", "by --offline"])
def test_a_name_of_the_hub_is_not_fetched_where_nothing_may_be_downloaded(
    monkeypatch: pytest.MonkeyPatch, hub: Path, means: Means
) -> None:
    if means.offline:
        monkeypatch.delenv("MEDEVAL_OFFLINE")
    here = hub / "models--Qwen--Qwen2.5-7B"
    assert refusal("Qwen/Qwen2.5-7B", means) == (
        "Qwen/Qwen2.5-7B: no such folder here, and of the hub: Model 'Qwen/Qwen2.5-7B': it is not whole on this "
        "machine, and nothing may be downloaded. On a machine with a network run `hf download Qwen/Qwen2.5-7B`, "
        f"and copy models--Qwen--Qwen2.5-7B of its cache to {here} here."
    )


def test_a_revision_is_part_of_the_sentence(hub: Path) -> None:
    said = refusal("hf:org/name@v1.0")
    assert said.startswith("org/name@v1.0: no such folder here, and of the hub: Model 'org/name' at v1.0: ")
    assert "`hf download org/name --revision v1.0`" in said


def test_a_name_that_the_hub_would_not_give_is_told(hub: Path) -> None:
    assert refusal("../qwen").endswith("'../qwen' is no name on the hub. One looks like org/name.")


@pytest.mark.parametrize("name", ["org/tiny", "org/tiny@main", f"org/tiny@{COMMIT}"])
def test_a_model_in_the_hub_clients_cache_needs_no_network(hub: Path, name: str) -> None:
    repo = hub / "models--org--tiny"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text(json.dumps({"model_type": "llama"}), encoding="utf-8")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    assert folder_of(name, Means(offline=True)) == snapshot
    assert re.match(rf"{re.escape(str(snapshot))}: no tokenizer", refusal(name, Means(offline=True)))


# --- weights: a model ---


def test_of_weights_everything_is_told_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.small_models import small

    def loaded(*_: object) -> None:
        raise AssertionError("nobody has asked anything yet")

    folder = small(tmp_path, "thinking")
    monkeypatch.setattr("medeval.engines.hf.loading.model", loaded)
    ways: list[tuple[str, Means, Kind | None]] = [
        (str(folder), Means(device="cpu"), None),
        (f"hf:{folder}", Means(device="cpu", dtype="bfloat16"), "chat"),
    ]
    for name, means, kind in ways:
        engine = engine_for(name, means, kind, 0)
        assert (engine.identity.engine, engine.identity.model) == ("hf", "tiny-thinking")
        assert engine.identity.dtype == (means.dtype or "float32")
        assert engine.abilities.kind == (kind or "reasoning")
        assert engine.abilities.thinking
        engine.close()
    verified = engine_for(str(folder), Means(device="cpu", verify=True), None, 0)
    assert verified.identity.content.startswith("full:")


# --- weights: what runs them ---

ON_GPUS, ON_CPUS = "0.33.0", "0.32.0+cpu"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A machine with some vLLM, and a GPU or none."""

    def make(vllm: str = "", *, gpu: bool = False) -> None:
        monkeypatch.setattr("medeval.engines.vllm.arguments.installed", lambda: vllm)
        monkeypatch.setattr("medeval.engines.pretrained.known.gpu_seen", lambda: gpu)

    return make


@pytest.mark.parametrize(
    ("vllm", "gpu", "device", "found"),
    [
        (ON_GPUS, True, "", "vllm: vLLM 0.33.0 is installed"),
        (ON_GPUS, True, "cuda:1", "vllm: vLLM 0.33.0 is installed"),
        (ON_CPUS, False, "", "vllm: vLLM 0.32.0+cpu is installed"),
        (ON_CPUS, True, "cpu", "vllm: vLLM 0.32.0+cpu is installed"),
        ("", True, "", "hf: vLLM is not installed"),
        (ON_GPUS, False, "", "hf: vLLM 0.33.0 is a build for GPUs, and torch sees none"),
        (ON_GPUS, True, "cpu", "hf: vLLM 0.33.0 is a build for GPUs, and --device cpu is asked"),
        (ON_CPUS, True, "cuda", "hf: vLLM 0.32.0+cpu is a build for CPUs, and --device cuda is asked"),
    ],
)
def test_vllm_runs_a_model_where_it_can_and_where_it_cannot_it_is_said_why(
    machine: Callable[..., None], vllm: str, gpu: bool, device: str, found: str
) -> None:
    machine(vllm, gpu=gpu)
    choice = chosen("org/name", Means(device=device))
    assert f"{choice.engine}: {choice.why}" == found


def test_without_vllm_no_torch_is_asked_for_gpus(monkeypatch: pytest.MonkeyPatch, machine: Callable[..., None]) -> None:
    def asked() -> bool:
        raise AssertionError("it takes seconds to ask")

    machine("")
    monkeypatch.setattr("medeval.engines.pretrained.known.gpu_seen", asked)
    assert chosen("org/name", NOTHING).engine == "hf"


@pytest.mark.parametrize("vllm", ["", ON_GPUS, ON_CPUS])
def test_what_is_said_stands_before_what_would_be_chosen(machine: Callable[..., None], vllm: str) -> None:
    machine(vllm)
    assert chosen("hf:org/name", NOTHING) == Choice(engine="hf", why="its name says so")
    assert chosen("vllm:org/name", Means(engine="hf")) == Choice(engine="vllm", why="its name says so")
    assert chosen("org/name", Means(engine="vllm")) == Choice(engine="vllm", why="--engine says so")
    assert chosen("org/name", Means(engine="hf")) == Choice(engine="hf", why="--engine says so")
    for name, engine in (("baseline:random", "baseline"), ("https://h/v1#m", "http"), ("recorded:x", "recorded")):
        assert chosen(name, Means(engine="vllm")) == Choice(engine=engine)


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ({"tensor_parallel": 2}, "--tensor-parallel"), ({"pipeline_parallel": 2}, "--pipeline-parallel"),
        ({"data_parallel": 2}, "--data-parallel"), ({"memory": 0.5}, "--memory"), ({"lora": "x"}, "--lora"),
        ({"engine_args": ("a=1",)}, "--engine-arg"),
    ],
)  # fmt: skip
def test_what_only_vllm_understands_is_refused_where_another_runs_the_model(
    machine: Callable[..., None], said: dict[str, Any], option: str
) -> None:
    machine("")
    assert refusal("org/name", Means(**said)) == (
        f"{option} is for vLLM, and this model is run by hf (vLLM is not installed). Leave it away."
    )
    assert refusal("hf:org/name", Means(**said)) == (
        f"{option} is for vLLM, and this model is run by hf (its name says so). Leave it away."
    )


def test_all_that_is_of_no_use_is_told_at_once(machine: Callable[..., None]) -> None:
    machine("")
    with pytest.raises(RequestError) as refused:
        engine_for("org/name", Means(engine="hf", memory=0.5, lora="x", at_once=3), None, 0)
    assert [fault.partition(" is for ")[0] for fault in refused.value.faults] == ["--memory", "--lora", "--concurrency"]


def test_a_vllm_that_cannot_be_used_here_is_told_if_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: Callable[..., None]
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    machine("")
    folder = whole(tmp_path / "model")
    assert refusal(f"vllm:{folder}") == (
        f"{folder}: vLLM is not installed. 'medeval doctor' tells what is here; --engine hf needs less."
    )
