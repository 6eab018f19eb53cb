"""Samples asked in several wordings and shuffles: what is asked, where it is kept, and what it comes to."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Unpack

import pytest
from msgspec.structs import replace

import medeval
from medeval import evaluation
from medeval.catalog import find
from medeval.engines.base import Engine
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.evaluation import Evaluation, Options
from medeval.journal import Journal
from medeval.prompts import question_options
from medeval.records import ChoiceSample, Decoding, Estimate, Request, Response, Result, Setting, to_json
from medeval.reports import Manifest, cell_name, from_json
from medeval.sitting import Sitting, sit
from medeval.sources import Supply
from tests.conftest import choice

Exam = Callable[[int], Path]


def sat(task: str = "medqa", **how: Any) -> Sitting:
    named = find().named(task)
    own = Supply.only(named.samples)
    shots = own if how.get("shots") else None
    return sit(task, named.task, Setting(**{"data": "sample", **how}), own, shots)


def texts(sitting: Sitting) -> list[str]:
    """What every take asks, in plain text."""
    found = []
    for take in sitting.takes:
        talk = sitting.talk(take)
        (request,) = next(talk)
        talk.close()
        found.append(request.text)
    return found


def asked(request: Request) -> str:
    return request.text or request.messages[-1].content


def right(request: Request) -> str:
    """The label of the right option of the small exam, wherever it stands."""
    text = asked(request)
    number = int(re.findall(r"Question (\d+)\?", text)[-1])
    colour = ("red", "green", "blue", "grey")[number % 4]
    (label,) = re.findall(rf"^([A-D])\. {number} {colour}$", text, re.MULTILINE)
    return str(label)


def answered(request: Request, label: str) -> Response:
    return Response(text=f"Answer: {label}", logprobs=tuple([-float(each.label != label) for each in request.choices]))


def able(request: Request) -> Response:
    return answered(request, right(request))


def hung_up(request: Request) -> Response:
    """Right, but for one wording, in which it says A to everything."""
    return answered(request, "A" if "Correct option:" in asked(request) else right(request))


def evaluate(home: Path, model: Engine, label: str = "mine", **how: Unpack[Options]) -> Evaluation:
    return medeval.evaluate(
        model=model, tasks=["exam"], data=home / "data", reports=home / "reports", task_paths=[home / "exam.py"],
        label=label, **how,
    )  # fmt: skip


def values(found: Evaluation) -> Mapping[str, Estimate]:
    (result,) = found.results
    return {estimate.metric: estimate for estimate in result.estimates}


def refusals(home: Path, **how: Unpack[Options]) -> tuple[str, ...]:
    with pytest.raises(RequestError) as refused:
        evaluate(home, Scripted(able), **how)
    assert refused.value.exit_code == 2
    assert not (home / "reports").exists()
    return refused.value.faults


# --- takes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "variants"),
    [
        ({"wordings": 3}, 3),
        ({"order": "shuffled", "shuffles": 3}, 3),
        ({"order": "shuffled", "shuffles": 2, "wordings": 4}, 8),
        ({"order": "circular", "wordings": 2}, None),
    ],
)
@pytest.mark.parametrize("repeats", [1, 2])
def test_every_variant_and_repeat_of_a_sample_has_a_number_of_its_own(
    how: dict[str, Any], variants: int | None, repeats: int
) -> None:
    sitting = sat(style="written", repeats=repeats, decoding=Decoding(temperature=0.7), **how)
    places = [(take.number, take.variant, take.repeat) for take in sitting.takes]
    assert len({*places}) == len(places)
    assert places == sorted(places)
    by_sample = [{variant for each, variant, _ in places if each == number} for number in range(26)]
    assert all(found == {*range(variants or len(found))} for found in by_sample)
    assert len(places) == repeats * sum(map(len, by_sample))


def test_wordings_change_the_words_and_never_the_question() -> None:
    sitting = sat(wordings=4)
    said = texts(sitting)
    assert [take.sample for take in sitting.takes] == [sample for sample in sitting.samples for _ in range(4)]
    assert len({*said}) == len(said)
    # The first is what a plain run asks.
    assert said[::4] == texts(sat())
    assert said[0] == question_options(choice(sitting.samples[0]))


def test_shuffles_change_the_places_of_options_and_never_the_words() -> None:
    sitting = sat(order="shuffled", shuffles=4)
    by_sample = [[choice(take.sample) for take in sitting.takes[first : first + 4]] for first in range(0, 26 * 4, 4)]
    for sample, shown in zip(sitting.samples, by_sample, strict=True):
        for each in shown:
            assert each.question == choice(sample).question
            assert sorted(option.text for option in each.options) == sorted(o.text for o in choice(sample).options)
            # What was right goes with its text.
            assert right_texts(each) == right_texts(choice(sample))
    # Of 24 orders of four options, four draws of 26 questions: most questions see more than two.
    assert sum(len({tuple(o.text for o in each.options) for each in shown}) > 2 for shown in by_sample) > 13
    # The first is the order that one shuffle gives.
    assert [shown[0] for shown in by_sample] == [take.sample for take in sat(order="shuffled").takes]


def right_texts(sample: ChoiceSample) -> set[str]:
    return {option.text for option in sample.options if option.label in sample.target}


def test_every_shuffle_is_asked_in_every_wording() -> None:
    sitting = sat(order="shuffled", shuffles=2, wordings=3)
    arranged = [choice(take.sample).options for take in sitting.takes[:6]]
    assert arranged[:3] == [arranged[0]] * 3
    assert arranged[3:] == [arranged[3]] * 3
    frames = [re.sub(r"^[A-D]\. .*\n", "", text, flags=re.MULTILINE) for text in texts(sitting)[:6]]
    assert frames[:3] == frames[3:]
    assert len({*frames}) == 3


def test_solved_examples_are_worded_as_the_question_behind_them() -> None:
    sitting = sat(wordings=3, shots=2, shots_from="sample")
    for take, text in zip(sitting.takes[:12], texts(sitting)[:12], strict=True):
        ends = ("Answer:", "The best option is:", "Correct option:")
        mine, *others = ends[take.variant :] + ends[: take.variant]
        assert text.count(mine) == 3
        assert not any(other in text for other in others)


def test_a_seed_is_drawn_for_every_wording() -> None:
    sitting = sat(style="written", wordings=2, repeats=2, decoding=Decoding(temperature=0.7))
    seeds = [next(sitting.talk(take))[0].decoding.seed for take in sitting.takes]
    assert len({*seeds}) == len(seeds)


def test_each_question_of_a_task_in_two_languages_is_worded_in_its_own() -> None:
    english = sat(wordings=2)
    asian = replace(choice(sat("medqa_mainland").samples[0]), id="zh")
    named = find().named("medqa")
    mixed = Sitting(
        "medqa", named.task, english.setting, samples=[english.samples[0], asian], form=named.task.forms[0], data=""
    )  # fmt: skip
    assert texts(mixed)[1].endswith("The best option is:")
    assert texts(mixed)[3].endswith("最佳选项：")


# --- a run ----------------------------------------------------------------------------------------


def test_a_model_that_hangs_on_one_wording_shows_it(exam: Exam) -> None:
    home = exam(16)
    found = values(evaluate(home, Scripted(hung_up), wordings=4))
    # Right in three wordings; in one, A, which is right for a quarter.
    assert found["accuracy"].value == pytest.approx((3 + 1 / 4) / 4)
    assert found["accuracy_voted"].value == 1.0
    assert found["worst_variant"].value == pytest.approx(1 / 4)
    assert found["variant_spread"].value == pytest.approx(3 / 4)
    assert found["consistency"].value == pytest.approx(1 / 4)
    assert [found[name].better for name in ("worst_variant", "variant_spread", "consistency")] == [
        "higher", "lower", "higher",
    ]  # fmt: skip
    for name in ("worst_variant", "variant_spread", "consistency"):
        one = found[name]
        assert not one.beside
        assert (one.n, one.takes) == (16, 4)
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high


def test_a_model_that_hangs_on_no_word_shows_that(exam: Exam) -> None:
    found = values(evaluate(exam(12), Scripted(able), wordings=3, options="shuffled", shuffles=2))
    told = ("accuracy", "accuracy_voted", "worst_variant", "variant_spread", "consistency")
    assert [found[name].value for name in told] == [1.0, 1.0, 1.0, 0.0, 1.0]


def test_a_model_that_always_says_a_is_inconsistent_where_options_move(exam: Exam) -> None:
    home = exam(40)
    found = values(evaluate(home, Scripted(lambda request: answered(request, "A")), options="shuffled", shuffles=4))
    sitting = sat_of(home, order="shuffled", shuffles=4)
    shown = [choice(take.sample) for take in sitting.takes]
    variants = [[each.target == ("A",) for each in shown[variant::4]] for variant in range(4)]
    means = [sum(each) / 40 for each in variants]
    assert found["worst_variant"].value == pytest.approx(min(means))
    assert found["variant_spread"].value == pytest.approx(max(means) - min(means))
    first = [{choice(take.sample).options[0].text for take in sitting.takes[at : at + 4]} for at in range(0, 160, 4)]
    assert found["consistency"].value == pytest.approx(sum(len(each) == 1 for each in first) / 40)


def sat_of(home: Path, **how: Any) -> Sitting:
    named = find([home / "exam.py"]).named("exam")
    return sit("exam", named.task, Setting(**how), Supply(home / "data", offline=True))


def test_what_was_asked_once_tells_nothing_of_variants(exam: Exam) -> None:
    found = values(evaluate(exam(8), Scripted(able), options="shuffled"))
    assert {"worst_variant", "variant_spread", "consistency"}.isdisjoint(found)


@pytest.mark.parametrize("wordings", [1, 2])
def test_turns_of_the_options_are_no_variants_that_could_be_held_together(exam: Exam, wordings: int) -> None:
    found = values(evaluate(exam(8), Scripted(able), options="circular", wordings=wordings))
    assert found["consistency"].beside, "nobody asked for it"
    assert {"worst_variant", "variant_spread"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({"wordings": 2}, ["accuracy", "accuracy_voted", "consistency", "worst_variant", "variant_spread"]),
        (
            {"options": "shuffled", "shuffles": 2},
            ["accuracy", "accuracy_voted", "consistency", "worst_variant", "variant_spread"],
        ),
        ({"options": "circular"}, ["accuracy", "accuracy_voted", "accuracy_every"]),
        ({"style": "written", "repeats": 2, "temperature": 0.7}, ["accuracy", "accuracy_voted"]),
        ({"options": "shuffled"}, ["accuracy"]),
    ],
)
def test_what_is_told_of_variants_is_shown_to_those_who_asked_for_variants(
    exam: Exam, how: Options, shown: list[str]
) -> None:
    found = values(evaluate(exam(6), Scripted(able), **how))
    assert [name for name, each in found.items() if not each.beside] == shown


def test_every_distance_between_variants_is_reflected_and_holds_its_value(exam: Exam) -> None:
    found = values(evaluate(exam(24), Scripted(hung_up), wordings=3))
    for name in ("worst_variant", "variant_spread"):
        one = found[name]
        assert one.method == "reflected bootstrap"
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert 0.0 <= one.low <= one.value <= one.high <= 1.0


def test_questions_with_more_and_fewer_turns_can_be_asked_in_wordings(exam: Exam) -> None:
    home = exam(8)
    rows = home / "data" / "exam" / "rows.jsonl"
    lines = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    lines[3] = {**lines[3], "options": ["3 red", "3 green"], "answer": "A"}
    rows.write_text("".join([json.dumps(line) + "\n" for line in lines]), encoding="utf-8")
    found = values(evaluate(home, Scripted(lambda request: answered(request, "A")), options="circular", wordings=2))
    assert found["accuracy"].n == 8
    assert len(Journal(cell(home, "exam@circular,wordings2") / "journal.jsonl", writable=False)) == (7 * 4 + 2) * 2


def test_a_question_that_was_lost_in_one_wording_has_no_part_in_the_worst(exam: Exam) -> None:
    home = exam(8)

    def lame(request: Request) -> Response:
        if "Correct option:" in asked(request) and "Question 0?" in asked(request):
            return Response(text="", logprobs=(float("nan"),) * 4)
        return hung_up(request)

    found = values(evaluate(home, Scripted(lame), wordings=3))
    assert (found["accuracy"].n, found["accuracy"].failed) == (8, 1)
    assert found["worst_variant"].n == 7
    # Of the seven that are left, A is right for number 4 alone.
    assert found["worst_variant"].value == pytest.approx(1 / 7)
    assert found["variant_spread"].value == pytest.approx(6 / 7)


# --- journal, folder, signature -------------------------------------------------------------------


def cell(home: Path, name: str, label: str = "mine") -> Path:
    return home / "reports" / label / name


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("result.json", "samples.jsonl")}


def test_every_variant_has_a_place_of_its_own_in_the_journal(exam: Exam) -> None:
    home = exam(6)
    engine = Scripted(able)
    evaluate(home, engine, wordings=4, options="shuffled", shuffles=3)
    folder = cell(home, "exam@shuffled3,wordings4")
    journal = Journal(folder / "journal.jsonl", writable=False)
    lines = [*journal.lines()]
    journal.close()
    assert engine.asked == 6 * 12 == len(lines) == len({line.place for line in lines})
    assert len({(line.sample, line.variant) for line in lines}) == len(lines)
    assert {line.variant for line in lines} == {*range(12)}
    shown = [json.loads(line) for line in (folder / "samples.jsonl").read_bytes().splitlines()]
    assert [each["variant"] for each in shown] == [*range(12)] * 6


def test_a_run_in_wordings_goes_on_and_is_scored_again_to_the_byte(exam: Exam) -> None:
    home = exam(8)
    how: Options = {"wordings": 4, "options": "shuffled", "shuffles": 2}
    evaluate(home, Scripted(hung_up), **how)
    folder = cell(home, "exam@shuffled2,wordings4")
    before = files(folder)
    again = Scripted(hung_up)
    evaluate(home, again, **how)
    assert (again.asked, files(folder)) == (0, before)
    for name in before:
        (folder / name).unlink()
    evaluation.rescore(folder.parent, str(home / "data"), [home / "exam.py"])
    assert files(folder) == before


def test_a_recording_is_played_again_in_its_wordings(exam: Exam) -> None:
    home = exam(8)
    first = evaluate(home, Scripted(hung_up), wordings=3, options="shuffled", shuffles=2)
    again = medeval.evaluate(
        model=f"recorded:{first.folders[0].parent}", tasks=["exam"], data=home / "data", reports=home / "reports",
        task_paths=[home / "exam.py"], label="again",
    )  # fmt: skip
    assert again.unsettled == 0
    assert [path.name for path in again.folders] == ["exam@shuffled2,wordings3"]
    assert again.results[0].estimates == first.results[0].estimates
    assert again.results[0].signature == first.results[0].signature


def test_what_a_recording_lacks_is_no_answer(exam: Exam) -> None:
    home = exam(4)
    first = evaluate(home, Scripted(able), wordings=2)
    again = medeval.evaluate(
        model=f"recorded:{first.folders[0].parent}", tasks=["exam"], data=home / "data", reports=home / "reports",
        task_paths=[home / "exam.py"], label="again", wordings=3,
    )  # fmt: skip
    # The third wording of four questions was never asked.
    assert again.unsettled == 4


@pytest.mark.parametrize(
    ("how", "folder", "part"),
    [
        ({}, "exam", "letters"),
        ({"wordings": 4}, "exam@wordings4", "letters-wordings4"),
        ({"options": "shuffled"}, "exam@shuffled", "letters-shuffled"),
        ({"options": "shuffled", "shuffles": 3}, "exam@shuffled3", "letters-shuffled3"),
        ({"options": "circular", "wordings": 2}, "exam@circular,wordings2", "letters-circular-wordings2"),
        (
            {"options": "shuffled", "shuffles": 3, "wordings": 2, "style": "written"},
            "exam@written,shuffled3,wordings2",
            "written-shuffled3-wordings2",
        ),
    ],
)
def test_folder_and_signature_name_the_variants(exam: Exam, how: Options, folder: str, part: str) -> None:
    found = evaluate(exam(4), Scripted(able), **how)
    assert [path.name for path in found.folders] == [folder]
    assert found.results[0].protocol.split("|")[1] == part


def test_other_variants_are_other_prompts(exam: Exam) -> None:
    home = exam(4)
    hows: list[Options] = [{}, {"wordings": 2}, {"wordings": 3}, {"options": "shuffled", "shuffles": 3}]
    found = [evaluate(home, Scripted(able), **how).results[0] for how in hows]
    assert len({result.prompt for result in found}) == 4
    # The data is the same, however it is shown.
    assert len({result.data for result in found}) == 1


# --- what was before ------------------------------------------------------------------------------


def test_plain_runs_are_named_as_before() -> None:
    assert cell_name("medqa", Setting()) == "medqa"
    assert cell_name("medqa", Setting(order="shuffled")) == "medqa@shuffled"
    assert cell_name("medqa", Setting(style="written", shots=5, data="sample", limit=9)) == (
        "medqa@written,5shot,sample,limit9"
    )


def test_manifests_and_results_from_before_wordings_are_read(exam: Exam) -> None:
    home = exam(4)
    evaluate(home, Scripted(able), options="shuffled")
    folder = cell(home, "exam@shuffled")
    kinds: dict[str, type[Manifest | Result]] = {"manifest.json": Manifest, "result.json": Result}
    for name, kind in kinds.items():
        now = from_json((folder / name).read_bytes(), kind, name)
        old = json.loads(to_json(now))
        assert (old["setting"].pop("wordings"), old["setting"].pop("shuffles")) == (1, 1)
        assert from_json(json.dumps(old).encode(), kind, name) == now


def test_the_prompts_of_plain_runs_are_those_of_before(exam: Exam) -> None:
    heard: list[str] = []

    def listen(request: Request) -> Response:
        heard.append(request.text)
        return able(request)

    home = exam(2)
    evaluate(home, Scripted(listen))
    assert sorted(heard) == [
        f"Question: Question {n}?\nA. {n} red\nB. {n} green\nC. {n} blue\nD. {n} grey\nAnswer:" for n in range(2)
    ]


# --- wrong wishes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"wordings": 5}, r"exam: has 4 wordings here, not 5\. Ask for fewer --wordings\."),
        ({"wordings": 2, "protocol": "mirage"}, r"Protocol 'mirage' is one wording: leave --wordings away\."),
        ({"wordings": 0}, r"--wordings 0: it goes from 1 to inf\."),
        ({"shuffles": 0}, r"--shuffles 0: it goes from 1 to inf\."),
        ({"shuffles": 3}, r"--shuffles 3 goes with --options shuffled\."),
        ({"shuffles": 3, "options": "circular"}, r"--shuffles 3 goes with --options shuffled\."),
    ],
)
def test_a_wish_that_cannot_be_is_one_sentence(exam: Exam, how: Options, sentence: str) -> None:
    (fault,) = refusals(exam(4), **how)
    assert re.fullmatch(sentence, fault)


@pytest.mark.parametrize(
    ("task", "style"), [("aci_bench", "written"), ("medqa", "options"), ("medqa_mainland", "options")]
)
def test_what_has_one_wording_cannot_be_asked_in_two(task: str, style: Any) -> None:
    with pytest.raises(RequestError, match=rf"^{task}: has one wording here, not 2\. Ask for fewer --wordings\.$"):
        sat(task, style=style, wordings=2)


def test_words_in_no_order_are_not_shuffled_but_can_be_asked_in_wordings() -> None:
    assert len(sat("pubmedqa", wordings=4).takes) == 4 * 25
    with pytest.raises(RequestError, match="its options are words with no order"):
        sat("pubmedqa", order="shuffled", shuffles=2)


def test_texts_made_elsewhere_have_no_wordings(exam: Exam) -> None:
    home = exam(4)
    said = home / "said.jsonl"
    said.write_text("".join([json.dumps({"id": str(n), "text": "Answer: A"}) + "\n" for n in range(4)]))
    with pytest.raises(RequestError, match="answer each question once, as it is published"):
        medeval.evaluate(
            model=f"recorded:{said}", tasks=["exam"], data=home / "data", reports=home / "reports",
            task_paths=[home / "exam.py"], style="written", wordings=2,
        )  # fmt: skip
