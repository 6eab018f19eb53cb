"""Red tasks run once more: what comes out again is red, and what does not is told with both results."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval import reports
from medeval.baselines import accept
from medeval.catalog import Catalog, find
from medeval.engines.scripted import Scripted
from medeval.errors import MedevalError, RequestError
from medeval.gates import Again, Verdict, check
from medeval.gates.confirming import PLACE
from medeval.gates.telling import notes
from medeval.records import Failure, Reply, Request, Response
from tests.nights import NOTHING, checked, gates, marked, night, pinned
from tests.test_comparing import made

LABEL = "m-2026-11-27"
GATE = '[[gate]]\ntask = "exam"\nmargin = 0.06\n'
ROWS = 120


def knowing(right: int, name: str = "m") -> Scripted:
    """A model that knows the answers to the first so many questions."""

    def said(request: Request) -> Reply:
        found = re.search(r"Question (\d+)\?", request.text)
        assert found is not None
        number = int(found[1])
        best = (number + (number >= right)) % 4
        return Response(logprobs=tuple([-0.1 if place == best else -3.0 for place in range(4)]))

    return Scripted(said, model=name)


def reading(right: int) -> Scripted:
    """The same, by what stands beside the letters."""

    def said(request: Request) -> Reply:
        asked = request.text[request.text.rindex("Question ") :]
        number = int(asked.removeprefix("Question ").partition("?")[0])
        colour = ("red", "green", "blue", "grey")[(number + (number >= right)) % 4]
        best = re.findall(r"[A-D]\W+\d+ (\w+)", asked).index(colour)
        return Response(logprobs=tuple([-0.1 if place == best else -3.0 for place in range(4)]))

    return Scripted(said, model="m")


class Exam:
    """An exam of 120 questions, and the nights on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "reports"
        self.paths = (root / "exam.py",)

    @property
    def catalog(self) -> Catalog:
        return find(self.paths)

    def run(self, label: str, engine: Scripted, **how: object) -> None:
        medeval.evaluate(
            model=engine, tasks=["exam"], data=self.root / "data", reports=self.home, label=label,
            task_paths=self.paths, **how,  # type: ignore[arg-type]
        )  # fmt: skip

    def checked(self, again: Scripted | None, text: str = GATE, **how: str) -> Verdict:
        baseline = accept(
            [self.home / "base"], self.home, reason="One.", version="1.0", few=True, catalog=self.catalog
        )[1]  # fmt: skip
        once_more = None if again is None else Again(
            model=again,  # type: ignore[arg-type]  # an engine, where a command names one
            data=str(self.root / "data"), task_paths=self.paths, **how,  # type: ignore[arg-type]
        )  # fmt: skip
        return check(
            self.home / LABEL, self.home, gates(self.root, text), baseline, self.catalog, version="1.0", again=once_more
        )


@pytest.fixture
def sat(exam: Callable[[int], Path]) -> Exam:
    return Exam(exam(ROWS))


@pytest.fixture
def red(sat: Exam) -> Exam:
    """A baseline that knows 110, and a night that knows 80."""
    sat.run("base", knowing(110))
    sat.run(LABEL, knowing(80))
    return sat


def test_without_a_second_run_a_loss_is_red(red: Exam) -> None:
    found = red.checked(None)
    assert (found.exit_code, found.lines[0].second) == (1, None)
    assert found.lines[0].gain == pytest.approx(-30 / 120)


def test_what_comes_out_again_is_red_with_both_results(red: Exam) -> None:
    found = red.checked(knowing(82))
    (line,) = found.lines
    assert (line.word, found.exit_code) == ("REGRESSED", 1)
    assert line.why.endswith("confirmed by a second run")
    assert line.gain == pytest.approx(-30 / 120)
    assert line.second is not None
    assert line.second.confirmed
    assert line.second.difference == pytest.approx(-28 / 120)
    assert line.second.p < 0.001
    assert any("the loss came out again: −23.33" in note for note in notes(found))


