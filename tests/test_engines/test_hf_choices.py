"""Log-probabilities of choices: as transformers alone says them, however they are put together."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

import torch

from medeval.engines.base import sound
from medeval.engines.hf import HF
from medeval.engines.hf.batches import BEGINNING, Row, grouped
from medeval.engines.hf.forward import Forward
from medeval.engines.hf.loading import out_of_memory
from medeval.records import Failure, Request, Response
from tests.tiny_engines import (
    LETTERS,
    Plain,
    answered,
    arrived,
    chatting,
    choosing,
    engine,
    model_of,
    reading,
    replies,
    submit,
    writing,
)

# Far more than rounding in float32 makes, and far less than a wrong token or position would.
NEAR = 1e-5
QUESTIONS = [
    f"Question: {words}?\nA. aspirin\nB. heparin\nC. warfarin\nD. none\nAnswer:"
    for words in (
        "Which drug", "Which drug is given first", "高血压患者首选的降压药是什么", "What", "Why " * 40,
        "A 61-year-old man with heart failure comes for a visit. " * 9 + "What next",
    )
]  # fmt: skip
SHOTS = "".join(
    [
        f"Question: What is example number {number}?\nA. one\nB. two\nC. three\nD. four\nAnswer: {letter}\n\n"
        for number, letter in enumerate("ABCDA")
    ]
)
WORDS = (" yes", " no", " maybe")
TEXTS = (" heparin, given into a vein", " none", " a drug that lowers the pressure of the blood within hours")


def near(found: list[Response], wanted: list[list[float]]) -> None:
    assert [list(reply.logprobs) for reply in found] == [pytest.approx(values, abs=NEAR) for values in wanted]


def looking(shapes: list[tuple[int, int]]) -> Callable[..., Any]:
    """List the shapes of all that is read."""

    def look(own: Callable[..., Any], **named: Any) -> Any:
        shapes.append(tuple(named["input_ids"].shape))
        return own(**named)

    return look


def watched(one: HF, requests: list[Request]) -> list[tuple[int, int]]:
    """The shapes of all that is read for some requests."""
    shapes: list[tuple[int, int]] = []
    with reading(one, looking(shapes)):
        answered(one, requests)
    return shapes


# --- the numbers --------------------------------------------------------------------------


@pytest.mark.parametrize("continuations", [(), WORDS, TEXTS], ids=["letters", "words", "texts"])
def test_log_probabilities_are_those_of_transformers_alone(
    base: HF, plain: Plain, continuations: tuple[str, ...]
) -> None:
    requests = [choosing(text, *continuations) for text in QUESTIONS]
    near(answered(base, requests), [plain.choices(request) for request in requests])


@pytest.mark.parametrize("continuations", [(), TEXTS], ids=["letters", "texts"])
def test_they_are_the_same_behind_solved_examples(base: HF, plain: Plain, continuations: tuple[str, ...]) -> None:
    requests = [choosing(SHOTS + text, *continuations) for text in QUESTIONS]
    near(answered(base, requests), [plain.choices(request) for request in requests])


def own(plain: Plain, text: str, tokens: int) -> str:
    """What the model goes on with, if it is cut into the same tokens again; else nothing."""
    said = plain.greedy(text, tokens)
    return said if len(plain.ids(text + said)) == len(plain.ids(text)) + tokens and "\ufffd" not in said else ""


@pytest.mark.parametrize("before", ["", SHOTS], ids=["alone", "shared"])
def test_the_choices_that_the_model_would_write_itself_are_told(base: HF, plain: Plain, before: str) -> None:
    prompts = [before + text for text in (*QUESTIONS, "It is", "The heart", "He", "For a", "When")]
    said = {prompt: [each for tokens in (1, 2, 3) if (each := own(plain, prompt, tokens))] for prompt in prompts}
    for prompt in prompts:
        (reply,) = answered(base, [choosing(prompt, *TEXTS, *said[prompt], " no")])
        assert reply.greedy == tuple(range(len(TEXTS), len(TEXTS) + len(said[prompt])))
    # What begins like the model's own words and goes on otherwise is not its own.
    prompt = next(prompt for prompt in prompts if len(said[prompt]) == 3)
    (reply,) = answered(base, [choosing(prompt, said[prompt][2] + " no", said[prompt][1] + " no")])
    assert reply.greedy == ()


def test_of_letters_in_one_row_the_likeliest_token_of_all_is_told(base: HF, plain: Plain) -> None:
    for text in QUESTIONS:
        ids = plain.ids(text)
        with torch.inference_mode():
            best = int(plain.model(torch.tensor([ids])).logits[0, -1].argmax())
        letters = [f" {letter}" for letter in "ABCDE"]
        word = plain.tokenizer.decode([best])
        if plain.ids(text + word) == [*ids, best]:
            (reply,) = answered(base, [choosing(text, *letters, word)])
            assert reply.greedy == (5,)
        (reply,) = answered(base, [choosing(text, *letters)])
        assert reply.greedy == tuple([place for place, each in enumerate(letters) if plain.ids(each) == [best]])


def test_requests_of_all_kinds_may_come_in_one_stream(base: HF, plain: Plain) -> None:
    requests = [
        choosing(before + text, *continuations)
        for text in QUESTIONS
        for before in ("", SHOTS, "Another beginning that is longer than the least which is worth sharing. " * 4)
        for continuations in ((), WORDS, TEXTS)
    ]
    near(answered(base, requests), [plain.choices(request) for request in requests])


def test_a_number_does_not_hang_on_what_is_asked_beside_it_or_before_it(base: HF) -> None:
    requests = [choosing(SHOTS + text, *more) for text in QUESTIONS for more in ((), TEXTS)]
    together = [list(reply.logprobs) for reply in answered(base, requests)]
    near([answered(base, [request])[0] for request in requests], together)
    for seed in range(3):
        order = random.Random(seed).sample(range(len(requests)), len(requests))
        found = answered(base, [requests[number] for number in order])
        near(found, [together[number] for number in order])


def test_what_comes_in_between_two_batches_is_sorted_in(models: Path, plain: Plain) -> None:
    one = engine(models / "tiny-base")
    one._budget._tokens = 40  # a few rows at once
    requests = [choosing(SHOTS + f"Question: number {number}?\nAnswer:") for number in range(24)]
    shapes: list[tuple[int, int]] = []
    with reading(one, looking(shapes)):
        submit(one, requests[:12])
        found = dict(one.replies(0))
        submit(one, requests[12:], 12)
        later = arrived(one)
    assert len(found) < 12
    assert len([length for _, length in shapes if length >= len(plain.ids(SHOTS))]) == 1
    near(
        [reply for number in range(24) if isinstance(reply := found.get(f"{number}") or later[number], Response)],
        [plain.choices(request) for request in requests],
    )


def test_all_choices_of_one_token_take_one_row(base: HF) -> None:
    shapes = watched(base, [choosing(QUESTIONS[0]), choosing(QUESTIONS[0], *WORDS)])
    assert [rows for rows, _ in shapes] == [2]


def test_the_number_of_tokens_of_the_prompt_is_told(base: HF, plain: Plain) -> None:
    for reply, text in zip(answered(base, [choosing(text) for text in QUESTIONS]), QUESTIONS, strict=True):
        assert reply.prompt_tokens == len(plain.ids(text))


def test_only_the_logits_that_are_wanted_are_computed(base: HF) -> None:
    kept: list[int] = []

    def look(own: Callable[..., Any], **named: Any) -> Any:
        found = own(**named)
        kept.append(found.logits.shape[1])
        return found

    model_of(base)
    with reading(base, look):
        answered(base, [choosing(text) for text in QUESTIONS])
    assert kept == [1]


# --- where prompt and choice meet ---------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "continuations"),
    [
        ("The answer is the h", ("eart", "and", "ip")),
        ("Give the patient war", ("farin", "ning", "d")),
        ("答案是高血", ("压", "糖", "管")),
        ("Answer: ", ("A", "B", "C", "D")),
        ("Answer:\n", ("\nA", "\nB", "\n\n\nC")),
    ],
)
def test_where_a_choice_merges_with_the_prompt_both_are_cut_as_one_text(
    base: HF, plain: Plain, prompt: str, continuations: tuple[str, ...]
) -> None:
    text = QUESTIONS[0][:-7] + prompt
    (reply,) = answered(base, [choosing(text, *continuations)])
    before, wholes = plain.ids(text), [plain.ids(text + each) for each in continuations]
    # Scored from the first token that is not the same in all of them.
    kept = min(sum(_same(before, whole)) for whole in wholes)
    near([reply], [[plain.sequence(whole, kept) for whole in wholes]])
    # However that is chosen: one choice is likelier than another by as much as its whole text is.
    entire = [plain.sequence(whole, 1) for whole in wholes]
    differences = [value - reply.logprobs[0] for value in reply.logprobs]
    assert differences == pytest.approx([value - entire[0] for value in entire], abs=5 * NEAR)


def _same(one: list[int], other: list[int]) -> list[bool]:
    places = [left == right for left, right in zip(one, other, strict=False)]
    return places[: places.index(False)] if False in places else places


def test_in_one_of_these_cases_the_prompts_own_tokens_do_change(plain: Plain) -> None:
    text = QUESTIONS[0][:-7]
    merged = [
        (prompt, each)
        for prompt, each in (("the h", "eart"), ("the patient war", "farin"), ("Answer: ", "A"))
        if plain.ids(text + prompt + each)[: len(plain.ids(text + prompt))] != plain.ids(text + prompt)
    ]
    assert ("Answer: ", "A") in merged
    assert len(merged) >= 2


def test_a_choice_that_begins_another_is_scored_too(base: HF, plain: Plain) -> None:
    request = choosing(QUESTIONS[0], " no", " no doubt", " no doubt at all")
    near(answered(base, [request]), [plain.choices(request)])


def test_a_long_run_of_one_character_is_cut_where_it_ends(base: HF, plain: Plain) -> None:
    # Cut the same way at its end or not, a run of another length must not be taken for this one.
    for length in (70, 71, 72, 73):
        text = QUESTIONS[0] + "_" * length
        (reply,) = answered(base, [choosing(text, "_", "__A")])
        one, other = [plain.sequence(plain.ids(text + each), 1) for each in ("_", "__A")]
        assert reply.logprobs[1] - reply.logprobs[0] == pytest.approx(other - one, abs=5 * NEAR)


def test_a_prompt_that_merges_as_a_whole_leaves_nothing_to_go_on_from(base: HF, plain: Plain) -> None:
    assert [len(plain.ids(text)) for text in (" n", " no", " not")] == [1, 1, 1]
    for beside in ([], [choosing(QUESTIONS[0])]):
        first, *others = replies(base, [choosing(" n", "o", "ot"), *beside])
        assert all(isinstance(reply, Response) for reply in others)
        # There is no token before the first one: no number at all is better than one of the padding's.
        assert isinstance(first, Failure)


# --- a shared beginning -------------------------------------------------------------------


def test_a_shared_beginning_is_read_once(base: HF, plain: Plain) -> None:
    requests = [
        choosing(SHOTS + f"Question: {'very ' * (number % 7)}number {number}?\nAnswer:") for number in range(60)
    ]
    shapes = watched(base, requests)
    shots = len(plain.ids(SHOTS))
    assert shots > 2 * BEGINNING
    read_alone = [length for rows, length in shapes if rows == 1 and length >= shots]
    assert len(read_alone) == 1
    assert max(length for rows, length in shapes if rows > 1) < 40
    # Padding and all: a tenth of what it would be without sharing.
    assert sum(rows * length for rows, length in shapes) < sum(len(plain.ids(each.text)) for each in requests) / 5


def test_it_is_read_once_though_there_are_many_batches(models: Path, plain: Plain) -> None:
    one = engine(models / "tiny-base")
    one._budget._tokens = 24
    requests = [choosing(SHOTS + f"Question: number {number}?\nAnswer:") for number in range(30)]
    shapes = watched(one, requests)
    assert len(shapes) > 6
    assert len([length for _, length in shapes if length >= len(plain.ids(SHOTS))]) == 1


def test_the_texts_of_options_share_their_question(base: HF, plain: Plain) -> None:
    long = QUESTIONS[5]
    shapes = watched(base, [choosing(long, *TEXTS)])
    # All but its last token, from which the shortest of them goes on.
    assert shapes[0] == (1, len(plain.ids(long)) - 1)
    assert [rows for rows, _ in shapes[1:]] == [3]


def test_beginnings_that_are_not_worth_it_are_not_shared(base: HF) -> None:
    assert [rows for rows, _ in watched(base, [choosing(text) for text in QUESTIONS[:4]])] == [4]


def row(*ids: int, wanted: int = 1) -> Row:
    return Row(ids, ((7,),) * wanted, str(ids), 0)


def test_rows_are_grouped_by_what_they_begin_with_and_the_long_ones_come_first() -> None:
    one, other = tuple(range(BEGINNING)), tuple(range(1, BEGINNING + 1))
    rows = [row(1, 2), row(*one, 1), row(*other, 5, 6, 7), row(*one, 2, 3), row(1, 2, 3), row(*other, 5)]
    groups = grouped(rows)
    # The last position must be read again, so nothing of it is shared.
    assert [(group.shared, [each.ids[-2:] for each in group.rows]) for group in groups] == [
        (other, [(6, 7), (BEGINNING, 5)]),
        (one, [(2, 3), (BEGINNING - 1, 1)]),
        ((), [(2, 3), (1, 2)]),
    ]


def test_positions_that_something_is_wanted_of_are_never_shared() -> None:
    ids = tuple(range(BEGINNING + 9))
    (group,) = grouped([row(*ids, wanted=5), row(*ids, 3, wanted=1)])
    assert group.shared == ids[: BEGINNING + 4]
    assert [group.shared for group in grouped([row(*ids, wanted=10), row(*ids, 3)])] == [()]


def test_a_beginning_read_before_is_read_again_if_its_cache_was_let_go(models: Path, plain: Plain) -> None:
    one = engine(models / "tiny-base")
    forward = one._model()[0]
    ids = tuple(plain.ids(SHOTS + QUESTIONS[0]))
    full = Row(ids, ((5, 6),), "a", 0)
    (wanted,) = forward.scores([full], ids[:60])

    def out(own: Callable[..., Any], **named: Any) -> Any:
        raise torch.OutOfMemoryError("no memory")

    other = Row(ids[1:], ((5, 6),), "b", 0)
    with reading(one, out), pytest.raises(torch.OutOfMemoryError):
        forward.scores([other], ids[1:60])
    (found,) = forward.scores([full], ids[:60])
    assert found.logprobs == pytest.approx(wanted.logprobs, abs=NEAR)


# --- other architectures ------------------------------------------------------------------

ARCHITECTURES: dict[str, dict[str, Any]] = {
    # Learned positions; keys at a distance by their column; windows; states that no cache of keys holds.
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 640},
    "mpt": {"d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": 640},
    "gemma3_text": {
        "hidden_size": 32, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
        "intermediate_size": 64, "max_position_embeddings": 640, "sliding_window": 16,
    },
    "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
}  # fmt: skip


def built(folder: Path, name: str, **sizes: Any) -> Path:
    """Write a random model of another architecture, with weights large enough to make a difference."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    config = AutoConfig.for_model(
        name, vocab_size=2000, bos_token_id=0, eos_token_id=0, pad_token_id=0, **(sizes or ARCHITECTURES[name])
    )
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(4)
    path = folder / name
    model.save_pretrained(path)
    AutoTokenizer.from_pretrained(folder / "tiny-base").save_pretrained(path)
    return path


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_other_architectures_give_their_own_numbers_too(models: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "tiny-base").symlink_to(models / "tiny-base")
    path = built(tmp_path, name)
    alone, one = Plain(path), engine(path)
    requests = [choosing(SHOTS + text, *more) for text in QUESTIONS[:3] for more in ((), TEXTS)]
    requests += [choosing(text) for text in QUESTIONS[1:5]]
    near(answered(one, requests), [alone.choices(request) for request in requests])


