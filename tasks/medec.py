r"""MEDEC (MEDIQA-CORR 2024): find the one error that a clinical note may hold, and put its sentence right.

A row of the CSV: {"Text ID": "ms-test-0", "Text": "A 29-year-old ...", "Sentences": "0 A 29-year-old ...\n1 He ...\n",
"Error Flag": "1", "Error Type": "causalOrganism", "Error Sentence ID": "10", "Error Sentence": "...",
"Corrected Sentence": "...", "Corrected Text": "..."}; without an error "0", "NA", "-1", "NA", "NA" and "NA".
"""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from medeval import Decoding, Form, Local, Message, Metric, OpenSample, Row, Task, Url, Walk, in_texts, metrics

REPO = "https://raw.githubusercontent.com/abachaa/MEDEC/49c59dcba43a7af8717590a405b11a57f42b04df/MEDEC-MS"
TRAIN = Url(url=f"{REPO}/MEDEC-Full-TrainingSet-with-ErrorType.csv")
FINE = "CORRECT"
WANTED = (
    "You are an experienced doctor and review a clinical note. Either the note is correct, or one of its sentences "
    "holds a medical error: in the diagnosis, its cause, the management, the treatment or a drug. Each line is one "
    "sentence, with its number before a bar. Check every sentence.\n"
    f"If the note is correct, answer with the word {FINE}. If a sentence is wrong, answer with its number, a space, "
    "and the whole sentence put right. Answer on one line, and write nothing else."
)
ANSWER = Decoding(max_tokens=512)
NUMBER = re.compile(r"(\d{1,3})(?:\s+|\Z)(.*)")
Mark = Callable[[OpenSample, Walk], float | None]


def rows_of(rows: Sequence[Row]) -> Iterator[Row]:
    """Leave out the empty rows at the end of the files."""
    return (row for row in rows if (row["Text ID"] or "").strip())


def numbered(sentences: str) -> dict[int, str]:
    """Sentences by number; a line whose number does not rise goes on with the sentence before it."""
    found: dict[int, str] = {}
    for line in filter(None, map(str.strip, sentences.splitlines())):
        match = NUMBER.fullmatch(line)
        if match and int(match[1]) > max(found, default=-1):
            found[int(match[1])] = match[2]
        elif found:
            found[max(found)] += f" {line}"
        else:
            raise ValueError(f"the first sentence has no number: {line:.40}")
    return found


def to_sample(row: Row) -> OpenSample:
    """Read a note with the number of its wrong sentence, and that sentence put right."""
    sentences = numbered(row["Sentences"])
    shown = "\n".join([f"{number}|{sentence}" for number, sentence in sentences.items()])
    wrong = int(row["Error Flag"]) == 1
    right = f"{int(row['Error Sentence ID'])} {' '.join(row['Corrected Sentence'].split())}" if wrong else FINE
    return OpenSample(
        id=row["Text ID"].strip(),
        # The same case stands there with an error and without one, and begins alike.
        cluster=next(iter(sentences.values())),
        messages=(Message(role="user", content=shown),),
        references=(right,),
        source=shown,
        slices={
            "error": "there" if wrong else "none",
            "error_type": (row["Error Type"] or "").strip() if wrong else "none",
        },
    )  # fmt: skip


def of_hospitals(row: Row) -> OpenSample:
    """The same of notes that stand alone, and may begin with one heading."""
    return replace(to_sample(row), cluster="")


def note_of(sample: OpenSample) -> str:
    """Ask for the error in a note, as one message."""
    return f"{WANTED}\n\n{sample.source}"


def plain_note_of(sample: OpenSample) -> str:
    """The same in plain text, where a word leads to the answer."""
    return f"{note_of(sample)}\n\nAnswer:"


def gold(sample: OpenSample) -> tuple[int, str]:
    """The number of the wrong sentence, and how it should be; -1 where nothing is wrong."""
    number, _, right = sample.references[0].partition(" ")
    return (-1, "") if number == FINE else (int(number), right)


def error_flag_accuracy(sample: OpenSample, walk: Walk) -> float:
    """Whether the reply tells rightly if there is an error."""
    found = metrics.read_correction(walk.text)
    return float(bool(found.rule) and found.flagged == (gold(sample)[0] >= 0))


def error_sentence_accuracy(sample: OpenSample, walk: Walk) -> float:
    """Whether it names the wrong sentence, or none where nothing is wrong."""
    found, (number, _) = metrics.read_correction(walk.text), gold(sample)
    return float(bool(found.rule) and found.flagged == (number >= 0) and found.sentence == number)


def correction_rouge1(sample: OpenSample, walk: Walk) -> float | None:
    """ROUGE-1 of the corrected sentence; where no error is there or none was seen, it is not marked."""
    found, (number, right) = metrics.read_correction(walk.text), gold(sample)
    if number < 0 or not found.flagged:
        return None
    scores = metrics.ROUGE[0].mark(replace(sample, references=(right,)), walk.saying(found.said))
    return scores[0] if isinstance(scores, tuple) else 0.0


