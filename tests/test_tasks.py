"""Every task of the project is tested by existing."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest

import medeval
from medeval.catalog import Named, find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.evaluation import score_predictions
from medeval.openings import Means
from medeval.planning import Plan
from medeval.records import (
    CaseSample,
    ChoiceSample,
    DialogueSample,
    Estimate,
    Failure,
    OpenSample,
    Reply,
    Request,
    Response,
    Result,
    Sample,
    Setting,
    Style,
)
from medeval.sitting import Sitting, sit
from medeval.sources import Supply, read_rows
from tests.conftest import choice

CATALOG = find()
GOLDENS = Path(__file__).parent / "goldens" / "prompts"
EXAMS = [named for named in CATALOG.tasks.values() if named.task.chance and not named.task.budget]
"""Where something can be guessed there are options."""
TEXTS = [named for named in CATALOG.tasks.values() if named.file.stem == "aci_bench"]
"""Notes, of which a whole one is wanted."""
VALUES = [
    named for named in CATALOG.tasks.values() if "value_read" in {metric.name for metric in named.task.also}
]  # fmt: skip
"""A number, a date, the points of a score: what is computed, and stated in a few words."""
TALKS = [named for named in CATALOG.tasks.values() if named not in (*EXAMS, *TEXTS, *VALUES)]
"""Dialogues, consultations, sections of notes, answers to patients."""
every_task = pytest.mark.parametrize("named", CATALOG.tasks.values(), ids=lambda named: named.name)
every_talk = pytest.mark.parametrize("named", TALKS, ids=lambda named: named.name)
every_exam = pytest.mark.parametrize("named", EXAMS, ids=lambda named: named.name)


def asked_in(*styles: Style, among: Collection[Named] = (*EXAMS, *TEXTS, *VALUES)) -> pytest.MarkDecorator:
    """Every task in those of the styles that it has, as plain text."""
    cases = [
        pytest.param(named, style, id=f"{named.name}-{style}")
        for named in among
        for style in styles
        if named.task.wording(style, chat=False)
    ]
    return pytest.mark.parametrize(("named", "style"), cases)


OWN_ROWS, MORE_OWN_ROWS, TALKED_ROWS = 24, 8, 3
"""Of every task; of the further ones of a family, whose files have one shape and whose rows are long; and of talks."""


SUBJECTS = {
    "anatomy": (135, "C", 33.3),
    "clinical_knowledge": (265, "D", 29.8),
    "college_biology": (144, "D", 26.4),
    "college_medicine": (173, "D", 33.5),
    "medical_genetics": (100, "A", 30.0),
    "professional_medicine": (272, "D", 44.9),
}
"""Of the six subjects of MMLU: the questions, the commonest answer, and its share in per cent."""

# What must come out on the real data: published majorities, and the longest option where it is published.
FLOORS = {
    ("majority", "medqa", "accuracy"): 27.73,
    ("majority", "pubmedqa", "accuracy"): 55.20,
    ("majority", "pubmedqa", "macro_f1"): 23.71,
    ("majority", "medmcqa", "accuracy"): 32.23,
    ("longest", "medmcqa", "accuracy"): 30.86,
    ("longest", "mmlu_medical", "micro_accuracy"): 29.5,
    **{("majority", f"mmlu_medical_{name}", "accuracy"): share for name, (_, _, share) in SUBJECTS.items()},
}


def own_rows(named: Named) -> Supply:
    return Supply.only(named.samples)


def sample_sitting(named: Named, style: Style, *, chat: bool = False, shots: int = 0) -> Sitting:
    setting = Setting(data="sample", style=style, chat=chat, shots=shots)
    return sit(named.name, named.task, setting, own_rows(named))


def sample_run(named: Named, script: Callable[[Request], Reply | str], tmp_path: Path, style: Style) -> Result:
    found = medeval.evaluate(model=Scripted(script), tasks=[named.name], data="sample", reports=tmp_path, style=style)
    return found.results[0]


@every_task
def test_there_are_sample_rows_of_our_own_and_exemplars(named: Named) -> None:
    task = named.task
    samples, form = task.load(named.name, own_rows(named), sample=True)
    further = named in (*TEXTS, *VALUES) and named.name != named.file.stem
    assert len(samples) >= (TALKED_ROWS if named in TALKS else MORE_OWN_ROWS if further else OWN_ROWS)
    if not form.exemplars:
        return
    shown = task.exemplars(form, own_rows(named), sample=True)
    assert not {each.stem for each in shown} & {sample.stem for sample in samples}
    # Where examples are of the same class as the question, every class has them.
    parts = {sample.slices[task.exemplars_by] if task.exemplars_by else "" for sample in samples}
    for part in parts:
        wanted = task.manners["base"].shots if named in TALKS else 1 if named in VALUES else 5
        assert sum(not part or each.slices[task.exemplars_by] == part for each in shown) >= wanted


@every_task
def test_every_form_of_a_task_has_another_name(named: Named) -> None:
    names = [form.name for form in named.task.forms]
    assert len({*names}) == len(names)


# --- what is asked ------------------------------------------------------------------------


def written_down(sitting: Sitting, count: int) -> str:
    """The first questions, as they are brought before a model."""
    pages = []
    for take in sitting.takes[:count]:
        request, *_ = next(sitting.talk(take))
        page = request.text + "\n".join([f"[{turn.role}]\n{turn.content}" for turn in request.messages])
        choices = [json.dumps(choice.text, ensure_ascii=False) for choice in request.choices]
        pages.append(page + (f"\n-> {' '.join(choices)}" if choices else ""))
    return "\n=====\n".join(pages) + "\n"


def compare(golden: Path, asked: str) -> None:
    if os.environ.get("MEDEVAL_WRITE_GOLDENS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(asked, encoding="utf-8")
    assert asked == golden.read_text(encoding="utf-8"), "make goldens; then read the diff"


def golden_ways() -> list[tuple[str, str]]:
    """Every way of every task; of MMLU's subjects, which differ in a word, one stands for all, as one does of notes."""
    left_out = {f"mmlu_medical_{name}" for name in SUBJECTS} - {"mmlu_medical_anatomy"}
    left_out |= {named.name for named in (*TEXTS, *VALUES) if named.name != named.file.stem}
    left_out |= {name for name in CATALOG.tasks if name.startswith("cmmlu_medical_")} - {"cmmlu_medical_anatomy"}
    left_out |= {"healthbench_hard", "healthbench_consensus", "mts_dialog_test2", "mts_dialog_valid"}
    return [(name, way) for name, named in CATALOG.tasks.items() if name not in left_out for way in named.task.wordings]


