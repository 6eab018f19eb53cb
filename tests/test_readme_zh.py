"""The README in Chinese says what the README says: the same commands, codes, files, figures and examples."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from medeval.exams.declared import declared
from medeval.gates.verdicts import Word

ROOT = Path(__file__).parents[1]
PLACES = (ROOT / "README.md", ROOT / "README.zh.md")
ENGLISH, CHINESE = (place.read_text(encoding="utf-8") for place in PLACES)
both = pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str | None = None) -> list[str]:
    """Code, the fenced and the indented; or the fenced of one language."""
    fenced = [body for name, body in FENCED.findall(text) if language in (None, name)]
    indented = re.findall(r"(?:^ {4}\S.*\n)+", FENCED.sub("", text), re.MULTILINE)
    return fenced if language else [*fenced, *indented]


def bare(code: str) -> list[str]:
    """The lines of it without comments, which are in the reader's language."""
    lines = [re.sub(r"(?:^|\s+)# .*$", "", line).strip() for line in code.splitlines()]
    return [line for line in lines if line]


def commands(text: str) -> Counter[str]:
    """What is typed, and what medeval answers to it."""
    typed = r"(?:venv/bin/)?(?:medeval:?|make|pip|python3|sha256sum|tar) "
    return Counter(line for code in blocks(text) for line in bare(code) if re.match(typed, line))


def prose(text: str) -> str:
    return FENCED.sub("", text)


def spans(text: str) -> set[str]:
    """The pieces of code that stand in sentences."""
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def first_cells(text: str) -> list[str]:
    """The first column of every table, without heads and rules."""
    rows = re.findall(r"^\| ([^|]+) \|.*\n", re.sub(r"^\|.*\n\|---.*\n", "", text, flags=re.MULTILINE), re.MULTILINE)
    return [row.strip() for row in rows]


def files(text: str) -> set[str]:
    """What is named in the drawings of folders, which are the blocks that begin with one."""
    trees = [code for code in blocks(text) if re.match(r"[\w.]+/", code)]
    assert len(trees) == 2
    return {name for code in trees for name in re.findall(r"[\w.]+/(?=\s)|\w+\.(?:py|jsonl|json|toml|lock)\b", code)}


def figures(text: str) -> Counter[str]:
    """Every number of the sentences, as often as it stands there; 1,069 is one."""
    return Counter(re.findall(r"\d+(?:[.,]\d+)*", prose(text)))


def test_every_command_of_one_stands_in_the_other() -> None:
    assert commands(ENGLISH) == commands(CHINESE)
    assert {line.split()[0] for line in commands(ENGLISH)} >= {"medeval", "make", "pip", "venv/bin/medeval"}
    assert commands(ENGLISH).total() > 60


def test_a_command_is_told_from_what_is_said_of_it() -> None:
    code = "```\nmedeval run --model http://h/v1#m   # 说明\n# medeval show x\n```\n\n    make demo # a venv\n"
    assert commands(code) == Counter(["medeval run --model http://h/v1#m", "make demo"])


def test_what_is_typed_into_python_is_the_same() -> None:
    assert [bare(code) for code in blocks(ENGLISH, "python")] == [bare(code) for code in blocks(CHINESE, "python")]
    assert len(blocks(CHINESE, "python")) == 2


def test_what_a_run_prints_is_the_same() -> None:
    english, chinese = ([code for code in blocks(text) if "‖" in code] for text in (ENGLISH, CHINESE))
    assert english == chinese
    assert len(english) == 1


def test_the_tables_have_the_same_codes_in_the_same_order() -> None:
    assert first_cells(ENGLISH) == first_cells(CHINESE)


@both
def test_the_tables_have_every_exit_code_and_every_verdict(text: str) -> None:
    cells = first_cells(text)
    assert [cell for cell in cells if cell.isdigit()] == ["0", "1", "2", "3", "4", "5", "6", "75"]
    assert {cell for cell in cells if not cell.isdigit()} == set(get_args(Word))


@both
def test_every_relative_link_leads_somewhere(text: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#", link)]
    assert len(links) >= 4
    assert [link for link in links if not (ROOT / link.split("#")[0]).exists()] == []


def test_each_names_the_other_first() -> None:
    for place, other in zip(PLACES, reversed(PLACES), strict=True):
        assert f"({other.name})" in place.read_text(encoding="utf-8").split("\n\n")[1]


def test_the_examples_of_files_say_the_same_but_for_their_comments() -> None:
    english, chinese = ([tomllib.loads(code) for code in blocks(text, "toml")] for text in (ENGLISH, CHINESE))
    assert english == chinese
    assert ["question" in said for said in english] == [True, False]
    assert [{"gate", "absolute", "speed"} <= said.keys() for said in english] == [False, True]


@both
def test_the_example_of_an_exam_is_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "pharmacy.toml").write_text(blocks(text, "toml")[0], encoding="utf-8")
    exam = declared(tmp_path / "pharmacy.toml")
    assert exam.kind == "choice"
    assert exam.option_columns == ("A", "B", "C", "D", "E")
    assert exam.slices == ("科室", "难度")


def test_every_flag_and_path_of_the_sentences_stands_in_both() -> None:
    assert spans(ENGLISH) ^ spans(CHINESE) == set()


def test_the_drawings_of_folders_name_the_same_files() -> None:
    assert files(ENGLISH) ^ files(CHINESE) == set()


def test_no_figure_is_lost() -> None:
    """Numbers that English writes out are digits in Chinese now and then; never the other way round."""
    assert figures(ENGLISH) - figures(CHINESE) == Counter()
    assert figures(CHINESE)["1,069"] == 1


def test_nothing_is_shouted() -> None:
    assert not set("!！") & set(prose(CHINESE).replace("![", "["))
