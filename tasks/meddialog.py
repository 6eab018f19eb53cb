"""MedDialog: what a doctor answers next, to a patient of a consultation site, in English or in Chinese.

A row: {"description": "...", "utterances": ["patient: ...", "doctor: ...", ...]}, or with utterances as objects
{"speaker": "patient", "utterance": "..."}; files of JSON lines, or one list.
"""

from hashlib import sha256

from msgspec.structs import replace

from medeval import (
    SURVEY,
    Decoding,
    Form,
    Language,
    Local,
    Message,
    OpenSample,
    Row,
    Task,
    in_texts,
    judged_by,
    metrics,
    prompts,
)

SPEAKERS = {"patient": "user", "病人": "user", "患者": "user", "doctor": "assistant", "医生": "assistant"}
LONG = Decoding(max_tokens=1024)


def to_sample(row: Row) -> OpenSample:
    """Read a dialogue up to the doctor's last turn, which is the reference."""
    return sample(row, "en")


def to_chinese(row: Row) -> OpenSample:
    """Read the same in Chinese."""
    return sample(row, "zh")


def sample(row: Row, language: Language) -> OpenSample:
    """Take what both languages share."""
    turns = joined([turn_of(each) for each in row["utterances"]])
    while turns and turns[-1].role == "user":
        turns.pop()  # a patient's last word has no answer
    if len(turns) < 2 or turns[0].role != "user":
        raise ValueError("there is no turn of the doctor's after one of the patient's")
    *asked, answer = turns
    text = "\n".join([turn.content for turn in turns])
    return OpenSample(
        id=sha256(text.encode()).hexdigest()[:12],
        language=language,
        messages=tuple(asked),
        references=(answer.content,),
        slices={"turns": f"{len(turns) // 2}" if len(turns) < 8 else "4 or more"},
    )


def turn_of(said: Row | str) -> Message:
    """Read who speaks, and what is said."""
    who, _, words = said.partition(":" if ":" in said[:12] else "：") if isinstance(said, str) else (
        said["speaker"], "", said["utterance"],
    )  # fmt: skip
    role = SPEAKERS[who.strip().lower()]
    return Message(role="user" if role == "user" else "assistant", content=words.strip())


def joined(turns: list[Message]) -> list[Message]:
    """Put together what one speaker says in several goes."""
    found: list[Message] = []
    for turn in turns:
        goes_on = found and found[-1].role == turn.role
        found.append(replace(turn, content=f"{found.pop().content}\n{turn.content}") if goes_on else turn)
    return found


TASK = Task(
    title="MedDialog (English, the doctor's last turn)",
    measures="Answers to patients who write to doctors on the web.",
    kind="dialogue",
    capabilities=("communication", "consultation"),
    paper="arXiv:2004.03329",
    licence="none given; the texts belong to the sites that they were taken from",
    obtain="There is no published test set: take a thousand dialogues of github.com/UCSD-AI4H/Medical-Dialogue-System, "
    "and save them as meddialog/en_test_1000.json or meddialog/zh_test_1000.json.",
    version=1,
    chance=0.0,
    rows=1000,
    folder="meddialog",
    forms=(Form(name="original", files=(Local(path="en_test_1000.json"),), to_sample=to_sample),),
    wordings={"written": prompts.last_turn},
    manners=in_texts(LONG),
    metrics=metrics.ROUGE,
    also=metrics.texts(),
    judged=judged_by(SURVEY),
    slices=("turns",),
    traps=(
        "There is no published test set of dialogues: a thousand of yours stand beside no other number.",
        "lm-eval answers the description, and scores the second utterance of the training split.",
        "Copies called med_dialog are a task of one-sentence summaries, and no dialogues.",
        "Many answers open with thanks and close with the site's own phrases, which ROUGE rewards.",
    ),
)  # fmt: skip

CHINESE = replace(
    TASK,
    title="MedDialog (Chinese, the doctor's last turn)",
    measures="Answers to patients who write to doctors on the web, in Chinese.",
    language="zh",
    forms=(Form(name="original", files=(Local(path="zh_test_1000.json"),), to_sample=to_chinese),),
)

TASKS = {"": TASK, "zh": CHINESE}