@pytest.mark.parametrize(("name", "way"), golden_ways())
def test_the_golden_prompts_are_what_is_asked(name: str, way: str) -> None:
    named = CATALOG.named(name)
    (style,) = [style for style in get_args(Style) if style == way.partition(":")[0]]
    # A wording without `:plain` beside one that has it is for chats.
    chat = way.endswith(":chat") or f"{way}:plain" in named.task.wordings
    asked = written_down(sample_sitting(named, style, chat=chat), 3)
    compare(GOLDENS / f"{name}.{way.replace(':', '-')}.txt", asked)


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("cmb_exam", "written"), ("mmlu_medical_anatomy", "letters"), ("medqa_mainland", "written"),
        ("aci_bench", "written"),
    ],
)  # fmt: skip
def test_the_golden_prompts_with_five_examples_are_what_is_asked(name: str, style: Style) -> None:
    asked = written_down(sample_sitting(CATALOG.named(name), style, shots=5), 1)
    compare(GOLDENS / f"{name}.{style}-5shot.txt", asked)


def test_there_is_no_golden_prompt_of_nothing() -> None:
    wanted = {f"{name}.{way.replace(':', '-')}.txt" for name, way in golden_ways()}
    there = {path.name for path in GOLDENS.iterdir()}
    assert {name for name in there - wanted if "-5shot" not in name} == set()


@asked_in("letters", "written", "reasoned", among=EXAMS)
def test_a_question_shows_every_option(named: Named, style: Style) -> None:
    sitting = sample_sitting(named, style)
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        listed = [f"{option.label}. {option.text}" for option in choice(take.sample).options if not option.anchored]
        assert [line for line in listed if line not in request.text.splitlines()] == []


@asked_in("written", among=TEXTS)
def test_a_text_is_asked_for_with_all_that_it_is_about_and_nothing_of_what_is_wanted(
    named: Named, style: Style
) -> None:
    sitting = sample_sitting(named, style)
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        assert isinstance(take.sample, OpenSample)
        assert take.sample.source in request.text
        assert not [each for each in take.sample.references if each in request.text]


