"""A folder of weights before anything of it is loaded: whole, safe, and told from every other."""

import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from medeval.engines.weights import Weights, opened
from medeval.errors import RequestError
from tests.model_folders import CHAT, CONFIG, shard, sharded, small_files, whole, with_code

SMALL_FILES = (
    "config.json", "generation_config.json", "chat_template.jinja", "tokenizer.json", "tokenizer.model", "vocab.json",
    "vocab.txt", "tokenizer_config.json", "merges.txt", "special_tokens_map.json", "added_tokens.json",
)  # fmt: skip


def refused(folder: Path, **how: str) -> str:
    """The one sentence by which a folder is refused."""
    with pytest.raises(RequestError) as error:
        opened(folder, code=how.get("code", ""))
    (sentence,) = error.value.faults
    assert error.value.exit_code == 2
    assert "\n" not in sentence
    return sentence


# --- whole --------------------------------------------------------------------------------


def test_a_whole_folder_is_opened(tmp_path: Path) -> None:
    weights = opened(whole(tmp_path / "ward"))
    assert (weights.folder, weights.nature.kind, weights.code) == (tmp_path / "ward", "base", False)
    assert re.fullmatch(r"headers:[0-9a-f]{32}", weights.content)
    assert opened(sharded(tmp_path / "shards")).nature.kind == "base"


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    said = "no such folder. A model is a folder with config.json, a tokenizer and *.safetensors."
    assert refused(tmp_path / "nothing") == f"{tmp_path}/nothing: {said}"
    file = small_files(tmp_path, {"file": "x"}) / "file"
    assert refused(file) == f"{file}: {said}"


def test_a_folder_without_a_configuration_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: no config.json, so this is no folder of a model."


def test_an_adapter_is_refused_as_one(tmp_path: Path) -> None:
    small_files(tmp_path, {"adapter_config.json": {"base_model_name_or_path": "acme/ward"}})
    shard(tmp_path / "adapter_model.safetensors")
    assert refused(tmp_path).endswith("It is an adapter: merge it into its model first.")


@pytest.mark.parametrize("text", ["", "{", "config", '{"a": 1,}'])
def test_a_configuration_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    small_files(whole(tmp_path), {"config.json": text})
    assert refused(tmp_path).startswith(f"{tmp_path}/config.json: cannot be read as JSON (")


def test_a_configuration_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (whole(tmp_path) / "config.json").write_bytes(b"\xff\xfe\x00")
    assert refused(tmp_path).startswith(f"{tmp_path}/config.json: cannot be read as JSON (")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "generation_config.json"])
def test_a_small_file_that_is_no_object_is_refused(tmp_path: Path, name: str) -> None:
    small_files(whole(tmp_path), {name: [1, 2]})
    assert refused(tmp_path).endswith(f"{tmp_path}/{name}: found [1, 2], not an object.")


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    small_files(tmp_path, {"config.json": CONFIG})
    shard(tmp_path / "model.safetensors")
    assert refused(tmp_path) == (
        f"{tmp_path}: no tokenizer. Copy tokenizer.json and tokenizer_config.json beside config.json."
    )


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth", "model.pt", "epoch.ckpt"])
def test_pickled_weights_alone_are_refused(tmp_path: Path, name: str) -> None:
    (whole(tmp_path) / "model.safetensors").rename(tmp_path / name)
    assert refused(tmp_path) == (
        f"{tmp_path}: only pickled weights ({name}), which can run code when they are opened. "
        "Convert them to safetensors."
    )


def test_pickled_weights_beside_others_are_left_alone(tmp_path: Path) -> None:
    plain = opened(whole(tmp_path)).content
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    assert opened(tmp_path).content == plain


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (whole(tmp_path) / "model.safetensors").unlink()
    assert refused(tmp_path) == (
        f"{tmp_path}: no weights; looked for model.safetensors and model.safetensors.index.json."
    )


def test_a_shard_that_the_index_names_must_be_there(tmp_path: Path) -> None:
    (sharded(tmp_path) / "model-00002-of-00003.safetensors").unlink()
    assert refused(tmp_path) == (
        f"{tmp_path}: 1 of 3 shards are missing (model-00002-of-00003.safetensors). Download again."
    )


