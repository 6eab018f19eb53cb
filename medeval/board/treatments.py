"""What was changed between two entries, and what forbids that they are compared, as a page tells it."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from medeval.board.press import shown
from medeval.board.words import Words
from medeval.comparing import Change, Comparison, Refused, Versus
from medeval.comparing import telling as say
from medeval.records import Record

if TYPE_CHECKING:
    from markupsafe import Markup

_OF = re.compile(r"(?P<count>[\d,]+) of (?P<all>[\d,]+)")


class Changed(Record, frozen=True, kw_only=True):
    """A field that differs, and in which tasks, if not in all."""

    kind: str
    field: str
    base: str
    new: str
    tasks: tuple[str, ...] = ()


class Kept(Record, frozen=True, kw_only=True):
    """A task that was not compared, and why not."""

    task: str
    fields: tuple[Changed, ...]


def changes(versus: Versus, words: Words) -> Iterator[Changed]:
    """Every field that differs once, with the tasks in which it does, if those are not all."""
    tasks: dict[Change, list[str]] = {}
    for cell in versus.cells:
        for change in cell.treatment:
            tasks.setdefault(change, []).append(say.title(cell))
    for change, there in tasks.items():
        yield _changed(change, words, there if len(there) < len(versus.cells) else ())


def refused(versus: Versus, words: Words) -> Iterator[Kept]:
    """Every task that was not compared."""
    for each in versus.refused:
        yield Kept(task=say.title(each), fields=tuple([_changed(field, words) for field in each.fields]))


def _changed(change: Change, words: Words, tasks: Iterable[str] = ()) -> Changed:
    # Of models and settings a value is a name, whatever it looks like.
    base, new = [_term(words, value) if change.kind == "data" else value for value in (change.base, change.new)]
    kind = words.said(f"thing_{change.kind}")
    return Changed(kind=kind, field=_term(words, change.field), base=base, new=new, tasks=tuple(tasks))


def _term(words: Words, text: str) -> str:
    """Say in the page's language what the contract says in words of its own; names of fields stay as they are."""
    if counted := _OF.fullmatch(text):
        return words.said("count_of", **counted.groupdict())
    key = f"term_{text.replace(' ', '_')}"
    return words.said(key) if key in words.texts else text


def advice(versus: Versus, words: Words) -> "tuple[Markup, ...]":
    """What to do about everything that was refused, each once."""
    return tuple(dict.fromkeys(said for each in versus.refused for said in _advice(each, words)))


def _advice(found: Refused, words: Words) -> "Iterator[Markup]":
    for way, kind in say.ways(found):
        yield words(f"refused_{way}", kind=kind, thing=words.said(f"thing_{kind}"))


def only(found: Comparison, versus: Versus, words: Words) -> "Iterator[Markup]":
    """What one of both has alone."""
    for entry, tasks in ((found.base, versus.only_base), (versus.entry, versus.only_new)):
        if tasks:
            yield words("only_has", entry=words.listed((shown(entry),)), tasks=words.listed([*map(shown, tasks)]))
