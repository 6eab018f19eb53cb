"""Two entries on the same samples: whether they may be compared, and what lies between them."""

from medeval.comparing.comparison import CASES, Compared, Comparison, Refused, Versus, Wanted, compare, exit_code
from medeval.comparing.contract import TREATMENTS, Change, Treatment, treatments
from medeval.comparing.sides import private

__all__ = [
    "CASES", "TREATMENTS", "Change", "Compared", "Comparison", "Refused", "Treatment", "Versus", "Wanted", "compare",
    "exit_code", "private", "treatments",
]  # fmt: skip
