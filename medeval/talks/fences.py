"""Fences: what a judge is shown is data, which can neither end its fence nor speak as a chat template does."""

import hashlib
import re
import unicodedata
from collections.abc import Callable

BEGINS, ENDS = "begins", "ends"
# Control characters, marks that turn the direction of writing, characters that nobody sees but a tokenizer does, and
# halves of characters. Joiners stay, for some scripts are spelt with them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_JOINERS = re.compile(r"[\u200c\u200d\ufe0e\ufe0f]")
_LOOKALIKE = re.compile(
    rf"^(?P<first>[^\S\n]*=)(?==+ [^\n]{{0,200}} (?:{BEGINS}|{ENDS})[^\S\n]*=+[^\S\n]*$)", re.MULTILINE
)
"""A line that looks like one of ours, whatever its mark."""

# --- the control tokens of chat templates, as families of models spell them ---------------

_BAR = "|｜￨│∣¦"
_BARRED = re.compile(rf"(?<=[<＜﹤\[［])(?=/?[{_BAR}])")
_TAG = re.compile(r"(?<=[<＜﹤])([^<>＜＞﹤﹥\s]{1,64})(?=[>＞﹥])")
_BRACKETED = re.compile(r"(?<=[\[［])([^\[\]［］\s]{1,64})(?=[\]］])")
# Of Falcon, and of MiniMax.
_ODD = re.compile(r"(?<=>)(?=>[A-Z]{1,32}<<)|(?<=\])(?=~!?b[\[\]]|!p~\[)|(?<=\[)(?=e~\[)")
_NAMED = re.compile(
    # HTML has no name with a line or a colon in it, and control tokens often have.
    rf"[{_BAR}].*|.*[{_BAR}]|/?(?:\w*_\w*|\w+:\w+|unused\d+|0x[0-9a-f]{{2}}"
    r"|s|unk|pad|mask|bos|eos|cls|sep|sop|eop|eod|eot|eoh|eoa|eom|sys|system|user|human|assistant|bot|ai|tool"
    r"|think|thinking|thought|image|img|audio|video|用户|问|答|病人)"
)
_BRACKET_NAMED = re.compile(
    r"/?(?:INST|IMG|THINK|PREFIX|MIDDLE|SUFFIX|AUDIO|ARGS|[gs]?MASK|CLS|SEP|PAD|UNK|BOS|EOS|unused\d+|\w*_\w*)"
)


def fenced(name: str, text: str, cap: int = 20_000) -> str:
    """Put a text between two lines that it cannot contain; of a long one the middle is left out, and told."""
    shown = _LOOKALIKE.sub(r"\g<first> ", _capped(disarmed(text), cap))
    mark, times = "", 0
    while not mark or mark in shown:
        mark = hashlib.sha256(f"{name}\n{times}\n{shown}".encode()).hexdigest()[:16]
        times += 1
    return f"{_line(name, mark, BEGINS)}\n{shown}\n{_line(name, mark, ENDS)}"


def disarmed(text: str) -> str:
    """Keep every word, and put a blank into all that a tokenizer or a judge could take for a control token."""
    # What is unseen goes first: between the letters of a token it would hide it from what follows.
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))
    text = _BARRED.sub(" ", text)
    text = _TAG.sub(lambda found: _blank(found[1], _NAMED, str.casefold), text)
    return _ODD.sub(" ", _BRACKETED.sub(lambda found: _blank(found[1], _BRACKET_NAMED, str), text))


def _blank(inside: str, named: re.Pattern[str], fold: Callable[[str], str]) -> str:
    """Put a blank before what stands in brackets, if it is the name of a control token however it is spelt."""
    plain = fold(_JOINERS.sub("", unicodedata.normalize("NFKC", inside)))
    return f" {inside}" if named.fullmatch(plain) else inside


def _capped(text: str, cap: int) -> str:
    if len(text) <= cap:
        return text
    head = (cap + 1) // 2
    tail = len(text) - (cap - head)
    return f"{text[:head]}\n[… {tail - head:,} characters left out here …]\n{text[tail:]}"


def _line(name: str, mark: str, what: str) -> str:
    return f"===== {name} {mark} {what} ====="
