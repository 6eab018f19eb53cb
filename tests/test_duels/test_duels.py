"""Duels from the recorded answers of entries to what is published, with judges that follow a script."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import medeval
from medeval import duels
from medeval.engines.scripted import Scripted
from medeval.errors import Interrupted, RequestError
from medeval.planning import PLAIN, jury
from medeval.records import Failure, Reply, Request, Response
from medeval.reports import JOURNAL, LEDGER, MANIFEST, RESULT, SAMPLES
from medeval.stats.pairwise import Outcome, bradley_terry
from tests.test_duels.scripts import TASK, Say, entry, judge, long, longer, mixed, note, short, shown

PUBLISHED = (RESULT, SAMPLES, LEDGER, MANIFEST)


def held(
    folders: Sequence[Path], engine: Scripted, *, stopped: Callable[[], bool] = lambda: False, task: str = TASK,
    **said: object,
) -> duels.Duels:  # fmt: skip
    reports = folders[0].parent
    wish = duels.Wish(entries=tuple(folders), task=task, reports=reports, **said)  # type: ignore[arg-type]
    return duels.duel(wish, lambda: jury((engine,), (), None, PLAIN), stopped=stopped)


def read(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(text) for text in (folder / name).read_text(encoding="utf-8").splitlines()]


def answers(folder: Path) -> list[str]:
    """What an entry answered, sample by sample."""
    rows = next(folder.glob("*/samples.jsonl")).read_text(encoding="utf-8").splitlines()
    return [json.loads(row)["exchanges"][-1]["reply"]["text"] for row in rows]


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in PUBLISHED}


def test_a_judge_that_likes_the_longer_answer_is_counted_by_hand(tmp_path: Path) -> None:
    a, b, c = [entry(tmp_path, name, say) for name, say in (("a", long), ("b", short), ("c", mixed))]
    engine = judge(longer)
    found = held([b, a, c], engine)
    (result,) = found.results
    lines = {name: answers(tmp_path / name) for name in "abc"}
    for pair in result.pairs:
        sizes = [(len(one), len(other)) for one, other in zip(lines[pair.first], lines[pair.second], strict=True)]
        wins, losses = sum(one > other for one, other in sizes), sum(one < other for one, other in sizes)
        assert (pair.wins, pair.ties, pair.losses, pair.missing) == (wins, 24 - wins - losses, losses, 0)
        assert pair.rate.value == pytest.approx((wins + (24 - wins - losses) / 2) / 24)
    assert [(pair.first, pair.second) for pair in result.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert 0 < result.pairs[1].wins < 24
    assert result.order_consistency.value == 1
    assert result.first_position.value == 0.5
    assert (result.anchor, result.entries, result.coverage) == ("b", ("b", "a", "c"), 1)
    # Where two answers are the same nobody is asked; everything else is asked in both orders.
    same = sum(
        one.strip() == other.strip() for pair in result.pairs
        for one, other in zip(lines[pair.first], lines[pair.second], strict=True)
    )  # fmt: skip
    assert same == result.unasked > 0
    assert engine.asked == found.asked == 2 * (3 * 24 - same)
    published = json.loads((found.folders[0] / RESULT).read_text(encoding="utf-8"))
    assert published["pairs"][0]["wins"] == 24


def test_strengths_are_those_of_the_same_outcomes(tmp_path: Path) -> None:
    def erratic(request: Request) -> str:
        first, second = shown(request)
        return f"Grade: {'1' if hash_of(first) > hash_of(second) else '2'}"

    def hash_of(text: str) -> int:
        return sum(map(ord, text)) * 7919 % 101

    def named(name: str) -> Say:
        return lambda request: f"{name * 3} note {note(request)}."

    folders = [entry(tmp_path, name, named(name)) for name in "abc"]
    found = held(folders, judge(erratic), anchor="c")
    (result,), (folder,) = found.results, found.folders
    worth = {"first": 1.0, "tie": 0.5, "second": 0.0}
    lines = read(folder, SAMPLES)
    outcomes = [
        Outcome(str(line["first"]), str(line["second"]), worth[line["rounds"][0]["outcome"]])  # type: ignore[index]
        for line in lines
    ]
    fit = bradley_terry(outcomes, "c", clusters=[str(line["sample"]) for line in lines])
    (ranking,) = result.rankings
    assert {each.name: (each.strength, each.error) for each in ranking.strengths} == {
        each.name: (each.theta, None if each.name == "c" else each.error) for each in fit.strengths
    }
    assert next(each for each in ranking.strengths if each.name == "c").rating == 1000
    assert ranking.ridge == 0


def test_a_judge_that_always_prefers_the_first_makes_ties_and_is_found_out(tmp_path: Path) -> None:
    folders = [entry(tmp_path, "a", long), entry(tmp_path, "b", short)]
    (result,) = held(folders, judge(lambda _: "Grade: 1")).results
    (pair,) = result.pairs
    assert (pair.wins, pair.ties, pair.losses) == (0, 24, 0)
    assert (result.order_consistency.value, result.first_position.value) == (0, 1)
    assert (result.order_consistency.low, result.coverage) == (0, 1)
    assert result.order_consistency.high == pytest.approx(0.138, abs=0.001)  # Wilson's, of none among 24


def test_what_a_judge_does_not_say_stands_in_the_ledger_and_is_no_tie(tmp_path: Path) -> None:
    folders = [entry(tmp_path, "a", long), entry(tmp_path, "b", short)]
    broken = True

    def failing(request: Request) -> Reply | str:
        number = note(request) % 4
        if number == 0 and shown(request)[0].startswith("A long"):
            return "Both are fine notes.\nI would not choose."
        return Failure(failure="judge_error", reason="gone") if number == 1 and broken else longer(request)

    found = held(folders, judge(failing))
    (result,), (folder,) = found.results, found.folders
    (pair,) = result.pairs
    ledger = read(folder, LEDGER)
    unread = [line for line in ledger if line["why"] == "no grade on the last line"]
    failed = [line for line in ledger if line["why"] == "judge_error: gone"]
    assert unread
    assert failed
    assert {str(line["order"]) for line in unread} == {"straight"}
    assert {str(line["said"]) for line in unread} == {"Both are fine notes.\nI would not choose."}
    assert len(unread) + len(failed) == len(ledger)
    assert pair.missing == len({str(line["sample"]) for line in ledger})
    assert (pair.wins, pair.ties, pair.losses) == (24 - pair.missing, 0, 0)
    assert result.coverage == pytest.approx(1 - pair.missing / 24)
    assert any(f"{pair.missing} of 24 comparisons have no outcome" in each for each in result.notes)
    assert found.unsettled == len(failed)
    # What failed is asked again, and only that; what cannot be read was said, and stays so.
    broken = False
    again = held(folders, judge(failing))
    assert (again.asked, again.unsettled) == (len(failed), 0)
    assert len(read(folder, LEDGER)) == len(unread)


def test_the_same_answers_are_a_tie_and_an_empty_one_loses_without_a_request(tmp_path: Path) -> None:
    folders = [entry(tmp_path, "a", long), entry(tmp_path, "b", long), entry(tmp_path, "c", lambda _: "")]
    engine = judge(lambda _: "Grade: 1")
    (result,) = held(folders, engine).results
    assert engine.asked == 0
    assert [(pair.wins, pair.ties, pair.losses) for pair in result.pairs] == [(0, 24, 0), (24, 0, 0), (24, 0, 0)]
    assert (result.unasked, result.coverage) == (72, 1)
    assert result.order_consistency.value is None


def test_the_same_again_asks_nothing_and_another_entry_only_for_its_own_pairs(tmp_path: Path) -> None:
    a, b = entry(tmp_path, "a", long), entry(tmp_path, "b", short)
    engine = judge(longer)
    first = held([a, b], engine)
    before = files(first.folders[0])
    assert held([a, b], engine).asked == 0
    assert files(first.folders[0]) == before
    swapped = held([b, a], engine)
    assert swapped.asked == 0
    assert swapped.results[0].pairs == first.results[0].pairs
    c = entry(tmp_path, "c", lambda request: f"Another note {note(request)}.")
    more = held([a, b, c], engine)
    assert more.folders == first.folders
    assert more.asked == 2 * 2 * 24
    assert more.results[0].pairs[0] == first.results[0].pairs[0]
    manifest = json.loads((first.folders[0] / MANIFEST).read_text(encoding="utf-8"))
    assert list(manifest["entries"]) == ["a", "b", "c"]


def test_an_interrupted_duel_goes_on_and_comes_to_the_same_bytes(tmp_path: Path) -> None:
    folders = [entry(tmp_path, name, say) for name, say in (("a", long), ("b", short), ("c", mixed))]
    engine = judge(longer)

    def interrupted() -> bool:
        return engine.asked > 0

    with pytest.raises(Interrupted):
        held(folders, engine, stopped=interrupted)
    (folder,) = (tmp_path / "duels").glob("*/*")
    kept = len((folder / JOURNAL).read_bytes().splitlines())
    assert kept == engine.asked > 0
    assert not (folder / RESULT).exists()
    # A torn line, as a crash leaves behind, is one more to be asked.
    whole = (folder / JOURNAL).read_bytes()
    (folder / JOURNAL).write_bytes(whole[:-9])
    went_on = held(folders, engine)
    elsewhere = tmp_path / "elsewhere"
    alone = [entry(elsewhere, name, say) for name, say in (("a", long), ("b", short), ("c", mixed))]
    anew = held(alone, judge(longer))
    assert files(went_on.folders[0]) == files(anew.folders[0])
    assert went_on.asked == anew.asked - kept + 1


def test_another_judge_and_other_criteria_have_folders_of_their_own(tmp_path: Path) -> None:
    folders = [entry(tmp_path, "a", long), entry(tmp_path, "b", short)]
    names = [
        held(folders, judge(longer)), held(folders, judge(longer, "second")),
        held(folders, judge(longer), gradings=("survey",)),
        held(folders, judge(longer), gradings=("survey",), criteria=("safe", "overall")),
        held(folders, judge(longer), reference=True), held(folders, judge(longer), limit=5),
    ]  # fmt: skip
    assert [str(each.folders[0].relative_to(tmp_path / "duels")) for each in names] == [
        "aci_bench@sample/judge", "aci_bench@sample/second", "aci_bench@sample/judge@survey",
        "aci_bench@sample/judge@survey+overall,safe", "aci_bench@sample/judge@reference",
        "aci_bench@sample,limit5/judge",
    ]  # fmt: skip
    assert [len(each.results[0].pairs) for each in names] == [1, 1, 8, 2, 2, 1]
    assert [each.results[0].samples for each in names] == [24, 24, 24, 24, 24, 5]
    assert names[2].results[0].criteria[:3] == ("overall", "professional", "safe")
    with pytest.raises(RequestError, match=r"was heard otherwise \(identity.model was 'judge', is now 'judgE'\)"):
        held(folders, judge(longer, "judgE"))


def test_against_the_makers_every_entry_duels_with_the_reference_answers(tmp_path: Path) -> None:
    def copied(request: Request) -> str:
        return references[request.messages[-1].content]

    a = entry(tmp_path, "a", short)
    rows = read(next(a.glob("*")), SAMPLES)
    references = {
        str(row["exchanges"][0]["messages"][-1]["content"]): str(row["references"][0])  # type: ignore[index]
        for row in rows
    }
    z = entry(tmp_path, "z", copied)
    engine = judge(longer)
    (result,) = held([z, a], engine, reference=True, anchor="reference").results
    assert [(each.first, each.second) for each in result.pairs] == [("a", "reference"), ("z", "reference")]
    assert [(each.wins, each.ties, each.losses) for each in result.pairs] == [(0, 0, 24), (0, 24, 0)]
    assert engine.asked == 2 * 24
    assert result.anchor == "reference"
    (alone,) = held([a], judge(longer), reference=True).results
    assert alone.pairs == result.pairs[:1]


def test_a_judge_that_is_kin_to_an_entry_is_told_of(tmp_path: Path) -> None:
    folders = [entry(tmp_path, "a", long, model="Qwen3-8B"), entry(tmp_path, "b", short, model="Llama-3-8B")]
    (result,) = held(folders, judge(longer, "Qwen2.5-72B")).results
    assert result.notes[0] == "a: the judge is of the model's family (qwen)"
    assert not [each for each in result.notes if each.startswith("b: the judge")]


def test_entries_that_answered_other_samples_are_refused_and_the_fields_named(tmp_path: Path) -> None:
    a, b = entry(tmp_path, "a", long), entry(tmp_path, "b", short, limit=5)
    engine = judge(longer)
    with pytest.raises(RequestError) as fault:
        held([a, b], engine)
    (said,) = fault.value.faults
    assert re.search(r"cannot be compared: they differ in data: \w{8} and \w{8}; limit: none and 5\. Run", said)
    manifest = next(b.glob("*/manifest.json"))
    text = manifest.read_text(encoding="utf-8").replace('"task_version": 1', '"task_version": 2')
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match="version of the task: 1 and 2; data"):
        held([a, b], engine)
    assert engine.asked == 0
    assert not (tmp_path / "duels").exists()


def test_everything_that_is_wrong_is_a_sentence(tmp_path: Path) -> None:
    a, b = entry(tmp_path, "a", long), entry(tmp_path, "b", short)
    entry(tmp_path, "b", short, limit=5)
    engine = judge(longer)
    for folders, said, why in (
        ([a], {}, "A duel takes two"),
        ([a, b], {}, "has several results of aci_bench"),
        ([a, tmp_path / "none"], {}, "no results of aci_bench there"),
        ([a, a], {}, "is named twice"),
        ([a], {"reference": True, "gradings": ("disc",)}, "whole dialogues are judged"),
        ([a], {"reference": True, "anchor": "z"}, "is not among the entries, which are a, reference"),
        ([a], {"reference": True, "gradings": ("kindness",)}, "There are cmb, disc, survey for it"),
        ([a], {"reference": True, "criteria": ("kind",)}, "There are overall; a grading brings more"),
        ([a], {"reference": True, "task": "medqa"}, "no results of medqa there"),
    ):  # fmt: skip
        with pytest.raises(RequestError, match=why):
            held(folders, engine, **said)  # type: ignore[arg-type]
    medeval.evaluate(model="baseline:longest", tasks="medqa", data="sample", reports=tmp_path, label="d")
    medeval.evaluate(model="baseline:majority", tasks="medqa", data="sample", reports=tmp_path, label="c")
    with pytest.raises(RequestError, match="its answers are options, not texts"):
        held([tmp_path / "d", tmp_path / "c"], engine, task="medqa")
    nobody = duels.Wish(entries=(a,), task=TASK, reports=tmp_path, reference=True)
    with pytest.raises(RequestError, match="No judge is named"):
        duels.duel(nobody, lambda: jury((), (), None, PLAIN))


def test_two_cells_of_one_entry_are_called_by_their_cells(tmp_path: Path) -> None:
    entry(tmp_path, "a", long)
    medeval.evaluate(
        model=Scripted(short, model="a"), tasks=TASK, data="sample", reports=tmp_path, label="a", style="written",
        chat=True, shots=1,
    )  # fmt: skip
    cells = sorted((tmp_path / "a").glob("*"))
    wish = duels.Wish(entries=tuple(cells), task=TASK, reports=tmp_path)
    (result,) = duels.duel(wish, lambda: jury((judge(longer),), (), None, PLAIN)).results
    assert result.entries == tuple([f"a/{cell.name}" for cell in cells])
    assert result.notes[0].startswith("asked in different ways: a/")


def test_a_judge_that_weighs_needs_no_words(tmp_path: Path) -> None:
    def weighed(request: Request) -> Reply:
        first, second = map(len, shown(request))
        return Response(logprobs=(-0.2, -3.0, -2.0) if first > second else (-2.0, -3.0, -0.2))

    folders = [entry(tmp_path, "a", long), entry(tmp_path, "b", short)]
    (result,) = held(folders, Scripted(weighed, model="judge")).results
    assert result.pairs[0].wins == 24
    assert "|weighed|" in result.protocol


def test_an_entry_with_several_answers_to_a_sample_is_compared_by_its_first(tmp_path: Path) -> None:
    def drawn(request: Request) -> str:
        return f"Note {request.decoding.seed}."

    medeval.evaluate(
        model=Scripted(drawn, model="a"), tasks=TASK, data="sample", reports=tmp_path, label="a", style="written",
        chat=True, repeats=3, temperature=0.7,
    )  # fmt: skip
    engine = judge(longer)
    (result,) = held([tmp_path / "a", entry(tmp_path, "b", long)], engine).results
    assert engine.asked == 2 * 24
    assert "a: answered every sample several times; its first answers are compared" in result.notes
