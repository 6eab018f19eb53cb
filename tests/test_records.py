"""Records: the same thing in memory and in JSON, frozen, and never in need of a character that UTF-8 lacks."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medeval import records
from medeval.errors import DataError
from medeval.records import (
    Answer,
    AskedSample,
    CaseSample,
    Choice,
    ChoiceSample,
    Criterion,
    Decoding,
    DialogueSample,
    Estimate,
    Exchange,
    Failure,
    Identity,
    Manner,
    Message,
    OpenSample,
    Option,
    Record,
    Request,
    Response,
    Result,
    RubricSample,
    Sample,
    Setting,
    SliceEstimate,
    Table,
    Turn,
    Verdict,
    Walk,
    to_json,
)
from medeval.reports import from_json

SAMPLE = ChoiceSample(
    id="0007", cluster="case 3", language="zh", slices={"科": "内科", "step": "1"}, question="哪个？", context="😀",
    options=(Option(label="A", text="甲", origin="C"), Option(label="B", text="以上都是", anchored=True)),
    target=("A", "B"), several=True, explanation="因为……",
)  # fmt: skip
REQUEST = Request(
    text="Question: …", messages=(Message(role="system", content="Be brief."), Message(role="user", content="Hi.")),
    prefill="Answer:", choices=(Choice(label="A", text=" A"),), role="judge:x", thinking="off",
    decoding=Decoding(
        max_tokens=9, temperature=0.6, top_p=0.95, top_k=20, min_p=0.05, presence_penalty=-0.5, frequency_penalty=0.5,
        repetition_penalty=1.05, seed=2**40, stop=("\n", "###"),
    ),
)  # fmt: skip
ASKED = AskedSample(
    id="0008", cluster="case 3", language="zh", slices={"step": "1"}, requests=(REQUEST,), target=("heparin", "肝素")
)
OPEN = OpenSample(
    id="0009", cluster="case 3", language="zh", slices={"step": "1"}, messages=REQUEST.messages,
    references=("Rest.\n休息。", "Sleep."), source="[医生] 您好",
)  # fmt: skip
CRITERION = Criterion(
    text="Names the dose.", chinese="写明剂量。", name="dose", points=-2.5, tags=("axis:accuracy",)
)  # fmt: skip
RUBRIC = RubricSample(
    id="0010", cluster="case 3", language="zh", slices={"step": "1"}, messages=REQUEST.messages, source="[医生] 您好",
    references=("Rest.",), criteria=(CRITERION,),
)  # fmt: skip
TURN = Turn(asked="诊断？", reference="肺炎。")
DIALOGUE = DialogueSample(
    id="0011", cluster="case 4", language="zh", slices={"step": "1"}, context="病例", turns=(TURN,), carried="gold"
)  # fmt: skip
CASE = CaseSample(
    id="0012", cluster="case 5", language="zh", slices={"step": "1"}, question="哪个？", context="😀",
    options=SAMPLE.options, target=("A",), several=True, explanation="因为……", opening="我咳嗽。", facts=("无发热。",),
)  # fmt: skip
VERDICT = Verdict(judge="strict", criterion="dose", turn=2, grade="4", expected=3.5, why="likeliest")
RESPONSE = Response(
    text="C.\r\n\t\x00", reasoning="Since …", logprobs=(-0.1, -1e-300, -745.13), greedy=(0,), below=(2,),
    printed=True, finish="length", prompt_tokens=3, completion_tokens=1,
)  # fmt: skip
FAILURE = Failure(failure="engine_error", reason="out of memory")
ANSWER = Answer(picked=("A", "B"), rule="stated", span=(3, 12), status="truncated", verdicts=(VERDICT,))
EXCHANGES = (
    Exchange(request=REQUEST, asked="ab12", reply=RESPONSE),
    Exchange(request=REQUEST, asked="ab12", reply=FAILURE),
)
SLICE = SliceEstimate(slice="step", value="1", n=2, estimate=0.5, low=0.1, high=0.9, compared=False)
ESTIMATES = (
    Estimate(
        metric="macro_f1", value=None, low=None, high=None, method="nothing measured", n=0, n_eff=0.0, unread=0,
        truncated=0, refused=0, too_long=0, failed=3,
    ),
    Estimate(
        metric="accuracy", value=1 / 3, low=0.1, high=0.7, method="wilson", n=3, n_eff=3.0, unread=1, truncated=0,
        refused=0, too_long=0, failed=0, unit="plain", takes=5, slices=(SLICE,),
    ),
    Estimate(
        metric="bertscore", version=2, value=0.5, low=0.5, high=0.5, method="none: n < 2", n=1, n_eff=1.0, unread=0,
        truncated=0, refused=0, too_long=0, failed=0, better="", beside=True, by="an encoder, layer 9",
    ),
)  # fmt: skip
TABLE = Table(
    name="confusion",
    about="Rows: what was right.",
    columns=("right", "A", "无"),
    rows=(("A", 3.0, None), ("B", 0.5, "-")),
)
MANNER = Manner(style="reasoned", shots=5, chat=True, thinking="on", decoding=REQUEST.decoding)
SETTING = Setting(
    style="reasoned", chat=True, thinking="on", system="你是医生。", prefill="<think>\n", shots=5,
    shots_from="own.csv#12ab", repeats=3, decoding=REQUEST.decoding, order="circular", shuffles=4, wordings=2,
    protocol="mirage", data="sample", limit=7, seed=1, patient="ill", elsewhere=True,
)  # fmt: skip
RESULT = Result(
    task="medqa", task_version=1, entry="gpt", setting=SETTING, judge="strict", members=("a", "b"), data="9f2c",
    prompt="ab12", journal_records=3, journal="00ff", headline="accuracy", estimates=ESTIMATES, tables=(TABLE,),
    letter_mass=0.25, flags=("partial",), protocol="medqa.v1|letters", conditions="T:0|seed:0",
)  # fmt: skip

VALUES: list[Record] = [
    SAMPLE, ASKED, OPEN, RUBRIC, CRITERION, DIALOGUE, TURN, CASE, VERDICT, *SAMPLE.options,
    REQUEST, REQUEST.decoding, *REQUEST.messages, *REQUEST.choices, RESPONSE,
    FAILURE, ANSWER, *EXCHANGES, Walk(exchanges=EXCHANGES, answer=ANSWER), SLICE, *ESTIMATES, TABLE, MANNER,
    SETTING, RESULT,
    Identity(
        engine="vllm", version="0.32", model="m", content="c", dtype="bf16", quantisation="q", adapter="a",
        max_length=8192, arguments="--enforce-eager",
    ),
    Request(decoding=Decoding()), Response(), Answer(), Setting(), Manner(style="letters"),
]  # fmt: skip
NAMES = [type(value).__name__ for value in VALUES]

anything = st.lists(st.sampled_from("\ud83d\ude00\udfffa😀\\\0") | st.characters()).map("".join)
"""Any text that Python can hold, half surrogates not too seldom."""


def spelt_out(text: str) -> str:
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):x}", text)


def test_every_record_stands_among_the_values_tested_here() -> None:
    kinds = {each for each in vars(records).values() if isinstance(each, type) and issubclass(each, Record)}
    assert {type(value) for value in VALUES} == kinds - {Record, Sample}


@pytest.mark.parametrize("value", VALUES, ids=NAMES)
def test_a_record_is_the_same_after_json(value: Record) -> None:
    assert from_json(to_json(value), type(value), "here") == value


@pytest.mark.parametrize("value", VALUES, ids=NAMES)
def test_a_record_is_frozen(value: Record) -> None:
    field = value.__struct_fields__[0]
    with pytest.raises(AttributeError, match="immutable"):
        setattr(value, field, getattr(value, field))


@pytest.mark.parametrize(
    ("reply", "json"),
    [
        (Response(), '{"kind":"response"}'),
        (FAILURE, '{"kind":"failure","failure":"engine_error","reason":"out of memory"}'),
    ],
)
def test_a_reply_says_which_kind_it_is(reply: Record, json: str) -> None:
    assert to_json(reply).decode() == json


def test_a_sample_says_which_kind_it_is() -> None:
    assert msgspec.json.decode(to_json(SAMPLE))["kind"] == "choice"
    assert msgspec.json.decode(to_json(ASKED))["kind"] == "asked"
    assert msgspec.json.decode(to_json(OPEN))["kind"] == "open"


def test_what_would_have_been_right_is_told_by_every_kind_of_sample() -> None:
    assert SAMPLE.right == ("A", "B")
    assert ASKED.right == ("heparin", "肝素")
    assert OPEN.right == (), "a text is not said in a word or two"


def test_a_question_is_told_from_another_by_all_that_is_asked() -> None:
    assert SAMPLE.stem == "😀\n哪个？"
    assert OPEN.stem == "Be brief.\nHi."


@pytest.mark.parametrize(
    "reply", ['{"text":"A"}', '{"kind":"guess"}', '{"kind":"failure","failure":"bored","reason":""}']
)
def test_a_reply_of_no_known_kind_is_refused(reply: str) -> None:
    with pytest.raises(DataError, match="journal, line 3"):
        from_json(f'{{"request":{{"decoding":{{}}}},"asked":"","reply":{reply}}}'.encode(), Exchange, "journal, line 3")


def test_no_field_of_a_record_is_left_at_its_default_in_all_values_tested_here() -> None:
    for kind in {type(value) for value in VALUES}:
        for field in msgspec.structs.fields(kind):
            # The schema's version has one value yet.
            if not field.required and field.name != "schema_version":
                default = {} if field.default is msgspec.NODEFAULT else field.default
                said = [getattr(value, field.name) for value in VALUES if type(value) is kind]
                assert any(value != default for value in said), f"{kind.__name__}.{field.name}"


def test_what_a_sample_leaves_at_its_default_is_not_written_so_that_a_new_field_changes_no_fingerprint() -> None:
    plain = ChoiceSample(id="1", question="?", options=(Option(label="A", text="x"),), target=("A",))
    assert to_json(plain) == (
        b'{"kind":"choice","id":"1","question":"?","options":[{"label":"A","text":"x"}],"target":["A"]}'
    )
    written = OpenSample(id="1", messages=(Message(role="user", content="?"),), references=("x",))
    assert to_json(written) == (
        b'{"kind":"open","id":"1","messages":[{"role":"user","content":"?"}],"references":["x"]}'
    )


def test_what_a_request_leaves_at_its_default_is_not_written_either() -> None:
    assert set(msgspec.json.decode(to_json(Request(text="?", decoding=Decoding())))) == {"text", "decoding"}
    assert msgspec.json.decode(to_json(Request(decoding=Decoding(), thinking="on")))["thinking"] == "on"


def test_every_field_of_the_decoding_is_always_sent() -> None:
    sent = msgspec.json.decode(to_json(Request(decoding=Decoding())))
    assert set(sent["decoding"]) == {
        "max_tokens", "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty",
        "repetition_penalty", "seed", "stop",
    }  # fmt: skip


@settings(deadline=None)
@given(anything)
def test_half_surrogates_are_spelt_out_and_the_rest_of_the_text_is_kept(text: str) -> None:
    assert from_json(to_json(Response(text=text)), Response, "here") == Response(text=spelt_out(text))


@settings(deadline=None)
@given(st.dictionaries(anything, anything, max_size=3), st.lists(anything, max_size=3))
def test_half_surrogates_are_spelt_out_at_any_depth(slices: dict[str, str], target: list[str]) -> None:
    sample = ChoiceSample(id="1", question="?", options=(), slices=slices, target=tuple(target))
    read = from_json(to_json(sample), ChoiceSample, "here")
    assert read.slices == {spelt_out(key): spelt_out(value) for key, value in slices.items()}
    assert read.target == tuple(map(spelt_out, target))


def test_a_half_surrogate_is_spelt_out_and_a_whole_character_is_not() -> None:
    assert to_json("\ud83d and 😀") == '"\\\\ud83d and 😀"'.encode()


def refused(change: dict[str, Any]) -> str:
    with pytest.raises(DataError, match=r"^reports/x/result\.json: ") as caught:
        from_json(to_json(msgspec.to_builtins(RESULT) | change), Result, "reports/x/result.json")
    return str(caught.value)


def test_a_result_with_an_unknown_field_or_of_another_schema_is_refused() -> None:
    assert "unknown field `verified`" in refused({"verified": True})
    assert "$.schema_version" in refused({"schema_version": 2})


def test_an_unknown_field_inside_a_result_is_refused_too() -> None:
    assert "`mood`" in refused({"setting": {"mood": "good"}})
    assert "$.setting.thinking" in refused({"setting": {"thinking": "sometimes"}})
    assert "$.setting.order" in refused({"setting": {"order": "backwards"}})
    assert "`p`" in refused({"estimates": [msgspec.to_builtins(ESTIMATES[1]) | {"slices": [{"p": 1}]}]})
    assert "$.estimates[0].better" in refused({"estimates": [msgspec.to_builtins(ESTIMATES[0]) | {"better": "up"}]})
    assert "`title`" in refused({"tables": [msgspec.to_builtins(TABLE) | {"title": "x"}]})
    assert "`p_value`" in refused({"estimates": [msgspec.to_builtins(ESTIMATES[0]) | {"p_value": 1}]})


def test_what_was_said_last_is_the_text_of_a_walk_and_a_failure_says_nothing() -> None:
    said, failed = [replace(each, request=replace(each.request, role="model")) for each in EXCHANGES]
    assert Walk(exchanges=(failed, said), answer=ANSWER).text == "C.\r\n\t\x00"
    assert Walk(exchanges=(said, failed), answer=ANSWER).text == ""
    assert Walk(exchanges=(), answer=ANSWER).text == ""
    assert Walk(exchanges=(said, *EXCHANGES), answer=ANSWER).text == RESPONSE.text, "what a judge says is none of it"
    assert Walk(exchanges=(said, *EXCHANGES), answer=ANSWER).of("judge:x") == EXCHANGES


@pytest.mark.parametrize("text", [b"", b"nope", b'{"kind":"response"', b'{"kind":"response","text":"\xff"}', b"[]"])
def test_what_is_not_the_record_is_refused_with_its_place(text: bytes) -> None:
    with pytest.raises(DataError, match=r"^here: "):
        from_json(text, Response, "here")


def test_json_is_the_same_whatever_order_things_came_in() -> None:
    assert to_json({"b": 1, "a": {"d", "c"}}) == b'{"a":["c","d"],"b":1}'
    turned = msgspec.structs.replace(SAMPLE, slices={key: SAMPLE.slices[key] for key in reversed([*SAMPLE.slices])})
    assert list(turned.slices) != list(SAMPLE.slices)
    assert to_json(turned) == to_json(SAMPLE)


def test_a_result_has_a_signature_and_a_first_estimate() -> None:
    assert RESULT.signature == "medqa.v1|letters ‖ T:0|seed:0"
    assert RESULT.first is ESTIMATES[1]


def test_a_walk_may_say_another_text_and_only_where_the_model_said_one() -> None:
    said, failed = [replace(each, request=replace(each.request, role="model")) for each in EXCHANGES]
    other = Walk(exchanges=(failed, said, *EXCHANGES), answer=ANSWER).saying("B.")
    assert other.text == "B."
    assert [each.request.role for each in other.exchanges] == ["model", "model"]
    silent = Walk(exchanges=(said, failed), answer=ANSWER)
    assert silent.saying("B.") is silent
