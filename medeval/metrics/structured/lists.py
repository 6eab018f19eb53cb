"""The items that a reply lists: JSON, bullets, numbers, lines, or a row with commas; in English and Chinese."""

import re
from typing import NamedTuple

from medeval.metrics.structured import phrases, statements
from medeval.metrics.structured.entities import MENTION_KEYS
from medeval.metrics.structured.fragments import DEEPEST, Json, fragments

_GLOSS = re.compile(r"\s[-–—]\s|[:：]\s|：|\s{0,2}[(（](?=[^()（）]{12,})")
_LEAD = re.compile(r"[^:：\n]{0,80}[:：](?!\d|//)\s{0,3}")
_ROW = re.compile(r"[;；\n]|，|、|,(?=\s|[^\s\d])|,\Z|\s+and/or\s+")
_LAST = re.compile(r"^(?:and|or|以及|还有|和|及|或)\s*(?=[A-Z a-z\u4e00-\u9fff])", re.IGNORECASE)
_TWO = re.compile(r"\s+(?:and|or|&)\s+|(?<=[\u4e00-\u9fff])(?:以及|和|与)(?=[\u4e00-\u9fff])")
_BOLD = re.compile(r"\A(?:\*\*|__)")
_BOX = re.compile(r"^(\s{0,9}[-*+]\s{1,3})\[[ xX]\]\s", re.MULTILINE)
_STOP = re.compile(r"[.。!！?？]\s{0,3}\Z")


class Items(NamedTuple):
    """Items as they were written, each once, and the rule that read them."""

    found: tuple[str, ...]
    rule: str


def read_list(text: str) -> Items:
    """The items of the last list; what is said after a cue such as "Final answer:" stands for the whole."""
    text = _BOX.sub(r"\1", text)
    said = _of_fragments(text)
    return _of_text(_after_cue(text)) if said is None else said


def _of_text(text: str) -> Items:
    if phrases.says_nothing(text):
        return Items((), "none")
    lines = [line for line in phrases.lines(text) if line.text]
    if any(line.bullet for line in lines):
        return _once([_GLOSS.split(line.text, maxsplit=1)[0] for line in lines if line.bullet], "bullets")
    # The sentence that leads in, and those that say goodbye, are no items.
    if lines and len(lines) > 1 and lines[0].text.endswith((":", "：")):
        lines = lines[1:]
    if len(lines) > 1:
        kept = [line.text for line in lines if not _STOP.search(line.text) and not line.text.endswith((":", "："))]
        if len(kept) != 1:
            return _once([part for line in kept for part in _row(line)], "lines")
        return _once(_row(kept[0]), "row")
    return _once(_row(lines[0].text), "row") if lines else Items((), "")


def _once(items: list[str], rule: str) -> Items:
    found: dict[str, str] = {}
    for item in items:
        if phrase := phrases.cleaned(item):
            found.setdefault(phrases.same(phrase), phrase)
    return Items(tuple(found.values()), rule if found else "none" if any(map(phrases.says_nothing, items)) else "")


def _after_cue(text: str) -> str:
    """What follows the last cue on its own or the next lines; the whole where there is none."""
    start = statements.after_last_cue(text)
    return _BOLD.sub("", text[start:]) if start and text[start:].strip() else text


def _row(text: str) -> list[str]:
    """The items of a row; "and" parts the last two."""
    if lead := _LEAD.match(text):
        text = text[lead.end() :] or text
    parts = [_LAST.sub("", part.strip()) for part in _ROW.split(text) if part.strip()]
    if parts and len(parts) < 3 and len(parts[-1]) <= phrases.LONGEST:
        parts = [*parts[:-1], *_TWO.split(parts[-1])]
    return parts


def _of_fragments(text: str) -> Items | None:
    """The items of the last fragment that is or holds a list of words."""
    for root in reversed(fragments(text)):
        if isinstance(root, dict) and isinstance(said := _answer(root), str):
            return _of_text(said)
        found: list[str] = []
        if _gather(root, found, 0):
            return _once(found, "json")._replace(rule="json")
    return None


def _answer(value: dict[str, Json]) -> Json:
    """What stands under "answer", or under the only key."""
    keys = {phrases.same(key): each for key, each in value.items()}
    return keys.get("answer", next(iter(keys.values())) if len(keys) == 1 else None)


def _gather(value: Json, found: list[str], depth: int) -> bool:
    """Collect the words of every list, and tell whether there was one; a list of numbers is a citation."""
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        # Each is gathered, whether or not one before it was a list.
        listed = [_gather(each, found, depth + 1) for each in value.values() if isinstance(each, dict | list)]
        return any(listed)
    if not isinstance(value, list):
        return False
    any_listed = not value
    for each in value:
        if isinstance(each, str):
            any_listed = True
            found.append(each)
        elif isinstance(each, dict) and (name := _named(each)):
            any_listed = True
            found.append(name)
        else:
            any_listed = _gather(each, found, depth + 1) or any_listed
    return any_listed


def _named(value: dict[str, Json]) -> str:
    keys = {phrases.same(key): each for key, each in value.items()}
    names = [said for key in ("item", "diagnosis", "term", *MENTION_KEYS) if isinstance(said := keys.get(key), str)]
    return names[0] if names else ""