@asked_in("written", "reasoned", among=VALUES)
def test_a_value_is_asked_for_with_all_that_it_is_computed_from(named: Named, style: Style) -> None:
    sitting = sample_sitting(named, style)
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        assert isinstance(take.sample, OpenSample)
        assert take.sample.stem in request.text
        assert f"Answer: {take.sample.references[0]}" not in request.text


@pytest.mark.parametrize(
    "named",
    [named for named in EXAMS if named.task.wording("letters", chat=True) and named.task.forms[0].exemplars],
    ids=lambda named: named.name,
)  # fmt: skip
def test_solved_examples_of_a_chat_about_letters_say_what_is_scored(named: Named) -> None:
    sitting = sample_sitting(named, "letters", chat=True, shots=3)
    (request,) = next(sitting.talk(sitting.takes[0]))
    said = [turn.content for turn in request.messages if turn.role == "assistant"]
    assert len(said) == 3
    assert {*said} <= {each.text for each in request.choices}


# --- what is scored -----------------------------------------------------------------------


BEST = {"higher": 1.0, "lower": 0.0}
BESIDE = {"confident": 1.0, "refusal_rate": 0.0, "bleu4": 1.0, "token_f1": 1.0, "length_ratio": 1.0, "ece": 0.0}
"""Some of what is told beside, and what an oracle has of it where it is told."""
OF_THEMSELVES = ("distinct_1", "distinct_2", "corpus_distinct_1", "corpus_distinct_2")
"""What a text has by itself, whatever it is held against: the best text is not the most varied one."""


def oracle(named: Named, style: Style) -> Callable[[Request], Reply | str]:
    """A model that knows what is right, and is sure of it."""
    sitting = sample_sitting(named, style)
    right = {next(sitting.talk(take))[0].text: take.sample for take in sitting.takes}

    def script(request: Request) -> Reply | str:
        sample = right[request.text]
        if isinstance(sample, OpenSample):
            return f"Answer: {sample.references[0]}" if named in VALUES else sample.references[0]
        if not request.choices:
            labels = "".join(sample.right)
            return f"答案是{labels}。" if sample.language == "zh" else f"The answer is {labels}."
        if style == "letters":
            return Response(
                logprobs=tuple([-1e-6 if each.label in sample.right else -20.0 for each in request.choices])
            )
        # A long right option is less likely as a whole than a short wrong one.
        marks = [-0.1 if each.label in sample.right else -1.0 for each in request.choices]
        lengths = [len(each.text) for each in request.choices]
        return Response(logprobs=tuple([mark * length for mark, length in zip(marks, lengths, strict=True)]))

    return script


def best(estimate: Estimate, seen: float) -> float | None:
    """What an oracle has; none: a number that has no best, or not that of its samples."""
    if estimate.metric == "macro_f1" and estimate.beside:
        return seen  # labels are fixed, and one that is never right has an F1 of 0
    has_one = estimate.better and estimate.metric not in OF_THEMSELVES
    return BESIDE.get(estimate.metric, BEST[estimate.better] if has_one else None)


@asked_in(*get_args(Style))
def test_an_oracle_scores_best_on_every_metric(named: Named, style: Style, tmp_path: Path) -> None:
    result = sample_run(named, oracle(named, style), tmp_path, style)
    known_by = [estimate.value for estimate in result.estimates if not estimate.beside]
    assert known_by == [1.0] * len(named.task.metrics)
    assert result.first.unread == result.first.failed == 0
    table = next((each for each in result.tables if each.name == "confusion"), None)
    golds = [sum(number for number in row if isinstance(number, float)) for row in table.rows] if table else [1.0]
    wanted = {each.metric: best(each, sum(map(bool, golds)) / len(golds)) for each in result.estimates}
    found = {each.metric: each.value for each in result.estimates}
    without = {name for name, value in found.items() if value is None}
    # Where all is right no right answer is told from a wrong one; and a label that is never right has no recall.
    never = {f"recall_{row[0]}" for row, gold in zip(table.rows if table else (), golds, strict=False) if not gold}
    assert without == never | ({"auroc"} if style == "letters" else set())
    told = {name: value for name, value in wanted.items() if value is not None and name not in without}
    assert {name: found[name] for name in told} == pytest.approx(told, abs=2e-4)
    assert {"chance_corrected", "bleu4", "value_read"} & {*told}, "what is told beside is there"
    if style == "letters":
        assert {"ece", "brier", "log_loss", "aurc", "confident_accuracy", "coverage_at_5_risk"} <= {*told}