def test_a_link_of_the_hubs_cache_that_leads_nowhere_is_a_missing_shard(tmp_path: Path) -> None:
    path = sharded(tmp_path) / "model-00001-of-00003.safetensors"
    path.unlink()
    path.symlink_to(tmp_path / "blobs" / "gone")
    assert "1 of 3 shards are missing (model-00001-of-00003.safetensors)" in refused(tmp_path)


@pytest.mark.parametrize("index", [{}, {"weight_map": {}}, {"weight_map": None}])
def test_an_index_without_shards_is_refused(tmp_path: Path, index: object) -> None:
    small_files(sharded(tmp_path), {"model.safetensors.index.json": index})
    assert "its weight_map names no shards" in refused(tmp_path)


@pytest.mark.parametrize("shards", [["model-00001-of-00003.safetensors"], "model-00001-of-00003.safetensors", 3])
def test_an_index_that_is_no_index_is_refused(tmp_path: Path, shards: object) -> None:
    small_files(sharded(tmp_path), {"model.safetensors.index.json": {"weight_map": shards}})
    assert "model.safetensors.index.json" in refused(tmp_path)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.99])
def test_a_shard_that_was_cut_is_refused(tmp_path: Path, kept: float) -> None:
    path = shard(whole(tmp_path) / "model.safetensors", {"weight": [1.0] * 300})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refused(tmp_path) == (
        f"{path}: the shard is damaged ({len(content) - int(len(content) * kept):,} bytes are missing). "
        "Download it again."
    )


def test_a_shard_that_goes_on_behind_its_end_is_refused(tmp_path: Path) -> None:
    path = whole(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes() + b"more")
    assert refused(tmp_path) == f"{path}: the shard is damaged (4 bytes too many). Download it again."


def header(value: object) -> bytes:
    encoded = value if isinstance(value, bytes) else json.dumps(value).encode()
    return struct.pack("<Q", len(encoded)) + encoded


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x01\x00", b"\x00" * 8, b"\xff" * 64, b"<html>404 not found</html>", header(b"{"), header(b"\xff\xff"),
        header([]), header("x"), header(None), header({"w": 1}), header({"w": {}}), header({"w": {"data_offsets": 4}}),
        header({"w": {"data_offsets": ["0", "4"]}}), header({"w": {"data_offsets": None}}),
        header({"w": {"data_offsets": []}}), header({"w": {"data_offsets": [0]}}), header(b"[" * 100_000),
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b125\n",
    ],
    ids=range(19),
)  # fmt: skip
def test_a_header_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = whole(tmp_path) / "model.safetensors"
    path.write_bytes(content)
    assert refused(tmp_path) == f"{path}: no whole safetensors file (its header cannot be read). Download it again."


def test_of_one_file_and_an_index_the_one_file_counts_since_it_is_what_is_loaded(tmp_path: Path) -> None:
    # As transformers chooses: else one set of weights would be looked at, and another loaded.
    path = shard(sharded(tmp_path) / "model.safetensors")
    (tmp_path / "model-00002-of-00003.safetensors").unlink()
    assert opened(tmp_path).nature.kind == "base"
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(tmp_path) == f"{path}: the shard is damaged (1 bytes are missing). Download it again."


def test_weights_that_the_configuration_names_elsewhere_are_refused(tmp_path: Path) -> None:
    # Transformers loads the file of `transformers_weights`, whatever else lies there: it was never looked at.
    shard(whole(tmp_path, transformers_weights="other.safetensors") / "other.safetensors", {"weight": [9.0]})
    assert "transformers_weights" in refused(tmp_path)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"chat_template.jinja": "{% for %}"}, "the chat template is not valid ("),
        ({"chat_template.jinja": "{{ raise_exception('no') }}"}, "the chat template refuses: no"),
        ({"chat_template.jinja": "{{ 1 / 0 }}"}, "the chat template fails (ZeroDivisionError: division by zero)."),
        ({"generation_config.json": {"eos_token_id": "two"}}, "eos_token_id is 'two', neither a number"),
    ],
)
def test_a_template_or_an_end_that_cannot_be_is_refused_with_its_folder(
    tmp_path: Path, files: dict[str, object], said: str
) -> None:
    small_files(whole(tmp_path), {"chat_template.jinja": CHAT} | files)
    assert refused(tmp_path).startswith(f"{tmp_path}: {said}")


