"""medeval beside bare vLLM on one NVIDIA GPU, with a random model of 8 B parameters: speed, memory, start-up, overhead.

    python benchmarks/gpu.py [--json FILE] [--home DIR] [--eager] [--tiny]

It wants vllm (0.26 or newer), torch and transformers, and medeval's source with what that needs. Where nothing can be
installed, `PYTHONPATH=SITE:REPOSITORY` will do, with SITE as ../shared/gpu/pack_vllm.sh packs it: it holds msgspec too,
which is all that such a machine lacks of medeval's needs. About 40 GB of GPU memory and 20 GB of disk are used; --home
keeps the model in a folder for the next time. --eager has vLLM compile nothing, on both sides. --tiny takes a tiny
model on vLLM for the CPU: it shows that this works, and measures nothing.

Both sides have the model loaded at the same time, with the same share of the memory, and take turns. Before every
prompt of a turn stands a token that no other turn has, so that nothing is found in the cache. medeval goes from the
question to its mark, with the journal on the disk; bare vLLM is one `LLM.generate` over the same tokens with the same
parameters. For letters bare vLLM is asked in two ways: as medeval asks it (which shows medeval's overhead), and with a
request for every choice, as lm-eval does.
"""

import argparse
import json
import os
import platform
import random
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from figures import Figures
from sides import IN_PROCESS, ON_A_CPU, ROOT, Side


class Size(NamedTuple):
    """A model, and how much is asked of it."""

    hidden: int
    layers: int
    heads: int
    shared: int
    inner: int
    vocabulary: int
    dtype: str
    share: float
    """Of the GPU's memory, for each of the two."""
    questions: int
    each: int
    """Of these, those that are asked with a request for every choice."""
    prompts: int
    tokens: int
    turns: int


LLAMA_8B = Size(4096, 32, 32, 8, 14_336, 128_256, "bfloat16", 0.44, 1000, 200, 1000, 128, 3)
TINY = Size(64, 2, 2, 1, 192, 4096, "float32", 0.0, 60, 20, 40, 16, 2)
CONTEXT = 8192
LAYERS_A_SHARD = 4
LETTERS = tuple(f" {letter}" for letter in "ABCD")
TASK = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]), target=("ABCD"[row["answer"]],)
    )