@asked_in("letters", "written", "reasoned", among=EXAMS)
def test_an_oracle_confuses_nothing(named: Named, style: Style, tmp_path: Path) -> None:
    result = sample_run(named, oracle(named, style), tmp_path, style)
    tables = {table.name: table for table in result.tables}
    assert {*tables} == ({"confusion", "reliability", "risk_coverage"} if style == "letters" else {"confusion"})
    off = [
        number for row, counts in enumerate(tables["confusion"].rows)
        for column, number in enumerate(counts[1:]) if column != row
    ]  # fmt: skip
    assert {*off} == {0.0}


@asked_in("written", "reasoned")
def test_a_mute_model_is_all_unread_and_wrong(named: Named, style: Style, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: "", tmp_path, style)
    assert result.first.unread == result.first.n
    assert {estimate.value for estimate in result.estimates if not estimate.beside} == {0.0}
    assert {each.metric for each in result.estimates if each.better == "higher" and (each.value or 0) > 0} == set()
    # Who says nothing says it in no language, and leaves out no line that was not asked for.
    found = {each.metric: (each.value, each.n) for each in result.estimates}
    assert found["language_kept"] == (0.0, result.first.n)
    assert found.get("format_kept", (0.0, result.first.n)) == (0.0, result.first.n)


@asked_in(*get_args(Style))
def test_a_broken_engine_is_no_wrong_answer(named: Named, style: Style, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: Failure(failure="engine_error", reason="gone"), tmp_path, style)
    assert (result.first.value, result.first.n) == (None, 0)
    assert f"partial: {result.first.failed} not measured" in result.flags


@every_talk
def test_a_mute_model_says_nothing_in_a_talk_and_has_nothing(named: Named, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: "", tmp_path, "written")
    assert result.first.unread == result.first.n > 0
    assert {each.metric for each in result.estimates if each.better == "higher" and (each.value or 0) > 0} == set()


@every_talk
def test_a_broken_engine_leaves_a_talk_unmeasured(named: Named, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: Failure(failure="engine_error", reason="gone"), tmp_path, "written")
    assert (result.first.value, result.first.n) == (None, 0)
    assert f"partial: {result.first.failed} not measured" in result.flags


@pytest.mark.parametrize("named", [each for each in TALKS if each.task.metrics[0].better], ids=lambda named: named.name)
def test_an_oracle_of_talks_says_what_is_wanted_and_scores_best(named: Named, tmp_path: Path) -> None:
    result = sample_run(named, knowing(named), tmp_path, "written")
    known_by = {each.metric: each.value for each in result.estimates if not each.beside and each.better == "higher"}
    assert known_by
    assert {*known_by.values()} == {1.0}
    assert (result.first.unread, result.first.failed) == (0, 0)


def knowing(named: Named) -> Callable[[Request], str]:
    """A model that answers every question of the sample rows with its reference, and a case with its diagnosis."""
    sitting = sample_sitting(named, "written")
    said: dict[str, str] = {}
    for take in sitting.takes:
        sample, talk = take.sample, sitting.talk(take)
        requests = next(talk)
        if isinstance(sample, DialogueSample):
            for turn in sample.turns:
                said[requests[0].text] = turn.reference
                with suppress(StopIteration):
                    requests = talk.send((Response(text=turn.reference),))
            continue
        what = f"Answer: {sample.right[0]}" if isinstance(sample, CaseSample) else solved(named, sample)
        said.update({request.text: what for request in requests})
    return lambda request: said[request.text]


def solved(named: Named, sample: Sample) -> str:
    """What a solved example says, or the reference."""
    assert isinstance(sample, OpenSample)
    return named.task.solution(sample, "written") if named.task.solution else sample.references[0]


@every_exam
def test_guessing_lands_near_the_declared_chance(named: Named, tmp_path: Path) -> None:
    hits = asked = 0.0
    for seed in range(20):
        found = medeval.evaluate(
            model="baseline:random", tasks=[named.name], data="sample", reports=tmp_path / str(seed), seed=seed,
            style="written",
        )  # fmt: skip
        first = found.results[0].first
        hits += (first.value or 0.0) * first.n
        asked += first.n
    chance = named.task.chance
    assert abs(hits / asked - chance) < 4 * (chance * (1 - chance) / asked) ** 0.5


