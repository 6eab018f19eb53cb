"""What a run comes to, and what it tells while it goes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from medeval.forecasts import Outlook
from medeval.records import Record, Result
from medeval.runner import Played
from medeval.scoring import Scored


class Evaluation(Record, frozen=True, kw_only=True):
    """What a run came to."""

    results: tuple[Result, ...]
    folders: tuple[Path, ...]
    played: Mapping[str, Played]
    unsettled: int
    """Engine errors that the same command would ask for again."""
    notes: tuple[str, ...] = ()
    """What is not among the results, and why."""

    def rows(self) -> list[dict[str, str | int | float | None]]:
        """One flat row an estimate: `pandas.DataFrame(evaluation.rows())`."""
        return [
            {
                "entry": result.entry, "task": result.task, "metric": estimate.metric, "value": estimate.value,
                "low": estimate.low, "high": estimate.high, "n": estimate.n, "unread": estimate.unread,
                "truncated": estimate.truncated, "failed": estimate.failed, "beside": estimate.beside,
                "flags": "; ".join(result.flags), "signature": result.signature,
            }
            for result in self.results
            for estimate in result.estimates
        ]  # fmt: skip


class Progress:
    """What a run tells while it goes; the base says nothing."""

    def replied(self, task: str, count: int) -> None:
        """Some replies came, and are in the journal."""

    def scored(self, task: str, scored: Scored) -> None:
        """A sample was scored."""

    def ahead(self, outlooks: Sequence[Outlook]) -> None:
        """What is left of a long run, and how long it will take."""

    def up_to_date(self, task: str) -> None:
        """A task was finished before, and nothing of it changed."""
