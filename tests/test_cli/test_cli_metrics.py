"""The command's newer words: wordings and shuffles, metrics by name, probabilities, and what show tells of them."""

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medeval.cli import app, main

Exam = Callable[[int], Path]
Refused = Callable[..., list[str]]
VARIANTS = ("consistency", "worst_variant", "variant_spread")
ONE = r"{}: has one wording here, not 2\. Ask for fewer --wordings\."


def done(*words: str | Path) -> str:
    """What a command prints when all goes well."""
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Refused:
    """Run a command that must end with 2 and write nothing, and give the sentences it says."""

    def run(*words: str | Path) -> list[str]:
        before = sorted(tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", ["medeval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        assert sorted(tmp_path.rglob("*")) == before
        return str(err).splitlines()

    return run


def run(model: str, tasks: str, reports: Path) -> tuple[str | Path, ...]:
    return "run", "--model", f"baseline:{model}", "--tasks", tasks, "--data", "sample", "--reports", reports


def table(said: str) -> dict[str, str]:
    """The values of a table of one task, by metric."""
    rows = said.split("\n\n", 1)[0].splitlines()[1:]
    return {cells[0]: cells[1] for cells in (re.split(r"\s{2,}", row[row.index(" ") :].strip()) for row in rows)}


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("result.json", "samples.jsonl")}


def wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


# --- wordings and shuffles ------------------------------------------------------------------------


def test_a_rule_that_reads_no_words_hangs_on_none_of_them(tmp_path: Path) -> None:
    plain = table(done(*run("longest", "medqa", tmp_path)))
    done(*run("longest", "medqa", tmp_path), "--wordings", "4")
    found = table(done("show", "baseline-longest/medqa@wordings4,sample", "--reports", tmp_path, "--metrics"))
    assert found["accuracy"] == found["accuracy_voted"] == found["worst_variant"] == plain["accuracy"]
    assert (found["consistency"], found["variant_spread"]) == ("100.00", "0.00")


def test_a_rule_that_always_says_the_same_letter_hangs_on_the_order_of_options(tmp_path: Path) -> None:
    done(*run("majority", "medqa", tmp_path), "--options", "shuffled", "--shuffles", "3")
    found = table(done("show", tmp_path / "baseline-majority" / "medqa@shuffled3,sample", "--metrics"))
    # 26 questions: of each variant some are right, and a letter seldom keeps its text in three orders.
    worst, apart = float(found["worst_variant"]), float(found["variant_spread"])
    assert worst <= float(found["accuracy"]) <= worst + apart
    assert float(found["consistency"]) < 50


def test_what_is_told_of_variants_is_for_those_who_ask(tmp_path: Path) -> None:
    done(*run("random", "medqa", tmp_path), "--wordings", "2")
    cell = tmp_path / "baseline-random" / "medqa@wordings2,sample"
    # They stand among the numbers that are shown without being asked for.
    assert [*table(done("show", cell))] == ["accuracy", "accuracy_voted", *VARIANTS]
    assert {*VARIANTS} <= {*table(done("show", cell, "--metrics"))}
    told = {each["metric"] for each in json.loads(done("show", cell, "--json"))[0]["estimates"]}
    assert {*VARIANTS} <= told
    lines = done("show", cell, "--metrics", "--slices").splitlines()
    for name in VARIANTS:
        parts = [re.split(r"\s{2,}", line)[1:3] for line in lines if re.search(rf"  {name}  ", line[5:])]
        assert ["step", "step1"] in parts
        assert ["step", "step2&3"] in parts


def test_a_dry_run_counts_every_variant(tmp_path: Path) -> None:
    words = ("--wordings", "3", "--options", "shuffled", "--shuffles", "2", "--dry-run", "--json")
    assert json.loads(done(*run("random", "medqa", tmp_path), *words))["medqa"]["requests"] == 26 * 6


