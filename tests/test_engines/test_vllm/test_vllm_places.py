"""Places: on which GPUs each copy of a model runs, how much memory it keeps, and what cannot be."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from medeval.engines.vllm.places import Shape, fits, places
from medeval.errors import RequestError

torch = pytest.importorskip("torch", reason="it is torch that counts GPUs")

Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with some GPUs, of which some are named."""

    def make(gpus: int = 0, named: str | None = None) -> None:
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.delenv("VLLM_CPU_KVCACHE_SPACE", raising=False)
        if named is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)

    return make


def built(**said: Any) -> Any:
    """A model's configuration: 7 B parameters, unless more is said."""
    plain = {
        "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "max_position_embeddings": 32_768,
    }  # fmt: skip
    return SimpleNamespace(get_text_config=lambda: SimpleNamespace(**plain | said))


def gpus(shape: Shape, device: str = "cuda") -> list[str]:
    """The GPUs of each copy."""
    found = places(shape, device, built())
    assert all(list(each) == ["CUDA_VISIBLE_DEVICES"] for each in found)
    return [each["CUDA_VISIBLE_DEVICES"] for each in found]


def refused(shape: Shape, device: str) -> str:
    with pytest.raises(RequestError) as found:
        fits(shape, device)
    (fault,) = found.value.faults
    return fault


# --- GPUs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        (Shape(), ["0"]), (Shape(tensor_parallel=4), ["0,1,2,3"]), (Shape(data_parallel=3), ["0", "1", "2"]),
        (Shape(tensor_parallel=2, data_parallel=2), ["0,1", "2,3"]), (Shape(pipeline_parallel=2), ["0,1"]),
        (Shape(tensor_parallel=2, pipeline_parallel=2, data_parallel=2), ["0,1,2,3", "4,5,6,7"]),
    ],
    ids=lambda each: "",
)  # fmt: skip
def test_every_copy_has_gpus_of_its_own(machine: Machine, shape: Shape, wanted: list[str]) -> None:
    machine(8)
    fits(shape, "cuda")
    assert gpus(shape) == wanted


@pytest.mark.parametrize("named", ["3,5,7,6", "GPU-aa,GPU-bb,GPU-cc,MIG-dd"])
def test_gpus_that_the_user_names_are_taken_by_those_names(machine: Machine, named: str) -> None:
    machine(4, named)
    one, two, three, four = named.split(",")
    assert gpus(Shape(data_parallel=4)) == [one, two, three, four]
    assert gpus(Shape(tensor_parallel=2, data_parallel=2)) == [f"{one},{two}", f"{three},{four}"]
    assert gpus(Shape(), "cuda:2") == [three]


def test_one_gpu_may_be_asked_for_by_its_number(machine: Machine) -> None:
    machine(4)
    fits(Shape(), "cuda:3")
    assert gpus(Shape(), "cuda:3") == ["3"]


def test_more_gpus_than_there_are_are_refused(machine: Machine) -> None:
    machine(4)
    assert refused(Shape(tensor_parallel=8), "cuda") == "8 GPUs are asked for, and 4 are seen here."
    assert refused(Shape(tensor_parallel=2, pipeline_parallel=2, data_parallel=2), "cuda").startswith("8 GPUs are")
    machine(8, "0,1")
    assert refused(Shape(data_parallel=3), "cuda") == "3 GPUs are asked for, and 2 are seen here."


@pytest.mark.parametrize("device", ["cuda:2", "cuda:one", "cuda:-1"])
def test_a_gpu_that_is_not_there_is_refused(machine: Machine, device: str) -> None:
    machine(2)
    assert refused(Shape(), device) == f"--device {device}: 2 GPUs are seen here, numbered from 0."


def test_one_gpu_cannot_be_several(machine: Machine) -> None:
    machine(4)
    assert refused(Shape(tensor_parallel=2), "cuda:1") == (
        "--device cuda:1 is one GPU, and 2 are asked for. Name them in CUDA_VISIBLE_DEVICES."
    )


# --- CPUs ---------------------------------------------------------------------------------


def kept(shape: Shape, **config: Any) -> str:
    (place,) = places(shape, "cpu", built(**config))
    return place["VLLM_CPU_KVCACHE_SPACE"]


def test_on_a_cpu_every_copy_keeps_as_much_as_some_prompts_take(machine: Machine) -> None:
    machine()
    # 2 × 32 layers × 8 heads × 128 wide × 4 bytes × 32,768 tokens are exactly eight GiB.
    assert kept(Shape()) == "8"
    assert kept(Shape(), num_hidden_layers=16) == "4"
    assert kept(Shape(), num_hidden_layers=1, num_key_value_heads=1) == "1"
    assert kept(Shape(), num_hidden_layers=16, head_dim=64) == "2"
    assert kept(Shape(), num_hidden_layers=16, num_key_value_heads=None, hidden_size=1024) == "4"
    assert kept(Shape(), max_position_embeddings=1_000_000) == "8"


def test_copies_on_a_cpu_are_as_many_as_are_asked_for(machine: Machine) -> None:
    machine()
    fits(Shape(data_parallel=3), "cpu")
    assert places(Shape(data_parallel=3), "cpu", built()) == [{"VLLM_CPU_KVCACHE_SPACE": "8"}] * 3


def test_what_the_user_said_of_memory_stands_before_ours(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    assert places(Shape(memory=0.5), "cpu", built()) == [{}]
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "40")
    assert kept(Shape()) == "40"


# --- what cannot be -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tensor_parallel", "pipeline_parallel", "data_parallel"])
@pytest.mark.parametrize("count", [0, -1])
def test_there_is_one_of_each_at_least(name: str, count: int) -> None:
    shape = Shape(**{name: count})  # type: ignore[arg-type]
    assert refused(shape, "cpu") == f"--{name.replace('_', '-')} {count}: it is 1 at least."


@pytest.mark.parametrize("share", [-0.1, 1.01, 90.0, float("nan"), float("inf")])
def test_a_share_of_memory_is_a_share(share: float) -> None:
    assert refused(Shape(memory=share), "cpu") == f"--memory {share:g}: a share of a device's memory, from 0 to 1."


@pytest.mark.parametrize("patience", [0.0, -3.0, float("nan")])
def test_some_patience_is_needed(patience: float) -> None:
    assert refused(Shape(patience=patience), "cpu") == f"--patience {patience:g}: seconds, more than none."


def test_the_whole_memory_of_a_device_may_be_asked_for() -> None:
    fits(Shape(memory=1.0, patience=0.1), "cpu")
