r"""Ways to read an answer out of a text, in English and Chinese.

The house reader goes from the surest sign to the weakest, and guesses nothing:

    stated        "The answer is C", "答案是C", "\boxed{C}", {"answer": "C"}: the last one wins
    alone         the whole reply, or its first line, is a label in some dress: "**(C)**"
    opening       the reply begins with a label and a mark: "C. Ceftriaxone ..."
    last line     its last line is a label in some dress
    option text   the whole reply is the text of one option

Only the labels of the item count, and what stands in a reasoning trace is not read. Every pattern
starts at a literal cue and repeats a bounded number of times, so the time is linear in the text.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from medeval.records import Answer, ChoiceSample, Option, Record, Response


class Reader(Record, frozen=True, kw_only=True):
    """A named way to read; `version` rises when readings change."""

    name: str
    version: int
    read: Callable[[Response, ChoiceSample], Answer]


class Found(NamedTuple):
    """Labels, and where they stand."""

    picked: tuple[str, ...]
    start: int
    end: int


# Dress that may surround a label becomes blank, full-width forms become ASCII; lengths stay the same.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN |= dict.fromkeys(map(ord, '*`$#~"“”「」『』【】\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff'), ord(" "))
_PLAIN |= {ord("’"): ord("'"), ord("–"): ord("-"), ord("—"): ord("-"), ord("．"): ord(".")}

_AND = r"\s{0,3}(?:,?\s{0,3}(?:and|or|以及|和|与|及|或)|[,、;/&+])\s{0,3}"
_OPTION = r"(?:(?:(?i:options?|choices?|answers?|letters?)|选项|選項|选择|選擇)\s{0,3})?"
_IS = r"(?:is|are|was|were|would be|should be|must be|will be|has to be)"
_QUALITY = r"(?:correct|right|best|true|answers?|most (?:likely|appropriate|accurate|suitable|probable|effective))"
_MARK = r"(?:\s{0,5}[:=>\-]){0,2}\s{0,8}"
_WRAP = r"(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s?\{|[(\[{<']\s?){0,4}"

_CUES = (
    # The (correct) answer is C. Answer: C. "answer_choice": "C". <answer>C. Final answer, then a new line.
    rf"\b(?:final_|correct_)?(?:answers?|ans)(?:_choice|_letter|_idx)?\b'?(?:\s{{1,3}}{_IS}\b{_MARK}|\s{{0,3}}[:=>\-]{_MARK})",
    r"(?:\A|\n)[ >]{0,4}(?:the )?(?:final |correct )?answer {0,4}\n\s{0,8}",
    # The most likely diagnosis is C. Correct choice - C.
    rf"\b(?:best|correct|right|next|likely|most [a-z]{{3,12}})(?: [a-z]{{2,15}}){{1,4}}(?:\s{{1,3}}{_IS}\b{_MARK}|\s{{0,3}}[:\-]{_MARK})",
    r"\b(?:I|we)(?:'d|'ll)?(?: (?:would|will|must|should|therefore|also|still)){0,2} (?:choose|chose|pick|select|go with|opt for|went with)\s{1,3}",
    r"\\boxed\s?(?=\{)",
    r"\bnot\s{1,3}[^.\n]{1,12}?,?\s{1,3}but(?: rather)?\s{1,3}",
    # 答案是C. 正确选项为C. 答案不是A，而是C.
    r"(?:答案|正[确確](?:的)?[选選][项項]|正[确確]的)(?:不是[^。\n]{1,12}?而)?(?:[应應](?:[该該]|当)?)?(?:[选選](?![项項])择?|[是为為]){0,2}"
    + _MARK,
    r"(?:[选選](?:[择擇])?)(?![项項])" + _MARK,
)
_NEGATED = re.compile(
    r"(?:不|勿|非|没|別|别)[应應该該能可宜要得会]{0,2}$|\b(?:not|n't|never|neither|nor)\s{0,3}$", re.IGNORECASE
)
# Nouns that take a letter as part of their name: "vitamin D is the best treatment" states nothing.
_NAMED = re.compile(
    r"\b(?:vitamin|hepatitis|type|group|grade|class|stage|factor|influenza|protein|phase|category|virus|ig|cox)[\s-]{1,2}$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"[)\]}>]{0,2}\s{1,3}(?:is|are|was|were|would|has|have|can|does|may|might)\b|[)\]}>]{0,2}\s{0,2}(?:选项|選項|项|項)?(?:错|錯|不|[为為]|是|[见見]|属|则|的)"
)
_ARTICLE = re.compile(
    r"[AI] (?:\d|(?:patient|woman|man|child|boy|girl|case|few|number|lot|think|believe|would|am|cannot)\b)"
)
_CUES_TRIED = 200
_END = re.compile(r"[\s)\]}'>]{0,6}(?:[.,;!。，；！|(（]|\Z)")
_OPENED = ("<think>", "<thinking>", "<|begin_of_thought|>")
_CLOSED = ("</think>", "</thinking>", "<|end_of_thought|>")
_REFUSAL = re.compile(
    r"\b(?:cannot|can't|can not|not able to|unable to|won't)(?: \w{1,12}){0,2} (?:provide|answer|help|assist|give|offer|diagnose|comply)"
    r"|\bI'm sorry\b|\bas an AI\b|抱歉|对不起|作为(?:一个)?(?:人工智能|AI)|(?:无法|不能|不便)(?:回答|提供|给出|作答)",
    re.IGNORECASE,
)


class _Patterns(NamedTuple):
    """What depends on the labels of the item."""

    listed: re.Pattern[str]
    label: re.Pattern[str]
    cue: re.Pattern[str]
    subject: re.Pattern[str]
    dressed: re.Pattern[str]
    opening: re.Pattern[str]
    option_line: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(labels: tuple[str, ...]) -> _Patterns:
    words = "|".join(map(re.escape, labels))
    if all(len(label) == 1 for label in labels):
        letters = "".join(map(re.escape, labels))
        # A run such as ABD, not the beginning of a word; in Chinese the next word must belong to an option.
        end = r"(?![A-Za-z0-9_%]|'[a-z]|-[^\W_]|[\u4e00-\u9fff](?<![选選项項和与及或以均都正对對因而是为為]))"
        core = rf"[{letters}]{{1,{len(labels)}}}{end}[)\]}}>']{{0,3}}"
        one = rf"{_WRAP}{_OPTION}[(\[{{]?\s?{core}"
        # A small letter is an article unless it is in brackets or ends its line.
        small = letters.lower()
        one += rf"|{_WRAP}(?:\([{small}]\)|[{small}](?=[.)\]}}']{{0,3}}\s{{0,3}}(?:\n|\Z)))"
        label = re.compile(rf"(?<![A-Za-z])[{letters}{small}](?![a-z])")
        flags = re.RegexFlag(0)
    else:
        core = rf"(?:{words})\b[)\]}}>']{{0,3}}"
        one = _WRAP + core
        label = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
        flags = re.IGNORECASE
    listed = rf"(?:{one})(?:{_AND}(?:{one})){{0,9}}"
    return _Patterns(
        listed=re.compile(listed, flags),
        label=label,
        cue=re.compile("|".join(f"(?:{cue})" for cue in _CUES), re.IGNORECASE),
        subject=re.compile(
            rf"(?<![\w\-'])({core}(?:{_AND}(?:{one})){{0,9}})\s{{0,3}}(?:(?:(?i:is|are)(?: (?:the|an?|indeed|clearly|therefore|both|all)){{0,2}} (?i:{_QUALITY})\b)"
            r"|(?:选项|選項|项|項)?(?:均|都|是|为|為)?(?:正[确確]|对的|對的|符合题意))",
            flags,
        ),
        dressed=re.compile(rf"[^\w(\[{{]{{0,9}}({listed})[^\w]{{0,9}}", flags),
        opening=re.compile(rf"[^\w(\[{{]{{0,9}}((?:{one}))\s?(?:[.):、\]]|,(?=\s?[a-z\u4e00-\u9fff])|;|!|-)", flags),
        option_line=re.compile(rf"^[^\w\n]{{0,9}}(?:{one})\s?[.):、|\]-]", flags | re.MULTILINE),
    )


def _labels_in(text: str, start: int, end: int, labels: tuple[str, ...], patterns: _Patterns) -> Found:
    """Name the labels in a stretch of text, in the order of the options."""
    stretch = text[start:end]
    if all(len(label) == 1 for label in labels):
        # What is left of "(C)" or "options A and C" after its words is the letters themselves.
        bare = re.sub(
            r"\\[a-z]+|[A-Za-z]{2,}", lambda m: m[0] if set(m[0]) <= set(labels) else " " * len(m[0]), stretch
        )
        seen = {letter for letter in bare if letter in labels}
        seen = seen or {letter.upper() for letter in bare if letter.upper() in labels}
    else:
        seen = {match[0].lower() for match in patterns.label.finditer(stretch)}
    return Found(tuple([label for label in labels if label in seen]), start, end)


def _statements(raw: str, text: str, options: Sequence[Option], patterns: _Patterns) -> Iterator[tuple[int, Found]]:
    """The statements among the last cues of a text, each with its place."""
    labels = tuple([option.label for option in options])
    for cue in deque(patterns.cue.finditer(text), maxlen=_CUES_TRIED):
        if _NEGATED.search(text, max(0, cue.start() - 12), cue.start()):
            continue
        listed = patterns.listed.match(text, cue.end())
        if listed and not _ARTICLE.match(text, listed.start()):
            start, end = listed.span()
            if _VERB.match(text, end):
                # "The answer is A, B is wrong": the last label begins a clause of its own.
                end = _without_last(text, start, end, patterns)
            yield cue.start(), _labels_in(text, start, end, labels, patterns)
        elif found := _option_text(text, cue.end(), options):
            yield cue.start(), found
        elif raw[max(0, cue.start() - 1) : cue.start()] == '"':
            # {"answer": "none of these"} is the last word too, and it names no option.
            yield cue.start(), Found((), cue.end(), cue.end())
    for subject in patterns.subject.finditer(text):
        before = max(0, subject.start() - 16), subject.start()
        if not _NEGATED.search(text, *before) and not _NAMED.search(text, *before):
            yield subject.start(), _labels_in(text, *subject.span(1), labels, patterns)


def _without_last(text: str, start: int, end: int, patterns: _Patterns) -> int:
    places = [match.start() for match in patterns.label.finditer(text, start, end)]
    return places[-1] if len(places) > 1 else end


def _option_text(text: str, start: int, options: Sequence[Option]) -> Found | None:
    """Find the option whose whole text stands here; a text that two options share names neither."""
    line = text[start : start + 400].lstrip(" '([{").split("\n", 1)[0].casefold()
    start += len(text[start : start + 400]) - len(text[start : start + 400].lstrip(" '([{"))
    best: list[tuple[str, int]] = []
    for option in options:
        wanted = option.text.translate(_PLAIN).strip(" .。").casefold()
        if wanted and line.startswith(wanted) and _END.match(line, len(wanted)):
            longest = best[0][1] if best else 0
            best = [*best, (option.label, len(wanted))] if len(wanted) == longest else best
            best = [(option.label, len(wanted))] if len(wanted) > longest else best
    if len(best) != 1:
        return None
    ((label, length),) = best
    return Found((label,), start, start + length)


def _after_reasoning(text: str) -> int | None:
    """Where the answer begins: behind the last trace; None inside one that was never closed."""
    closed = max((text.rfind(mark) + len(mark) for mark in _CLOSED if mark in text), default=0)
    return None if any(text.find(mark, closed) >= 0 for mark in _OPENED) else closed


def read_stated(reply: Response, sample: ChoiceSample) -> Answer:
    """Read the options that a reply states, by the rules at the top of this page."""
    begin = _after_reasoning(reply.text)
    if begin is None:
        return Answer(rule="unclosed reasoning", status="truncated")
    raw = reply.text[begin:]
    text = raw.translate(_PLAIN)
    rule, found = _surest(raw, text, sample, cut=reply.finish == "length")
    if found is None or not found.picked:
        return _nothing(reply, text)
    return Answer(picked=found.picked, rule=rule, span=(begin + found.start, begin + found.end))


def _surest(raw: str, text: str, sample: ChoiceSample, *, cut: bool) -> tuple[str, Found | None]:
    patterns = _patterns(sample.labels)
    stated = max(_statements(raw, text, sample.options, patterns), default=None, key=itemgetter(0))
    if stated is not None:
        return "stated", stated[1]
    if len(patterns.option_line.findall(text)) > 1:
        # Options listed line by line: to take the first or the last of them would be a guess.
        return "", None
    lines = [] if cut else [line for line in text.split("\n") if line.strip()]
    if lines and (found := _dressed(lines[0], text.index(lines[0]), sample.labels, patterns)):
        return "alone", found
    if opening := patterns.opening.match(text):
        return "opening", _labels_in(text, *opening.span(1), sample.labels, patterns)
    # The last words of a reply that was cut off are no conclusion: then there are no lines here.
    if lines and (found := _dressed(lines[-1], text.rindex(lines[-1]), sample.labels, patterns)):
        return "last line", found
    whole = _option_text(text, len(text) - len(text.lstrip()), sample.options) if len(lines) == 1 else None
    return "option text", None if whole and text[whole.end :].strip(" .。!！\n") else whole


def _dressed(line: str, offset: int, labels: tuple[str, ...], patterns: _Patterns) -> Found | None:
    """Read a line that holds labels and nothing else but their dress."""
    match = patterns.dressed.fullmatch(line.strip())
    if match is None:
        return None
    start = offset + len(line) - len(line.lstrip())
    return _labels_in(" " * start + line.strip(), start + match.start(1), start + match.end(1), labels, patterns)


def _nothing(reply: Response, text: str) -> Answer:
    if reply.finish == "length":
        return Answer(status="truncated")
    return Answer(status="refused" if _REFUSAL.search(text) else "unread")


HOUSE = Reader(name="house", version=1, read=read_stated)


# --- MIRAGE ------------------------------------------------------------------------------------
# The rules of MIRAGE's own evaluation, in their order, to reproduce its published numbers. Where
# none of them fits it answers "A", which is right by luck in a quarter of the cases: use the house
# reader for anything but the comparison.

_MIRAGE = tuple(
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
        r"^\s*([ABCD])\"",
        r"^\s*([ABCD]):",
    )
)


def read_mirage(reply: Response, sample: ChoiceSample) -> Answer:
    """Read as MIRAGE does, the fallback "A" included."""
    mark = '"answer_choice": "'
    rest = reply.text.split(mark)[-1].strip()
    for number, rule in enumerate(_MIRAGE, 1):
        if match := rule.search(rest):
            picked = (match[1],) if match[1] in sample.labels else ()
            return Answer(picked=picked, rule=f"mirage {number}", status="scored" if picked else "unread")
    return Answer(picked=("A",), rule="mirage fallback: A")


MIRAGE = Reader(name="mirage", version=1, read=read_mirage)