def test_what_does_not_come_out_again_is_inconclusive_with_both_results(red: Exam) -> None:
    found = red.checked(knowing(109))
    (line,) = found.lines
    assert (line.word, found.exit_code) == ("INCONCLUSIVE", 0)
    assert line.why == "worse at first, and not in a second run"
    assert line.gain == pytest.approx(-30 / 120), "the first result stands"
    assert line.second is not None
    assert not line.second.confirmed
    assert line.second.difference == pytest.approx(-1 / 120)
    assert any("did not come out again: −0.83" in note for note in notes(found))
    strict = red.checked(knowing(109), 'on_inconclusive = "fail"\n' + GATE)
    assert strict.exit_code == 6


def test_the_second_run_asks_with_other_dice_and_lies_below_the_night(red: Exam) -> None:
    red.checked(knowing(82))
    second = reports.read(red.home / LABEL / PLACE / "exam" / reports.MANIFEST, reports.Manifest)
    first = reports.read(red.home / LABEL / "exam" / reports.MANIFEST, reports.Manifest)
    assert first is not None
    assert second is not None
    assert (first.setting.seed, second.setting.seed) == (0, 1)
    assert first.engines == second.engines
    assert [path.name for path in reports.cells(red.home / LABEL)] == ["exam"], "it is no cell of the night"


def test_the_same_command_asks_nobody_a_second_time(red: Exam) -> None:
    first, second = knowing(82), knowing(82)
    one, two = red.checked(first), red.checked(second)
    assert (first.asked, second.asked) == (ROWS, 0)
    assert one.lines[0].second == two.lines[0].second


def test_what_is_green_is_not_run_again(sat: Exam) -> None:
    sat.run("base", knowing(110))
    sat.run(LABEL, knowing(110))
    engine = knowing(0)
    assert sat.checked(engine).exit_code == 0
    assert engine.asked == 0


def test_another_model_than_that_of_the_night_is_refused(red: Exam) -> None:
    engine = knowing(110, "another")
    with pytest.raises(RequestError, match="Name the model of the night") as told:
        red.checked(engine)
    assert "model was 'm', is now 'another'" in str(told.value)
    assert (told.value.exit_code, engine.asked) == (2, 0)


def test_a_night_of_some_samples_is_asked_the_same_ones_again(sat: Exam) -> None:
    sat.run("base", knowing(110), limit=100)
    sat.run(LABEL, knowing(60), limit=100)
    found = sat.checked(knowing(60), GATE.replace("0.06", "0.08"))
    assert found.lines[0].second is not None
    assert found.lines[0].second.difference == found.lines[0].gain
    assert found.exit_code == 1


@pytest.mark.parametrize("shown", ["shuffled options", "solved examples"])
def test_where_the_seed_says_what_is_asked_it_stays(sat: Exam, shown: str) -> None:
    """Other solved examples, or options in another order, would be another question."""
    solved = sat.root / "solved.jsonl"
    rows = (sat.root / "data" / "exam" / "rows.jsonl").read_text(encoding="utf-8")
    solved.write_text(rows.replace("Question", "Solved"), encoding="utf-8")
    way: dict[str, object] = {"shots": 2, "shots_from": str(solved)}
    way = {"options": "shuffled"} if shown == "shuffled options" else way
    sat.run("base", reading(110), **way)
    sat.run(LABEL, reading(60), **way)
    named = {} if shown == "shuffled options" else {"shots_from": str(solved)}
    found = sat.checked(reading(60), GATE, **named)
    (cell,) = reports.cells(sat.home / LABEL / PLACE)
    manifest = reports.read(cell / reports.MANIFEST, reports.Manifest)
    assert manifest is not None
    assert manifest.setting.seed == 0
    assert found.lines[0].second is not None
    assert found.lines[0].second.difference == found.lines[0].gain


def test_a_second_loss_that_is_too_small_to_count_confirms_nothing(red: Exam) -> None:
    """Five of 120 are surely lost, and less than what the file calls a loss."""
    found = red.checked(knowing(105), GATE + "min_effect = 0.05\n")
    (line,) = found.lines
    assert line.second is not None
    assert line.second.difference == pytest.approx(-5 / 120)
    assert line.second.p < 0.05
    assert (line.word, line.second.confirmed) == ("INCONCLUSIVE", False)


def test_a_night_that_was_asked_in_another_way_on_purpose_is_asked_so_again(sat: Exam) -> None:
    sat.run("base", knowing(110))
    sat.run(LABEL, knowing(80), system="Be brief.")
    (cell,) = [path.name for path in reports.cells(sat.home / LABEL)]
    assert cell != "exam"
    found = sat.checked(knowing(80), 'treatment = ["prompt"]\n' + GATE)
    assert found.lines[0].second is not None
    assert found.lines[0].second.confirmed


