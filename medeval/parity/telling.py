"""Published numbers beside ours, in words: what a table, a page and a reader are told."""

from collections.abc import Sequence

from medeval.parity.comparing import Line
from medeval.parity.references import Source
from medeval.parity.verdicts import COMPARED, SCALE, Word, shown_digits
from medeval.records import Record

NONE = "–"
REACH = 5.0
"""How far the axis of the small picture goes from the published number, in points."""
WIDTH = 120
MARKS: dict[Word, str] = {
    "exact": "●", "within": "◐", "drift": "▲", "not comparable": "◇", "absent": "○", "not run": "○", "waiting": "○",
}  # fmt: skip
MEANINGS: tuple[tuple[Word, str], ...] = (
    ("exact", "the same answers give the published number, to its last printed decimal"),
    (
        "within",
        "the published number lies in the 95 % interval of ours, for the same model asked again; no more is said",
    ),
    ("drift", "neither of these: the command ends with exit code 1"),
    ("not comparable", "the numbers do not rest on the same samples"),
)


class Picture(Record, frozen=True, kw_only=True):
    """Where ours and its interval lie, with the published number in the middle."""

    low: float
    high: float
    ours: float


class Told(Record, frozen=True, kw_only=True):
    """A line in texts, ready to be shown."""

    task: str
    title: str
    metric: str
    published: str
    published_of: str
    manner: str
    note: str
    ours: str
    ours_of: str
    interval: str
    method: str
    n: str
    difference: str
    word: Word
    mark: str
    why: str
    origin: str
    signature: str
    picture: Picture | None


class Page(Record, frozen=True, kw_only=True):
    """What the page of published numbers shows."""

    lead: str
    facts: tuple[tuple[str, str], ...]
    compared: tuple[Told, ...]
    left: tuple[Told, ...]
    meanings: tuple[tuple[Word, str], ...]
    sources: tuple[Source, ...]
    notes: tuple[tuple[str, str], ...]
    """About what, and what is to be known about it."""
    version: str


def told(line: Line) -> Told:
    """Put a line in words."""
    reference, ours, found = line.declared.reference, line.ours, line.verdict
    scale = SCALE[reference.unit]
    digits = shown_digits(reference.published, reference.unit)
    value = None if ours is None else ours.value
    interval = (
        NONE if ours is None or ours.low is None or ours.high is None
        else f"{scale * ours.low:.{digits}f} to {scale * ours.high:.{digits}f}"
    )  # fmt: skip
    counted = reference.count is not None and ours is not None and value is not None
    return Told(
        task=reference.task, title=reference.title, metric=reference.metric, manner=reference.manner,
        note=reference.note, published=reference.published,
        published_of="" if reference.count is None else f"{reference.count:,} of {reference.n:,}",
        ours=NONE if value is None else f"{scale * value:.{digits}f}",
        ours_of=f"{value * ours.n:,.0f} of {ours.n:,}" if counted and ours and value is not None else "",
        interval=interval, method="" if ours is None else ours.method, n=NONE if ours is None else f"{ours.n:,}",
        difference=NONE if found.difference is None else _signed(found.difference, digits),
        word=found.word, mark=MARKS[found.word], why=found.why, origin=line.declared.source.title,
        signature=line.signature, picture=_picture(line),
    )  # fmt: skip


def page(lines: Sequence[Line], version: str) -> Page:
    """What the page shows of them."""
    texts = [told(line) for line in lines]
    words = [line.verdict.word for line in lines]
    sources = {line.declared.file: line.declared.source for line in lines}
    # What several numbers have in common is said once.
    about: dict[str, list[str]] = {}
    for text in texts:
        about.setdefault(text.note, []).append(f"{text.title} ({text.task})")
    notes = {", ".join(names): note for note, names in about.items() if note}
    return Page(
        lead=_lead(words), facts=tuple([(f"{words.count(word)}", word) for word in MARKS if word in words]),
        compared=tuple([text for text in texts if text.word in COMPARED]),
        left=tuple([text for text in texts if text.word not in COMPARED]),
        meanings=MEANINGS, sources=tuple(sources.values()), notes=tuple(notes.items()), version=version,
    )  # fmt: skip


def _lead(words: Sequence[Word]) -> str:
    """The first sentence: what a reader came for."""
    compared, other = [word for word in words if word in COMPARED], words.count("not comparable")
    beside = f" {other} could not be, resting on other samples." if other else ""
    if not compared:
        return f"Nothing was compared.{beside}" if other else "Nothing was compared: no outputs and no runs were there."
    if drifted := compared.count("drift"):
        return f"{drifted} of {len(compared)} published numbers that were compared did not come out again.{beside}"
    if len(compared) == 1:
        return f"The one published number that was compared came out again.{beside}"
    return f"All {len(compared)} published numbers that were compared came out again.{beside}"


def _signed(difference: float, digits: int) -> str:
    """With its sign, and a true minus; what rounds to nothing has none."""
    text = f"{abs(difference):.{digits}f}"
    if not float(text):
        return text
    return f"{'+' if difference > 0 else '−'}{text}"


def _picture(line: Line) -> Picture | None:
    """Lay the interval on the axis; a number that lies beyond it has no picture, for its difference is told."""
    ours, reference = line.ours, line.declared.reference
    if ours is None or ours.value is None or ours.low is None or ours.high is None:
        return None
    middle = 100 * float(reference.published) / SCALE[reference.unit]
    points = [100 * each - middle for each in (ours.low, ours.value, ours.high)]
    if abs(points[1]) > REACH:
        return None
    low, value, high = [round(WIDTH * (1 + min(max(each / REACH, -1), 1)) / 2, 1) for each in points]
    return Picture(low=low, high=high, ours=value)
