"""Published numbers beside ours, from the same raw outputs or the same model, and whether the two agree."""

from medeval.parity.comparing import Line, Where, compare
from medeval.parity.references import Declared, Reference, Source, chosen, declared, own_folder
from medeval.parity.telling import Page, Told, page, told
from medeval.parity.verdicts import Verdict, Word, exit_code, verdict

__all__ = [
    "Declared", "Line", "Page", "Reference", "Source", "Told", "Verdict", "Where", "Word",
    "chosen", "compare", "declared", "exit_code", "own_folder", "page", "told", "verdict",
]  # fmt: skip
