"""The folder of one judge: its journal, the comparisons, what is missing, and what all that comes to."""

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from medeval import reports
from medeval.cells import own_version
from medeval.cells.lines import InOrder
from medeval.duels.court import Court
from medeval.duels.match import Match
from medeval.duels.results import Compared, Entered, Manifest, Tournament
from medeval.duels.tournament import tournament
from medeval.errors import ReportError, RequestError
from medeval.journal import Journal, fingerprint
from medeval.records import Walk, to_json
from medeval.runner import Seat

if TYPE_CHECKING:
    from medeval.sitting import Sitting


class Bench:
    """What one judge says of all pairs, open for writing."""

    def __init__(self, match: Match, sworn: reports.Sworn) -> None:
        self.folder = match.folder / sworn.judge.name
        self._match = match
        self._sworn = sworn
        name = f"{match.folder.name} by {sworn.judge.name}"
        self._court = Court(name, sworn.judge, match.samples, match.pairs)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(f"{self.folder}: cannot be made ({error.strerror}).") from error
        self._journal = Journal(self.folder / reports.JOURNAL, read=False)
        self._samples = InOrder(self.folder / reports.SAMPLES)
        self._ledger = InOrder(self.folder / reports.LEDGER)
        self._lines: dict[int, Compared] = {}
        self._replies: dict[int, str] = {}

    @property
    def seat(self) -> Seat:
        """What the runner needs of it."""
        # It is no sitting, and has all of one that the runner looks at.
        return Seat(cast("Sitting", self._court), self._journal)

    @property
    def unsettled(self) -> int:
        """How many errors of the judge the same command would ask about again."""
        return self._journal.unsettled_of(self._sworn.judge.name)

    def begin(self) -> None:
        """See that the folder is this judge's, as it is asked now, and read its journal."""
        path, now = self.folder / reports.MANIFEST, self._manifest()
        old = reports.read(path, Manifest)
        if old is not None:
            if fields := reports.differing(replace(old, entries={}), replace(now, entries={})):
                raise RequestError(
                    f"{self.folder}: was heard otherwise ({'; '.join(fields)}). Call the judge otherwise: NAME=MODEL."
                )
            now = replace(now, entries={**old.entries, **now.entries})
        self._journal.recover()
        reports.sweep(self.folder)
        if now != old:
            reports.publish(path, now)

    def finished(self, number: int, walk: Walk) -> None:
        """Decide one pair on one sample, and write it."""
        replies = [each.reply for each in walk.exchanges]
        line, missing = self._court.compared(number, replies)
        self._lines[number] = line
        self._replies[number] = fingerprint(to_json(replies))
        self._samples.write(number, to_json(line) + b"\n")
        self._ledger.write(number, b"".join([to_json(each) + b"\n" for each in missing]))

    def publish(self) -> Tournament:
        """Publish comparisons, ledger and result, in this order."""
        self._samples.commit()
        self._ledger.commit()
        lines = [self._lines[number] for number in sorted(self._lines)]
        said = fingerprint("".join([self._replies[number] for number in sorted(self._replies)]).encode(), size=32)
        result = tournament(self._match, self._sworn, lines, said, own_version())
        reports.publish(self.folder / reports.RESULT, result)
        return result

    def close(self) -> None:
        """Let everything go."""
        self._samples.discard()
        self._ledger.discard()
        self._journal.close()

    def _manifest(self) -> Manifest:
        match, manifest = self._match, self._match.cell.manifest
        return Manifest(
            task=manifest.task, task_version=manifest.task_version, data=match.data, judge=self._sworn.judge,
            identity=self._sworn.identity,
            entries={
                each.name: Entered(cell=each.cell.folder.name, data=each.cell.manifest.data, journal=each.journal)
                for each in match.entries
            },
        )  # fmt: skip
