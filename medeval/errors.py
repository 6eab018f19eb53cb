"""What can go wrong, drawn as a tree, with the exit code of the command.

MedevalError          3   the run broke; started again, it goes on where it was
├── RequestError      2   the request is wrong; nothing was started
│   ├── TaskError     2   a task declares what cannot be
│   └── DataError     2   rows are missing, changed, or not what the task says
├── EngineError       3   an engine cannot go on
├── ReportError       3   a folder of results cannot be read, locked or written
│   └── JournalError  3   the journal is damaged before its end
├── ComparisonError   4   what is there cannot be compared, or is not as it was written
└── Interrupted      75   a signal came; the same command goes on
"""

from collections.abc import Iterable


class MedevalError(Exception):
    """Everything medeval raises on purpose: one sentence a fault, fit to be shown as it is."""

    exit_code = 3

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class RequestError(MedevalError):
    """The request is wrong: an option, a name, a combination."""

    exit_code = 2


class TaskError(RequestError):
    """A task file declares something that cannot be."""


class DataError(RequestError):
    """Rows are missing, or are not what the task says they are."""


class EngineError(MedevalError):
    """An engine cannot go on."""


class ReportError(MedevalError):
    """A folder of results cannot be read, locked or written."""


class JournalError(ReportError):
    """A journal has a bad line before a good one."""


class ComparisonError(MedevalError):
    """What is there cannot be compared, or is not as it was written."""

    exit_code = 4


class Interrupted(MedevalError):  # noqa: N818  a signal is not an error of anyone's
    """A signal asked the run to end; every acknowledged reply is on disk."""

    exit_code = 75


def raise_all(faults: Iterable[RequestError]) -> None:
    """Raise all faults of a request as one, so that they are mended in one go."""
    sentences = list(dict.fromkeys(sentence for fault in faults for sentence in fault.faults))
    if sentences:
        raise RequestError(*sentences)
