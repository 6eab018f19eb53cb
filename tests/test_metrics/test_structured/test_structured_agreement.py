"""Figures of sets, held against hand-made counts and scikit-learn."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from medeval.metrics.base import Metric
from medeval.metrics.structured.agreement import of_entities, of_lists, of_relations
from medeval.records import Answer, Decoding, Exchange, Message, OpenSample, Request, Response, Walk

Floats = npt.NDArray[np.float64]
Found = dict[str, set[str]]
TYPES = ("Chemical", "Disease", "Gene")


def walk(text: str) -> Walk:
    request = Request(text="?", decoding=Decoding())
    return Walk(exchanges=(Exchange(request=request, asked="", reply=Response(text=text)),), answer=Answer())


def sample(*references: str) -> OpenSample:
    return OpenSample(id="1", messages=(Message(role="user", content="?"),), references=references)


def figures(metrics: tuple[Metric, ...], pairs: list[tuple[OpenSample, str]]) -> dict[str, float]:
    """What each metric comes to over samples and replies, by its name."""
    marks = np.array([metrics[0].mark(each, walk(reply)) for each, reply in pairs], dtype=float)
    values = metrics[0].gather(marks, np.ones(len(marks)))
    return {metric.name: float(values[metric.part]) for metric in metrics}


def test_mentions_count_once_and_must_be_of_their_type() -> None:
    gold = sample('{"Chemical": ["aspirin", "naloxone"], "Disease": ["asthma"]}')
    said = "Chemical: Aspirin; aspirin; asthma\nDisease: asthma; pain"
    # Right are aspirin and asthma, of four found and of three to be found.
    found = figures(of_entities(*TYPES), [(gold, said)])
    assert found["precision"] == 2 / 4
    assert found["recall"] == 2 / 3
    assert found["f1"] == pytest.approx(4 / 7)
    assert found["f1_Chemical"] == 2 / 4
    assert found["f1_Disease"] == pytest.approx(2 / 3)
    assert found["f1_Gene"] == 0.0
    assert found["macro_f1"] == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


def test_gold_may_be_given_by_the_task_in_its_own_case_and_width() -> None:
    metrics = of_entities("疾病", gold=lambda each: [("疾病", each.references[0]), ("疾病", each.references[0])])
    assert figures(metrics, [(sample("２型糖尿病"), "疾病实体：2型糖尿病")])["f1"] == 1.0


def test_quotes_and_stops_at_the_edges_of_a_phrase_are_no_difference() -> None:
    metrics = of_entities("Chemical", gold=lambda _: [("Chemical", "adenosine 5'"), ("Chemical", "vitamin D.")])
    assert figures(metrics, [(sample(""), "Chemical: adenosine 5'; 'Vitamin D'")])["f1"] == 1.0


def test_figures_of_all_count_mentions_and_not_samples() -> None:
    one, many = sample("Disease: a1"), sample("Disease: b1; b2; b3")
    found = figures(of_entities(*TYPES), [(one, "Disease: a1"), (many, "I do not know.")])
    assert (found["precision"], found["recall"], found["f1"]) == (1.0, 1 / 4, 2 / 5)


def test_metrics_of_one_reader_share_their_marks() -> None:
    for metrics in (of_entities(*TYPES), of_relations(), of_lists()):
        assert len({metric.mark for metric in metrics}) == 1
        assert [metric.part for metric in metrics] == list(range(len(metrics)))
        assert len({metric.name for metric in metrics}) == len(metrics)


def test_triples_must_agree_in_all_three_parts() -> None:
    gold = sample("具有病理分型关系的头尾实体对如下：头实体为肺癌，尾实体为鳞癌。头实体为肺癌，尾实体为腺癌。")
    said = "肺癌 | 病理分型 | 鳞癌\n腺癌 | 病理分型 | 肺癌\n肺癌 | 病因 | 腺癌"
    assert figures(of_relations(), [(gold, said)]) == {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5}
    given_gold = of_relations(gold=lambda _: [("病理分型", "肺癌", "鳞癌")])
    assert figures(given_gold, [(gold, said)])["recall"] == 1.0


def test_lists_have_a_mean_over_samples_beside_the_figures_of_all() -> None:
    pairs = [
        (sample("fever", "cough"), "- Fever\n- cough"),
        (sample("pain"), "fever, nausea"),
        (sample(), "None"),
        (sample("rash", "fever", "pain"), "rash"),
    ]
    found = figures(of_lists(), pairs)
    # 3 right of 5 found, and of 6 to be found; samples have 1, 0, 1 and 1/2.
    assert found == pytest.approx({"precision": 3 / 5, "recall": 1 / 2, "f1": 6 / 11, "mean_f1": 2.5 / 4})


def test_where_nothing_is_right_and_nothing_found_figures_of_all_are_none_and_not_an_error() -> None:
    assert figures(of_entities(*TYPES), [(sample("none"), "none")])["f1"] == 0.0
    assert figures(of_lists(), [(sample(), "none")]) == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "mean_f1": 1.0}


MENTIONS = st.dictionaries(st.sampled_from(TYPES), st.sets(st.sampled_from(["m1", "m2", "m3", "m4"])))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(MENTIONS, MENTIONS), min_size=1, max_size=5))
def test_figures_of_mentions_are_those_of_scikit_learn(pairs: list[tuple[Found, Found]]) -> None:
    ours = figures(
        of_entities(*TYPES),
        [(sample(json.dumps({kind: sorted(each) for kind, each in right.items()})),
          json.dumps({kind: sorted(each) for kind, each in said.items()})) for right, said in pairs],
    )  # fmt: skip
    # One row a possible mention of a sample, one column a type: whether it is right, and whether it was found.
    truth, picks = [
        [[name in pair[side].get(kind, ()) for kind in TYPES] for pair in pairs for name in ("m1", "m2", "m3", "m4")]
        for side in (0, 1)
    ]
    micro = precision_recall_fscore_support(np.array(truth), np.array(picks), average="micro", zero_division=0)
    each = precision_recall_fscore_support(np.array(truth), np.array(picks), average=None, zero_division=0)[2]
    assert [ours["precision"], ours["recall"], ours["f1"]] == pytest.approx(micro[:3])
    assert ours["macro_f1"] == pytest.approx(np.mean(each))
    assert [ours[f"f1_{kind}"] for kind in TYPES] == pytest.approx(list(each))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=6), st.data())
def test_a_weight_counts_a_sample_as_often_as_it_says(counts: list[tuple[int, int, int]], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(counts), max_size=len(counts)).filter(any))
    gather = of_relations()[0].gather
    marks = np.array(counts, dtype=float)
    repeated = np.repeat(marks, times, axis=0)
    weighted: Floats = gather(marks, np.array([times, times], dtype=float))
    assert weighted.shape == (2, 3)
    assert weighted[1] == pytest.approx(gather(repeated, np.ones(len(repeated))))
