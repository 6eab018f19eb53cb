"""MediQ: its two sets as published, whoever is asked, and what comes of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.records import CaseSample, Failure, Reply, Request, Result
from medeval.sources import Supply

CATALOG = find()
SETS = ("mediq", "mediq_imedqa")
every_set = pytest.mark.parametrize("name", SETS)
CLOSED = "The consultation ends here"


def cases(name: str, root: Path | None = None) -> tuple[CaseSample, ...]:
    """The real cases, or those of the project's own."""
    named = CATALOG.named(name)
    samples, _ = named.task.load(name, Supply.only(root or named.samples), sample=root is None)
    return tuple([sample for sample in samples if isinstance(sample, CaseSample)])


def values(result: Result) -> dict[str, float | None]:
    return {estimate.metric: estimate.value for estimate in result.estimates}


def run(script: Callable[[Request], Reply | str], name: str, tmp_path: Path, *, chat: bool = True) -> Result:
    model = Scripted(script)
    found = medeval.evaluate(
        model=model, tasks=[name], data="sample", reports=tmp_path, style="written", chat=chat
    )  # fmt: skip
    return found.results[0]


# --- the real data ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "share"), [("mediq", 140, 30.00), ("mediq_imedqa", 1272, 27.67)]
)  # fmt: skip
def test_the_commonest_answer_is_right_as_often_as_is_told(
    name: str, rows: int, share: float, real: Path, tmp_path: Path
) -> None:
    found = medeval.evaluate(model="baseline:majority", tasks=[name], data=str(real), reports=tmp_path, style="written")
    (result,) = found.results
    assert (result.first.n, result.first.failed, result.first.unread) == (rows, 0, 0)
    assert round(100 * (result.first.value or 0), 2) == share
    assert any(f"{share:.2f} %" in trap for trap in CATALOG.named(name).task.traps)
    # A baseline asks nothing, so that asking, not asking and knowing all are the same.
    told = values(result)
    assert told["accuracy_full"] == told["accuracy_none"] == result.first.value
    assert (told["turns"], told["timed_out"], told["proactivity_index"]) == (0.0, 0.0, None)


@every_set
def test_facts_are_sentences_without_their_numbers(name: str, real: Path) -> None:
    facts = [fact for case in cases(name, real) for fact in case.facts]
    assert min(map(len, facts)) > 3
    assert not [fact for fact in facts if re.match(r"\d+\.\s|-", fact) or fact != fact.strip()]
    # A number of hours is no number of a fact.
    assert sum(fact.startswith("1.5 hours after the operation") for fact in facts) == (name == "mediq_imedqa")


@every_set
def test_the_opening_is_the_first_sentence_of_the_vignette(name: str, real: Path) -> None:
    file = {"mediq": "all_craft_md.jsonl", "mediq_imedqa": "all_dev_good.jsonl"}[name]
    lines = (real / "mediq" / file).read_text(encoding="utf-8").splitlines()
    first = [(json.loads(line)["context"] or ["The question is about no patient."])[0].strip() for line in lines]
    assert [case.opening for case in cases(name, real)] == first


def test_three_questions_are_about_no_patient(real: Path) -> None:
    without = [case.id for case in cases("mediq_imedqa", real) if case.facts == (case.opening,)]
    assert without == ["224", "298", "779"]


def test_two_answers_have_another_name_than_the_option_of_their_letter(real: Path) -> None:
    lines = (real / "mediq" / "all_craft_md.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows if row["options"][row["answer_idx"]].strip() != row["answer"].strip()] == [
        112,
        129,
    ]


def test_cases_are_broken_down_by_sex_age_and_specialty(real: Path) -> None:
    craft, imedqa = cases("mediq", real), cases("mediq_imedqa", real)
    ages = [case.slices["age"] for case in craft]
    assert {age: ages.count(age) for age in ages} == {"18 to 64": 89, "under 18": 35, "65 and over": 16}
    sexes = [case.slices["sex"] for case in imedqa]
    assert {sex: sexes.count(sex) for sex in sexes} == {"male": 635, "female": 516, "unknown": 121}
    assert sum(case.slices["specialty"] == "Neurology" for case in imedqa) == 123
    assert not [case for case in craft if "specialty" in case.slices]


# --- a consultation of the project's own cases --------------------------------------------


