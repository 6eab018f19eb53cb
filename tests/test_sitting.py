"""Sittings: how often a sample is asked, what is shown before it, and by which seed its text is drawn."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered, words
from medeval.catalog import find
from medeval.errors import DataError, RequestError
from medeval.metrics import Metric, exam, texts
from medeval.metrics.choice import accuracy, macro_f1, partial_credit
from medeval.metrics.text import ROUGE
from medeval.prompts import (
    last_turn,
    question_only,
    question_options,
    reason_to_a_letter,
    reply_with_a_letter,
    write_a_letter,
)
from medeval.records import Choice, ChoiceSample, Decoding, Message, OpenSample, Order, Request, Response, Row, Setting
from medeval.sitting import Sitting, sit
from medeval.sources import Form, Local, Supply
from medeval.task import Task
from tests.conftest import choice

COLOURS = ("red", "green", "blue", "grey")
DRAWN = Decoding(max_tokens=99, temperature=0.6)


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]), target=(row["answer"],),
        slices={"part": row["part"]} if "part" in row else {},
    )  # fmt: skip


FORM = Form(
    name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample, exemplars=(Local(path="train.jsonl"),)
)
EXAM = Task(
    title="A small exam", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=1 / 4, rows=0,
    folder="exam", forms=(FORM,), slices=("part",), metrics=(accuracy,),
    wordings={
        "letters": question_options, "letters:chat": reply_with_a_letter, "options": question_only,
        "written": write_a_letter, "reasoned": reason_to_a_letter,
    },
)  # fmt: skip
BRIEF = replace(EXAM, wordings={"letters": lambda sample: f"<{sample.question}>"})
"""Its prompts are questions and nothing else."""


def row(question: str, part: str = "", answer: str = "B") -> dict[str, Any]:
    made = {"question": question, "options": [f"{question} {colour}" for colour in COLOURS], "answer": answer}
    return {**made, "part": part} if part else made


def put(root: Path, *rows: dict[str, Any], name: str = "rows.jsonl") -> Path:
    path = root / "exam" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join([json.dumps(each) + "\n" for each in rows]), encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three questions q, and six solved ones t."""
    put(tmp_path, *[row(f"q{number}") for number in range(3)])
    put(tmp_path, *[row(f"t{number}", answer="ABCD"[number % 4]) for number in range(6)], name="train.jsonl")
    return tmp_path


def sat(root: Path, task: Task = EXAM, shots_at: Path | Supply | None = None, **how: Any) -> Sitting:
    # As sample rows, which nobody counts.
    return sit("exam", task, Setting(data="sample", **how), Supply.only(root), shots_at)


def refusal(root: Path, task: Task = EXAM, shots_at: Path | Supply | None = None, **how: Any) -> str:
    with pytest.raises(RequestError) as refused:
        sat(root, task, shots_at, **how)
    (fault,) = refused.value.faults
    return fault


def requests(sitting: Sitting) -> list[Request]:
    """What every take asks first."""
    asked = []
    for take in sitting.takes:
        talk = sitting.talk(take)
        (request,) = next(talk)
        talk.close()
        asked.append(request)
    return asked


def before(sitting: Sitting) -> dict[str, list[str]]:
    """The questions that are shown before each question, of a brief exam."""
    told = [re.findall("<(.*?)>", request.text) for request in requests(sitting)]
    return {questions[-1]: questions[:-1] for questions in told}


def each_shown(*questions: str) -> dict[str, list[str]]:
    """The same before every one of the three."""
    return {name: [*questions] for name in ("q0", "q1", "q2")}


# --- takes ---


def test_a_sample_is_asked_once_as_it_is_given(root: Path) -> None:
    sitting = sat(root)
    assert list(sitting.takes) == [(number, 0, 0, sample) for number, sample in enumerate(sitting.samples)]
    assert (len(sitting.takes), sitting.takes[-1], sitting.takes[1:]) == (
        3, (2, 0, 0, sitting.samples[2]), [(1, 0, 0, sitting.samples[1]), (2, 0, 0, sitting.samples[2])],
    )  # fmt: skip
    assert [choice(sample).question for sample in sitting.samples] == ["q0", "q1", "q2"]


