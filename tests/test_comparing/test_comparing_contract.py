"""What must be the same in two cells, field by field; and what may differ, and is then told."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace

from medeval.comparing.contract import TREATMENTS, Change, Terms, terms, together, treatments
from medeval.comparing.sides import Side
from medeval.errors import RequestError
from medeval.gradings import CMB
from medeval.records import Decoding, Identity, Setting
from medeval.reports import Sworn
from tests.test_comparing.made import CONDITIONS, JUDGE, MODEL, PROTOCOL, SETTING, SWORN, cell, lines, one

DRAWN = Decoding(max_tokens=64)
OTHERWISE: Mapping[str, tuple[object, str]] = {
    "chat": (True, "prompt"), "system": ("You are a doctor.", "prompt"), "prefill": ("Answer:", "prompt"),
    "shots": (5, "prompt"), "shots_from": ("sample", "prompt"), "order": ("shuffled", "prompt"),
    "shuffles": (3, "prompt"), "wordings": (2, "prompt"), "protocol": ("lm-eval", "prompt"),
    "patient": ("org/patient", "prompt"), "elsewhere": (True, "prompt"), "style": ("reasoned", "prompt"),
    "thinking": ("on", "decoding"), "limit": (100, "data"), "data": ("sample", "task"),
}  # fmt: skip
"""Fields of a setting: another value, and the kind of the change."""
CALLED = {"data": "rows"}
DICE = {"seed": 7, "repeats": 5}
"""Fields that change only which throw of the dice it is, and how often they were thrown."""
DRAWS: Mapping[str, object] = {
    "max_tokens": 512, "temperature": 0.7, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "presence_penalty": 0.5,
    "frequency_penalty": 0.5, "repetition_penalty": 1.1, "stop": ("\n",),
}  # fmt: skip
WHOSE: Mapping[str, tuple[object, str]] = {
    "model": ("org/other", "model"), "content": ("beef", "model"), "adapter": ("lora", "model"),
    "engine": ("hf", "engine"), "version": ("0.12", "engine"), "dtype": ("float16", "engine"),
    "quantisation": ("awq", "engine"), "max_length": (2048, "engine"), "arguments": ("enforce_eager", "engine"),
}  # fmt: skip


def sided(root: Path, name: str, **how: object) -> Side:
    return one(cell(root, name, lines([1.0, 0.0, 1.0]), **how))  # type: ignore[arg-type]


def against(root: Path, **how: object) -> tuple[Side, Side]:
    """A cell, and one that is otherwise in what is said."""
    return sided(root, "base"), sided(root, "new", **how)


def fields(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(each.kind, each.field) for each in changes]


def held_alone(base: Side, new: Side, kind: str, field: str) -> None:
    """Refused with that one field, both ways round, and let through by its own treatment alone."""
    for one_way in (terms(base, new), terms(new, base)):
        assert (fields(one_way.refused), one_way.treatment) == ([(kind, field)], ())
    for treatment in TREATMENTS:
        let = terms(base, new, (treatment,))
        assert fields(let.treatment if treatment == kind else let.refused) == [(kind, field)], treatment
        assert not (let.refused if treatment == kind else let.treatment)


def test_two_cells_that_are_alike_have_no_terms(tmp_path: Path) -> None:
    assert terms(*against(tmp_path)) == Terms(treatment=(), refused=())


# --- the setting ---


def test_every_field_of_a_setting_is_held_or_is_dice() -> None:
    assert {*OTHERWISE, *DICE, "decoding"} == {*Setting.__struct_fields__}
    assert {*DRAWS, "seed"} == {*Decoding.__struct_fields__}
    assert {*WHOSE} == {*Identity.__struct_fields__}


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_field_of_the_setting_is_named_with_its_kind(tmp_path: Path, field: str) -> None:
    value, kind = OTHERWISE[field]
    base, new = against(tmp_path, setting=replace(SETTING, **{field: value}))
    held_alone(base, new, kind, CALLED.get(field, field))


@pytest.mark.parametrize("field", DRAWS)
def test_a_field_of_the_decoding_is_named(tmp_path: Path, field: str) -> None:
    decoding = replace(DRAWN, **{field: DRAWS[field]})
    base, new = against(tmp_path, setting=replace(SETTING, decoding=decoding))
    held_alone(base, new, "decoding", field)


def test_a_decoding_that_only_one_names_is_another(tmp_path: Path) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, decoding=None))
    held_alone(base, new, "decoding", "decoding")


@pytest.mark.parametrize("field", DICE)
def test_dice_may_fall_otherwise(tmp_path: Path, field: str) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, **{field: DICE[field]}))
    assert terms(base, new).refused == ()


def test_the_seed_of_a_decoding_is_dice(tmp_path: Path) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, decoding=replace(DRAWN, seed=9)))
    assert terms(base, new).refused == ()


# --- task, data, prompt, reader, metrics ---


def test_the_words_of_the_prompt_are_held(tmp_path: Path) -> None:
    base, new = against(tmp_path, prompt="q" * 16)
    held_alone(base, new, "prompt", "prompt")


def test_the_version_of_a_task_and_the_task_are_never_another(tmp_path: Path) -> None:
    base, new = against(tmp_path, task_version=2)
    found = terms(base, new, TREATMENTS, subset=True)
    assert fields(found.refused) == [("task", "task version")]
    other = sided(tmp_path, "other", task="medmcqa")
    assert ("task", "task") in fields(terms(base, other, TREATMENTS, subset=True).refused)


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ("reader:house.v1", "reader:house.v2", "reader"), ("reader:house.v1", "reader:strict.v1", "reader"),
        ("|reader:house.v1", "", "reader"), ("accuracy:v1", "accuracy:v2", "metric accuracy"),
    ],
)  # fmt: skip
def test_the_reader_and_versions_of_metrics_are_held(tmp_path: Path, was: str, now: str, field: str) -> None:
    base, new = against(tmp_path, protocol=PROTOCOL.replace(was, now))
    held_alone(base, new, "reader", field)


def test_a_metric_that_only_one_has_is_no_other_version(tmp_path: Path) -> None:
    base, new = against(tmp_path, protocol=f"{PROTOCOL}|macro_f1:v1")
    assert terms(base, new).refused == ()


def test_other_data_are_refused_and_let_through_as_a_part(tmp_path: Path) -> None:
    base, new = against(tmp_path, data="e" * 64)
    assert fields(terms(base, new).refused) == [("data", "data")]
    assert fields(terms(base, new, subset=True).treatment) == [("data", "data")]


def test_sample_rows_are_no_part_of_the_benchmark(tmp_path: Path) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, data="sample"))
    assert len(terms(base, new, subset=True).refused) == 1


def test_samples_that_one_lacks_and_those_in_another_order_are_refused(tmp_path: Path) -> None:
    there = lines([1.0, 0.0, 1.0])
    base, fewer = one(cell(tmp_path, "base", there)), one(cell(tmp_path, "fewer", there[:2]))
    assert {*fields(terms(base, fewer).refused)} >= {("data", "number of samples")}
    turned = one(cell(tmp_path, "turned", there[::-1]))
    assert fields(terms(base, turned).refused) == [("data", "samples")]
    assert terms(base, turned, subset=True).refused == ()


def test_of_other_samples_the_hash_of_all_words_says_nothing(tmp_path: Path) -> None:
    there = lines([1.0, 0.0, 1.0])
    base = one(cell(tmp_path, "base", there))
    part = one(cell(tmp_path, "part", there[:2], data="e" * 64, prompt="q" * 16, setting=replace(SETTING, limit=2)))
    assert terms(base, part).refused
    assert terms(base, part, subset=True).refused == ()


# --- the judge ---


@pytest.mark.parametrize(
    "sworn",
    [
        replace(SWORN, judge=replace(JUDGE, grading=CMB)), replace(SWORN, judge=replace(JUDGE, prose="Be strict.")),
        replace(SWORN, judge=replace(JUDGE, choosing=True)), replace(SWORN, judge=replace(JUDGE, chat=False)),
        replace(SWORN, judge=replace(JUDGE, thinking="on")),
        replace(SWORN, judge=replace(JUDGE, decoding=Decoding(temperature=1.0))),
        *[
            replace(SWORN, identity=replace(SWORN.identity, **{field: value}))
            for field, (value, _) in WHOSE.items()
        ],
    ],
    ids=["grading", "prose", "choosing", "chat", "thinking", "decoding", *WHOSE],
)  # fmt: skip
def test_another_judge_or_one_asked_otherwise_is_never_let_through(tmp_path: Path, sworn: Sworn) -> None:
    for name in ("base", "new"):
        cell(tmp_path, name, lines([1.0, 0.0, 1.0]))
    base, new = sided(tmp_path, "base", sworn=SWORN), sided(tmp_path, "new", sworn=sworn)
    assert terms(base, base) == Terms(treatment=(), refused=())
    found = terms(base, new, ("prompt", "decoding", "reader", "engine"), subset=True)
    changed = [
        f"judge: {name}" for part in ("judge", "identity")
        for name, value in asdict(getattr(sworn, part)).items() if value != getattr(getattr(SWORN, part), name)
    ]  # fmt: skip
    assert fields(found.refused) == [("judge", field) for field in changed]
    assert len(changed) == 1


@pytest.mark.parametrize(
    "part", ["judge:strict@aaaa", "panel:strict+mild@aaaa", "grading:survey.v1", "asks:aaaaaaaa"]
)  # fmt: skip
def test_what_the_protocol_says_of_judges_is_no_reader(tmp_path: Path, part: str) -> None:
    base = sided(tmp_path, "base", protocol=f"{PROTOCOL}|{part}")
    other = part.replace("aaaa", "bbbb").replace("survey.v1", "survey.v2")
    new = sided(tmp_path, "new", protocol=f"{PROTOCOL}|{other}")
    assert fields(terms(base, new, TREATMENTS[-1:]).refused) == [("judge", part.partition(":")[0])]


# --- what may differ ---


@pytest.mark.parametrize("field", WHOSE)
def test_model_and_engine_may_differ_and_are_told(tmp_path: Path, field: str) -> None:
    value, kind = WHOSE[field]
    base, new = against(tmp_path, model=replace(MODEL, **{field: value}))
    found = terms(base, new)
    assert (fields(found.treatment), found.refused) == ([(kind, field)], ())
    assert str(found.treatment[0]) == f"{field} {getattr(MODEL, field) or 'none'} → {value}"


def test_another_medeval_may_be_told(tmp_path: Path) -> None:
    base, new = against(tmp_path, conditions=CONDITIONS.replace("medeval-1.0", "medeval-1.1"))
    found = terms(base, new)
    assert found.refused == ()
    assert found.treatment == (Change(kind="medeval", field="medeval", base="1.0", new="1.1"),)


@pytest.mark.parametrize("field", [field for field, (_, kind) in WHOSE.items() if kind == "model"])
def test_where_the_engine_is_the_treatment_the_model_is_the_same(tmp_path: Path, field: str) -> None:
    base, new = against(tmp_path, model=replace(MODEL, **{field: WHOSE[field][0]}, engine="hf"))
    found = terms(base, new, treatments(["engine"]))
    assert fields(found.refused) == [("model", field)]
    assert fields(found.treatment) == [("engine", "engine")]


def test_a_cell_without_a_manifest_has_no_model(tmp_path: Path) -> None:
    base, new = against(tmp_path)
    found = terms(replace(base, identity=None), new)
    assert {kind for kind, _ in fields(found.treatment)} == {"model", "engine"}
    assert found.treatment[0] == Change(kind="model", field="model", base="", new="org/model")


# --- what was changed at once ---


def test_what_was_changed_at_once_is_told_without_what_brings_no_difference() -> None:
    kinds = ("model", "engine", "engine", "medeval", "data", "prompt")
    changes = [Change(kind=kind, field="x", base="1", new="2") for kind in kinds]  # type: ignore[arg-type]
    assert together(changes) == ("model", "engine", "prompt")
    assert together(changes[3:5]) == ()


def test_treatments_are_read_once_and_in_order() -> None:
    assert treatments(["reader", "prompt", "reader"]) == ("prompt", "reader")
    assert treatments([]) == ()
    with pytest.raises(RequestError) as fault:
        treatments(["model", "prompt", "weather"])
    said = "say one of prompt, engine, decoding, reader."
    assert fault.value.faults == (f"--treatment model: {said}", f"--treatment weather: {said}")


def test_a_long_value_is_told_by_its_beginning(tmp_path: Path) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, system="word " * 400))
    (change,) = terms(base, new).refused
    assert (change.base, len(change.new), change.new[-1]) == ("", 58, "…")


def test_a_value_of_several_lines_is_told_in_one(tmp_path: Path) -> None:
    base, new = against(tmp_path, setting=replace(SETTING, system="You are a doctor.\n\n  Be brief.\r\n"))
    (change,) = terms(base, new).refused
    assert str(change) == "system none → You are a doctor. Be brief."


@pytest.mark.parametrize("name", ["pass@1", "f0.5", "exact_match+", "rougeLsum"])
def test_a_metric_is_held_by_whatever_name(tmp_path: Path, name: str) -> None:
    base = sided(tmp_path, "base", protocol=f"{PROTOCOL}|{name}:v1")
    new = sided(tmp_path, "new", protocol=f"{PROTOCOL}|{name}:v2")
    assert fields(terms(base, new).refused) == [("reader", f"metric {name}")]