def composite_rouge1(sample: OpenSample, walk: Walk) -> float:
    """The same over all texts: 1 where rightly nothing is corrected, 0 where only one side corrects something."""
    score = correction_rouge1(sample, walk)
    found = metrics.read_correction(walk.text)
    return float(bool(found.rule) and not found.flagged and gold(sample)[0] < 0) if score is None else score


def flag_recall(sample: OpenSample, walk: Walk) -> float | None:
    """Share of the notes with an error in which one is seen."""
    return float(metrics.read_correction(walk.text).flagged) if gold(sample)[0] >= 0 else None


def false_alarm_rate(sample: OpenSample, walk: Walk) -> float | None:
    """Share of the correct notes in which an error is seen."""
    return float(metrics.read_correction(walk.text).flagged) if gold(sample)[0] < 0 else None


def unreadable_rate(sample: OpenSample, walk: Walk) -> float:
    """Share of replies that say neither; they are wrong in every number."""
    return float(not metrics.read_correction(walk.text).rule)


def told(mark: Mark) -> Metric:
    """Make a metric of a mark, by its name and the first line of its documentation."""
    lower = mark in (false_alarm_rate, unreadable_rate)
    return Metric(
        name=mark.__name__, about=mark.__doc__ or "", version=1, mark=mark, voted=False,
        better="lower" if lower else "higher", defined=mark not in (correction_rouge1, flag_recall, false_alarm_rate),
    )  # fmt: skip


def form(source: Url | Local) -> Form:
    """Read one of the files, all of one shape."""
    return Form(
        name="original",
        files=(source,),
        join=rows_of,
        to_sample=to_sample,
        exemplars=(TRAIN,),
        join_exemplars=rows_of,
        drawn=True,
    )


TEST = Task(
    title="MEDEC (MS test)",
    measures="Errors in clinical notes: whether there is one, in which sentence, and how that should read.",
    kind="nlp",
    capabilities=("safety", "knowledge", "reasoning"),
    paper="arXiv:2412.19260",
    licence="CC BY 4.0",
    version=1,
    chance=0.0,
    rows=597,
    folder="medec",
    forms=(form(Url(url=f"{REPO}/MEDEC-MS-TestSet-with-GroundTruth-and-ErrorType.csv")),),
    wordings={"written": note_of, "written:plain": plain_note_of},
    manners=in_texts(ANSWER, base=Decoding(max_tokens=512, stop=("\n",)), shots=4),
    metrics=(told(error_flag_accuracy), told(error_sentence_accuracy), told(correction_rouge1)),
    also=(
        told(composite_rouge1), told(flag_recall), told(false_alarm_rate), told(unreadable_rate),
        *[each for each in metrics.texts() if each.name in ("truncation_rate", "tokens_written")],
    ),
    slices=("error", "error_type"),
    cluster="case",
    traps=(
        "A reply that says neither is wrong here; MedHELM once took it for CORRECT, which is right for half of them.",
        "Most cases stand there twice, with the error and without: intervals are over cases, not over texts.",
        "The makers rank by the mean of ROUGE-1, BERTScore and BLEURT-20, which needs two encoders: not computed here.",
        "ROUGE-1 is over texts that have an error and were said to have one: who flags what is plain has more of it.",
        "composite_rouge1 is over all texts, as the makers compose it.",
        "The makers' ROUGE is that of the package rouge, where case and full stops count; ours is that of rouge-score.",
        "The CSV ends in hundreds of rows of nothing but commas; a cell of it holds many lines.",
        "Sentences were cut by machine: one may be 'Hg.', and one may begin with a number of its own.",
        "NA is a text in these files and nothing in pandas, unless it is told otherwise.",
        "Always saying CORRECT has about half of the flags and of the sentences: read flag_recall beside them.",
    ),
)  # fmt: skip

UW = replace(
    TEST,
    title="MEDEC (UW test)",
    licence="registration",
    obtain=(
        "Write to medec-uw@googlegroups.com for the data use agreement of the MEDEC-UW collection, sign it, and save "
        "the test file as MEDEC-UW-TestSet-with-GroundTruth-and-ErrorType.csv."
    ),
    rows=328,
    forms=(replace(form(Local(path="MEDEC-UW-TestSet-with-GroundTruth-and-ErrorType.csv")), to_sample=of_hospitals),),
    cluster="",
    traps=(*TEST.traps, "These are notes of three hospitals: mind where the model that reads them runs."),
)
VALID = replace(
    TEST,
    title="MEDEC (MS validation)",
    rows=574,
    forms=(form(Url(url=f"{REPO}/MEDEC-MS-ValidationSet-with-GroundTruth-and-ErrorType.csv")),),
)

TASKS = {"": TEST, "uw": UW, "valid": VALID}