def test_circular_order_asks_for_every_turn_of_the_options_the_first_as_given(root: Path) -> None:
    takes = sat(root, order="circular", limit=1).takes
    assert [(take.number, take.variant, take.repeat) for take in takes] == [(0, turn, 0) for turn in range(4)]
    told = [
        (" ".join(option.text.rpartition(" ")[2] for option in choice(take.sample).options), take.sample.right)
        for take in takes
    ]
    assert told == [
        ("red green blue grey", ("B",)), ("green blue grey red", ("A",)),
        ("blue grey red green", ("D",)), ("grey red green blue", ("C",)),
    ]  # fmt: skip
    assert {take.sample.id for take in takes} == {takes[0].sample.id}


def test_in_circular_order_every_free_option_stands_once_in_every_place(root: Path) -> None:
    put(root, {"question": "q", "options": ["red", "green", "None of the above", "blue"], "answer": "C"})
    takes = sat(root, order="circular").takes
    places = [[option.text for option in choice(take.sample).options] for take in takes]
    assert [place[2] for place in places] == ["None of the above"] * 3
    assert [{place[free] for place in places} for free in (0, 1, 3)] == [{"red", "green", "blue"}] * 3
    assert [take.sample.right for take in takes] == [("C",)] * 3


def test_an_item_whose_options_name_each_other_has_one_turn(root: Path) -> None:
    put(root, {"question": "q", "options": ["red", "green", "blue", "Both A and B"], "answer": "D"}, row("q1"))
    assert [(take.number, take.variant) for take in sat(root, order="circular").takes] == [
        (0, 0), (1, 0), (1, 1), (1, 2), (1, 3),
    ]  # fmt: skip


def test_every_turn_is_repeated(root: Path) -> None:
    takes = sat(root, style="written", order="circular", repeats=3, decoding=DRAWN).takes
    assert [(take.number, take.variant, take.repeat) for take in takes] == [
        (number, variant, repeat) for number in range(3) for variant in range(4) for repeat in range(3)
    ]


def test_shuffled_options_are_dealt_once_by_seed(root: Path) -> None:
    put(root, *[row(f"q{number}") for number in range(20)])
    one, same, other = [sat(root, order="shuffled", seed=seed) for seed in (0, 0, 1)]
    assert [(take.number, take.variant, take.repeat) for take in one.takes] == [(number, 0, 0) for number in range(20)]
    assert one.takes == same.takes
    assert one.takes != other.takes
    for take in one.takes:
        sample = choice(take.sample)
        (right,) = [option.text for option in sample.options if option.label in sample.target]
        assert right == f"{sample.question} green"


@pytest.mark.parametrize("order", ["shuffled", "circular"])
def test_options_that_are_words_have_no_order(root: Path, order: Order) -> None:
    spoken = replace(FORM, to_sample=lambda each: replace(to_sample(each), options=words("A", "B", "C")))
    assert refusal(root, replace(EXAM, forms=(spoken,)), order=order) == (
        f"exam: its options are words with no order; leave --options {order} off for it."
    )


# --- texts ---


def to_open(row: Row) -> OpenSample:
    before = (Message(role="user", content="Hi."), Message(role="assistant", content="How can I help?"))
    return OpenSample(
        id=row["_id"], messages=(*before, Message(role="user", content=row["question"])), references=(row["answer"],)
    )


NOTES = replace(
    EXAM, chance=0.0, forms=(replace(FORM, to_sample=to_open),), wordings={"written": last_turn}, metrics=ROUGE,
    also=texts(), slices=(),
)  # fmt: skip


@pytest.mark.parametrize("order", ["shuffled", "circular"])
def test_what_has_no_options_has_no_order_of_them(root: Path, order: Order) -> None:
    assert refusal(root, NOTES, order=order, style="written", decoding=DRAWN) == (
        f"exam: its questions have no options; leave --options {order} off for it."
    )


