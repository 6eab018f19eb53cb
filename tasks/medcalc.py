"""MedCalc-Bench: compute a clinical value from a patient's note: lab values, doses, dates, and the points of scores.

A row of the CSV: {"Row Number": "1", "Calculator ID": "2", "Calculator Name": "Creatinine Clearance ...",
"Category": "lab test", "Output Type": "decimal", "Note ID": "pmc-...", "Note Type": "Extracted",
"Patient Note": "...", "Question": "...", "Relevant Entities": "{'sex': ...}", "Ground Truth Answer": "25.2381",
"Lower Limit": "23.97619", "Upper Limit": "26.50001", "Ground Truth Explanation": "..."}
"""

from typing import Literal

from msgspec.structs import replace

from medeval import Decoding, Form, Hub, Local, Manner, Message, OpenSample, Row, Task, Url, metrics

Kind = Literal["decimal", "integer", "date", "gestation"]
KINDS: dict[str, Kind] = {"decimal": "decimal", "integer": "integer", "date": "date", "weeks and days": "gestation"}
MANNERS = ("refusal_rate", "truncation_rate", "format_kept", "language_kept", "tokens_written")
VERIFIED = "https://raw.githubusercontent.com/nikhilk7153/MedCalc-Bench-Verified"
FORMAT = (
    'End with a last line "Answer: X", where X is nothing but the value: a number, a date as MM/DD/YYYY, or weeks and '
    "days."
)


def to_sample(row: Row) -> OpenSample:
    """Read a row as published; the limits of a decimal are right answers too, and stand beside it."""
    gold, output = row["Ground Truth Answer"].strip(), row["Output Type"]
    # The files call weeks and days an integer in one version, and a date in another.
    output = "weeks and days" if "week" in gold else output
    if output not in KINDS:
        raise ValueError(f"Output Type is {output!r}; there are decimal, integer and date")
    note, calculator = row["Note ID"], row["Calculator ID"]
    # Notes that were made for the set are numbered anew for every calculator; those of a template differ in a number.
    made = f"{calculator}-{note}" if note.isdigit() else note
    return OpenSample(
        id=row["Row Number"],
        cluster=f"template {calculator}" if row["Note Type"] == "Template" else made,
        messages=(Message(role="user", content=f"{row['Patient Note'].strip()}\n\n{row['Question'].strip()}"),),
        references=(gold, row["Lower Limit"], row["Upper Limit"]) if output == "decimal" else (gold,),
        slices={"category": row["Category"], "output": output, "calculator": row["Calculator Name"]},
    )


def wanted(sample: OpenSample) -> metrics.Wanted:
    """What counts as right: the value, and its limits where there are some."""
    return metrics.Wanted(KINDS[sample.slices["output"]], *sample.references)


def written(sample: OpenSample) -> str:
    """Ask for the value."""
    return f"{sample.stem}\n\n{FORMAT}"


def written_plain(sample: OpenSample) -> str:
    """The same in plain text, behind which the value follows."""
    return f"Patient: {sample.stem}\nAnswer:"


def reasoned(sample: OpenSample) -> str:
    """Ask for a train of thought, and the value on the last line."""
    return f"{sample.stem}\n\nThink step by step. {FORMAT}"


def solution(sample: OpenSample, style: str) -> str:
    """A value as it is to be stated; in plain text it goes on with a line that begins."""
    return sample.references[0] if style == "written" else f"Answer: {sample.references[0]}"


