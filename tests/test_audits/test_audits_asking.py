"""Samples asked again: which are drawn, who is asked, and how many other answers are no more than flips."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

import medeval
from medeval import planning, reports
from medeval.audits import Audit, Where, asking, audit
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.evaluation import score_predictions
from medeval.openings import Means
from medeval.planning import Cell
from medeval.records import Answer, Decoding, Exchange, Failure, Reply, Request, Response, Status, Walk
from tests.test_audits.damage import CELL, by_question, data_of

ROWS = 24


def heard_again(home: Path, engine: Scripted, **how: float) -> Audit:
    return audit(home / "reports" / "model", data_of(home), model=engine, **how)  # type: ignore[arg-type]


def of(found: Audit) -> tuple[str, str]:
    """What came of asking again."""
    (line,) = [line for line in found.lines if line.check == "asked again"]
    return line.word, line.said


def number_of(request: Request) -> int:
    return int(request.text.split("Question ")[1].split("?")[0])


def other_for(first: int) -> Callable[[Request], Reply]:
    """A model that answers all questions below a number otherwise than it did."""

    def say(request: Request) -> Reply:
        said = by_question(request)
        return replace(said, text="Answer: none of them") if number_of(request) < first else said

    return say


# --- the same model, and another -------------------------------------------------------------------


def test_the_same_model_says_the_same_and_is_asked_only_what_was_drawn(home: Path) -> None:
    engine = Scripted(by_question, model="one")
    cell = home / "reports" / "model" / CELL
    before = {path.name: path.read_bytes() for path in cell.iterdir()}
    found = heard_again(home, engine)
    assert of(found) == (
        "holds",
        "0 of 20 differ; so many by flips alone (3.2 %, measured elsewhere): p 1, 0.01 at least is allowed.",
    )
    assert (found.exit_code, engine.asked, found.asked[0].samples) == (0, 20, 20)
    assert {path.name: path.read_bytes() for path in cell.iterdir()} == before


def test_a_model_that_answers_otherwise_does_not_hold_and_samples_are_named(home: Path) -> None:
    found = heard_again(home, Scripted(other_for(8), model="one"), share=1.0)
    word, said = of(found)
    assert word == "does not hold"
    assert said.startswith(
        "8 of 24 differ (0000, 0001, 0002, …); so many by flips alone (3.2 %, measured elsewhere): p "
    )
    assert (found.exit_code, found.asked[0].apart) == (4, tuple([f"{number:04d}" for number in range(8)]))


@pytest.mark.parametrize(("differ", "word"), [(3, "holds"), (4, "does not hold")])
def test_the_bound_is_where_flips_alone_would_come_to_so_many_once_in_a_hundred_times(
    home: Path, differ: int, word: str
) -> None:
    found = heard_again(home, Scripted(other_for(differ), model="one"), share=1.0)
    assert of(found)[0] == word


def test_another_rate_moves_the_bound(home: Path) -> None:
    assert of(heard_again(home, Scripted(other_for(4), model="one"), share=1.0, flips=0.1))[0] == "holds"
    assert of(heard_again(home, Scripted(other_for(1), model="one"), share=1.0, flips=0.0))[0] == "does not hold"


@pytest.mark.parametrize(
    ("apart", "of_them", "rate"), [(0, 20, 0.032), (1, 1, 0.01), (3, 20, 0.032), (4, 20, 0.032), (9, 200, 0.02)]
)
def test_the_chance_is_the_tail_of_the_binomial(apart: int, of_them: int, rate: float) -> None:
    tail = sum(math.comb(of_them, k) * rate**k * (1 - rate) ** (of_them - k) for k in range(apart, of_them + 1))
    assert asking.chance_of(apart, of_them, rate) == pytest.approx(tail, rel=1e-12)


@pytest.mark.parametrize(("rate", "holds"), [(0.01, True), (0.00999, False)])
def test_a_chance_of_exactly_one_in_a_hundred_holds(rate: float, *, holds: bool) -> None:
    again = asking.Again(
        cell="c", samples=1, takes=1, unanswered=0, apart=("0",), rate=rate, measured=False,
        chance=asking.chance_of(1, 1, rate),
    )  # fmt: skip
    assert again.holds is holds


def test_another_model_is_refused_with_the_fields_before_it_is_asked(home: Path) -> None:
    engine = Scripted(by_question, model="two")
    with pytest.raises(RequestError, match=r"was answered by another model \(model was 'one', is now 'two'\)"):
        heard_again(home, engine)
    assert engine.asked == 0


def test_a_recording_proves_nothing(home: Path) -> None:
    with pytest.raises(RequestError, match="replays what was recorded"):
        audit(home / "reports" / "model", data_of(home), model=f"recorded:{home / 'reports' / 'model'}")


def test_a_baseline_looks_its_questions_up_again(grouped: Path) -> None:
    found = audit(grouped, Where(data="sample"), model="baseline:majority")
    assert [(each.cell, each.takes, each.apart) for each in found.asked] == [
        ("medmcqa@sample", 20, ()), ("medqa@sample", 20, ()), ("pubmedqa@sample", 20, ()),
    ]  # fmt: skip


def test_a_consultation_is_led_again_with_the_patient_of_the_rules(tmp_path: Path) -> None:
    def doctor(request: Request) -> str:
        asked = len([each for each in request.messages if each.role == "assistant"])
        return "Question: Do you have pain?" if not asked else "Answer: B"

    engine = Scripted(doctor, model="doctor")
    medeval.evaluate(
        model=engine, tasks="mediq", data="sample", reports=tmp_path, style="written", chat=True, limit=4,
        label="doctor",
    )  # fmt: skip
    found = audit(tmp_path / "doctor", Where(data="sample"), model=Scripted(doctor, model="doctor"))
    (again,) = found.asked
    assert (again.apart, again.unanswered, found.exit_code) == ((), 0, 0)
    other = audit(tmp_path / "doctor", Where(data="sample"), model=Scripted(lambda _: "Answer: A", model="doctor"))
    assert len(other.asked[0].apart) == again.takes


def test_a_patient_who_is_a_model_cannot_be_asked_again(tmp_path: Path) -> None:
    medeval.evaluate(
        model=Scripted(lambda _: "Answer: B", model="doctor"), tasks="mediq", data="sample", reports=tmp_path,
        style="written", chat=True, label="doctor", patient=Scripted(lambda _: "No.", model="ill", choices=False),
    )  # fmt: skip
    engine = Scripted(lambda _: "Answer: B", model="doctor")
    assert of(audit(tmp_path / "doctor", Where(data="sample"), model=engine)) == (
        "not done", "its patient was played by ill, and only rules can play again.",
    )  # fmt: skip
    assert engine.asked == 0


def test_texts_made_elsewhere_cannot_be_asked_again(home: Path) -> None:
    path = home / "told.jsonl"
    path.write_text(
        "".join([json.dumps({"id": f"{n:04d}", "text": "A"}) + "\n" for n in range(ROWS)]), encoding="utf-8"
    )
    plan = planning.Plan(
        model="", tasks=("exam",), data=str(home / "data"), reports=home / "reports", label="told", style="written",
        elsewhere=True, task_paths=(home / "exam.py",),
    )  # fmt: skip
    score_predictions(plan, path)
    found = audit(home / "reports" / "told", data_of(home), model=Scripted(by_question))
    assert of(found) == ("not done", "its texts were made elsewhere, and nobody here knows the prompt.")


def test_a_cell_whose_files_do_not_agree_is_not_asked(home: Path) -> None:
    (home / "reports" / "model" / CELL / reports.SAMPLES).unlink()
    engine = Scripted(by_question, model="one")
    found = heard_again(home, engine)
    assert of(found) == ("not done", "its files do not agree.")
    assert (engine.asked, found.exit_code) == (0, 4)


def test_engine_errors_are_no_other_answers(home: Path) -> None:
    def failing(request: Request) -> Reply:
        return Failure(failure="engine_error", reason="gone") if number_of(request) < 5 else by_question(request)

    found = heard_again(home, Scripted(failing, model="one"), share=1.0)
    assert (found.asked[0].takes, found.asked[0].unanswered, found.asked[0].apart) == (19, 5, ())
    assert of(found)[1].endswith("; 5 were not answered.")
    gone = Failure(failure="engine_error", reason="gone")
    assert of(heard_again(home, Scripted(lambda _: gone, model="one"))) == ("not done", "20 were not answered.")


# --- the rate ---------------------------------------------------------------------------------------


def test_a_cell_with_repeats_is_held_to_its_own_rate(home: Path) -> None:
    asked: dict[int, int] = {}

    def wavering(request: Request) -> str:
        number = number_of(request)
        asked[number] = asked.get(number, 0) + 1
        return "Answer: A" if asked[number] % 2 else "Answer: B"

    medeval.evaluate(
        model=Scripted(wavering, model="one"), tasks="exam", data=home / "data", reports=home / "reports",
        label="wavers", task_paths=[home / "exam.py"], style="written", repeats=2, temperature=0.7,
    )  # fmt: skip
    found = audit(home / "reports" / "wavers", data_of(home), model=Scripted(lambda _: "Answer: A", model="one"))
    (again,) = found.asked
    # Of a question whose answer is A or B the two takes differ; half of the questions have another answer.
    assert (again.rate, again.measured) == (0.5, True)
    assert (again.samples, again.takes, len(again.apart)) == (20, 40, 20)
    assert of(found)[1].startswith("20 of 40 differ (")
    assert "(50.0 %, its own)" in of(found)[1]


# --- what is alike ----------------------------------------------------------------------------------


def way(*texts: str, picked: tuple[str, ...] = (), status: Status = "scored") -> Walk:
    request = Request(text="?", decoding=Decoding())
    exchanges = [Exchange(request=request, asked="", reply=Response(text=text)) for text in texts]
    return Walk(exchanges=tuple(exchanges), answer=Answer(picked=picked, status=status))


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        (way("It is A.", picked=("A",)), way("A!", picked=("A",)), True),
        (way("A", picked=("A",)), way("B", picked=("B",)), False),
        (way("A, B", picked=("A", "B")), way("B, A", picked=("B", "A")), True),
        (way("A", picked=("A",)), way("well", status="unread"), False),
        (way("well", status="unread"), way("well", status="unread"), True),
        (way("well", status="unread"), way("hm", status="unread"), False),
        (way("one", "two"), way("one", "two"), True),
        (way("one", "two"), way("uno", "two"), False),
        (way("one", status="truncated"), way("one"), False),
    ],
)
def test_two_answers_are_alike_by_what_was_picked_or_else_by_their_texts(then: Walk, now: Walk, *, same: bool) -> None:
    assert asking.alike(then, now) is same


# --- the draw ---------------------------------------------------------------------------------------


def cell_of(home: Path) -> Cell:
    path = home / "reports" / "model" / CELL
    manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
    assert manifest is not None
    where = data_of(home)
    return planning.reopened(path, manifest, where.catalog(), where.data)


@pytest.mark.parametrize(("share", "count"), [(0.01, 20), (0.9, 22), (1.0, 24)])
def test_a_share_is_drawn_and_twenty_at_least(home: Path, share: float, count: int) -> None:
    assert len(asking.drawn(cell_of(home).sitting, share, "seed")) == count


def test_all_are_drawn_where_there_are_fewer(exam: Callable[[int], Path]) -> None:
    home = exam(12)
    medeval.evaluate(
        model="baseline:random", tasks="exam", data=home / "data", reports=home / "reports", label="few",
        task_paths=[home / "exam.py"],
    )  # fmt: skip
    found = audit(home / "reports" / "few", data_of(home), model="baseline:random")
    assert found.asked[0].samples == 12


def test_a_seed_draws_the_same_again_and_another_one_others(home: Path) -> None:
    sitting = cell_of(home).sitting
    assert asking.drawn(sitting, 0.01, "one") == asking.drawn(sitting, 0.01, "one")
    assert len({asking.drawn(sitting, 0.01, f"{seed}") for seed in range(10)}) > 5


def test_the_seed_comes_of_the_replies_and_of_a_number_that_nobody_could_foresee(home: Path) -> None:
    seeds = [audit(home / "reports" / "model", data_of(home), **how).seed for how in ({}, {}, {"seed": 7})]  # type: ignore[arg-type]
    assert seeds[0] == seeds[1] != seeds[2]
    medeval.evaluate(
        model=Scripted(other_for(1), model="one"), tasks="exam", data=home / "data", reports=home / "reports",
        label="other", task_paths=[home / "exam.py"], style="written",
    )  # fmt: skip
    assert audit(home / "reports" / "other", data_of(home)).seed not in seeds


@pytest.mark.parametrize(
    ("share", "flips", "said"), [(0.0, 0.1, "--share 0.0"), (1.5, 0.1, "--share 1.5"), (1, 1.0, "--flips")]
)
def test_shares_and_rates_that_cannot_be_are_refused(home: Path, share: float, flips: float, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        heard_again(home, Scripted(by_question, model="one"), share=share, flips=flips)


# --- caches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("means", "arguments"),
    [
        (Means(engine="vllm"), ("enable_prefix_caching=false",)),
        (Means(engine="vllm", engine_args=("seed=1",)), ("seed=1", "enable_prefix_caching=false")),
        (Means(engine="vllm", engine_args=("--enable-prefix-caching=true",)), ("--enable-prefix-caching=true",)),
        (Means(engine="hf"), ()),
    ],
)
def test_vllm_takes_nothing_from_questions_before_unless_it_is_told_to(
    means: Means, arguments: tuple[str, ...]
) -> None:
    assert asking.uncached("org/model", means).engine_args == arguments