def test_a_text_is_asked_for_behind_solved_examples_and_the_turns_before_it(root: Path) -> None:
    chat = [
        [turn.content for turn in request.messages]
        for request in requests(sat(root, NOTES, style="written", chat=True, shots=1, decoding=DRAWN))
    ]
    (question, answer, *_), golds = chat[0], {f"t{number}": "ABCD"[number % 4] for number in range(6)}
    assert answer == golds[question]
    assert chat == [[question, answer, "Hi.", "How can I help?", f"q{number}"] for number in range(3)]
    plain = requests(sat(root, NOTES, style="written", decoding=DRAWN))
    said = [f"Patient: Hi.\nDoctor: How can I help?\nPatient: q{number}\nDoctor:" for number in range(3)]
    assert [request.text for request in plain] == said


def test_every_text_may_be_drawn_several_times_with_a_seed_of_its_own(root: Path) -> None:
    sitting = sat(root, NOTES, style="written", repeats=2, decoding=DRAWN)
    assert len({request.decoding.seed for request in requests(sitting)}) == 6


def test_a_text_is_never_shown_before_itself(root: Path) -> None:
    put(root, row("q0"), row("q1"), *[row(f"t{number}") for number in range(4)], name="train.jsonl")
    sitting = sat(root, NOTES, style="written", chat=True, shots=5, decoding=DRAWN)
    shown = [{turn.content for turn in request.messages[:-3] if turn.role == "user"} for request in requests(sitting)]
    assert shown[:2] == [{"q1", "t0", "t1", "t2", "t3"}, {"q0", "t0", "t1", "t2", "t3"}]
    assert len(shown[2]) == 5


# --- metrics ---


def names(metrics: tuple[Metric, ...]) -> list[str]:
    return [metric.name for metric in metrics]


def test_what_a_task_is_known_by_comes_before_what_is_told_beside_and_every_name_once(root: Path) -> None:
    both = replace(EXAM, metrics=(accuracy, macro_f1(*"ABCD")), also=exam("ABCD"))
    sitting = sat(root, both)
    assert names(sitting.named) == ["accuracy", "macro_f1"]
    assert names(sitting.metrics)[:2] == ["accuracy", "macro_f1"]
    assert len({*names(sitting.metrics)}) == len(sitting.metrics)
    assert {*names(sitting.metrics)} == {"accuracy"} | {
        metric.name for metric in exam("ABCD") if not metric.styles or "letters" in metric.styles
    }


def test_a_metric_that_is_told_beside_is_not_told_twice_where_the_task_is_known_by_it(root: Path) -> None:
    told = replace(EXAM, metrics=(partial_credit,), also=(accuracy, partial_credit))
    assert names(sat(root, told).metrics) == ["partial_credit", "accuracy"]


# --- what a sitting is ---


def test_the_fingerprint_of_the_data_is_taken_before_options_change_places(root: Path) -> None:
    prints = {sat(root, order=order).data for order in ("given", "shuffled", "circular")}
    assert prints == {sat(root, style="written", repeats=2, shots=2, decoding=DRAWN).data}
    assert sat(root, limit=1).data not in prints


def test_a_limit_that_leaves_nothing_out_is_no_limit() -> None:
    named = find().named("medqa")
    sitting = sit("medqa", named.task, Setting(data="sample", limit=100), Supply.only(named.samples))
    assert (sitting.setting.limit, len(sitting.samples)) == (0, 26)


def test_the_fingerprint_of_the_sample_rows_is_what_it_was() -> None:
    """A change here breaks every recorded run: it must come from the rows, or be a new version of the task."""
    found = find()
    prints = {
        name: sit(name, found.named(name).task, Setting(data="sample"), Supply.only(found.named(name).samples)).data[:8]
        for name in ("medqa", "medmcqa", "pubmedqa")
    }
    assert prints == {"medqa": "d0af0f59", "medmcqa": "9579409d", "pubmedqa": "46222e38"}


def test_a_style_without_a_wording_is_refused_with_those_there_are(root: Path) -> None:
    half = replace(EXAM, wordings={"letters": question_options, "written:plain": write_a_letter})
    assert refusal(root, half, style="reasoned") == (
        "exam: it has no wording for style 'reasoned'; it has letters, written."
    )
    assert refusal(root, half, style="written", chat=True).startswith("exam: it has no wording for style 'written'")


