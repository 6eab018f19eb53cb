"""Known-faulty items: that the list is what the files prove, and that numbers without them stand beside the others."""

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from msgspec.structs import replace

import medeval
from medeval import catalog, errata
from medeval.arrange import lettered
from medeval.errata import FAULTY, SOUND, Fault, Listed, beside, listed
from medeval.errors import TaskError
from medeval.records import CaseSample, ChoiceSample, Estimate, Result, Setting, SliceEstimate
from medeval.scoring.slices import MERGED, slices_of
from medeval.sources import Supply
from tests.conftest import choice

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tasks" / "errata.toml"
FINDER = ROOT / "benchmarks" / "errata.py"


@pytest.fixture(scope="module")
def finder() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(FINDER)))


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Put another list in the place of the project's."""

    def put(text: str) -> None:
        path = tmp_path / "errata.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(errata, "home", SimpleNamespace(tasks=lambda: tmp_path))
        errata.known.cache_clear()

    yield put
    errata.known.cache_clear()


# --- the list -----------------------------------------------------------------------------------


def test_the_list_is_what_the_files_of_the_benchmarks_prove(finder: SimpleNamespace, real: Path) -> None:
    printed = [finder.HEAD.rstrip(), *[finder.printed(name, found) for name, found in finder.lists(real)]]
    assert FILE.read_text(encoding="utf-8") == "\n\n".join(printed) + "\n"


def test_every_listed_task_is_there_and_has_the_forms_that_are_named() -> None:
    found = catalog.find().tasks
    for name, each in errata.known().items():
        forms = {form.name for form in found[name].task.forms}
        assert {item.form for item in each.items} - {""} <= forms, name
        assert {item.kind for item in each.items} <= {*get_args(Fault)}
        assert all(item.why.endswith(".") for item in each.items)


def test_counts_are_those_that_the_cards_of_the_tasks_tell() -> None:
    counts = {
        (name, item.kind, item.form): len(item.ids) for name, each in errata.known().items() for item in each.items
    }
    assert counts["medmcqa", "two options with one text", ""] == 21
    assert counts["cmb_exam", "key and type disagree", "original"] == 25
    assert counts["mediq", "key and answer disagree", ""] == 1
    card = " ".join(catalog.find().named("mediq").task.traps)
    (wrong,) = [item.ids[0] for item in errata.known()["mediq"].items]
    assert f"and {wrong} call the answer by another name" in card


def test_a_leaking_option_that_a_loader_leaves_out_is_no_erratum() -> None:
    assert not [item for item in errata.known()["cmb_exam"].items if item.kind == "answer leaks"]


def test_every_id_is_that_of_a_real_question(real: Path) -> None:
    tasks = catalog.find().tasks
    for name in ("medmcqa", "mediq"):
        samples, form = tasks[name].task.load(name, Supply.only(real))
        known = listed(name, form.name)
        assert known is not None
        assert known.ids <= {sample.id for sample in samples}


def test_a_form_has_the_items_of_its_own_ids_only() -> None:
    whole, part = listed("cmb_exam", "original"), listed("cmb_exam", "single2000")
    assert whole is not None
    assert part is not None
    assert len(whole.ids) == 25
    assert part.ids == {"1308"}
    assert listed("medqa", "original") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[medqa]\nversion = 1\n", "missing required field"),
        ('[medqa]\nversion = 1\nsource = "x"\nitems = []\nwrong = 1\n', "unknown field"),
        ("[medqa\n", r"errata\.toml: "),
        (
            '[medqa]\nversion = 1\nsource = "x"\n[[medqa.items]]\nkind = "dull"\nwhy = "It is."\nids = ["1"]\n',
            "Invalid enum value",
        ),
        (
            '[medqa]\nversion = 1\nsource = "x"\n[[medqa.items]]\nkind = "ambiguous"\nwhy = "."\nids = ["1", "1"]\n',
            "an id stands twice",
        ),
    ],
)
def test_a_list_that_is_none_is_told(another: Callable[[str], None], text: str, said: str) -> None:
    another(text)
    with pytest.raises(TaskError, match=said):
        errata.known()


# --- what finds them ----------------------------------------------------------------------------


def question(name: str, *texts: str, key: str = "A", asked: str = "Which?") -> ChoiceSample:
    return ChoiceSample(id=name, question=asked, options=lettered(texts), target=(key,))


def test_two_options_with_one_text_are_found(finder: SimpleNamespace) -> None:
    assert finder.twins([question("1", "a", "b"), question("2", "a", "b", "a")]) == ["2"]


def test_one_question_with_two_keys_is_found_whatever_the_order_of_its_options(finder: SimpleNamespace) -> None:
    alike = [question("1", "yes", "no"), question("2", "no", "yes", key="B"), question("3", "no", "Yes ", key="A")]
    assert finder.keyed_apart(alike[:2]) == []
    assert finder.keyed_apart(alike) == ["1", "2", "3"]


def test_cases_of_two_patients_are_no_question_twice(finder: SimpleNamespace) -> None:
    one = CaseSample(
        id="1", question="Which?", options=lettered("ab"), target=("A",), opening="Ill.", facts=("Young.",)
    )
    assert finder.keyed_apart([one, replace(one, id="2", target=("B",), facts=("Old.",))]) == []
    assert finder.keyed_apart([one, replace(one, id="2", target=("B",))]) == ["1", "2"]


