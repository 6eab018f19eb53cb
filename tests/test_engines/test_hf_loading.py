"""Loading: what a model is said to be, what is refused in one sentence, and code that runs only if it was named."""

import json
import re
import shutil
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

import torch
from safetensors.torch import load_file, save_file
from transformers import dynamic_module_utils

from medeval import cli
from medeval.engines.hf import HF
from medeval.engines.pretrained import known
from medeval.engines.weights import opened
from medeval.errors import RequestError
from medeval.records import Decoding
from tests.model_folders import small_files, with_code
from tests.tiny_engines import Plain, answered, chatting, choosing, engine, writing

PROMPT = "Question: Which drug is given first?\nAnswer:"


@pytest.fixture
def tiny(models: Path, tmp_path: Path) -> Path:
    """A copy of the base model, to be damaged."""
    return Path(shutil.copytree(models / "tiny-base", tmp_path / "tiny"))


def config(folder: Path, **changes: Any) -> None:
    """Change a folder's configuration; None takes a field out."""
    path = folder / "config.json"
    changed = json.loads(path.read_text(encoding="utf-8")) | changes
    small_files(folder, {path.name: {name: value for name, value in changed.items() if value is not None}})


def refused(folder: Path) -> str:
    """The one sentence by which an engine is refused before its weights are loaded."""
    with pytest.raises(RequestError) as error:
        engine(folder)
    (sentence,) = error.value.faults
    assert "\n" not in sentence
    return sentence


def unloadable(folder: Path) -> str:
    """The one sentence by which weights are refused when they are first needed."""
    one = engine(folder)
    with pytest.raises(RequestError) as error:
        answered(one, [choosing(PROMPT)])
    (sentence,) = error.value.faults
    assert error.value.exit_code == 2
    assert "\n" not in sentence
    return sentence


# --- who it is ----------------------------------------------------------------------------


def test_an_engine_says_who_it_is_and_what_it_can(models: Path) -> None:
    one = engine(models / "tiny-thinking")
    identity, abilities = one.identity, one.abilities
    assert (identity.engine, identity.model, identity.dtype, identity.max_length) == (
        "hf", "tiny-thinking", "float32", 2048,
    )  # fmt: skip
    assert re.fullmatch(r"[\d.]+\+torch-[\d.]+", identity.version)
    assert identity.content == opened(models / "tiny-thinking").content
    assert (abilities.choices, abilities.chat, abilities.seeds, abilities.thinking) == (True, True, True, True)
    base = engine(models / "tiny-base").abilities
    assert (base.kind, base.chat, base.thinking, base.told_by) == ("base", False, False, "it has no chat template")


def test_nothing_is_loaded_before_something_is_asked(tiny: Path) -> None:
    one = engine(tiny)
    assert one.render(writing(PROMPT)).tokens == 14
    stages = [one._loaded]
    answered(one, [choosing(PROMPT)])
    stages.append(one._loaded)
    one.close()
    stages.append(one._loaded)
    assert [stage is None for stage in stages] == [True, False, True]


def test_a_method_that_made_the_weights_smaller_is_named(tiny: Path) -> None:
    config(tiny, quantization_config={"quant_method": "gptq", "bits": 4})
    assert engine(tiny).identity.quantisation == "gptq"


def test_bfloat16_is_close_to_float32_and_another_identity(tiny: Path) -> None:
    half, full = HF(opened(tiny), dtype="bfloat16", device="cpu"), engine(tiny)
    found, wanted = [answered(one, [choosing(PROMPT)])[0].logprobs for one in (half, full)]
    assert found == pytest.approx(wanted, abs=0.05)
    assert found != wanted
    assert half.identity != full.identity


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"device": "tpu"}, "--device tpu: there are cpu, cuda and cuda:N."),
        ({"dtype": "int8"}, "--dtype int8: there are bfloat16, float16, float32."),
    ],
)
def test_a_device_or_a_number_that_is_none_is_refused(tiny: Path, how: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError) as error:
        HF(opened(tiny), **how)
    assert error.value.faults == (said,)


def test_a_gpu_that_is_not_there_is_refused(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RequestError, match=r"^--device cuda:1: torch sees no GPU here\."):
        HF(opened(tiny), device="cuda:1")
    assert HF(opened(tiny)).identity.dtype == "float32"


