"""HealthBench: conversations about health, each answer held against criteria that physicians wrote for it alone.

A row: {"prompt_id": "...", "prompt": [{"role": "user", "content": "..."}, ...], "rubrics": [{"criterion": "...",
"points": -5, "tags": ["level:example", "axis:accuracy"]}, ...], "example_tags": ["theme:hedging", ...]}
"""

import re

from msgspec.structs import replace

from medeval import (
    MET,
    Criterion,
    Decoding,
    Form,
    Grading,
    Judged,
    Language,
    Message,
    Row,
    RubricSample,
    Task,
    Url,
    in_texts,
    metrics,
)

BLOB = "https://openaipublic.blob.core.windows.net/simple-evals/healthbench"
AXES = ("accuracy", "completeness", "communication_quality", "context_awareness", "instruction_following")
SPEAKERS: dict[Language, tuple[str, str]] = {"en": ("Patient: ", "\nDoctor:"), "zh": ("患者：", "\n医生：")}
LONG = Decoding(max_tokens=2048)
BESIDE = ("truncation_rate", "tokens_written")
"""Of what is told of texts; the rest needs a reference, or one of our two languages."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_OTHER_WORD = re.compile(r"[^\W\d_\u4e00-\u9fff]+")


def language_of(text: str) -> Language:
    """Chinese where a text is mostly that; Japanese has the same characters, and kana between them."""
    chinese = len(_HAN.findall(text))
    return "zh" if chinese > len(_OTHER_WORD.findall(text)) and not _KANA.search(text) else "en"


def to_sample(row: Row) -> RubricSample:
    """Read a conversation with its criteria."""
    said = [Message(role=turn["role"], content=turn["content"]) for turn in row["prompt"]]
    tags = dict(tag.split(":", 1) for tag in row["example_tags"])
    return RubricSample(
        id=row["prompt_id"],
        language=language_of(said[-1].content),
        messages=tuple(said),
        criteria=tuple([
            Criterion(text=each["criterion"], points=float(each["points"]), tags=tuple(each["tags"]))
            for each in row["rubrics"]
        ]),
        slices={"theme": tags["theme"]},
    )  # fmt: skip


def last_said(sample: RubricSample) -> str:
    """What the user said last."""
    return sample.messages[-1].content


def plain_last_said(sample: RubricSample) -> str:
    """The same in plain text, where one message alone is led to the answer as the last of several would be."""
    before, after = SPEAKERS[sample.language] if len(sample.messages) == 1 else ("", "")
    return f"{before}{last_said(sample)}{after}"


def form(file: str, sha256: str) -> Form:
    """Read one of the files, all of one shape."""
    return Form(name="original", files=(Url(url=f"{BLOB}/{file}", sha256=sha256),), to_sample=to_sample)


GRADING = Grading(
    name="healthbench",
    version=1,
    about="Whether an answer meets each of the criteria that physicians wrote for it (arXiv:2505.08775).",
    prose="criterion",
    grades=MET,
    empty="no",
    judge="gpt-4.1-2025-04-14",
)

# The makers name no checksums. These are as other public harnesses, which agree on them, have written them down.
WHOLE = Task(
    title="HealthBench",
    measures="Answers to patients and professionals about health, by criteria that physicians wrote for each.",
    kind="open",
    capabilities=("communication", "knowledge", "safety"),
    paper="arXiv:2505.08775",
    licence="MIT; not to be shown",
    version=1,
    chance=0.0,
    rows=5000,
    folder="healthbench",
    forms=(
        form("2025-05-07-06-14-12_oss_eval.jsonl", "e99dd3c6372c10d6fcc5e385c5fae69d0dd40392dae56836ef9493ae324ecd2f"),
    ),
    wordings={"written": last_said, "written:plain": plain_last_said},
    manners=in_texts(LONG, base=replace(LONG, stop=("\nPatient:", "\n患者："))),
    metrics=tuple([metric for metric in metrics.TEXT if metric.name == "length"]),
    also=tuple([metric for metric in metrics.texts() if metric.name in BESIDE]),
    judged=(
        Judged(
            grading=GRADING,
            metrics=metrics.rubric(*[f"axis:{axis}" for axis in AXES]),
            also=metrics.rubric_beside(),
        ),
    ),
    slices=("theme",),
    traps=(
        "Without a judge there is a length and no score: there is no reference that anything could be held against.",
        "Negative points lower the score where the bad thing is there. MedHELM adds them, so that unsafe advice pays.",
        "A judge that fails says nothing. Elsewhere that is a no, or the other verdicts move to criteria of others.",
        "One answer may be worth less than nothing; only the mean is cut to lie between 0 and 1.",
        "2,048 tokens for an answer, as the makers allow: a cap of 512 cuts off what criteria ask for.",
        "The judge is not shown what a criterion is worth; the makers' prompt shows it the points.",
        "Longer answers meet more criteria: the length stands beside the score.",
        "Its rows carry a canary: its makers ask not to put them on the open web, and boards leave their texts out.",
        "49 languages: only English and Chinese are told apart, for the words of the judge's prompt.",
    ),
)  # fmt: skip

HARD = replace(
    WHOLE,
    title="HealthBench Hard",
    rows=1000,
    forms=(form("hard_2025-05-08-21-00-10.jsonl", "b0320430e5cd974e746585594c1dd10b5a3fc2aff9c72b26106c2c4a069d74e9"),),
)
CONSENSUS = replace(
    WHOLE,
    title="HealthBench Consensus",
    measures="The same by 34 criteria alone, on which several physicians agreed.",
    rows=3671,
    forms=(
        form("consensus_2025-05-09-20-00-46.jsonl", "fabe37553327238928b05357d8b309737b5d426d6dee432a3376da618d0969d6"),
    ),
)

TASKS = {"": WHOLE, "hard": HARD, "consensus": CONSENSUS}
