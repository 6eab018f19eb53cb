"""Consultations: who is asked what and when, what each of them knows, and how it ends."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import runner
from medeval.engines.patient import FactSelector
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.journal import Journal
from medeval.metrics.choice import accuracy
from medeval.prompts import Asking, question_options, reason_to_a_letter, write_a_letter
from medeval.readers import HOUSE
from medeval.records import (
    Answer,
    CaseSample,
    Decoding,
    Failure,
    FailureKind,
    Message,
    Request,
    Response,
    Row,
    Setting,
    Walk,
)
from medeval.runner import Seat, Watch
from medeval.sitting import Sitting, sit
from medeval.sources import Form, Local, Supply
from medeval.talks.consult import ABSTAINED, consulted
from medeval.task import Task
from tests.consultations import BRIEF, CASE, CASE_ZH, CHAT, PLAIN, doctor, led, roles

FIRST = ["model", "model:full", "model:none"]
TURN = ["patient", "model", "model:probe"]
ASKS = "Did you drink?"
DECIDE = "The consultation ends here: nothing more can be asked or ordered."


def words(request: Request) -> str:
    """All that a request says."""
    return request.text + "\n".join([message.content for message in request.messages])


def asked(walk: Walk, role: str) -> list[Request]:
    return [each.request for each in walk.of(role)]


# --- the order of things ------------------------------------------------------------------


def test_a_doctor_asks_twice_and_concludes() -> None:
    walk = led(doctor(ASKS, "Does it swell?", "ANSWER: A"))
    assert roles(walk) == [*FIRST, *TURN, *TURN]
    assert (walk.answer.picked, walk.answer.status) == (("A",), "scored")
    assert walk.text == "ANSWER: A"


def test_a_doctor_who_is_sure_at_once_asks_nobody() -> None:
    walk = led(doctor("ANSWER: C"))
    assert roles(walk) == FIRST
    assert walk.answer.picked == ("C",)


def test_when_the_questions_are_used_up_the_doctor_is_told_and_has_to_conclude() -> None:
    walk = led(doctor(ASKS, ASKS, "I think it is gout.\nAnswer: A"), budget=2)
    # The last request is a conclusion itself: a probe beside it would ask the same.
    assert roles(walk) == [*FIRST, *TURN, "patient", "model"]
    assert DECIDE in words(asked(walk, "model")[-1])
    assert DECIDE not in words(asked(walk, "model")[-2])
    assert walk.answer.picked == ("A",)


def test_a_doctor_who_goes_on_asking_then_has_given_no_answer() -> None:
    walk = led(doctor(ASKS), budget=2)
    assert len(walk.of("patient")) == 2
    assert (walk.answer.picked, walk.answer.status) == ((), "unread")


def test_without_a_question_to_spend_the_doctor_concludes_from_the_opening() -> None:
    walk = led(doctor("Answer: B"), budget=0)
    assert roles(walk) == FIRST
    last, _, none = [each.request for each in walk.exchanges]
    assert replace(last, role="model:none") == none
    assert walk.answer.picked == ("B",)


def test_an_ordered_test_is_a_turn_and_the_patient_hears_that_it_is_a_test() -> None:
    walk = led(doctor("I want to be sure.\n**TEST:** uric acid", "ANSWER: A"))
    assert roles(walk) == [*FIRST, *TURN]
    assert asked(walk, "patient")[0].messages[-1] == Message(role="user", content="TEST: uric acid")
    walk = led(doctor("检查：血尿酸", "答案：A"), sample=CASE_ZH)
    assert asked(walk, "patient")[0].messages[-1].content == "检查：血尿酸"
    assert walk.answer.picked == ("A",)


@pytest.mark.parametrize("budget", [1, 3])
def test_to_abstain_is_an_answer_and_wrong(budget: int) -> None:
    walk = led(doctor(ASKS, "It may be A or B.\nABSTAIN"), budget=budget)
    assert walk.answer == ABSTAINED == Answer(picked=(), rule="abstained", status="refused")
    assert accuracy.mark(CASE, walk) == 0.0


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Response(text=""), "unread"), (Response(text=" \n"), "unread"), (Response(text="TEST:"), "unread"),
        (Response(text="<think>Could it be gout? ANSWER: A", finish="length"), "truncated"),
        (Response(text="", reasoning="ANSWER: A", finish="length"), "truncated"),
    ],
)  # fmt: skip
def test_a_turn_without_a_word_ends_it_unread(reply: Response, status: str) -> None:
    walk = led(doctor(ASKS, reply))
    assert walk.answer == Answer(status=status, rule="empty turn")  # type: ignore[arg-type]
    assert len(walk.of("patient")) == 1


# --- what each of them knows --------------------------------------------------------------


def test_the_first_message_is_the_doctors_task_with_the_opening_and_no_more_of_the_case() -> None:
    (message,) = led(doctor("ANSWER: A")).exchanges[0].request.messages
    assert message.role == "user"
    assert message.content.startswith("You are a doctor")
    assert message.content.endswith("What is known to begin with:\nA man of 50 has a painful toe.")
    assert "What is it?\n\nA. Gout\nB. Sepsis\nC. Sprain\nD. Fracture\n\n" in message.content
    assert "You may ask and order 3 times in all." in message.content
    assert not [fact for fact in CASE.facts if fact in message.content]


def test_in_a_chat_moves_are_the_doctors_turns_and_replies_the_patients() -> None:
    walk = led(doctor(ASKS, Response(text="And before that?", reasoning="Gout?"), "ANSWER: A"))
    first, *said = asked(walk, "model")[-1].messages
    assert (first,) == walk.exchanges[0].request.messages
    assert said == [
        Message(role="assistant", content=ASKS), Message(role="user", content="Yes."),
        Message(role="assistant", content="And before that?"), Message(role="user", content="Yes."),
    ]  # fmt: skip


def test_a_trace_that_no_engine_has_split_off_is_not_carried_on() -> None:
    walk = led(doctor("<think>It is gout.</think>\n\nDid you drink?", "ANSWER: A"))
    assert asked(walk, "model")[-1].messages[1].content == ASKS
    assert asked(walk, "patient")[0].messages[-1].content == ASKS


def test_in_plain_text_what_was_said_is_a_transcript() -> None:
    walk = led(doctor(ASKS, "ANSWER: A"), setting=PLAIN)
    before, after = asked(walk, "model")
    assert before.text.endswith("\nA man of 50 has a painful toe.\n\nDoctor:")
    assert after.text == before.text + f" {ASKS}\nPatient: Yes.\nDoctor:"
    (probe,) = asked(walk, "model:probe")
    assert probe.text.startswith(before.text + f" {ASKS}\nPatient: Yes.\n\n{DECIDE}")
    assert probe.text.endswith('End with a last line "Answer: X".\n\nDoctor:')
    assert {each.decoding.stop for each in (before, after, probe)} == {("\nPatient:",)}


def test_in_chinese_everything_is_chinese() -> None:
    walk = led(doctor("您喝酒了吗？", "无法判断"), sample=CASE_ZH, setting=PLAIN)
    assert asked(walk, "model")[-1].text.endswith("\n\n医生：您喝酒了吗？\n患者：Yes.\n医生：")
    assert walk.answer == ABSTAINED
    assert [each for each in asked(walk, "patient")[0].messages[0].content if each.isascii() and each.isalpha()] == []


@pytest.mark.parametrize("setting", [PLAIN, CHAT], ids=["plain", "chat"])
def test_whoever_concludes_is_asked_in_the_same_words(setting: Setting) -> None:
    walk = led(doctor(ASKS, ASKS, "Answer: A"), budget=2, setting=setting)
    conclusions = [*[asked(walk, f"model:{what}")[0] for what in ("full", "none", "probe")], asked(walk, "model")[-1]]
    endings = {words(each).partition(DECIDE)[2] for each in conclusions}
    assert len(endings) == 1
    assert write_a_letter(CASE) in endings.pop()
    assert {each.decoding.max_tokens for each in asked(walk, "model") + conclusions} == {64}


def test_a_wording_words_the_conclusion_and_not_the_moves() -> None:
    talk = consulted(CASE, Asking(reason_to_a_letter, CHAT), HOUSE, BRIEF, 3)
    move, full, none = next(talk)
    assert "Think step by step." not in words(move)
    assert all("Think step by step." in words(each) for each in (full, none))


def test_with_all_facts_there_is_every_fact_and_no_other_difference() -> None:
    _, full, none = [words(each.request) for each in led(doctor("ANSWER: A")).exchanges]
    facts = (
        "All that is known:\n- He is 50.\n- His toe is painful.\n- He drank beer yesterday.\n- The uric acid is high."
    )
    assert facts in full
    assert full == none.replace(f"What is known to begin with:\n{CASE.opening}", facts)


def test_a_patient_has_the_case_file_and_neither_the_options_nor_the_question() -> None:
    request, later = asked(led(doctor(ASKS, "And before?", "ANSWER: A")), "patient")
    file, question = request.messages
    assert (file.role, question) == ("system", Message(role="user", content=ASKS))
    assert (
        "\n- He is 50.\n- His toe is painful.\n- He drank beer yesterday.\n- The uric acid is high.\n" in file.content
    )
    assert CASE.opening in file.content
    unknown = [CASE.question, *[option.text for option in CASE.options], write_a_letter(CASE)]
    assert not [each for each in unknown if each in words(request)]
    assert later.messages == (
        file, question, Message(role="assistant", content="Yes."), Message(role="user", content="And before?")
    )  # fmt: skip
    assert request.decoding == Decoding(max_tokens=256, temperature=0.0)
    assert request.prefill == request.thinking == ""


def test_words_in_braces_of_a_case_are_words() -> None:
    odd = replace(CASE, opening="{budget} {known} {facts}", question="What is {known}?", facts=("{opening}",))
    walk = led(doctor(ASKS, "ANSWER: A"), sample=odd)
    assert words(asked(walk, "model")[0]).endswith("\n{budget} {known} {facts}")
    assert "What is {known}?" in words(asked(walk, "model")[0])
    assert "- {opening}\n" in words(asked(walk, "patient")[0])


def test_a_patient_who_says_nothing_still_has_a_turn() -> None:
    say = doctor(ASKS, "ANSWER: A")
    walk = led(lambda request: " " if request.role == "patient" else say(request))
    assert asked(walk, "model")[-1].messages[-1] == Message(role="user", content="…")


# --- what fails ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error"])
@pytest.mark.parametrize("moves", [(), (ASKS,)], ids=["at once", "later"])
def test_a_failure_of_the_doctor_ends_it_with_that_status(kind: FailureKind, moves: tuple[str, ...]) -> None:
    walk = led(doctor(*moves, Failure(failure=kind, reason="why")))
    assert walk.answer == Answer(status=kind)


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error"])
def test_a_failure_of_the_patient_is_no_answer_of_the_doctor(kind: FailureKind) -> None:
    say = doctor(ASKS, "ANSWER: A")
    walk = led(lambda request: Failure(failure=kind, reason="why") if request.role == "patient" else say(request))
    assert walk.answer == Answer(status="engine_error", rule=f"patient: {kind}")
    assert len(walk.of("model")) == 1


@pytest.mark.parametrize("role", ["model:full", "model:none", "model:probe"])
def test_what_fails_beside_the_conversation_does_not_end_it(role: str) -> None:
    say = doctor(ASKS, "ANSWER: A")
    walk = led(
        lambda request: Failure(failure="engine_error", reason="") if request.role == role else say(request)
    )  # fmt: skip
    assert walk.answer.picked == ("A",)


# --- through a run ------------------------------------------------------------------------


class Kept(Watch):
    """Keeps every walk."""

    def __init__(self) -> None:
        self.walks: dict[int, Walk] = {}

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        self.walks[number] = walk


def to_sample(row: Row) -> CaseSample:
    return replace(CASE if row["n"] % 2 else CASE_ZH, id=f"{row['n']}")


TASK = Task(
    title="", measures="", paper="", licence="", version=1, chance=1 / 4, rows=4, folder="cases", budget=2,
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"written": write_a_letter}, metrics=(accuracy,),
)  # fmt: skip


@pytest.fixture
def supply(tmp_path: Path) -> Supply:
    (tmp_path / "cases").mkdir()
    rows = "".join([f'{{"n": {n}}}\n' for n in range(4)])
    (tmp_path / "cases" / "rows.jsonl").write_text(rows, encoding="utf-8")
    return Supply.only(tmp_path)


def seated(supply: Supply, **how: object) -> Sitting:
    return sit("cases", TASK, Setting(style="written", chat=True, data="sample", **how), supply)  # type: ignore[arg-type]


def script(request: Request) -> str:
    """A doctor who knows from what was said what comes next."""
    said = [message for message in request.messages if message.role == "assistant"]
    zh = "医生" in words(request)
    moves = (
        ("您喝了啤酒吗？", "检查：血尿酸", "答案：A") if zh else ("What did you drink?", "TEST: uric acid", "ANSWER: A")
    )
    return moves[len(said)]


def played(sitting: Sitting, journal: Journal) -> tuple[dict[int, Walk], int]:
    kept, model, patient = Kept(), Scripted(script), FactSelector()
    patient.study({(sitting.name, take.sample.id, take.variant): _case(take.sample) for take in sitting.takes})
    of_the_model = ("model", "model:full", "model:none", "model:probe")
    runner.play([Seat(sitting, journal)], {**dict.fromkeys(of_the_model, model), "patient": patient}, watch=kept)
    return kept.walks, model.asked


def _case(sample: object) -> CaseSample:
    assert isinstance(sample, CaseSample)
    return sample


@pytest.mark.parametrize("order", ["given", "circular"])
def test_replies_that_are_replayed_give_the_same_walks_and_nobody_is_asked(
    order: str, supply: Supply, tmp_path: Path
) -> None:
    sitting, journal = seated(supply, order=order), Journal(tmp_path / "journal.jsonl")
    walks, count = played(sitting, journal)
    assert len(walks) == 4 * (4 if order == "circular" else 1)
    # Three to begin with, a move and a probe after the first reply, and the conclusion after the second.
    assert count == (3 + 2 + 1) * len(walks)
    assert {tuple(roles(walk)) for walk in walks.values()} == {(*FIRST, *TURN, "patient", "model")}
    again, count = played(sitting, journal)
    journal.close()
    assert (again, count) == (walks, 0)


def test_the_patient_by_rule_tells_what_was_asked_for_in_either_language(supply: Supply, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    walks, _ = played(seated(supply), journal)
    journal.close()
    replies = {
        tuple([each.reply.text for each in walk.of("patient") if isinstance(each.reply, Response)])
        for walk in walks.values()
    }
    assert replies == {("He drank beer yesterday.", "The uric acid is high."), ("昨天喝了啤酒。", "血尿酸升高。")}


def test_a_consultation_is_neither_scored_by_letters_nor_shown_solved_examples(supply: Supply) -> None:
    with pytest.raises(RequestError, match="no wording for style 'letters'"):
        sit("cases", TASK, Setting(style="letters", data="sample"), supply)
    with pytest.raises(RequestError, match="without solved examples"):
        sit("cases", TASK, Setting(style="written", data="sample", shots=5), supply)


def test_a_task_may_put_a_case_as_a_plain_question(supply: Supply) -> None:
    task = replace(TASK, wordings={"letters": question_options})
    sitting = sit("cases", task, Setting(style="letters", data="sample"), supply)
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert len(request.choices) == 4
