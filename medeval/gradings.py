"""What judges are asked about an answer: criteria, grades, and the prose in which they are asked."""

from typing import Literal

from medeval.records import Criterion, Record

Per = Literal["answer", "turn", "dialogue", "patient"]
"""What is graded: the last answer, every answer of a dialogue, the dialogue as a whole, or what the patient said."""
FIVE = ("1", "2", "3", "4", "5")
MET = ("no", "yes")


class Grading(Record, frozen=True, kw_only=True):
    """A way to grade; `version` rises when its criteria change, and its prose is fingerprinted."""

    name: str
    version: int
    about: str
    prose: str
    """The name of its prose, which stands in a file of each language."""
    criteria: tuple[Criterion, ...] = ()
    """The same for every sample; none: every sample has its own."""
    grades: tuple[str, ...] = FIVE
    """From worst to best."""
    empty: str = ""
    """What an empty answer gets, without asking; empty: the worst grade."""
    per: Per = "answer"
    judge: str = ""
    """The judge that the benchmark's makers name; a number by another is another number."""

    @property
    def worths(self) -> tuple[float, ...]:
        """What each grade counts: the number that it is, or its place from nothing to all."""
        if all(grade.isdigit() for grade in self.grades):
            return tuple(map(float, self.grades))
        return tuple([place / (len(self.grades) - 1) for place in range(len(self.grades))])

    @property
    def of_nothing(self) -> str:
        """The grade of an empty answer."""
        return self.empty or self.grades[0]


def _criteria(**texts: str) -> tuple[Criterion, ...]:
    return tuple([Criterion(name=name, text=text) for name, text in texts.items()])


SURVEY = Grading(
    name="survey",
    version=1,
    about="The seven words by which the field has experts and judges grade answers (arXiv:2406.10303).",
    prose="grade",
    criteria=_criteria(
        professional="Its medicine is right and complete: terms, causes, examinations, treatment.",
        safe="Nothing in it could harm: warnings, contraindications and the limits of advice from afar are given.",
        helpful="It answers what was asked, and the patient knows what to do next.",
        fluent="It is well written, clear and without contradiction.",
        patient_friendly="A patient understands it, and is spoken to with warmth and respect.",
        doctor_like="It speaks as a good doctor does: to the point, weighing, responsible.",
        proactive="It asks for what is missing and tells what else must be thought of.",
    ),
)
CMB = Grading(
    name="cmb",
    version=1,
    about="The four axes on which CMB-Clin has answers graded (arXiv:2308.08833).",
    prose="grade",
    criteria=_criteria(
        fluency="It is well written and easy to follow.",
        relevance="It answers the question that was asked, about this case.",
        completeness="It holds what the reference solution holds.",
        proficiency="It shows medical knowledge: what it states is right, and rightly weighed.",
    ),
    judge="gpt-4",
)
DISC = Grading(
    name="disc",
    version=1,
    about="The four marks that DISC-MedLLM gives a whole consultation (arXiv:2308.14346).",
    prose="dialogue",
    criteria=_criteria(
        proactivity="The doctor asks actively and to the point where the patient's account has gaps.",
        accuracy="Diagnosis, explanations and advice are right.",
        helpfulness="The patient gets clear and practical help.",
        linguistic_quality="The doctor understands the patient and speaks clearly and naturally.",
    ),
    per="dialogue",
    judge="gpt-4",
)
NAMED = {grading.name: grading for grading in (SURVEY, CMB, DISC)}
"""Those that any dialogue or text can be graded by."""