@every_exam
def test_a_guess_is_the_same_in_every_style(named: Named, tmp_path: Path) -> None:
    styles = [style for style in get_args(Style) if named.task.wording(style, chat=False)]
    values = {
        style: medeval.evaluate(
            model="baseline:random", tasks=[named.name], data="sample", reports=tmp_path, style=style, seed=1
        ).results[0].first.value
        for style in styles
    }  # fmt: skip
    assert len({*values.values()}) == 1


@pytest.mark.parametrize("named", TEXTS, ids=lambda named: named.name)
@pytest.mark.parametrize("rule", ["majority", "overlap"])
def test_the_floors_of_texts_are_others_references_and_the_source(named: Named, rule: str, tmp_path: Path) -> None:
    found = medeval.evaluate(model=f"baseline:{rule}", tasks=[named.name], data="sample", reports=tmp_path)
    values = {estimate.metric: estimate.value or 0.0 for estimate in found.results[0].estimates}
    assert (values["exact_match"], found.results[0].first.unread) == (0.0, 0)
    assert values["copy_rate"] == 1.0 if rule == "overlap" else values["copy_rate"] < 0.1
    # Notes of other visits have the form of a note and not its matter, and a conversation has it the other way round.
    assert 0.0 < values["rouge2"] < values["rouge1"] < 0.6


@pytest.mark.parametrize("named", VALUES, ids=lambda named: named.name)
@pytest.mark.parametrize("rule", ["majority", "longest", "overlap"])
def test_a_value_is_not_got_by_copying_the_question_or_the_value_of_another(
    named: Named, rule: str, tmp_path: Path
) -> None:
    found = medeval.evaluate(model=f"baseline:{rule}", tasks=[named.name], data="sample", reports=tmp_path)
    first = found.results[0].first
    assert (first.value or 0.0) < 0.15
    assert (first.unread, first.failed) == (0, 0)


# --- the real data ------------------------------------------------------------------------


@every_task
def test_the_real_data_load_and_have_as_many_rows_as_declared(named: Named, real: Path) -> None:
    supply = Supply.only(real)
    form = named.task.form_in(supply)
    if not all(supply.find(named.task.folder, source) for source in form.files):
        pytest.skip(f"the real data have no {named.name}")
    samples, form = named.task.load(named.name, supply)
    assert len(samples) == (form.rows or named.task.rows)
    assert form.pinned