@pytest.mark.parametrize(
    ("tasks", "words", "sentences"),
    [
        (
            "medqa,pubmedqa,cmb_exam",
            ("--wordings", "5"),
            [
                rf"{name}: has 4 wordings here, not 5\. Ask for fewer --wordings\."
                for name in ("medqa", "pubmedqa", "cmb_exam")
            ],
        ),
        ("aci_bench", ("--wordings", "2"), [ONE.format("aci_bench")]),
        ("medqa,aci_bench", ("--wordings", "2"), [ONE.format("aci_bench")]),
        ("medqa", ("--wordings", "2", "--style", "options"), [ONE.format("medqa")]),
        (
            "medqa",
            ("--wordings", "2", "--protocol", "lm-eval"),
            [r"Protocol 'lm-eval' fixes how a question is put: leave --wordings away\."],
        ),
        (
            "medqa",
            ("--wordings", "2", "--protocol", "mirage"),
            [r"Protocol 'mirage' is one wording: leave --wordings away\."],
        ),
        (
            "cmb_exam",
            ("--wordings", "2", "--protocol", "cmb-official"),
            [r"Protocol 'cmb-official' is one wording: leave --wordings away\."],
        ),
        ("medqa", ("--shuffles", "2"), [r"--shuffles 2 goes with --options shuffled\."]),
        ("medqa", ("--shuffles", "2", "--options", "circular"), [r"--shuffles 2 goes with --options shuffled\."]),
        (
            "pubmedqa",
            ("--shuffles", "2", "--options", "shuffled"),
            [r"pubmedqa: its options are words with no order; leave --options shuffled off for it\."],
        ),
    ],
)
def test_variants_that_cannot_be_are_a_sentence_a_task(
    refused: Refused, tmp_path: Path, tasks: str, words: tuple[str, ...], sentences: list[str]
) -> None:
    said = refused(*run("random", tasks, tmp_path), *words)
    assert len(said) == len(sentences)
    assert all(re.fullmatch(f"medeval: {sentence}", each) for sentence, each in zip(sentences, said, strict=True))


@pytest.mark.parametrize("words", [("--wordings", "0"), ("--shuffles", "0"), ("--wordings", "two")])
def test_numbers_of_variants_are_numbers_from_one(refused: Refused, tmp_path: Path, words: tuple[str, str]) -> None:
    said = refused(*run("random", "medqa", tmp_path), *words)
    assert said[-1].startswith("Error: ")
    assert words[0] in said[-1]


# --- metrics by name ------------------------------------------------------------------------------


def test_score_adds_a_metric_and_takes_it_away_again(tmp_path: Path) -> None:
    done(*run("longest", "aci_bench_valid", tmp_path), "--style", "written")
    cell = tmp_path / "baseline-longest" / "aci_bench_valid@written,sample"
    before = files(cell)
    code = (Path(__file__).parents[2] / "tasks" / "aci_bench.py").read_text(encoding="utf-8")
    # A task that tells ROUGE alone, in a folder of its own, with the rows of the one that tells more.
    short = tmp_path / "short" / "short_notes.py"
    short.parent.mkdir()
    code = code.replace("    also=(*metrics.texts(), *by_division()),\n", "")
    code = code.replace('TASKS = {"": TEST1, ', 'TASKS = {"": VALID, ')
    short.write_text(code, encoding="utf-8")
    (short.parent / "samples").symlink_to(Path(__file__).parents[2] / "tasks" / "samples")
    own = ("--task-path", short)
    done(*run("longest", "short_notes", tmp_path / "r"), *own)
    folder = tmp_path / "r" / "baseline-longest" / "short_notes@written,sample"
    plain = files(folder)

    def told() -> set[str]:
        return {each["metric"] for each in json.loads(done("show", folder, "--json"))[0]["estimates"]}

    assert told() == {"rouge1", "rouge2", "rougeL", "rougeLsum"}
    done("score", folder.parent, *own, "--metric", "chrf", "--metric", "length_ratio")
    assert {"chrf", "length_ratio"} <= told()
    more = files(folder)
    assert more["samples.jsonl"] != plain["samples.jsonl"]
    # Once wished for, they are told again; others take their place, and none is none.
    done("score", folder.parent, *own)
    assert files(folder) == more
    done("score", folder.parent, *own, "--metric", "length_ratio")
    assert (told() - {"rouge1", "rouge2", "rougeL", "rougeLsum"}) == {"length_ratio"}
    done("score", folder.parent, *own)
    assert "length_ratio" in told()
    done("score", folder.parent, *own, "--metric", "none")
    assert files(folder) == plain
    done("score", folder.parent, *own)
    assert files(folder) == plain
    done(*run("longest", "short_notes", tmp_path / "r"), *own, "--metric", "chrf", "--metric", "length_ratio")
    assert files(folder) == more
    done(*run("longest", "short_notes", tmp_path / "r"), *own)
    assert files(folder) == plain
    assert files(cell) == before
    # The longer task tells the same numbers of the same texts.
    numbers = {
        name: [each["value"] for each in json.loads(result)["estimates"] if each["metric"] == "chrf"]
        for name, result in (("short", more["result.json"]), ("long", before["result.json"]))
    }
    assert numbers["short"] == numbers["long"] != []


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("rouge", r"--metric rouge: unknown\. There are .+"),
        ("bertscore:nowhere#2nd", r"--metric bertscore:nowhere#2nd: '2nd' is no layer\. .+"),
        ("bertscore:/nowhere", r"/nowhere: no such folder, .+"),
        ("evaluate:/nowhere", r"evaluate:/nowhere: there is no such file or folder here, .+"),
    ],
)
@pytest.mark.parametrize("tasks", ["aci_bench", "aci_bench,medqa"])
def test_a_metric_that_cannot_be_is_one_sentence(
    refused: Refused, tmp_path: Path, wanted: str, sentence: str, tasks: str
) -> None:
    pytest.importorskip("evaluate")
    (said,) = refused(*run("random", tasks, tmp_path), "--metric", wanted)
    assert re.fullmatch(f"medeval: {sentence}", said)


