"""Answers from a function: the public test double."""

from collections.abc import Callable

from medeval.engines.base import Abilities, Ask, Immediate
from medeval.records import Identity, Reply, Request, Response


class Scripted(Immediate):
    """An engine whose replies come from `script(request)`: a reply, or the text of one.

    `model` is its identity: two scripts of one name are one model, whose replies are reused.
    """

    def __init__(
        self, script: Callable[[Request], Reply | str], *, model: str = "scripted", choices: bool = True
    ) -> None:
        super().__init__()
        self.identity = Identity(engine="scripted", version="1", model=model)
        self.abilities = Abilities(choices=choices, greedy=choices, chat=True, seeds=True)
        self.asked = 0
        self._script = script

    def answer(self, ask: Ask) -> Reply:
        """Call the script."""
        self.asked += 1
        said = self._script(ask.request)
        return Response(text=said) if isinstance(said, str) else said
