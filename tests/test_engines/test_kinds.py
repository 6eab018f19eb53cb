"""What a model is by its files: a table of real families, written down by people who had not seen the rule."""

import json
from pathlib import Path
from typing import Any

import pytest

from medeval.engines.kinds import Files, Nature, nature
from medeval.engines.weights import _files, _object
from medeval.errors import RequestError
from medeval.records import Decoding, Kind
from tests.model_folders import CHAT, small_files

TABLE = Path(__file__).parents[1] / "goldens" / "kinds.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
TOKENS = {0: "<end>", 1: "<turn_end>"}


def told(case: dict[str, Any], folder: Path) -> Nature:
    """What the files of a case say, read from disk as those of a model are."""
    path = small_files(folder / case["name"], case["files"])
    return nature(_files(path, _object(path / "config.json") or {}))


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] != "error"], ids=lambda case: case["name"])
def test_a_model_is_of_the_kind_that_its_family_says(case: dict[str, Any], tmp_path: Path) -> None:
    found = told(case, tmp_path)
    assert (found.kind or "ask", found.switch, found.opens) == (case["kind"], case["switch"], case["opens"])
    assert found.why


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] == "error"], ids=lambda case: case["name"])
def test_a_model_whose_files_cannot_be_read_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        told(case, tmp_path)
    assert len(refused.value.faults) == 1


def test_the_table_knows_every_kind() -> None:
    counts = {kind: sum(case["kind"] == kind for case in CASES) for kind in ("base", "chat", "reasoning", "ask")}
    assert min(counts.values()) >= 9
    assert {case["switch"] for case in CASES} >= {"", "enable_thinking", "thinking"}


def files(name: str = "ward-7b", template: str = CHAT, ends: object = 1, **more: Any) -> Files:
    return Files(
        name=name, config={"eos_token_id": ends}, chat_template=template, added_tokens=TOKENS,
        tokenizer_config={"eos_token": "<end>"}, **more,
    )  # fmt: skip


# --- what speaks against itself -----------------------------------------------------------


TURNS = "its chat template ends turns with <turn_end>, which is "


@pytest.mark.parametrize(
    ("name", "template", "ends", "why"),
    [
        ("ward-7b-instruct", CHAT, 0, f"a chat model, but {TURNS}not among its end tokens (<end>)"),
        ("ward-7b-it", "", 0, "a chat model, but it has no chat template"),
        ("clinic/ward-Chat", "", 0, "a chat model, but it has no chat template"),
        ("ward-R1-7b", "", 0, "a thinking model, but it has no chat template"),
        ("ward-7b-base", CHAT, 1, f"a base model, but {TURNS}among its end tokens"),
        (
            "ward-Thinking",
            CHAT,
            1,
            f"a thinking model, but {TURNS}among its end tokens, and it knows nothing of thinking",
        ),
    ],
)
def test_signs_that_contradict_each_other_are_no_kind(name: str, template: str, ends: int, why: str) -> None:
    found = nature(files(name, template, ends))
    assert (found.kind, found.why) == (None, f"its name is that of {why}")


def test_a_turn_that_no_token_ends_is_of_no_kind() -> None:
    found = nature(files(template="{{ messages | map(attribute='content') | join }}"))
    assert (found.kind, found.why) == (None, "its chat template ends the model's turn with no token that can be told")


@pytest.mark.parametrize("said", ["base", "chat", "reasoning"])
def test_what_the_user_says_is_taken_for_true(said: Kind) -> None:
    assert nature(files("ward-7b-instruct", CHAT, 0), said).kind == said
    assert nature(files("ward-7b", CHAT, 1), said).kind == said


@pytest.mark.parametrize("name", ["italy-7b", "baseline-7b", "r12-7b", "permit"])
def test_a_name_says_something_only_as_a_word_of_its_own(name: str) -> None:
    assert nature(files(name, "", 0)).kind == "base"
    assert nature(files(name)).kind == "chat"


# --- what the template says ---------------------------------------------------------------


@pytest.mark.parametrize("switch", ["enable_thinking", "thinking"])
def test_a_switch_of_the_template_makes_a_model_that_thinks(switch: str) -> None:
    found = nature(files(template=CHAT + "{% if not " + switch + " %}<think></think>{% endif %}"))
    assert (found.kind, found.switch, found.opens) == ("reasoning", switch, False)


def test_a_template_that_begins_a_trace_is_known_to() -> None:
    found = nature(files(template=CHAT + "{% if add_generation_prompt %}<turn>assistant: <think>\n{% endif %}"))
    assert (found.kind, found.switch, found.opens) == ("reasoning", "", True)


@pytest.mark.parametrize(
    "listed", [CHAT, [{"name": "tools", "template": "{{ tools }}"}, {"name": "default", "template": CHAT}]]
)
def test_a_template_may_stand_in_the_tokenizers_configuration(listed: object) -> None:
    found = nature(
        Files(
            name="ward", config={"eos_token_id": 1}, added_tokens=TOKENS,
            tokenizer_config={"eos_token": {"content": "<end>"}, "chat_template": listed},
        )
    )  # fmt: skip
    assert (found.kind, found.template) == ("chat", CHAT)


def test_the_end_tokens_of_the_generation_outweigh_those_of_the_configuration() -> None:
    assert nature(files(ends=0, generation_config={"eos_token_id": [0, 1]})).kind == "chat"
    assert nature(files(ends=1, generation_config={"eos_token_id": 0})).kind == "base"
    nested = Files(name="ward", config={"text_config": {"eos_token_id": 1}}, chat_template=CHAT, added_tokens=TOKENS)
    assert nature(nested).kind == "chat"


@pytest.mark.parametrize("ends", ["two", [1, "two"], {"id": 1}, 1.5])
def test_end_tokens_that_are_no_numbers_are_refused(ends: object) -> None:
    with pytest.raises(RequestError, match="neither a number nor a list of numbers"):
        nature(files(ends=ends))


@pytest.mark.parametrize("template", ["{% for message in messages %}", "{{ messages", "{% nothing %}"])
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(RequestError, match=r"^the chat template is not valid \("):
        nature(files(template=template))


def test_a_template_is_foreign_code_and_runs_in_a_sandbox(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    steps = "self.__init__.__globals__.__builtins__.open"
    with pytest.raises(Exception, match="unsafe"):
        nature(files(template="{{ " + f"{steps}('{mark}', 'w').write('x')" + " }}" + CHAT))
    assert not mark.exists()


# --- how its makers draw ------------------------------------------------------------------


def test_how_the_makers_draw_is_read_from_the_generation_configuration() -> None:
    drawn = {"do_sample": True, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.01,
             "repetition_penalty": 1.05, "eos_token_id": 1}  # fmt: skip
    assert nature(files(generation_config=drawn)).decoding == Decoding(
        temperature=0.6, top_p=0.95, top_k=20, min_p=0.01, repetition_penalty=1.05
    )


@pytest.mark.parametrize("config", [None, {}, {"eos_token_id": 1}, {"do_sample": False}])
def test_makers_who_say_nothing_of_drawing_have_no_decoding(config: dict[str, Any] | None) -> None:
    assert nature(files(generation_config=config)).decoding is None
