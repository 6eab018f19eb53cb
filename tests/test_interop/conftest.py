"""Small tasks of lm-eval, made on the spot for a small model: some answers are what it would say itself."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.small_models import THINK, THOUGHT
from tests.test_engines.conftest import models, plain
from tests.tiny_engines import Plain

__all__ = ["models", "plain"]

QUESTIONS = (
    "Which drug lowers the pressure", "高血压患者首选的降压药是什么", "What does the liver do", "Why do we breathe",
    "Where does bile come from", "How is blood made", "Who finds the cause of a fever", "Which vein is the widest",
    "What is a fracture", "When is a wound closed", "Which nerve moves the face", "What is in the air",
    "Which bone is the longest", "What carries oxygen", "Where is insulin made", "What closes the heart",
)  # fmt: skip
OPTIONS = ("aspirin", "heparin, given into a vein", "肝", "a drug that lowers the pressure of the blood within hours")
WORD = r"([A-Za-z]{2,})"


@pytest.fixture(autouse=True)
def _a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip without lm-eval, and let nothing of `datasets` come to lie in the home of whoever runs the tests."""
    if importlib.util.find_spec("lm_eval") is None:
        pytest.skip("needs lm-eval")
    from medeval.interop.seclusion import secluded

    with secluded(offline=True):
        import datasets
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.getbasetemp() / "datasets")


@pytest.fixture(autouse=True, scope="session")
def _few_draws() -> Iterator[None]:
    """Draw seldom: scikit-learn takes milliseconds for an F1."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("medeval.interop.marks.DRAWS", 40)
        yield


def own_words(plain: Plain, prompt: str, tokens: int) -> str:
    """What the model goes on with, if it would be cut into the same tokens again; else nothing."""
    text = plain.greedy(prompt, tokens)
    same = len(plain.ids(prompt + text)) == len(plain.ids(prompt)) + tokens and "\ufffd" not in text
    return text if same and text.strip() else ""


def marked(plain: Plain, prompt: str, tokens: int) -> bool:
    """Whether the model writes a mark of reasoning, at which our engines part a text and lm-eval's do not."""
    ids = plain.torch.tensor([plain.ids(prompt)])
    found = plain.model.generate(ids, max_new_tokens=tokens, do_sample=False, pad_token_id=0)
    return any(mark in plain.tokenizer.decode(found[0]) for mark in (THINK, THOUGHT))


def rows_of(plain: Plain) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of every file."""
    chosen: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    for number, question in enumerate(QUESTIONS):
        prompt = f"Question: {question}?\nAnswer:"
        own = next(filter(None, (own_words(plain, prompt, tokens) for tokens in (3, 2, 1))), "")
        texts = [f" {each}" for each in OPTIONS]
        options = [*texts[number % 2 :], own] if own else texts
        gold = len(options) - 1 if number % 4 == 0 else number % len(options)
        chosen.append({"question": question, "options": options, "gold": gold, "yes": number % 2})
        begun = f"{question}? It is"
        own = own_words(plain, begun, 3) if number % 2 else ""
        told.append({"text": begun, "last": own or " " + OPTIONS[number % 4], "own": bool(own)})
        if not marked(plain, f"Q: {question}?\nA:", 12):
            word = re.search(WORD, plain.greedy(f"Q: {question}?\nA:", 12).partition("\n")[0])
            written.append({"question": question, "answer": word[1] if word and len(written) % 2 else "none"})
    yield "chosen", chosen
    yield "told", told
    yield "written", written


TASKS: dict[str, dict[str, Any]] = {
    "tiny_chosen": {
        "output_type": "multiple_choice", "rows": "chosen", "doc_to_text": "Question: {{question}}?\nAnswer:",
        "doc_to_choice": "options", "doc_to_target": "gold", "target_delimiter": "", "metadata": {"version": 1.2},
        "metrics": {"acc": "mean", "acc_norm": "mean", "acc_bytes": "mean", "exact_match": "mean"},
    },
    "tiny_blank": {
        "output_type": "multiple_choice", "rows": "chosen", "doc_to_text": "Question: {{question}}?\nAnswer: \n ",
        "doc_to_choice": ["seldom", "always"], "doc_to_target": "yes", "target_delimiter": "",
        "metrics": {"f1": "f1", "mcc": "matthews_corrcoef", "acc": "mean", "brier_score": "brier_score"},
    },
    "tiny_told": {
        "output_type": "loglikelihood", "rows": "told", "doc_to_text": "{{text}}", "doc_to_target": "{{last}}",
        "metrics": {"perplexity": "perplexity", "acc": "mean"}, "metadata": {"version": "1.0.2"},
    },
    "tiny_written": {
        "output_type": "generate_until", "rows": "written", "doc_to_text": "Q: {{question}}?\nA:",
        "doc_to_target": "{{answer}}", "metrics": {"exact_match": "mean", "bleu": "bleu"},
        "generation_kwargs": {"until": ["\n", "Q:"], "max_gen_toks": 12, "do_sample": False, "temperature": 0.7},
        "filter_list": [
            {"name": "first-word", "filter": [
                {"function": "regex", "regex_pattern": WORD}, {"function": "take_first"},
            ]},
            {"name": "as said", "filter": [{"function": "take_first"}]},
        ],
    },
    "tiny_shown": {
        "output_type": "multiple_choice", "rows": "chosen", "doc_to_text": "Question: {{question}}?\nAnswer:",
        "doc_to_choice": "options", "doc_to_target": "gold", "fewshot_split": "test", "metrics": {"acc": "mean"},
        "tag": "tiny_tag",
    },
    "tiny_marked": {
        "output_type": "generate_until", "rows": "written", "doc_to_text": "Q: {{question}}?\nA:",
        "doc_to_target": "{{answer}}", "metrics": {"length": "mean"}, "process_results": "!function utils.marks",
        "generation_kwargs": {"until": "\n", "max_gen_toks": 6}, "tag": "tiny_tag",
    },
}  # fmt: skip
UTILS = """
def marks(doc, results):
    found = {"length": len(results[0])}
    return {**found, "blank": results[0].startswith(" ")} if doc["answer"] == "none" else found
"""


def write_task(folder: Path, name: str, declared: dict[str, Any], data: Path) -> Path:
    """Write a task of lm-eval over rows that lie here."""
    known = {key: value for key, value in declared.items() if key not in ("rows", "metrics")}
    config = {
        "task": name, "dataset_path": "json", "test_split": "test",
        "dataset_kwargs": {"data_files": {"test": str(data / f"{declared['rows']}.jsonl")}}, **known,
        "metric_list": [
            {"metric": metric, "aggregation": how, "higher_is_better": metric not in ("perplexity", "brier_score")}
            for metric, how in declared["metrics"].items()
        ],
    }  # fmt: skip
    path = folder / f"{name}.yaml"
    # JSON is YAML, but for the tag by which a function is named.
    path.write_text(re.sub(r'"(!function [\w.]+)"', r"\1", json.dumps(config)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tasks(plain: Plain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of tasks, with the rows below it."""
    folder = tmp_path_factory.mktemp("lm_eval")
    data = folder / "rows"
    data.mkdir()
    for name, rows in rows_of(plain):
        (data / f"{name}.jsonl").write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    for name, declared in TASKS.items():
        write_task(folder, name, declared, data)
    (folder / "utils.py").write_text(UTILS, encoding="utf-8")
    (folder / "tiny_group.yaml").write_text('{"group": "tiny_group", "task": ["tiny_chosen", "tiny_told"]}')
    return folder
