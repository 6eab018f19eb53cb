"""Tests that doctors order, and what they cost: in classes of the project's own, whose ratios alone matter."""

from functools import lru_cache
from typing import NamedTuple

from medeval.casefile.units import Lexicon, units_of

CLASSES: dict[float, dict[str, str]] = {
    1: {
        "blood count": "cbc, complete blood count, full blood count, blood count, hemoglobin, 血常规, 血红蛋白",
        "metabolic panel": "bmp, cmp, metabolic panel, electrolytes, creatinine, bun, 电解质, 肾功能, 生化",
        "glucose": "glucose, blood sugar, hba1c, 血糖, 糖化血红蛋白",
        "urinalysis": "urinalysis, urine test, urine dipstick, 尿常规, 尿检",
        "liver function": "liver function, lft, lfts, liver enzymes, 肝功能",
        "inflammation": "crp, esr, c reactive protein, sedimentation rate, 血沉, c反应蛋白",
        "coagulation": "inr, coagulation, pt ptt, 凝血",
        "pregnancy test": "pregnancy test, hcg, 妊娠试验, 验孕",
        "ecg": "ecg, ekg, electrocardiogram, 心电图",
        "vital signs": "vital signs, blood pressure, temperature, pulse oximetry, 生命体征, 血压, 体温",
        "koh": "koh, skin scraping, wood lamp, dermoscopy, tzanck, 真菌镜检, 皮肤镜",
    },
    5: {
        "troponin": "troponin, 肌钙蛋白", "bnp": "bnp, 脑钠肽", "d dimer": "d dimer, d二聚体",
        "thyroid": "tsh, thyroid function, 甲状腺功能, 甲功", "culture": "culture, cultures, 培养",
        "serology": "serology, rpr, vdrl, hiv test, hepatitis panel, antibody, antibodies, 抗体, 血清学",
        "ana": "ana, antinuclear, rheumatoid factor, 抗核抗体", "blood gas": "abg, blood gas, 血气",
        "tumor marker": "psa, cea, tumor marker, 肿瘤标志物", "pcr": "pcr, 核酸",
        "lumbar puncture": "lumbar puncture, csf, spinal tap, 腰椎穿刺, 脑脊液", "patch test": "patch test, 斑贴试验",
        "x ray": "x ray, xray, radiograph, chest film, x线, 胸片",
    },
    10: {
        "ultrasound": "ultrasound, sonography, ultrasonography, doppler, 超声, b超, 彩超",
        "echocardiogram": "echocardiogram, echocardiography, echo, 心脏超声, 超声心动图",
        "eeg": "eeg, electroencephalogram, 脑电图", "emg": "emg, nerve conduction, 肌电图",
        "spirometry": "spirometry, pulmonary function, 肺功能",
    },
    25: {"ct": "ct, ct scan, computed tomography, cta, ct检查"},
    50: {
        "mri": "mri, magnetic resonance, mra, 磁共振, 核磁",
        "endoscopy": "endoscopy, colonoscopy, egd, gastroscopy, bronchoscopy, cystoscopy, 胃镜, 肠镜, 支气管镜, 膀胱镜",
        "biopsy": "biopsy, histopathology, punch biopsy, shave biopsy, 活检, 病理",
    },
    100: {
        "angiography": "angiography, angiogram, catheterization, 血管造影",
        "pet": "pet, pet ct, pet scan",
    },
}  # fmt: skip
UNKNOWN = 5.0
"""Points of a test that is not in the table."""
COSTS = {name: points for points, names in CLASSES.items() for name in names}


class Test(NamedTuple):
    """A test that was ordered, and its points."""

    name: str
    cost: float


def tests_in(order: str) -> tuple[Test, ...]:
    """The tests that an order names, each once; one that nobody knows is one test all the same."""
    found = sorted(_lexicon().names_in(units_of(order)))
    # A PET-CT is one examination, and so is the CT of an angiogram.
    if len(found) > 1 and "ct" in found and {"pet", "angiography"} & {*found}:
        found.remove("ct")
    return tuple([Test(name, COSTS[name]) for name in found]) or (Test(order.strip().lower()[:40], UNKNOWN),)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(*CLASSES.values())
