"""Protocols: the table of defaults by kind, case by case; what a wish changes, and every sentence of refusal.

The table is that of the design; T 0.6, top_p 0.95 and top_k 20 are what the makers of Qwen3 and DeepSeek-R1 advise.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from medeval.catalog import find
from medeval.engines.base import Abilities
from medeval.errors import RequestError
from medeval.protocols import Wish, said, setting_for
from medeval.records import Decoding, Kind, Setting, Style

TASKS = {name: named.task for name, named in find().tasks.items()}
CHINESE = ("cmb_exam", "medqa_mainland")
NOTES = ("aci_bench", "aci_bench_test2", "aci_bench_test3", "aci_bench_valid")
"""Tasks that want a text."""
LETTERS = {name for name, task in TASKS.items() if task.wording("letters", chat=False)}
TALKS = sorted(TASKS.keys() - {*LETTERS, *NOTES, *CHINESE})
"""Dialogues, consultations and answers to patients, which say themselves how they are held."""
OWN = {name for name in LETTERS if name.startswith("cmmlu_")} | {"mmlu_pro_health"}
"""Exams whose makers say themselves how they are asked: in writing, behind worked examples."""
ENGLISH = tuple(sorted(LETTERS - {*CHINESE} - OWN))

BASE = Abilities(choices=True, kind="base")
CHAT = Abilities(choices=True, chat=True, seeds=True, kind="chat")
THINKS = Abilities(choices=True, chat=True, seeds=True, kind="reasoning", thinking=True)
ALWAYS = Abilities(choices=True, chat=True, seeds=True, kind="reasoning")
"""A thinking model whose template has no switch."""
MUTE = Abilities(choices=False, chat=True, seeds=True, kind="chat")
NONE = Abilities(choices=True)
"""No model at all, such as a baseline."""

GREEDY = Decoding(
    max_tokens=4096, temperature=0, top_p=1, top_k=0, min_p=0, presence_penalty=0, frequency_penalty=0,
    repetition_penalty=1, seed=0, stop=(),
)  # fmt: skip
DRAWN = replace(GREEDY, max_tokens=32_768, temperature=0.6, top_p=0.95, top_k=20)


def put(abilities: Abilities, task: str = "medqa", **wish: Any) -> Setting:
    return setting_for(Wish(**wish), abilities, task, TASKS[task])


def refusal(abilities: Abilities, task: str = "medqa", **wish: Any) -> tuple[str, ...]:
    with pytest.raises(RequestError) as refused:
        put(abilities, task, **wish)
    assert refused.value.exit_code == 2
    return refused.value.faults


# --- the table of defaults ---


@pytest.mark.parametrize("task", ENGLISH)
def test_a_base_model_is_asked_for_letters_in_plain_text_without_examples(task: str) -> None:
    assert put(BASE, task) == Setting(style="letters", chat=False, thinking="", shots=0, decoding=None)


@pytest.mark.parametrize("task", ENGLISH)
def test_a_chat_model_reasons_in_a_chat_greedily_with_neutral_penalties(task: str) -> None:
    assert put(CHAT, task) == Setting(
        style="reasoned", chat=True, thinking="", system="", prefill="", shots=0, decoding=GREEDY
    )


@pytest.mark.parametrize("task", ENGLISH)
def test_a_thinking_model_is_asked_as_a_chat_model_and_thinks(task: str) -> None:
    assert put(THINKS, task) == Setting(
        style="reasoned", chat=True, thinking="on", system="", prefill="", shots=0, decoding=DRAWN
    )


CHINESE_CASES = [
    (BASE, Setting(style="written", shots=5, decoding=replace(GREEDY, max_tokens=32, stop=("\n",)))),
    (CHAT, Setting(style="written", chat=True, decoding=replace(GREEDY, max_tokens=512))),
    (THINKS, Setting(style="written", chat=True, thinking="on", decoding=DRAWN)),
]


@pytest.mark.parametrize("task", CHINESE)
@pytest.mark.parametrize(("abilities", "setting"), CHINESE_CASES, ids=["base", "chat", "reasoning"])
def test_a_chinese_exam_is_answered_in_writing_by_every_kind(task: str, abilities: Abilities, setting: Setting) -> None:
    assert put(abilities, task) == setting


@pytest.mark.parametrize("task", sorted(OWN))
def test_an_exam_that_is_asked_in_writing_shows_a_base_model_worked_examples(task: str) -> None:
    setting = put(BASE, task)
    assert (setting.style in ("written", "reasoned"), setting.shots, setting.chat) == (True, 5, False)
    assert put(CHAT, task).chat
    assert put(CHAT, task).style in ("written", "reasoned")


NOTE_CASES = [
    (BASE, Setting(style="written", shots=1, decoding=replace(GREEDY, max_tokens=2048))),
    (CHAT, Setting(style="written", chat=True, decoding=replace(GREEDY, max_tokens=2048))),
    (THINKS, Setting(style="written", chat=True, thinking="on", decoding=DRAWN)),
    (NONE, Setting(style="written", decoding=replace(GREEDY, max_tokens=512))),
]


@pytest.mark.parametrize("task", TALKS)
@pytest.mark.parametrize(("abilities", "chat"), [(BASE, False), (CHAT, True), (THINKS, True), (NONE, False)])
def test_in_a_talk_everybody_writes_and_only_models_with_a_template_chat(
    task: str, abilities: Abilities, chat: bool
) -> None:
    setting = put(abilities, task)
    assert (setting.style in ("written", "reasoned"), setting.chat) == (True, chat)
    assert setting.decoding is not None
    # An exam in writing stops a base model at the end of its line: a few letters or a number are all it wants.
    short = abilities is BASE and "\n" in setting.decoding.stop
    assert setting.decoding.max_tokens >= (32 if short else 256)


@pytest.mark.parametrize("task", NOTES)
@pytest.mark.parametrize(("abilities", "setting"), NOTE_CASES, ids=["base", "chat", "reasoning", "none"])
def test_a_note_is_written_at_once_and_a_base_model_sees_one_before(
    task: str, abilities: Abilities, setting: Setting
) -> None:
    assert put(abilities, task) == setting


@pytest.mark.parametrize("group", find().groups)
@pytest.mark.parametrize("abilities", [BASE, CHAT, THINKS], ids=["base", "chat", "reasoning"])
def test_the_members_of_a_group_are_asked_in_one_way_by_default(group: str, abilities: Abilities) -> None:
    members = find().groups[group].members
    assert [put(abilities, member) for member in members] == [put(abilities, members[0])] * len(members)


def test_what_is_no_model_is_asked_for_letters_where_a_task_has_them() -> None:
    assert put(NONE) == Setting(style="letters")
    assert put(NONE, "cmb_exam") == Setting(style="written", decoding=replace(GREEDY, max_tokens=512))


def test_a_thinking_model_draws_as_its_makers_do() -> None:
    makers = Decoding(temperature=1.0, top_p=0.9, top_k=64, min_p=0.01, repetition_penalty=1.05)
    told = replace(THINKS, decoding=makers)
    for task in ("medqa", "cmb_exam"):
        assert put(told, task).decoding == replace(makers, max_tokens=32_768)
    assert put(told, style="written").decoding == replace(makers, max_tokens=32_768)


def test_a_chat_model_is_greedy_whatever_its_makers_do() -> None:
    makers = Decoding(temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05)
    assert put(replace(CHAT, decoding=makers)).decoding == GREEDY
    assert put(replace(BASE, decoding=makers), "cmb_exam").decoding == replace(GREEDY, max_tokens=32, stop=("\n",))


# --- what a wish changes ---


OVERRIDES: list[tuple[Abilities, dict[str, Any], dict[str, Any]]] = [
    (BASE, {"style": "written"}, {"style": "written", "chat": False, "decoding": replace(GREEDY, max_tokens=512)}),
    (BASE, {"style": "reasoned"}, {"style": "reasoned", "chat": False, "decoding": GREEDY}),
    (BASE, {"style": "options"}, {"style": "options", "chat": False, "decoding": None}),
    (BASE, {"shots": 5}, {"style": "letters", "shots": 5}),
    (CHAT, {"style": "written"}, {"style": "written", "chat": True, "decoding": replace(GREEDY, max_tokens=512)}),
    (CHAT, {"style": "letters"}, {"style": "letters", "chat": True, "thinking": "", "decoding": None}),
    (CHAT, {"chat": False}, {"style": "reasoned", "chat": False, "decoding": GREEDY}),
    (CHAT, {"kind": "base"}, {"style": "letters", "chat": False, "decoding": None}),
    (CHAT, {"kind": "reasoning"}, {"style": "reasoned", "chat": True, "decoding": DRAWN}),
    (CHAT, {"system": "You are a doctor."}, {"system": "You are a doctor.", "chat": True}),
    (CHAT, {"prefill": "Let us"}, {"prefill": "Let us"}),
    (CHAT, {"options": "circular"}, {"order": "circular"}),
    (CHAT, {"temperature": 0.7, "repeats": 5}, {"repeats": 5, "decoding": replace(GREEDY, temperature=0.7)}),
    (CHAT, {"max_tokens": 9}, {"decoding": replace(GREEDY, max_tokens=9)}),
    (THINKS, {"style": "written"}, {"style": "written", "chat": True, "thinking": "on", "decoding": DRAWN}),
    (THINKS, {"thinking": "off"}, {"style": "reasoned", "chat": True, "thinking": "off", "decoding": GREEDY}),
    (THINKS, {"chat": False}, {"chat": False, "thinking": ""}),
    (THINKS, {"repeats": 4}, {"repeats": 4, "decoding": DRAWN}),
    (THINKS, {"top_p": 0.5, "top_k": 3}, {"decoding": replace(DRAWN, top_p=0.5, top_k=3)}),
    (THINKS, {"temperature": 0.0}, {"decoding": replace(DRAWN, temperature=0)}),
    (THINKS, {"protocol": "mirage"}, {"style": "written", "protocol": "mirage", "thinking": "on"}),
    (CHAT, {"protocol": "mirage"}, {"style": "written", "chat": True, "protocol": "mirage"}),
    (CHAT, {"protocol": "mirage", "style": "reasoned"}, {"style": "reasoned", "decoding": GREEDY}),
    (BASE, {"protocol": "mirage"}, {"style": "written", "chat": False, "protocol": "mirage"}),
]


@pytest.mark.parametrize(
    ("abilities", "wish", "told"), OVERRIDES, ids=[f"{case[0].kind}-{'-'.join(case[1])}" for case in OVERRIDES]
)
def test_what_is_wished_for_is_done(abilities: Abilities, wish: dict[str, Any], told: dict[str, Any]) -> None:
    setting = put(abilities, **wish)
    assert {name: getattr(setting, name) for name in told} == told


@pytest.mark.parametrize("style", ["letters", "options"])
def test_letters_of_a_thinking_model_are_asked_for_in_a_chat_with_thinking_off(style: Style) -> None:
    assert put(THINKS, style=style) == Setting(style=style, chat=True, thinking="off", decoding=None)


def test_letters_in_a_chat_are_asked_for_with_thinking_off_though_the_model_be_a_base() -> None:
    switched = replace(BASE, chat=True, thinking=True)
    assert put(switched, style="letters", chat=True) == Setting(style="letters", chat=True, thinking="off")


def test_no_examples_may_be_wished_for_where_the_task_would_show_some() -> None:
    assert put(BASE, "cmb_exam", shots=0).shots == 0


def test_where_examples_come_from_is_part_of_a_setting_only_if_there_are_any() -> None:
    shown = setting_for(Wish(shots=2), CHAT, "medqa", TASKS["medqa"], shots_from="mine.jsonl#0123abcd")
    none = setting_for(Wish(), CHAT, "medqa", TASKS["medqa"], shots_from="mine.jsonl#0123abcd")
    assert (shown.shots_from, none.shots_from) == ("mine.jsonl#0123abcd", "")


@pytest.mark.parametrize("abilities", [BASE, CHAT, THINKS, ALWAYS, NONE])
def test_lm_evals_protocol_is_letters_in_plain_text_for_every_kind(abilities: Abilities) -> None:
    assert put(abilities, protocol="lm-eval", shots=5) == Setting(style="letters", shots=5, protocol="lm-eval")


@pytest.mark.parametrize(("abilities", "setting"), CHINESE_CASES, ids=["base", "chat", "reasoning"])
def test_cmbs_own_protocol_is_what_each_kind_is_asked_by_default(abilities: Abilities, setting: Setting) -> None:
    assert put(abilities, "cmb_exam", protocol="cmb-official") == replace(setting, protocol="cmb-official")


def test_cmbs_own_protocol_has_a_train_of_thought_too() -> None:
    found = put(CHAT, "cmb_exam", protocol="cmb-official", style="reasoned")
    assert (found.style, found.decoding) == ("reasoned", GREEDY)


# --- what is refused ---


@pytest.mark.parametrize(
    ("task", "protocol"), [("cmb_exam", "lm-eval"), ("medqa_5options", "lm-eval"), ("medqa", "cmb-official")]
)
def test_a_protocol_is_refused_for_a_task_that_it_does_not_know(task: str, protocol: str) -> None:
    assert refusal(CHAT, task, protocol=protocol) == (
        f"{task}: protocol {protocol!r} knows no such task. Leave --protocol away.",
    )


@pytest.mark.parametrize(
    ("option", "wish"),
    [
        ("--style", {"style": "options"}),
        ("--chat", {"chat": True}),
        ("--system", {"system": "You are a doctor."}),
        ("--prefill", {"prefill": "The"}),
        ("--options", {"options": "circular"}),
    ],
)
def test_lm_evals_protocol_leaves_nothing_to_wish_for(option: str, wish: dict[str, Any]) -> None:
    assert refusal(CHAT, protocol="lm-eval", **wish) == (
        f"Protocol 'lm-eval' fixes how a question is put: leave {option} away.",
    )


@pytest.mark.parametrize("style", ["letters", "options"])
@pytest.mark.parametrize(("task", "protocol"), [("medqa", "mirage"), ("cmb_exam", "cmb-official")])
def test_a_protocol_that_reads_texts_takes_no_letters(task: str, protocol: str, style: str) -> None:
    assert refusal(CHAT, task, protocol=protocol, style=style) == (
        f"Protocol {protocol!r} reads texts: leave --style {style} away.",
    )


@pytest.mark.parametrize("style", ["letters", "options"])
def test_without_log_probabilities_there_are_no_letters(style: str) -> None:
    assert refusal(MUTE, style=style) == (
        f"This engine gives no log-probabilities, which style {style!r} needs. Add --style written.",
    )


def test_without_a_template_there_is_no_chat() -> None:
    assert refusal(BASE, chat=True) == (
        "The model has no chat template, so it cannot be asked as a chat. Add --no-chat.",
    )
    assert refusal(BASE, kind="chat") == refusal(BASE, chat=True)


@pytest.mark.parametrize(
    ("abilities", "wish"),
    [
        (CHAT, {"thinking": "on"}),
        (CHAT, {"thinking": "off"}),
        (BASE, {"thinking": "off"}),
        (ALWAYS, {"thinking": "off"}),
        (THINKS, {"thinking": "off", "chat": False}),
        (THINKS, {"thinking": "on", "protocol": "lm-eval"}),
    ],
)
def test_without_a_switch_and_a_chat_thinking_is_not_turned(abilities: Abilities, wish: dict[str, Any]) -> None:
    assert refusal(abilities, **wish) == (
        "The model has no switch for thinking, or is not asked as a chat. Leave --thinking away.",
    )


@pytest.mark.parametrize("style", ["letters", "options"])
def test_a_template_that_always_opens_a_trace_takes_no_letters(style: Style) -> None:
    assert refusal(ALWAYS, style=style) == (
        (
            "medqa: the model's template always opens a reasoning trace, behind which a letter is no answer. "
            "Add --no-chat, or leave --style away."
        ),
    )
    assert put(ALWAYS, style=style, chat=False) == Setting(style=style)


@pytest.mark.parametrize("style", ["letters", "options"])
def test_a_letter_is_not_asked_for_behind_a_trace_that_was_wished_for(style: str) -> None:
    (fault,) = refusal(THINKS, style=style, thinking="on")
    assert "--thinking" in fault


@pytest.mark.parametrize("style", ["letters", "options"])
@pytest.mark.parametrize(
    ("option", "wish"),
    [
        ("--max-tokens", {"max_tokens": 5}),
        ("--temperature", {"temperature": 0.0}),
        ("--top-p", {"top_p": 0.9}),
        ("--top-k", {"top_k": 20}),
    ],
)
def test_a_style_that_writes_nothing_is_not_drawn(style: str, option: str, wish: dict[str, Any]) -> None:
    assert refusal(BASE, style=style, **wish) == (f"medqa: style {style!r} writes nothing: leave {option} away.",)


REPEATED = (
    "medqa: at temperature 0 every repeat says the same. Add --style reasoned and --temperature 0.7, "
    "or leave --repeats away."
)


@pytest.mark.parametrize(
    ("abilities", "wish"),
    [
        (BASE, {}),
        (BASE, {"temperature": 0.7}),
        (CHAT, {}),
        (CHAT, {"style": "letters"}),
        (CHAT, {"temperature": 0.0}),
        (THINKS, {"temperature": 0.0}),
        (THINKS, {"protocol": "lm-eval"}),
    ],
)
def test_what_would_say_the_same_every_time_is_asked_once(abilities: Abilities, wish: dict[str, Any]) -> None:
    assert refusal(abilities, repeats=3, **wish) == (REPEATED,)


def test_all_that_stands_in_the_way_is_told_at_once() -> None:
    faults = refusal(replace(MUTE, chat=False), style="letters", chat=True, thinking="on", max_tokens=5, repeats=2)
    assert [fault.partition(" ")[0] for fault in faults] == ["This", "The", "The", "medqa:", "medqa:", "medqa:"]
    assert len(refusal(CHAT, "cmb_exam", protocol="lm-eval", chat=True, system="x")) == 3


# --- in words ---


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("base", "letters, plain text, 0-shot"),
        ("chat", "reasoned, chat, 0-shot, T 0, at most 4,096 tokens"),
        ("reasoning", "reasoned, chat, 0-shot, thinking on, T 0.6, at most 32,768 tokens"),
    ],
)
def test_a_setting_is_said_in_words(kind: Kind, words: str) -> None:
    assert said(put(replace(THINKS, kind=kind))) == words


def test_what_differs_is_said_too() -> None:
    setting = put(CHAT, temperature=0.7, repeats=5, options="shuffled", shots=2, protocol="mirage")
    assert said(setting) == (
        "written, chat, 2-shot, T 0.7, at most 512 tokens, 5 times each, options shuffled, protocol mirage"
    )
