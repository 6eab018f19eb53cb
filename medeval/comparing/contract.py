"""The contract of comparability: what must be the same, and what may differ and is then the treatment."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, get_args

import msgspec

from medeval.comparing.sides import Side
from medeval.errors import RequestError, raise_all
from medeval.records import Record

Treatment = Literal["prompt", "engine", "decoding", "reader"]
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
Kind = Literal["model", "engine", "medeval", "task", "data", "prompt", "decoding", "reader", "judge"]

PROMPT = (
    "style", "chat", "system", "prefill", "shots", "shots_from", "order", "shuffles", "wordings", "protocol",
    "patient", "elsewhere",
)  # fmt: skip
"""Fields of a setting that say in what words, and in which variants, a question is put."""
MODEL = ("model", "content", "adapter")
ENGINE = ("engine", "version", "dtype", "quantisation", "max_length", "arguments")
Field = tuple[str, object, object]
"""Its name, and both values."""
_MARKED = re.compile(r"(?P<what>[a-z][\w.+@]*):(?P<how>\S+)", re.IGNORECASE)
_OF_DATA = ("n", "data", "prompt", "patient", "budget", "judge", "panel", "grading", "asks")
"""Parts of a protocol line that say nothing of how replies are read or marked."""


def treatments(said: Collection[str], option: str = "--treatment") -> tuple[Treatment, ...]:
    """Read what was declared to be changed on purpose."""
    wrong = [each for each in said if each not in TREATMENTS]
    raise_all([RequestError(f"{option} {each}: say one of {', '.join(TREATMENTS)}.") for each in wrong])
    return tuple([each for each in TREATMENTS if each in said])


class Change(Record, frozen=True, kw_only=True):
    """A field in which two cells differ."""

    kind: Kind
    field: str
    base: str
    new: str

    def __str__(self) -> str:
        return f"{self.field} {self.base or 'none'} → {self.new or 'none'}"


class Terms(Record, frozen=True, kw_only=True):
    """What two cells differ in, as far as it may, and as far as it may not."""

    treatment: tuple[Change, ...]
    refused: tuple[Change, ...]


def terms(base: Side, new: Side, declared: Collection[Treatment] = (), *, subset: bool = False) -> Terms:
    """Hold two cells to the contract.

    The model, what runs it, and medeval's own version may differ. Where the engine is declared to be what was changed,
    the model must be the same, or nobody could tell which of them it was.
    """
    allowed: set[Kind] = {"model", "engine", "medeval", *declared}
    if "engine" in declared:
        allowed.remove("model")
    if subset:
        allowed.add("data")
    changes = [*_changes(base, new)]
    return Terms(
        treatment=tuple([each for each in changes if each.kind in allowed]),
        refused=tuple([each for each in changes if each.kind not in allowed]),
    )


def together(treatment: Collection[Change]) -> tuple[Kind, ...]:
    """The kinds of things that were changed at once; of several, no difference can be put down to one alone."""
    kinds = dict.fromkeys(each.kind for each in treatment)
    return tuple([kind for kind in kinds if kind not in ("medeval", "data")])


def _changes(base: Side, new: Side) -> Iterator[Change]:
    one, two = base.result, new.result
    yield from _differ("task", [
        ("task", one.task, two.task), ("task version", one.task_version, two.task_version),
        ("rows", one.setting.data, two.setting.data),
    ])  # fmt: skip
    yield from _differ("data", [
        ("limit", one.setting.limit or "all", two.setting.limit or "all"),
        ("number of samples", len(base.samples.ids), len(new.samples.ids)), ("data", one.data[:12], two.data[:12]),
    ])  # fmt: skip
    if one.data == two.data and base.samples.key != new.samples.key:
        yield Change(kind="data", field="samples", base=base.samples.key[:12], new=new.samples.key[:12])
    before, after = msgspec.structs.asdict(one.setting), msgspec.structs.asdict(two.setting)
    # One hash of all words says something of the same samples only; of others every one is looked at by itself.
    words = [("prompt", one.prompt[:12], two.prompt[:12])] if base.samples.ids == new.samples.ids else []
    yield from _differ("prompt", [*words, *_fields(PROMPT, before, after)])
    yield from _differ("decoding", [("thinking", one.setting.thinking, two.setting.thinking), *_drawn(base, new)])
    yield from _differ("reader", _read(one.protocol, two.protocol))
    yield from _differ("judge", [*_heard(base, new), *_judged(one.protocol, two.protocol)])
    whose, whose_now = _asdict(base.identity), _asdict(new.identity)
    yield from _differ("model", _fields(MODEL, whose, whose_now))
    yield from _differ("engine", _fields(ENGINE, whose, whose_now))
    yield from _differ("medeval", [("medeval", _release(one.conditions), _release(two.conditions))])


def _asdict(value: Record | None) -> dict[str, object]:
    return {} if value is None else msgspec.structs.asdict(value)


def _fields(names: Iterable[str], one: Mapping[str, object], two: Mapping[str, object]) -> Iterator[Field]:
    for name in names:
        yield name, one.get(name, ""), two.get(name, "")


def _differ(kind: Kind, fields: Iterable[Field]) -> Iterator[Change]:
    for field, was, now in fields:
        if was != now:
            yield Change(kind=kind, field=field, base=_said(was), new=_said(now))


def _said(value: object) -> str:
    """A value in words; of what is long, as a prompt of the system's is, the beginning."""
    text = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def _drawn(base: Side, new: Side) -> Iterator[Field]:
    """How texts were drawn, field by field; where choices were scored, nothing was."""
    one, two = base.result.setting, new.result.setting
    if one.decoding is not None and two.decoding is not None:
        # Seeds are dice, and not how they are thrown.
        names = [name for name in one.decoding.__struct_fields__ if name != "seed"]
        yield from _fields(names, _asdict(one.decoding), _asdict(two.decoding))
    elif one.style == two.style:
        # A setting without one draws as its style does, which is the prompt's matter where styles differ.
        yield "decoding", one.decoding, two.decoding


def _read(one: str, two: str) -> Iterator[Field]:
    """Versions of the reader and of the metrics that both tell; a metric that only one has is not compared."""
    first, second = _versions(one), _versions(two)
    yield "reader", first.pop("reader", ""), second.pop("reader", "")
    yield from [(f"metric {name}", first[name], second[name]) for name in first if name in second]


def _versions(protocol: str) -> dict[str, str]:
    return {what: how for what, how in _parts(protocol).items() if what not in _OF_DATA}


def _judged(one: str, two: str) -> Iterator[Field]:
    """By what a judge graded; a panel has no more to tell it by."""
    yield from _fields(("judge", "panel", "grading", "asks"), _parts(one), _parts(two))


def _parts(protocol: str) -> dict[str, str]:
    parts = [_MARKED.fullmatch(part) for part in protocol.split("|")[1:]]
    return {part["what"]: part["how"] for part in parts if part}


def _heard(base: Side, new: Side) -> Iterator[Field]:
    """Who judged, and how."""
    for part in ("judge", "identity"):
        one, two = [_asdict(getattr(side.sworn, part)) if side.sworn else {} for side in (base, new)]
        yield from [(f"judge: {name}", was, now) for name, was, now in _fields(one or two, one, two)]


def _release(conditions: str) -> str:
    return next((part.removeprefix("medeval-") for part in conditions.split("|") if part.startswith("medeval-")), "")
