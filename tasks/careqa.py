"""CareQA: the entrance exams of Spain's specialised training 2020 to 2024 in English, with options and without.

A row: {"exam_id": 26, "question": "In relation to ...", "op1": "...", ..., "op4": "...", "cop": 2,
"category": "Medicine", "year": 2024, "unique_id": "5636d1af-..."}
Without options: {"question": "...", "answer": "..."}
"""

from msgspec.structs import replace

from medeval import (
    ChoiceSample,
    Decoding,
    Form,
    Hub,
    Message,
    OpenSample,
    Row,
    Task,
    in_texts,
    lettered,
    metrics,
    prompts,
)

REPO, REVISION = "HPAI-BSC/CareQA", "1d976cc544ccb9dfc96e14439e6840e8a810cec5"
LOST = {
    "5636d1af-e0b1-43b0-8a04-6f127dcf6785": "In relation to the immune mechanism involved in the rejection of "
    "transplanted solid organs, indicate the incorrect answer:"
}
"""The question of the one row that came without it, by its id, as lm-eval puts it back in."""
SHORT = Decoding(max_tokens=512)


def to_sample(row: Row) -> ChoiceSample:
    """Read a row with options, of which `cop` counts from 1."""
    found = raw(row)
    return replace(
        found,
        question=found.question.strip(),
        options=lettered(option.text.strip() for option in found.options),
    )


def raw(row: Row) -> ChoiceSample:
    """Read the same letter for letter."""
    right = row["cop"] - 1
    if right not in range(4):
        raise ValueError(f"cop is {row['cop']}, and there are options 1 to 4")
    question = row["question"]
    return ChoiceSample(
        id=row["unique_id"],
        question=LOST[row["unique_id"]] if question is None else question,
        options=lettered(f"{row[f'op{number}']}" for number in range(1, 5)),
        target=("ABCD"[right],),
        slices={"category": row["category"], "year": str(row["year"])},
    )


def to_open(row: Row) -> OpenSample:
    """Read a row without options."""
    return OpenSample(
        id=row["_id"],
        messages=(Message(role="user", content=row["question"].strip()),),
        references=(row["answer"].strip(),),
    )


def plain_question(sample: OpenSample) -> str:
    """The question in plain text."""
    return f"Question: {prompts.last_turn(sample)}\nAnswer:"


CLOSED = Task(
    title="CareQA (English)",
    measures="Knowledge of six health professions, as the entrance exams of Spain's specialised training ask for it.",
    capabilities=("knowledge", "reasoning"),
    paper="arXiv:2502.06666",
    licence="Apache-2.0",
    version=1,
    chance=1 / 4,
    rows=5621,
    folder="careqa",
    forms=(
        Form(
            name="hub",
            files=(Hub(repo=REPO, path="CareQA_en.json", revision=REVISION),),
            to_sample=to_sample,
            exact=raw,
        ),
    ),
    wordings=prompts.with_letters(prompts.question_choices),
    protocols=("lm-eval",),
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCD"),
    tables=metrics.exam_tables("ABCD"),
    slices=("category", "year"),
    traps=(
        "One row came without its question (5636d1af-...): lm-eval puts it back in by hand, and so does this task.",
        "`cop` counts from 1.",
        "The English is GPT-4's, of which a part was looked through; the Spanish original is not asked here.",
        "The exams and their keys are published by the ministry: newer models may have read them.",
        "HEAD-QA has the same exams of 2013 to 2017. There is no split for solved examples.",
    ),
)

OPEN = replace(
    CLOSED,
    title="CareQA Open (English)",
    measures="Short answers to questions of the same exams, without options to choose from.",
    kind="open",
    capabilities=("knowledge",),
    chance=0.0,
    rows=2769,
    forms=(
        Form(
            name="hub",
            files=(Hub(repo=REPO, path="CareQA_en_open.json", revision=REVISION),),
            to_sample=to_open,
        ),
    ),
    wordings={"written": prompts.last_turn, "written:plain": plain_question},
    manners=in_texts(SHORT, base=Decoding(max_tokens=512, stop=("\nQuestion:",))),
    protocols=(),
    # First by words: an answer of a word has no pair of words, which ROUGE-2 wants.
    metrics=(*[metric for metric in metrics.TEXT if metric.name == "token_f1"], *metrics.ROUGE),
    also=metrics.texts(),
    tables=(),
    slices=(),
    traps=(
        "The card counts 2,769 rows; the paper, and lm-eval after it, 3,730. Another number of rows is refused.",
        "Questions were put in other words by Qwen2.5-72B-Instruct, the answers are the right options of the exam.",
        "A right answer in other words, or a longer one, scores low: shared words do not measure truth, judges do.",
        "lm-eval leaves out empty replies, so that silence is free, and cuts a reply at its first empty line.",
    ),
)  # fmt: skip

TASKS = {"": CLOSED, "open": OPEN}
