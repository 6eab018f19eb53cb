"""Whether a reply finds an error in a numbered text, in which sentence, and how it puts that sentence right.

Asked for is `CORRECT`, or the number of a sentence and the corrected sentence behind it. What concludes a reply stands:
a text that is repeated before a last line is no answer, and neither are steps of reasoning.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from medeval.metrics.structured import phrases
from medeval.metrics.structured.fragments import Json, fragments

FLAG_KEYS = ("error_flag", "error flag", "has_error", "contains_error", "error", "flag", "verdict", "answer")
ID_KEYS = (
    "error_sentence_id", "error sentence id", "sentence_id", "sentence id", "error_id", "sentence_number", "id",
    "sentence",
)  # fmt: skip
TEXT_KEYS = ("corrected_sentence", "corrected sentence", "correction", "corrected")
NO = ("0", "false", "no", "none", "correct", "no error", "-1")
YES = ("1", "true", "yes", "error", "incorrect")
_DRESS = " \t*_`#>~|"
_BULLET = re.compile(r"[-•+]\s{1,4}(?=\S)")
_QUOTES = " \t*_`\"'“”‘’"
_LEAD = (
    r"(?:(?:the |my )?(?:final |correct )?(?:answer|output|result|verdict|response|conclusion)(?: is)?[\s*:=]{1,6}"
    r"|(?:incorrect|error)(?: found| detected)?[\s*.:,-]{1,6}"
    r"|(?:correct(?:ed)? (?:sentence|version)|correction)[\s*:=]{1,6})"
)
_CUE = re.compile(r"(?:the |my )?(?:final |correct )?(?:answer|output|verdict)(?: is)?[\s*]{0,4}[:=]", re.IGNORECASE)
_FINE = re.compile(
    rf"{_LEAD}?[\"'“*\[]{{0,3}}(?:CORRECT\b(?![ _-](?i:version|sentence|answer|text))(?!\W{{0,4}}\d{{1,3}}\s)"
    r"|(?i:correct|no errors?|none|the (?:text|note|narrative) is correct)[\"'”*\]]{0,3}[.!]?\Z"
    r"|-1\b)",
)
_ENDS_FINE = re.compile(r"(?<![A-Za-z-])(?<!\bNOT )(?<!\bnot )CORRECT[\"'”*`\].!\s]{0,6}\Z")
_NUMBERED = re.compile(
    rf"(?P<lead>{_LEAD})?(?P<named>(?:error (?:is )?in )?(?:sentence|line)(?: id| number| no\.?|_id)?[\s*:#=]{{1,6}}"
    r"|(?:error )?sentence id[\s*:#=]{1,6}|id[\s*:=]{1,6}|\[)?"
    r"[\"'“*]{0,3}(?P<id>\d{1,3})(?P<sign>[\]\"'*]{0,4}\s{0,2}(?:[|:,]|->|→|[-–—]|[.)](?!\d)|\s|\Z)[*]{0,2})"
    r"(?P<said>.*)",
    re.IGNORECASE,
)  # fmt: skip
_LABELLED = re.compile(
    r"[^\w\n]{0,8}(?:the )?(?:correct(?:ed)? (?:sentence|version)|correction|should (?:read|be))"
    r"(?: (?:of sentence \d{1,3}|is|would be))?[^\w\n:]{0,4}:[^\S\n]{0,4}(?P<said>[^\n]+)",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"(?P<fine>\bno (?!other |further |more |additional )(?:[a-z]+ ){0,3}errors?\b"
    r"|\b(?:does|do) not (?:contain|have) (?:any |an )?(?:[a-z]+ ){0,2}errors?\b"
    r"|\b(?:free of|without)(?: any)?(?: [a-z]+)? errors?\b"
    r"|\b(?:text|note|narrative|everything) (?:is|appears(?: to be)?|seems(?: to be)?) (?:\w+ )?correct\b)"
    r"|\b(?:error|mistake|incorrect)[^.\n]{0,60}?\bsentence (?:id |number |no\. ?)?[\[#\"']?(?P<after>\d{1,3})\b"
    r"|\bsentence (?:id |number |no\. ?)?[\[#\"']?(?P<before>\d{1,3})\b[^\n]{0,80}?"
    r"\b(?:error|mistake|incorrect|wrong|should|must be|erroneous)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"\b(?:should|must) (?:instead )?"
    r"(?:(?:be (?:corrected|changed) to|read|say)\b|be(?=\s?:|\s[\"“]))[\s:]{0,4}(?P<said>[^\n]+)",
    re.IGNORECASE,
)
"""What something is to be instead; "he should be observed" is no correction but may be one's text."""


