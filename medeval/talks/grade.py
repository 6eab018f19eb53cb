"""Judges: what they are shown of a walk, what they are asked about it, and the verdicts read out of their replies.

All that a walk leaves to be judged is asked at once, one request a criterion. A reply in which no grade can be read
for certain is no verdict, and never a grade.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple
from unicodedata import normalize

from msgspec.structs import replace

from medeval.gradings import Grading, Judge
from medeval.prompts.asking import glue
from medeval.readers import traces
from medeval.records import (
    NOT_MEASURED,
    Choice,
    Criterion,
    Exchange,
    Failure,
    Language,
    Message,
    Reply,
    Request,
    RubricSample,
    Sample,
    Verdict,
    Walk,
)
from medeval.talks.base import Talk
from medeval.talks.choose import ONE_TOKEN
from medeval.talks.exhibits import Exhibit, exhibits
from medeval.talks.fences import fenced
from medeval.talks.prose import prose

CLOSING = {
    ("en", True): "Reply with one of: {grades}. Nothing else.",
    ("zh", True): "只回答以下之一：{grades}。不要写任何其他内容。",
    ("en", False): 'Give your reasons in a few sentences. End with a last line "Grade: X", X being one of: {grades}.',
    ("zh", False): "请用几句话说明理由。最后单独一行写“评分：X”，X为以下之一：{grades}。",
}
EMPTY = "empty answer"
LAST_WORD = {"en": "Grade:", "zh": "评分："}
_STATED = re.compile(r"^\W*(?:(?:final )?grade|score|verdict|评分|得分|等级|结论)\W*[:：](?P<grade>.+)$", re.IGNORECASE)
LONGEST_LAST_LINE = 200
"""Characters; what is longer is no line that states a grade."""
_POINTS = re.compile(r"^(?P<grade>\d+)\s*(?:分|(?:/|out of)\s*(?P<most>\d+))$", re.IGNORECASE)


class Question(NamedTuple):
    """One thing that a judge is to say: about what, by which criterion."""

    exhibit: Exhibit
    criterion: Criterion
    name: str


def judged(talk: Talk, sample: Sample, judges: Sequence[Judge]) -> Talk:
    """Play a talk to its end, then bring what came of it before judges."""
    exchanges: list[Exchange] = []
    requests = next(talk)
    while True:
        replies = yield requests
        exchanges += [
            Exchange(request=request, asked="", reply=reply) for request, reply in zip(requests, replies, strict=True)
        ]
        try:
            requests = talk.send(replies)
        except StopIteration as end:
            walk = Walk(exchanges=tuple(exchanges), answer=end.value)
            break
    yield from asked_of(judges, sample, walk)
    return walk.answer


def asked_of(judges: Sequence[Judge], sample: Sample, walk: Walk) -> Iterator[tuple[Request, ...]]:
    """Yield, at once, all that judges are asked about a walk, if there is anything."""
    if requests := tuple([request for judge in judges for request in requests_of(judge, sample, walk)]):
        yield requests


def requests_of(judge: Judge, sample: Sample, walk: Walk) -> tuple[Request, ...]:
    """Word everything that one judge is asked about a walk."""
    return tuple([_request(judge, question, sample.language) for question in _open(judge, sample, walk)])


def verdicts_of(judge: Judge, sample: Sample, walk: Walk, replies: Sequence[Reply]) -> tuple[Verdict, ...]:
    """Read a judge's verdicts; an empty answer has its grade without being asked about."""
    heard, found = iter(replies), []
    for question in questions(judge.grading, sample, walk):
        said = Verdict(judge=judge.name, criterion=question.name, turn=question.exhibit.turn)
        if question.exhibit.answer.strip():
            found.append(read(judge, said, next(heard)))
        else:
            of_nothing = judge.grading.of_nothing
            worth = judge.grading.worths[judge.grading.grades.index(of_nothing)]
            found.append(_verdict(said, of_nothing, EMPTY, worth))
    return tuple(found)


def questions(grading: Grading, sample: Sample, walk: Walk) -> Iterator[Question]:
    """All that is to be said of a walk by a grading; nothing where nobody knows what the model would have said."""
    if walk.answer.status in NOT_MEASURED:
        return
    own = sample.criteria if isinstance(sample, RubricSample) and not grading.criteria else ()
    criteria = [(each.name, each) for each in grading.criteria] or [(str(n), each) for n, each in enumerate(own)]
    for exhibit in exhibits(grading.per, sample, walk):
        for name, criterion in criteria:
            yield Question(exhibit, criterion, name)


