"""Models that are only served: any server that speaks OpenAI's protocol."""

from medeval.engines.http.engine import HTTP
from medeval.engines.http.places import parted, seen

__all__ = ["HTTP", "parted", "seen"]
