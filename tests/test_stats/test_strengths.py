"""Bradley-Terry strengths, held against a published season, choix, evalica and statsmodels."""

from typing import Any

import numpy as np
import pytest
import scipy.stats

from medeval.stats.strengths import POINTS, Outcome, bradley_terry

SEASON = """
MIL-DET 7-6 MIL-TOR 9-4 MIL-NY 7-6 MIL-BOS 7-6 MIL-CLE 9-4 MIL-BAL 11-2 DET-TOR 7-6 DET-NY 5-8 DET-BOS 11-2
DET-CLE 9-4 DET-BAL 9-4 TOR-NY 7-6 TOR-BOS 7-6 TOR-CLE 8-5 TOR-BAL 12-1 NY-BOS 6-7 NY-CLE 7-6 NY-BAL 10-3
BOS-CLE 7-6 BOS-BAL 12-1 CLE-BAL 6-7
"""
"""The American League East in 1987; Agresti, Categorical Data Analysis, table 10.11."""
PUBLISHED = {
    "MIL": (1.5814, 0.3433), "DET": (1.4364, 0.3396), "TOR": (1.2945, 0.3367), "NY": (1.2476, 0.3359),
    "BOS": (1.1077, 0.3339), "CLE": (0.6839, 0.3319), "BAL": (0.0, 0.0),
}  # fmt: skip
"""Strengths over Baltimore and their model-based errors, as R's BradleyTerry2 has them."""


def season() -> list[Outcome]:
    words = SEASON.split()
    found = []
    for pair, score in zip(words[::2], words[1::2], strict=True):
        (first, second), (won, lost) = pair.split("-"), score.split("-")
        found += [Outcome(first, second, 1.0, float(won)), Outcome(first, second, 0.0, float(lost))]
    return found


def drawn(seed: int, players: int, n: int, ties: float = 0.0) -> list[Outcome]:
    dice = np.random.default_rng(seed)
    theta = dice.normal(size=players)
    found = []
    for _ in range(n):
        first, second = dice.choice(players, 2, replace=False)
        result = 0.5 if dice.random() < ties else float(dice.random() < 1 / (1 + np.exp(theta[second] - theta[first])))
        found.append(Outcome(f"p{first}", f"p{second}", result))
    return found


def thetas(outcomes: list[Outcome], anchor: str, **more: Any) -> dict[str, float]:
    return {each.name: each.theta for each in bradley_terry(outcomes, anchor, **more).strengths}


def test_a_season_of_baseball_has_its_published_strengths() -> None:
    found = bradley_terry(season(), "BAL")
    assert {each.name: each.theta for each in found.strengths} == pytest.approx(
        {name: theta for name, (theta, _) in PUBLISHED.items()}, abs=5e-5
    )
    assert {each.name: each.model_error for each in found.strengths} == pytest.approx(
        {name: error for name, (_, error) in PUBLISHED.items()}, abs=5e-5
    )
    assert found.deviance == pytest.approx(15.7365, abs=5e-5)
    assert (found.freedom, found.n, found.anchor, found.ridge) == (15, 273, "BAL", 0.0)


def test_games_one_by_one_are_games_counted() -> None:
    single = [each._replace(times=1.0) for each in season() for _ in range(int(each.times))]
    counted, apart = bradley_terry(season(), "NY"), bradley_terry(single, "NY")
    assert np.allclose(counted.covariance, apart.covariance, atol=1e-12)
    assert counted.deviance == pytest.approx(apart.deviance)


def test_a_loss_is_a_win_of_the_other() -> None:
    other = [Outcome(each.second, each.first, 1 - each.result, each.times) for each in season()]
    assert thetas(other, "BAL") == pytest.approx(thetas(season(), "BAL"), abs=1e-9)