def asks_of(judge: Judge) -> str:
    """A short hash of the words in which a judge is asked, in every language."""
    words = [judge.prose] if judge.prose else [prose(judge.grading.prose, language) for language in ("en", "zh")]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]


def read_grade(text: str, grades: Sequence[str]) -> str:
    """Read a grade that is stated on the last line, or is all that is said; else nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines[-1]) > LONGEST_LAST_LINE:
        return ""
    stated = _STATED.match(lines[-1])
    said = stated["grade"] if stated else lines[0] if len(lines) == 1 else ""
    plain = normalize("NFKC", said).strip(" \t*_`\"'“”‘’「」『』[]()（）.。!！").casefold()
    if all(map(str.isdigit, grades)) and (points := _POINTS.match(plain)):
        # Three of five on a scale that ends with ten would be another grade.
        plain = points["grade"] if points["most"] in (None, max(grades, key=int)) else ""
    return next((grade for grade in grades if grade.casefold() == plain), "")


def _open(judge: Judge, sample: Sample, walk: Walk) -> Iterator[Question]:
    return (each for each in questions(judge.grading, sample, walk) if each.exhibit.answer.strip())


def _request(judge: Judge, question: Question, language: Language) -> Request:
    exhibit = question.exhibit
    return put(
        judge, language, question.criterion, case=exhibit.case, history=exhibit.history, question=exhibit.question,
        gold=exhibit.gold, answer=exhibit.answer,
    )  # fmt: skip


def put(judge: Judge, language: Language, criterion: Criterion, **shown: str) -> Request:
    """Put what is shown before a judge, in its words and in the way in which it is asked."""
    grades = judge.grading.grades
    between = "、" if language == "zh" else ", "
    closing = CLOSING[language, judge.choosing].format(grades=between.join(grades))
    said = criterion.chinese if language == "zh" and criterion.chinese else criterion.text
    words = judge.prose or prose(judge.grading.prose, language)
    text = filled(words.replace("{closing}", closing), **shown, criterion=said)
    decoding = ONE_TOKEN if judge.choosing else judge.decoding
    if judge.chat:
        choices = _choices(grades, "") if judge.choosing else ()
        message = Message(role="user", content=text)
        return Request(
            messages=(message,), choices=choices, decoding=decoding, thinking=judge.thinking, role=judge.role
        )
    last = LAST_WORD[language]
    choices = _choices(grades, glue(last)) if judge.choosing else ()
    return Request(text=f"{text}\n{last}", choices=choices, decoding=decoding, role=judge.role)


@cache
def _choices(grades: tuple[str, ...], blank: str) -> tuple[Choice, ...]:
    return tuple([Choice(label=grade, text=blank + grade) for grade in grades])


def filled(text: str, **shown: str) -> str:
    """Put what is shown into its places, fenced; a place for what there is not goes, with its paragraph."""
    place = re.compile(rf"\{{({'|'.join(shown)})\}}")
    paragraphs = []
    for paragraph in text.split("\n\n"):
        # Every second piece is a name: what is put in is never looked at for places again.
        pieces = place.split(paragraph)
        names = pieces[1::2]
        if not names or any(shown[name].strip() for name in names):
            pieces[1::2] = [fenced(name, shown[name]) for name in names]
            paragraphs.append("".join(pieces))
    return "\n\n".join(paragraphs)


def read(judge: Judge, said: Verdict, reply: Reply) -> Verdict:
    """Read a verdict out of one reply: the likeliest grade, or the one that is stated; else why there is none."""
    if isinstance(reply, Failure):
        return _verdict(said, "", f"{reply.failure}: {reply.reason}")
    grades, worths = judge.grading.grades, judge.grading.worths
    if not judge.choosing:
        # What was cut off may have gone on: behind a 4 with a half, behind a line with second thoughts.
        if reply.finish == "length":
            return _verdict(said, "", "cut off before a grade")
        grade = read_grade(traces.split(reply.text, opened=False)[1], grades)
        return _verdict(said, grade, "stated" if grade else "no grade on the last line")
    known = [place for place in range(len(grades)) if place not in reply.below]
    if not known:
        return _verdict(said, "", "no grade is among the likeliest words")
    shares = {place: math.exp(reply.logprobs[place]) for place in known}
    whole = math.fsum(shares.values())
    if not whole:
        return _verdict(said, "", "no grade has any probability")
    best = max(known, key=lambda place: reply.logprobs[place])
    return _verdict(said, grades[best], "likeliest", math.fsum([shares[n] * worths[n] for n in known]) / whole)


def _verdict(said: Verdict, grade: str, why: str, expected: float | None = None) -> Verdict:
    return replace(said, grade=grade, why=why, expected=expected)