TASK = Task(
    title="Synthetic", measures="Speed.", paper="", licence="", version=1, chance=1 / 4, rows=ROWS, folder="made_up",
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings=prompts.with_letters(prompts.question_options), metrics=(metrics.accuracy,),
)
"""
FINDINGS = (
    "fever", "cough", "a rash", "chest pain", "low sodium", "high calcium", "a murmur", "weakness of one arm",
    "double vision", "weight loss", "night sweats", "a swollen knee", "jaundice", "a positive culture", "anaemia",
)  # fmt: skip


# --- what is made on the spot, in a process of its own, so that the one that measures holds nothing of the GPU ---


MARKS = ("END", "TURN", "TURN_END", "THINK", "THOUGHT")
"""What the tokenizer of small_models.py marks turns and ends with."""


def build(folder: Path, size: Size) -> None:
    """Write a random Llama, shard by shard, with a tokenizer that knows the letters as single tokens."""
    import torch
    from safetensors.torch import save_file
    from transformers import GenerationConfig, LlamaConfig, PreTrainedTokenizerFast

    small = runpy.run_path(str(ROOT / "tests" / "small_models.py"))
    made, end = small["tokenizer"](small["sample_texts"](), 2000), small["END"]
    PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=end, pad_token=end, clean_up_tokenization_spaces=False,
        model_max_length=CONTEXT,
    ).save_pretrained(folder)  # fmt: skip
    ends = made.token_to_id(end)
    LlamaConfig(
        vocab_size=size.vocabulary, hidden_size=size.hidden, intermediate_size=size.inner,
        num_hidden_layers=size.layers, num_attention_heads=size.heads, num_key_value_heads=size.shared,
        max_position_embeddings=CONTEXT, bos_token_id=ends, eos_token_id=ends, tie_word_embeddings=False,
        dtype=size.dtype, architectures=["LlamaForCausalLM"],
    ).save_pretrained(folder)  # fmt: skip
    GenerationConfig(bos_token_id=ends, eos_token_id=ends).save_pretrained(folder)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    shards, where = list(_shards(size)), {}
    for number, shapes in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        tensors = {}
        for name, shape in shapes.items():
            empty = torch.empty(shape, dtype=getattr(torch, size.dtype), device=device)
            tensors[name] = (empty.normal_(0, 0.02) if len(shape) > 1 else empty.fill_(1)).cpu()
            where[name] = file
        if "lm_head.weight" in tensors:
            # Nothing is ever written that the tokenizer does not know, or that ends a text: the largest logit is not 0.
            tensors["lm_head.weight"][made.get_vocab_size() :] = 0
            tensors["lm_head.weight"][[made.token_to_id(small[mark]) for mark in MARKS]] = 0
        save_file(tensors, folder / file, {"format": "pt"})
    index = {"metadata": {}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def _shards(size: Size) -> Iterator[dict[str, tuple[int, ...]]]:
    width = size.hidden // size.heads * size.shared
    yield {"model.embed_tokens.weight": (size.vocabulary, size.hidden)}
    for first in range(0, size.layers, LAYERS_A_SHARD):
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(first, min(first + LAYERS_A_SHARD, size.layers)):
            within = {
                "self_attn.q_proj": (size.hidden, size.hidden), "self_attn.k_proj": (width, size.hidden),
                "self_attn.v_proj": (width, size.hidden), "self_attn.o_proj": (size.hidden, size.hidden),
                "mlp.gate_proj": (size.inner, size.hidden), "mlp.up_proj": (size.inner, size.hidden),
                "mlp.down_proj": (size.hidden, size.inner), "input_layernorm": (size.hidden,),
                "post_attention_layernorm": (size.hidden,),
            }  # fmt: skip
            shapes |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in within.items()}
        yield shapes
    yield {"model.norm.weight": (size.hidden,), "lm_head.weight": (size.vocabulary, size.hidden)}


def make_exam(home: Path, rows: int) -> None:
    """Write a task of made-up questions of some 170 words, and its rows."""
    dice = random.Random(0)  # noqa: S311  nothing secret
    (home / "data" / "made_up").mkdir(parents=True)
    (home / "made_up.py").write_text(TASK.replace("ROWS", str(rows)), encoding="utf-8")
    with open(home / "data" / "made_up" / "rows.jsonl", "w", encoding="utf-8") as file:
        for _ in range(rows):
            days = [f"On day {dice.randrange(1000)} there is {dice.choice(FINDINGS)}." for _ in range(24)]
            question = f"A {dice.randrange(18, 99)}-year-old is seen. {' '.join(days)} Which cause is likeliest?"
            options = [f"{dice.choice(FINDINGS)} of type {place}" for place in range(4)]
            file.write(json.dumps({"question": question, "options": options, "answer": dice.randrange(4)}) + "\n")


# --- figures ---


class Both:
    """medeval and bare vLLM, warm, on the same GPU."""

    def __init__(self, home: Path, size: Size, told: Sequence[str]) -> None:
        self._home = home
        self._size = size
        self._salts = iter(range(300, 1900))
        words = (size.dtype, str(size.share), *told)
        on_a_cpu = {} if size.share else ON_A_CPU
        self.used = [_used()]
        begun = time.perf_counter()
        self._ours = Side("side_medeval", home, *words, **IN_PROCESS)
        self._ours.tell("warm", questions=["Which of these is it? " * 8] * 8)
        self.start = [time.perf_counter() - begun]
        self.used.append(_used())
        begun = time.perf_counter()
        self._bare = Side("side_bare", home, *words, **IN_PROCESS, **on_a_cpu)
        self._bare.tell("warm")
        self.start.append(time.perf_counter() - begun)
        self.used.append(_used())
        self._wanted = [ids[0] for ids in self._ours.tell("cut", texts=LETTERS)]

    def exam(self, questions: int, **how: Any) -> dict[str, Any]:
        """The made-up exam, for both."""
        where = {"data": str(self._home / "data"), "file": str(self._home / "made_up.py")}
        exam = {"name": "made_up", "limit": questions, **where, **how}
        (self._home / "prompts.json").write_text(json.dumps(self._ours.tell("prompts", **exam)), encoding="utf-8")
        return exam

    def turns(self, exam: dict[str, Any], does: str, **said: Any) -> tuple[list[float], list[float], int]:
        """Play it by turns; seconds of medeval, seconds of bare vLLM, and the fewest tokens that either wrote."""
        ours, bare, fewest = [], [], sys.maxsize
        for turn in range(-1, self._size.turns):  # the first only warms up
            salt = next(self._salts)
            asks: list[Callable[[], Any]] = [
                lambda salt=salt: self._ours.tell("play", salt=salt, sat=[exam]),  # type: ignore[misc]
                lambda salt=salt: self._bare.tell(does, salt=salt, **said),  # type: ignore[misc]
            ]
            told = [ask() for ask in asks] if turn % 2 else [ask() for ask in reversed(asks)][::-1]
            if turn >= 0:
                ours.append(told[0]["seconds"])
                bare.append(told[1]["seconds"])
                fewest = min(fewest, told[0]["tokens"], told[1].get("tokens", 0))
        return ours, bare, fewest

    def letters(self) -> tuple[list[float], list[float], float]:
        """Letters: seconds of medeval, of bare vLLM, and of a request for every choice, for a question."""
        exam = self.exam(self._size.questions)
        ours, bare, _ = self.turns(exam, "letters", wanted=self._wanted)
        each = self._size.each
        told = [
            self._bare.tell("choices", salt=next(self._salts), wanted=self._wanted, prompts=each)["seconds"] / each
            for _ in range(2)
        ]
        return ours, bare, told[-1]

    def generation(self) -> tuple[list[float], list[float], int]:
        """Texts: seconds of medeval, of bare vLLM, and the fewest tokens."""
        exam = self.exam(self._size.prompts, style="written", max_tokens=self._size.tokens)
        return self.turns(exam, "write", tokens=self._size.tokens, ends=[0])

    def close(self) -> None:
        """End both."""
        self._ours.close()
        self._bare.close()


def _used() -> float:
    """GB of GPU memory in use, by all; 0 where there is none."""
    try:
        words = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return 0.0
    return float(done.stdout.split()[0]) * 1.048576e-3


def measure(figures: Figures, both: Both, size: Size) -> None:
    """Everything, by turns."""
    figures.note(f"start-up, to the first replies: medeval {both.start[0]:.1f} s, bare vLLM {both.start[1]:.1f} s")
    before, ours, bare = both.used
    figures.note(
        f"GPU memory at a share of {size.share:g}: medeval {ours - before:.1f} GB, bare vLLM {bare - ours:.1f} GB"
    )
    mine, plain, each = both.letters()
    one, other = statistics.median(mine), statistics.median(plain)
    figures.note(f"letters: medeval {size.questions / one:,.0f} questions/s, bare vLLM {size.questions / other:,.0f}")
    figures.note(f"letters, s for {size.questions:,}: medeval {_each(mine)}; bare vLLM {_each(plain)}")
    figures.at_most("letters: overhead over bare vLLM", 100 * (one / other - 1), 3, "%")
    figures.at_least("letters: times faster than a request a choice", each / (one / size.questions), 4, "times")
    mine, plain, written = both.generation()
    one, other = statistics.median(mine), statistics.median(plain)
    whole = size.prompts * size.tokens
    figures.at_most("generation: tokens not written", whole - written, 0, "")
    figures.note(f"generation: medeval {whole / one:,.0f} tokens/s, bare vLLM {whole / other:,.0f}")
    figures.note(f"generation, s for {size.prompts:,} x {size.tokens}: medeval {_each(mine)}; bare vLLM {_each(plain)}")
    figures.at_most("generation: overhead over bare vLLM", 100 * (one / other - 1), 3, "%")


def _each(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def main(*, tiny: bool, eager: bool, kept: Path | None) -> None:
    """See what is here, make what is missing, and measure."""
    import torch
    import vllm

    figures, size = Figures(), TINY if tiny else LLAMA_8B
    if not tiny and not torch.cuda.is_available():
        print("No NVIDIA GPU is seen here, and this measures nothing else; --tiny shows on a CPU that it works.")
        sys.exit(2)
    name = torch.cuda.get_device_name() if size.share else platform.machine()
    figures.note(f"{name}, vLLM {vllm.__version__}, torch {torch.__version__}; {size.dtype}, context {CONTEXT}")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        home = Path(folder)
        model = (kept or home).absolute() / f"model-{size.hidden}"
        if not (model / "model.safetensors.index.json").is_file():
            subprocess.run([sys.executable, __file__, "--build", model, *(["--tiny"] if tiny else [])], check=True)
        (home / "model").symlink_to(model)
        make_exam(home, max(size.questions, size.prompts))
        both = Both(home, size, ["enforce_eager=true"] if eager and not tiny else [])
        measure(figures, both, size)
        both.close()
    figures.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--eager", action="store_true")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--build", type=Path)
    said, sys.argv[1:] = parser.parse_known_args()
    if said.build:
        build(said.build, TINY if said.tiny else LLAMA_8B)
    else:
        main(tiny=said.tiny, eager=said.eager, kept=said.home)
