"""Tests that doctors order, and what they cost.

Costs are points in classes of our own, rounded: bedside and common laboratory 1, special laboratory and X-ray 5,
ultrasound 10, CT 25, MRI, endoscopy and biopsy 50, angiography 100. They are nobody's prices; their ratios alone matter.
"""

from functools import lru_cache
from typing import Literal, NamedTuple

from medeval.casefile.units import Lexicon, units_of

Class = Literal[
    "bedside", "common laboratory", "special laboratory", "electric", "x-ray", "ultrasound", "ct", "mri", "nuclear",
    "endoscopy", "biopsy", "angiography", "unknown",
]  # fmt: skip
COSTS: dict[Class, int] = {
    "bedside": 1, "common laboratory": 1, "special laboratory": 5, "electric": 1, "x-ray": 5, "ultrasound": 10,
    "ct": 25, "mri": 50, "nuclear": 50, "endoscopy": 50, "biopsy": 50, "angiography": 100, "unknown": 5,
}  # fmt: skip
IMAGES: frozenset[Class] = frozenset({"x-ray", "ultrasound", "ct", "mri", "angiography", "biopsy"})
"""Classes in which one test stands for another of its kind."""
KINDS: dict[Class, dict[str, str]] = {
    "bedside": {
        "physical examination": "physical examination, physical exam, examination, physical, 体格检查, 查体, 体检",
        "vital signs": "vital signs, vitals, blood pressure, temperature, heart rate, pulse, 生命体征, 血压, 体温, 脉搏, 心率",
        "pulse oximetry": "pulse oximetry, oxygen saturation, spo2, 血氧, 血氧饱和度, 指脉氧",
        "neurological examination": "neurological examination, neurological exam, neurologic exam, neuro exam, 神经系统检查, 神经系统查体",
        "abdominal examination": "abdominal examination, abdominal exam, 腹部检查, 腹部查体",
        "skin examination": "skin examination, skin exam, dermoscopy, dermatoscopy, wood lamp, wood's lamp, 皮肤检查, 皮肤镜, 伍德灯",
        "eye examination": "fundoscopy, funduscopy, slit lamp, eye exam, eye examination, visual acuity, 眼底检查, 裂隙灯, 视力检查",
        "pelvic examination": "pelvic exam, pelvic examination, speculum exam, 妇科检查, 盆腔检查",
        "rectal examination": "rectal exam, rectal examination, digital rectal exam, 直肠指检, 肛门指诊",
        "mental status": "mental status exam, mental status examination, mini mental state examination, mmse, 精神状态检查",
        "peak flow": "peak flow, peak expiratory flow, 呼气峰流速",
    },
    "common laboratory": {
        "complete blood count": "complete blood count, cbc, full blood count, fbc, blood count, hemoglobin, 血常规, 血细胞计数, 血红蛋白",
        "metabolic panel": "basic metabolic panel, comprehensive metabolic panel, metabolic panel, bmp, cmp, electrolytes,"
        " chemistry panel, 电解质, 生化, 血生化, 生化全套",
        "renal function": "renal function, kidney function, creatinine, bun, urea, 肾功能, 肌酐, 尿素氮",
        "liver function": "liver function tests, liver function, lfts, liver enzymes, liver panel, transaminases, bilirubin, 肝功能, 转氨酶, 胆红素",
        "glucose": "glucose, blood glucose, fasting glucose, blood sugar, hba1c, hemoglobin a1c, a1c, 血糖, 糖化血红蛋白, 空腹血糖",
        "lipids": "lipid panel, lipids, cholesterol, lipid profile, 血脂",
        "inflammation": "crp, c reactive protein, esr, erythrocyte sedimentation rate, sed rate, c反应蛋白, 血沉",
        "coagulation": "coagulation, pt inr, inr, prothrombin time, aptt, ptt, coagulation studies, 凝血功能, 凝血, 凝血四项",
        "urinalysis": "urinalysis, urine dipstick, urine test, urine analysis, 尿常规, 尿液分析, 尿检",
        "pregnancy test": "pregnancy test, hcg, beta hcg, urine hcg, serum hcg, 妊娠试验, 早孕试验, 绒毛膜促性腺激素",
        "stool test": "stool test, fecal occult blood, occult blood, stool studies, stool examination, 大便常规, 便潜血, 粪便常规, 大便潜血",
        "uric acid": "uric acid, serum uric acid, 尿酸, 血尿酸",
        "amylase and lipase": "amylase, lipase, serum lipase, serum amylase, 淀粉酶, 脂肪酶",
        "rapid test": "rapid strep test, strep test, influenza test, covid test, rapid antigen test, monospot, 流感检测, 新冠检测, 链球菌检测",
    },
    "special laboratory": {
        "troponin": "troponin, troponins, cardiac enzymes, cardiac biomarkers, ck mb, 肌钙蛋白, 心肌酶, 心肌标志物",
        "natriuretic peptide": "bnp, nt probnp, natriuretic peptide, 脑钠肽, 利钠肽",
        "d-dimer": "d dimer, d二聚体, 二聚体",
        "thyroid function": "thyroid function, thyroid function tests, tsh, free t4, thyroid panel, 甲状腺功能, 甲功, 促甲状腺激素",
        "iron studies": "iron studies, ferritin, serum iron, 铁蛋白, 血清铁",
        "vitamins": "vitamin b12, b12, folate, vitamin d, 维生素b12, 叶酸",
        "blood culture": "blood culture, blood cultures, 血培养",
        "culture": "culture, cultures, urine culture, sputum culture, throat culture, wound culture, stool culture, gram stain,"
        " 培养, 尿培养, 痰培养, 细菌培养, 涂片",
        "fungal preparation": "koh, koh preparation, potassium hydroxide, fungal culture, skin scraping, 真菌镜检, 真菌检查",
        "viral serology": "hiv test, hiv serology, hiv, hepatitis panel, hepatitis serology, viral serology, 艾滋病检测, 肝炎病毒, 乙肝五项",
        "syphilis serology": "rpr, vdrl, syphilis test, syphilis serology, 梅毒, 梅毒血清",
        "sexually transmitted infections": "sti test, std test, sti screen, chlamydia test, gonorrhea test, naat, 衣原体, 淋球菌",
        "autoantibodies": "ana, antinuclear antibody, autoantibodies, rheumatoid factor, anti ccp, anca, anti dsdna, 抗核抗体, 自身抗体, 类风湿因子",
        "complement": "complement, complement levels, c3, c4, 补体",
        "arterial blood gas": "arterial blood gas, abg, blood gas, lactate, 血气, 血气分析, 动脉血气, 乳酸",
        "hormones": "cortisol, testosterone, fsh, prolactin, estradiol, hormone levels, acth, 皮质醇, 睾酮, 性激素, 催乳素",
        "tumor markers": "tumor markers, psa, cea, afp, ca 125, 肿瘤标志物, 甲胎蛋白, 癌胚抗原",
        "toxicology": "toxicology, toxicology screen, drug screen, urine drug screen, tox screen, 毒物筛查, 毒理",
        "tuberculosis test": "tuberculin skin test, ppd, quantiferon, interferon gamma release assay, t spot, 结核菌素, 结核菌素试验",
        "allergy test": "allergy test, allergy testing, patch test, patch testing, skin prick test, ige, 过敏原, 斑贴试验, 点刺试验",
        "genetic test": "genetic test, genetic testing, karyotype, karyotyping, 基因检测, 染色体",
        "molecular test": "pcr, pcr test, polymerase chain reaction, 核酸检测, 核酸",
        "blood smear": "peripheral smear, blood smear, peripheral blood smear, reticulocyte count, 外周血涂片, 网织红细胞",
        "electrophoresis": "electrophoresis, hemoglobin electrophoresis, spep, serum protein electrophoresis, 电泳",
        "lumbar puncture": "lumbar puncture, spinal tap, cerebrospinal fluid, csf, csf analysis, 腰椎穿刺, 腰穿, 脑脊液",
        "joint aspiration": "joint aspiration, arthrocentesis, synovial fluid, 关节穿刺, 关节液",
        "paracentesis": "paracentesis, thoracentesis, 腹腔穿刺, 胸腔穿刺",
        "lung function": "spirometry, pulmonary function tests, pulmonary function test, pfts, lung function, 肺功能",
        "sleep study": "sleep study, polysomnography, 睡眠监测",
        "breath test": "breath test, urea breath test, 呼气试验, 碳13呼气",
    },
    "electric": {
        "electrocardiogram": "electrocardiogram, ecg, ekg, 12 lead ecg, 心电图",
        "electroencephalogram": "electroencephalogram, eeg, 脑电图",
        "electromyography": "electromyography, emg, nerve conduction, nerve conduction study, nerve conduction studies, 肌电图, 神经传导",
        "holter": "holter, holter monitor, stress test, exercise stress test, 动态心电图, 运动试验, 平板试验",
    },
    "x-ray": {
        "x-ray": "x ray, xray, x rays, radiograph, radiographs, radiography, plain film, bone density, dexa, x线, x光, 平片, 拍片, 骨密度",
        "chest x-ray": "chest x ray, chest xray, chest radiograph, cxr, chest film, 胸片, 胸部x线, 胸部x光, 胸部平片",
        "abdominal x-ray": "abdominal x ray, abdominal xray, abdominal radiograph, kub, 腹部平片, 腹部x线",
        "mammography": "mammogram, mammography, 钼靶, 乳腺钼靶",
        "barium study": "barium swallow, barium enema, barium study, upper gi series, 钡餐, 钡灌肠",
    },
    "ultrasound": {
        "ultrasound": "ultrasound, ultrasonography, sonogram, sonography, doppler, duplex, doppler ultrasound,"
        " abdominal ultrasound, pelvic ultrasound, 超声, b超, 彩超, 腹部超声, 腹部b超, 腹部彩超",
        "echocardiogram": "echocardiogram, echocardiography, echo, transthoracic echocardiogram, 超声心动图, 心脏彩超, 心脏超声",
    },
    "ct": {
        "ct": "ct, ct scan, cat scan, computed tomography, ct abdomen, ct head, head ct, ct chest, chest ct, abdominal ct, ct of the head,"
        " ct of the abdomen, ct of the chest, hrct, 头颅ct, 胸部ct, 腹部ct, 计算机断层扫描",
    },
    "mri": {
        "mri": "mri, magnetic resonance imaging, magnetic resonance, mr imaging, brain mri, mri brain, mrcp, 磁共振, 核磁共振, 核磁, 头颅磁共振",
    },
    "nuclear": {
        "nuclear imaging": "pet scan, pet ct, bone scan, scintigraphy, hida scan, ventilation perfusion scan, v q scan, 骨扫描, 核素扫描",
    },
    "endoscopy": {
        "upper endoscopy": "endoscopy, upper endoscopy, egd, esophagogastroduodenoscopy, gastroscopy, 胃镜, 内镜",
        "colonoscopy": "colonoscopy, sigmoidoscopy, flexible sigmoidoscopy, 肠镜, 结肠镜",
        "bronchoscopy": "bronchoscopy, 支气管镜",
        "other endoscopy": "cystoscopy, laryngoscopy, hysteroscopy, colposcopy, laparoscopy, arthroscopy, 膀胱镜, 喉镜, 宫腔镜, 阴道镜, 腹腔镜",
    },
    "biopsy": {
        "biopsy": "biopsy, skin biopsy, punch biopsy, shave biopsy, excisional biopsy, histopathology, histology, fine needle aspiration,"
        " immunofluorescence, direct immunofluorescence, 活检, 皮肤活检, 病理检查, 组织病理, 穿刺活检, 病理",
        "bone marrow": "bone marrow, bone marrow biopsy, bone marrow aspirate, 骨髓, 骨髓穿刺, 骨穿",
        "cytology": "pap smear, pap test, cytology, tzanck smear, 宫颈涂片, 细胞学检查",
    },
    "angiography": {
        "angiography": "angiography, angiogram, coronary angiography, coronary angiogram, cardiac catheterization, venography,"
        " ct angiography, ct angiogram, cta, ctpa, mr angiography, mra, 造影, 血管造影, 冠脉造影, 冠状动脉造影, 心导管",
    },
}  # fmt: skip


UNKNOWN = COSTS["unknown"]
"""Points of a test that is not in the table."""


class Test(NamedTuple):
    """A test that was ordered, its class and its points."""

    name: str
    kind: Class
    cost: int


def tests_in(order: str) -> tuple[Test, ...]:
    """The tests that an order names, each once; one that nobody knows is one test all the same."""
    named = dict.fromkeys(name for _, name in _lexicon().spans(units_of(order)) if name)
    return tuple([_known()[name] for name in named]) or (Test(order.strip().lower()[:40], "unknown", UNKNOWN),)


@lru_cache(maxsize=16384)
def orders_in(sentence: str) -> frozenset[str]:
    """The names of the tests that a sentence is about, images by what makes them."""
    names = _lexicon().names_in(units_of(sentence))
    kinds = [kind for name in names if (kind := _known()[name].kind) in IMAGES]
    return names.union(kinds, {"physical examination"} if any(name.endswith("examination") for name in names) else ())


@lru_cache(maxsize=1)
def _known() -> dict[str, Test]:
    return {name: Test(name, kind, COSTS[kind]) for kind, named in KINDS.items() for name in named}


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(*KINDS.values())
