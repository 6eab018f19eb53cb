"""Juries: who judges, by what, in which words, and how each is asked; and what cannot be."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.catalog import find
from medeval.engines.base import Abilities, Engine
from medeval.engines.baseline import Baseline
from medeval.engines.patient import FactSelector
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.gradings import Judge
from medeval.openings import Means
from medeval.planning import Plan
from medeval.planning.juries import STATED, THOUGHT, Jury, beside, jury, named, patient_for, unjudged
from medeval.protocols import DRAWN
from medeval.records import Decoding, Setting
from medeval.sitting import Sitting, sit
from medeval.sources import Supply
from tests.judges import home, judge

CATALOG = find()
WORDS = "{answer}\n\n{criterion}\n\n{closing}"
OPEN = "medeval.planning.juries.engine_for"


def sitting(name: str, style: str = "written", folder: Path | None = None) -> Sitting:
    known = find([folder / "talks.py"]) if folder else CATALOG
    task = known.named(name)
    supply = Supply(folder / "data") if folder else Supply.only(task.samples)
    return sit(name, task.task, Setting(style=style, data="real" if folder else "sample"), supply)  # type: ignore[arg-type]


@pytest.fixture
def talks(tmp_path: Path) -> Sitting:
    """A small task with two gradings, of which `two` is the first."""
    return sitting("talks", folder=home(tmp_path))


def able(model: str = "able", /, **abilities: object) -> Scripted:
    """An engine that can do this and that."""
    engine = Scripted(lambda _: "", model=model)
    engine.abilities = Abilities(**{"choices": True, "chat": True, **abilities})  # type: ignore[arg-type]
    return engine


def panel(of: Sitting, *judges: Engine, gradings: Sequence[str] = (), prose: Path | None = None) -> list[Judge]:
    return [sworn.judge for sworn in jury(judges, gradings, prose, Means()).panel(of)]


def faults(*judges: str | Engine, gradings: Sequence[str] = (), prose: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(RequestError) as refused:
        jury(judges, gradings, prose, Means())
    return refused.value.faults


# --- names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name", "what"),
    [
        ("path/to/Strict-7B", "strict-7b", "path/to/Strict-7B"),
        ("path/to/strict/", "strict", "path/to/strict/"),
        ("org/Judge@0123abc", "judge", "org/Judge@0123abc"),
        ("http://host:8000/v1#Judge", "judge", "http://host:8000/v1#Judge"),
        ("http://host:8000/v1#org/Judge", "judge", "http://host:8000/v1#org/Judge"),
        ("mine=path/to/strict", "mine", "path/to/strict"),
        ("Second=http://host:8000/v1#a=b", "second", "http://host:8000/v1#a=b"),
        ("http://host:8000/v1?x=y#judge", "judge", "http://host:8000/v1?x=y#judge"),
    ],
)
def test_a_judge_is_called_by_its_name_or_by_the_last_part_of_its_model(said: str, name: str, what: str) -> None:
    assert named(said) == (name, what)


def test_an_engine_is_called_by_its_model_and_no_name_leaves_its_folder() -> None:
    engine = able("Org/Strict: 7B")
    assert named(engine) == ("org-strict-7b", engine)
    for said in ("..", "a=..", "../..", "x=y/../../z", "con", "a b@c"):
        name = named(said)[0]
        assert name
        assert not {*name} & {*"/\\@+ "}
        assert name.strip(".")


# --- who is heard, and how ----------------------------------------------------------------


def test_without_a_grading_judges_grade_by_what_the_makers_do(talks: Sitting) -> None:
    (found,) = panel(talks, judge())
    assert (found.name, found.grading.name, found.role) == ("strict", "two", "judge:strict")
    assert panel(sitting("medqa", "letters"), judge()) == []


def test_every_judge_grades_by_every_grading_once_and_another_than_the_first_is_in_its_name(talks: Sitting) -> None:
    found = panel(talks, judge(), judge(model="mild"), gradings=("whole", "two", "survey", "whole"))
    assert [each.name for each in found] == [
        "strict@whole", "strict", "strict@survey", "mild@whole", "mild", "mild@survey",
    ]  # fmt: skip


def test_the_house_s_gradings_go_with_any_text_and_the_task_s_own_stand_before_them() -> None:
    clinical = sitting("cmb_clin")
    (own,) = panel(clinical, judge(), gradings=("cmb",))
    assert (own.name, own.grading.per) == ("strict", "turn")
    (foreign,) = panel(sitting("aci_bench"), judge(), gradings=("cmb",))
    assert (foreign.name, foreign.grading.per) == ("strict@cmb", "answer")
    assert panel(sitting("medqa", "letters"), judge(), gradings=("cmb",)) == []


def test_words_of_ones_own_are_in_the_name_and_other_words_are_another_name(talks: Sitting, tmp_path: Path) -> None:
    names = []
    for number, text in enumerate((WORDS, WORDS + "!", "\ufeff" + WORDS)):
        path = tmp_path / f"{number}.md"
        path.write_text(text, encoding="utf-8")
        (found,) = panel(talks, judge(), prose=path, gradings=("whole",))
        names.append(found.name)
    one, other, marked = names
    assert one.startswith("strict@whole+")
    assert one != other
    assert one == marked, "a mark of the encoding is no word"


HOW = [
    # choices and nothing more: weighed
    ({"kind": "base", "chat": False}, (True, False, "", STATED)),
    ({"kind": "chat"}, (True, True, "", STATED)),
    ({"kind": "chat", "choices": False}, (False, True, "", STATED)),
    # Thinking is turned off where grades are weighed, and on where they are stated.
    ({"kind": "reasoning", "thinking": True}, (True, True, "off", STATED)),
    (
        {"kind": "reasoning", "thinking": True, "choices": False},
        (False, True, "on", replace(DRAWN, max_tokens=THOUGHT)),
    ),
    # Who always thinks has no grade for a first word.
    ({"kind": "reasoning"}, (False, True, "", replace(DRAWN, max_tokens=THOUGHT))),
    (
        {"kind": "reasoning", "decoding": Decoding(temperature=0.3, max_tokens=5)},
        (False, True, "", Decoding(temperature=0.3, max_tokens=THOUGHT)),
    ),
    # A server lists some tokens at most, and many list none.
    ({"kind": "chat", "whole": False}, (False, True, "", STATED)),
]


@pytest.mark.parametrize(("abilities", "how"), HOW)
def test_grades_are_weighed_where_that_can_be_and_stated_else(
    talks: Sitting, abilities: dict[str, object], how: tuple[object, ...]
) -> None:
    (found,) = panel(talks, able(**abilities))
    assert (found.choosing, found.chat, found.thinking, found.decoding) == how


@pytest.mark.parametrize("name", ["k_qa", "healthbench"])
def test_words_are_stated_where_a_server_lists_single_tokens(name: str) -> None:
    # "contradicted" has several: its first is in no list by that name, and "neutral" would win alone.
    assert [each.choosing for each in panel(sitting(name), able(whole=False))] == [False]
    assert [each.choosing for each in panel(sitting(name), able(whole=True))] == [True]


def test_roles_name_the_engine_of_each_judge_whatever_is_behind_its_name(talks: Sitting, tmp_path: Path) -> None:
    strict, mild = judge(), judge(model="mild")
    path = tmp_path / "words.md"
    path.write_text(WORDS, encoding="utf-8")
    court = jury((strict, mild), ("two", "whole"), path, Means())
    roles = court.roles([court.panel(talks)])
    assert len(roles) == 4
    assert {role.partition("@")[0].partition("+")[0]: engine for role, engine in roles.items()} == {
        "judge:strict": strict, "judge:mild": mild,
    }  # fmt: skip
    assert all("+" in role for role in roles)


def test_what_is_named_twice_is_opened_once_and_the_model_may_be_among_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def opening(what: str, *_: object) -> Engine:
        opened.append(what)
        return able(what)

    monkeypatch.setattr(OPEN, opening)
    model = able("m")
    court = jury(("a=x/y", "b=x/y", "c=x/z", "d=x/m"), (), None, Means(), known={"x/m": model})
    assert opened == ["x/y", "x/z"]
    assert court.engines["a"] is court.engines["b"]
    assert court.engines["d"] is model


# --- what cannot be -----------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    said = faults(
        judge(), judge(), "baseline:random", "nowhere/at/all", prose=tmp_path / "absent.md", gradings=("two",)
    )
    assert len(said) == 4
    assert said[0].startswith(f"--judge-prose {tmp_path / 'absent.md'}: cannot be read (")
    assert said[1] == "--judge: two judges are called 'strict'. Tell them apart: NAME=MODEL."
    assert said[2].startswith("--judge baseline-random: baseline:random: a baseline follows a rule")
    assert said[3].startswith("--judge all: Model 'nowhere/at/all': no such folder.")


def test_a_baseline_is_no_judge_by_whatever_name_it_comes() -> None:
    for what in ("mine=baseline:majority", Baseline("majority")):
        (said,) = faults(what)
        assert said.endswith("baseline:majority: a baseline follows a rule over questions, and can neither judge nor "
                             "play a patient.")  # fmt: skip


def test_a_file_of_predictions_is_no_judge(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    path.write_text('{"id": "0", "text": "5"}\n', encoding="utf-8")
    (said,) = faults(f"recorded:{path}")
    assert said.startswith("--judge told.jsonl: recorded:")
    assert "no recorded run there" in said


@pytest.mark.parametrize("what", [{"gradings": ("survey",)}, {"prose": Path("words.md")}])
def test_gradings_and_words_without_a_judge_are_of_no_use(what: dict[str, object]) -> None:
    assert faults(**what)[0] == "--grading and --judge-prose without --judge NAME: nobody grades."  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{criterion} {closing}", "{answer}"),
        ("{answer} {closing}", "{criterion}"),
        ("{answer} {criterion}", "{closing}"),
        ("Grade it: {Answer}", "{answer} and no place {criterion} and no place {closing}"),
    ],
)
def test_words_without_a_place_are_refused_with_its_name(text: str, missing: str, tmp_path: Path) -> None:
    path = tmp_path / "words.md"
    path.write_text(text, encoding="utf-8")
    assert faults(judge(), prose=path) == (f"--judge-prose {path}: has no place {missing}. See the house's own.",)


def test_words_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.md"
    path.write_bytes("判断{answer}".encode("gb18030"))
    assert faults(judge(), prose=path)[0].startswith(f"--judge-prose {path}: cannot be read (")
    assert faults(judge(), prose=tmp_path)[0].startswith(f"--judge-prose {tmp_path}: cannot be read (")


def test_an_unknown_grading_is_told_with_those_that_there_are(talks: Sitting) -> None:
    with pytest.raises(RequestError) as refused:
        panel(talks, judge(), gradings=("survey", "taste"))
    assert refused.value.faults == ("talks: no grading 'taste'. There are cmb, disc, survey, two, whole for it.",)


def test_judges_who_have_nothing_to_say_are_told_what_would_help(talks: Sitting) -> None:
    exam, notes = sitting("medqa", "letters"), sitting("aci_bench")
    plain = jury([judge()], (), None, Means())
    (said,) = unjudged(plain, [exam, notes])
    assert str(said) == (
        "--judge: medqa, aci_bench: nothing there is graded by judges. Add --grading survey, cmb or disc."
    )
    wished = jury([judge()], ("survey",), None, Means())
    (said,) = unjudged(wished, [exam])
    assert str(said) == "--judge: medqa: nothing there is graded by judges. Judges grade texts and dialogues."
    assert [*unjudged(wished, [exam, notes]), *unjudged(plain, [exam, talks]), *unjudged(Jury(), [exam])] == []


# --- patients -----------------------------------------------------------------------------


def patient(who: str | Engine) -> Engine:
    return patient_for(Plan(model="", tasks=(), patient=who), {})


def test_a_patient_is_a_chat_model_or_the_rules() -> None:
    engine = able("ill")
    assert patient(engine) is engine
    assert isinstance(patient(""), FactSelector)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("ill=baseline:random", "--patient ill: baseline:random: a baseline follows a rule over questions"),
        ("nowhere/at/all", "--patient all: Model 'nowhere/at/all': no such folder."),
        (able("ill", chat=False), "--patient ill: has no chat template, so it cannot be talked to."),
    ],
)
def test_who_cannot_be_talked_to_is_no_patient(who: str | Engine, why: str) -> None:
    with pytest.raises(RequestError) as refused:
        patient(who)
    assert str(refused.value).startswith(why)


def test_what_is_said_of_the_model_s_means_reaches_a_judge_as_far_as_its_kind_knows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, Means] = {}

    def opening(what: str, means: Means, *_: object) -> Engine:
        told[what] = means
        return able(what)

    monkeypatch.setattr(OPEN, opening)
    means = Means(
        engine="hf", dtype="float16", device="cpu", memory=0.5, offline=True, key_from="KEY", at_once=7, timeout=9.0,
        lora="adapter",
    )  # fmt: skip
    for what in ("a/folder", "http://host:1/v1#m"):
        beside(what, means, {})
    assert told["a/folder"] == Means(engine="hf", device="cpu", offline=True)
    assert told["http://host:1/v1#m"] == Means(offline=True, key_from="KEY", at_once=7, timeout=9.0)
