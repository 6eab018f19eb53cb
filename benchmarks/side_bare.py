"""Bare vLLM's side: one big `LLM.generate`, kept warm. HOME holds the model and prompts.json, rows of tokens.

side_bare.py HOME DTYPE SHARE [NAME=VALUE ...]     as side_medeval.py
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sides import serve


class Bare:
    """vLLM with its model loaded."""

    def __init__(self, home: Path, dtype: str, share: float, told: Sequence[str]) -> None:
        from vllm import LLM, SamplingParams

        self._home = home
        self._params = SamplingParams
        self._llm = LLM(
            str(home / "model"), dtype=dtype, enable_prefix_caching=True, seed=0,
            **({"gpu_memory_utilization": share} if share else {"enforce_eager": True}),
            **{name: json.loads(value) for name, _, value in (each.partition("=") for each in told)},
        )  # fmt: skip

    @cached_property
    def prompts(self) -> Sequence[Sequence[int]]:
        """The tokens of every prompt."""
        found: Sequence[Sequence[int]] = json.loads((self._home / "prompts.json").read_text(encoding="utf-8"))
        return found

    def warm(self) -> None:
        """Pay for what only the first requests pay for."""
        self._generate([[7] * 100] * 8, max_tokens=8)

    def write(self, salt: int, tokens: int, ends: Sequence[int], *, texts: bool = False) -> dict[str, Any]:
        """Write behind every prompt."""
        prompts = [[salt, *ids] for ids in self.prompts]
        seconds, outputs = self._generate(prompts, max_tokens=tokens, stop_token_ids=list(ends))
        written = sum(len(each.outputs[0].token_ids) for each in outputs)
        return {
            "seconds": seconds, "tokens": written, "texts": [each.outputs[0].text for each in outputs] if texts else []
        }  # fmt: skip

    def letters(self, salt: int, wanted: Sequence[int]) -> dict[str, Any]:
        """Tell the log-probabilities of some tokens behind every prompt, as medeval asks for them."""
        prompts = [[salt, *ids] for ids in self.prompts]
        seconds, outputs = self._generate(
            prompts, max_tokens=1, logprob_token_ids=list(wanted), detokenize=False, flat_logprobs=True
        )
        assert len(outputs) == len(prompts)  # noqa: S101  else the time would be that of less
        return {"seconds": seconds}

    def choices(self, salt: int, wanted: Sequence[int], prompts: int) -> dict[str, Any]:
        """The same with a request for every choice, as lm-eval asks for them; of the first few prompts."""
        asked = [[salt, *ids, token] for ids in self.prompts[:prompts] for token in wanted]
        seconds, outputs = self._generate(asked, max_tokens=1, prompt_logprobs=1, detokenize=False)
        assert len(outputs) == len(asked)  # noqa: S101  the same
        return {"seconds": seconds}

    def _generate(self, prompts: Sequence[Sequence[int]], **how: Any) -> tuple[float, list[Any]]:
        given = [{"prompt_token_ids": list(ids)} for ids in prompts]
        begun = time.perf_counter()
        outputs = self._llm.generate(given, self._params(temperature=0.0, **how), use_tqdm=False)
        return time.perf_counter() - begun, outputs


def made(home: Path, words: list[str]) -> Mapping[str, Callable[..., Any]]:
    """Load the model, and give what can be done."""
    side = Bare(home, words[0], float(words[1]), words[2:])
    return {"warm": side.warm, "write": side.write, "letters": side.letters, "choices": side.choices}


if __name__ == "__main__":
    serve(made)
