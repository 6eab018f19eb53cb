"""Judges and the judged: who is kin, by content and by name."""

import pytest

from medeval.records import Identity
from medeval.scoring.families import FAMILIES, KIN, families_of, kin


def named(model: str, content: str = "", adapter: str = "") -> Identity:
    return Identity(engine="hf", version="1", model=model, content=content, adapter=adapter)


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", {"qwen"}),
        ("qwen3-235b-a22b", {"qwen"}),
        ("Qwen2-VL-7B", {"qwen"}),
        ("QwQ-32B", {"qwen"}),
        ("meta-llama/Llama-3.1-8B", {"llama"}),
        ("lmsys/vicuna-13b-v1.5", {"llama"}),
        ("epfl-llm/meditron-7b", {"llama"}),
        ("TinyLlama-1.1B", {"llama"}),
        ("mixtral-8x7b", {"mistral"}),
        ("BioMistral/BioMistral-7B", {"mistral"}),
        ("google/medgemma-27b-text-it", {"gemma"}),
        ("gemma-3-27b-it", {"gemma"}),
        ("THUDM/chatglm3-6b", {"glm"}),
        ("glm-4-9b-chat", {"glm"}),
        ("FreedomIntelligence/HuatuoGPT-o1-7B", {"huatuo"}),
        ("baichuan2-13b-chat", {"baichuan"}),
        ("Yi-1.5-34B", {"yi"}),
        ("gpt-4o-2024-08-06", {"gpt"}),
        ("GPT4", {"gpt"}),
        ("Phi-3.5-mini", {"phi"}),
        ("DeepSeek-R1-Distill-Qwen-7B", {"deepseek", "qwen"}),
        ("deepseek-r1-distill-llama-70b", {"deepseek", "llama"}),
        ("checkpoint-1200", set()),
        ("my-doctor", set()),
        ("Fuyi-Med", set()),
        ("sophia-2b", set()),
        ("", set()),
    ],
)
def test_families_are_found_in_the_names_that_models_have(name: str, families: set[str]) -> None:
    assert families_of(name) == families


def test_every_family_is_known_by_its_own_name_and_grew_out_of_a_known_one() -> None:
    assert all(families_of(family) == {KIN.get(family, family)} for family in FAMILIES)
    assert {*KIN} | {*KIN.values()} <= {*FAMILIES}


def test_the_same_content_is_the_model_itself_whatever_it_is_called() -> None:
    assert kin(named("a", "c0ffee"), named("b", "c0ffee")) == "the model itself"
    assert kin(named("a", "c0ffee"), named("b", "decaf")) == ""


def test_another_adapter_is_another_model() -> None:
    assert kin(named("a", "c0ffee", "one"), named("b", "c0ffee", "two")) == ""
    assert kin(named("a", "c0ffee", "one"), named("b", "c0ffee", "one")) == "the model itself"


def test_where_a_server_tells_no_content_its_name_is_all_that_is_known() -> None:
    assert kin(named("my-doctor"), named("my-doctor")) == "the model itself"
    assert kin(named("my-doctor", "c0ffee"), named("my-doctor")) == "the model itself"
    assert kin(named("my-doctor", "c0ffee"), named("my-doctor", "decaf")) == ""
    assert kin(named("my-doctor"), named("your-doctor")) == ""


@pytest.mark.parametrize(
    ("model", "judge", "family"),
    [
        ("Qwen/Qwen2.5-7B", "qwen3-32b", "qwen"),
        ("llama-3-8b", "vicuna-13b", "llama"),
        ("medgemma-4b-it", "gemma-3-27b-it", "gemma"),
        ("DeepSeek-R1-Distill-Qwen-7B", "qwen-max", "qwen"),
        ("Mistral-7B", "mixtral-8x22b", "mistral"),
    ],
)
def test_a_judge_of_the_same_family_is_told_with_its_name(model: str, judge: str, family: str) -> None:
    assert kin(named(model, "1"), named(judge, "2")) == f"of the model's family ({family})"
    assert kin(named(judge, "2"), named(model, "1")) == f"of the model's family ({family})"


@pytest.mark.parametrize(("model", "judge"), [("qwen3-8b", "llama-3-8b"), ("checkpoint", "gpt-4o"), ("yi-34b", "phi")])
def test_judges_of_other_families_are_no_kin(model: str, judge: str) -> None:
    assert kin(named(model, "1"), named(judge, "2")) == ""