def test_without_the_libraries_it_is_told_how_to_get_them(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(known, "version", absent)
    told = f"{tiny}: weights need transformers and torch, which are not installed. Install them with: pip install "
    assert refused(tiny) == f"{told}'medeval-harness[hf]'."
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], "hf" in project["optional-dependencies"]) == ("medeval-harness", True)


# --- what cannot be loaded ----------------------------------------------------------------


@pytest.mark.parametrize("model_type", ["nurse", None, "", 7])
def test_an_unknown_architecture_is_refused(tiny: Path, model_type: object) -> None:
    config(tiny, model_type=model_type, architectures=None)
    assert refused(tiny).startswith(f"{tiny}: transformers knows no such architecture (")


@pytest.mark.parametrize("model_type", ["t5", "vit", "clip"])
def test_an_architecture_that_writes_no_text_is_refused(tiny: Path, model_type: str) -> None:
    small_files(tiny, {"config.json": {"model_type": model_type}})
    assert refused(tiny) == f"{tiny}: {model_type!r} is no architecture that writes text."


def test_a_tokenizer_that_is_none_is_refused(tiny: Path) -> None:
    small_files(tiny, {"tokenizer.json": {"version": "1.0", "model": {"type": "Nothing"}}})
    assert refused(tiny).startswith(f"{tiny}: the tokenizer cannot be loaded (")


def rewritten(folder: Path, **changes: Any) -> None:
    """Write the weights again with some tensors changed, and without those that are None."""
    path = folder / "model.safetensors"
    tensors = {name.replace(".", "_"): (name, tensor) for name, tensor in load_file(path).items()}
    kept = {name: changes.get(key, tensor) for key, (name, tensor) in tensors.items()}
    save_file({name: tensor for name, tensor in kept.items() if tensor is not None}, path, {"format": "pt"})


def test_a_missing_tensor_is_refused_by_name_and_never_drawn_at_random(tiny: Path) -> None:
    rewritten(tiny, model_layers_1_mlp_up_proj_weight=None)
    assert unloadable(tiny) == (
        f"{tiny}: 1 tensors are missing, the first is model.layers.1.mlp.up_proj.weight. "
        "The files are not those of this architecture."
    )


def test_a_tensor_of_another_shape_is_refused(tiny: Path) -> None:
    rewritten(tiny, lm_head_weight=torch.zeros(2000, 63))
    assert "lm_head.weight" in unloadable(tiny)


def test_weights_of_another_architecture_are_refused(tiny: Path) -> None:
    save_file({"transformer.wte.weight": torch.zeros(4, 4)}, tiny / "model.safetensors", {"format": "pt"})
    assert re.search(r"\d+ tensors are missing, the first is \S+\. The files", unloadable(tiny))


def test_a_tensor_that_is_tied_to_another_is_not_missing(tiny: Path) -> None:
    rewritten(tiny, lm_head_weight=None)
    config(tiny, tie_word_embeddings=True)
    (reply,) = answered(engine(tiny), [choosing(PROMPT)])
    assert len(reply.logprobs) == 4


def test_a_model_without_a_token_of_padding_or_end_can_be_asked(tiny: Path) -> None:
    said = json.loads((tiny / "tokenizer_config.json").read_text(encoding="utf-8"))
    small_files(tiny, {
        "tokenizer_config.json": {name: value for name, value in said.items() if not name.endswith("_token")},
        "generation_config.json": {},
    })  # fmt: skip
    config(tiny, eos_token_id=None, bos_token_id=None)
    one, alone = engine(tiny), Plain(tiny)
    prompts = [PROMPT, "What next?"]
    found = answered(one, [writing(prompt, 8) for prompt in prompts])
    assert [reply.text for reply in found] == [
        alone.tokenizer.decode(alone.model.generate(
            torch.tensor([alone.ids(prompt)]), max_new_tokens=8, do_sample=False, pad_token_id=0
        )[0, len(alone.ids(prompt)) :])
        for prompt in prompts
    ]  # fmt: skip


