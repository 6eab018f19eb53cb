"""The leaderboard: results on disk to columns, ranks, pages and downloads."""

from medeval.board.comparison import comparison
from medeval.board.report import report
from medeval.board.site import Built, build, single
from medeval.board.wishes import Options
from medeval.board.words import TONGUES

__all__ = ["TONGUES", "Built", "Options", "build", "comparison", "report", "single"]
