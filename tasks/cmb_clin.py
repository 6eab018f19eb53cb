"""CMB-Clin: Chinese clinical cases, each with questions asked one after another.

A row: {"id": "0", "title": "案例分析-...", "description": "现病史 ...",
"QA_pairs": [{"question": "...", "answer": "..."}]}; later releases call the answer `solution`.
"""

from msgspec.structs import replace

from medeval import (
    CMB,
    SURVEY,
    Decoding,
    DialogueSample,
    Form,
    Hub,
    Local,
    Row,
    Task,
    Turn,
    in_texts,
    judged_by,
    metrics,
    prompts,
)

REPO, REVISION = "FreedomIntelligence/CMB", "935fbc09edf1303d89872b21265ff597f426ac0d"
LONG = Decoding(max_tokens=1024)
BESIDE = ("bleu4_sentence", "token_f1", "length_ratio", "language_kept", "tokens_written")
AXES, WORDS = replace(CMB, per="turn"), replace(SURVEY, per="turn")


def to_sample(row: Row) -> DialogueSample:
    """Read a case with its questions."""
    return DialogueSample(
        id=str(row["id"]),
        language="zh",
        context=f"以下是一位病人的病例：\n{row['title'].strip()}\n{row['description'].strip()}",
        turns=tuple([
            Turn(asked=pair["question"].strip(), reference=(pair.get("solution") or pair["answer"]).strip())
            for pair in row["QA_pairs"]
        ]),
    )  # fmt: skip


def with_gold(row: Row) -> DialogueSample:
    """Read the same, with the answers of the benchmark before later questions."""
    return replace(to_sample(row), carried="gold")


FILES = (
    Form(
        name="original",
        files=(
            Local(
                path="CMB-test-qa.json",
                sha256="fc4d8d2dbfe7f647e257ceefddc9ab467576e2c4c2978fecba70f38d3c27c07e",
            ),
        ),
        to_sample=to_sample,
    ),
    Form(
        name="hub",
        files=(Hub(repo=REPO, path="CMB-Clin/CMB-Clin-qa.json", revision=REVISION),),
        to_sample=to_sample,
    ),
)

TASK = Task(
    title="CMB-Clin",
    measures="Clinical reasoning in Chinese: diagnosis and treatment of a case, question by question.",
    kind="dialogue",
    capabilities=("diagnosis", "reasoning"),
    paper="arXiv:2308.08833",
    licence="Apache-2.0",
    obtain="The original form is data/CMB-test-qa.json of github.com/FreedomIntelligence/CMB; the hub's is fetched.",
    language="zh",
    version=1,
    chance=0.0,
    rows=74,
    folder="cmb",
    forms=FILES,
    wordings={"written": prompts.first_turn},
    manners=in_texts(LONG),
    metrics=metrics.over_turns(metrics.ROUGE),
    also=metrics.over_turns([metric for metric in metrics.texts() if metric.name in BESIDE]),
    judged=judged_by(AXES, WORDS),
    cluster="case",
    traps=(
        "The 208 questions belong to 74 cases, and are no 208 independent samples: a case is drawn whole.",
        "A later question may rest on an earlier answer: on the model's own, in the gold variant on the right one.",
        "rouge-score sees no Chinese: without characters as words, two equal sentences have a ROUGE-L of 0.",
        "The 2023 release calls what is right `answer`, later ones `solution`.",
        "GPT-4 as a judge spreads all models over 0.3 points of 5; a number by another judge is another number.",
    ),
)  # fmt: skip

GOLD = replace(
    TASK,
    title="CMB-Clin (the benchmark's own answers carried on)",
    forms=tuple([replace(form, to_sample=with_gold) for form in FILES]),
)

TASKS = {"": TASK, "gold": GOLD}
