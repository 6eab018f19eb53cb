"""Who is surely ahead of whom, held against the paired t test, literal boards and boards of chance."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats

from medeval.board.columns import Column, columns
from medeval.board.ranking import Ranked, Standings, ranked, standings
from medeval.records import Better
from medeval.stats import power
from tests.test_board.test_columns import NOBODY, cell, entries

Floats = npt.NDArray[np.float64]
N = 200


def column(marks: Mapping[str, Sequence[float]], better: Better = "higher", protocol: str = "p") -> Column:
    """A column of marks, sample by sample."""
    there = [cell(name, [*values], better=better, protocol=protocol) for name, values in marks.items()]
    (found,) = columns(entries(*there), NOBODY)
    return found


def share(right: int, n: int = N, start: int = 0) -> list[float]:
    """So many right answers of n, in a row."""
    return [float(start <= place < start + right) for place in range(n)]


def judged(*there: Column) -> list[tuple[Column, Ranked]]:
    return [(each, ranked(each, (), len(there))) for each in there]


def said(column: Column, ranks: Mapping[str, tuple[int, int]], ahead: str) -> tuple[Column, Ranked]:
    """Ranks as they are said: `ahead` names pairs, the first of each surely ahead."""
    place = {slug: number for number, slug in enumerate(column.ranked)}
    apart = np.zeros((len(place), len(place)), dtype=np.int8)
    for pair in ahead.split():
        first, second = place[pair[0]], place[pair[1]]
        apart[first, second], apart[second, first] = 1, -1
    return column, Ranked(ranks=ranks, apart=apart, sees=None)


def told(found: Standings) -> list[tuple[str, int, int, int]]:
    return [(row.slug, row.low, row.high, row.tier) for row in found.rows]


def dice(seed: int, entries: int, *, graded: bool = False) -> dict[str, list[float]]:
    """Marks of chance, of entries that know more or less."""
    drawn = np.random.default_rng(seed)
    skill, hard = drawn.uniform(0.2, 0.9, entries), drawn.normal(0, 0.2, (N, 1))
    found: Floats = (drawn.random((N, entries)) < skill + hard).astype(np.float64)
    found = found * drawn.random((N, entries)) if graded else found
    return {f"e{place}": found[:, place].tolist() for place in range(entries)}


# --- one column ---------------------------------------------------------------------------------


def test_entries_that_answer_the_same_may_have_any_rank_and_share_a_tier() -> None:
    (there,) = judged(column(dict.fromkeys("abcd", share(120))))
    assert there[1].ranks == dict.fromkeys("abcd", (1, 4))
    assert there[1].sees is None
    assert told(standings([there])) == [(name, 1, 4, 0) for name in "abcd"]


def test_an_entry_that_is_clearly_better_is_alone_at_the_top() -> None:
    (there,) = judged(column({"a": share(100), "b": share(180), "c": share(101), "d": share(99)}))
    assert there[1].ranks == {"a": (2, 4), "b": (1, 1), "c": (2, 4), "d": (2, 4)}
    found = standings([there])
    assert (found.top, [(row.slug, row.tier) for row in found.rows]) == (
        ("b",), [("b", 0), ("a", 1), ("c", 1), ("d", 1)],
    )  # fmt: skip


def test_a_column_in_which_less_is_better_is_the_mirror_of_one_in_which_more_is() -> None:
    for seed in range(6):
        marks = dice(seed, 5, graded=bool(seed % 2))
        worse = {name: [-value for value in values] for name, values in marks.items()}
        higher, lower = ranked(column(marks), (), 1), ranked(column(worse, "lower"), (), 1)
        assert higher.ranks == lower.ranks
        assert higher.apart.tolist() == lower.apart.tolist()
        assert ranked(column(worse), (), 1).apart.tolist() == (-higher.apart).tolist()
    losses = column({"a": [0.9, 0.8] * 50, "b": [0.1, 0.2] * 50}, "lower")
    assert ranked(losses, (), 1).ranks == {"a": (2, 2), "b": (1, 1)}


@pytest.mark.parametrize("seed", range(4))
def test_two_entries_are_told_apart_as_by_the_paired_t_test(seed: int) -> None:
    drawn, verdicts = np.random.default_rng(seed), []
    hard = drawn.normal(size=N)
    for shift in np.linspace(-0.5, 0.5, 21):
        first, second = hard + drawn.normal(size=N) + shift, hard + drawn.normal(size=N)
        truth = scipy.stats.ttest_rel(first, second)
        found = ranked(column({"a": first.tolist(), "b": second.tolist()}), (), 1)
        # Near the border another draw of the bootstrap may say otherwise.
        if not 0.035 < truth.pvalue < 0.07:
            apart = 0 if truth.pvalue > 0.05 else int(np.sign(truth.statistic))
            verdicts.append(apart)
            assert found.apart.tolist() == [[0, apart], [-apart, 0]]
            assert found.ranks == {0: {"a": (1, 2), "b": (1, 2)}, 1: {"a": (1, 1), "b": (2, 2)}}.get(
                apart, {"a": (2, 2), "b": (1, 1)}
            )
    assert {*verdicts} == {-1, 0, 1}


def test_what_may_go_wrong_is_shared_among_the_columns_of_a_group() -> None:
    # 30 against 13 of 43 discordant: McNemar's mid-p is 0.01, and so is that of the paired t test.
    pair = column({"a": share(30), "b": share(13, start=30)})
    assert scipy.stats.ttest_rel(share(30), share(13, start=30)).pvalue == pytest.approx(0.0093, abs=5e-4)
    assert [ranked(pair, (), number).ranks["a"] for number in (1, 2, 8, 40)] == [(1, 1), (1, 1), (1, 2), (1, 2)]


def test_whoever_is_alone_has_the_first_rank_and_nobody_has_none() -> None:
    alone = ranked(column({"a": share(3)}), (), 1)
    assert (alone.ranks, alone.apart.tolist(), alone.sees) == ({"a": (1, 1)}, [[0]], None)
    nobody = ranked(column({"a": [1.0]}), (), 1)
    assert (nobody.ranks, nobody.apart.shape) == ({}, (0, 0))
    assert standings([]) == Standings(rows=(), top=())


# --- samples that share something ---------------------------------------------------------------


def test_samples_of_a_few_clusters_tell_less_apart_than_as_many_that_stand_alone() -> None:
    # Twenty cases of ten questions each; who knows a case knows all of it. Case by case it is 12 against 8.
    first, second = [float(place // 10 < 12) for place in range(N)], [float(place // 10 >= 12) for place in range(N)]
    pair, owners = column({"a": first, "b": second}), [f"case {place // 10}" for place in range(N)]
    assert ranked(pair, (), 1).ranks == {"a": (1, 1), "b": (2, 2)}
    assert ranked(pair, owners, 1).ranks == {"a": (1, 2), "b": (1, 2)}


@pytest.mark.parametrize("seed", range(5))
def test_ranks_by_clusters_are_never_narrower_where_samples_of_one_are_alike(seed: int) -> None:
    marks = {name: [value for value in values[:40] for _ in range(5)] for name, values in dice(seed, 5).items()}
    there, owners = column(marks), [str(place // 5) for place in range(N)]
    alone, shared = ranked(there, (), 1).ranks, ranked(there, owners, 1).ranks
    assert all(shared[name][0] <= alone[name][0] and alone[name][1] <= shared[name][1] for name in marks)
    assert alone != shared


def test_samples_of_one_cluster_tell_nothing() -> None:
    found = ranked(column({"a": share(200), "b": share(0)}), ["one"] * N, 1)
    assert (found.ranks, found.apart.tolist(), found.sees) == ({"a": (1, 2), "b": (1, 2)}, [[0, 0], [0, 0]], None)


# --- what a column can see ----------------------------------------------------------------------


def test_a_column_of_right_and_wrong_sees_what_connors_formula_says() -> None:
    # 40 of 200 samples are had right by one alone. (1.95996 √n + 0.84162 √(n + 0.70833 − 3.84146)) √0.2 / (n + 0.70833)
    pair = column({"a": share(60), "b": share(60, start=20)})
    assert ranked(pair, (), 1).sees == power.detectable(200, 0.2) == pytest.approx(0.088073, abs=1e-6)


def test_of_more_entries_the_middle_pair_of_neighbours_counts() -> None:
    # By value: c 40, a 60, b 100, d 110; apart in 20, 40 and 10 of 200.
    there = column({"a": share(60), "b": share(100), "c": share(40), "d": share(110)})
    assert ranked(there, (), 1).sees == power.detectable(200, 0.1)


def test_a_graded_column_sees_what_the_spread_of_differences_lets_it() -> None:
    # Differences of 0.2 and −0.2 in turn: a variance of 0.04 · 200 / 199, and (1.96 + 0.8416) · √(variance / 200).
    pair = column({"a": [0.6, 0.4] * 100, "b": [0.4, 0.6] * 100})
    assert ranked(pair, (), 1).sees == pytest.approx(2.8016 * (0.04 / 199) ** 0.5, rel=1e-4)


def test_clusters_make_it_see_less() -> None:
    owners = [str(place // 2) for place in range(N)]
    # Two that are alike each: half as many samples, and a difference greater by the root of two.
    values = [value for value in [0.6, 0.4] * 50 for _ in range(2)]
    pair = column({"a": values, "b": [1 - value for value in values]})
    plain, shared = ranked(pair, (), 1).sees, ranked(pair, owners, 1).sees
    assert plain is not None
    assert shared == pytest.approx(plain * 2**0.5, rel=0.01)


# --- several columns, without a sum of them -----------------------------------------------------


def test_one_who_is_better_in_one_column_and_worse_in_another_is_not_ahead() -> None:
    there = judged(column({"a": share(180), "b": share(60)}), column({"a": share(60), "b": share(180)}, protocol="q"))
    assert [by.apart.tolist() for _, by in there] == [[[0, 1], [-1, 0]], [[0, -1], [1, 0]]]
    found = standings(there)
    assert told(found) == [("a", 1, 2, 0), ("b", 1, 2, 0)]
    assert found.top == ("a", "b")


def test_one_who_is_better_in_one_column_and_not_worse_in_another_is_ahead() -> None:
    there = judged(column({"a": share(60), "b": share(180)}), column({"a": share(91), "b": share(90)}, protocol="q"))
    assert told(standings(there)) == [("b", 1, 1, 0), ("a", 2, 2, 1)]


def test_whoever_was_not_run_on_a_column_is_ranked_by_the_others() -> None:
    there = judged(
        column({"a": share(180), "b": share(60)}),
        column({"b": share(180), "c": share(60)}, protocol="q"),
        column({"d": share(9), "e": share(9)}, protocol="r"),
    )
    found = standings(there)
    assert {row.slug: row.columns for row in found.rows} == {"a": 1, "b": 2, "c": 1, "d": 1, "e": 1}
    # Nobody can be told apart from one with whom there is no column together.
    assert {row.slug: (row.low, row.high) for row in found.rows} == {
        "a": (1, 4), "b": (2, 4), "c": (2, 5), "d": (1, 5), "e": (1, 5),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_told_apart_from_another_one_of_the_same_tier(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    there = []
    for number in range(int(drawn.integers(1, 4))):
        marks = dice(10 * seed + number, 7, graded=bool(number % 2))
        kept = drawn.permutation(sorted(marks))[: int(drawn.integers(2, 8))].tolist()
        there.append(column({name: marks[name] for name in kept}, protocol=str(number)))
    found = judged(*there)
    won = {
        (one, two): {
            int(by.apart[each.ranked.index(one), each.ranked.index(two)])
            for each, by in found if one in each.ranked and two in each.ranked
        }
        for one, two in permutations([f"e{place}" for place in range(7)], 2)
    }  # fmt: skip
    ahead = {pair for pair, signs in won.items() if 1 in signs and -1 not in signs}
    rows = standings(found).rows
    for one, two in combinations(rows, 2):
        assert one.tier != two.tier or not {(one.slug, two.slug), (two.slug, one.slug)} & ahead
    assert [row.tier for row in rows] == sorted(row.tier for row in rows)
    assert {*range(rows[-1].tier + 1)} == {row.tier for row in rows}
    for row in rows:
        assert row.low == 1 + sum(two == row.slug for _, two in ahead)
        assert row.high == len(rows) - sum(one == row.slug for one, _ in ahead)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_entries_changes_nothing(seed: int) -> None:
    marks = dice(seed, 5)
    first = ranked(column(marks), (), 2)
    for order in list(permutations(marks))[::17]:
        again = ranked(column({name: marks[name] for name in order}), (), 2)
        assert (again.ranks, again.sees) == (first.ranks, first.sees)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_columns_changes_nothing(seed: int) -> None:
    there = judged(*[column(dice(4 * seed + number, 5), protocol=str(number)) for number in range(3)])
    assert {standings(order) for order in permutations(there)} == {standings(there)}


def test_entries_with_the_same_ranks_in_other_columns_stand_in_the_order_of_their_names() -> None:
    names = [f"e{place:02d}" for place in range(11)]
    there = [column(dict.fromkeys(names, share(9)), protocol=str(number)) for number in range(3)]
    # Of eleven entries in three columns e00 is second, third and fourth, and e01 the other way round.
    rest = dict.fromkeys(names[2:], (5, 11))
    places = [(2, 4), (3, 3), (4, 2)]
    found = [
        said(each, {"e00": (one, one), "e01": (two, two), **rest}, "")
        for each, (one, two) in zip(there, places, strict=True)
    ]
    orders = {tuple(row.slug for row in standings(order).rows[:2]) for order in permutations(found)}
    assert orders == {("e00", "e01")}


def test_whoever_is_surely_ahead_of_another_one_stands_before_it() -> None:
    there = [column(dict.fromkeys("abc", share(9)), protocol=str(number)) for number in range(4)]
    found = [said(there[0], {"a": (1, 2), "b": (2, 3), "c": (1, 3)}, "ab")]
    found += [said(each, {"a": (1, 3), "b": (1, 2), "c": (2, 3)}, "bc") for each in there[1:]]
    assert standings(found).top == ("a",)
    assert [row.slug for row in standings(found).rows] == ["a", "b", "c"]


def test_in_a_circle_too_nobody_of_a_tier_is_told_apart() -> None:
    # Everybody is behind somebody: x ahead of a, y of x, and y, z and w in a circle; by averages a comes first, then x.
    there = [column(dict.fromkeys("awxyz", share(9)), protocol=str(number)) for number in range(3)]
    ranks = {"a": (1, 1), "x": (2, 2), "y": (3, 3), "z": (4, 4), "w": (5, 5)}
    found = standings([said(each, ranks, pairs) for each, pairs in zip(there, ("xa yx yz", "zw", "wy"), strict=True)])
    assert found.top == ()
    assert [(row.slug, row.tier) for row in found.rows] == [("a", 0), ("x", 1), ("y", 2), ("z", 3), ("w", 4)]
