"""Gates: whether a night is as good as the baseline, and whether that could be seen at all."""

from medeval.gates.artefacts import annotations, summary, write
from medeval.gates.checking import check, verdict
from medeval.gates.confirming import Again
from medeval.gates.files import Gates, Opened, opened
from medeval.gates.proving import Proof, proven
from medeval.gates.verdicts import Line, Verdict, Word, decide, exit_code, overall

__all__ = [
    "Again", "Gates", "Line", "Opened", "Proof", "Verdict", "Word", "annotations", "check", "decide", "exit_code",
    "opened", "overall", "proven", "summary", "verdict", "write",
]  # fmt: skip
