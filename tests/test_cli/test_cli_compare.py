"""medeval compare: what it prints and writes, how it ends, and one sentence for what cannot be."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.comparing import CASES
from medeval.comparing.sides import PRIVATE
from medeval.records import Failure, Result
from tests.payloads import PAYLOADS
from tests.test_comparing.made import MODEL, SETTING, cell, counted, line, lines

Said = Callable[..., tuple[int, str, str]]
OTHER = replace(MODEL, model="org/new")


@pytest.fixture
def said(command: Said) -> Said:
    """Run the verb in the folder of the test."""
    return partial(command, "compare")


def exams(root: Path, *cells: tuple[str, int, int], name: str = "new", **how: Any) -> Path:
    """An entry below reports/, with flips up and down against `base`, which is (0, 0)."""
    for task, b, c in cells:
        cell(root / "reports", name, lines(counted(b, c, 120)[name != "base"]), task, **how)
    return root / "reports"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two entries: in medqa new is worse, in pubmedqa nothing is seen."""
    there = (("medqa", 4, 30), ("pubmedqa", 6, 5))
    exams(tmp_path, *there, name="base")
    return exams(tmp_path, *there, model=OTHER)


def cells_of(out: str) -> list[list[str]]:
    """The rows of what is printed."""
    return [re.split(r"\s{2,}", row.strip()) for row in out.splitlines()]


# --- what it prints ---


def test_it_prints_what_lies_between_two_entries(said: Said, two: Path) -> None:
    code, out, err = said("base", "new")
    assert (code, err) == (0, "")
    rows = cells_of(out)
    assert rows[0] == ["new against base: 1 worse, of 2 numbers in 2 tasks."]
    assert rows[2] == [
        "task", "metric", "base", "new", "difference", "95 % interval", "b", "c", "p", "adjusted p", "sees", "n",
        "flips",
        "verdict",
    ]  # fmt: skip
    medqa = dict(zip(rows[2], rows[3], strict=True))
    assert (medqa["task"], medqa["b"], medqa["c"], medqa["n"], medqa["verdict"]) == ("medqa", "4", "30", "120", "worse")
    assert medqa["difference"] == "−21.67"
    assert rows[4][-1] == "no difference seen"
    assert ["Treatment (model): model org/model → org/new"] in rows
    assert ["medqa: 30 lost"] in rows
    assert sum(row[0].endswith("A → B") for row in rows) == 10, "five of each kind and task"


def test_as_many_cases_are_shown_as_are_wanted(said: Said, two: Path) -> None:
    out = said("base", "new", "--cases", 2, "--tasks", "medqa")[1]
    assert len(re.findall(r"^  \d{3}: ", out, re.MULTILINE)) == 4
    none = said("base", "new", "--cases", 0)[1]
    assert "lost" not in none
    assert none.count("medqa") >= 1


def test_only_some_tasks_are_compared(said: Said, two: Path) -> None:
    out = said("base", "new", "--tasks", "pubmedqa")[1]
    assert "medqa" not in out.replace("pubmedqa", "")
    assert out.startswith("new against base: no difference seen")


