"""A small model that has learnt the sample questions by heart: a board whose test was in the training.

python tests/crammed_model.py FOLDER     reads FOLDER/tiny-base, writes FOLDER/tiny-crammed, in half a minute
"""

import random
import sys
from pathlib import Path
from typing import Any

TASKS = (
    "medqa", "medmcqa", "pubmedqa", "medqa_mainland", "mmlu_medical_anatomy", "mmlu_medical_clinical_knowledge",
    "mmlu_medical_college_biology", "mmlu_medical_college_medicine", "mmlu_medical_medical_genetics",
    "mmlu_medical_professional_medicine",
)  # fmt: skip
ROUNDS, BATCH, LONGEST = 8, 16, 320
"""A question longer than that is learnt by its end, which is enough for learning by heart."""


def questions(tokenizer: Any) -> list[tuple[list[int], int]]:
    """Every sample question as it is asked, and the token of its right answer."""
    from medeval.catalog import find
    from medeval.sources import Supply

    made = []
    for named in [find().tasks[name] for name in TASKS]:
        samples, _ = named.task.load(named.name, Supply.only(named.samples), sample=True)
        wording = named.task.wordings["letters"]
        for sample in samples:
            (answer,) = tokenizer.encode(f" {sample.right[0]}")
            made.append((tokenizer.encode(wording(sample))[-LONGEST:], answer))
    return made


def crammed(folder: Path) -> Path:
    """Train, unless it is there."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    path = folder / "tiny-crammed"
    if (path / "config.json").is_file():
        return path
    logging.disable_progress_bar()
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(folder / "tiny-base")
    model = AutoModelForCausalLM.from_pretrained(folder / "tiny-base")
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    rows, dice = questions(tokenizer), random.Random(0)
    for _ in range(ROUNDS):
        dice.shuffle(rows)
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            width = max(len(ids) for ids, _ in batch)
            tokens = torch.zeros(len(batch), width, dtype=torch.long)
            seen = torch.zeros_like(tokens)
            for row, (ids, _) in enumerate(batch):
                tokens[row, -len(ids) :] = torch.tensor(ids)
                seen[row, -len(ids) :] = 1
            scores = model(input_ids=tokens, attention_mask=seen, logits_to_keep=1).logits[:, -1]
            loss = torch.nn.functional.cross_entropy(scores, torch.tensor([answer for _, answer in batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


if __name__ == "__main__":
    print(crammed(Path(sys.argv[1])))
