"""The quality of asking: what questions bring, what they leave out, what they cost, and when they stop too soon."""

import math
from collections.abc import Sequence

from medeval.casefile import domains_of
from medeval.casefile.orders import tests_in
from medeval.casefile.redflags import red_flags_in
from medeval.metrics.base import Mark, Metric, Tabling
from medeval.metrics.choice import accuracy
from medeval.metrics.inquiry.history import Consultation, consultation
from medeval.metrics.verdicts import ratio
from medeval.records import CaseSample, Walk

ASKED = frozenset({"ask", "test"})


def questions(sample: CaseSample, walk: Walk) -> Mark:
    """Facts gained, repeated questions and fruitless ones, each beside the number of questions."""
    steps = consultation(sample, walk).steps
    asked = float(len(steps))
    gained = float(sum(len(step.gained) for step in steps))
    repeated = float(sum(step.repeated for step in steps))
    fruitless = float(sum(not step.gained and not step.repeated for step in steps))
    return (gained, repeated, fruitless, asked, asked, asked) if asked else None


def facts_gained(sample: CaseSample, walk: Walk) -> Mark:
    """The share of the facts to be found that were found."""
    found = consultation(sample, walk)
    hidden = len(sample.facts) - len(found.known)
    return len(found.gained) / hidden if hidden else None


def red_flags_covered(sample: CaseSample, walk: Walk) -> Mark:
    """The share of the facts with a red flag, untold by the opening, that asking found."""
    found = consultation(sample, walk)
    flagged = {place for place, fact in enumerate(sample.facts) if red_flags_in(fact, sample.language)} - found.known
    return len(flagged & found.gained) / len(flagged) if flagged else None


def domains_covered(sample: CaseSample, walk: Walk) -> Mark:
    """The share of the domains with facts to be found that a question or a test was about."""
    there, asked = _domains(sample, consultation(sample, walk))
    return len(there & asked) / len(there) if there else None


def tests(sample: CaseSample, walk: Walk) -> Mark:
    """The number of tests ordered, and their points."""
    ordered = [
        test for step in consultation(sample, walk).steps if step.kind == "test" for test in tests_in(step.asked)
    ]
    return float(len(ordered)), math.fsum([test.cost for test in ordered])


def premature_closure(sample: CaseSample, walk: Walk) -> Mark:
    """Whether the doctor concluded wrongly of her own accord, when less than half of the facts were known."""
    found = consultation(sample, walk)
    if walk.answer.rule == "abstained" or len(walk.of("patient")) > len(walk.of("model:probe")):
        return 0.0  # no answer, or one that was asked for when all questions were used up
    known = len(found.known | found.gained) / len(sample.facts)
    return float(known < 0.5 and accuracy.mark(sample, walk) == 0.0)


def by_domain(sample: CaseSample, walk: Walk) -> Mark:
    """The domains that have facts to be found, and whether they were asked about."""
    there, asked = _domains(sample, consultation(sample, walk))
    return tuple([(name, float(name in asked)) for name in sorted(there)]) or None


def _domains(sample: CaseSample, found: Consultation) -> tuple[frozenset[str], frozenset[str]]:
    language = sample.language
    hidden = [fact for place, fact in enumerate(sample.facts) if place not in found.known]
    there = frozenset[str]().union(*[domains_of(fact, language) for fact in hidden])
    asked = frozenset[str]().union(*[domains_of(step.asked, language) for step in found.steps])
    return there, asked


def _domain_rows(marks: Sequence[Sequence[tuple[str, float]]]) -> tuple[tuple[str | float | None, ...], ...]:
    asked: dict[str, list[float]] = {}
    for mark in marks:
        for name, was in mark:
            asked.setdefault(name, []).append(was)
    return tuple([(name, float(len(each)), math.fsum(each) / len(each)) for name, each in sorted(asked.items())])


INQUIRY: tuple[Metric, ...] = (
    Metric(
        name="facts_per_question", version=1, mark=questions, gather=ratio, part=0, unit="plain", voted=False,
        about="Facts of the case that a question or a test brought to light, and nothing had told before.",
    ),
    Metric(
        name="redundant_questions", version=1, mark=questions, gather=ratio, part=1, better="lower", voted=False,
        about="Share of questions that gained nothing because all they asked for had been told.",
    ),
    Metric(
        name="fruitless_questions", version=1, mark=questions, gather=ratio, part=2, better="lower", voted=False,
        about="Share of questions that gained nothing because the case has no answer, or the patient gave none.",
    ),
    Metric(
        name="facts_gained", version=1, mark=facts_gained, voted=False,
        about="Mean share of the facts that the opening does not tell, and asking found.",
    ),
    Metric(
        name="red_flags_covered", version=1, mark=red_flags_covered, voted=False,
        about="Mean share of the facts with a red flag that the opening does not tell, and asking found; of cases that "
        "have one.",
    ),
    Metric(
        name="domains_covered", version=1, mark=domains_covered, voted=False,
        about="Mean share of the domains of history taking, examination and tests with facts to find that were asked "
        "about.",
    ),
    Metric(
        name="tests_ordered", version=1, mark=tests, part=0, unit="plain", better="", voted=False,
        about="Mean number of tests ordered.",
    ),
    Metric(
        name="tests_cost", version=1, mark=tests, part=1, unit="plain", better="", voted=False,
        about="Mean cost of the tests ordered, in points: 1 a blood count, 25 a CT, 50 an MRI or a biopsy.",
    ),
    Metric(
        name="premature_closure", version=1, mark=premature_closure, better="lower", voted=False,
        about="Share of consultations that the doctor ended with a wrong answer, knowing less than half of the facts "
        "and with questions left.",
    ),
)  # fmt: skip
INQUIRY_TABLES: tuple[Tabling, ...] = (
    Tabling(
        name="domains", mark=by_domain, columns=("domain", "cases", "asked"), rows=_domain_rows,
        styles=("written", "reasoned"),
        about="Cases with facts to be found in a domain, and the share in which it was asked about.",
    ),
)  # fmt: skip
