"""Triples of a relation, a head and a tail in a reply: JSON, the lines of PromptCBLUE's CMeIE, "X | relation | Y"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from medeval.metrics.structured import phrases
from medeval.metrics.structured.fragments import DEEPEST, Json, fragments

HEAD_KEYS = ("subject", "head", "head_entity", "subj", "entity1", "source", "h", "头实体", "主体", "主语", "头")
RELATION_KEYS = (
    "predicate", "relation", "relation_type", "type", "rel", "label", "r", "关系", "关系类型", "谓语", "谓词",
)  # fmt: skip
TAIL_KEYS = ("object", "tail", "tail_entity", "obj", "entity2", "target", "t", "尾实体", "客体", "宾语", "尾")
_TITLES = {*HEAD_KEYS, *RELATION_KEYS, *TAIL_KEYS}
_RELATION = re.compile(r"具?有?[\"“]?([^\s，。；：:\"”]{1,30})[\"”]?关系的?(?:头尾)?(?:实体对|三元组)")
_OF = " \t为是：:，,；;|"
_CELLS = re.compile(r"\s{0,3}(?:\||\t|-{1,3}>|→|=>)\s{0,3}")
_LABELLED = re.compile(
    r"(?:subject|head)(?: entity)?\s?[:：]\s?(.{1,120}?)[,;，；]"
    r"\s?(?:predicate|relation)(?: type)?\s?[:：]\s?(.{1,120}?)[,;，；]"
    r"\s?(?:object|tail)(?: entity)?\s?[:：]\s?(.{1,120})",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(（<]\s?([^()（）<>\n]{1,300}?)\s?[)）>][,，;；.。]?")

Triple = tuple[str, str, str]
"""Relation, head and tail, in the form in which phrases are compared."""


class Triples(NamedTuple):
    """What was read, each once, and the rule that read it; nothing at all is no rule."""

    found: frozenset[Triple]
    rule: str


def read_triples(text: str) -> Triples:
    """Every triple of a reply; a relation that nobody asked for counts, as a wrong one."""
    whole: frozenset[Triple] | None = None
    single: set[Triple] = set()
    for root in fragments(text):
        triples = frozenset(_of_json(root, "", 0))
        # A second list takes back the first; objects that stand one a line belong together.
        if triples and not (isinstance(root, dict) and _of_object(root, "")) and not _is_triple(root):
            whole = triples
        single |= triples
    if single:
        return Triples(frozenset(single) if whole is None else whole, "json")
    for rule, found in (("pairs", _of_pairs(text)), ("cells", _of_cells(text))):
        if triples := frozenset(found):
            return Triples(triples, rule)
    return Triples(frozenset(), "")


def _of_json(value: Json, relation: str, depth: int) -> Iterator[Triple]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if triple := _of_object(value, relation):
            yield triple
            return
        for key, each in value.items():
            # Under a key stands what has that relation: {"treats": [["aspirin", "pain"]]}.
            yield from _of_json(each, key if isinstance(each, list) else "", depth + 1)
    elif isinstance(value, list):
        texts = [each for each in value if isinstance(each, str)]
        if _is_triple(value):
            yield from _triple(texts[1], texts[0], texts[2])
        elif relation and len(value) == len(texts) == 2 and depth > 1:
            yield from _triple(relation, *texts)
        else:
            for each in value:
                yield from _of_json(each, relation, depth + 1)


def _is_triple(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(isinstance(each, str) for each in value)


def _of_object(value: dict[str, Json], relation: str) -> Triple | None:
    keys = {phrases.same(key): each for key, each in value.items()}
    head, tail = _under(keys, HEAD_KEYS), _under(keys, TAIL_KEYS)
    return next(_triple(_under(keys, RELATION_KEYS) or relation, head, tail), None)


def _under(keys: dict[str, Json], names: tuple[str, ...]) -> str:
    for name in names:
        said = keys.get(name)
        if isinstance(said, dict):
            # CMeIE's own form: {"object": {"@value": "..."}}.
            said = said.get("@value") or said.get("text") or said.get("name")
        if isinstance(said, str):
            return said
    return ""


def _triple(relation: str, head: str, tail: str) -> Iterator[Triple]:
    parts = [phrases.same(phrases.cleaned(part)) for part in (relation, head, tail)]
    if all(parts):
        yield parts[0], parts[1], parts[2]


def _of_pairs(text: str) -> Iterator[Triple]:
    """Lines of a relation and its pairs of head and tail, in the words of PromptCBLUE."""
    relation = ""
    # Some put all relations on one line.
    for line in text.replace("具有", "\n具有").splitlines()[: phrases.MOST]:
        if match := _RELATION.search(line, 0, 80):
            relation = match[1].removeprefix("具有").removeprefix("有")
        for said in line[match.end() if match else 0 :].split("头实体", phrases.MOST)[1:]:
            head, _, rest = said.partition("尾实体")
            own = relation
            if "关系" in head:
                head, _, own = head.partition("关系")
            tail, _, after = rest.strip(_OF).partition("；关系")
            tail = re.split(r"[。；;]", tail, maxsplit=1)[0]
            yield from _triple((after or own).strip(_OF), head.strip(_OF), tail.strip(_OF))


def _of_cells(text: str) -> Iterator[Triple]:
    """Rows of three cells, and brackets that hold three."""
    for line in phrases.lines(text):
        if len(line.text) > 4 * phrases.LONGEST:
            continue
        if labelled := _LABELLED.fullmatch(line.text):
            yield from _triple(labelled[2], labelled[1], labelled[3])
            continue
        cells = [cell for cell in _CELLS.split(line.text.strip("| ")) if cell.strip()]
        if len(cells) != 3:
            bracketed = _BRACKETED.fullmatch(line.text)
            cells = re.split(r"\s?[，;；]\s?|,\s", bracketed[1]) if bracketed else []
        if len(cells) == 3 and not {phrases.same(cell) for cell in cells} <= _TITLES:
            yield from _triple(cells[1], cells[0], cells[2])
