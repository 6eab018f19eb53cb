"""What kind of model lies in a folder: told from its chat template and its end tokens, before anything is loaded.

    base        no chat template, or it ends its turns with a token at which the model does not stop
    chat        a chat template, at whose end of turn the model stops
    reasoning   the same, and the template knows of thinking

Signals that contradict each other are no kind: then the user has to say it.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from medeval.errors import RequestError
from medeval.prompts.chats import ChatTemplate
from medeval.readers import traces
from medeval.records import Decoding, Kind, Record

SWITCHES: dict[str, tuple[object, object]] = {
    "enable_thinking": (True, False),
    "thinking": (True, False),
    "thinking_mode": ("on", "off"),
}
"""Variables of templates that turn thinking on and off, and what they want to hear."""
EFFORT = "reasoning_effort"
THOUGHTS = (*traces.OPENED, *traces.CLOSED)
NAMED_CHAT = re.compile(r"(?:^|[-_./ ])(?:instruct|chat[a-z0-9]*|it)(?:$|[-_./ ])", re.IGNORECASE)
NAMED_BASE = re.compile(r"(?:^|[-_./ ])(?:base|pretrained)(?:$|[-_./ ])", re.IGNORECASE)
NAMED_THINKING = re.compile(r"(?:^|[-_./ ])(?:r1|thinking|reasoning|reasoner)(?:$|[-_./ ])", re.IGNORECASE)
ASKED, SAID = "QUESTION.", "REPLY."


class Nature(Record, frozen=True, kw_only=True):
    """What a model is by its files."""

    kind: Kind | None
    """None: the signals contradict each other."""
    why: str
    template: str = ""
    switch: str = ""
    """The variable of the template that turns thinking on and off."""
    opens: bool = False
    """Whether the template itself begins a reasoning trace."""
    decoding: Decoding | None = None


class Files(Record, frozen=True, kw_only=True):
    """The small files of a model, as far as they are there."""

    name: str
    config: Mapping[str, Any]
    tokenizer_config: Mapping[str, Any] = {}
    generation_config: Mapping[str, Any] | None = None
    chat_template: str = ""
    added_tokens: Mapping[int, str] = {}


def nature(files: Files, said: Kind | None = None) -> Nature:
    """Tell what a model is; `said` is what the user says it is."""
    source = files.chat_template or _template(files.tokenizer_config.get("chat_template"))
    found = _told(files, source) if source else _without_template(files.name)
    return replace(found, kind=said or found.kind, template=source, decoding=_decoding(files.generation_config or {}))


def _told(files: Files, source: str) -> Nature:
    template = ChatTemplate(source)
    special = {name: _content(files.tokenizer_config.get(name)) for name in ("bos_token", "eos_token")}
    ends = _ends(files, special["eos_token"])
    turn_end = _turn_end(template, special, {*files.added_tokens.values(), *ends, *special.values()} - {""})
    switch = next((name for name in SWITCHES if name in template.variables), "")
    head = template.render([{"role": "user", "content": ASKED}], answer=True, **special)
    thinks = bool(switch) or EFFORT in template.variables or any(mark in source for mark in THOUGHTS)
    kind, why = _weighed(files.name, turn_end, ends, thinks=thinks)
    return Nature(kind=kind, why=why, switch=switch, opens=traces.opens(head.rpartition(ASKED)[2]))


def _weighed(name: str, turn_end: str, ends: tuple[str, ...], *, thinks: bool) -> tuple[Kind | None, str]:
    """Weigh the signs; where they contradict each other, say how."""
    if not turn_end:
        return None, "its chat template ends the model's turn with no token that can be told"
    stops = turn_end in ends
    how = f"its chat template ends turns with {turn_end}, which is {'' if stops else 'not '}among its end tokens"
    contradicting = {
        f"its name is that of a chat model, but {how} ({', '.join(ends) or 'none'})": not stops and NAMED_CHAT,
        f"its name is that of a base model, but {how}": stops and NAMED_BASE,
        f"its name is that of a thinking model, but {how}, and it knows nothing of thinking": stops
        and not thinks
        and NAMED_THINKING,
    }
    for said, pattern in contradicting.items():
        if pattern and pattern.search(name):
            return None, said
    if not stops:
        return "base", how
    return ("reasoning", f"{how}, and it knows of thinking") if thinks else ("chat", how)


def _without_template(name: str) -> Nature:
    for pattern, named in ((NAMED_CHAT, "chat"), (NAMED_THINKING, "thinking")):
        if pattern.search(name):
            return Nature(kind=None, why=f"its name is that of a {named} model, but it has no chat template")
    return Nature(kind="base", why="it has no chat template")


def _template(value: object) -> str:
    """Take the template out of what a tokenizer's configuration says: a text, or a list of named ones."""
    if isinstance(value, list):
        named = {each.get("name"): each.get("template") for each in value if isinstance(each, dict)}
        value = named.get("default") or next(iter(named.values()), "")
    return value if isinstance(value, str) else ""


def _content(token: object) -> str:
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else ""


def _ends(files: Files, eos_token: str) -> tuple[str, ...]:
    """The tokens at which the model stops; an id that nobody names is taken for the tokenizer's end token."""
    said = (files.generation_config or {}).get("eos_token_id")
    text = files.config.get("text_config")
    for config in (files.config, text if isinstance(text, dict) else {}):
        said = config.get("eos_token_id") if said is None else said
    ids = said if isinstance(said, list) else [] if said is None else [said]
    if not all(isinstance(each, int) for each in ids):
        raise RequestError(f"eos_token_id is {said!r}, neither a number nor a list of numbers.")
    return tuple(dict.fromkeys([files.added_tokens.get(each, eos_token) for each in ids] or [eos_token]))


def _turn_end(template: ChatTemplate, special: Mapping[str, str], known: set[str]) -> str:
    """The token that the template puts behind what the model said."""
    turns = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]
    # Some templates close no turn: there the head of the next one ends it.
    for more in ([], [{"role": "user", "content": ASKED}]):
        behind = template.render([*turns, *more], answer=False, **special).rpartition(SAID)[2]
        places = sorted([(behind.find(token), -len(token), token) for token in known if token in behind])
        if places:
            return places[0][2]
    # Some tokenizers do not list their special tokens where they can be seen; then they show by their dress.
    dressed = re.match(r"\s*(<[^<>\s]{1,40}>|\[[A-Z_/]{2,20}\])", behind)
    return dressed[1] if dressed else ""


def _decoding(config: Mapping[str, Any]) -> Decoding | None:
    """How the model's makers draw its texts, if they say so."""
    if not config.get("do_sample") and config.get("temperature") is None:
        return None
    plain = Decoding()
    return Decoding(
        temperature=float(config.get("temperature") or 1.0),
        top_p=float(config.get("top_p") or 1.0),
        top_k=int(config.get("top_k") or 0),
        min_p=float(config.get("min_p") or 0.0),
        repetition_penalty=float(config.get("repetition_penalty") or plain.repetition_penalty),
    )
