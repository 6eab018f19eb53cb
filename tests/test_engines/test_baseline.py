"""The baselines: each rule on questions whose answer can be seen."""

from collections import Counter

import pytest

from medeval.arrange import lettered, rotated, words
from medeval.engines.base import Abilities, Ask, Rendered
from medeval.engines.baseline import Baseline
from medeval.errors import RequestError
from medeval.records import (
    CaseSample,
    Choice,
    ChoiceSample,
    Criterion,
    Decoding,
    DialogueSample,
    Language,
    Message,
    OpenSample,
    Reply,
    Request,
    Response,
    RubricSample,
    Turn,
)


def sample(
    *texts: str, question: str = "Which?", target: str = "A", context: str = "", name: str = "0"
) -> ChoiceSample:
    return ChoiceSample(id=name, question=question, context=context, options=lettered(texts), target=(target,))


def answer(
    rule: str, *samples: ChoiceSample | OpenSample | DialogueSample,
    asked: int = 0, seed: int = 0, written: bool = True, slot: int = 0,
) -> Response:  # fmt: skip
    """What a baseline that knows these samples of task `exam` answers about one of them."""
    engine, about = Baseline(rule, seed), samples[asked]
    engine.study({("exam", one.id, 0): one for one in samples})
    labels = about.labels if isinstance(about, ChoiceSample) else ()
    choices = () if written else tuple([Choice(label=label, text=f" {label}") for label in labels])
    request = Request(text="Which?", choices=choices, decoding=Decoding())
    engine.submit([Ask("key", "words", "exam", about.id, 0, "place", slot, request, Rendered("Which?", None))])
    ((key, reply),) = engine.replies(0)
    assert key == "key"
    assert isinstance(reply, Response)
    return reply


def golds(letters: str) -> list[ChoiceSample]:
    return [sample("w", "x", "y", "z", target=gold, name=str(number)) for number, gold in enumerate(letters)]


@pytest.mark.parametrize(
    ("letters", "said"), [("BAB", "B"), ("CBCB", "B"), ("DCBA", "A"), ("D", "D"), ("DDA", "D"), ("CAAC", "A")]
)
def test_majority_gives_the_commonest_right_answer_and_of_equals_the_first(letters: str, said: str) -> None:
    for asked in range(len(letters)):
        assert answer("majority", *golds(letters), asked=asked).text == f"Answer: {said}"


def test_majority_is_counted_for_every_task_by_itself() -> None:
    engine = Baseline("majority")
    sheets = {(task, one.id, 0): one for task, letters in (("one", "BB"), ("two", "CCA")) for one in golds(letters)}
    engine.study(sheets)
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask(task, "", task, "0", 0, "", 0, request, Rendered("", None)) for task in ("one", "two")])
    assert engine.replies(0) == [("one", Response(text="Answer: B")), ("two", Response(text="Answer: C"))]


@pytest.mark.parametrize(
    ("texts", "said"), [(("a", "abcd", "ab"), "B"), (("ab", "cd", "e"), "A"), (("心", "心脏病", "abc"), "B")]
)
def test_longest_gives_the_longest_option_and_of_equals_the_first(texts: tuple[str, ...], said: str) -> None:
    assert answer("longest", sample(*texts)).text == f"Answer: {said}"


@pytest.mark.parametrize(
    ("question", "context", "texts", "said"),
    [
        ("Which drug lowers blood pressure?", "", ("Insulin for diabetes", "A drug for high BLOOD pressure"), "B"),
        ("What next?", "He took warfarin.", ("Stop aspirin", "Stop the warfarin"), "B"),
        ("Which?", "", ("nothing", "shared"), "A"),
        ("Is it of no use?", "", ("of no", "use"), "B"),  # words of two letters say nothing
    ],
)
def test_overlap_gives_the_option_with_most_words_of_the_question_and_its_context(
    question: str, context: str, texts: tuple[str, ...], said: str
) -> None:
    assert answer("overlap", sample(*texts, question=question, context=context)).text == f"Answer: {said}"


@pytest.mark.parametrize(
    ("question", "context", "texts"),
    [
        ("高血压患者首选的降压药是什么?", "", ("胰岛素注射", "口服降压药物")),
        ("高血压?", "患者服用华法林。", ("阿司匹林", "停用华法林")),
    ],
)
def test_overlap_counts_chinese_characters(question: str, context: str, texts: tuple[str, ...]) -> None:
    assert answer("overlap", sample(*texts, question=question, context=context)).text == "Answer: B"


