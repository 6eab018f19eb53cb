"""What duels come to: hand-counted, and as the statistics say of the same outcomes."""

import math

import pytest

from medeval.duels.gathering import consistency, first_position, pairings, rankings
from medeval.duels.results import Compared
from medeval.stats.pairwise import Outcome, bradley_terry, fewest_flips, win_rate_of
from medeval.talks.duel import Outcome as Won
from medeval.talks.duel import Round

WON: dict[str, tuple[str, str, Won]] = {
    "1": ("1", "2", "first"), "2": ("2", "1", "second"), "=": ("tie", "tie", "tie"), "x": ("1", "1", "tie"),
}  # fmt: skip


def line(first: str, second: str, sample: str, said: str, *, cluster: str = "") -> Compared:
    """A round a character: a win of either, a tie, `x` for a judge that says 1 twice, `?` for one verdict only."""
    rounds = []
    for each in said:
        straight, swapped, outcome = WON.get(each, ("1", "", ""))
        rounds.append(Round(criterion="overall", straight=straight, swapped=swapped, outcome=outcome))
    return Compared(sample=sample, cluster=cluster or sample, first=first, second=second, rounds=tuple(rounds))


def lines(first: str, second: str, said: str) -> list[Compared]:
    return [line(first, second, str(number), each) for number, each in enumerate(said)]


def test_wins_ties_and_losses_are_counted_and_what_is_missing_is_none_of_them() -> None:
    (found,) = pairings(lines("a", "b", "1112=x??"), ["overall"])
    assert (found.wins, found.ties, found.losses, found.missing) == (3, 2, 1, 2)
    assert found.rate.value == pytest.approx(4 / 6)
    assert found.rate.n == 6
    # Three wins and a loss, a sample each: 2 * (1 + 4) / 16.
    assert found.p == pytest.approx(10 / 16)
    said = win_rate_of([1, 1, 1, 0, 0.5, 0.5], list("012345"))
    assert (found.rate.low, found.rate.high, found.rate.method) == said.interval


def test_turns_of_one_sample_and_samples_of_one_cluster_are_one_in_the_interval_and_the_sign_test() -> None:
    turns = [line("a", "b", "0", "11"), line("a", "b", "1", "12"), line("a", "b", "2", "1=")]
    (found,) = pairings(turns, ["overall"])
    assert found.rate.method.endswith("over 3 clusters")
    assert found.p == pytest.approx(2 * (1 / 4))
    together = [line("a", "b", str(number), "1", cluster="case") for number in range(4)]
    (alone,) = pairings(together, ["overall"])
    assert (alone.rate.value, alone.rate.low, alone.rate.high, alone.p) == (1.0, None, None, 1.0)


def test_where_nothing_has_an_outcome_there_is_no_number() -> None:
    (found,) = pairings(lines("a", "b", "??"), ["overall"])
    assert (found.rate.value, found.rate.low, found.p, found.missing) == (None, None, None, 2)
    assert rankings(lines("a", "b", "??"), ["overall"], "a") == (
        [], ["overall: no comparison with a has an outcome, so there are no strengths"],
    )  # fmt: skip


def test_consistency_counts_pairs_of_verdicts_and_position_counts_verdicts() -> None:
    said = lines("a", "b", "112=xx?")
    assert consistency(said).value == pytest.approx(4 / 6)
    assert consistency(said).n == 6
    # Of ten verdicts that are no ties seven are for the first: three in agreement, and four where they disagree.
    position = first_position(said)
    assert position.value == pytest.approx(7 / 10)
    assert position.n == 10
    assert consistency(lines("a", "b", "xxxx")).value == 0
    assert first_position(lines("a", "b", "xxxx")).value == 1
    assert consistency([]).value is None


