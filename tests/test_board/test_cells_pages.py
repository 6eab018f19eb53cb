"""The pages of cells: whose texts they show, what stands on them, what judges said."""

import re
from collections.abc import Sequence
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace

from medeval import board, reports
from medeval.board.contents import may_show
from medeval.board.site import gathered
from medeval.board.wishes import Options, Texts
from medeval.records import Identity, Message, Response, Result, Verdict, to_json
from medeval.scoring import Judgment
from medeval.scoring.shown import Exchanged, Scored
from tests.test_board import shelves

ASKED = "Question of"
HIDDEN = "Texts are not shown"


def written(root: Path, out: Path, texts: Texts = "open", room: int = 30) -> dict[str, str]:
    """The pages of a site in English, by where they are."""
    board.build(root, out, Options(tongues=("en",), texts=texts, room=room, workers=1), version="1.0")
    return {
        path.relative_to(out / "en").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((out / "en").rglob("*.html"))
    }


def words_of(page: str) -> str:
    """All that a page says."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for each in [*root.iter("script"), *root.iter("style")]:
        each.text = ""
    return " ".join("".join(root.itertext()).split())


def only(root: Path, there: Sequence[Scored], name: str = "medqa", **fields: object) -> str:
    """The page of the one cell there is."""
    shelves.cell(root / "reports", "one", there, name, **fields)  # type: ignore[arg-type]
    pages = written(root / "reports", root / "out")
    return next(text for path, text in pages.items() if path.startswith("cell/"))


# --- whose texts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "data", "texts", "shown"),
    [
        ("medqa", "", "open", True),
        ("medqa", "", "all", True),
        ("medqa", "", "none", False),
        # "none given; the texts belong to the sites …", and "MIT; for research only".
        ("meddialog", "", "open", False),
        ("medsafety", "", "open", False),
        ("medsafety", "", "all", True),
        ("meddialog", "(sample)", "open", True),
        ("medsafety", "(sample)", "open", True),
        ("meddialog", "(sample)", "none", False),
        # A task that nobody here knows has no licence that allows it.
        ("nobody_knows", "", "open", False),
        ("nobody_knows", "", "all", True),
    ],
)
def test_texts_are_shown_where_the_licence_or_a_wish_allows_it(
    tmp_path: Path, task: str, data: str, texts: Texts, *, shown: bool
) -> None:
    for entry, marks in (("one", [1.0, 0.0, 1.0]), ("two", [0.0, 0.0, 1.0])):
        shelves.cell(tmp_path / "reports", entry, shelves.lines(marks), task, data=data)
    (column,) = gathered(tmp_path / "reports", Options(workers=1)).columns.values()
    assert may_show(column, texts) is shown
    pages = written(tmp_path / "reports", tmp_path / "out", texts)
    assert {path for path, text in pages.items() if ASKED in text} == (
        {f"cell/one/{task}.html", f"cell/two/{task}.html", f"question/{task}-1.html", f"task/{task}.html"}
        if shown else set()
    )  # fmt: skip
    assert (HIDDEN in words_of(pages[f"cell/one/{task}.html"])) is not shown
    # Numbers are shown in any case.
    assert "66.7" in words_of(pages[f"cell/one/{task}.html"])
    data_files = [path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "data").iterdir()]
    assert not [text for text in data_files if ASKED in text]


def test_no_room_for_cases_leaves_the_numbers(tmp_path: Path) -> None:
    shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0]))
    page = written(tmp_path / "reports", tmp_path / "out", room=0)["cell/one/medqa.html"]
    assert ASKED not in page
    assert "50.0" in page


# --- what stands on them ------------------------------------------------------------------------


def test_a_cell_tells_its_number_its_counts_and_what_it_stands_on(tmp_path: Path) -> None:
    marks: list[float | None] = [1.0, 1.0, 0.0, None]
    page = words_of(only(tmp_path, shelves.lines(marks), counts={"unread": 1}))
    assert "66.7 accuracy, 95 % interval 10.0 – 90.0" in page
    for each in ("3 measured", "1 unread", "1 not measured", "All 4 samples.", "reports/one/medqa"):
        assert each in page
    assert "medqa.v1|letters|0-shot|n:4|data:dddddddd|accuracy:v1 ‖ T:0" in page


def test_cases_can_be_chosen_by_how_they_went(tmp_path: Path) -> None:
    there = [
        shelves.line("a"), shelves.line("b", 0.0), shelves.line("c", 0.0, "unread"),
        shelves.line("d", None, "engine_error"),
    ]  # fmt: skip
    page = only(tmp_path, there)
    assert re.findall(r'id="kind-(\w+)"', page) == ["all", "failed", "unread", "wrong", "right"]
    assert re.findall(r'class="case([^"]*)" id="(s\d)"', page) == [
        (" is-right", "s0"), (" is-wrong", "s1"), (" is-unread is-wrong", "s2"), (" is-failed", "s3"),
    ]  # fmt: skip


def test_only_some_of_many_cases_are_shown_and_that_is_said(tmp_path: Path) -> None:
    shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0] * 30 + [0.0] * 10))
    page = written(tmp_path / "reports", tmp_path / "out", room=6)["cell/one/medqa.html"]
    assert page.count('<details class="case') == 6
    assert "6 of 40 samples" in words_of(page)


def test_reasoning_is_folded_away_and_what_was_read_is_marked(tmp_path: Path) -> None:
    said = Response(text="So it is.\nAnswer: B", reasoning="Is it A? <b>No</b>.")
    page = only(tmp_path, [shelves.line("a", 0.0, said=said, span=(18, 19)), shelves.line("b")])
    folded = r'<details class="reasoning"><summary>Reasoning</summary>.*?Is it A\? &lt;b&gt;No&lt;/b&gt;\.'
    assert re.search(folded, page)
    assert "Answer: <mark>B</mark>" in page
    assert page.count("<mark>") == 1


def test_what_was_asked_again_is_told_once_with_the_number_of_takes(tmp_path: Path) -> None:
    there = [shelves.line(name, said=f"take {repeat} of {name}", repeat=repeat) for repeat in range(3) for name in "ab"]
    page = words_of(only(tmp_path, there))
    assert page.count("Asked 3 times; this is the first.") == 2
    assert "take 0 of a" in page
    assert "take 1" not in page


def test_a_failed_take_of_a_sample_that_has_others_casts_no_doubt(tmp_path: Path) -> None:
    there = [shelves.line(f"{number}", repeat=repeat) for number in range(4) for repeat in range(3)]
    there[1] = shelves.line("0", None, "engine_error", repeat=1)
    # As scoring counts: four samples have a mark, and one of twelve takes has none.
    page = words_of(only(tmp_path, there, counts={"n": 4, "failed": 1}))
    assert "samples do not match" not in page


def test_a_number_that_its_samples_do_not_give_is_doubted(tmp_path: Path) -> None:
    folder = shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0, 0.0]))
    with open(folder / "samples.jsonl", "ab") as file:
        file.write(to_json(shelves.line("99")) + b"\n")
    pages = written(tmp_path / "reports", tmp_path / "out")
    assert "samples do not match" in words_of(pages["cell/one/medqa.html"])
    assert ASKED not in pages["cell/one/medqa.html"]


def test_every_slice_and_every_metric_of_a_result_is_told(shelf: Path, tmp_path: Path) -> None:
    page = words_of(written(shelf, tmp_path / "out")["cell/birch-8b/cmb_exam-written-sample.html"])
    result = reports.read(shelf / "birch-8b" / "cmb_exam@written,sample" / reports.RESULT, Result)
    assert result is not None
    slices = result.first.slices
    assert len(slices) > 5
    for each in slices:
        assert f"{each.slice} {each.value}" in page
        assert f"{100 * each.estimate:.1f}" in page
    for estimate in result.estimates:
        assert estimate.metric in page


# --- judges -------------------------------------------------------------------------------------


def judged(root: Path) -> None:
    """A cell that a judge was heard on: words for one sample, nothing for the other."""
    there = [shelves.line("a", metric="rouge1"), shelves.line("b", 0.0, metric="rouge1")]
    folder = shelves.cell(root, "one", there, "k_qa@written", metric="rouge1")
    place = folder / "judged" / "strict"
    place.mkdir(parents=True)
    sworn = reports.Sworn(judge=shelves.JUDGE, identity=Identity(engine="http", version="1", model="strict"))
    reports.publish(place / reports.MANIFEST, sworn)
    data = []
    for line, grade, words in zip(there, ("4", ""), ("Reason: it is safe & sound.\nGrade: 4", "Hm."), strict=True):
        heard = Exchanged(
            role=shelves.JUDGE.role, messages=(Message(role="user", content="Grade it."),), reply=Response(text=words)
        )
        fields = {name: getattr(line, name) for name in line.__struct_fields__}
        verdict = Verdict(judge="strict", criterion="safety", grade=grade, why="" if grade else "unread")
        judgment = Judgment(**{
            **fields, "scores": {"grade": float(bool(grade))}, "exchanges": (*line.exchanges, heard),
            "verdicts": (verdict,),
        })  # fmt: skip
        data.append(to_json(judgment) + b"\n")
    (place / reports.SAMPLES).write_bytes(b"".join(data))
    result = reports.read(folder / reports.RESULT, Result)
    assert result is not None
    number, protocol = replace(result.first, metric="grade", value=0.5), f"{result.protocol}|judge:strict"
    graded = replace(result, judge="strict", headline="grade", estimates=(number,), protocol=protocol)
    reports.publish(place / reports.RESULT, graded)


@pytest.mark.parametrize("page", ["k_qa-written", "k_qa-written-by-strict"])
def test_the_words_of_a_judge_stand_with_its_grades(tmp_path: Path, page: str) -> None:
    judged(tmp_path / "reports")
    text = words_of(written(tmp_path / "reports", tmp_path / "out")[f"cell/one/{page}.html"])
    assert "safety: 4" in text
    assert "Reason: it is safe & sound. Grade: 4" in text
    assert "safety: no verdict" in text


def test_a_judged_cell_names_its_judge_and_shows_what_the_model_said(tmp_path: Path) -> None:
    judged(tmp_path / "reports")
    text = words_of(written(tmp_path / "reports", tmp_path / "out")["cell/one/k_qa-written-by-strict.html"])
    assert "judge strict" in text
    assert "Question of a?" in text
    assert "Grade it." not in text


def test_cases_of_a_judged_cell_tell_what_the_judge_made_of_them(tmp_path: Path) -> None:
    judged(tmp_path / "reports")
    page = written(tmp_path / "reports", tmp_path / "out")["cell/one/k_qa-written-by-strict.html"]
    marks = re.findall(r'<summary><span class="mark ?(\w*)">([^<]*)</span> <code>(\w)</code>', page)
    assert [name for _, _, name in marks] == ["a", "b"]
    assert "–" not in [said for _, said, _ in marks]
