"""A request, checked: everything that can be wrong is found before an engine starts, and told at once."""

from medeval.planning.juries import Jury, jury, sworn, unjudged
from medeval.planning.plans import Cell, Plan, Prepared
from medeval.planning.preparing import check_manifest, only_one, prepare, unwritable
from medeval.planning.seating import PLAIN, apart, other_sitting, reopened, sitting, supply

__all__ = [
    "PLAIN", "Cell", "Jury", "Plan", "Prepared", "apart", "check_manifest", "jury", "only_one", "other_sitting",
    "prepare", "reopened", "sitting", "supply", "sworn", "unjudged", "unwritable",
]  # fmt: skip
