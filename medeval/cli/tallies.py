"""What duels came to, in words."""

from collections.abc import Iterator

from medeval.cli.say import clean, percent, table
from medeval.duels import Duels, Tournament
from medeval.duels.results import Share


def told(found: Duels) -> str:
    """Tables of pairs and strengths for every judge, then what they stand on and where they are."""
    parts = ["\n".join(_told(result)) for result in found.results]
    for result, folder in zip(found.results, found.folders, strict=True):
        parts.append("\n".join([clean(result.signature), clean(f"  {folder}")]))
    return "\n\n".join(parts)


def _told(result: Tournament) -> Iterator[str]:
    count = len({(each.first, each.second) for each in result.pairs})
    pairs = "1 pair" if count == 1 else f"{count} pairs"
    yield clean(f"{result.task}: {pairs} of entries on {result.samples} samples by {result.judge}")
    head = ("entry", "against", "criterion", "wins", "ties", "losses", "win rate", "95 % interval", "p", "no outcome")
    rows = [
        (
            each.first, each.second, each.criterion, str(each.wins), str(each.ties), str(each.losses),
            percent(each.rate.value), _limits(each.rate), _chance(each.p), str(each.missing),
        )
        for each in result.pairs
    ]  # fmt: skip
    yield table([head, *rows], right=range(3, 10))
    yield ""
    if result.rankings:
        yield table([("criterion", "strength of", "rating", "95 % interval", ""), *_ranks(result)], right=(2, 3))
        yield ""
    for name, share in (
        ("both orders agree", result.order_consistency), ("the first answer is preferred", result.first_position),
    ):  # fmt: skip
        limits = _limits(share)
        yield f"{name}: {percent(share.value)} %" + (f" ({limits})" if limits else "") + f", n {share.n}"
    yield f"coverage: {percent(result.coverage)} % of {result.comparisons} judgments, {result.unasked} settled unasked"
    yield from [clean(f"note: {each}.") for each in result.notes]


def _ranks(result: Tournament) -> Iterator[tuple[str, ...]]:
    for ranking in result.rankings:
        for place, each in enumerate(ranking.strengths):
            limits = "" if each.low is None or each.high is None else f"{each.low:.0f} to {each.high:.0f}"
            said = "anchor" if each.name == result.anchor else ""
            if not place and ranking.flips is not None:
                turned = f"{ranking.flips} of {ranking.n} outcomes, turned, put {ranking.rival} before {ranking.leader}"
                said = f"{said}; {turned}" if said else turned
            yield ranking.criterion if not place else "", each.name, f"{each.rating:.0f}", limits, said


def _limits(share: Share) -> str:
    return "" if share.low is None else f"{percent(share.low)} to {percent(share.high)}"


def _chance(p: float | None) -> str:
    if p is None:
        return "-"
    return "<0.001" if p < 0.001 else f"{p:.3f}"