def test_no_position_beyond_the_context_is_ever_read(models: Path, tmp_path: Path) -> None:
    # A position that was never learned is an error on the CPU, and on a GPU one that ends the process.
    (tmp_path / "tiny-base").symlink_to(models / "tiny-base")
    one = engine(built(tmp_path, "gpt2", n_embd=32, n_layer=1, n_head=4, n_positions=64))
    positions: list[int] = []

    def look(own: Callable[..., Any], **named: Any) -> Any:
        positions.append(int(named["position_ids"].max()))
        return own(**named)

    with reading(one, look):
        found = answered(one, [writing(" no" * 60, 40), writing(" no" * 2, 62)])
    assert [reply.completion_tokens + reply.prompt_tokens for reply in found] == [64, 64]
    assert max(positions) < 64


# --- what goes wrong ----------------------------------------------------------------------

POISON = " POISON"


def poisoned(one: HF, harm: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Do harm wherever a row holds the tokens of the poison."""
    mark = torch.tensor(one._tongue.tokenizer(POISON)["input_ids"])

    def read(own: Callable[..., Any], **named: Any) -> Any:
        windows = named["input_ids"].unfold(1, len(mark), 1) if named["input_ids"].shape[1] >= len(mark) else None
        rows = [] if windows is None else (windows == mark).all(-1).any(-1)
        return harm(lambda: own(**named), rows)

    return read


def fail(own: Callable[[], Any], rows: Any) -> Any:
    if any(rows):
        raise ValueError("poison")
    return own()


def no_numbers(own: Callable[[], Any], rows: Any) -> Any:
    found = own()
    for number, hit in enumerate(rows):
        if hit:
            found.logits[number] = torch.nan
    return found


@pytest.mark.parametrize("before", ["", SHOTS], ids=["alone", "shared"])
@pytest.mark.parametrize("continuations", [(), TEXTS], ids=["letters", "texts"])
def test_a_poisoned_request_fails_alone(base: HF, plain: Plain, before: str, continuations: tuple[str, ...]) -> None:
    requests = [choosing(before + text, *continuations) for text in QUESTIONS]
    requests.insert(2, choosing(f"{before}Question: is this{POISON}?\nAnswer:", *continuations))
    with reading(base, poisoned(base, fail)):
        found = replies(base, requests)
    assert found.pop(2) == Failure(failure="engine_error", reason="ValueError: poison")
    requests.pop(2)
    near([reply for reply in found if isinstance(reply, Response)], [plain.choices(request) for request in requests])


def test_logits_that_are_no_numbers_make_a_failure_of_their_own(base: HF, plain: Plain) -> None:
    requests = [choosing(QUESTIONS[0]), choosing(f"Question:{POISON}?\nAnswer:"), choosing(QUESTIONS[1])]
    with reading(base, poisoned(base, no_numbers)):
        found = [sound(reply, 4) for reply in replies(base, requests)]
    assert found[1] == Failure(failure="nonfinite", reason="log-probabilities (nan, nan, nan, nan)")
    near(
        [reply for reply in found if isinstance(reply, Response)],
        [plain.choices(requests[0]), plain.choices(requests[2])],
    )


@pytest.mark.parametrize("fits", [1, 3])
def test_batches_that_do_not_fit_are_halved_and_every_reply_comes(models: Path, plain: Plain, fits: int) -> None:
    one, tries = engine(models / "tiny-base"), [0, 0]

    def limited(own: Callable[..., Any], **named: Any) -> Any:
        tries[0] += 1
        if named["input_ids"].shape[0] > fits:
            tries[1] += 1
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return own(**named)

    one._budget._tokens = 512
    requests = [choosing(before + f"Question: number {n}?\nAnswer:") for n in range(20) for before in ("", SHOTS)]
    with reading(one, limited):
        near(answered(one, requests), [plain.choices(request) for request in requests])
        known = tries[1]
        assert 0 < known < 30
        # What did not fit once is not tried again.
        answered(one, requests[::2])
    assert tries[1] == known


def test_faults_of_memory_are_told_from_all_others() -> None:
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert out_of_memory(MemoryError())
    assert out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9"))
    assert not out_of_memory(RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"))


# --- too long -----------------------------------------------------------------------------


def of_tokens(plain: Plain, count: int) -> str:
    text = " no" * count
    assert len(plain.ids(text)) == count
    return text


def test_a_prompt_that_is_too_long_is_told_and_costs_no_other_its_reply(short: Path, plain: Plain) -> None:
    one = engine(short)
    assert one.identity.max_length == 96
    requests = [choosing(of_tokens(plain, count)) for count in (5, 96, 95, 4000, 97, 30)]
    requests += [writing(of_tokens(plain, count), 4) for count in (96, 5)]
    found = replies(one, requests)
    for number, count in ((1, 96), (3, 4000), (4, 97), (6, 96)):
        assert found[number] == Failure(failure="too_long", reason=f"{count} tokens, and the model reads 96")
    assert [number for number, reply in enumerate(found) if isinstance(reply, Response)] == [0, 2, 5, 7]


def test_a_choice_that_goes_beyond_the_context_is_too_long(short: Path, plain: Plain) -> None:
    first, second = replies(
        engine(short), [choosing(of_tokens(plain, 90), " no" * 9, " no" * 2), choosing(of_tokens(plain, 20), *TEXTS)]
    )
    assert first == Failure(failure="too_long", reason="a choice goes beyond the context")
    assert isinstance(second, Response)


# --- chats --------------------------------------------------------------------------------


def test_in_a_chat_the_choices_follow_the_head_of_the_answer(models: Path) -> None:
    one, alone = engine(models / "tiny-chat"), Plain(models / "tiny-chat")
    asked = chatting("Which drug?")
    bare = [each.text.strip() for each in LETTERS]
    request = Request(messages=asked.messages, choices=choosing("", *bare).choices, decoding=asked.decoding)
    prompt = "<|turn|>user\nWhich drug?<|turn_end|>\n<|turn|>assistant\n"
    assert one.render(request).text == prompt
    near(answered(one, [request]), [alone.choices(choosing(prompt, *bare))])


class Older:
    """A model whose widest layer cannot be found, so that all of its logits come."""

    def __init__(self, model: Any) -> None:
        self.config, self.device, self._model = model.config, model.device, model

    def forward(self, input_ids: Any, past_key_values: Any, use_cache: Any, **masks: Any) -> Any:
        assert not {*masks} - {"attention_mask", "position_ids"}
        return self._model(input_ids, past_key_values=past_key_values, use_cache=use_cache, **masks)

    __call__ = forward

    def get_output_embeddings(self) -> None:
        return None


def test_a_model_that_gives_the_logits_of_all_positions_is_cut_after_the_fact(plain: Plain) -> None:
    forward = Forward(Older(plain.model), 0)
    requests = [choosing(SHOTS + text) for text in QUESTIONS[:3]]
    ids = [tuple(plain.ids(request.text)) for request in requests]
    letters = tuple([plain.ids(each.text)[0] for each in LETTERS])
    found = [each.logprobs for each in forward.scores([Row(each, (letters,), "", 0) for each in ids], ids[0][:50])]
    assert found == [pytest.approx(plain.choices(request), abs=NEAR) for request in requests]
