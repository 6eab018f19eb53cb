"""The verdicts of one judge on a cell: marked and gathered as answers are, in a column of the judge's own."""

from collections.abc import Iterator, Sequence

from msgspec.structs import asdict, replace

from medeval.journal import Journal, fingerprint
from medeval.records import Exchange, Identity, Record, Response, Result, Verdict, Walk
from medeval.reports import Sworn
from medeval.scoring.families import kin
from medeval.scoring.scorer import Scorer
from medeval.scoring.shown import Scored
from medeval.sitting import Sitting
from medeval.talks.grade import EMPTY, asks_of, verdicts_of

EXCERPT = 500
"""Characters of a reply that stand in the ledger."""


class Judgment(Scored, frozen=True, kw_only=True):
    """One line of a judge's samples.jsonl."""

    verdicts: tuple[Verdict, ...]


class Missing(Record, frozen=True, kw_only=True):
    """One line of a judge's ledger: a verdict that was wanted and is not there."""

    sample: str
    variant: int
    repeat: int
    turn: int
    criterion: str
    why: str
    said: str
    """The beginning of what the judge said, if it said anything."""


class JudgedScorer:
    """Takes the verdicts on a cell's walks, in any order, and then gives the judge's result."""

    def __init__(self, sitting: Sitting, sworn: Sworn) -> None:
        self.sworn = sworn
        self._sitting = sitting
        self._scorer = Scorer(sitting.judged_as(sworn.judge.grading))
        self._wanted = self._given = 0

    def add(self, number: int, walk: Walk, heard: Sequence[Exchange]) -> tuple[Judgment, tuple[Missing, ...]]:
        """Read the verdicts on one walk out of what the judge said, and mark it by them."""
        take, judge = self._sitting.takes[number], self.sworn.judge
        verdicts = verdicts_of(judge, take.sample, walk, [each.reply for each in heard])
        self._wanted += len(verdicts)
        self._given += sum(bool(each.grade) for each in verdicts)
        answer = replace(walk.answer, verdicts=verdicts)
        if not all(each.grade for each in verdicts):
            answer = replace(answer, status="judge_error")
        scored = self._scorer.add(number, Walk(exchanges=(*walk.exchanges, *heard), answer=answer))
        return judgment(scored, walk, verdicts), tuple(self._missing(number, walk, verdicts, heard))

    def result(self, entry: str, engine: Identity, version: str, journal: Journal) -> Result:
        """Gather all verdicts. Another judge, or one asked in other words, is another column."""
        judge, identity = self.sworn.judge, self.sworn.identity
        found = self._scorer.result(entry, engine, version, journal)
        grading, asks = judge.grading, asks_of(judge)
        whose = f"{judge.name}@{fingerprint(repr(asdict(identity)).encode(), size=4)}"
        how = f"grading:{grading.name}.v{grading.version}|asks:{asks}|{'weighed' if judge.choosing else 'stated'}"
        flags = list(found.flags)
        if self._given < self._wanted:
            flags.append(f"judge coverage {1000 * self._given // self._wanted / 10} %")
        if relation := kin(engine, identity):
            flags.append(f"the judge is {relation}")
        return replace(
            found, judge=judge.name, flags=tuple(flags), protocol=f"{found.protocol}|judge:{whose}|{how}",
            journal_records=found.journal_records + journal.count(judge.name),
            journal=fingerprint(f"{found.journal}{journal.fingerprint(judge.name)}".encode(), size=32),
            conditions=f"{found.conditions}|judge:{identity.engine}-{identity.version}",
        )  # fmt: skip

    def _missing(
        self, number: int, walk: Walk, verdicts: Sequence[Verdict], heard: Sequence[Exchange]
    ) -> Iterator[Missing]:
        take = self._sitting.takes[number]
        # An empty answer has its grade without a request, so the two are not side by side.
        replies = iter(heard)
        for verdict in verdicts:
            reply = None if verdict.why == EMPTY else next(replies).reply
            if not verdict.grade:
                said = reply.text[:EXCERPT] if isinstance(reply, Response) else ""
                yield Missing(
                    sample=take.sample.id, variant=take.variant, repeat=take.repeat, turn=verdict.turn,
                    criterion=verdict.criterion, why=verdict.why, said=said,
                )  # fmt: skip


def judgment(scored: Scored, walk: Walk, verdicts: tuple[Verdict, ...]) -> Judgment:
    """Make a judge's line; what the model was asked and said stands in the cell's own file."""
    fields = {name: getattr(scored, name) for name in scored.__struct_fields__}
    fields["exchanges"] = scored.exchanges[len(walk.exchanges) :]
    return Judgment(**fields, verdicts=verdicts)