def test_signs_that_contradict_each_other_are_asked_about(tmp_path: Path) -> None:
    folder = whole(tmp_path / "ward-7b-instruct")
    assert refused(folder) == (
        f"{folder}: what kind of model is it? its name is that of a chat model, but it has no chat template. "
        "Say --kind base, chat or reasoning."
    )
    assert opened(folder, kind="base").nature.kind == "base"


def test_a_folder_of_the_hubs_cache_has_the_name_of_its_repository(tmp_path: Path) -> None:
    folder = whole(tmp_path / "models--acme--ward-7b-Instruct" / "snapshots" / ("c" * 40))
    assert "its name is that of a chat model" in refused(folder)
    assert opened(whole(tmp_path / "models--acme--ward-7b" / "snapshots" / ("c" * 40))).nature.kind == "base"


# --- who it is ----------------------------------------------------------------------------


def full(folder: Path) -> str:
    return opened(folder, verify=True).content


@pytest.mark.parametrize("name", SMALL_FILES)
def test_any_small_file_that_changes_makes_another_model(tmp_path: Path, name: str) -> None:
    plain = opened(whole(tmp_path), kind="base").content
    before = (tmp_path / name).read_text(encoding="utf-8") if (tmp_path / name).is_file() else "{}"
    small_files(tmp_path, {name: before + "\n"})
    assert opened(tmp_path, kind="base").content != plain


@pytest.mark.parametrize("name", ["qwen.tiktoken", "sentencepiece.bpe.model"])
def test_vocabularies_under_other_names_tell_models_apart_too(tmp_path: Path, name: str) -> None:
    plain = opened(small_files(whole(tmp_path), {name: "IQ== 0\n"})).content
    assert opened(small_files(tmp_path, {name: "IQ== 1\n"})).content != plain


@pytest.mark.parametrize("name", ["README.md", "training_args.json", ".gitattributes", "events.out"])
def test_what_changes_no_reply_changes_no_identity(tmp_path: Path, name: str) -> None:
    plain = opened(whole(tmp_path)).content
    assert opened(small_files(tmp_path, {name: "anything"})).content == plain


def test_the_place_of_a_folder_is_no_part_of_its_content(tmp_path: Path) -> None:
    assert opened(whole(tmp_path / "one")).content == opened(whole(tmp_path / "other")).content


@pytest.mark.parametrize("tensors", [{"weighs": [1.0, 2.0, 3.0]}, {"weight": [1.0, 2.0, 3.0, 4.0]}])
def test_another_header_makes_another_model(tmp_path: Path, tensors: dict[str, list[float]]) -> None:
    plain, verified = opened(whole(tmp_path)).content, full(tmp_path)
    shard(tmp_path / "model.safetensors", tensors)
    assert opened(tmp_path).content != plain
    assert full(tmp_path) != verified


def test_the_same_weights_in_other_shards_are_another_content(tmp_path: Path) -> None:
    assert opened(sharded(tmp_path / "two", 2)).content != opened(sharded(tmp_path / "three", 3)).content


def test_another_value_of_a_weight_is_seen_only_where_weights_are_verified(tmp_path: Path) -> None:
    plain, verified = opened(whole(tmp_path)).content, full(tmp_path)
    assert verified.startswith("full:")
    shard(tmp_path / "model.safetensors", {"weight": [1.0, 2.0, 4.0]})
    assert opened(tmp_path).content == plain
    assert full(tmp_path) not in (verified, plain)


def test_the_identity_of_shards_rests_on_every_one_of_them(tmp_path: Path) -> None:
    plain, verified = opened(sharded(tmp_path)).content, full(tmp_path)
    shard(tmp_path / "model-00003-of-00003.safetensors", {"layer.2": [1.0, 2.5]})
    assert (opened(tmp_path).content, full(tmp_path) != verified) == (plain, True)


# --- code that comes along ----------------------------------------------------------------


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """A model with code of its own, which would leave a mark if it ran."""
    mark = f"from pathlib import Path\nPath({str(tmp_path / 'mark')!r}).touch()\n"
    return with_code(whole(tmp_path / "nurse"), mark, mark)


def pin_in(sentence: str) -> str:
    """The pin that a refusal offers."""
    found = re.search(r"Read it, and then add --remote-code ([0-9a-f]{40})\.$", sentence)
    assert found
    return found[1]


def test_code_without_a_pin_is_refused_and_never_run(coded: Path) -> None:
    sentence = refused(coded)
    assert sentence.startswith(
        f"{coded}: this model comes with Python code (configuration_nurse.py, modeling_nurse.py), "
        "which is not run unless it is named. Read it, and then add --remote-code "
    )
    assert not (coded.parent / "mark").exists()


