"""MMLU-Pro, the category health: three to ten options, one right letter, answered after a train of thought.

A row: {"question_id": 6007, "question": "Which of the following ...", "options": ["...", ...], "answer": "D",
"answer_index": 3, "cot_content": "", "category": "health", "src": "ori_mmlu-college_medicine"}
"""

from collections.abc import Iterable, Iterator

from medeval import ChoiceSample, Decoding, Form, Hub, Manner, Row, Style, Task, lettered, metrics, prompts

REPO, REVISION = "TIGER-Lab/MMLU-Pro", "b189ec765aa7ed75c8acfea42df31fdae71f97be"
LETTERS = "ABCDEFGHIJ"
ASIDE = "A: "
"""What stands before every worked answer, and is said by the prompt."""


def of_health(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave the other thirteen categories out, which stand in the same file."""
    return (row for row in rows if row["category"] == "health")


def to_sample(row: Row) -> ChoiceSample:
    """Read a row; options that say N/A only fill the examples up to ten, and are none."""
    right = row["answer_index"]
    if row["answer"] != LETTERS[right]:
        raise ValueError(f"the answer is {row['answer']!r}, its number {right}")
    kept = [place for place, text in enumerate(row["options"]) if text.strip() != "N/A"]
    return ChoiceSample(
        id=str(row["question_id"]),
        question=row["question"].strip(),
        options=lettered([row["options"][place].strip() for place in kept]),
        target=(LETTERS[kept.index(right)],),
        slices={"subject": row["src"].partition("-")[2], "options": str(len(kept))},
        explanation=row["cot_content"].removeprefix(ASIDE).strip(),
    )


def official(each: ChoiceSample) -> str:
    """The makers' own layout; solved examples go on with their train of thought."""
    return f"Question:\n{each.question}\nOptions:\n{prompts.options_listed(each)}Answer:"


def in_a_chat(each: ChoiceSample) -> str:
    """The same question for a chat, with what the makers say before it."""
    return (
        f"Question:\n{each.question}\nOptions:\n{prompts.options_listed(each)}\n"
        'Think step by step and then finish your answer with "the answer is (X)" '
        "where X is the correct letter choice."
    )


def solution(each: ChoiceSample, style: Style) -> str:
    """What a solved example says."""
    (letter,) = each.target
    if style == "reasoned":
        return each.explanation
    if style == "options":
        return next(option.text for option in each.options if option.label == letter)
    return f"Answer: {letter}" if style == "written" else letter


TASK = Task(
    title="MMLU-Pro health",
    measures="Medical knowledge of MMLU's harder questions, and reasoning among up to ten options.",
    capabilities=("knowledge", "reasoning"),
    paper="arXiv:2406.01574",
    licence="MIT",
    version=1,
    chance=0.1189,
    rows=818,
    folder="mmlu_pro",
    forms=(
        Form(
            name="hub",
            files=(
                Hub(
                    repo=REPO, path="data/test-00000-of-00001.parquet", revision=REVISION,
                    sha256="0e24a191921c2f453518a537a8b2117bd137e7714d4ef1565e9ba06c1ecb9ad8",
                ),
            ),
            to_sample=to_sample,
            join=of_health,
            exemplars=(
                Hub(
                    repo=REPO, path="data/validation-00000-of-00001.parquet", revision=REVISION,
                    sha256="139423c23722e480c807ac4a191409a710cfce4eba744c1d641cf88e730e2078",
                ),
            ),
            join_exemplars=of_health,
        ),
    ),
    wordings={**prompts.with_letters(official), "reasoned": in_a_chat, "reasoned:plain": official},
    solution=solution,
    # The published numbers have five solved examples, of base and of chat models alike.
    manners={
        "base": Manner(style="reasoned", shots=5, decoding=Decoding(max_tokens=2048, stop=("Question:",))),
        "chat": Manner(style="reasoned", chat=True, shots=5, decoding=Decoding(max_tokens=4096)),
    },
    metrics=(metrics.accuracy,),
    also=metrics.exam(LETTERS),
    tables=metrics.exam_tables(LETTERS),
    slices=("subject", "options"),
    traps=(
        "Not all have ten options: 598 do, 72 have four, three have three; a guess gets 11.89 %, always A 12.47 %.",
        "Their script guesses where it reads nothing (174 of 818 replies of Qwen1.5-7B-Chat); here that is wrong.",
        "lm-eval reads the first 'answer is (X)', the makers else any last capital up to J; here the last one said.",
        "In 2025 fifteen answers were corrected: numbers published in 2024 are of the earlier ones.",
        "In 2025 some forty questions were said to be of other categories; by others' counts the pinned file has them.",
        "Over a hundred questions stand twice or nearly so: the interval is too narrow for that.",
        "lm-eval shows the N/A that fill up the examples as options; the makers leave them out, as here.",
        "The makers drop examples where a prompt gets long, so that some of their questions have fewer than five.",
    ),
)  # fmt: skip
