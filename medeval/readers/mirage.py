"""The rules of MIRAGE's own evaluation, in their order, to reproduce its published numbers.

Where none of them fits it answers "A", which is right by luck in a quarter of the cases: use the
house reader for anything but the comparison. (Xiong et al., arXiv:2402.13178)
"""

import re

from medeval.readers.base import Reader
from medeval.records import Answer, ChoiceSample, Response

_MARK = '"answer_choice": "'
_RULES = tuple(
    re.compile(rule)
    for rule in (
        r"^\s*([ABCD])$",
        r"^\s*([ABCD]) or",
        r"^\s*([ABCD]) and",
        r"^\s*([ABCD])/",
        r"^\s*([ABCD]),",
        r"[Oo]ption ([ABCD])",
        r":\s{0,99}([ABCD])",
        r"^\s*([ABCD])\.",
        r'^\s*([ABCD])"',
        r"^\s*([ABCD]):",
    )
)


def read_mirage(reply: Response, sample: ChoiceSample) -> Answer:
    """Read as MIRAGE does, the fallback "A" included."""
    rest = reply.text.split(_MARK)[-1].strip()
    for number, rule in enumerate(_RULES, 1):
        if match := rule.search(rest):
            picked = (match[1],) if match[1] in sample.labels else ()
            return Answer(picked=picked, rule=f"mirage {number}", status="scored" if picked else "unread")
    # Only for items that have an A: a label of no item is no answer.
    return Answer(picked=("A",), rule="mirage fallback: A") if "A" in sample.labels else Answer(status="unread")


MIRAGE = Reader(name="mirage", version=1, read=read_mirage)
