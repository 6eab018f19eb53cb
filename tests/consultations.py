"""Consultations for tests: two cases, a doctor who follows a script, and the way from the first word to the last."""

from collections.abc import Callable

from medeval.arrange import lettered
from medeval.prompts import Asking, write_a_letter
from medeval.readers import HOUSE
from medeval.records import CaseSample, Decoding, Exchange, Reply, Request, Response, Setting, Walk
from medeval.talks.base import Talk
from medeval.talks.consult import consulted

Script = Callable[[Request], Reply | str]
BRIEF = Decoding(max_tokens=64)
PLAIN = Setting(style="written")
CHAT = Setting(style="written", chat=True)
CASE = CaseSample(
    id="0", question="What is it?", options=lettered(("Gout", "Sepsis", "Sprain", "Fracture")), target=("A",),
    opening="A man of 50 has a painful toe.",
    facts=("He is 50.", "His toe is painful.", "He drank beer yesterday.", "The uric acid is high."),
)  # fmt: skip
CASE_ZH = CaseSample(
    id="1", language="zh", question="最可能的诊断是什么？", options=lettered(("痛风", "脓毒症", "扭伤", "骨折")),
    target=("A",), opening="男，50岁，脚趾疼痛。", facts=("患者50岁。", "脚趾疼痛。", "昨天喝了啤酒。", "血尿酸升高。"),
)  # fmt: skip


def doctor(*moves: str | Reply, full: str | Reply = "Answer: A", none: str | Reply = "Answer: B") -> Script:
    """A doctor who makes these moves, the last again and again, and a patient who says `Yes.`; probes say D."""
    left = list(moves)

    def say(request: Request) -> Reply | str:
        beside = {"model:full": full, "model:none": none, "model:probe": "Answer: D", "patient": "Yes."}
        if request.role in beside:
            return beside[request.role]
        return left.pop(0) if len(left) > 1 else left[0]

    return say


def walked(talk: Talk, say: Script) -> Walk:
    """Play a talk to its end."""
    exchanges: list[Exchange] = []
    requests = next(talk)
    while True:
        said = [say(request) for request in requests]
        replies = tuple([Response(text=each) if isinstance(each, str) else each for each in said])
        exchanges += [Exchange(request=r, asked="", reply=e) for r, e in zip(requests, replies, strict=True)]
        try:
            requests = talk.send(replies)
        except StopIteration as end:
            return Walk(exchanges=tuple(exchanges), answer=end.value)


def led(say: Script, *, sample: CaseSample = CASE, setting: Setting = CHAT, budget: int = 3) -> Walk:
    """Lead a consultation to its end."""
    return walked(consulted(sample, Asking(write_a_letter, setting), HOUSE, BRIEF, budget), say)


def roles(walk: Walk) -> list[str]:
    """Who was asked, one after another."""
    return [each.request.role for each in walk.exchanges]
