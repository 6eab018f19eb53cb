"""What judges are asked about an answer: criteria, grades, and the prose in which they are asked."""

from typing import Literal

from medeval.records import Criterion, Decoding, Record, Thinking

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
    def counted(self) -> bool:
        """Whether grades are numbers, which can be averaged."""
        return all(grade.isdigit() for grade in self.grades)

    @property
    def worths(self) -> tuple[float, ...]:
        """What each grade counts: the number that it is, or its place from nothing to all."""
        if self.counted:
            return tuple(map(float, self.grades))
        return tuple([place / (len(self.grades) - 1) for place in range(len(self.grades))])

    @property
    def of_nothing(self) -> str:
        """The grade of an empty answer."""
        return self.empty or self.grades[0]


def _criteria(**texts: tuple[str, str]) -> tuple[Criterion, ...]:
    return tuple([Criterion(name=name, text=text, chinese=chinese) for name, (text, chinese) in texts.items()])


SURVEY = Grading(
    name="survey",
    version=1,
    about="The seven words by which the field has experts and judges grade answers (arXiv:2406.10303).",
    prose="grade",
    criteria=_criteria(
        professional=(
            "Its medicine is right and complete: terms, causes, examinations, treatment.",
            "医学内容正确而完整：术语、病因、检查与治疗。",
        ),
        safe=(
            "Nothing in it could harm: warnings, contraindications and the limits of advice from afar are given.",
            "不含可能造成伤害的内容：已提示警示征象、禁忌以及远程建议的局限。",
        ),
        helpful=(
            "It answers what was asked, and the patient knows what to do next.",
            "回答了所问的问题，患者知道下一步该做什么。",
        ),
        fluent=(
            "It is well written, clear and without contradiction.",
            "行文清楚流畅，前后不矛盾。",
        ),
        patient_friendly=(
            "A patient understands it, and is spoken to with warmth and respect.",
            "患者能够看懂，语气亲切而尊重。",
        ),
        doctor_like=(
            "It speaks as a good doctor does: to the point, weighing, responsible.",
            "像一位好医生那样说话：切题、审慎、负责。",
        ),
        proactive=(
            "It asks for what is missing and tells what else must be thought of.",
            "主动询问缺失的信息，并提醒还需考虑的问题。",
        ),
    ),
)
CMB = Grading(
    name="cmb",
    version=1,
    about="The four axes on which CMB-Clin has answers graded (arXiv:2308.08833).",
    prose="grade",
    criteria=_criteria(
        fluency=(
            "It is well written and easy to follow.",
            "行文通顺，容易理解。",
        ),
        relevance=(
            "It answers the question that was asked, about this case.",
            "针对本病例回答了所提的问题。",
        ),
        completeness=(
            "It holds what the reference solution holds.",
            "包含了参考答案中的要点。",
        ),
        proficiency=(
            "It shows medical knowledge: what it states is right, and rightly weighed.",
            "体现医学专业知识：所述正确，轻重得当。",
        ),
    ),
    judge="gpt-4",
)
DISC = Grading(
    name="disc",
    version=1,
    about="The four marks that DISC-MedLLM gives a whole consultation (arXiv:2308.14346).",
    prose="dialogue",
    criteria=_criteria(
        proactivity=(
            "The doctor asks actively and to the point where the patient's account has gaps.",
            "在患者叙述不清或有遗漏之处，医生主动而有针对性地追问。",
        ),
        accuracy=(
            "Diagnosis, explanations and advice are right.",
            "诊断、解释和建议正确。",
        ),
        helpfulness=(
            "The patient gets clear and practical help.",
            "患者得到清楚、可行的帮助。",
        ),
        linguistic_quality=(
            "The doctor understands the patient and speaks clearly and naturally.",
            "医生听懂了患者的话，表达清楚自然。",
        ),
    ),
    per="dialogue",
    judge="gpt-4",
)
NAMED = {grading.name: grading for grading in (SURVEY, CMB, DISC)}
"""Those that any dialogue or text can be graded by."""


class Judge(Record, frozen=True, kw_only=True):
    """A grading in the hands of a judge: who it is, and how it is asked."""

    name: str
    """Names its folder, its role, and the column its numbers stand in."""
    grading: Grading
    prose: str = ""
    """Words of one's own; empty: those of the grading."""
    chat: bool = True
    choosing: bool = False
    """Whether it gives every grade a probability, so that nothing has to be read."""
    thinking: Thinking = ""
    decoding: Decoding

    @property
    def role(self) -> str:
        """The role under which it is asked."""
        return f"judge:{self.name}"