TASK = Task(
    title="MedCalc-Bench Verified",
    measures="Clinical calculation from a note by 55 calculators: equations (labs, doses, dates) and rules (scores).",
    kind="open",
    capabilities=("calculation", "extraction"),
    paper="arXiv:2406.12036",
    licence="CC BY-SA 4.0",
    version=1,
    chance=0.0,
    rows=1100,
    folder="medcalc_verified",
    forms=(
        Form(
            name="hub",
            files=(
                Hub(
                    repo="nsk7153/MedCalc-Bench-Verified",
                    path="test_data.csv",
                    revision="591157b3343b4dda247294f9d929da4c75026fa8",
                ),
            ),
            to_sample=to_sample,
            exemplars=(
                Url(url=f"{VERIFIED}/192a58512edf7096e1432529b3bb35d23c4b38e4/datasets/one_shot_data.csv"),
            ),
        ),
    ),
    wordings={"written": written, "written:plain": written_plain, "reasoned": reasoned},
    manners={"base": Manner(style="written", decoding=Decoding(max_tokens=64, stop=("\n",)))},
    # The makers' single example is of the same calculator: ask for it with --shots 1.
    exemplars_by="calculator",
    solution=solution,
    metrics=(metrics.within(wanted),),
    also=(metrics.value_read(wanted), *[metric for metric in metrics.exam("AB") if metric.name in MANNERS]),
    slices=("category", "output", "calculator"),
    cluster="The patient's note, which several calculators may ask about; or the template that a note was made by.",
    traps=(
        "Versions are different benchmarks: v1.0 has 1,047 questions, v1.2 and Verified 1,100, and answers differ.",
        "Verified mends v1.2 and is still being changed by its maker: it is pinned here to one commit.",
        "The makers' scorer calls Python's eval() on what the model wrote; here nothing is executed.",
        "The makers divide 0.36 % by 100, though the question asks for a percentage; here the number counts as it is.",
        "The makers take the last number of a score: 12 (E3 V4 M5) is 5 there, and 3, 4, 5 is the score 3.",
        "The makers' standard deviation is that of 1,047 questions, however many there are.",
        "HELM's scorer knows no category 'lab test': three in ten questions are always wrong there.",
        "The category is 'lab' in the file of 2024 and 'lab test' in later ones, of v1.0 too.",
        "Weeks and days have the output type integer in v1.0 and date in Verified: the answer tells what they are.",
        "A decimal may be off by 5 %, which of 0 is nothing; MELD-Na and Wells' score of embolism are decimals too.",
        "Scores are right or wrong as a whole: one criterion misread is as wrong as no answer.",
        "220 questions come from 11 templates and differ in two or three numbers: a template is one cluster here.",
    ),
)  # fmt: skip

# What was on the hub in November 2025, as most later papers have it. No commit of this file is known.
V12 = replace(
    TASK,
    title="MedCalc-Bench v1.2",
    folder="medcalc",
    forms=(
        Form(
            name="hub", files=(Hub(repo="ncbi/MedCalc-Bench", path="test_data_11_18_final.csv"),), to_sample=to_sample
        ),
    ),
    exemplars_by="",
    traps=(
        "Answers of v1.0 were mended and notes replaced: numbers of the two say nothing of each other.",
        "An audit in 2026 (arXiv:2603.02222) found errors in more than 20 calculators.",
        *TASK.traps[2:],
    ),
)

V10 = replace(
    V12,
    title="MedCalc-Bench v1.0 (2024)",
    rows=1047,
    obtain=(
        "v1.0 is dataset/test_data.csv of github.com/ncbi-nlp/MedCalc-Bench as it was in June 2024; on the hub one is "
        "asked to log in and agree. Save it as test_data.csv."
    ),
    forms=(
        Form(
            name="original",
            files=(
                Local(path="test_data.csv", sha256="c2d23097f8bdb7ae4a77dbf4a5a767335df7303998d7c7664a73a29fd8e2b31a"),
            ),
            to_sample=to_sample,
        ),
    ),
    traps=(
        "For numbers of 2024 and before alone: calculators were wrong, and what is right here may be wrong elsewhere.",
        "GPT-4 with one example has 50.9 % in the paper, by a reader that takes the last number of a reply.",
        "Framingham's risk is rounded on the way: one of 2.2 % has the answer 0, as 11 of 16 have; 0 alone is right.",
        "Seven questions about the QT interval stand twice or three times, letter for letter.",
        "The file is sorted by calculator: the answer to the question before is right in 13 %.",
        *TASK.traps[2:],
    ),
)

TASKS = {"": TASK, "v1_2": V12, "v1_0": V10}