@pytest.mark.parametrize("words", [("base", "new"), ("new", "base")])
def test_json_has_the_numbers_that_are_printed(said: Said, two: Path, words: tuple[str, str]) -> None:
    printed = cells_of(said(*words)[1])
    code, out, err = said(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    rows = [row for each in found["news"][0]["cells"] for row in each["rows"]]
    shown = [dict(zip(printed[2], row, strict=True)) for row in printed[3:5]]
    for row, text in zip(rows, shown, strict=True):
        assert text["verdict"] == row["word"]
        assert (text["b"], text["c"], text["n"]) == (f"{row['up']}", f"{row['down']}", f"{row['n']}")
        for name, value in (("base", row["base"]), ("new", row["new"]), ("difference", row["difference"])):
            assert float(text[name].replace("−", "-")) == pytest.approx(100 * value, abs=0.0051)
        limits = [float(each) for each in text["95 % interval"].replace("−", "-").split(" to ")]
        assert limits == pytest.approx([100 * row["low"], 100 * row["high"]], abs=0.0051)
        assert text["adjusted p"] in (f"{row['p_adjusted']:.4f}", "<0.0001")
    assert len(rows) == 2


def test_slices_and_numbers_beside_are_told_where_they_are_wished_for(said: Said, tmp_path: Path) -> None:
    parts = [{"part": "xy"[place % 2]} for place in range(120)]
    base, new = counted(4, 30, 120)
    for name, marks in (("base", base), ("new", new)):
        there = [
            line(f"{place:03d}", {"accuracy": mark, "brier": 1 - mark}, slices=part)
            for place, (mark, part) in enumerate(zip(marks, parts, strict=True))
        ]
        folder = cell(tmp_path / "reports", name, there)
        result = reports.read(folder / reports.RESULT, Result)
        assert result is not None
        first, second = result.estimates
        beside = replace(second, beside=True, better="lower", unit="plain")
        reports.publish(folder / reports.RESULT, replace(result, estimates=(first, beside)))
    plain, whole = said("base", "new")[1], said("base", "new", "--slices", "--metrics")[1]
    assert "part=x  " not in plain
    assert "brier" not in plain
    names = [row[1] for row in cells_of(whole) if len(row) > 8 and row[0] == "medqa"]
    assert {"accuracy", "part=x"} <= {*names}
    (brier,) = [row for row in cells_of(whole) if row[0] == "brier"]
    assert brier[-1] == "worse", "the lower the better"


def test_three_entries_have_a_table_of_who_is_right_where(said: Said, tmp_path: Path) -> None:
    for name, mark in (("base", 1.0), ("one", 0.0), ("two", None)):
        cell(tmp_path / "reports", name, [line("q7", mark), line("q8", 1.0)])
    out = said("base", "one", "two")[1]
    assert [row for row in cells_of(out) if row[0] in ("task", "medqa")][-2:] == [
        ["task", "sample", "base", "one", "two"], ["medqa", "q7", "1", "0", "–"],
    ]  # fmt: skip
    many = lines([1.0] * 50), lines([0.0] * 50)
    for name, there in (("base", many[0]), ("one", many[1]), ("two", many[1])):
        cell(tmp_path / "reports", name, there, "pubmedqa")
    assert "… and 31 more on which they differ" in said("base", "one", "two")[1]


def test_chinese_texts_are_edited_character_by_character(said: Said, tmp_path: Path) -> None:
    cell(tmp_path / "reports", "base", [line("a", 1.0, "诊断是肺炎。"), line("b", 1.0)])
    cell(tmp_path / "reports", "new", [line("a", 0.0, "诊断是肺癌。"), line("b", 1.0)])
    assert "诊断是肺[-炎-]{+癌+}。" in said("base", "new")[1]


def test_a_cell_and_a_path_may_be_named(said: Said, two: Path) -> None:
    for words in (("base/medqa", "new/medqa"), (two / "base" / "medqa", two / "new" / "medqa")):
        code, out, _ = said(*words)
        assert code == 0
        assert out.startswith("new against base: 1 worse, of 1 number")


# --- how it ends ---


def test_what_cannot_be_compared_ends_with_four_and_names_the_fields(said: Said, two: Path, tmp_path: Path) -> None:
    exams(tmp_path, ("medqa", 4, 30), ("pubmedqa", 6, 5), name="words", setting=replace(SETTING, system="Be good."))
    code, out, err = said("base", "words", "--tasks", "medqa")
    assert code == 4
    assert out.startswith("words against base: nothing was compared; see why not.")
    assert err == (
        "medeval: words, medqa: not comparable: system – / Be good.. "
        "--treatment prompt declares that it was changed on purpose.\n"
    )
    code, out, err = said("base", "words", "--treatment", "prompt")
    assert (code, err) == (0, "")
    assert "Treatment (prompt): system none → Be good." in out


def test_one_task_that_cannot_be_compared_ends_with_four_and_the_others_are_told(said: Said, tmp_path: Path) -> None:
    exams(tmp_path, ("medqa", 4, 30), ("pubmedqa", 6, 5), name="base")
    exams(tmp_path, ("medqa", 4, 30))
    exams(tmp_path, ("pubmedqa", 6, 5), task_version=2)
    code, out, err = said("base", "new", "--json")
    assert code == 4
    (versus,) = json.loads(out)["news"]
    assert [each["task"] for each in versus["cells"]] == ["medqa"]
    assert [each["field"] for each in versus["refused"][0]["fields"]] == ["task version"]
    assert "pubmedqa: not comparable: task version 1 / 2. Run both with the same task." in err


def test_another_model_is_refused_where_the_engine_is_the_treatment(said: Said, two: Path) -> None:
    code, _, err = said("base", "new", "--treatment", "engine")
    assert code == 4
    assert "model org/model / org/new. With --treatment engine the model must be the same." in err


def test_a_part_is_refused_and_let_through(said: Said, two: Path, tmp_path: Path) -> None:
    there = lines(counted(4, 30, 120)[1])[:50]
    cell(two, "part", there, data="e" * 64, prompt="q" * 16, setting=replace(SETTING, limit=50))
    code, _, err = said("base", "part")
    assert code == 4
    assert "--allow-subset compares the samples that both have" in err
    code, out, err = said("base", "part", "--allow-subset")
    assert (code, err) == (0, "")
    assert "medqa: 50 common samples; 70 only in the base, 0 only in new." in out


def test_other_words_under_the_same_names_are_refused(said: Said, tmp_path: Path) -> None:
    cell(tmp_path / "reports", "base", [line("a"), line("b")])
    cell(tmp_path / "reports", "new", [line("a"), line("b", asked="Which of these?")])
    code, _, err = said("base", "new")
    assert code == 4
    assert "1 of 2" in err


def test_nothing_in_common_ends_with_five(said: Said, tmp_path: Path) -> None:
    exams(tmp_path, ("medqa", 0, 0), name="base")
    exams(tmp_path, ("pubmedqa", 1, 2))
    code, out, err = said("base", "new")
    assert (code, err) == (5, "")
    assert out.startswith("new against base: nothing was compared; they have no task in common.")
    assert "Only the base has medqa." in out
    assert "Only new has pubmedqa." in out
    assert said("base", "new", "--tasks", "medmcqa")[0] == 5
    code, _, err = said("base", "new", "--tasks", "medqua,pubmedqa")
    assert code == 2
    assert "Unknown task 'medqua'. Did you mean 'medqa'?" in err


def test_all_names_that_are_not_there_are_told_at_once(said: Said, tmp_path: Path) -> None:
    exams(tmp_path, ("medqa", 0, 0), name="base")
    code, _, err = said("bose", "base", "nobody")
    assert code == 2
    assert "Did you mean 'base'?" in err
    assert "nobody: no results there. Name an entry's folder" in err


def test_nothing_measured_in_common_ends_with_five(said: Said, tmp_path: Path) -> None:
    cell(tmp_path / "reports", "base", lines([1.0, None]))
    cell(tmp_path / "reports", "new", lines([None, 1.0]))
    assert said("base", "new")[0] == 5


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("base", "nobody"), "nobody: no results there. Name an entry's folder, its label, or one of its cells."),
        (("base", "new", "--treatment", "weather"), "weather: say one of prompt, engine, decoding, reader."),
        (("base", "new", "--md", "."), ".: is a folder. Name a file for the page."),
        (("base", "new", "--md", "base/new/a.md"), ""),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_sentence(said: Said, two: Path, words: Sequence[str], fault: str) -> None:
    code, out, err = said(*words)
    if not fault:
        assert code == 0, "folders are made"
        return
    assert (code, out) == (2, "")
    assert fault in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [(), ("base",), ("base", "new", "--cases", "-1"), ("base", "new", "--lang", "fr")])