@pytest.mark.parametrize("rule", ["majority", "longest"])
def test_the_floors_come_out_on_the_real_data(rule: str, real: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(
        model=f"baseline:{rule}", tasks=["exams_en", "mmlu_medical"], data=real, reports=tmp_path, offline=True
    )
    values = {
        (rule, result.task, estimate.metric): 100 * (estimate.value or 0)
        for result in found.results
        for estimate in result.estimates
    }
    wanted = {key: value for key, value in FLOORS.items() if key[0] == rule}
    # As many digits as are published.
    assert {key: round(values[key], len(str(said).split(".")[1])) for key, said in wanted.items()} == wanted


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_of_mmlu_has_the_published_rows_and_commonest_answer(subject: str, real: Path) -> None:
    count, letter, share = SUBJECTS[subject]
    name = f"mmlu_medical_{subject}"
    task = CATALOG.named(name).task
    samples, form = task.load(name, Supply.only(real))
    assert len(samples) == task.rows == count
    ((commonest, times),) = Counter(choice(sample).target for sample in samples).most_common(1)
    assert (commonest, round(100 * times / count, 1)) == ((letter,), share)
    assert len(task.exemplars(form, Supply.only(real))) == 5


def test_the_group_of_six_subjects_weighs_them_alike_or_by_their_questions(real: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(
        model=Scripted(lambda _: Response(logprobs=(-3.0, -2.0, -2.0, -0.5))), tasks="mmlu_medical", data=real,
        reports=tmp_path, offline=True,
    )  # fmt: skip
    hits, counts = [], []
    for subject in SUBJECTS:
        with open(real / "mmlu" / "test" / f"{subject}_test.csv", encoding="utf-8", newline="") as file:
            golds = [row[5] for row in csv.reader(file)]
        hits.append(golds.count("D"))
        counts.append(len(golds))
    *members, group = found.results
    assert group.members == tuple([f"mmlu_medical_{subject}" for subject in SUBJECTS])
    values = {estimate.metric: estimate.value for estimate in group.estimates}
    assert values == {
        "macro_accuracy": pytest.approx(sum(hit / count for hit, count in zip(hits, counts, strict=True)) / 6),
        "micro_accuracy": pytest.approx(sum(hits) / 1089),
    }
    assert round(100 * (values["micro_accuracy"] or 0), 1) == 32.3
    assert {estimate.n for estimate in group.estimates} == {1089}
    assert [member.first.n for member in members] == counts


def test_pubmedqa_asks_the_official_five_hundred_and_never_shows_the_conclusion(real: Path) -> None:
    named = CATALOG.named("pubmedqa")
    samples, _ = named.task.load("pubmedqa", Supply.only(real))
    truth = {row["_id"]: row["value"] for row in read_rows(real / "pubmedqa" / "test_ground_truth.json")}
    assert {sample.id: choice(sample).target[0] for sample in samples} == truth
    rows = {row["_id"]: row for row in read_rows(real / "pubmedqa" / "ori_pqal.json")}
    assert list(rows)[-500:] != [sample.id for sample in samples]
    for sample in samples:
        for wording in named.task.wordings.values():
            assert rows[sample.id]["LONG_ANSWER"] not in wording(sample)


def test_both_forms_of_medmcqa_mean_the_same_option() -> None:
    original, hub = CATALOG.named("medmcqa").task.forms
    row = {"_id": "0", "id": "s1", "question": "?", "subject_name": "Skin", **{f"op{x}": x for x in "abcd"}}
    for form, third in ((original, 3), (hub, 2)):
        sample = form.to_sample({**row, "cop": third})
        assert isinstance(sample, ChoiceSample)
        assert sample.target == ("C",)
    for form, wrong in ((original, 0), (original, 5), (hub, -1), (hub, 4)):
        with pytest.raises(ValueError, match="cop is"):
            form.to_sample({**row, "cop": wrong})


def test_a_hidden_test_answer_of_medmcqa_is_told_apart(tmp_path: Path) -> None:
    # The hub's test split carries -1 for every answer.
    from pyarrow import Table, parquet

    row = {"id": "s1", "question": "?", "subject_name": "Skin", "cop": -1, **{f"op{x}": x for x in "abcd"}}
    path = tmp_path / "medmcqa" / "data" / "validation-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    parquet.write_table(Table.from_pylist([row]), path)
    with pytest.raises(DataError, match="row 1: ValueError: cop is -1"):
        CATALOG.named("medmcqa").task.load("medmcqa", Supply.only(tmp_path), sample=True)


def test_the_two_options_with_one_text_of_medmcqa_are_counted(real: Path) -> None:
    samples, _ = CATALOG.named("medmcqa").task.load("medmcqa", Supply.only(real))
    assert sum(len({option.text for option in choice(sample).options}) < 4 for sample in samples) == 21


def test_the_stray_quotes_of_medqa_are_gone_and_whole_quotations_are_not(real: Path) -> None:
    samples, _ = CATALOG.named("medqa").task.load("medqa", Supply.only(real))
    texts = [option.text for sample in samples for option in choice(sample).options]
    assert not [text for text in texts if text.endswith('"') and text.count('"') % 2]
    assert sum(text.startswith('"') for text in texts) == 12


@pytest.mark.parametrize(
    ("file", "published"),
    [
        ("test1_gpt4.csv", {"rouge1": 51.76, "rouge2": 22.58, "rougeLsum": 45.97}),
        ("test1_bart_large_full.csv", {"rouge1": 41.76, "rouge2": 19.20, "rougeLsum": 34.70}),
    ],
)
def test_published_notes_of_aci_bench_have_the_published_rouge(
    file: str, published: dict[str, float], real: Path, tmp_path: Path
) -> None:
    plan = Plan(
        model="", tasks=("aci_bench",), data=str(real), reports=tmp_path, label="theirs", style="written",
        means=Means(offline=True), elsewhere=True,
    )  # fmt: skip
    found = score_predictions(plan, real / "predictions" / "aci_bench" / file, "note", by_order=True)
    (result,) = found.results
    values = {estimate.metric: 100 * (estimate.value or 0) for estimate in result.estimates}
    assert {name: round(values[name], 2) for name in published} == published
    # What the paper prints as ROUGE-L is the value line by line, which is far from that of the whole.
    assert published["rougeLsum"] - values["rougeL"] > 5
    assert (result.first.n, result.first.failed) == (40, 0)
