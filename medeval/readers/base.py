"""What a reader is."""

from collections.abc import Callable

from medeval.records import Answer, ChoiceSample, Record, Response


class Reader(Record, frozen=True, kw_only=True):
    """A named way to read; `version` rises when readings change."""

    name: str
    version: int
    read: Callable[[Response, ChoiceSample], Answer]