@pytest.mark.parametrize(("protocol", "question"), [("house", "q"), ("mirage", "q"), ("lm-eval", " q ")])
def test_rows_are_read_letter_for_letter_for_a_protocol_that_shows_them_so(
    root: Path, protocol: str, question: str
) -> None:
    put(root, row(" q "))
    form = replace(FORM, to_sample=lambda each: replace(to_sample(each), question="q"), exact=to_sample)
    sitting = sat(root, replace(EXAM, forms=(form,)), style="written", protocol=protocol)
    assert [choice(sample).question for sample in sitting.samples] == [question]


# --- what is asked ---


LISTED = "A. q0 red\nB. q0 green\nC. q0 blue\nD. q0 grey\n"


def test_letters_in_plain_text_are_the_continuations_of_lm_eval(root: Path) -> None:
    request = requests(sat(root))[0]
    assert request.text == f"Question: q0\n{LISTED}Answer:"
    assert request.choices == tuple([Choice(label=label, text=f" {label}") for label in "ABCD"])
    assert (request.messages, request.decoding) == ((), Decoding(max_tokens=1))


def test_letters_in_a_chat_stand_straight_after_the_head_of_the_turn(root: Path) -> None:
    request = requests(sat(root, chat=True, thinking="off"))[0]
    assert request.messages == (Message(role="user", content=f"q0\n\n{LISTED}\nReply with the letter only."),)
    assert request.choices == tuple([Choice(label=label, text=label) for label in "ABCD"])
    assert (request.text, request.thinking) == ("", "off")


def test_options_are_scored_by_their_own_texts(root: Path) -> None:
    request = requests(sat(root, style="options"))[0]
    assert request.text == "Question: q0\nAnswer:"
    assert request.choices == tuple([
        Choice(label=label, text=f" q0 {colour}") for label, colour in zip("ABCD", COLOURS, strict=True)
    ])  # fmt: skip


def test_a_chat_has_one_message_unless_a_system_prompt_is_named(root: Path) -> None:
    how: dict[str, Any] = {"style": "reasoned", "chat": True, "thinking": "on", "decoding": DRAWN}
    request = requests(sat(root, **how))[0]
    (message,) = request.messages
    assert (message.role, request.prefill, request.thinking) == ("user", "", "on")
    assert 'End with a last line "Answer: X"' in message.content
    directed = requests(sat(root, **how, system="Be brief.", prefill="Well"))[0]
    assert directed.messages == (Message(role="system", content="Be brief."), message)
    assert directed.prefill == "Well"


def test_a_protocol_has_its_reader(root: Path) -> None:
    picked = []
    for protocol in ("house", "mirage"):
        sitting = sat(root, style="written", protocol=protocol)
        talk = sitting.talk(sitting.takes[0])
        next(talk)
        with pytest.raises(StopIteration) as end:
            talk.send((Response(text="No idea"),))
        picked.append(end.value.value.picked)
    assert picked == [(), ("A",)]


def test_what_is_shown_in_a_turn_is_what_the_answer_is_read_against(root: Path) -> None:
    sitting = sat(root, order="circular", limit=1)
    for take, target in zip(sitting.takes, "BADC", strict=True):
        talk = sitting.talk(take)
        (request,) = next(talk)
        assert f"{target}. {choice(take.sample).question} green" in request.text
        with pytest.raises(StopIteration) as end:
            talk.send((Response(logprobs=tuple([0.0 if label == target else -9.0 for label in "ABCD"])),))
        assert end.value.value.picked == take.sample.right == (target,)


# --- solved examples: which ---


def test_the_first_of_the_development_split_are_shown_in_their_order_before_every_question(root: Path) -> None:
    assert before(sat(root, BRIEF, shots=3)) == each_shown("t0", "t1", "t2")


def test_without_shots_nothing_is_shown_and_no_examples_are_looked_for(root: Path) -> None:
    (root / "exam" / "train.jsonl").unlink()
    assert before(sat(root, BRIEF)) == {"q0": [], "q1": [], "q2": []}


