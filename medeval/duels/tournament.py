"""All comparisons of one judge as one result. Pure: the same replies give the same bytes."""

from collections.abc import Iterator, Sequence

from msgspec.structs import asdict

from medeval.duels.entrants import Entrant
from medeval.duels.gathering import consistency, first_position, pairings, rankings
from medeval.duels.match import Match
from medeval.duels.results import Compared, Tournament
from medeval.journal import fingerprint
from medeval.records import ORIGINS, Identity
from medeval.reports import Sworn
from medeval.scoring.families import kin
from medeval.talks.grade import asks_of


def tournament(match: Match, sworn: Sworn, lines: Sequence[Compared], replies: str, version: str) -> Tournament:
    """Gather all comparisons; `replies` is the fingerprint of what the judge said."""
    judge, manifest = sworn.judge, match.cell.manifest
    criteria = [each.name for each in judge.grading.criteria]
    rounds = [each for line in lines for each in line.rounds]
    known = sum(bool(each.outcome) for each in rounds)
    ranked, unranked = rankings(lines, criteria, match.anchor)
    said = [*_relations(match.entries, sworn.identity), *_manners(match.entries), *unranked]
    if known < len(rounds):
        said.append(f"{len(rounds) - known} of {len(rounds)} comparisons have no outcome; the ledger tells why")
    return Tournament(
        task=manifest.task, task_version=manifest.task_version, judge=judge.name, criteria=tuple(criteria),
        data=match.data, samples=len(match.samples), entries=tuple([each.name for each in match.entries]),
        anchor=match.anchor, comparisons=len(rounds), unasked=sum(not each.asked for each in rounds),
        coverage=known / len(rounds), order_consistency=consistency(lines), first_position=first_position(lines),
        pairs=tuple(pairings(lines, criteria)), rankings=tuple(ranked), notes=tuple(said), replies=replies,
        protocol=_protocol(match, sworn),
        conditions=f"judge:{sworn.identity.engine}-{sworn.identity.version}|medeval-{version}",
    )  # fmt: skip


def _protocol(match: Match, sworn: Sworn) -> str:
    judge, manifest = sworn.judge, match.cell.manifest
    kind = ORIGINS.get(manifest.setting.data, "")
    whose = fingerprint(repr(asdict(sworn.identity)).encode(), size=4)
    return "|".join([
        f"{manifest.task}.v{manifest.task_version}", f"n:{len(match.samples)}", f"data:{match.data[:8]}{kind}",
        f"judge:{judge.name}@{whose}", f"duel:{judge.grading.name}.v{judge.grading.version}",
        f"by:{','.join([each.name for each in judge.grading.criteria])}", f"per:{judge.grading.per}",
        f"asks:{asks_of(judge)}", "weighed" if judge.choosing else "stated", "both orders",
    ])  # fmt: skip


def _relations(entries: Sequence[Entrant], judge: Identity) -> Iterator[str]:
    """Entries that the judge is kin to."""
    for entry in entries:
        if relation := kin(entry.cell.manifest.engines["model"], judge):
            yield f"{entry.name}: the judge is {relation}"


def _manners(entries: Sequence[Entrant]) -> Iterator[str]:
    """What should be known of how the entries were asked."""
    ways = {entry.name: entry.cell.folder.name for entry in entries}
    if len({*ways.values()}) > 1:
        yield f"asked in different ways: {', '.join([f'{name} {way}' for name, way in ways.items()])}"
    for entry in entries:
        sitting = entry.cell.sitting
        if len(sitting.takes) > len(sitting.samples):
            yield f"{entry.name}: answered every sample several times; its first answers are compared"