def test_a_single_letter_for_several_is_found_and_an_unsorted_key_is_not(finder: SimpleNamespace) -> None:
    rows = [
        {"id": number, "question_type": kind, "answer": key}
        for number, (kind, key) in enumerate([("单项选择题", "B"), ("多项选择题", "B"), ("多项选择题", "EB")])
    ]
    assert finder.one_letter(rows) == ["1"]


def test_a_row_that_names_another_option_is_found_and_a_synonym_is_not(finder: SimpleNamespace) -> None:
    options = {"A": "Gout ", "B": "Rosacea"}
    rows = [{"id": number, "options": options, "answer_idx": "B", "answer": said}
            for number, said in enumerate(("Rosacea ", "gout", "Couperose"))]  # fmt: skip
    assert finder.named_otherwise(rows) == ["1"]


# --- the part of a run --------------------------------------------------------------------------

LIST = Listed(part="errata_v1", ids=frozenset({"q3", "elsewhere"}))


def exam(count: int) -> list[ChoiceSample]:
    return [question(f"q{number}", "a", "b") for number in range(count)]


def test_the_sound_ones_are_a_part_however_few_the_others_are() -> None:
    parts = slices_of(exam(MERGED), LIST)
    assert [each.get("errata_v1") for each in parts] == [SOUND] * 3 + [FAULTY] + [SOUND] * (MERGED - 4)


def test_without_a_list_or_without_a_faulty_one_nothing_is_another() -> None:
    assert slices_of(exam(3), LIST) == slices_of(exam(3))
    assert all("errata_v1" not in each for each in slices_of(exam(3), LIST))


def test_every_other_part_stays_what_it_was() -> None:
    mixed = [replace(each, several=place % 2 == 0) for place, each in enumerate(exam(2 * MERGED))]
    plain, marked = slices_of(mixed), slices_of(mixed, LIST)
    assert [{key: value for key, value in each.items() if key != "errata_v1"} for each in marked] == [*plain]
    assert all([*each] == sorted(each) for each in marked)


# --- a sentence ---------------------------------------------------------------------------------


def result(*slices: SliceEstimate, **fields: Any) -> Result:
    first = Estimate(
        metric="accuracy", value=0.5, low=0.4, high=0.6, method="wilson", n=100, n_eff=100, unread=0, truncated=0,
        refused=0, too_long=0, failed=0, slices=slices, **fields,
    )  # fmt: skip
    return Result(
        task="medmcqa", task_version=1, entry="e", setting=Setting(), data="d", prompt="p", journal_records=1,
        journal="j", headline="accuracy", estimates=(first,), tables=(), letter_mass=None, flags=(), protocol="",
        conditions="",
    )  # fmt: skip


def part(value: str, n: int) -> SliceEstimate:
    return SliceEstimate(slice="errata_v2", value=value, n=n, estimate=0.553, low=0.45, high=0.65)


def test_the_number_without_them_is_told_with_its_interval_and_the_version_of_the_list() -> None:
    said = beside(result(part(FAULTY, 21), part(SOUND, 79)))
    assert said == (
        "medmcqa: accuracy without the 21 known-faulty items (errata v2): 55.30, 45.00 to 65.00, n 79"
    )  # fmt: skip
    assert "the known-faulty item (" in beside(result(part(SOUND, 99)))
    assert beside(result(part(SOUND, 79), unit="plain")).endswith(": 0.5530, 0.4500 to 0.6500, n 79")


def test_where_nothing_is_faulty_nothing_is_said() -> None:
    assert beside(result()) == ""
    assert beside(result(replace(part(SOUND, 79), slice="step"))) == ""


def test_the_real_questions_of_medmcqa_fall_into_both_parts(real: Path) -> None:
    samples, form = catalog.find().named("medmcqa").task.load("medmcqa", Supply.only(real))
    parts = slices_of(samples, listed("medmcqa", form.name))
    faulty = [choice(sample) for sample, each in zip(samples, parts, strict=True) if each["errata_v1"] == FAULTY]
    assert len(faulty) == 21
    assert all(len({option.text for option in each.options}) < 4 for each in faulty)


def test_a_run_tells_its_parts_and_nothing_else_of_it_changes(
    another: Callable[[str], None], real: Path, tmp_path: Path
) -> None:
    def ran(data: Path | str) -> Result:
        found = medeval.evaluate(
            model="baseline:longest", tasks="mediq", data=data, reports=tmp_path / str(len(list(tmp_path.iterdir()))),
            offline=True,
        )  # fmt: skip
        return found.results[0]

    def others(result: Result) -> list[SliceEstimate]:
        return [each for each in result.first.slices if not errata.PART.fullmatch(each.slice)]

    listing, sampled = ran(real), ran("sample")
    another("")
    plain, before = ran(real), ran("sample")
    parts = {each.value: each.n for each in listing.first.slices if each.slice == "errata_v1"}
    assert parts == {SOUND: 139, FAULTY: 1}
    assert "without the known-faulty item (errata v1)" in beside(listing)
    assert beside(plain) == ""
    # The fingerprint of the data, both halves of the signature, and every other number stay.
    for name in ("data", "prompt", "protocol", "conditions", "journal", "headline", "flags"):
        assert getattr(listing, name) == getattr(plain, name)
    assert others(listing) == others(plain) == [*plain.first.slices]
    assert replace(listing.first, slices=()) == replace(plain.first, slices=())
    assert sampled == before
