"""lm-eval's side: its own engine layer for vLLM, kept warm. Run by versus_lm_eval.py; HOME is made by exams.py."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sides import serve

WARM = 64
"""Made-up questions that warm the engine up."""


class Theirs:
    """lm-eval with its model loaded."""

    def __init__(self, home: Path) -> None:
        import datasets
        from lm_eval.models.vllm_causallms import VLLM

        datasets.disable_progress_bars()
        self._home = home
        # The settings of its own documentation; vLLM's that start fast on a CPU, as medeval chooses them.
        self._lm = VLLM(pretrained=str(home / "model"), dtype="float32", batch_size="auto", enforce_eager=True)
        self.sent = self.computed = 0
        self._plain = self._lm.model.generate
        self._lm.model.generate = self._counted
        self.task = cache(self._task)

    def warm(self, questions: Sequence[str]) -> None:
        """Pay for what only the first requests pay for."""
        from lm_eval.api.instance import Instance

        self._lm.loglikelihood([
            Instance(request_type="loglikelihood", doc={}, arguments=(question, f" {letter}"), idx=0)
            for question in questions
            for letter in "ABCD"
        ])  # fmt: skip

    def ask(self, task: str, first: int, last: int) -> dict[str, Any]:
        """Ask some questions of a task, and tell what was asked, what came back, and how long it took."""
        loaded, by_document = self.task(task)
        documents = sorted(by_document)[first:last]
        requests = [instance for document in documents for instance in by_document[document]]
        sent, computed = self.sent, self.computed
        begun = time.perf_counter()
        pairs = iter(self._lm.loglikelihood(requests))
        seconds = time.perf_counter() - begun
        found = []
        for document in documents:
            asked = by_document[document]
            results = [next(pairs) for _ in asked]
            ((prompt, choices),) = {(asked[0].args[0], tuple([each.args[1] for each in asked]))}
            logprobs = [logprob for logprob, _ in results]
            found.append({
                "prompt": prompt, "choices": choices, "logprobs": logprobs, "picked": logprobs.index(max(logprobs)),
                "right": float(loaded.process_results(asked[0].doc, results)["acc"]),
            })  # fmt: skip
            assert {each.args[0] for each in asked} == {prompt}  # noqa: S101  its choices stand behind one prompt
        return {
            "seconds": seconds, "requests": self.sent - sent, "computed": self.computed - computed, "found": found,
        }  # fmt: skip

    def _task(self, name: str) -> tuple[Any, dict[int, list[Any]]]:
        from lm_eval.tasks import TaskManager

        path = str(self._home / "tasks" / f"{name}.yaml")
        (loaded,) = TaskManager(include_defaults=False).load([path])["tasks"].values()
        loaded.build_all_requests()
        by_document: dict[int, list[Any]] = {}
        for instance in loaded.instances:
            by_document.setdefault(instance.doc_id, []).append(instance)
        return loaded, by_document

    def _counted(self, prompts: Sequence[Any], *rest: Any, **named: Any) -> Any:
        """Count what lm-eval sends, and what of it vLLM does not find in its cache."""
        outputs = self._plain(prompts, *rest, **named)
        self.sent += len(prompts)
        self.computed += sum(len(each.prompt_token_ids) - (each.num_cached_tokens or 0) for each in outputs)
        return outputs


def made(home: Path, words: list[str]) -> Mapping[str, Callable[..., Any]]:
    """Load everything, and give what can be done."""
    side = Theirs(home)
    return {"warm": side.warm, "ask": side.ask}


if __name__ == "__main__":
    serve(made)
