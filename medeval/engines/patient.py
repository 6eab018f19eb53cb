"""A patient by rule: answers with the facts of the case that a question asks for, in their own words."""

from collections.abc import Mapping

from medeval.casefile import told_by
from medeval.engines.base import Abilities, Ask, Immediate
from medeval.readers import read_move
from medeval.records import CaseSample, Identity, Language, Reply, Response

MOST = 3
"""Facts that are told at once."""
NOTHING: Mapping[Language, str] = {"en": "I don't know.", "zh": "不清楚。"}


class FactSelector(Immediate):
    """An engine for the role of the patient that needs no second model, and says the same whenever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.identity = Identity(engine="patient", version="1", model="facts")
        self.abilities = Abilities(choices=False, chat=True)
        self._cases: Mapping[tuple[str, str, int], CaseSample] = {}

    def study(self, cases: Mapping[tuple[str, str, int], CaseSample]) -> None:
        """Take the cases by (task, sample, variant)."""
        self._cases = cases

    def answer(self, ask: Ask) -> Reply:
        """Give the facts that the last question, or the order of a test, asks for."""
        case = self._cases[ask.task, ask.sample, ask.variant]
        asked = read_move(ask.request.messages[-1].content, case.language).text
        told = [case.facts[place] for place in told_by(asked, case.facts, case.language, MOST)]
        return Response(text="\n".join(told) or NOTHING[case.language])
