"""What lm-eval itself makes of local tasks, in a process of its own: it is slow to import, it warns, it goes online.

lm_eval_numbers.py MODEL TASKS OUT NAME[@SHOTS] ...
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"

import lm_eval
import torch
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager


def main(model: str, tasks: str, out: str, names: list[str]) -> None:
    """Evaluate the tasks, and write down every number of every row."""
    torch.set_num_threads(1)
    lm = HFLM(pretrained=model, dtype="float32", device="cpu", batch_size=1)
    manager = TaskManager(include_path=tasks, include_defaults=False)
    found = {}
    for each in names:
        name, _, shots = each.partition("@")
        done = lm_eval.simple_evaluate(
            model=lm, tasks=[name], task_manager=manager, num_fewshot=int(shots) if shots else None,
            bootstrap_iters=0, log_samples=True,
        )  # fmt: skip
        rows = [
            {key: row[key] for key in ("doc_id", "filter", "resps", "arguments", "metrics", *row["metrics"])}
            for row in done["samples"][name]
        ]
        found[each] = {"results": done["results"][name], "rows": rows}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(found, file, default=lambda value: value.tolist())


if __name__ == "__main__":
    weights, folder, target, *wanted = sys.argv[1:]
    main(weights, folder, target, wanted)
