"""Which cells stand in one column, and which columns on one page; other tests of the board get their cells here."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from medeval.board.columns import Column, Group, columns, grouped, groups
from medeval.board.figures import Scale
from medeval.board.marks import STATUSES, Marks
from medeval.board.shelf import Cell, Entry, Place
from medeval.catalog import Catalog, find, own_folder
from medeval.entries import Card
from medeval.errors import RequestError
from medeval.records import Better, Identity, Setting, Status
from tests.test_board.test_shelf import Values, estimated, resulting

NOBODY = Catalog(tasks={}, groups={})
SHIPPED = own_folder() / "columns.toml"


def cell(
    entry: str, values: Values, *, key: str = "same samples", better: Better = "higher", engine: str = "scripted",
    others: Mapping[str, Values] | None = None, statuses: Sequence[Status] = (), doubt: str = "", **fields: object,
) -> Cell:  # fmt: skip
    """A finished cell that lies nowhere."""
    made = resulting(values, **{"entry": entry, **fields})
    if "estimates" not in fields:
        more = [estimated(each, name, "lower") for name, each in (others or {}).items()]
        made = replace(made, estimates=(estimated(values, made.headline, better), *more))
    codes = [STATUSES.index(statuses[place]) if statuses else 0 for place in range(len(values))]
    by = {made.headline: values, **(others or {})}
    marks = Marks(
        key, {name: np.array(each, dtype=np.float64) for name, each in by.items()}, np.array(codes, dtype=np.uint8)
    )
    return Cell(
        place=Place(entry=entry, cell=f"{made.task}{len(made.protocol)}", path=Path("nowhere")), result=made, run=None,
        identity=Identity(engine=engine, version="1", model=entry), marks=None if doubt else marks, doubt=doubt,
    )  # fmt: skip


def entries(*cells: Cell, card: Card | None = None) -> tuple[Entry, ...]:
    """Put cells with their entries, in the order in which these come first."""
    by: dict[str, list[Cell]] = {}
    for each in cells:
        by.setdefault(each.place.entry, []).append(each)
    return tuple([Entry(slug=slug, name=slug, card=card or Card(), cells=tuple(there)) for slug, there in by.items()])


def made(*cells: Cell, metric: str = "", catalog: Catalog = NOBODY, old: Sequence[str] = ()) -> tuple[Column, ...]:
    return columns(entries(*cells), catalog, metric, frozenset(old))


def only(*cells: Cell, **how: object) -> Column:
    (column,) = made(*cells, **how)  # type: ignore[arg-type]
    return column


def said(file: Path, text: str) -> tuple[Group, ...]:
    file.write_text(text, encoding="utf-8")
    return groups(file)


# --- what is alike ------------------------------------------------------------------------------


def test_cells_of_another_protocol_never_share_a_column() -> None:
    found = made(
        cell("a", [1, 0]), cell("b", [1, 0], protocol="medqa.v1|letters|5-shot"), cell("c", [1, 0]),
        cell("d", [1, 0], protocol="medqa.v2|letters"), cell("e", [1, 0], protocol="medqa.v1|letters "),
    )  # fmt: skip
    assert sorted("".join(column.cells) for column in found) == ["ac", "b", "d", "e"]
    assert all({each.result.protocol for each in column.cells.values()} == {column.protocol} for column in found)


def test_conditions_never_split_a_column() -> None:
    told = ("seed:0|vllm-0.32|bf16", "seed:7|hf-5|fp32", "think:yes|http-1", "")
    column = only(*[cell(str(place), [1, 0], conditions=each) for place, each in enumerate(told)])
    assert [*column.cells] == ["0", "1", "2", "3"]


def test_another_judge_is_another_column() -> None:
    by_two = [cell(name, [1, 0], judge=judge) for name in ("a", "b") for judge in ("", "strict", "mild")]
    assert [(column.key, column.judge, [*column.cells]) for column in made(*by_two)] == [
        ("medqa", "", ["a", "b"]), ("medqa-mild", "mild", ["a", "b"]), ("medqa-strict", "strict", ["a", "b"]),
    ]  # fmt: skip


def test_a_number_of_which_neither_way_is_better_makes_no_column() -> None:
    assert made(cell("a", [1, 0], better="")) == ()


def test_a_group_of_tasks_makes_no_column() -> None:
    assert made(cell("a", [1, 0], task="mmlu_medical", members=("a/x", "a/y"))) == ()


def test_calibration_makes_columns_beside_those_that_tasks_are_known_by() -> None:
    there = [cell(name, [1, 0], others={"brier": [0.1, 0.4]}) for name in ("a", "b")]
    there += [cell("c", [1, 1]), cell("d", [1, 0], others={"brier": [0.1, 0.4]}, judge="strict")]
    main = {column.key: column for column in made(*there)}
    (beside,) = made(*there, metric="brier")
    assert [*main] == ["medqa", "medqa-strict"]
    assert (beside.key, beside.metric, beside.better, beside.is_main) == ("medqa-brier", "brier", "lower", False)
    assert [*beside.cells] == ["a", "b"]
    assert beside.estimate("a").value == 0.25
    assert beside.marks(("b", "a")).tolist() == [[0.1, 0.1], [0.4, 0.4]]
    assert main["medqa"].is_main


# --- names for links ----------------------------------------------------------------------------


def test_a_column_is_called_by_its_task_and_what_differs() -> None:
    styled = Setting(style="written", shots=5, data="sample")
    column = only(cell("a", [1, 0], task="cmb_exam", setting=styled, protocol="cmb|data:1(sample)"))
    assert (column.key, column.how, column.title) == (
        "cmb_exam-written-5shot-sample", "written, 5shot, sample", "cmb_exam",
    )  # fmt: skip


def test_two_columns_that_would_be_called_the_same_are_told_apart() -> None:
    there = [cell("a", [1, 0], protocol=f"medqa.v{number}") for number in range(3)]
    there = [replace(each, place=replace(each.place, entry=str(number))) for number, each in enumerate(there)]
    first, *others = sorted(column.key for column in made(*there))
    assert first == "medqa"
    assert len({*others}) == 2
    assert all(re.fullmatch(r"medqa-[0-9a-f]{6}", key) for key in others)
    # The one that most were asked in keeps the plain name, so that links to it stay.
    again = {column.key: column.protocol for column in made(*there, cell("9", [1, 0], protocol="medqa.v2"))}
    assert again["medqa"] == "medqa.v2"


NAMES = (
    "medqa", "MedQA", "lm_eval:medqa/x y", "../../etc/passwd", "a b", "<script>", 'a"b', "x?y#z", "a%2fb", "a\\b",
    "m&m", "a\nb", "javascript:x", "\u202etxt", "mmlu_médecine",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("judge", ["", "a judge/<b>"])
def test_the_name_of_a_column_is_safe_in_a_link_and_as_a_file(name: str, judge: str) -> None:
    key = only(cell("a", [1, 0], task=name, protocol=f"{name}.v1", judge=judge)).key
    assert re.fullmatch(r"[a-z0-9_.-]+", key)
    assert not key.startswith("-")


@pytest.mark.parametrize("name", ["医学考试", "a" * 300, "..."])
def test_so_it_is_where_little_or_too_much_is_left_of_the_tasks(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]{6,80}", only(cell("a", [1, 0], task=name)).key)


def test_two_numbers_of_one_protocol_are_told_apart() -> None:
    found = made(cell("a", [1, 0]), cell("b", [1, 0], headline="macro_f1"))
    assert len({column.key for column in found}) == len(found) == 2


def test_the_order_of_entries_changes_nothing() -> None:
    there = [
        cell("a", [1, 0]), cell("b", [1, 1]), cell("a", [1, 0], task="x", protocol="x"), cell("c", [0, 1]),
        cell("c", [1, 0], protocol="medqa.v1|data:1(sample)"),
    ]  # fmt: skip
    first = [(column.key, sorted(column.cells), sorted(column.ranked)) for column in made(*there)]
    for order in permutations(there):
        assert [(column.key, sorted(column.cells), sorted(column.ranked)) for column in made(*order)] == first


def test_what_most_entries_have_comes_first_and_examples_come_last() -> None:
    there = [cell(name, [1, 0], task="zz", protocol="zz") for name in "abc"]
    there += [cell(name, [1, 0], task="mm", protocol="mm") for name in "ab"]
    there += [cell(name, [1, 0], task="aa", protocol="aa|data:7(sample)") for name in "abcde"]
    found = made(*there)
    assert [(column.task, column.is_sample) for column in found] == [("zz", False), ("mm", False), ("aa", True)]


# --- who is ranked ------------------------------------------------------------------------------


def test_only_models_that_were_measured_whole_on_the_same_samples_are_ranked() -> None:
    column = only(
        cell("good", [1, 0, 1]), cell("fine", [0, 0, 1]), cell("rule", [0, 1, 0], engine="baseline"),
        cell("gone", [1, 0, None], flags=("partial: 1 not measured",), statuses=("scored", "scored", "engine_error")),
        cell("half", [1, 0, 0.5], flags=("partial: 1 not measured",)),
        cell("silent", [1, 0, 0], statuses=("scored", "scored", "judge_error")),
        cell("cut", [1, 0, 0], flags=("truncated: 9.0 %", "not ranked")), cell("old", [1, 1, 1]),
        cell("other", [1, 0, 1], key="other samples"), cell("doubtful", [1, 0, 1], doubt="no samples"),
        cell("noted", [1, 1, 0], flags=("letter mass 0.31", "truncated: 2.0 %", "sample data", "limited to 3")),
        cell("asleep", [0, 0, 0], statuses=("unread", "truncated", "too_long")),
        old=("old",),
    )  # fmt: skip
    assert column.ranked == ("good", "fine", "noted", "asleep")
    # Whoever has a mark for every sample can be compared with another one who has, ranked or not.
    assert column.shared == ("good", "fine", "rule", "half", "silent", "cut", "noted", "asleep")
    assert len(column.cells) == 12


def test_most_entries_decide_which_samples_are_ranked() -> None:
    there = [cell("a", [1, 0], key="few"), cell("b", [1, 0], key="many"), cell("c", [1, 0], key="many")]
    assert only(*there).ranked == ("b", "c")


def test_baselines_have_no_vote_on_which_samples_are_ranked() -> None:
    rules = [cell(name, [1, 0], key="rules", engine="baseline") for name in ("r1", "r2", "r3")]
    column = only(*rules, cell("a", [1, 0]), cell("b", [0, 1]))
    assert (column.ranked, column.shared) == (("a", "b"), ("r1", "r2", "r3"))


def test_one_sample_ranks_nobody() -> None:
    assert only(cell("a", [1]), cell("b", [0])).ranked == ()


def test_marks_are_right_or_wrong_or_graded() -> None:
    assert only(cell("a", [1, 0]), cell("b", [1, None])).is_binary
    assert not only(cell("a", [1, 0]), cell("b", [1, 0.5])).is_binary


# --- what is known of it ------------------------------------------------------------------------


def test_what_the_task_declares_stands_with_the_column() -> None:
    there = find()
    column = only(cell("a", [1, 0]), catalog=there)
    assert column.known is there.tasks["medqa"].task
    assert (column.title, column.chance) == ("MedQA (USMLE, 4 options)", 0.25)
    assert only(cell("a", [1, 0], task="nobodys", protocol="x"), catalog=there).known is None
    (brier,) = made(cell("a", [1, 0], others={"brier": [0, 1]}), metric="brier", catalog=there)
    assert brier.chance is None


def test_the_axis_holds_all_intervals_and_chance_and_one_share_alone_stands_between_nothing_and_all() -> None:
    assert only(cell("a", [1, 0])).axis == Scale(low=0, high=1)
    two = [replace(estimated([1, 0]), value=value, low=value - 0.1, high=value + 0.1) for value in (0.5, 0.8)]
    axis = only(*[cell(str(place), [1, 0], estimates=(each,)) for place, each in enumerate(two)]).axis
    assert [axis.low, axis.high] == pytest.approx([0.4 - 0.03, 0.9 + 0.03])


# --- pages --------------------------------------------------------------------------------------


def test_a_group_has_the_tasks_that_it_names_in_its_order_and_the_rest_stands_together() -> None:
    tasks = ("medqa", "mmlu_medical_a", "mmlu_medical_b", "mmlu_law", "odd")
    found = made(*[cell("a", [1, 0], task=name, protocol=name) for name in tasks])
    wanted = (
        Group(key="one", title="One", zh="一", tasks=("mmlu_medical_*", "medqa", "mmlu_*")),
        Group(key="none", title="None", zh="无", tasks=("not_there",)),
        Group(key="again", title="Again", zh="又", tasks=("medqa",)),
    )
    assert [(group.key, [column.task for column in there]) for group, there in grouped(wanted, found)] == [
        ("one", ["mmlu_medical_a", "mmlu_medical_b", "medqa", "mmlu_law"]), ("again", ["medqa"]), ("others", ["odd"]),
    ]  # fmt: skip
    assert [group.key for group, _ in grouped(wanted[:1], found[:3])] == ["one"]


def test_within_a_group_real_data_go_before_examples_and_what_most_have_before_the_rest() -> None:
    there = [cell("a", [1, 0], task="x", protocol="x(sample)"), cell("a", [1, 0], task="y", protocol="y")]
    there += [cell(name, [1, 0], task="z", protocol="z") for name in "ab"]
    wanted = (Group(key="g", title="G", zh="组", tasks=("x", "y", "z")),)
    ((_, found),) = grouped(wanted, made(*there))
    assert [column.task for column in found] == ["z", "y", "x"]


def test_a_group_by_another_number_has_that_number_alone() -> None:
    there = [cell(name, [1, 0], others={"brier": [0.1, 0.2]}) for name in ("a", "b")]
    found = [*made(*there), *made(*there, metric="brier")]
    wanted = (Group(key="calibration", title="Calibration", zh="校准", tasks=("medqa",), metric="brier"),)
    assert [(group.key, [column.key for column in there]) for group, there in grouped(wanted, found)] == [
        ("calibration", ["medqa-brier"]), ("others", ["medqa"]),
    ]  # fmt: skip


def test_the_projects_own_groups_name_tasks_that_there_are() -> None:
    tasks = {*find().tasks}
    for group in groups(SHIPPED):
        for name in group.tasks:
            assert name in tasks or any(task.startswith(name.rstrip("*")) for task in tasks if "*" in name), name
    assert {group.metric for group in groups(SHIPPED)} == {"", "brier"}
    assert [*tomllib.loads(SHIPPED.read_text(encoding="utf-8"))] == [group.key for group in groups(SHIPPED)]


def test_groups_are_read_as_they_are_written(tmp_path: Path) -> None:
    text = '[exams]\ntitle = "Exams"\nzh = "考试"\ntasks = ["medqa", "mmlu_*"]\nmetric = "brier"\n'
    assert said(tmp_path / "c.toml", text) == (
        Group(key="exams", title="Exams", zh="考试", tasks=("medqa", "mmlu_*"), metric="brier"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[a]\nzh = "z"\ntasks = []\n', "missing required field `title`"),
        ('[a]\ntitle = "t"\ntasks = []\n', "missing required field `zh`"),
        ('[a]\ntitle = "t"\nzh = "z"\n', "missing required field `tasks`"),
        ('[a]\ntitle = 7\nzh = "z"\ntasks = []\n', "Expected `str`, got `int` - at `$.title`"),
        ('[a]\ntitle = "t"\nzh = "z"\ntasks = "medqa"\n', "Expected `array`, got `str` - at `$.tasks`"),
        ('title = "t"\n', "not a mapping"),
        ("a: {title: t}\n", "Expected '='"),
    ],
)
def test_a_bad_file_of_columns_is_a_wrong_request_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "c.toml"
    with pytest.raises(RequestError, match=re.escape(why)) as caught:
        said(file, text)
    assert str(caught.value).startswith(f"{file}: ")
    assert str(caught.value).endswith("A group has title, zh and tasks, as in medeval's columns.toml.")


def test_a_file_of_columns_that_is_not_there_is_a_wrong_request(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"none\.toml: cannot be read \(No such file or directory\)\.$"):
        groups(tmp_path / "none.toml")
    with pytest.raises(RequestError, match=r"cannot be read \(Is a directory\)\.$"):
        groups(tmp_path)


def test_so_it_is_where_it_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b'[a]\ntitle = "\xb0"\n')
    with pytest.raises(RequestError, match=r"c\.toml: "):
        groups(tmp_path / "c.toml")
