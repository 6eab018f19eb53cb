"""The fidelity of a patient: every reply is looked at for five faults, by rules alone.

Rules see words and not meanings: a judge with the grading `per="patient"` sees more. What a rule is not sure of is no
fault, and a fact in its own words never is one.
"""

from medeval.casefile import facts_in
from medeval.metrics.base import Mark, Metric
from medeval.metrics.inquiry.history import consultation
from medeval.metrics.inquiry.statements import Case, Statement, case_of, statements
from medeval.metrics.inquiry.voices import IGNORANT, OUT_OF_ROLE
from medeval.metrics.verdicts import ratio
from medeval.records import CaseSample, Language, Walk

MOST = 4
"""Facts that a reply may tell; a patient who tells more at once volunteers them."""
STRANGE, FEW = 4, 0.3
"""A sentence of so many words, of which the case has less than this share, is invented."""
FAULTS = ("leaked_diagnosis", "contradicted", "invented", "broken_role", "volunteered")


def faults(sample: CaseSample, walk: Walk) -> Mark:
    """Replies without a fault, and with each of them, beside the number of replies."""
    steps = consultation(sample, walk).steps
    if not steps:
        return None
    found = [faults_of(sample, step.heard, step.asked) for step in steps]
    n = float(len(found))
    counts = [float(sum(name in each for each in found)) for name in FAULTS]
    return (float(sum(not each for each in found)), *counts, *[n] * (len(FAULTS) + 1))


def faults_of(sample: CaseSample, reply: str, question: str = "") -> frozenset[str]:
    """Name what is wrong with one reply of a patient to a question."""
    language, case = sample.language, case_of(sample.opening, sample.facts, sample.language)
    said = statements(reply, question, case, language)
    out = [each for each in said if OUT_OF_ROLE[language].search(each.text)]
    sure = [each for each in said if each not in out and not IGNORANT[language].search(each.text)]
    leaks = [each for each in sure if _leaks(sample, case, each)]
    wrong = {
        "leaked_diagnosis": bool(leaks),
        "contradicted": any(_contradicts(case, each) for each in sure),
        "invented": any(_invents(case, each, language) for each in sure if each not in leaks),
        "broken_role": bool(out),
        "volunteered": len(facts_in(reply, sample.facts, language)) > MOST,
    }
    return frozenset([name for name, holds in wrong.items() if holds])


def _leaks(sample: CaseSample, case: Case, told: Statement) -> bool:
    """Whether it names an option that the case does not; to say that it is not so is no leak."""
    for option in sample.options:
        named = Statement.of(option.text, sample.language)
        if (
            named.nameable and named.bare in told.bare and named.bare not in case.bare
            and not named.words <= told.denied
        ):  # fmt: skip
            return True
    return False


def _contradicts(case: Case, told: Statement) -> bool:
    """Whether it affirms what a fact denies, or denies what a fact affirms and no other fact denies."""
    for fact in case.facts:
        if fact.of_family != told.of_family:
            continue
        affirmed = told.affirmed & fact.denied - case.affirmed
        if affirmed and (fact.specifiers(fact.denied) <= told.words or len(fact.findings(fact.denied)) > 2):
            return True
        # To have no pain in the leg is not to have no pain: a denial with more to it denies less.
        denied = told.denied & fact.affirmed - case.denied
        core = fact.findings(denied) or denied == fact.specifiers(fact.affirmed)
        if denied and core and told.specifiers(told.denied) <= fact.words:
            return True
    return False


def _invents(case: Case, told: Statement, language: Language) -> bool:
    """Whether it affirms a finding, a drug or a number that the case does not have, or tells a story of its own."""
    findings = told.findings(told.affirmed) - case.meant
    unasked = told.findings(told.denied) - case.meant - told.asked
    drugs = {drug for drug in told.drugs if drug not in case.text}
    numbers = told.numbers - case.numbers - told.numbers_asked
    if findings or unasked or drugs or numbers:
        return True
    words = told.specifiers(told.affirmed) | told.findings(told.affirmed)
    # In Chinese a word is some two pairs of characters.
    enough = STRANGE * (2 if language == "zh" else 1)
    return len(words) >= enough and len(words & (case.meant | told.asked)) < FEW * len(words)


ABOUT = {
    "leaked_diagnosis": "that name one of the options, which no fact does",
    "contradicted": "that affirm what a fact denies, or the other way round",
    "invented": "with a finding, a drug, a number or a story that the case does not have",
    "broken_role": "in which the patient speaks as a doctor, a file or a machine",
    "volunteered": f"that tell more than {MOST} facts at once",
}
FIDELITY: tuple[Metric, ...] = (
    Metric(
        name="patient_fidelity", version=1, mark=faults, gather=ratio, part=0, voted=False,
        about="Share of the patient's replies in which rules find no fault; below 95 % the cell is not ranked.",
    ),
    *[
        Metric(
            name=f"patient_{name}", version=1, mark=faults, gather=ratio, part=place, better="lower", voted=False,
            about=f"Share of the patient's replies {ABOUT[name]}.",
        )
        for place, name in enumerate(FAULTS, 1)
    ],
)  # fmt: skip
