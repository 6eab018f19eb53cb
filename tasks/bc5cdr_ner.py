r"""BC5CDR (BioCreative V): the chemicals and diseases that a title and an abstract of PubMed name.

A row of the parquet: {"passages": [{"document_id": "8701013", "type": "title", "text": "Famotidine-associated ...",
"entities": [{"id": "0", "offsets": [[0, 10]], "text": ["Famotidine"], "type": "Chemical",
"normalized": [{"db_name": "MESH", "db_id": "D015738"}]}, ...], "relations": [...]}, {"type": "abstract", ...}]}
PubTator: "8701013|t|Famotidine-associated ...", "8701013|a|...", "8701013\t0\t10\tFamotidine\tChemical\tD015738",
"8701013\tCID\tD015738\tD003693", and an empty line behind each document.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from medeval import Decoding, Form, Hub, Local, Message, OpenSample, Row, Task, in_texts, metrics

TYPES = ("Chemical", "Disease")
WANTED = (
    "List every chemical and every disease that this text names: drugs, elements and other substances; illnesses, "
    "symptoms and harmful effects. Copy each as it is written, abbreviations too; what is named in several ways is "
    "listed in each of them, and what is written twice is listed once. Answer with one line of JSON and nothing else: "
    '{"Chemical": ["...", "..."], "Disease": ["...", "..."]}. A list may be empty.'
)
LISTS = Decoding(max_tokens=1024)
Span = tuple[int, int, str, str]
"""Begin, end, type and words of a mention."""


def in_passages(row: Row) -> OpenSample:
    """Read a document of the hub's copy, where the parts of a composite mention are mentions of their own."""
    entities = [entity for passage in row["passages"] for entity in passage["entities"]]
    whole = [each for each in entities if len(each["text"]) == 1]
    several = [each["offsets"][0] for each in whole if len(each["normalized"]) > 1]
    spans = [
        (begin, end, each["type"], each["text"][0])
        for each in whole
        for begin, end in each["offsets"]
        if not any(first <= begin and end <= last and (begin, end) != (first, last) for first, last in several)
    ]
    texts = [passage["text"] for passage in row["passages"]]
    return document(row["passages"][0]["document_id"], texts, spans)


def in_pubtator(row: Row) -> OpenSample:
    """Read a document of the original files, where a composite mention is one, with its parts behind it."""
    spans = [(int(begin), int(end), kind, said) for begin, end, said, kind, *_ in row["mentions"]]
    return document(row["id"], (row["title"], row["abstract"]), spans)


def pubtator(path: Path) -> list[dict[str, object]]:
    """Make a row of every document of a file."""
    rows: list[dict[str, object]] = []
    for block in path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n\n"):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        (name, _, title), (_, _, abstract) = (line.split("|", 2) for line in lines[:2])
        cells = [line.split("\t")[1:] for line in lines[2:]]
        mentions = [each for each in cells if each[0] != "CID"]  # the others say which drug brings on which disease
        rows.append({"id": name, "title": title, "abstract": abstract, "mentions": mentions})
    return rows


def document(name: str, texts: Sequence[str], spans: Sequence[Span]) -> OpenSample:
    """Make a sample of a document; a mention that is there twice, in any case of letters, is one."""
    listed = {kind: [*dict.fromkeys(_of(kind, spans))] for kind in TYPES}
    shown = "\n".join([text.strip() for text in texts])
    return OpenSample(
        id=name,
        messages=(Message(role="user", content=shown),),
        references=(json.dumps(listed, ensure_ascii=False),),
        source=shown,
    )


def _of(kind: str, spans: Sequence[Span]) -> Iterator[str]:
    first: dict[str, str] = {}
    for _, _, each, said in sorted(spans):
        if each == kind:
            yield first.setdefault(said.casefold(), said)


def gold(sample: OpenSample) -> list[tuple[str, str]]:
    """The mentions of a document, with their types."""
    return [(kind, said) for kind, listed in json.loads(sample.references[0]).items() for said in listed]


def abstract_of(sample: OpenSample) -> str:
    """Ask for the mentions in a title and an abstract, as one message."""
    return f"{WANTED}\n\n{sample.source}"


def plain_abstract_of(sample: OpenSample) -> str:
    """The same in plain text, where a word leads to the lists."""
    return f"{abstract_of(sample)}\n\nAnswer:"


def hub(split: str) -> Hub:
    """Name a split of a copy on the hub that needs no script."""
    return Hub(
        repo="masaenger/bc5cdr",
        path=f"bc5cdr_source/{split}-00000-of-00001.parquet",
        revision="b0a29126b78495cd8c235e6fc0b4a3ee782a85be",
    )


def forms(split: str, file: str) -> tuple[Form, ...]:
    """A split as the hub has it, and as its makers wrote it."""
    return (
        Form(name="hub", files=(hub(split),), to_sample=in_passages, exemplars=(hub("train"),), drawn=True),
        Form(
            name="pubtator",
            files=(Local(path=file),),
            read=pubtator,
            to_sample=in_pubtator,
            exemplars=(Local(path="CDR_TrainingSet.PubTator.txt"),),
            drawn=True,
        ),
    )


PRECISION, RECALL, F1, *BY_TYPE = metrics.of_entities(*TYPES, gold=gold)

TASK = Task(
    title="BC5CDR, chemicals and diseases (test)",
    measures="Reading: which chemicals and diseases an abstract names.",
    kind="nlp",
    capabilities=("extraction",),
    paper="doi:10.1093/database/baw068",
    licence="public domain",
    obtain=(
        "The copy on the hub is fetched. The original files are in CDR_Data.zip (github.com/JHnlp/"
        "BioCreative-V-CDR-Corpus, ftp.ncbi.nlm.nih.gov/pub/lu/BC5CDR): save those of CDR.Corpus.v010516 that end in "
        ".PubTator.txt under their own names."
    ),
    version=1,
    chance=0.0,
    rows=500,
    folder="bc5cdr",
    forms=forms("test", "CDR_TestSet.PubTator.txt"),
    wordings={"written": abstract_of, "written:plain": plain_abstract_of},
    manners=in_texts(LISTS, base=Decoding(max_tokens=1024, stop=("\n",)), shots=3),
    metrics=(F1,),
    also=(
        PRECISION, RECALL, *BY_TYPE,
        *[each for each in metrics.texts() if each.name in ("truncation_rate", "tokens_written")],
    ),
    traps=(
        "Mentions are sets of one document, title and abstract: published F1 of taggers is over spans with offsets.",
        "Copies of tokens and tags, such as tner/bc5cdr, are 5,865 sentences of the test and no abstracts.",
        "Case does not part two mentions here; a plural, a hyphen or an abbreviation does: both are in the lists.",
        "'Hepatic and renal failure' is one mention, as written; its parts, which the hub's copy has too, are not.",
        "Adjectives and harms count as the annotators had it: 'dyskinetic' is a disease, 'antidyskinetic' is none.",
        "Harnesses that ask for one type at a time, or sentence by sentence, have other numbers.",
        "All abstracts are in PubMed, and the lists have been public since 2016.",
    ),
)  # fmt: skip