def inquiring(request: Request) -> str:
    """A doctor who knows nothing at first, and what is right when something was told."""
    said = [message.content for message in request.messages if message.role == "assistant"]
    right = RIGHT[opening_of(request)] if request.messages[0].content else ""
    if request.role == "model:full" or said:
        return f"Answer: {right}" if request.role != "model" or len(said) > 1 else "TEST: examination"
    return "Answer: A" if request.role == "model:none" else "When did it begin?"


def opening_of(request: Request) -> str:
    """The options of the case that a request is about: no two cases share them."""
    return request.messages[0].content.split("\n\n")[2]


RIGHT = {
    "\n".join([f"{option.label}. {option.text}" for option in case.options]): case.target[0]
    for name in SETS
    for case in cases(name)
}


@every_set
def test_a_doctor_who_asks_gains_all_that_there_is_to_gain(name: str, tmp_path: Path) -> None:
    told = values(run(inquiring, name, tmp_path))
    # A quarter of the own cases has the right answer A, which is what is guessed.
    assert (told["accuracy"], told["accuracy_full"], told["accuracy_none"]) == (1.0, 1.0, 0.25)
    assert (told["proactivity_index"], told["turns"]) == (1.0, 2.0)
    assert (told["abstained"], told["timed_out"], told["first_right_turn"]) == (0.0, 0.0, 0.75)


@every_set
@pytest.mark.parametrize("chat", [True, False])
def test_an_oracle_scores_best_and_needs_no_question(name: str, chat: bool, tmp_path: Path) -> None:
    result = run(lambda request: f"ANSWER: {_right(request)}", name, tmp_path, chat=chat)
    told = values(result)
    assert (told["accuracy"], told["accuracy_full"], told["accuracy_none"], told["turns"]) == (1.0, 1.0, 1.0, 0.0)
    assert told["proactivity_index"] is None


def _right(request: Request) -> str:
    said = request.messages[0].content if request.messages else request.text
    return RIGHT[said.split("\n\n")[2]]


def test_a_doctor_who_only_asks_has_its_questions_used_up_and_is_wrong(tmp_path: Path) -> None:
    result = run(lambda request: "Does it hurt?", "mediq", tmp_path)
    told = values(result)
    assert (told["accuracy"], told["turns"], told["timed_out"]) == (0.0, 10.0, 1.0)
    assert result.first.unread == 24


def test_a_doctor_who_abstains_is_wrong_and_counted_apart(tmp_path: Path) -> None:
    result = run(lambda request: "ABSTAIN", "mediq", tmp_path)
    assert (values(result)["accuracy"], values(result)["abstained"]) == (0.0, 1.0)
    assert (result.first.refused, result.first.unread) == (24, 0)


def test_a_prompt_that_is_too_long_is_wrong_and_one_that_broke_is_unknown(tmp_path: Path) -> None:
    def growing(request: Request) -> Reply | str:
        long = len(request.messages) > 3 and request.role == "model"
        return Failure(failure="too_long", reason="4,096 tokens") if long else "Does it hurt?"

    result = run(growing, "mediq", tmp_path / "long")
    assert (result.first.value, result.first.too_long, result.first.failed) == (0.0, 24, 0)
    assert values(result)["turns"] == 2.0
    broken = run(lambda request: Failure(failure="engine_error", reason="gone"), "mediq", tmp_path / "broken")
    assert (broken.first.value, broken.first.failed) == (None, 24)


@every_set
def test_the_patient_knows_no_option_and_the_doctor_no_fact_unasked(name: str, tmp_path: Path) -> None:
    heard: list[Request] = []
    run(lambda request: heard.append(request) or "Does it hurt?", name, tmp_path)  # type: ignore[func-returns-value]
    of_doctor = [each.messages[0].content for each in heard if each.role != "model:full"]
    journal = next(tmp_path.rglob("samples.jsonl")).read_text(encoding="utf-8").splitlines()
    walks = [json.loads(line)["exchanges"] for line in journal]
    own = cases(name)
    assert len(walks) == len(own)
    for case, walk in zip(own, walks, strict=True):
        files = {each["messages"][0]["content"] for each in walk if each.get("role") == "patient"}
        assert len(files) == 1
        (file,) = files
        assert not [option.text for option in case.options if option.text in file]
        assert not [fact for fact in case.facts if f"- {fact}\n" not in file]
        assert not [fact for fact in case.facts if any(fact in said for said in of_doctor)]
