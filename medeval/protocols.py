"""How a task is put to a model: what the kind of the model suggests, what a named protocol fixes, what was wished for.

The default follows the kind of the model and never the engine, so that a number does not change with a machine.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, get_args

from msgspec.structs import replace

from medeval.engines.base import Abilities
from medeval.errors import RequestError, raise_all
from medeval.prompts.asking import CHOSEN
from medeval.records import Decoding, Kind, Manner, Order, Protocol, Record, Setting, Style, Thinking
from medeval.task import Task

SHORT, LONG, THOUGHT = Decoding(max_tokens=512), Decoding(max_tokens=4096), Decoding(max_tokens=32_768)
DRAWN = replace(THOUGHT, temperature=0.6, top_p=0.95, top_k=20)
"""For a thinking model whose makers say nothing: greedy decoding makes such models repeat themselves."""

HOUSE: dict[Kind, Manner] = {
    "base": Manner(style="letters"),
    "chat": Manner(style="reasoned", chat=True, decoding=LONG),
    "reasoning": Manner(style="reasoned", chat=True, thinking="on", decoding=DRAWN),
}
DRAWING = ("max_tokens", "temperature", "top_p", "top_k")


SAMPLE = "sample"
"""Stands for the project's own rows where a folder or a file could be named."""
RANGES = {
    "repeats": (1, math.inf), "shots": (0, math.inf), "max_tokens": (1, math.inf), "temperature": (0, math.inf),
    "top_p": (0, 1), "top_k": (0, math.inf), "shuffles": (1, math.inf), "wordings": (1, math.inf),
}  # fmt: skip
"""What numbers may be wished for."""


class Wish(Record, frozen=True, kw_only=True):
    """What was said about how to ask; what is None or empty follows the kind of the model."""

    kind: Kind | None = None
    style: Style | None = None
    chat: bool | None = None
    thinking: Thinking = ""
    system: str = ""
    prefill: str = ""
    shots: int | None = None
    shots_from: str = ""
    options: Order = "given"
    shuffles: int = 1
    wordings: int = 1
    repeats: int = 1
    protocol: Protocol = "house"
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None


class How(TypedDict, total=False):
    """A wish by its names, for scripts: whatever is left out follows the kind of the model."""

    kind: Kind | None
    style: Style | None
    chat: bool | None
    thinking: Thinking
    system: str
    prefill: str
    shots: int | None
    shots_from: str
    options: Order
    shuffles: int
    wordings: int
    repeats: int
    protocol: Protocol
    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    limit: int
    seed: int
    metrics: tuple[str, ...]


def wrong_words(wish: Wish) -> Iterator[RequestError]:
    """What is wrong with a wish by itself; the command checks its words, a script may say anything."""
    kinds = {"kind": Kind, "style": Style, "options": Order, "protocol": Protocol, "thinking": Thinking}
    for name, kind in kinds.items():
        said = getattr(wish, name)
        if said is not None and said not in get_args(kind):
            yield RequestError(f"Unknown {name} {said!r}. There are: {', '.join(get_args(kind))}.")
    for name, (low, high) in RANGES.items():
        value = getattr(wish, name)
        if value is not None and not low <= value <= high:
            yield RequestError(f"--{name.replace('_', '-')} {value}: it goes from {low:g} to {high:g}.")
    if wish.shots_from not in ("", SAMPLE) and not Path(wish.shots_from).is_file():
        yield RequestError(f"--shots-from {wish.shots_from}: no such file of solved examples. There is also 'sample'.")


def setting_for(wish: Wish, abilities: Abilities, name: str, task: Task, *, shots_from: str = "") -> Setting:
    """Decide how a task is put, or tell all that stands in the way."""
    raise_all(_unfit(wish, name, task))
    manner = _manner(wish, abilities, task)
    chat = manner.chat if wish.chat is None else wish.chat
    # A letter is the first thing that is said, so there can be no thinking before it.
    usual: Thinking = "off" if manner.style in CHOSEN and abilities.thinking else manner.thinking
    thinking = (wish.thinking or usual) if chat else ""
    shots = manner.shots if wish.shots is None else wish.shots
    setting = Setting(
        style=manner.style, chat=chat, thinking=thinking, system=wish.system, prefill=wish.prefill,
        shots=shots, shots_from=shots_from if shots else "",
        repeats=wish.repeats, order=wish.options, shuffles=wish.shuffles, wordings=wish.wordings,
        protocol=wish.protocol,
        decoding=_decoding(wish, manner, abilities),
    )  # fmt: skip
    raise_all(_unable(wish, abilities, name, setting))
    return setting


def lacking(abilities: Abilities, style: Style) -> str:
    """What a style needs and an engine does not give, in a sentence; empty if there is no such thing."""
    if style in CHOSEN and not abilities.choices:
        return f"This engine gives no log-probabilities, which style {style!r} needs."
    if style == "options" and not abilities.whole:
        return "This engine gives log-probabilities of single tokens only, and style 'options' needs those of texts."
    return ""