def drawn(seed: int) -> list[str]:
    samples = [sample("w", "x", "y", "z", name=str(number)) for number in range(2000)]
    engine = Baseline("random", seed)
    engine.study({("exam", one.id, 0): one for one in samples})
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask(one.id, "", "exam", one.id, 0, "", 0, request, Rendered("", None)) for one in samples])
    replies = []
    while arrived := engine.replies(0):
        replies += [reply.text for _, reply in arrived if isinstance(reply, Response)]
    return replies


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_draws_every_option_about_as_often(seed: int) -> None:
    counts = Counter(drawn(seed))
    assert set(counts) == {"Answer: A", "Answer: B", "Answer: C", "Answer: D"}
    # Four standard deviations of a binomial count around 500 of 2,000.
    assert all(422 <= count <= 578 for count in counts.values())


def test_random_draws_the_same_for_the_same_seed_only() -> None:
    assert drawn(0) == drawn(0)
    same = sum(one == other for one, other in zip(drawn(0), drawn(1), strict=True))
    assert 422 <= same <= 578


def test_asked_for_choices_a_baseline_makes_its_option_the_likeliest() -> None:
    reply = answer("longest", sample("a", "abcd", "ab"), written=False)
    assert reply == Response(logprobs=(-10.0, 0.0, -10.0))


def test_words_are_answered_in_words() -> None:
    spoken = ChoiceSample(id="0", question="Safe?", options=words("yes", "no", "maybe"), target=("no",))
    assert answer("majority", spoken).text == "Answer: no"
    assert answer("majority", spoken, written=False).logprobs == (-10.0, 0.0, -10.0)


def by_turn(rule: str, one: ChoiceSample) -> list[Reply]:
    """What a rule answers about every turn of a question."""
    engine, turns = Baseline(rule), rotated(one)
    engine.study({("exam", turn.id, variant): turn for variant, turn in enumerate(turns)})
    request = Request(text="Which?", decoding=Decoding())
    asks = [
        Ask(f"{variant}", "", "exam", one.id, variant, "", 0, request, Rendered("", None))
        for variant in range(len(turns))
    ]
    engine.submit(asks)
    return [reply for _, reply in engine.replies(0)]


@pytest.mark.parametrize(
    ("rule", "said"),
    # The second option goes to the head of the list, then to its end, and comes up again from there.
    [("longest", "BADC"), ("overlap", "CBAD")],
)
def test_a_question_whose_options_change_places_is_answered_as_it_is_shown(rule: str, said: str) -> None:
    one = sample("duct", "a long vessel", "the heart", "node", question="Where does blood leave the heart?")
    assert by_turn(rule, one) == [Response(text=f"Answer: {label}") for label in said]


def test_a_baseline_knows_only_what_it_has_studied() -> None:
    engine = Baseline("longest")
    engine.study({("exam", "0", 0): sample("a", "b")})
    request = Request(text="Which?", decoding=Decoding())
    engine.submit([Ask("key", "", "exam", "0", 1, "", 0, request, Rendered("", None))])
    with pytest.raises(KeyError):
        engine.replies(0)


# --- texts ---


def visit(name: str, source: str = "", reference: str = "", said: str = "Write.") -> OpenSample:
    return OpenSample(
        id=name, messages=(Message(role="user", content=said),), references=(reference, "another"), source=source
    )


SAID = "[doctor] hi\n\n[patient] my knee hurts\n \n[doctor] since when"
VISITS = [visit(str(number), SAID, f"Note {number}.") for number in range(40)]


def test_the_longest_line_of_the_source_is_given_and_all_of_it_for_overlap() -> None:
    assert answer("longest", *VISITS).text == "[patient] my knee hurts"
    assert answer("overlap", *VISITS).text == SAID


def test_without_a_source_the_lines_are_those_of_what_is_asked() -> None:
    asked = visit("0", said="Be kind.\nWhat is a stroke?")
    assert answer("longest", asked).text == "What is a stroke?"
    assert answer("overlap", asked).text == "Be kind.\nWhat is a stroke?"


def test_majority_gives_the_first_reference_of_another_sample_and_never_its_own() -> None:
    said = [answer("majority", *VISITS, asked=asked).text for asked in range(len(VISITS))]
    assert {*said} == {f"Note {number}." for number in range(40)}
    assert [number for number, text in enumerate(said) if text == f"Note {number}."] == []


def test_majority_says_nothing_where_there_is_no_other_sample() -> None:
    assert answer("majority", VISITS[0]).text == ""


def test_majority_takes_its_references_from_the_same_task() -> None:
    engine = Baseline("majority")
    engine.study({
        (task, one.id, 0): one
        for task in ("one", "two")
        for one in (visit("0", SAID, f"First of {task}."), visit("1", SAID, f"Second of {task}."))
    })  # fmt: skip
    request = Request(text="Write.", decoding=Decoding())
    engine.submit([Ask(task, "", task, "0", 0, "", 0, request, Rendered("", None)) for task in ("one", "two")])
    assert engine.replies(0) == [("one", Response(text="Second of one.")), ("two", Response(text="Second of two."))]


