"""Human raters: a page to rate on that needs nothing else, and what their ratings say of judges."""

from medeval.raters.admissions import BAR, Admission, Admissions, admissions
from medeval.raters.drawing import Drawn, Wanted, draw
from medeval.raters.keys import Key, read_key
from medeval.raters.pages import key_place, rendered
from medeval.raters.ratings import Rated, Rating, Ratings, collected, keep
from medeval.raters.telling import Summaries, blocks, noted, told

__all__ = [
    "BAR", "Admission", "Admissions", "Drawn", "Key", "Rated", "Rating", "Ratings", "Summaries", "Wanted",
    "admissions", "blocks", "collected", "draw", "keep", "key_place", "noted", "read_key", "rendered", "told",
]  # fmt: skip