SPLIT = replace(BRIEF, forms=(replace(FORM, drawn=True),))
"""The brief exam, with examples of a whole training split."""


def test_of_a_training_split_examples_are_drawn_by_seed_and_are_one_list_for_all(root: Path) -> None:
    put(root, *[row(f"t{number}") for number in range(100)], name="train.jsonl")
    lists = []
    for seed in (0, 0, 1):
        shown = before(sat(root, SPLIT, shots=4, seed=seed))
        assert shown["q0"] == shown["q1"] == shown["q2"]
        lists.append(shown["q0"])
    assert lists[0] == lists[1]
    assert len({*lists[0]}) == 4
    assert {*lists[0]} != {*lists[2]}
    assert lists[0] != [f"t{number}" for number in range(4)]


def test_more_shots_go_on_with_the_list_of_fewer(root: Path) -> None:
    assert before(sat(root, SPLIT, shots=5))["q0"][:2] == before(sat(root, SPLIT, shots=2))["q0"]


@pytest.mark.parametrize("task", [BRIEF, SPLIT], ids=["first", "drawn"])
def test_what_is_shown_depends_on_nothing_else_that_is_asked(root: Path, task: Task) -> None:
    whole = before(sat(root, task, shots=3))
    put(root, *[row(f"q{number}") for number in (2, 0, 9)])
    other = before(sat(root, task, shots=3, order="circular"))
    assert (other["q0"], other["q2"]) == (whole["q0"], whole["q2"])


def test_a_question_is_never_shown_before_itself(root: Path) -> None:
    put(root, row("t1"), row("q1"), row("t0"))
    assert before(sat(root, BRIEF, shots=2)) == {"t1": ["t0", "t2"], "q1": ["t0", "t1"], "t0": ["t1", "t2"]}


def test_a_question_is_not_shown_before_itself_though_it_be_asked_letter_for_letter(root: Path) -> None:
    put(root, row(" t0 "))
    own = put(root, row(" t0 "), row("o1"), row("o2"), name="own.jsonl")
    stripped = replace(
        FORM, to_sample=lambda each: replace(to_sample(each), question=each["question"].strip()), exact=to_sample
    )
    for protocol, asked in (("house", "t0"), ("lm-eval", " t0 ")):
        shown = before(sat(root, replace(BRIEF, forms=(stripped,)), own, shots=2, protocol=protocol))
        assert shown == {asked: ["o1", "o2"]}


PARTS = replace(BRIEF, exemplars_by="part")


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    put(tmp_path, row("q0", "x"), row("q1", "y"), row("q2", "x"))
    put(tmp_path, *[row(f"t{number}", "yx"[number % 2]) for number in range(6)], name="train.jsonl")
    return tmp_path


def test_examples_are_of_the_same_part_where_the_task_says_so(parted: Path) -> None:
    assert before(sat(parted, PARTS, shots=3)) == {
        "q0": ["t1", "t3", "t5"], "q1": ["t0", "t2", "t4"], "q2": ["t1", "t3", "t5"],
    }  # fmt: skip
    assert before(sat(parted, BRIEF, shots=2)) == each_shown("t0", "t1")


def test_before_a_question_of_no_known_part_any_example_will_do(parted: Path) -> None:
    put(parted, row("q0"), row("q1"))
    assert before(sat(parted, PARTS, shots=2)) == {"q0": ["t0", "t1"], "q1": ["t0", "t1"]}


def test_every_class_of_the_chinese_exam_is_shown_five_of_its_own() -> None:
    named = find().named("cmb_exam")
    sitting = sit("cmb_exam", named.task, Setting(style="written", shots=5, data="sample"), Supply.only(named.samples))
    lines = named.samples.joinpath("cmb/CMB-Exam/CMB-val/CMB-val-merge.json").read_text(encoding="utf-8")
    classes = {each["question"].strip(): each["exam_class"] for each in json.loads(lines)}
    for take, request in zip(sitting.takes, requests(sitting), strict=True):
        shown = [question for question in classes if f"\n{question}\n" in request.text]
        assert len(shown) == 5
        assert {classes[question] for question in shown} == {take.sample.slices["exam_class"]}
        assert request.text.count("答案是") == 5