def test_random_gives_lines_of_the_source_about_as_often_and_the_same_for_the_same_seed() -> None:
    said = [answer("random", *VISITS, asked=asked).text for asked in range(len(VISITS))]
    lines = ["[doctor] hi", "[patient] my knee hurts", "[doctor] since when"]
    # Four standard deviations of a binomial count around 40 / 3.
    assert all(1 <= said.count(line) <= 25 for line in lines)
    assert {*said} == {*lines}
    assert said == [answer("random", *VISITS, asked=asked).text for asked in range(len(VISITS))]
    assert said != [answer("random", *VISITS, asked=asked, seed=1).text for asked in range(len(VISITS))]


# --- dialogues, rubrics and cases ---


def dialogue(name: str, *turns: tuple[str, str], context: str = "") -> DialogueSample:
    return DialogueSample(
        id=name, context=context, turns=tuple([Turn(asked=asked, reference=good) for asked, good in turns])
    )


TALKS = [
    dialogue("0", ("What is it?", "Flu."), ("How long will it last, doctor?", "A week."), context="A cough.\nA fever."),
    dialogue("1", ("Is it gout?", "Yes."), ("And now?", "Rest."), ("And then?", "Walk.")),
    dialogue("2", ("Why?", "Age.")),
]


def test_a_turn_is_answered_with_what_the_dialogue_is_about_and_with_what_the_turn_asks() -> None:
    assert answer("overlap", *TALKS).text == "A cough.\nA fever.\nWhat is it?"
    assert answer("overlap", *TALKS, slot=1).text == "A cough.\nA fever.\nHow long will it last, doctor?"
    assert [answer("longest", *TALKS, slot=slot).text for slot in (0, 1)] == [
        "What is it?", "How long will it last, doctor?",
    ]  # fmt: skip
    # No turn knows what is only asked later.
    assert [answer("overlap", *TALKS, asked=1, slot=slot).text for slot in range(3)] == [
        "Is it gout?", "And now?", "And then?",
    ]  # fmt: skip


def test_majority_says_in_a_turn_what_was_right_in_that_turn_of_another_dialogue_or_in_its_last() -> None:
    assert [answer("majority", *TALKS, asked=1, slot=slot).text for slot in range(3)] == ["Flu.", "A week.", "A week."]
    assert [answer("majority", *TALKS, asked=0, slot=slot).text for slot in range(2)] == ["Age.", "Age."]
    assert answer("majority", TALKS[0]).text == ""


def test_random_draws_a_line_for_every_turn() -> None:
    lines = {"A cough.", "A fever.", "What is it?"}
    same = dialogue("0", *[("What is it?", "")] * 40, context="A cough.\nA fever.")
    said = [answer("random", same, slot=slot).text for slot in range(40)]
    assert {*said} == lines
    assert said == [answer("random", same, slot=slot).text for slot in range(40)]


def rubric(name: str, *references: str) -> RubricSample:
    asked = (Message(role="user", content="May I drive?\nI take a sleeping pill."),)
    return RubricSample(id=name, messages=asked, references=references, criteria=(Criterion(text="Says no."),))


def test_a_rubric_is_answered_as_a_text_and_by_nothing_where_nobody_wrote_a_good_answer() -> None:
    assert answer("longest", rubric("0"), rubric("1")).text == "I take a sleeping pill."
    assert answer("majority", rubric("0"), rubric("1", "No.")).text == "No."
    assert answer("majority", rubric("0", "No."), rubric("1")).text == ""


@pytest.mark.parametrize(("language", "said"), [("en", "Answer: B"), ("zh", "答案：B")])
def test_a_consultation_is_concluded_at_once(language: Language, said: str) -> None:
    case = CaseSample(
        id="0", language=language, question="Which?", options=lettered(("gout", "septic arthritis")), target=("A",),
        opening="My knee is red.", facts=("My knee is red.", "I have a fever."),
    )  # fmt: skip
    assert answer("longest", case).text == said


@pytest.mark.parametrize("rule", ["mode", "", "Random"])
def test_an_unknown_rule_is_refused(rule: str) -> None:
    with pytest.raises(RequestError) as refused:
        Baseline(rule)
    assert str(refused.value) == f"Unknown baseline {rule!r}. There are: random, majority, longest, overlap."


def test_a_baseline_is_known_by_its_rule() -> None:
    assert Baseline("overlap").identity.model == "overlap"
    assert Baseline("overlap").abilities == Abilities(choices=True)
    assert Baseline("overlap").abilities.kind is None  # no model, so no kind of one
