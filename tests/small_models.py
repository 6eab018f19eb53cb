"""Small models made on the spot: random Llamas with a byte-level tokenizer; nobody needs to download a weight.

    python tests/small_models.py FOLDER [KIND ...]     base, chat and thinking, under 3 M parameters each

The tokenizer knows " A" to " E", " yes", " no" and " maybe" as single tokens, as those of real models do.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "tasks" / "samples"
TEXTS = ("cmb", "medmcqa", "medqa", "mmlu", "pubmedqa")
"""The folders that the vocabulary is made of: it stays the same when other tasks come."""
CAME_LATER = ("CMB-test-qa.json",)
END, TURN, TURN_END, THINK, THOUGHT = "<|end|>", "<|turn|>", "<|turn_end|>", "<think>", "</think>"
SINGLE = (" A", " B", " C", " D", " E", " yes", " no", " maybe")

CHAT = (
    "{% for message in messages %}<|turn|>{{ message.role }}\n{{ message.content }}<|turn_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
THINKING = CHAT.replace(
    "assistant\n",
    "assistant\n{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}",
)
TEMPLATES = {"base": "", "chat": CHAT, "thinking": THINKING}


def sample_texts() -> Iterator[str]:
    """The project's own sample rows: enough text for a small vocabulary."""
    there = [path for folder in TEXTS for path in (SAMPLES / folder).rglob("*.*")]
    for path in sorted([path for path in there if path.name not in CAME_LATER]):
        yield path.read_text(encoding="utf-8")


def tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """Train a byte-level BPE in which the letters and words of answers are single tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END, TURN, TURN_END, THINK, THOUGHT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # Said often enough, an answer becomes one token.
    answers = [f"Answer:{answer}\n" for answer in SINGLE] * 2000
    made.train_from_iterator([*texts, *answers], trainer)
    assert all(len(made.encode(answer).ids) == 1 for answer in SINGLE)
    return made


def write(
    folder: Path,
    kind: str,
    made: Any,
    *,
    hidden: int = 64,
    layers: int = 2,
    heads: int = 4,
    context: int = 2048,
    seed: int = 0,
) -> Path:
    """Write a random Llama of a kind: config, tokenizer, weights, and what says when it stops."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from transformers.utils import logging

    end = made.token_to_id(TURN_END if kind != "base" else END)
    config = LlamaConfig(
        vocab_size=made.get_vocab_size(), hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=max(1, heads // 2), max_position_embeddings=context,
        bos_token_id=made.token_to_id(END), eos_token_id=end, tie_word_embeddings=False,
    )  # fmt: skip
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config)
    model.generation_config.eos_token_id = [end, made.token_to_id(END)] if kind != "base" else end
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=TURN_END if kind != "base" else END, pad_token=END,
        clean_up_tokenization_spaces=False, model_max_length=context,
    )  # fmt: skip
    if TEMPLATES[kind]:
        fast.chat_template = TEMPLATES[kind]
    fast.save_pretrained(folder)
    return folder


def small(folder: Path, kind: str, **sizes: int) -> Path:
    """Make a small model of a kind, unless it is there."""
    path = folder / f"tiny-{kind}"
    if not (path / "config.json").is_file():
        write(path, kind, tokenizer(sample_texts(), 2000), **sizes)
    return path


if __name__ == "__main__":
    for name in sys.argv[2:] or TEMPLATES:
        print(small(Path(sys.argv[1]), name))