def test_a_second_run_that_breaks_is_no_verdict(red: Exam) -> None:
    gone = Scripted(lambda _: Failure(failure="engine_error", reason="gone"), model="m")
    with pytest.raises(MedevalError) as told:
        red.checked(gone)
    assert told.value.exit_code == 3
    assert red.checked(knowing(80)).exit_code == 1, "the same command goes on"


def test_an_unsaid_limit_is_refused_before_anything_is_asked_again(red: Exam) -> None:
    engine = knowing(80)
    text = GATE + '[[absolute]]\ntask = "*"\nmetric = "error_rate"\nmax = 0.001\nbound = true\n'
    with pytest.raises(RequestError, match="cannot see"):
        red.checked(engine, text)
    assert engine.asked == 0


def test_two_red_numbers_of_one_cell_take_one_run(tmp_path: Path) -> None:
    """By a cell that nobody can run: it is asked for once, and told as one that cannot be."""
    marks = {"accuracy": marked(1_000, 1_273), "official": marked(900, 1_273)}
    night(tmp_path, "base", marks)
    night(tmp_path, LABEL, {name: [0.0] * 100 + each[100:] for name, each in marks.items()})
    text = '[[gate]]\ntask = "medqa"\nmargin = 0.02\n[[gate]]\ntask = "medqa"\nmetric = "official"\nmargin = 0.02\n'
    baseline = pinned(tmp_path, "base")
    assert [line.word for line in checked(tmp_path, LABEL, text, baseline).lines] == ["REGRESSED"] * 2
    (tmp_path / LABEL / "medqa" / reports.MANIFEST).unlink()
    with pytest.raises(RequestError):
        check(
            tmp_path / LABEL, tmp_path, gates(tmp_path, text), baseline, NOTHING, version="1.0",
            again=Again(model="baseline:random"),
        )  # fmt: skip


def test_a_rule_that_draws_is_confirmed_by_another_draw(exam: Callable[[int], Path]) -> None:
    sat = Exam(exam(ROWS))
    sat.run("base", knowing(110))
    medeval.evaluate(
        model="baseline:random", tasks=["exam"], data=sat.root / "data", reports=sat.home, label=LABEL,
        task_paths=sat.paths,
    )  # fmt: skip
    baseline = accept([sat.home / "base"], sat.home, reason="One.", version="1.0", few=True, catalog=sat.catalog)[1]
    found = check(
        sat.home / LABEL, sat.home, gates(sat.root, GATE), baseline, sat.catalog, version="1.0",
        again=Again(model="baseline:random", data=str(sat.root / "data"), task_paths=sat.paths),
    )  # fmt: skip
    (line,) = found.lines
    assert line.second is not None
    assert line.second.confirmed
    assert line.second.difference != line.gain, "another draw"


def test_what_judges_said_is_not_asked_again_and_stays_as_it_is(tmp_path: Path) -> None:
    """The cell's own number is as good as before, and only the judge's grades fell: nobody is asked anything."""
    same = made.lines(marked(300, 400))
    for label, grades in (("base", marked(350, 400)), (LABEL, marked(280, 400))):
        made.cell(tmp_path, label, same)
        graded = [made.line(f"{place:03d}", {"grade": mark}) for place, mark in enumerate(grades)]
        made.cell(tmp_path, label, graded, sworn=made.SWORN)
    baseline = pinned(tmp_path, "base")
    text = GATE.replace("exam", "medqa/judged/strict")
    alone = checked(tmp_path, LABEL, text, baseline)
    assert [(line.cell, line.metric, line.word) for line in alone.lines] == [
        ("medqa/judged/strict", "grade", "REGRESSED")
    ]  # fmt: skip
    found = check(
        tmp_path / LABEL, tmp_path, gates(tmp_path, text), baseline, NOTHING, version="1.0",
        again=Again(model="nobody/has-this"),
    )  # fmt: skip
    assert found.lines == alone.lines
    assert (found.exit_code, found.lines[0].second) == (1, None)
    assert not (tmp_path / LABEL / PLACE).exists()