class Correction(NamedTuple):
    """What was read, and the rule that read it; nothing read is no rule."""

    flagged: bool
    """Whether an error is said to be there."""
    sentence: int
    """The number of its sentence; -1: none was named."""
    said: str
    """The corrected sentence."""
    rule: str


NOTHING = Correction(flagged=False, sentence=-1, said="", rule="")


def read_correction(text: str) -> Correction:
    """The verdict in which a reply ends; `rule` is empty where it has none."""
    if found := _of_json(text):
        return found
    stripped = [_BULLET.sub("", line.strip(_DRESS)) for line in text.splitlines()[-phrases.MOST :]]
    full = {place: line for place, line in enumerate(stripped) if line and not set(line) <= set("-=")}
    note = _repeated(full)
    lines = ["" if place in note else line for place, line in full.items()]
    for place in reversed(range(len(lines))):
        if cue := _CUE.match(lines[place]):
            # What is announced stands behind the colon, or below it.
            below = lines[place + 1 : place + 2] if cue.end() == len(lines[place]) else []
            if found := _verdict(" ".join([lines[place], *below]), text, "answer"):
                return found
    # What opens with the one word was answered at once: what follows is why.
    if lines and (_FINE.match(lines[0]) or _ENDS_FINE.search(text)):
        return _fine("correct")
    return _of_lines(list(filter(None, lines)), text) or NOTHING


def _repeated(lines: dict[int, str]) -> set[int]:
    """Which lines, by place, are the text itself again: its sentences, counted one by one, from 0 or three and more."""
    numbers: dict[int, int] = {}
    runs: list[list[int]] = []
    before, gap, found = (-2, ""), 0, set[int]()
    for place, line in lines.items():
        match = _NUMBERED.match(line)
        if match is None or {".", ")"} & {*match["sign"]}:  # that is how the points of a list are numbered
            before = (-2, "")
            continue
        here = int(match["id"]), match["sign"].strip(" *")
        numbers[place] = here[0]
        if here != (before[0] + 1, before[1]):
            runs.append([place])
        elif len(runs[-1]) > 1 and place - runs[-1][-1] != gap:
            runs.append([place])  # what stands further off than the others did may be the verdict
        else:
            gap = place - runs[-1][-1]
            runs[-1].append(place)
        before = here
        if _counts_on(match):
            found.add(place)
    for run in runs:
        if len(run) > (1 if numbers[run[0]] == 0 else 2):
            found.update(run)
    return found


def _counts_on(match: re.Match[str]) -> bool:
    """Whether one line holds several sentences, each with its number."""
    number, at = int(match["id"]), 0
    for more in range(number + 1, number + (2 if number == 0 else 3)):
        found = re.compile(rf"[.?!][\"”')]?\s{{1,3}}{more}[\s|:]{{1,3}}(?=[\"“A-Z])").search(match["said"], at)
        if found is None:
            return False
        at = found.end()
    return True


def _fine(rule: str) -> Correction:
    return Correction(flagged=False, sentence=-1, said="", rule=rule)


def _verdict(line: str, text: str, rule: str) -> Correction | None:
    """What one line says by itself."""
    if _FINE.match(line):
        return _fine(rule)
    match = _NUMBERED.match(line)
    if not match:
        return None
    number = match["id"]
    said = _bare(_last_version(match["said"], number)) or _labelled(text)
    return Correction(flagged=True, sentence=int(number), said=said, rule=rule)


