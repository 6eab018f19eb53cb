"""The quality of asking, computed by hand on a consultation of four questions."""

import numpy as np
import pytest

from medeval.arrange import lettered
from medeval.metrics import INQUIRY, INQUIRY_TABLES
from medeval.metrics.inquiry.history import consultation
from medeval.records import Answer, CaseSample, Decoding, Exchange, Request, Response, Walk

CASE = CaseSample(
    id="0", question="Which is it?", options=lettered(("Cancer", "Flu")), target=("A",),
    opening="A 52-year-old man presented with a cough.",
    facts=(
        "A 52-year-old man presented with a cough.", "He denied having a fever.", "He coughed up blood twice.",
        "He takes lisinopril.", "His father died of lung cancer.",
    ),
)  # fmt: skip


def walk(*steps: tuple[str, str], end: str = "Answer: A", asked_for: bool = False) -> Walk:
    """Questions with their replies, and how it ends; a probe after every reply but one that a conclusion follows."""
    said = []
    for number, (question, reply) in enumerate(steps):
        said += [("model", question), ("patient", reply)]
        said += [] if asked_for and number == len(steps) - 1 else [("model:probe", "Answer: B")]
    exchanges = tuple([
        Exchange(request=Request(decoding=Decoding(), role=role), asked="", reply=Response(text=text))
        for role, text in (*said, ("model", end))
    ])  # fmt: skip
    return Walk(exchanges=exchanges, answer=Answer(picked=(end[-1],), rule="stated"))


WALK = walk(
    ("Do you have a fever?", "He denied having a fever."), ("Is there a fever?", "He denied having a fever."),
    ("Have you coughed up blood?", "He coughed up blood twice."), ("TEST: chest CT", "I don't know."),
)  # fmt: skip


def value(name: str, *walks: Walk, case: CaseSample = CASE) -> float:
    (metric,) = [each for each in INQUIRY if each.name == name]
    marks = np.array([metric.mark(case, each) for each in walks])
    gathered = np.atleast_2d(metric.gather(marks, np.ones((1, len(walks)))))
    return float(gathered[0, metric.part or 0])


def test_a_walk_is_read_step_by_step() -> None:
    found = consultation(CASE, WALK)
    assert found.known == {0}
    assert [(step.kind, sorted(step.gained), step.repeated) for step in found.steps] == [
        ("ask", [1], False), ("ask", [], True), ("ask", [2], False), ("test", [], False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("facts_per_question", 2 / 4), ("redundant_questions", 1 / 4), ("fruitless_questions", 1 / 4),
        ("facts_gained", 2 / 4), ("red_flags_covered", 1.0), ("tests_ordered", 1.0), ("tests_cost", 25.0),
        ("premature_closure", 0.0),
    ],
)  # fmt: skip
def test_each_number_is_what_it_comes_to_by_hand(name: str, wanted: float) -> None:
    assert value(name, WALK) == pytest.approx(wanted)


def test_a_bare_yes_or_no_gains_what_was_asked_for() -> None:
    terse = walk(
        ("Do you have a fever?", "No."), ("Have you coughed up blood twice?", "Yes, I have."), ("A fever?", "No.")
    )
    assert [(sorted(step.gained), step.repeated) for step in consultation(CASE, terse).steps] == [
        ([1], False), ([2], False), ([], True),
    ]  # fmt: skip
    assert consultation(CASE, walk(("Do you have a fever?", "Yes."))).gained == set(), "that is not what the case says"


def test_shares_of_questions_are_of_all_questions_and_not_means_of_dialogues() -> None:
    short = walk(("Do you take any medicines?", "He takes lisinopril."))
    assert value("facts_per_question", WALK, short) == pytest.approx(3 / 5)
    assert value("redundant_questions", WALK, short) == pytest.approx(1 / 5)


def test_a_domain_is_covered_where_it_was_asked_about() -> None:
    asked = walk(("Any illness in your family?", "His father died of lung cancer."))
    table = INQUIRY_TABLES[0]
    rows = {row[0]: row[1:] for row in table.rows([table.mark(CASE, asked)])}
    assert rows["family"] == (1.0, 1.0)
    assert rows["medication"] == (1.0, 0.0)
    assert value("domains_covered", asked) == pytest.approx(sum(row[1] == 1.0 for row in rows.values()) / len(rows))


def test_a_wrong_answer_with_little_known_and_questions_left_is_premature() -> None:
    one = ("Do you have a fever?", "He denied having a fever.")
    assert value("premature_closure", walk(one, end="Answer: B")) == 1.0
    assert value("premature_closure", walk(one, end="Answer: A")) == 0.0, "it was right"
    assert value("premature_closure", walk(one, end="Answer: B", asked_for=True)) == 0.0, "it had to be given"
    whole = walk(one, ("Blood?", "He coughed up blood twice."), end="Answer: B")
    assert value("premature_closure", whole) == 0.0, "more than half was known"


def test_who_asks_nothing_has_no_share_of_questions() -> None:
    nothing = walk()
    (metric,) = [each for each in INQUIRY if each.name == "facts_per_question"]
    assert metric.mark(CASE, nothing) is None
    assert value("facts_gained", nothing) == 0.0
