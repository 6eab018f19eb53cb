"""Typed mentions in a reply: JSON, "Chemical: a; b", bullets under headings, pairs, tables; in English and Chinese."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from medeval.metrics.structured import phrases
from medeval.metrics.structured.fragments import DEEPEST, Json, fragments

TYPE_KEYS = (
    "type", "label", "category", "class", "entity_type", "entity_group", "entity type",
    "类型", "实体类型", "类别", "标签",
)  # fmt: skip
MENTION_KEYS = (
    "mention", "text", "entity", "span", "word", "name", "value", "entity_name",
    "实体", "名称", "实体名称", "文本", "提及", "内容",
)  # fmt: skip
_SUFFIX = re.compile(
    r"(?:[ _-](?:entities|entity|mentions?|names?|types?|terms?|list"
    r"|mentioned|found|identified)|\(s\)|类?实体|类型?|名称)$"
)
_SIDES = re.compile(r"\s?(?:\||\t|->|→|:|：| [-–—] )\s?")
_GLOSS = re.compile(r"\s[-–—]\s|[:：]\s|：")
_BRACKET = re.compile(r"(?P<mention>[^()（）\[\]【】]{1,120})\s?[(（\[【](?P<type>[^()（）\[\]【】]{1,40})[)）\]】]\.?")
_STOP = re.compile(r"[.。!！?？]\s{0,3}\Z")

Mention = tuple[str, str]
"""A type as the task writes it, and a phrase in the form in which phrases are compared."""


class Mentions(NamedTuple):
    """What was read, each once, and the rule that read it; nothing at all is no rule."""

    found: frozenset[Mention]
    rule: str


def read_mentions(text: str, types: tuple[str, ...]) -> Mentions:
    """Mentions of these types in a reply; others are left out, because they were not asked for."""
    labels = Labels(types)
    whole: frozenset[Mention] | None = None
    single: set[Mention] = set()
    # Some forget the braces.
    for root in fragments(f"{{{text}}}" if '":' in text and "{" not in text else text):
        mentions, complete = frozenset(_of_json(root, labels, "", 0)), _is_whole(root, labels)
        if complete:
            # A second list or object of all types takes back the first.
            whole = mentions
        single |= mentions
    if whole is not None or single:
        return Mentions(frozenset(single) if whole is None else whole, "json")
    found = frozenset(_of_lines(text, labels))
    return Mentions(found, "lines" if found else "")


class Labels:
    """What the types of a task are called in replies: in any case, in the plural, as entities."""

    def __init__(self, types: tuple[str, ...]) -> None:
        self.types = {phrases.same(name): name for name in types}

    def named(self, text: str) -> str:
        """The type that a word stands for; empty: none."""
        if len(text) > 60:
            return ""
        word = phrases.same(phrases.cleaned(text) or text)
        bare = _SUFFIX.sub("", word)
        for form in (word, word.removesuffix("实体"), bare, bare.removesuffix("s"), bare.removesuffix("es")):
            if form in self.types:
                return self.types[form]
        return ""


def _is_whole(root: Json, labels: Labels) -> bool:
    """Whether an object or a list means to give all: its keys are types, or it holds objects."""
    if isinstance(root, dict):
        inner = [value for value in root.values() if isinstance(value, dict)]
        return any(labels.named(key) for each in (root, *inner) for key in each) or any(
            _holds_objects(value) for value in root.values()
        )
    return _holds_objects(root)


def _holds_objects(value: Json) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict | list) for each in value)


def _of_json(value: Json, labels: Labels, kind: str, depth: int) -> Iterator[Mention]:
    """Mentions in a value that stands under a type, or under none."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        yield from _of_object(value, labels, kind, depth)
    elif isinstance(value, list):
        texts = [each for each in value if isinstance(each, str)]
        if not kind and len(value) == len(texts) == 2 and (pair := _pair(texts[0], texts[1], labels)):
            yield pair
            return
        for each in value:
            # An item of a list is one mention, whatever signs are in it.
            if kind and isinstance(each, str) and len(value) > 1 and each.strip() in {"Na", "NA"}:
                # Beside others it is sodium or noradrenaline, and no "not applicable".
                yield kind, phrases.same(each)
            elif kind and isinstance(each, str | float | int) and not isinstance(each, bool):
                yield from _mention(kind, str(each))
            else:
                yield from _of_json(each, labels, kind, depth + 1)
    elif kind and isinstance(value, str):
        for phrase in phrases.parted(value):
            yield from _mention(kind, phrase)


def _of_object(value: dict[str, Json], labels: Labels, kind: str, depth: int) -> Iterator[Mention]:
    keys = {phrases.same(key): each for key, each in value.items()}
    told = [said for key in TYPE_KEYS if isinstance(said := keys.get(key), str)]
    typed = next((label for said in told if (label := labels.named(said))), "") if told else kind
    mention = next((said for key in MENTION_KEYS if (said := keys.get(key)) and isinstance(said, str | list)), None)
    if mention and (told or kind):
        # With a type that was not asked for, it is no mention of the type above it either.
        if typed:
            yield from _of_json([mention] if isinstance(mention, str) else mention, labels, typed, depth + 1)
        return
    for key, each in value.items():
        if label := labels.named(key):
            yield from _of_json(each, labels, label, depth + 1)
        elif isinstance(each, str):
            if phrases.same(key) not in {*TYPE_KEYS, *MENTION_KEYS}:
                yield from _mention(labels.named(each), key)
        else:
            yield from _of_json(each, labels, "", depth + 1)


def _mention(kind: str, text: str) -> Iterator[Mention]:
    if kind and (phrase := phrases.cleaned(text)):
        yield kind, phrases.same(phrase)


def _pair(first: str, second: str, labels: Labels) -> Mention | None:
    """A mention and its type, whichever comes first; where both or neither is a type, none."""
    one, other = labels.named(first), labels.named(second)
    if bool(one) == bool(other):
        return None
    return next(_mention(one or other, second if one else first), None)


def _of_lines(text: str, labels: Labels) -> Iterator[Mention]:
    kind = ""
    for line in phrases.lines(text):
        if not line.text:
            continue
        head, sign, rest = _headed(line.text)
        if label := labels.named(head):
            kind = label
            if pair := None if rest.strip() else _in_brackets(line.text, labels):
                yield pair
            listed = fragments(rest) if rest.lstrip().startswith("[") else []
            yield from _of_json(listed or rest, labels, label, 0)
        elif pair := _in_brackets(line.text, labels) or _of_cells(line.text, labels):
            yield pair
        elif line.heading or (sign and not line.bullet):
            # Under a heading of its own nothing belongs to the type before it.
            kind = ""
        elif kind and (line.bullet or not _STOP.search(line.text)):
            yield from _mention(kind, _GLOSS.split(line.text, maxsplit=1)[0])
        else:
            kind = ""


def _headed(text: str) -> tuple[str, str, str]:
    """The words before a colon, the colon, and the rest."""
    match = re.search(r"[:：]", text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _in_brackets(text: str, labels: Labels) -> Mention | None:
    match = _BRACKET.fullmatch(text)
    return _pair(match["mention"], match["type"], labels) if match else None


def _of_cells(text: str, labels: Labels) -> Mention | None:
    """A row of a table, or two sides of a sign."""
    if len(text) > 2 * phrases.LONGEST:
        return None
    cells = [cell for cell in _SIDES.split(text.strip(" |")) if cell.strip()]
    return _pair(cells[0], cells[1], labels) if len(cells) == 2 else None
