"""What lm-eval itself asks, in a process of its own: it is slow to import, it warns, and no network is left to it.

lm_eval_prompts.py FOLDER < SPECS

A spec a line: {"yaml": one of lm-eval's own files, "files": {split: rows as JSON lines}, "shots": N, "every": M}.
For every M-th document a line comes back in FOLDER/asked.jsonl: its place, its prompt and the continuations.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import lm_eval
from lm_eval.tasks import TaskManager

TASKS = Path(lm_eval.__file__).parent / "tasks"


def main(folder: Path) -> None:
    """Build the requests of every spec, and write them down."""
    datasets.disable_progress_bars()
    with open(folder / "asked.jsonl", "w", encoding="utf-8") as asked:
        for number, line in enumerate(sys.stdin):
            spec = json.loads(line)
            # Nothing is changed but where the rows come from, and splits that are not looked at.
            local = {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": spec["files"]}}
            unused = {f"{split}_split": None for split in ("training", "validation") if split not in spec["files"]}
            config = {"include": str(TASKS / spec["yaml"]), "num_fewshot": spec["shots"], **local, **unused}
            path = folder / f"{number}.yaml"
            path.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
            (task,) = TaskManager(include_defaults=False).load([str(path)])["tasks"].values()
            places = list(range(0, len(task.eval_docs), spec["every"]))
            task.build_all_requests(samples=places)
            documents: dict[int, list[tuple[str, str]]] = {}
            for instance in task.instances:
                # It counts the documents that were chosen, not those that are there.
                documents.setdefault(places[instance.doc_id], []).append(instance.args)
            for place, pairs in sorted(documents.items()):
                (prompt,) = {prompt for prompt, _ in pairs}
                found = {**spec, "place": place, "prompt": prompt, "choices": [said for _, said in pairs]}
                asked.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