def test_strengths_are_those_of_the_statistics() -> None:
    said = [*lines("a", "b", "11212="), *lines("a", "c", "1211=1"), *lines("b", "c", "21x121")]
    (found,), notes = rankings(said, ["overall"], "b")
    assert notes == []
    worth = {"first": 1.0, "tie": 0.5, "second": 0.0}
    outcomes = [Outcome(each.first, each.second, worth[each.rounds[0].outcome]) for each in said]
    fit = bradley_terry(outcomes, "b", clusters=[each.cluster for each in said])
    expected = sorted(fit.strengths, key=lambda each: -each.theta)
    assert [(each.name, each.strength, each.rating) for each in found.strengths] == [
        (each.name, each.theta, each.rating) for each in expected
    ]
    for ours, theirs in zip(found.strengths, expected, strict=True):
        told = (None, None, None) if ours.name == "b" else (theirs.error, *theirs.interval[:2])
        assert (ours.error, ours.low, ours.high) == told
    flips = fewest_flips(outcomes)
    assert (found.leader, found.rival, found.flips, found.n) == flips
    assert found.leader == found.strengths[0].name == "a"


def test_the_strength_of_one_over_another_is_the_log_of_wins_over_losses() -> None:
    (found,), _ = rankings(lines("a", "b", "111112"), ["overall"], "b")
    assert [(each.name, each.strength) for each in found.strengths] == [("a", pytest.approx(math.log(5))), ("b", 0.0)]
    # Five to one: three losses, turned wins, put the other ahead.
    assert (found.leader, found.rival, found.flips, found.n) == ("a", "b", 3, 6)


def test_where_one_never_loses_a_ridge_holds_its_strength_and_no_interval_is_claimed() -> None:
    (found,), notes = rankings(lines("a", "b", "1111"), ["overall"], "a")
    (note,) = notes
    assert note == (
        "overall: a never lost to the others, so their strength has no upper limit; a ridge of 1 holds the strengths, "
        "and they have no intervals"
    )
    assert found.ridge == 1
    assert [each.name for each in found.strengths] == ["a", "b"]
    assert [(each.error, each.low, each.high) for each in found.strengths] == [(None, None, None)] * 2
    assert [each.method for each in found.strengths] == ["anchor", "sandwich over 4 clusters, ridge 1"]
    # The maximum of 4 log P - (x² + y²) / 2 with x = -y: its slope is nothing.
    half = -found.strengths[1].strength / 2
    assert 4 / (1 + math.exp(2 * half)) == pytest.approx(half)


def test_every_criterion_has_numbers_of_its_own() -> None:
    rounds = (
        Round(criterion="overall", straight="1", swapped="2", outcome="first"),
        Round(criterion="safe", straight="2", swapped="1", outcome="second"),
    )
    said = [Compared(sample=str(n), cluster=str(n), first="a", second="b", rounds=rounds) for n in range(3)]
    found = list(pairings(said, ["overall", "safe"]))
    assert [(each.criterion, each.wins, each.losses) for each in found] == [("overall", 3, 0), ("safe", 0, 3)]
    ranked, notes = rankings(said, ["overall", "safe"], "a")
    assert [(each.criterion, each.leader) for each in ranked] == [("overall", "a"), ("safe", "b")]
    assert [note.partition(" never")[0] for note in notes] == ["overall: a", "safe: b"]


def test_ties_alone_make_no_strength_certain() -> None:
    (found,), notes = rankings(lines("a", "b", "=" * 24), ["overall"], "a")
    anchor, other = found.strengths
    assert notes == []
    assert (anchor.name, anchor.low, anchor.method) == ("a", None, "anchor")
    # The information of 24 even games is 24 / 4; 400 points are odds of ten to one.
    assert other.error == pytest.approx(1 / math.sqrt(6))
    assert other.high == pytest.approx(1000 + 1.959964 * 400 / math.log(10) / math.sqrt(6))
    assert other.low == pytest.approx(2000 - (other.high or 0))
    (turns,), _ = rankings([line("a", "b", str(number), "====") for number in range(6)], ["overall"], "a")
    assert turns.strengths[1].error == pytest.approx(1 / math.sqrt(6 / 4)), "four turns of a sample are no four samples"