def test_words_that_are_no_request_end_with_two(said: Said, two: Path, words: Sequence[str]) -> None:
    assert said(*words)[0] == 2


@pytest.mark.parametrize("torn", [b'{"sample": "a"', b"\xff\n", b"[" * 100_000, b'{"sample": 1, "status": "scored"}\n'])
@pytest.mark.parametrize("file", [reports.SAMPLES, reports.RESULT, reports.MANIFEST])
def test_what_cannot_be_read_is_one_sentence(said: Said, two: Path, torn: bytes, file: str) -> None:
    path = two / "new" / "medqa" / file
    path.write_bytes(torn)
    code, out, err = said("base", "new")
    assert (code, out) == (2, "")
    assert f"new/medqa/{file}: " in err
    assert err.count("\n") == 1
    assert said("base", "new", "--tasks", "pubmedqa")[0] == (2 if file == reports.RESULT else 0)


def test_samples_that_are_gone_are_one_sentence(said: Said, two: Path) -> None:
    (two / "new" / "medqa" / reports.SAMPLES).unlink()
    code, out, err = said("base", "new")
    assert (code, out) == (3, "")
    assert re.fullmatch(r"medeval: \S*new/medqa/samples\.jsonl: cannot be read \(.*\)\.\n", err)


def test_the_command_itself_ends_as_its_functions_say(two: Path, tmp_path: Path) -> None:
    """In a process of its own, with its own standard error."""
    exams(tmp_path, ("medqa", 4, 30), name="other", task_version=2)

    def ends(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "medeval", "compare", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    assert ends("base", "new", "--json") == (0, "")
    code, err = ends("base", "other")
    assert (code, err.count("\n")) == (4, 1)


def test_a_text_cannot_pass_for_a_line_of_ours(said: Said, tmp_path: Path) -> None:
    for name, mark in (("base", 1.0), ("new", 0.0)):
        cell(tmp_path / "reports", name, [line("a", mark, f"{name}\nmedqa: 0 lost\n\n[here]"), line("b", 1.0)])
    printed = said("base", "new")[1].splitlines()
    assert [row for row in printed if row.startswith(("medqa: 0", "[here]"))] == []
    assert "medqa: 1 lost" in printed


# --- files ---


def test_markdown_is_written_with_more_cases_than_are_printed(said: Said, tmp_path: Path) -> None:
    for name, mark in (("base", 1.0), ("new", 0.0)):
        cell(tmp_path / "reports", name, lines([mark] * 80))
    code, out, _ = said("base", "new", "--md", "there/found.md")
    assert code == 0
    assert len(re.findall(r"^  \d{3}: ", out, re.MULTILINE)) == 5
    text = (tmp_path / "there" / "found.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^- \d{3}: ", text, re.MULTILINE)) == CASES
    assert text.startswith("# new against base\n\n")