def _of_lines(lines: list[str], text: str) -> Correction | None:
    """The last line that is a verdict; else what is said of sentences; else one line that could count or list."""
    weak: list[str] = []
    labelled: list[str] = []
    for place in reversed(range(len(lines))):
        line = lines[place]
        if _FINE.match(line):
            return _fine("line")
        if match := _NUMBERED.match(line):
            if _LABELLED.match(line):
                labelled.append(line)
            elif _is_strong(match):
                below = "" if match["said"] or _LABELLED.search(text) else " ".join(lines[place + 1 : place + 2])
                return _verdict(f"{line} {below}".strip(), text, "line")
            else:
                weak.append(line)
    alone = weak[0] if len(weak) == 1 else ""
    if alone and alone == lines[0] and re.match(r"\d{1,3}[.)]", alone):
        return _verdict(alone, text, "item")
    rest = labelled[0] if labelled else alone
    return _of_prose(text) or (_verdict(rest, text, "item") if rest else None)


def _is_strong(match: re.Match[str]) -> bool:
    """Whether a number names a sentence, and counts nothing: no item of a list, no dose, no days."""
    said, sign = match["said"].lstrip(_QUOTES), match["sign"]
    if "|" in sign or not said:
        return True
    if sign.strip(" *\"']") and (match["lead"] or match["named"]):
        return True
    return not {".", ")"} & {*sign} and not said[0].islower()


def _last_version(said: str, number: str) -> str:
    """The sentence as it is to be, where it was quoted before with its number, or with "should be"."""
    if instead := _INSTEAD.search(said):
        said = instead["said"].removeprefix(f"{number} ")
    *_, last = re.split(rf"(?<=[.:?!\"”])\s{{1,3}}{number}\s(?=[A-Z])|->|→", said)
    return last


def _labelled(text: str) -> str:
    """What stands behind the last "Corrected sentence:"."""
    found = [match["said"] for match in _LABELLED.finditer(text)]
    return _bare(re.sub(r"\A\W{0,3}\d{1,3}[|:.\s]{1,3}(?=\w)", "", found[-1])) if found else ""


def _of_prose(text: str) -> Correction | None:
    """What the last sentence that speaks of an error, or of none, comes to."""
    last = None
    for last in _PROSE.finditer(text):  # noqa: B007  the last one is what is wanted
        pass
    if last is None:
        return None
    if last["fine"]:
        return _fine("prose")
    number = last["after"] or last["before"]
    instead = _INSTEAD.search(text, last.start())
    said = _labelled(text) or (_bare(instead["said"]) if instead else "")
    return Correction(flagged=True, sentence=int(number), said=said, rule="prose")


def _bare(said: str) -> str:
    return said.strip(_QUOTES)


def _of_json(text: str) -> Correction | None:
    """The last object that has one of the keys."""
    for root in reversed(fragments(text)):
        for each in _objects(root):
            keys = {phrases.same(key): value for key, value in each.items()}
            told = _first(keys, FLAG_KEYS)
            flag = told.casefold().strip(" .!")
            number, said = _first(keys, ID_KEYS), _bare(_first(keys, TEXT_KEYS))
            sentence = int(match[0]) if (match := re.search(r"-?\d{1,3}(?!\d)", number)) else -1
            if flag in NO or (not flag and sentence == -1 and match):
                return _fine("json")
            if sentence >= 0:
                return Correction(flagged=True, sentence=sentence, said=said, rule="json")
            if flag in YES:
                return Correction(flagged=True, sentence=-1, said=said, rule="json")
            if found := _verdict(told, "", "json"):
                return found
    return None


def _objects(root: Json) -> Iterator[dict[str, Json]]:
    for each in root if isinstance(root, list) else [root]:
        if isinstance(each, dict):
            yield each


def _first(keys: dict[str, Json], names: tuple[str, ...]) -> str:
    """What stands under the first of some keys, as a text."""
    there = [keys[name] for name in names if isinstance(keys.get(name), str | float | int)]
    # A whole number of JSON may come as 3.0.
    return str(int(there[0]) if isinstance(there[0], float | bool) else there[0]) if there else ""