# --- solved examples: too few ---


def test_too_few_examples_are_told_with_what_to_do_before_anything_is_asked(root: Path) -> None:
    assert refusal(root, shots=7) == (
        "exam: 7 solved examples are wanted and 6 are there. "
        "Ask for fewer --shots, or name more with --shots-from FILE."
    )
    assert len(sat(root, shots=6).takes) == 3


def test_too_few_of_a_part_are_told_though_there_be_enough_of_all(parted: Path) -> None:
    assert refusal(parted, PARTS, shots=4) == (
        "exam: 4 solved examples are wanted and 3 are there for part 'x'. "
        "Ask for fewer --shots, or name more with --shots-from FILE."
    )


def test_too_few_beside_the_question_itself_are_told(root: Path) -> None:
    put(root, row("q0"), row("t3"))
    assert refusal(root, shots=6).startswith("exam: 6 solved examples are wanted and 5 are there.")


def test_a_form_without_examples_says_where_to_take_some_from(root: Path) -> None:
    bare = replace(EXAM, forms=(replace(FORM, exemplars=()),))
    assert refusal(root, bare, shots=2) == (
        "exam: its form 'original' has no solved examples to show. "
        "Name some with --shots-from FILE, or take the project's own with --shots-from sample."
    )


def test_a_missing_file_of_examples_says_where_to_take_some_from(root: Path) -> None:
    (root / "exam" / "train.jsonl").unlink()
    said = refusal(root, shots=2)
    assert said.startswith("exam, its solved examples: a file of your own: train.jsonl: not there (looked for ")
    assert said.endswith("Name some with --shots-from FILE, or take the project's own with --shots-from sample.")


def test_faulty_examples_are_the_data_s_fault(root: Path) -> None:
    put(root, row("t0", answer="E"), name="train.jsonl")
    with pytest.raises(DataError, match=r"^exam, its solved examples: .*row 1: the right answer \('E',\) is not among"):
        sat(root, shots=1)


# --- solved examples: from elsewhere ---


def test_examples_come_from_a_file_of_ones_own_in_its_order(root: Path) -> None:
    own = put(root, row("o1"), row("o0"), name="own.jsonl")
    for task in (BRIEF, SPLIT, replace(BRIEF, forms=(replace(FORM, exemplars=()),))):
        assert before(sat(root, task, own, shots=2, shots_from="own.jsonl#"))["q0"] == ["o1", "o0"]


def test_a_file_of_ones_own_is_held_to_the_same_rules(root: Path) -> None:
    own = put(root, row("q0"), row("o0"), row("o1"), name="own.jsonl")
    assert before(sat(root, BRIEF, own, shots=2)) == {"q0": ["o0", "o1"], "q1": ["q0", "o0"], "q2": ["q0", "o0"]}
    assert refusal(root, BRIEF, own, shots=3).startswith("exam: 3 solved examples are wanted and 2 are there.")
    put(root, {"question": "o0"}, name="own.jsonl")
    assert refusal(root, BRIEF, own, shots=1) == f"{own}, row 1: no field 'options'. The row has: question, _id."


def test_the_projects_own_examples_are_read_in_the_form_they_are_in(root: Path, tmp_path: Path) -> None:
    """The data may lie there in one form, and the project's own rows in another."""
    copy = replace(
        FORM, name="copy", files=(Local(path="copy.jsonl"),), exemplars=(),
        to_sample=lambda each: to_sample({**each, "question": each["q"]}),
    )  # fmt: skip
    put(root, *[{**row("x"), "q": f"q{number}"} for number in range(3)], name="copy.jsonl")
    (root / "exam" / "rows.jsonl").unlink()
    own = tmp_path / "samples"
    own.mkdir()
    put(own, row("s"))
    put(own, row("s0"), row("s1"), name="train.jsonl")
    both = replace(BRIEF, forms=(copy, FORM))
    assert refusal(root, both, shots=2).startswith("exam: its form 'copy' has no solved examples to show.")
    shown = before(sat(root, both, Supply.only(own), shots=2, shots_from="sample"))
    assert shown == each_shown("s0", "s1")