def hostile(root: Path) -> None:
    """Two entries in whose every text somebody means harm."""
    texts = ["a\r<img src=x onerror=alert(1)>\r# b", "\x1b[2J\x1b]0;gone\x07", "\u202egnp.exe", *PAYLOADS[::12]]
    sides = [
        [
            line(f"{place} {text[:50]}", float(side), text if side else texts[place - 1], slices={"part": text[:30]},
                 picked=(text[:20],))
            for place, text in enumerate(texts)
        ] + [line("gone", None, Failure(failure="engine_error", reason=texts[0]), "engine_error")]
        for side in (0, 1)
    ]  # fmt: skip
    for name, there, text in (("base", sides[0], texts[0]), ("new", sides[1], texts[1])):
        cell(root, name, there, model=replace(MODEL, model=text, version=text))
        cell(root, name, there, "refused", setting=replace(SETTING, system=text))


def test_what_others_wrote_steers_no_terminal_and_is_not_live(said: Said, tmp_path: Path) -> None:
    hostile(tmp_path / "reports")
    code, out, err = said("base", "new", "--slices", "--cases", 99, "--md", "found.md")
    assert code == 4
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", out + err)
    assert len([row for row in err.splitlines() if row]) == 1
    markdown_it = pytest.importorskip("markdown_it")
    page = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    html = page.render((tmp_path / "found.md").read_text(encoding="utf-8"))
    tags = {name.lower() for name in re.findall(r"</?([a-z0-9]+)", html, re.IGNORECASE)}
    assert tags <= {
        "h1", "h2", "p", "ul", "li", "strong", "pre", "code", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert json.loads(said("base", "new", "--json")[1])["base"] == "base"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_is_written(said: Said, two: Path, tmp_path: Path, lang: str) -> None:
    code, out, err = said("base", "new", "--html", "found.html", "--lang", lang)
    assert (code, err) == (0, "")
    assert out.startswith("new against base: 1 worse")
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert f'lang="{lang}' in page


# --- exams of one's own ---


@pytest.mark.parametrize("own", [True, False])
def test_what_is_of_an_exam_of_ones_own_says_so_wherever_it_is_told(said: Said, tmp_path: Path, *, own: bool) -> None:
    how = {"setting": replace(SETTING, data="own" if own else "real")}
    for name in ("base", "new"):
        exams(tmp_path, ("medqa", 4, 30), name=name)
        exams(tmp_path, ("pharmacy", 4, 30), name=name, **how)
    out = said("base", "new", "--md", "c.md")[1]
    assert (out.rstrip().splitlines()[-1] == PRIVATE) is own
    assert (f"**{PRIVATE}**" in (tmp_path / "c.md").read_text(encoding="utf-8")) is own
    assert json.loads(said("base", "new", "--json")[1])["notes"] == [PRIVATE] * own
    assert PRIVATE not in said("base", "new", "--tasks", "medqa")[1]


def test_the_name_of_an_exam_of_ones_own_is_private_where_nothing_can_be_compared(said: Said, tmp_path: Path) -> None:
    exams(tmp_path, ("medqa", 4, 30), name="base")
    exams(tmp_path, ("pharmacy", 4, 30), setting=replace(SETTING, data="own"))
    code, out, _ = said("base", "new", "--md", "c.md")
    assert code == 5
    for text in (out, (tmp_path / "c.md").read_text(encoding="utf-8")):
        assert "pharmacy" in text
        assert PRIVATE in text
