"""What a judge is shown: the case, what was said before, the question, a good answer, and the answer to be graded."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medeval.gradings import Per
from medeval.prompts.asking import SPEAKERS, glue
from medeval.records import (
    CaseSample,
    ChoiceSample,
    DialogueSample,
    Exchange,
    Language,
    Message,
    OpenSample,
    Response,
    Sample,
    Walk,
)

Said = tuple[str, str]
"""What the patient said, and what the doctor."""


class Exhibit(NamedTuple):
    """An answer, and all that it is to be seen with; what there is not is empty."""

    turn: int
    answer: str
    case: str = ""
    history: str = ""
    question: str = ""
    gold: str = ""


def exhibits(per: Per, sample: Sample, walk: Walk) -> Iterator[Exhibit]:
    """All that is to be graded of a walk, one by one."""
    if per == "patient":
        yield from _of_patient(sample, walk)
    elif per == "dialogue":
        yield Exhibit(0, _transcript(_dialogue(sample, walk), sample.language), _case(sample), gold=_gold(sample))
    elif isinstance(sample, DialogueSample):
        turns = _of_turns(sample, walk)
        yield from turns if per == "turn" else turns[-1:]
    else:
        yield _of_answer(sample, walk)


def _of_answer(sample: Sample, walk: Walk) -> Exhibit:
    if isinstance(sample, OpenSample):
        *before, last = sample.messages
        history = _listed(before, sample.language)
        return Exhibit(0, walk.text, "", history, last.content, _gold(sample))
    asked = sample.question if isinstance(sample, ChoiceSample) else ""
    history = _heard(sample, walk) if isinstance(sample, CaseSample) else ""
    return Exhibit(0, walk.text, _case(sample), history, asked, _gold(sample))


def _heard(sample: CaseSample, walk: Walk) -> str:
    """A consultation up to the doctor's last word, the patient's last included."""
    *before, last = _dialogue(sample, walk) or [("", "")]
    asks = SPEAKERS[sample.language][0]
    return "\n".join(filter(None, [_transcript(before, sample.language), f"{asks}{glue(asks)}{last[0]}"]))


def _of_turns(sample: DialogueSample, walk: Walk) -> list[Exhibit]:
    """Every turn of a dialogue, after what stood before it when it was asked."""
    replies = [_text(each) for each in walk.of("model")]
    replies += [""] * (len(sample.turns) - len(replies))
    before: list[Said] = []
    found = []
    for number, (turn, reply) in enumerate(zip(sample.turns, replies, strict=True)):
        history = _transcript(before, sample.language)
        found.append(Exhibit(number, reply, sample.context, history, turn.asked, turn.reference))
        before.append((turn.asked, turn.reference if sample.carried == "gold" else reply))
    return found


def _of_patient(sample: Sample, walk: Walk) -> Iterator[Exhibit]:
    """What a patient said, after the doctor's question."""
    doctor = [_text(each) for each in walk.of("model")]
    for number, (asked, reply) in enumerate(zip(doctor, walk.of("patient"), strict=False)):
        yield Exhibit(number, _text(reply), _case(sample), "", asked)


def _dialogue(sample: Sample, walk: Walk) -> list[Said]:
    """A whole conversation, whoever the patient was."""
    doctor = [_text(each) for each in walk.of("model")]
    if isinstance(sample, DialogueSample):
        return list(zip([turn.asked for turn in sample.turns], doctor, strict=False))
    if isinstance(sample, CaseSample):
        return list(zip([sample.opening, *map(_text, walk.of("patient"))], doctor, strict=False))
    return [(sample.messages[-1].content if isinstance(sample, OpenSample) else "", walk.text)]


def _transcript(said: Sequence[Said], language: Language) -> str:
    asks, answers = SPEAKERS[language]
    blank = glue(asks)
    return "\n".join([f"{asks}{blank}{patient}\n{answers}{blank}{doctor}" for patient, doctor in said])


def _listed(messages: Sequence[Message], language: Language) -> str:
    asks, answers = SPEAKERS[language]
    names = {"user": asks + glue(asks), "assistant": answers + glue(answers), "system": ""}
    return "\n".join([names[message.role] + message.content for message in messages])


def _case(sample: Sample) -> str:
    """What is known of the patient, of which the doctor may have seen a part."""
    if isinstance(sample, CaseSample):
        return "\n".join(sample.facts)
    return sample.context if isinstance(sample, DialogueSample | ChoiceSample) else ""


def _gold(sample: Sample) -> str:
    if isinstance(sample, OpenSample):
        return "\n\n".join(sample.references)
    if isinstance(sample, DialogueSample):
        return "\n\n".join([turn.reference for turn in sample.turns if turn.reference])
    if isinstance(sample, ChoiceSample):
        return "\n".join([option.text for option in sample.options if option.label in sample.target])
    return ""


def _text(exchange: Exchange) -> str:
    return exchange.reply.text.strip() if isinstance(exchange.reply, Response) else ""
