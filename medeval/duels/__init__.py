"""Recorded answers of several entries before judges, two at a time and in both orders."""

from medeval.duels.match import Wish
from medeval.duels.playing import Duels, duel
from medeval.duels.results import Compared, Missing, Tournament

__all__ = ["Compared", "Duels", "Missing", "Tournament", "Wish", "duel"]
