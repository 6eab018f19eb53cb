"""Answers that were given before: in journals, or in a file of predictions made elsewhere."""

import math
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
    """Texts made elsewhere, one a sample, or probabilities of its options."""

    ABILITIES = Abilities(choices=False, chat=True)
    WEIGHING = Abilities(choices=True, whole=False)

    def __init__(
        self, texts: Mapping[str, str] | None = None, shares: Mapping[str, tuple[float, ...]] | None = None, *,
        model: str, content: str,
    ) -> None:  # fmt: skip
        super().__init__()
        self.identity = Identity(engine="predictions", version="1", model=model, content=content)
        self.abilities = self.ABILITIES if shares is None else self.WEIGHING
        self._texts = texts or {}
        self._shares = shares or {}

    def answer(self, ask: Ask) -> Reply:
        """Look the sample up."""
        if not ask.request.choices:
            return Response(text=self._texts[ask.sample])
        shares = self._shares[ask.sample]
        # What was rounded to nothing is less likely than all others, and nobody knows by how much.
        lowest = min(share for share in shares if share > 0)
        return Response(
            logprobs=tuple([math.log(share or lowest) for share in shares]),
            below=tuple([place for place, share in enumerate(shares) if not share]),
            printed=True,
        )
