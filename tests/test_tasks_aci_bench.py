"""The divisions of a note: as the makers of ACI-Bench divided theirs, and what ROUGE makes of each."""

import json
from pathlib import Path

import pytest

from medeval.metrics import ROUGE
from medeval.records import Answer, Decoding, Exchange, Message, OpenSample, Request, Response, Walk
from tasks.aci_bench import by_division, divided

NAMES = ("subjective", "objective_exam", "objective_results", "assessment_and_plan")
NOTE = "CHIEF COMPLAINT\n\nCough.\n\nEXAM\n\nLungs are clear.\n\nASSESSMENT AND PLAN\n\nCold. Rest."


def marks(note: str, wanted: str = NOTE) -> dict[str, object]:
    sample = OpenSample(id="0", messages=(Message(role="user", content="?"),), references=(wanted,))
    exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text=note))
    walk = Walk(exchanges=(exchange,), answer=Answer())
    found = {each.name.removeprefix("rouge1_"): each.mark(sample, walk) for each in by_division()}
    return {name: mark[0] if isinstance(mark, tuple) else mark for name, mark in found.items()}


def test_a_note_is_parted_by_its_headings_and_every_line_is_in_one_division() -> None:
    found = divided(NOTE)
    assert tuple(found) == NAMES
    assert found["objective_exam"] == "EXAM\n\nLungs are clear."
    assert found["objective_results"] == ""
    assert sum(len(part.split()) for part in found.values()) == len(NOTE.split())


@pytest.mark.parametrize(
    "heading", ["RESPIRATORY", "BP: 122/76.", "Results were normal.", "MY EXAM", "Impression:", ":", "A" * 50]
)
def test_what_is_no_heading_of_a_division_opens_none(heading: str) -> None:
    assert divided(f"HPI:\n\n{heading}\n\nFine.")["subjective"].endswith("Fine.")


@pytest.mark.parametrize(
    "heading", ["EXAM", "Exam:", "physical exam", "## Physical Examination", "**Exam:**", "__PE__:", "  EXAM: normal."]
)
def test_a_heading_may_be_written_in_several_ways(heading: str) -> None:
    assert divided(f"HPI:\n\nCough.\n{heading}\nFine.")["objective_exam"] == f"{heading.strip()}\nFine."


def test_a_division_is_opened_once_and_an_impression_is_one_in_capitals_alone() -> None:
    found = divided("A note.\nEXAM\nFine.\nSOCIAL HISTORY\nSmokes.\nRESULTS\nImpression: clear.\nIMPRESSION\nCold.")
    assert found == {
        "subjective": "A note.", "objective_exam": "EXAM\nFine.\nSOCIAL HISTORY\nSmokes.",
        "objective_results": "RESULTS\nImpression: clear.", "assessment_and_plan": "IMPRESSION\nCold.",
    }  # fmt: skip


def test_the_whole_note_has_all_of_every_division_and_one_that_is_missing_nothing() -> None:
    assert marks(NOTE) == {**dict.fromkeys(NAMES, 1.0), "objective_results": None}
    assert marks(NOTE.replace("EXAM", "FINDINGS"))["objective_exam"] == 0.0


def test_a_division_has_the_rouge_of_its_own_lines() -> None:
    said = "EXAM\n\nLungs are loud."
    assert marks(said)["objective_exam"] == pytest.approx(2 * 3 / 8)
    assert ROUGE[0].name == "rouge1"


def test_the_makers_own_divisions_come_out_of_their_whole_notes(real: Path) -> None:
    def notes(name: str) -> dict[str, str]:
        rows = json.loads((real / "aci_bench" / f"{name}.json").read_text(encoding="utf-8"))["data"]
        return {row["file"].removesuffix(name.removeprefix("valid_")).rstrip("-"): row["tgt"] for row in rows}

    whole, same = notes("valid"), 0
    for name in NAMES:
        for file, text in notes(f"valid_{name}").items():
            # Where a note has no such part, theirs has a mark for it.
            wanted = "" if "#####EMPTY#####" in text else text
            same += divided(whole[file])[name].split() == wanted.split()
    assert same == 80
