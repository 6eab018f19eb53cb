"""A consultation: the doctor asks, a patient answers from the case, until the doctor concludes or may ask no more.

Beside it the same model is asked to conclude at once from all facts (`model:full`), from the opening alone
(`model:none`), and after every reply of the patient (`model:probe`), always in the words in which it must conclude when
its questions are used up. What it says there is no part of the conversation.
"""

import re

from msgspec.structs import replace

from medeval.prompts import Asking, options_listed
from medeval.prompts.asking import SPEAKERS, glue
from medeval.readers import Reader, read_move, traces
from medeval.readers.moves import Move
from medeval.records import Answer, CaseSample, Decoding, Failure, Language, Message, Request, Response
from medeval.talks.base import Talk
from medeval.talks.prose import prose

FULL, NONE, PROBE, PATIENT = "model:full", "model:none", "model:probe", "patient"
ABSTAINED = Answer(rule="abstained", status="refused")
"""To give no answer is an answer, and never the right one."""
KNOWN: dict[Language, tuple[str, str]] = {
    "en": ("What is known to begin with:", "All that is known:"),
    "zh": ("目前已知：", "全部已知信息："),
}
ORDERED: dict[Language, str] = {"en": "TEST: ", "zh": "检查："}
SPOKEN = Decoding(max_tokens=256)
"""How a patient's replies are drawn: greedily, so that the same question has the same answer."""
_NAMED = re.compile(r"\{(\w+)\}")


def consulted(sample: CaseSample, asking: Asking, reader: Reader, decoding: Decoding, budget: int) -> Talk:
    """Lead a consultation in which `budget` questions and tests may be asked for."""
    room = _Room(sample, asking, decoding, budget)
    asked = 0
    beside: tuple[Request, ...] = (room.conclusion(FULL, knowing=sample.facts), room.conclusion(NONE))
    while True:
        is_last = asked == budget
        reply, *_ = yield (room.conclusion() if is_last else room.turn(), *beside)
        if isinstance(reply, Failure):
            return Answer(status=reply.failure)
        move = read_move(reply.text, sample.language)
        if is_last or move.kind in ("conclude", "abstain"):
            return _settled(move, reply, sample, reader)
        if not move.text:
            return Answer(status="truncated" if reply.finish == "length" else "unread", rule="empty turn")
        (heard,) = yield (room.question(move),)
        if isinstance(heard, Failure):
            # Whatever failed there, it is not the model under test: nobody knows what it would have said.
            return Answer(status="engine_error", rule=f"patient: {heard.failure}")
        room.hear(reply, move, heard)
        asked += 1
        # The last request of all is a conclusion itself.
        beside = (room.conclusion(PROBE),) if asked < budget else ()


def _settled(move: Move, reply: Response, sample: CaseSample, reader: Reader) -> Answer:
    return ABSTAINED if move.kind == "abstain" else reader.read(reply, sample)


class _Room:
    """A consultation as far as it has come, seen from the doctor's side and from the patient's."""

    def __init__(self, sample: CaseSample, asking: Asking, decoding: Decoding, budget: int) -> None:
        language = sample.language
        self._asking = asking
        self._language: Language = language
        self._decoding = asking.own_turn_only(decoding, language) if asking.plain else decoding
        self._question = f"{sample.question}\n\n{options_listed(sample).rstrip()}"
        self._budget = f"{budget}"
        self._opening = f"{KNOWN[language][0]}\n{sample.opening}"
        self._closing = _filled(prose("conclude", language), question=asking.question(sample))
        case = _filled(prose("patient", language), facts=_listed(sample.facts), opening=sample.opening)
        self._doctor: tuple[Message, ...] = ()
        self._patient: tuple[Message, ...] = (Message(role="system", content=case),)

    def turn(self) -> Request:
        """Let the doctor make the next move."""
        return self._ask("", self._opening, "model")

    def conclusion(self, role: str = "model", knowing: tuple[str, ...] = ()) -> Request:
        """Let the doctor decide by what is known; `knowing`: by these facts instead of the opening."""
        known = f"{KNOWN[self._language][1]}\n{_listed(knowing)}" if knowing else self._opening
        return self._ask(self._closing, known, role)

    def question(self, move: Move) -> Request:
        """Put the doctor's question to the patient, who has the case file."""
        asked = Message(role="user", content=(ORDERED[self._language] if move.kind == "test" else "") + move.text)
        self._patient += (asked,)
        return Request(messages=self._patient, decoding=SPOKEN, role=PATIENT)

    def hear(self, reply: Response, move: Move, heard: Response) -> None:
        """Go on with what the doctor and the patient said; neither knows the other's thoughts."""
        told = _spoken(heard) or "…"  # a turn without a word is no turn to many templates
        self._doctor += (Message(role="assistant", content=_spoken(reply)), Message(role="user", content=told))
        self._patient += (Message(role="assistant", content=told),)

    def _ask(self, closing: str, known: str, role: str) -> Request:
        task = _filled(
            prose("consult", self._language), question=self._question, budget=self._budget, known=known
        )  # fmt: skip
        turns = (Message(role="user", content=task), *self._doctor)
        if self._asking.plain:
            question = self._transcript(closing)
            return replace(self._asking.request(question, self._decoding, before=turns[:1]), role=role)
        last = "\n\n".join(filter(None, [turns[-1].content, closing]))
        return replace(self._asking.request(last, self._decoding, before=turns[:-1]), role=role)

    def _transcript(self, closing: str) -> str:
        """What was said, a line a turn, up to the word of the doctor."""
        patient, doctor = SPEAKERS[self._language]
        names = {"user": patient, "assistant": doctor}
        said = [f"{names[each.role]}{glue(names[each.role])}{each.content}\n" for each in self._doctor]
        return "".join(said) + ("\n" * bool(said and closing)) + (f"{closing}\n\n" if closing else "") + doctor


def _filled(text: str, **shown: str) -> str:
    """Put what is shown into its places; what is put in is never looked at for places again."""
    return _NAMED.sub(lambda place: shown.get(place[1], place[0]), text)


def _listed(facts: tuple[str, ...]) -> str:
    return "\n".join([f"- {fact}" for fact in facts])


def _spoken(reply: Response) -> str:
    return traces.split(reply.text, opened=False)[1].strip()
