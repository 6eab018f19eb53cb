"""The traps of BC5CDR: two shapes of one corpus, composite mentions, mentions that are there twice, what parts them."""

import json
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.records import OpenSample, Request
from medeval.sources import Hub, Supply, read_rows
from tasks.bc5cdr_ner import TASK, document, gold, in_passages, in_pubtator, pubtator

NAMED = find().named("bc5cdr_ner")
HUB, ORIGINAL = TASK.forms
FOLDER = NAMED.samples / TASK.folder


def of_hub(path: str) -> list[OpenSample]:
    return [in_passages(row) for row in read_rows(FOLDER / path)]


def of_pubtator(path: str) -> list[OpenSample]:
    return [in_pubtator(row) for row in pubtator(FOLDER / path)]


def scored(replies: dict[str, str], tmp_path: Path) -> dict[str, float | None]:
    """The figures of a model that answers some documents, by their first lines, and says nothing to the others."""

    def script(request: Request) -> str:
        return next((said for title, said in replies.items() if title in request.text), "")

    found = medeval.evaluate(model=Scripted(script), tasks=["bc5cdr_ner"], data="sample", reports=tmp_path).results[0]
    return {each.metric: each.value for each in found.estimates}


def mention(begin: int, text: str, kind: str = "Disease", ids: int = 1, *, more: int = 0) -> dict[str, object]:
    parts = text.split("|")
    offsets = [[begin + place * more, begin + place * more + len(part)] for place, part in enumerate(parts)]
    normalized = [{"db_name": "MESH", "db_id": f"D{number}"} for number in range(ids)]
    return {"id": "0", "offsets": offsets, "text": parts, "type": kind, "normalized": normalized}


def passages(*entities: dict[str, object]) -> OpenSample:
    text = {"document_id": "7", "type": "title", "text": "Hepatic and renal failure.", "entities": [*entities]}
    return in_passages({"passages": [text, {**text, "type": "abstract", "text": "None.", "entities": []}]})


@pytest.mark.parametrize("split", ["test", "train"])
def test_both_forms_hold_the_same_documents_and_mentions(split: str) -> None:
    hub = of_hub(f"bc5cdr_source/{split}-00000-of-00001.parquet")
    file = {"test": "CDR_TestSet.PubTator.txt", "train": "CDR_TrainingSet.PubTator.txt"}[split]
    assert hub == of_pubtator(file)
    assert len(hub) == {"test": 24, "train": 6}[split]


def test_the_original_form_is_taken_where_only_its_files_are(tmp_path: Path) -> None:
    (tmp_path / TASK.folder).mkdir()
    for source in (*ORIGINAL.files, *ORIGINAL.exemplars):
        (tmp_path / TASK.folder / source.path).write_bytes((FOLDER / source.path).read_bytes())
    samples, form = TASK.load("bc5cdr_ner", Supply.only(tmp_path), sample=True)
    assert form == ORIGINAL
    assert len(samples) == 24
    assert len(TASK.exemplars(form, Supply.only(tmp_path), sample=True)) == 6


def test_a_composite_mention_is_one_and_its_parts_are_none() -> None:
    composite = mention(0, "Hepatic and renal failure", ids=2)
    torn, whole = mention(0, "Hepatic|failure", more=18), mention(12, "renal failure")
    assert gold(passages(composite, torn, whole)) == [("Disease", "Hepatic and renal failure")]
    # A mention within one that is no composite stays, as the original files have it.
    assert [said for _, said in gold(passages(mention(0, "Hepatic and renal failure"), whole))] == [
        "Hepatic and renal failure", "renal failure",
    ]  # fmt: skip


def test_a_mention_that_is_there_twice_in_any_case_is_listed_once_as_it_stands_first() -> None:
    spans = [(30, 40, "Chemical", "famotidine"), (0, 10, "Chemical", "Famotidine"), (12, 20, "Disease", "delirium")]
    sample = document("7", ("A title.", "A text."), spans)
    assert json.loads(sample.references[0]) == {"Chemical": ["Famotidine"], "Disease": ["delirium"]}
    assert sample.source == "A title.\nA text."


def test_what_says_which_drug_brings_on_which_disease_is_no_mention(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(
        b"7|t|A | b.\r\n7|a|\r\n7\t0\t1\tA\tChemical\tD1\r\n7\tCID\tD1\tD2\r\n\r\n\r\n8|t|No.\n8|a|Nothing.\n\n"
    )
    first, second = map(in_pubtator, pubtator(path))
    assert (first.id, first.source, gold(first)) == ("7", "A | b.\n", [("Chemical", "A")])
    assert json.loads(second.references[0]) == {"Chemical": [], "Disease": []}


def test_title_and_abstract_are_shown_and_every_mention_stands_in_them() -> None:
    samples = of_hub("bc5cdr_source/test-00000-of-00001.parquet")
    for sample in samples:
        assert len(sample.source.splitlines()) == 2
        assert all(said in sample.source for _, said in gold(sample))
    assert [sample.id for sample in samples if not gold(sample)] == ["8"]
    assert any("," in said for sample in samples for _, said in gold(sample))


def test_figures_are_over_sets_of_one_document_and_a_plural_is_another_mention(tmp_path: Path) -> None:
    # Of document 23 three of three, of document 1 two of seven and one too many.
    values = scored(
        {
            "Propranolol for essential tremor": 'Here it is:\n{"chemicals": ["propranolol", "Propranolol"], '
            '"Disease": ["ESSENTIAL TREMOR", "bradycardia."]}',
            "Lithium toxicity": '{"Chemical": ["lithium"], "Disease": ["tremors", "ataxia"]}',
        },
        tmp_path,
    )
    wanted = [pair for sample in of_pubtator("CDR_TestSet.PubTator.txt") for pair in gold(sample)]
    assert values["precision"] == pytest.approx(5 / 6)
    assert values["recall"] == pytest.approx(5 / len(wanted))
    assert values["f1"] == pytest.approx(2 * 5 / (6 + len(wanted)))
    chemicals = sum(kind == "Chemical" for kind, _ in wanted)
    each = (2 * 2 / (2 + chemicals), 2 * 3 / (4 + len(wanted) - chemicals))
    assert (values["f1_Chemical"], values["f1_Disease"]) == pytest.approx(each)
    assert values["macro_f1"] == pytest.approx(sum(each) / 2)


def test_a_chemical_with_commas_is_one_mention(tmp_path: Path) -> None:
    name = "1-methyl-4-phenyl-1,2,3,6-tetrahydropyridine"
    values = scored({"as a model of": json.dumps({"Chemical": [name], "Disease": []})}, tmp_path)
    assert values["precision"] == 1.0


def test_the_copy_on_the_hub_needs_no_script_and_has_five_hundred_documents() -> None:
    assert TASK.rows == 500
    assert [source.path for form in TASK.forms for source in form.files] == [
        "bc5cdr_source/test-00000-of-00001.parquet", "CDR_TestSet.PubTator.txt",
    ]  # fmt: skip
    assert all(isinstance(source, Hub) and len(source.revision) == 40 for source in (*HUB.files, *HUB.exemplars))
    assert HUB.drawn
    assert ORIGINAL.drawn