@pytest.mark.parametrize("pin", ["yes", "main", "true", "*", "0" * 40])
def test_a_pin_of_other_code_is_refused(coded: Path, pin: str) -> None:
    assert f"The pin {pin} is not that of this code." in refused(coded, code=pin)


def test_a_part_of_the_pin_is_no_pin(coded: Path) -> None:
    pin = pin_in(refused(coded))
    for part in (pin[:12], pin[:39], pin.upper(), f" {pin}"):
        assert "is not that of this code" in refused(coded, code=part)


def test_code_with_its_pin_may_be_run(coded: Path) -> None:
    assert opened(coded, code=pin_in(refused(coded))).code


def changed(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("# another line\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["modeling_nurse.py", "configuration_nurse.py", "more.py", "layers/attention.py"])
def test_a_pin_holds_only_as_long_as_no_code_changes(coded: Path, name: str) -> None:
    pin = pin_in(refused(coded))
    assert "is not that of this code" in refused(changed(coded, name), code=pin)


@pytest.mark.parametrize("name", ["modeling_nurse.py", "configuration_nurse.py"])
def test_other_code_makes_another_model(coded: Path, name: str) -> None:
    before: Weights = opened(coded, code=pin_in(refused(coded)))
    changed(coded, name)
    assert opened(coded, code=pin_in(refused(coded))).content != before.content


def test_a_commit_of_the_hub_is_a_pin(tmp_path: Path) -> None:
    folder = with_code(whole(tmp_path / "models--acme--nurse" / "snapshots" / ("c" * 40)))
    assert opened(folder, code="c" * 40).code
    assert "is not that of this code" in refused(folder, code="d" * 40)
    # Any other folder may be called whatever its writer likes.
    assert "is not that of this code" in refused(with_code(whole(tmp_path / ("c" * 40))), code="c" * 40)


def test_code_of_a_tokenizer_is_code_too(tmp_path: Path) -> None:
    small_files(
        whole(tmp_path), {"tokenizer_config.json": {"auto_map": {"AutoTokenizer": ["tokenization_nurse.Nurse", None]}}}
    )
    assert "comes with Python code (missing)" in refused(tmp_path)


@pytest.mark.parametrize("pin", ["", "c" * 40])
def test_code_of_another_repository_is_refused_with_any_pin(tmp_path: Path, pin: str) -> None:
    whole(tmp_path, auto_map={"AutoModelForCausalLM": "acme/nurse--modeling_nurse.Nurse"})
    assert refused(tmp_path, code=pin) == (
        f"{tmp_path}: its configuration names code of another repository (acme/nurse--modeling_nurse.Nurse). "
        "Put that code into the folder, and name it so."
    )


def test_a_pin_without_code_allows_nothing(tmp_path: Path) -> None:
    assert not opened(small_files(whole(tmp_path), {"modeling.py": "x = 1"}), code="c" * 40).code


# --- the command --------------------------------------------------------------------------


class Bad(NamedTuple):
    """A folder that is no good model, and what is said of it."""

    make: Callable[[Path], object]
    said: str


BAD = {
    "no folder": Bad(lambda folder: None, "no such folder"),
    "no weights": Bad(lambda folder: (whole(folder) / "model.safetensors").unlink(), "no weights; looked for"),
    "a cut shard": Bad(
        lambda folder: (whole(folder) / "model.safetensors").write_bytes(b"\x10" + b"\x00" * 20),
        "(its header cannot be read)",
    ),
    "code": Bad(lambda folder: with_code(whole(folder), "open('mark', 'w')"), "comes with Python code"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_the_command_refuses_a_bad_model_before_any_data_is_asked(tmp_path: Path, bad: Bad) -> None:
    bad.make(tmp_path / "ward")
    (tmp_path / "data").mkdir()  # without a row: asked for data, it would say so
    ended = subprocess.run(
        [sys.executable, "-m", "medeval", "run", "--model", tmp_path / "ward", "--tasks", "medqa", "--offline",
         "--data", tmp_path / "data", "--reports", tmp_path / "reports"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith("medeval: ")
    assert f"{tmp_path}/ward" in sentence
    assert bad.said in sentence
    assert not list(tmp_path.glob("reports/*"))
    assert not (tmp_path / "mark").exists()