def test_an_entry_is_left_as_it_was_where_a_metric_cannot_be(refused: Refused, tmp_path: Path) -> None:
    done(*run("random", "medqa", tmp_path))
    before = files(tmp_path / "baseline-random" / "medqa@sample")
    (said,) = refused("score", tmp_path / "baseline-random", "--metric", "rouge")
    assert said.startswith("medeval: --metric rouge: unknown.")
    assert files(tmp_path / "baseline-random" / "medqa@sample") == before


# --- probabilities --------------------------------------------------------------------------------


def shares(home: Path, rows: list[Any], *, ids: bool = True) -> tuple[str | Path, ...]:
    """Write predictions of probabilities for the small exam, and give the words that score them."""
    path = home / "theirs.jsonl"
    named = [{"id": f"{number:04d}", "p": row} if ids else {"p": row} for number, row in enumerate(rows)]
    path.write_text("".join([json.dumps(row) + "\n" for row in named]), encoding="utf-8")
    return (
        "score", "--task", "exam", "--task-path", home / "exam.py", "--data", home / "data", "--predictions", path,
        "--reports", home / "reports", "--probabilities", "p",
    )  # fmt: skip


SURE, HALF = [0.7, 0.1, 0.1, 0.1], [0.0, 0.5, 0.25, 0.25]


@pytest.fixture
def eight(exam: Exam) -> Path:
    """Right are A, B, C, D, A, B, C, D."""
    return exam(8)


def test_probabilities_make_a_result_with_its_confidence(eight: Path) -> None:
    (result,) = json.loads(done(*shares(eight, [SURE, HALF] * 4), "--json"))
    assert result["flags"] == []
    assert result["protocol"].startswith("exam.v1|letters|?-shot|n:8|")
    (estimate,) = [each for each in result["estimates"] if each["metric"] == "accuracy"]
    # A to the even ones, of which 0 and 4 have it; B to the odd ones, of which 1 and 5 have it.
    assert estimate["value"] == 0.5
    folder = eight / "reports" / "theirs" / "exam@elsewhere"
    picked = [json.loads(line)["picked"] for line in (folder / "samples.jsonl").read_bytes().splitlines()]
    assert picked == [["A"], ["B"]] * 4


def test_probabilities_by_label_a_list_and_rows_in_order_are_the_same(eight: Path) -> None:
    rows = [SURE, HALF] * 4
    by_list = json.loads(done(*shares(eight, rows), "--json"))
    by_label = [dict(zip("DCBA", row[::-1], strict=True)) for row in rows]
    found = json.loads(done(*shares(eight, by_label), "--label", "by-label", "--json"))
    in_order = json.loads(done(*shares(eight, rows, ids=False), "--by-order", "--label", "in-order", "--json"))
    assert found[0]["estimates"] == by_list[0]["estimates"] == in_order[0]["estimates"]


def test_probabilities_can_be_scored_again_to_the_byte(eight: Path) -> None:
    done(*shares(eight, [SURE, HALF] * 4))
    folder = eight / "reports" / "theirs" / "exam@elsewhere"
    before = files(folder)
    done("score", folder, "--task-path", eight / "exam.py", "--data", eight / "data")
    assert files(folder) == before


