"""A patient by rule: answers with the facts of the case that a question asks for, in their own words."""

from collections.abc import Mapping

from medeval.casefile import told_by
from medeval.engines.base import Abilities, Ask, Immediate
from medeval.records import CaseSample, Identity, Reply, Response

NOTHING = {"en": "I don't know.", "zh": "不清楚。"}


class FactSelector(Immediate):
    """An engine for the role of the patient that needs no second model."""

    def __init__(self) -> None:
        super().__init__()
        self.identity = Identity(engine="patient", version="1", model="facts")
        self.abilities = Abilities(choices=False, chat=True)
        self._cases: Mapping[tuple[str, str, int], CaseSample] = {}

    def study(self, cases: Mapping[tuple[str, str, int], CaseSample]) -> None:
        """Take the cases by (task, sample, variant)."""
        self._cases = cases

    def answer(self, ask: Ask) -> Reply:
        """Give the facts that the last question asks for."""
        case = self._cases[ask.task, ask.sample, ask.variant]
        asked = ask.request.messages[-1].content
        facts = [case.facts[place] for place in told_by(asked, case.facts, case.language)]
        return Response(text=" ".join(facts) or NOTHING[case.language])
