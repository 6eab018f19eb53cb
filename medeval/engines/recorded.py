"""Answers that were given before: in journals, or in a file of predictions made elsewhere."""

from collections.abc import Iterable, Mapping

from medeval.engines.base import Abilities, Ask, Immediate
from medeval.journal import Line
from medeval.records import Failure, Identity, Reply, Response, Setting


class Recorded(Immediate):
    """Replays journals; what was never asked there, or asked otherwise, is an engine error."""

    def __init__(
        self, identity: Identity, lines: Iterable[tuple[str, Line]], settings: Mapping[str, Setting] | None = None
    ) -> None:
        super().__init__()
        self.settings = settings or {}
        """By task: how it was asked then."""
        # The recorded model's own identity: the replies are its replies.
        self.identity = identity
        self.abilities = Abilities(choices=True, greedy=True, chat=True, seeds=True)
        self._replies = {(task, line.place, line.asked): line.reply for task, line in lines}

    def answer(self, ask: Ask) -> Reply:
        """Look up the same request at the same place."""
        missing = Failure(failure="engine_error", reason="this request is not in the recording")
        return self._replies.get((ask.task, ask.place, ask.asked), missing)


class Predictions(Immediate):
    """Texts made elsewhere, one a sample."""

    ABILITIES = Abilities(choices=False, chat=True)

    def __init__(self, texts: Mapping[str, str], *, model: str, content: str) -> None:
        super().__init__()
        self.identity = Identity(engine="predictions", version="1", model=model, content=content)
        self.abilities = self.ABILITIES
        self._texts = texts

    def answer(self, ask: Ask) -> Reply:
        """Look the sample up."""
        return Response(text=self._texts[ask.sample])