def test_the_command_refuses_an_unknown_architecture_before_any_data_is_asked(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config(tiny, model_type="nurse", architectures=None)
    (tmp_path / "data").mkdir()
    words = ["run", "--model", tiny, "--tasks", "medqa", "--offline", "--data", tmp_path / "data",
             "--reports", tmp_path / "reports"]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["medeval", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith(f"medeval: {tiny}: transformers knows no such architecture (")
    assert not list(tmp_path.glob("reports/*"))


# --- code that comes along ----------------------------------------------------------------

CONFIGURATION = """
from pathlib import Path
from transformers import LlamaConfig

Path(MARK).with_suffix(".configuration").touch()

class NurseConfig(LlamaConfig):
    model_type = "nurse"
"""
MODELING = """
from pathlib import Path
from transformers import LlamaForCausalLM
from .configuration_nurse import NurseConfig

Path(MARK).with_suffix(".modeling").touch()

class Nurse(LlamaForCausalLM):
    config_class = NurseConfig
"""


@pytest.fixture
def nurse(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with code of its own, which leaves a mark beside it when it runs."""
    modules = tiny.parent / "modules"
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(modules))
    monkeypatch.setattr(sys, "path", [*sys.path])
    mark = repr(str(tiny.parent / "mark"))
    return with_code(tiny, MODELING.replace("MARK", mark), CONFIGURATION.replace("MARK", mark))


def test_code_is_not_run_without_its_pin(nurse: Path) -> None:
    with pytest.raises(RequestError, match="which is not run unless it is named") as error:
        engine(nurse)
    assert error.value.exit_code == 2
    assert not list(nurse.parent.glob("mark*"))


def test_code_is_run_with_its_pin_and_answers_as_the_model_it_is(nurse: Path, models: Path) -> None:
    with pytest.raises(RequestError) as error:
        opened(nurse)
    pin = error.value.faults[0].split()[-1].rstrip(".")
    one = HF(opened(nurse, code=pin), dtype="float32", device="cpu")
    requests = [choosing(PROMPT), writing(PROMPT, 6), choosing(PROMPT, " yes, of course", " no")]
    found = answered(one, requests)
    assert {path.suffix for path in nurse.parent.glob("mark*")} == {".configuration", ".modeling"}
    assert type(one._tongue.config).__name__ == "NurseConfig"
    assert found == answered(engine(models / "tiny-base"), requests)


def test_what_lies_in_a_folder_without_being_named_is_not_run(tiny: Path) -> None:
    mark = tiny.parent / "mark"
    small_files(tiny, {"modeling_llama.py": f"open({str(mark)!r}, 'w')", "conftest.py": f"open({str(mark)!r}, 'w')"})
    answered(engine(tiny), [choosing(PROMPT)])
    assert not mark.exists()


# --- rendering ----------------------------------------------------------------------------


def test_a_text_is_read_as_it_stands(models: Path) -> None:
    one = engine(models / "tiny-base")
    rendered = one.render(choosing(PROMPT))
    assert rendered.text == PROMPT
    assert rendered.ids == tuple(Plain(models / "tiny-base").ids(PROMPT))


def test_a_tokenizer_that_begins_texts_with_a_token_of_its_own_does_so_once(models: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, processors

    folder = Path(shutil.copytree(models / "tiny-chat", tmp_path / "tiny"))
    cutter = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cutter.post_processor = processors.TemplateProcessing(single="<|end|> $A", special_tokens=[("<|end|>", 0)])
    cutter.save(str(folder / "tokenizer.json"))
    template = (folder / "chat_template.jinja").read_text(encoding="utf-8")
    (folder / "chat_template.jinja").write_text("<|end|>" + template, encoding="utf-8")
    one, alone = engine(folder), Plain(folder)
    rendered = one.render(chatting("Which?")).ids
    assert rendered is not None
    assert [rendered.count(0), rendered[0]] == [1, 0]
    texts = [choosing(PROMPT), choosing(PROMPT, " yes", " no doubt"), choosing(PROMPT[:-7] + "the h", "eart", "and")]
    for request, reply in zip(texts, answered(one, texts), strict=True):
        wholes = [[0, *alone.ids(request.text + choice.text)] for choice in request.choices]
        entire = [alone.sequence(whole, 1) for whole in wholes]
        assert [value - reply.logprobs[0] for value in reply.logprobs] == pytest.approx(
            [value - entire[0] for value in entire], abs=5e-5
        )
        assert reply.prompt_tokens == len(alone.ids(request.text)) + 1


def test_the_makers_way_of_drawing_is_told(models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models / "tiny-thinking", tmp_path / "tiny"))
    said = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    drawn = {"do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95}
    small_files(folder, {"generation_config.json": said | drawn})
    assert engine(folder).abilities.decoding == Decoding(temperature=0.6, top_k=20, top_p=0.95)