def test_a_tie_is_half_a_win_each() -> None:
    tied = [*season(), Outcome("MIL", "BAL", 0.5, 2)]
    halves = [*season(), Outcome("MIL", "BAL", 1.0), Outcome("MIL", "BAL", 0.0)]
    assert thetas(tied, "BAL") == pytest.approx(thetas(halves, "BAL"), abs=1e-9)


def test_wins_are_counted_by_row_over_column() -> None:
    found = bradley_terry([Outcome("b", "a", 1, 3), Outcome("a", "b", 1, 2), Outcome("a", "b", 0.5)], "a")
    assert found.wins.tolist() == [[0, 2.5], [3.5, 0]]


@pytest.mark.parametrize("seed", range(4))
def test_strengths_agree_with_choix(seed: int) -> None:
    choix: Any = pytest.importorskip("choix")
    outcomes = drawn(seed, 6, 200)
    pairs = [
        (int(each.first[1:]), int(each.second[1:])) if each.result else (int(each.second[1:]), int(each.first[1:]))
        for each in outcomes
    ]
    theirs = choix.opt_pairwise(6, pairs, method="Newton-CG", tol=1e-10)
    assert list(thetas(outcomes, "p0").values()) == pytest.approx(list(theirs - theirs[0]), abs=1e-4)


def test_a_ridge_is_the_prior_of_choix_and_is_told() -> None:
    choix: Any = pytest.importorskip("choix")
    outcomes = [Outcome("p0", "p1", 1.0, 4), Outcome("p1", "p2", 1.0, 3), Outcome("p2", "p1", 1.0)]
    pairs = [(0, 1)] * 4 + [(1, 2)] * 3 + [(2, 1)]
    # Its penalty is alpha times the squares, that of a ridge half of it.
    theirs = choix.opt_pairwise(3, pairs, alpha=0.25, method="Newton-CG", tol=1e-12)
    found = bradley_terry(outcomes, "p1", ridge=0.5)
    assert [each.theta for each in found.strengths] == pytest.approx(list(theirs - theirs[1]), abs=1e-5)
    assert found.ridge == 0.5
    assert found.strengths[0].interval.method == "sandwich over 8 comparisons, ridge 0.5"


def test_strengths_with_ties_agree_with_evalica() -> None:
    evalica: Any = pytest.importorskip("evalica")
    outcomes = drawn(5, 5, 400, 0.3)
    winner = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    scores = evalica.bradley_terry(
        [each.first for each in outcomes], [each.second for each in outcomes],
        [winner[each.result] for each in outcomes], tolerance=1e-12, limit=10_000,
    ).scores  # fmt: skip
    assert thetas(outcomes, "p3") == pytest.approx(
        {name: float(np.log(scores[name] / scores["p3"])) for name in scores.index}, abs=1e-6
    )


@pytest.mark.parametrize("grouped", [False, True])
def test_robust_errors_agree_with_statsmodels(grouped: bool) -> None:
    models: Any = pytest.importorskip("statsmodels.api")
    outcomes = drawn(7, 4, 300)
    design = np.zeros((300, 4))
    for row, each in zip(design, outcomes, strict=True):
        row[int(each.first[1:])], row[int(each.second[1:])] = 1, -1
    owners = np.arange(300) // 5 if grouped else np.arange(300)
    fit = models.GLM([each.result for each in outcomes], design[:, 1:], family=models.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": owners, "use_correction": False}, tol=1e-12
    )
    count = len(set(owners))
    found = bradley_terry(outcomes, "p0", clusters=owners.tolist() if grouped else None)
    theirs = fit.bse * (count / (count - 1)) ** 0.5
    assert [each.error for each in found.strengths[1:]] == pytest.approx(list(theirs), rel=1e-6)
    half = scipy.stats.t.ppf(0.975, count - 1) * theirs[0] * POINTS
    assert found.strengths[1].interval[:2] == pytest.approx(
        (1000 + POINTS * fit.params[0] - half, 1000 + POINTS * fit.params[0] + half), rel=1e-6
    )