def said(setting: Setting) -> str:
    """A setting in words."""
    parts = [setting.style, "chat" if setting.chat else "plain text", f"{setting.shots}-shot"]
    parts += [f"thinking {setting.thinking}"] if setting.thinking else []
    if setting.decoding:
        parts += [f"T {setting.decoding.temperature:g}", f"at most {setting.decoding.max_tokens:,} tokens"]
    parts += [f"{setting.repeats} times each"] if setting.repeats > 1 else []
    times = f" {setting.shuffles} times" if setting.shuffles > 1 else ""
    parts += [f"options {setting.order}{times}"] if setting.order != "given" else []
    parts += [f"in {setting.wordings} wordings"] if setting.wordings > 1 else []
    parts += [f"protocol {setting.protocol}"] if setting.protocol != "house" else []
    return ", ".join(parts)


def _manner(wish: Wish, abilities: Abilities, task: Task) -> Manner:
    kind = wish.kind or abilities.kind
    if wish.protocol == "lm-eval":
        return Manner(style="letters")
    if kind == "reasoning" and wish.thinking == "off":
        return replace(_manner(replace(wish, kind="chat"), abilities, task), thinking="off")
    usual = task.manners.get(kind) or HOUSE[kind] if kind else _without_a_kind(task)
    if kind == "reasoning" and usual.decoding is None:
        usual = replace(usual, decoding=DRAWN)
    style = wish.style or ("written" if wish.protocol == "mirage" else usual.style)
    if style == usual.style:
        return usual
    chat = kind in ("chat", "reasoning")
    if style in CHOSEN:
        return Manner(style=style, chat=chat)
    if kind == "reasoning":
        return replace(HOUSE[kind], style=style)
    return Manner(style=style, chat=chat, decoding=SHORT if style == "written" else LONG)


def _without_a_kind(task: Task) -> Manner:
    """For baselines and texts of any origin: letters where a task has them."""
    if task.wording("letters", chat=False):
        return Manner(style="letters")
    return Manner(style="written", decoding=SHORT)


def _decoding(wish: Wish, manner: Manner, abilities: Abilities) -> Decoding | None:
    if manner.decoding is None:
        return None
    drawn = manner.decoding
    if manner.decoding == DRAWN and abilities.decoding:
        drawn = replace(abilities.decoding, max_tokens=DRAWN.max_tokens)
    wished = {name: getattr(wish, name) for name in DRAWING}
    return replace(drawn, **{name: value for name, value in wished.items() if value is not None})


def _unfit(wish: Wish, name: str, task: Task) -> Iterator[RequestError]:
    """What a named protocol does not go together with."""
    if wish.protocol in ("lm-eval", "cmb-official") and wish.protocol not in task.protocols:
        yield RequestError(f"{name}: protocol {wish.protocol!r} knows no such task. Leave --protocol away.")
    if wish.protocol == "lm-eval":
        beside = {"--style": wish.style not in (None, "letters"), "--chat": bool(wish.chat), "--system": wish.system,
                  "--prefill": wish.prefill, "--options": wish.options != "given",
                  "--wordings": wish.wordings > 1}  # fmt: skip
        for option in [option for option, said in beside.items() if said]:
            yield RequestError(f"Protocol 'lm-eval' fixes how a question is put: leave {option} away.")
    if wish.protocol in ("mirage", "cmb-official") and wish.wordings > 1:
        yield RequestError(f"Protocol {wish.protocol!r} is one wording: leave --wordings away.")
    if wish.protocol in ("mirage", "cmb-official") and wish.style not in (None, "written", "reasoned"):
        yield RequestError(f"Protocol {wish.protocol!r} reads texts: leave --style {wish.style} away.")


def _unable(wish: Wish, abilities: Abilities, name: str, setting: Setting) -> Iterator[RequestError]:
    """What the model or its engine cannot do."""
    chosen = setting.style in CHOSEN
    if lack := lacking(abilities, setting.style):
        yield RequestError(f"{lack} Add --style {'letters or written' if abilities.choices else 'written'}.")
    if setting.chat and not abilities.chat:
        yield RequestError("The model has no chat template, so it cannot be asked as a chat. Add --no-chat.")
    if wish.thinking and not (abilities.thinking and setting.chat):
        yield RequestError("The model has no switch for thinking, or is not asked as a chat. Leave --thinking away.")
    if chosen and setting.thinking == "on":
        yield RequestError(f"{name}: style {setting.style!r} leaves no room for thinking. Leave --thinking on away.")
    if wish.shots_from and not setting.shots:
        yield RequestError("--shots-from without --shots N shows nothing.")
    drawn = [option for option in DRAWING if getattr(wish, option) is not None]
    if wish.style in CHOSEN and drawn:
        option = drawn[0].replace("_", "-")
        yield RequestError(f"{name}: style {setting.style!r} writes nothing: leave --{option} away.")
    if chosen and setting.chat and abilities.kind == "reasoning" and not abilities.thinking:
        yield RequestError(
            f"{name}: the model's template always opens a reasoning trace, behind which a letter is no answer. "
            "Add --no-chat, or leave --style away."
        )
    if setting.repeats > 1 and (chosen or not (setting.decoding and setting.decoding.temperature)):
        yield RequestError(
            f"{name}: at temperature 0 every repeat says the same. Add --style reasoned and --temperature 0.7, "
            "or leave --repeats away."
        )