@pytest.mark.parametrize(
    "odd",
    [[0.5, 0.5], [0.5, 0.5, 0.5, 1.5], [0, 0, 0, 0], [-0.1, 0.5, 0.3, 0.3], {"A": 1.0}, "A", None, [True, 0, 0, 0]],
)
def test_what_are_no_probabilities_is_named_by_its_id(refused: Refused, eight: Path, odd: Any) -> None:
    (said,) = refused(*shares(eight, [SURE] * 5 + [odd] + [SURE] * 2))
    assert re.fullmatch(
        r"medeval: .+theirs\.jsonl: 1 ids without a probability from 0 to 1 for every option: 0005\.", said
    )


def test_a_field_that_is_not_there_is_told_with_those_that_are(refused: Refused, eight: Path) -> None:
    (said,) = refused(*shares(eight, [SURE] * 8)[:-1], "q")
    assert "no field 'q'. It has: id, p." in said


# --- show -----------------------------------------------------------------------------------------


def test_columns_stand_below_their_heads_where_slices_are_chinese(tmp_path: Path) -> None:
    done(*run("random", "cmb_exam,medqa_mainland", tmp_path), "--style", "written")
    said = done("show", "baseline-random", "--reports", tmp_path, "--slices", "--metrics", "--tables")
    blocks = [block.splitlines() for block in said.split("\n\n")]
    (slices,) = [lines for lines in blocks if lines[0].startswith("task") and "slice" in lines[0]]
    assert any(re.search("[\u4e00-\u9fff]", line) for line in slices)
    end = wide(slices[0][: slices[0].index("value") + len("value")])
    for line in slices[1:]:
        until = [wide(line[:place]) for place in range(len(line) + 1)].index(end)
        assert re.search(r"\d$", line[:until])
        assert re.match(r"  |$", line[until:])


def test_more_can_be_asked_of_show_at_once_and_json_is_whatever_is_asked(tmp_path: Path) -> None:
    done(*run("overlap", "pubmedqa", tmp_path))
    entry = tmp_path / "baseline-overlap"
    plain = done("show", entry)
    whole = done("show", entry, "--metrics", "--tables", "--slices")
    assert len(table(whole)) > len(table(plain)) == 2
    assert "\npubmedqa, confusion: " in whole
    assert "\npubmedqa, reliability: " in whole
    assert "\npubmedqa, risk_coverage: " in whole
    published = json.loads((entry / "pubmedqa@sample" / "result.json").read_bytes())
    for words in ((), ("--metrics",), ("--tables", "--slices")):
        assert json.loads(done("show", entry, *words, "--json")) == [published]
    assert {each["name"] for each in published["tables"]} == {"confusion", "reliability", "risk_coverage"}


# --- power ----------------------------------------------------------------------------------------


def test_power_knows_a_task_of_ones_own(exam: Exam) -> None:
    home = exam(1273)
    said = done("power", "--task", "exam", "--task-path", home / "exam.py")
    assert said.partition("\n")[2] == done("power", "--task", "medqa").partition("\n")[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--task", "nobodys"), r"Unknown task 'nobodys'\..*"),
        (("--task", "medqa", "--alpha", "nan"), r"--alpha nan: it lies between 0 and 1\."),
        (("--task", "medqa", "--power", "0.05"), r"--power 0\.05: it must be above --alpha 0\.05, .+"),
        (("--task", "medqa", "--power", "-1"), r"--power -1: it lies between 0 and 1\."),
        (("--task", "medqa", "--baseline", "random"), r".+/random: no result of medqa there\. .+"),
    ],
)
def test_power_refuses_in_one_sentence(refused: Refused, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    (said,) = refused("power", *words, "--reports", tmp_path)
    assert re.fullmatch(f"medeval: {sentence}", said)


def test_power_takes_the_plainest_of_several_runs(tmp_path: Path) -> None:
    done(*run("majority", "medqa", tmp_path))
    done(*run("majority", "medqa", tmp_path), "--options", "circular")
    words = ("--baseline", "baseline-majority", "--reports", tmp_path, "--json")
    # Eight of 26 have the commonest answer; asked in every turn it is right a quarter of the time.
    assert json.loads(done("power", "--task", "medqa", *words))["widths"][0][0] == pytest.approx(8 / 26)
