"""How small a difference between two models some questions show: with 80 % power, at 5 %, two-sided."""

from bisect import bisect_left

from medeval import stats

DISAGREE = 0.2
"""The share of questions that one of two models has right and the other wrong, where nobody measured it: as of two that
are about as good. Takes of one and the same model disagree on far fewer, and show less of a difference."""
SPREAD = 0.2
"""How far the differences of graded marks lie apart, where nobody measured it. Of ROUGE-1 of the two published sets of
whole notes for ACI-Bench (test 1) it is 0.07; short answers lie further apart."""


def sees(n: int, *, graded: bool) -> float:
    """The smallest difference that n questions show, as a fraction."""
    if n < 1:
        return 1.0
    if graded:
        return min(1.0, stats.power.detectable_graded(n, SPREAD**2))
    # Too few questions for that share: then every disagreement has to go one way, and there have to be more of them.
    return stats.power.detectable(n, DISAGREE) or stats.power.least(n)


def needed(difference: float, most: int, *, graded: bool) -> int:
    """How many questions show a difference; all of them, if not even they do."""
    return min(most, 1 + bisect_left(range(1, most + 1), True, key=lambda n: sees(n, graded=graded) <= difference))
