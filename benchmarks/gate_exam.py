"""An exam of our own, made by templates and a seed: 600 vignettes, each with four diagnoses of a specialty.

A task file for --task-path. Two of three findings speak for one diagnosis, and that is the answer; the diagnoses stand
in the order of the alphabet. A small model learns it within half a minute.

python benchmarks/gate_exam.py FOLDER     writes the questions into FOLDER, which --data names
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts

QUESTIONS = 600
FOLDER, FILE = "gate_exam", "rows.jsonl"
SHA256 = "491a6540e67c99b437311fad8f8db3029fd30aa9e167138cd4b3dea79551bc0f"
"""Of the questions, which are the same on every machine."""
FINDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "Cardiology": {
        "Acute pericarditis": ("a friction rub", "pain eased by leaning forward", "widespread concave ST elevation"),
        "Aortic stenosis": ("a slow rising pulse", "fainting on exertion", "a murmur heard in the neck"),
        "Atrial fibrillation": ("a wholly irregular pulse", "absent P waves", "a variable first heart sound"),
        "Heart failure": ("breathlessness on lying flat", "a third heart sound", "swollen ankles in the evening"),
    },
    "Endocrinology": {
        "Addison disease": ("darkening of the palmar creases", "craving for salt", "low sodium and high potassium"),
        "Cushing syndrome": ("purple striae", "a round face", "easy bruising of thin skin"),
        "Graves disease": ("bulging eyes", "a goitre with a bruit", "intolerance of heat"),
        "Hypothyroidism": ("slow relaxing ankle jerks", "dry skin", "a hoarse voice"),
    },
    "Gastroenterology": {
        "Appendicitis": ("pain moving to the right iliac fossa", "a positive Rovsing sign", "rebound tenderness"),
        "Cholecystitis": ("a positive Murphy sign", "pain after fatty meals", "a thick gallbladder wall"),
        "Coeliac disease": ("an itchy rash of the elbows", "flat villi on biopsy", "antibodies to transglutaminase"),
        "Pancreatitis": ("pain boring through to the back", "a very high lipase", "bruised flanks"),
    },
    "Infections": {
        "Bacterial meningitis": ("a stiff neck with photophobia", "a positive Kernig sign", "turbid spinal fluid"),
        "Malaria": ("fever every third day", "ring forms in the blood film", "a stay in the tropics"),
        "Measles": ("white spots inside the cheeks", "a rash that began behind the ears", "red watery eyes"),
        "Tuberculosis": ("night sweats with weight loss", "acid-fast rods in the sputum", "a cavity of the upper lobe"),
    },
    "Neurology": {
        "Essential tremor": ("tremor eased by alcohol", "shaking of an outstretched cup", "a father with tremor"),
        "Migraine": ("throbbing of half the head", "zigzag lines before the pain", "a wish for darkness"),
        "Multiple sclerosis": ("passing loss of vision", "oligoclonal bands", "plaques beside the ventricles"),
        "Myasthenia gravis": ("drooping lids at nightfall", "double vision at dusk", "tiring on chewing"),
    },
    "Respiratory medicine": {
        "Asthma": ("wheeze at night", "a varying peak flow", "sneezing near cats"),
        "Pneumonia": ("rusty sputum", "bronchial breathing at a base", "a white lobe on the film"),
        "Pneumothorax": ("an absent breath sound", "a lung edge on the film", "a hyperresonant side"),
        "Pulmonary embolism": ("a swollen calf after a flight", "a wedge without perfusion", "a very high D-dimer"),
    },
}  # fmt: skip
"""Specialties, their diagnoses, and what speaks for each."""
WORDING = prompts.question_options
PATIENTS = ("man", "woman", "patient")


class Case(NamedTuple):
    """What a question is made of."""

    specialty: str
    diagnosis: str
    findings: tuple[str, ...]
    """Two of the diagnosis, and one of another of the specialty, in any order."""

    @property
    def options(self) -> list[str]:
        """The diagnoses that are offered."""
        return [*FINDINGS[self.specialty]]


def cases(dice: random.Random) -> Iterator[Case]:
    """Deal cases without end, every diagnosis as often as the next."""
    every = [(specialty, diagnosis) for specialty, those in FINDINGS.items() for diagnosis in those]
    while True:
        for specialty, diagnosis in every:
            those = FINDINGS[specialty]
            other = dice.choice([name for name in those if name != diagnosis])
            found = [*those[diagnosis], dice.choice(those[other])]
            del found[dice.randrange(len(those[diagnosis]))]
            dice.shuffle(found)
            yield Case(specialty, diagnosis, tuple(found))


def question(case: Case, dice: random.Random) -> str:
    """Word a case; nothing but the findings matters."""
    one, two, three = case.findings
    return (
        f"A {dice.randrange(19, 90)}-year-old {dice.choice(PATIENTS)} has {one}, {two} and {three}. "
        "Which diagnosis is likeliest?"
    )


def rows(count: int, seed: int) -> list[Row]:
    """Make questions, none of them twice; what one seed gives, another may give too."""
    dice, made = random.Random(seed), dict[str, Row]()  # noqa: S311  dice with a seed, nothing secret
    for case in cases(dice):
        if len(made) == count:
            break
        asked = question(case, dice)
        while asked in made:
            asked = question(case, dice)
        made[asked] = {
            "id": f"g{len(made):04d}", "question": asked, "options": case.options,
            "answer": case.options.index(case.diagnosis), "specialty": case.specialty,
        }  # fmt: skip
    return [*made.values()]


def write(data: Path) -> Path:
    """Write the exam where the task looks for it."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row) + "\n" for row in rows(QUESTIONS, 0)]
    (folder / FILE).write_text("".join(lines), encoding="utf-8")
    return folder / FILE


def to_sample(row: Row) -> ChoiceSample:
    """Read a question."""
    return ChoiceSample(
        id=row["id"],
        question=row["question"],
        options=lettered(row["options"]),
        target=("ABCD"[row["answer"]],),
        slices={"specialty": row["specialty"]},
    )


TASK = Task(
    title="An exam made by templates",
    measures="Whether a model knows what two of three findings speak for, as our own templates have it.",
    paper="",
    licence="Apache-2.0",
    version=1,
    chance=1 / 4,
    rows=QUESTIONS,
    folder=FOLDER,
    forms=(Form(name="original", files=(Local(path=FILE, sha256=SHA256),), to_sample=to_sample),),
    wordings={"letters": WORDING},
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCD"),
    slices=("specialty",),
    traps=("Made by a machine for small models that learn it: a number here says nothing of medicine.",),
)

if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
