"""Where rows come from: files of a hub, files at an address, files of one's own; pinned by content."""

from medeval.sources.files import Form, Hub, Local, Source, Url, check_pin, place
from medeval.sources.hub import model_folder
from medeval.sources.predictions import PREDICTION_FIELDS, Told, read_predictions, read_shares
from medeval.sources.rows import Rows, read_rows
from medeval.sources.supply import Supply

__all__ = [
    "PREDICTION_FIELDS", "Form", "Hub", "Local", "Rows", "Source", "Supply", "Told", "Url",
    "check_pin", "model_folder", "place", "read_predictions", "read_rows", "read_shares",
]  # fmt: skip