def test_asking_twice_in_clusters_narrows_nothing() -> None:
    outcomes = drawn(2, 4, 150)
    prompts = [str(place) for place in range(150)]
    once = bradley_terry(outcomes, "p0", clusters=prompts)
    twice = bradley_terry(outcomes * 2, "p0", clusters=prompts * 2)
    assert [each.error for each in twice.strengths] == pytest.approx([each.error for each in once.strengths], rel=1e-6)
    assert twice.strengths[1].model_error < 0.8 * once.strengths[1].model_error


def test_another_anchor_moves_all_and_leaves_differences_and_their_errors() -> None:
    one, other = bradley_terry(season(), "BAL"), bradley_terry(season(), "NY")
    gaps = [[found.strengths[1].theta - found.strengths[4].theta for found in (one, other)]]
    gaps += [[found.covariance[1, 1] + found.covariance[4, 4] - 2 * found.covariance[1, 4] for found in (one, other)]]
    assert [before for before, _ in gaps] == pytest.approx([after for _, after in gaps])


def test_the_anchor_is_at_a_thousand_and_ten_to_one_is_four_hundred_more() -> None:
    found = bradley_terry([Outcome("a", "b", 1.0, 10), Outcome("b", "a", 1.0)], "b")
    assert found.strengths[1].rating == 1000
    assert found.strengths[1].interval[:2] == (1000, 1000)
    assert found.strengths[0].rating == pytest.approx(1400)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    truth, covered = np.random.default_rng(40).normal(size=4), 0
    for seed in range(200):
        dice = np.random.default_rng((40, seed))
        outcomes = [
            Outcome(f"p{i}", f"p{j}", result, times)
            for i in range(4)
            for j in range(i)
            for won in [int(dice.binomial(40, 1 / (1 + np.exp(truth[j] - truth[i]))))]
            for result, times in ((1.0, won), (0.0, 40 - won))
            if times
        ]
        found = bradley_terry(outcomes, "p0").strengths[3].interval
        covered += found.low <= 1000 + POINTS * (truth[3] - truth[0]) <= found.high
    assert 0.91 <= covered / 200 <= 0.985


def test_who_never_lost_is_refused_by_name() -> None:
    outcomes = [Outcome("a", "b", 1.0, 2), Outcome("b", "c", 1.0), Outcome("c", "b", 1.0), Outcome("a", "c", 1.0)]
    with pytest.raises(ValueError, match=r"^a never lost to the others"):
        bradley_terry(outcomes, "b")
    assert bradley_terry([*outcomes, Outcome("a", "c", 0.5)], "b").strengths[0].theta > 0


def test_a_group_that_never_lost_to_the_others_is_refused_by_name() -> None:
    outcomes = [Outcome("a", "b", 1.0), Outcome("b", "a", 1.0), Outcome("a", "c", 1.0)]
    with pytest.raises(ValueError, match=r"^a, b never lost to the others"):
        bradley_terry(outcomes, "c")
    assert bradley_terry(outcomes, "c", ridge=0.1).strengths[0].theta > 0


def test_players_that_were_never_compared_are_refused_by_name() -> None:
    outcomes = [Outcome("a", "b", 0.5), Outcome("c", "d", 0.5)]
    with pytest.raises(ValueError, match=r"^c, d and the others were never compared"):
        bradley_terry(outcomes, "a")


@pytest.mark.parametrize("wrong", [Outcome("a", "a", 1.0), Outcome("a", "b", 2.0), Outcome("a", "b", 1.0, 0.0)])
def test_what_is_no_outcome_is_refused(wrong: Outcome) -> None:
    with pytest.raises(ValueError, match="two players, a result from 0 to 1"):
        bradley_terry([Outcome("a", "b", 0.5), wrong], "a")


def test_an_anchor_that_never_played_is_refused() -> None:
    with pytest.raises(ValueError, match="'z' is in no comparison; players are a, b"):
        bradley_terry([Outcome("a", "b", 0.5)], "z")
