"""What is written of a verdict: for machines, for people, for pages that cut off what is too long."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medeval.errors import ReportError
from medeval.gates import Line, Verdict, annotations, exit_code, overall, summary, write
from medeval.gates.artefacts import COMMENT, SUMMARY, badge, junit
from medeval.gates.telling import HEAD, row
from tests.nights import line

HOSTILE = (
    "</td>|<script>alert(1)</script>`x`\n::error::no\r\n# big [a](javascript:b) @all %0A \x00\x08\x1b[2J\ufffe\ud800"
)
FILES = ("verdict.json", "junit.xml", "summary.md", "comment.md", "badge.json", "badge.svg")


def verdict(*lines: Line, strict: bool = False, **parts: object) -> Verdict:
    words = [each.word for each in lines]
    told: dict[str, object] = {"entry": "m-2026-11-27", "baseline": "m.001", "gate": "gate.toml"}
    return Verdict(
        **(told | parts), gate_digest="0" * 16, medeval="1.0", strict=strict, word=overall(words),  # type: ignore[arg-type]
        exit_code=exit_code(words, strict=strict), lines=tuple(lines),
    )  # fmt: skip


RED = line("REGRESSED", lost=("medqa/0001", "medqa/0002"), lost_count=12, why="surely worse", at=12)


def test_every_form_is_written_and_can_be_read(tmp_path: Path) -> None:
    found = verdict(RED, line())
    written = write(tmp_path / "deep" / "out", found)
    assert [path.name for path in written] == [*FILES]
    assert {path.name for path in (tmp_path / "deep" / "out").iterdir()} == {*FILES}
    data = (tmp_path / "deep" / "out" / "verdict.json").read_bytes()
    assert msgspec.json.decode(data, type=Verdict) == found
    assert json.loads((tmp_path / "deep" / "out" / "badge.json").read_text()) == badge(found)
    ET.parse(tmp_path / "deep" / "out" / "junit.xml")  # noqa: S314  of our own making
    ET.parse(tmp_path / "deep" / "out" / "badge.svg")  # noqa: S314


def test_what_was_there_is_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path, verdict(RED))
    before = [(tmp_path / name).read_bytes() for name in FILES]
    write(tmp_path, verdict(line()))
    assert all((tmp_path / name).read_bytes() != data for name, data in zip(FILES, before, strict=True))
    write(tmp_path, verdict(RED))
    assert [(tmp_path / name).read_bytes() for name in FILES] == before, "the same verdict, the same bytes"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError, match="cannot be made"):
        write(tmp_path / "out", verdict())


def test_junit_has_the_case_its_outcome_and_its_row() -> None:
    (suite,) = ET.fromstring(junit(verdict(RED, line(), line("NOT_COMPARABLE", task="x", cell="", metric=""))))  # noqa: S314
    first, second, third = suite
    assert (first.attrib["classname"], first.attrib["name"]) == ("m.001.medqa", "accuracy")
    (failure,) = first
    assert (failure.tag, failure.attrib["message"]) == ("failure", "REGRESSED: surely worse")
    assert failure.text == "\n".join(f"{name}: {value}" for name, value in zip(HEAD, row(RED), strict=True))
    assert [*second] == []
    assert (third.attrib["classname"], third.attrib["name"]) == ("m.001.x", "margin")
    assert [each.tag for each in third] == ["error"]
    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3", "failures": "1", "errors": "1", "skipped": "0",
    }  # fmt: skip


def test_an_empty_verdict_is_an_empty_suite_and_a_page() -> None:
    (suite,) = ET.fromstring(junit(verdict()))  # noqa: S314
    assert (suite.attrib["tests"], [*suite]) == ("0", [])
    assert "nothing was compared" in summary(verdict())
    assert [*annotations(verdict())] == []


def hostile(text: str) -> Verdict:
    bad = line("REGRESSED", cell=text, task=text, metric=text, why=text, lost=(text,), lost_count=1)
    return verdict(bad, entry=text, baseline=text, gate=text, treatment=(text,), notes=(text,))


@settings(max_examples=100, deadline=None)
@example(HOSTILE)
@given(st.text(st.characters(), min_size=1, max_size=60))
def test_nothing_that_anybody_named_breaks_xml_markdown_or_a_workflow(text: str) -> None:
    found = hostile(text)
    raw = junit(found).encode("utf-8", "replace")
    (suite,) = ET.fromstring(raw)  # noqa: S314
    assert len(suite.findall("testcase/failure")) == 1
    said = annotations(found)
    for each in said:
        assert re.fullmatch(r"::error file=[^:,\r\n]*,line=\d+,title=[^:,\r\n]*::[^\r\n]*", each), each
    page = summary(found)
    rows = [each for each in page.splitlines() if each.startswith("| ")]
    assert len(rows) == 3, "one row a line, whatever is in it"
    for each in rows:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", each)) == len(HEAD) + 1
    assert not re.search(r"(?<!\\)(?:\\\\)*[<`]", page)
    assert page.splitlines()[0].startswith("## REGRESSED")


def test_annotations_escape_what_ends_a_command() -> None:
    bad = line("REGRESSED", cell="a:b,c", metric="100%\nx", why="50 % lost:\r\nmuch, much")
    (said,) = annotations(verdict(bad, gate="my,gate:1.toml"))
    assert said == (
        "::error file=my%2Cgate%3A1.toml,line=3,title=REGRESSED a%3Ab%2Cc 100%25%0Ax::50 %25 lost:%0D%0Amuch, much"
    )


def test_what_is_gravest_is_annotated_first_and_no_more_than_is_shown() -> None:
    lines = [*[line("INCONCLUSIVE")] * 20, *[line("REGRESSED", at=7)] * 3, line("NOT_COMPARABLE"), line()]
    said = [each.partition(" ")[0] for each in annotations(verdict(*lines))]
    assert said == ["::error"] * 4 + ["::warning"] * 6
    strict = [each.partition(" ")[0] for each in annotations(verdict(*lines, strict=True))]
    assert strict == ["::error"] * 10


def test_a_hundred_thousand_lines_are_cut_off_between_two() -> None:
    lines = [line("NON_INFERIOR", task=f"考试{place}", cell=f"考试{place}") for place in range(100_000)]
    lines[77_777] = line("REGRESSED", task="红", cell="红")
    found = verdict(*lines)
    for most in (SUMMARY, COMMENT):
        data = summary(found, most).encode()
        assert 0.9 * most < len(data) <= most
        page = data.decode("utf-8")
        assert page.rstrip().endswith("_The rest is in verdict.json._")
        assert "| 红 |" in page, "what is red comes first"
        rows = [each for each in page.splitlines() if each.startswith("|")]
        assert all(each.endswith(" |") for each in rows)
    assert SUMMARY <= 900_000
    assert COMMENT <= 60_000


def test_a_line_that_is_longer_than_a_page_leaves_the_page_small() -> None:
    found = verdict(line("NOT_COMPARABLE", why="x" * 2_000_000), RED)
    assert len(summary(found, COMMENT).encode()) <= COMMENT
    assert "| REGRESSED |" in summary(found, COMMENT)


def test_chinese_names_stand_as_they_are() -> None:
    found = verdict(
        line("REGRESSED", task="中医", cell="中医", lost=("问题/七",), lost_count=1), entry="华佗-2026-11-27"
    )
    page = summary(found)
    assert "华佗-2026-11-27" in page
    assert "中医 accuracy: lost 问题/七" in page
    raw = junit(found).encode()
    assert "中医" in raw.decode()
    (suite,) = ET.fromstring(raw)  # noqa: S314
    assert suite.attrib["name"] == "medeval check 华佗-2026-11-27"


def test_samples_that_were_lost_are_named_and_the_others_counted() -> None:
    many = line("REGRESSED", lost=tuple([f"q{place}" for place in range(50)]), lost_count=120)
    page = summary(verdict(many, line("NON_INFERIOR", lost=("never",), lost_count=1)))
    assert "medqa accuracy: lost q0, q1, q2, q3, q4, q5, q6, q7, q8, q9 and 110 more" in page
    assert "never" not in page


def test_the_page_says_what_was_changed_and_by_what_it_was_made() -> None:
    page = summary(verdict(line(), treatment=("model: content c0ffee → decade",), notes=("The baseline is one run.",)))
    assert "- Differs from the baseline: model: content c0ffee → decade." in page
    assert "- The baseline is one run." in page
    assert page.rstrip().endswith("Gate gate.toml (0000000000000000), medeval 1.0.")


def test_numbers_of_a_line_are_told_in_their_unit() -> None:
    share = row(line(gain=-0.0123, low=-0.02, high=0.001, base=0.75, new=0.7377, p=0.00001, p_adjusted=0.02, up=3))
    assert share[2:13] == (
        "75.00", "73.77", "−1.23", "−2.00 to 0.10", "1.50", "–", "100", "3", "0", "<0.0001", "0.0200",
    )  # fmt: skip
    plain = row(line(unit="plain", base=4.25, new=4.0, gain=-0.25, low=None, margin=0.5))
    assert plain[2:7] == ("4.25", "4", "−0.25", "–", "0.5")
    required = row(line("NOT_COMPARABLE", "required", cell="", metric="", base=None, new=None, gain=None, low=None,
                        high=None, margin=None, p=None, p_adjusted=None, n=0))  # fmt: skip
    assert {*required[2:13]} == {"–"}


@pytest.mark.parametrize("word", ["IMPROVED", "NON_INFERIOR", "INCONCLUSIVE", "NOT_COMPARABLE", "REGRESSED"])
def test_the_badge_is_that_of_shields(word: str) -> None:
    made = badge(verdict(line(word)))  # type: ignore[arg-type]
    assert made["schemaVersion"] == 1
    assert made["label"] == "medeval"
    assert re.fullmatch(r"[0-9a-f]{6}", str(made["color"]))
