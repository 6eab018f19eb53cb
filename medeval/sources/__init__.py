"""Where rows come from: files of a hub, files at an address, files of one's own; pinned by content, or locked."""

from medeval.sources.files import Form, Hub, Local, Pin, Source, Url, check_pin, content, place
from medeval.sources.guises import unfit
from medeval.sources.hub import model_folder
from medeval.sources.locks import LOCK, Lock, Locked, line_of, lock_text, own_lock, read_lock
from medeval.sources.predictions import PREDICTION_FIELDS, Told, read_predictions, read_shares
from medeval.sources.rows import Rows, count_rows, read_rows
from medeval.sources.sheets import Cell, Sheet, grid_of, read_sheet, sheets_of
from medeval.sources.supply import Supply, own_cache

__all__ = [
    "LOCK", "PREDICTION_FIELDS", "Cell", "Form", "Hub", "Local", "Lock", "Locked", "Pin", "Rows", "Sheet", "Source",
    "Supply", "Told", "Url", "check_pin", "content", "count_rows", "grid_of", "line_of", "lock_text", "model_folder",
    "own_cache", "own_lock", "place", "read_lock", "read_predictions", "read_rows", "read_shares", "read_sheet",
    "sheets_of", "unfit",
]  # fmt: skip
