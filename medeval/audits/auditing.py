"""An entry audited in MLPerf's manner: published scores against raw replies, and the model against itself."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

from medeval import planning, reports
from medeval.audits.asking import CHANCE, FLIPS, SHARE, Again, asked_again, fresh, unaskable
from medeval.audits.findings import AGREES, DISAGREES, NOTHING, Verified
from medeval.audits.lengths import off
from medeval.audits.rescoring import Where
from medeval.audits.verifying import verify
from medeval.catalog import Catalog
from medeval.comparing.lengths import Written, written
from medeval.engines.base import Engine
from medeval.errors import RequestError, raise_all
from medeval.journal import Journal, fingerprint
from medeval.openings import Means
from medeval.planning import Cell
from medeval.records import Record

Word = Literal["holds", "does not hold", "not done", "told"]
SCORES, AGAIN, LENGTHS, ENDS = "scored again", "asked again", "output lengths", "ends of replies"
NAMED = 3
"""Samples that are named of those whose answer is another."""


class Line(Record, frozen=True, kw_only=True):
    """A check of a cell, or of the whole entry, and what came of it."""

    check: str
    cell: str = ""
    word: Word
    said: str


class Audit(Record, frozen=True, kw_only=True):
    """What an audit came to."""

    entry: str
    seed: str
    """Samples were drawn by it, so that anybody can draw the same."""
    lines: tuple[Line, ...]
    verified: Verified
    asked: tuple[Again, ...]
    written: tuple[Written, ...]

    @property
    def exit_code(self) -> int:
        """What the command leaves with; what was not done is not held against anybody."""
        if any(line.word == "does not hold" for line in self.lines):
            return DISAGREES
        return AGREES if self.verified.cells else NOTHING


def audit(  # noqa: PLR0913  what is audited, and by what
    folder: Path, where: Where, *, model: str | Engine = "", means: Means | None = None, share: float = SHARE,
    flips: float = FLIPS, seed: int = 0, lengths: Mapping[str, float] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Audit:  # fmt: skip
    """Audit an entry; `model` is asked again, `lengths` are a baseline's mean tokens of a reply by cell."""
    raise_all(_wrong(share, flips))
    (verified,) = verify([folder], where, stopped)
    faulty = {fault.where.partition("/")[0] for fault in verified.faults}
    good = {each.where for each in verified.folders} - faulty
    sound = [path for path in reports.cells(folder) if path.name in good and (path / reports.MANIFEST).is_file()]
    drawn_by = _seed(sound, seed)
    found = where.catalog()
    cells = [_sat(path, where, found) for path in sound] if model else []
    askable = [cell for cell in cells if not unaskable(cell)]
    asked: list[Again] = []
    if askable:
        # The engine is told apart from another before anything is asked of it.
        with closing(fresh(model, means or where.means, askable)) as engine, tempfile.TemporaryDirectory() as place:
            for number, cell in enumerate(askable):
                own = Path(place) / str(number)
                own.mkdir()
                asked.append(asked_again(cell, engine, own, share=share, seed=drawn_by, flips=flips, stopped=stopped))
    texts = [text for text in map(written, sound) if text is not None]
    return Audit(
        entry=verified.entry, seed=drawn_by,
        lines=(
            *_scores(verified), *_again(cells, asked, faulty, named=bool(model)), *_lengths(texts, lengths),
            *_ends(texts),
        ),
        verified=verified, asked=tuple(asked), written=tuple(texts),
    )  # fmt: skip


def _wrong(share: float, flips: float) -> Iterator[RequestError]:
    if not 0 < share <= 1:
        yield RequestError(f"--share {share}: a share of the samples lies above 0 and is 1 at most.")
    if not 0 <= flips < 1:
        yield RequestError(f"--flips {flips}: a rate lies between 0 and 1.")


def _sat(path: Path, where: Where, found: Catalog) -> Cell:
    manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
    assert manifest is not None  # noqa: S101  it was verified
    return planning.reopened(
        path, manifest, found, where.data, paths=where.task_paths, means=where.means, shots=where.shots_from
    )


def _seed(cells: Sequence[Path], seed: int) -> str:
    """What was replied draws the samples; a number of one's own on top makes a draw that nobody could foresee."""
    marks = []
    for cell in cells:
        with closing(Journal(cell / reports.JOURNAL, writable=False)) as journal:
            marks.append(journal.fingerprint())
    return fingerprint("\n".join([*([str(seed)] if seed else []), *marks]).encode(), size=8)


def _scores(verified: Verified) -> Iterator[Line]:
    for fault in verified.faults:
        yield Line(check=SCORES, cell=fault.where, word="does not hold", said=f"{fault.what}: {fault.said}")
    if not verified.cells:
        yield Line(check=SCORES, word="not done", said="there is no cell.")
    elif not verified.faults:
        said = f"{verified.cells} cells and groups: hashes, signatures and scores agree."
        yield Line(check=SCORES, word="holds", said=said)


def _again(cells: Sequence[Cell], asked: Sequence[Again], faulty: set[str], *, named: bool) -> Iterator[Line]:
    if not named:
        yield Line(check=AGAIN, word="not done", said="no --model was named that could be asked.")
    for name in sorted(faulty - {""}) if named else ():
        yield Line(check=AGAIN, cell=name, word="not done", said="its files do not agree.")
    for cell in cells:
        if why := unaskable(cell):
            yield Line(check=AGAIN, cell=cell.folder.name, word="not done", said=f"{why}.")
    for each in asked:
        if not each.takes:
            yield Line(check=AGAIN, cell=each.cell, word="not done", said=f"{each.unanswered} were not answered.")
            continue
        ids = ", ".join(each.apart[:NAMED]) + (", …" if len(each.apart) > NAMED else "")
        apart = f"{len(each.apart)} of {each.takes} differ" + (f" ({ids})" if ids else "")
        of = "its own" if each.measured else "measured elsewhere"
        left = f"; {each.unanswered} were not answered" if each.unanswered else ""
        said = (
            f"{apart}; so many by flips alone ({100 * each.rate:.1f} %, {of}): p {each.chance:.3g}, "
            f"{CHANCE:g} at least is allowed{left}."
        )
        yield Line(check=AGAIN, cell=each.cell, word="holds" if each.holds else "does not hold", said=said)


def _lengths(texts: Sequence[Written], lengths: Mapping[str, float] | None) -> Iterator[Line]:
    if not texts or lengths is None:
        said = "no cell writes texts." if not texts else "no --baseline was named."
        yield Line(check=LENGTHS, word="not done", said=said)
        return
    for each in texts:
        word: Word = "not done"
        if each.tokens is None:
            said = "its engine counted no tokens."
        elif not lengths.get(each.cell):
            said = "the baseline has no such cell, or counted no tokens in it."
        elif far := [*off(each, lengths)]:
            word, said = "does not hold", far[0]
        else:
            word, said = "holds", f"{each.tokens:.1f} tokens a reply, the baseline {lengths[each.cell]:.1f}."
        yield Line(check=LENGTHS, cell=each.cell, word=word, said=said)


def _ends(texts: Sequence[Written]) -> Iterator[Line]:
    for each in texts:
        share = 100 * each.cut / each.replies if each.replies else 0.0
        cut = f"{each.cut} of {each.replies:,} replies ({share:.1f} %) were cut at their greatest length"
        said = f"{cut}, {each.empty} are empty."
        yield Line(check=ENDS, cell=each.cell, word="told", said=said)
    if not texts:
        yield Line(check=ENDS, word="not done", said="no cell writes texts.")
