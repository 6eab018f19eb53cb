"""Journal → answers → scores → estimates → result: pure, and the same bytes every time.

The talks are gone through once more, with the replies of the journal; no engine is needed.
"""

from medeval.scoring.groups import grouped
from medeval.scoring.judged import JudgedScorer, Judgment
from medeval.scoring.panel import PanelScorer
from medeval.scoring.scorer import Scorer
from medeval.scoring.shown import Scored
from medeval.scoring.signature import flags
from medeval.scoring.walks import walks

__all__ = ["JudgedScorer", "Judgment", "PanelScorer", "Scored", "Scorer", "flags", "grouped", "walks"]
