"""Red flags: what no doctor may overlook, whatever the complaint."""

from functools import lru_cache

from medeval.casefile.domains import domains_of
from medeval.casefile.units import Lexicon, sentences_of, units_of
from medeval.casefile.words import said
from medeval.records import Language

BESIDE = {
    "focal": "one side, left, right, arm, leg, unilateral, extremity, extremities, limb, hemiparesis, hemiplegia,"
    " face, paralysis, 一侧, 左侧, 右侧, 肢体, 半身, 偏瘫, 左手, 右手, 左腿, 右腿, 单侧",
    "anaphylaxis": "anaphylaxis, anaphylactic, anaphylactic shock, 过敏性休克",
    "testicle": "testicular pain, scrotal pain, testicle pain, 睾丸痛, 睾丸疼痛, 阴囊疼痛",
}  # fmt: skip
"""Words that make a red flag, alone or of a finding in the same sentence."""
RED_FLAGS: dict[str, tuple[frozenset[str], ...]] = {
    name: tuple([frozenset(way.split(" + ")) for way in ways.split(", ")])
    for name, ways in {
        "chest pain": "@chest pain",
        "syncope": "@syncope",
        "hemoptysis": "@hemoptysis",
        "hematemesis or melena": "@hematemesis, @melena",
        "rectal bleeding": "@blood in stool",
        "hematuria": "@hematuria",
        "weight loss": "@weight loss",
        "night sweats": "@night sweats",
        "dysphagia": "@dysphagia",
        "thunderclap headache": "@thunderclap",
        "neck stiffness": "@stiff neck",
        "focal weakness": "@weakness + focal, @facial droop, @speech",
        "altered consciousness": "@confusion",
        "seizure": "@seizure",
        "loss of vision": "@blindness",
        "saddle anesthesia": "@saddle anesthesia",
        "loss of bladder or bowel control": "@incontinence, @urinary retention",
        "fever with rash": "@fever + @rash, @fever + @petechiae",
        "immunosuppression": "@immunosuppressed",
        "bleeding in pregnancy": "@pregnant + @vaginal bleeding, @pregnant + @bleeding",
        "suicidal ideation": "@suicide",
        "airway or breathing difficulty": "@dyspnea, @choking, @cyanosis",
        "anaphylaxis": "anaphylaxis, @lip swelling",
        "testicular pain": "testicle",
    }.items()
}
"""Ways in which each shows: what must be there together; findings may stand in different sentences."""


@lru_cache(maxsize=8192)
def red_flags_in(text: str, language: Language, *, denied: bool = False) -> frozenset[str]:
    """The red flags that a text raises; `denied`: those that it asks about or denies as well.

    What is told of relatives raises none.
    """
    signs: set[str] = set()
    for sentence in sentences_of(text):
        if "family" in domains_of(sentence, language):
            continue
        read = said(sentence, language)
        found = read.words if denied else read.affirmed
        beside = _lexicon().names_in(units_of(sentence))
        signs |= found
        # A side or a limb counts in its own sentence alone, and not where all is denied.
        signs.update(
            f"{finding} + {word}" if finding else word
            for word in beside for finding in ("", *found) if finding or denied or not read.denied
        )  # fmt: skip
    return frozenset([name for name, ways in RED_FLAGS.items() if any(_shows(way, signs) for way in ways)])


def _shows(way: frozenset[str], signs: set[str]) -> bool:
    beside = way & BESIDE.keys()
    if not beside or len(way) == 1:
        return way <= signs
    return all(f"{finding} + {word}" in signs for finding in way - beside for word in beside)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(BESIDE)