# --- solved examples: how ---


def test_examples_in_plain_text_stand_as_lm_eval_puts_them(root: Path) -> None:
    described = replace(EXAM, preamble="The following are questions.\n\n")
    assert requests(sat(root, described, shots=2, limit=1))[0].text.split("Question: q")[0] == (
        "The following are questions.\n\n"
        "Question: t0\nA. t0 red\nB. t0 green\nC. t0 blue\nD. t0 grey\nAnswer: A\n\n"
        "Question: t1\nA. t1 red\nB. t1 green\nC. t1 blue\nD. t1 grey\nAnswer: B\n\n"
    )


def test_examples_in_a_chat_are_turns_of_it(root: Path) -> None:
    messages = requests(sat(root, style="written", chat=True, shots=2, system="Be brief."))[0].messages
    assert [message.role for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert [message.content for message in messages if message.role == "assistant"] == ["Answer: A", "Answer: B"]
    assert messages[1].content.startswith("t0\n\nA. t0 red\n")
    assert messages[5].content.startswith("q0\n\nA. q0 red\n")


def test_examples_keep_their_order_of_options_when_those_of_the_question_turn(root: Path) -> None:
    turns = requests(sat(root, order="circular", shots=1, limit=1))
    assert len(turns) == 4
    assert len({request.text.partition("\n\n")[0] for request in turns}) == 1
    assert len({request.text.partition("\n\n")[2] for request in turns}) == 4


# --- seeds ---


def seeds(sitting: Sitting) -> dict[tuple[str, int, int], int]:
    """By question, variant and repeat."""
    return {
        (choice(take.sample).question, take.variant, take.repeat): request.decoding.seed
        for take, request in zip(sitting.takes, requests(sitting), strict=True)
    }


WRITTEN: dict[str, Any] = {"style": "written", "order": "circular", "repeats": 3}


def test_every_text_that_is_drawn_has_a_seed_of_its_own(root: Path) -> None:
    found = seeds(sat(root, **WRITTEN, decoding=DRAWN))
    assert len(found) == 3 * 4 * 3
    assert len({*found.values()}) == 3 * 4 * 3
    assert found == seeds(sat(root, **WRITTEN, decoding=DRAWN))


def test_a_seed_is_the_same_whatever_else_is_asked(root: Path) -> None:
    whole = seeds(sat(root, **WRITTEN, decoding=DRAWN))
    part = sat(root, **WRITTEN, decoding=DRAWN, limit=2)
    assert seeds(part).items() < whole.items()
    fewer = seeds(sat(root, style="written", repeats=2, decoding=DRAWN))
    assert fewer.items() < whole.items()
    turned = Sitting("exam", EXAM, part.setting, samples=part.samples[::-1], form=FORM, data="")
    assert seeds(turned) == seeds(part)


def test_another_run_seed_and_another_task_draw_other_texts(root: Path) -> None:
    found = [
        seeds(sat(root, **WRITTEN, decoding=DRAWN)),
        seeds(sat(root, **WRITTEN, decoding=DRAWN, seed=1)),
        seeds(sit("other", EXAM, Setting(**WRITTEN, decoding=DRAWN, data="sample"), Supply.only(root))),
    ]
    assert len({*found[0].values(), *found[1].values(), *found[2].values()}) == 3 * len(found[0])


def test_what_is_not_drawn_has_no_seed(root: Path) -> None:
    greedy = replace(DRAWN, temperature=0.0)
    for sitting in (sat(root, **WRITTEN, decoding=greedy, seed=7), sat(root, style="written", seed=7)):
        assert {*seeds(sitting).values()} == {0}
    assert {*seeds(sat(root, seed=7)).values()} == {0}


def test_only_the_seed_differs_from_the_decoding_of_the_setting(root: Path) -> None:
    how = replace(DRAWN, top_p=0.9, top_k=5, stop=("\n",))
    for request in requests(sat(root, style="written", repeats=2, decoding=how)):
        assert replace(request.decoding, seed=0) == how
