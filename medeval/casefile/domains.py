"""What a sentence of a history is about, whether it asks or tells."""

import re
from functools import lru_cache

from medeval.casefile.findings import BROADER, CONDITIONS, SYMPTOMS
from medeval.casefile.units import Lexicon, units_of
from medeval.casefile.words import said
from medeval.records import Language

ASKING = {
    "complaint": "what brings you, what brought you, chief complaint, main complaint, what is the problem,"
    " what is wrong, what seems to be the problem, reason for visit, how can i help, main concern, main problem, 主诉,"
    " 哪里不舒服, 哪儿不舒服, 怎么不好, 什么不舒服, 来看什么, 主要问题, 因为什么来",
    "onset": "when did, how long, since when, started, start, starts, began, begin, beginning, begun, onset, duration,"
    " first notice, first noticed, sudden, suddenly, gradual, gradually, acute onset, last for, how many days,"
    " how many weeks, since, lasted, lasting, how recently, 什么时候开始, 多久, 多长时间, 何时, 几天, 开始, 起病,"
    " 突然, 突发, 逐渐, 持续时间, 病程, 第一次, 几个月, 几年, 几小时, 从什么时候",
    "course": "comes in waves, in waves, 阵发性, getting worse, getting better, worse, worsen, worsens, worsened,"
    " worsening, worse over time, improve, improves, improved, improving, better, progressed, progressive,"
    " progressively, progression, relieved, relieve, relieves, alleviate, alleviates, aggravated, aggravates,"
    " aggravate, exacerbated, exacerbates, trigger, triggers, triggered, comes and goes, come and go, come back,"
    " constant, intermittent, intermittently, recurrent, recur, recurs, episodes, episode, how often,"
    " change over time, changed over time, enlarging, spread, spreading, resolved, resolve, resolves, unchanged,"
    " previous episodes, happened before, similar symptoms before, increasing, increased in size, refractory, made it,"
    " makes it, 加重, 减轻, 缓解, 好转, 恶化, 进行性, 间歇, 间断, 持续, 反复, 发作, 诱因, 诱发, 多久一次, 越来越,"
    " 复发, 蔓延, 扩散",
    "character": "black, brown, yellow, green, white, red, clear, purulent, foul smelling, 黄色, 红色, 白色, 绿色,"
    " 黑色, 脓性, 什么样, 发黑, what does it feel like, what is it like, describe the pain, kind of pain,"
    " type of pain, quality, character, sharp, dull, stabbing, burning, throbbing, crushing, cramping, colicky,"
    " pressure like, aching, tearing, stinging, itchy, painless, shooting, what does it look like, color, colour,"
    " watery, bloody, describe the, 什么性质, 性质, 什么样的痛, 怎么个痛法, 怎么痛, 刺痛, 钝痛, 绞痛, 隐痛, 胀痛,"
    " 灼痛, 烧灼, 压榨, 撕裂样, 搏动性, 闷痛, 什么颜色, 颜色, 什么样的",
    "severity": "how bad, how severe, severity, severe, severely, mild, moderate, scale, on a scale, out of 10,"
    " intensity, how intense, worst, excruciating, interfere with, affect your daily, intense, 多严重, 严重, 程度,"
    " 剧烈, 轻微, 厉害, 几分, 打分, 影响生活, 影响睡眠, 难以忍受",
    "location": "go anywhere, move anywhere, spread anywhere, anywhere else, which part of, whereabouts, 哪个部位,"
    " 在哪里, 哪里, where is, where does, where do, where did, where are, where exactly, location, located, localized,"
    " which side, which part, radiate, radiates, radiating, radiation, affected area, which area, bilateral,"
    " left side, right side, 部位, 哪里痛, 哪里疼, 哪一侧, 哪边, 位置, 放射, 什么地方, 哪个地方, 左侧, 右侧, 双侧,"
    " 位于",
    "symptoms": "running a temperature, weight loss, weight gain, lost weight, lose weight, gained weight,"
    " body weight, other symptoms, any symptoms, associated symptoms, symptoms, symptom, anything else,"
    " other complaints, other problems, what else, other discomfort, accompanied, bothering, 体重减轻, 体重下降,"
    " 体温升高, 血压高, 其他症状, 其他不适, 伴随症状, 别的不舒服, 其他不舒服, 还有什么不舒服, 还有哪里不舒服, 伴随,"
    " 症状, 不适, 不舒服",
    "past": "medical history, past history, past medical history, medical conditions, medical condition,"
    " medical problems, chronic, chronic diseases, chronic illness, chronic conditions, health conditions, illnesses,"
    " diseases, disease, health problems, diagnosed with, diagnosed, previously diagnosed, surgery, surgeries,"
    " surgical, surgical history, operation, operations, hospitalized, hospitalization, hospitalizations, underlying,"
    " previously healthy, otherwise healthy, past illnesses, history of, prior history, vaccinated, vaccination,"
    " vaccinations, immunizations, immunization, appendectomy, cholecystectomy, hysterectomy, comorbidities,"
    " treated for, history is significant for, 既往史, 病史, 既往, 慢性病, 基础病, 基础疾病, 手术, 住院, 得过什么病,"
    " 患过, 以前有过, 以前得过, 疾病, 身体健康, 体健, 接种, 疫苗, 确诊, 诊断为",
    "medication": "medication, medications, medicine, medicines, drugs you take, prescription, prescribed,"
    " prescriptions, pills, tablets, over the counter, supplement, supplements, vitamins, take any, taking any,"
    " currently taking, treatment, treatments, treated with, treated, therapy, drug, dose, dosage, herbal, antibiotic,"
    " antibiotics, steroid, steroids, corticosteroid, corticosteroids, contraceptive, contraceptives, birth control,"
    " creams, ointment, inhaler, painkillers, blood thinners, anticoagulants, topical, mg daily, 药, 药物, 用药, 吃药,"
    " 服药, 服用, 什么药, 吃什么药, 治疗, 处方, 保健品, 口服, 抗生素, 激素, 避孕药, 降压药, 中药",
    "allergy": "allergy, allergies, allergic, anaphylaxis, drug allergies, food allergies, 过敏, 过敏史, 药物过敏,"
    " 食物过敏",
    "family": "家里有人, 家里有没有人, 亲人, 家属, family history, in family, of family, family member,"
    " family members, relatives, relative, parents, parent, mother, father, mom, dad, sister, brother, siblings,"
    " sibling, aunt, uncle, grandmother, grandfather, cousin, hereditary, runs in, 家族, 家族史, 家里人, 家人, 父母,"
    " 父亲, 母亲, 爸爸, 妈妈, 兄弟, 姐妹, 亲属, 亲戚, 遗传, 直系亲属, 哥哥, 姐姐, 弟弟, 妹妹",
    "tobacco": "smoke, smokes, smoked, smoking, smoker, tobacco, cigarette, cigarettes, packs, pack year, pack a day,"
    " vape, vaping, nicotine, 吸烟, 抽烟, 烟, 烟草, 电子烟, 包烟, 吸烟史",
    "alcohol": "alcohol, alcoholic, drink, drinks, drinking, beer, beers, wine, liquor, alcoholism, 喝酒, 饮酒, 酒,"
    " 酒精, 啤酒, 白酒, 饮酒史",
    "drugs": "illicit, recreational, illicit drugs, recreational drugs, drug use, use drugs, street drugs, cocaine,"
    " heroin, marijuana, cannabis, opioids, intravenous drug, injection drug, methamphetamine, substance use,"
    " substances, 吸毒, 毒品, 大麻, 海洛因, 可卡因",
    "occupation": "driver, nurse, teacher, engineer, lawyer, accountant, office, factory, miner, 会计, 教师, 司机,"
    " 护士, 矿工, occupation, job, work, works, working, worked, employed, profession, for a living, exposure,"
    " exposures, exposed, exposed to, retired, farmer, construction, student, workplace, 职业, 工作, 上班, 退休, 从事,"
    " 农民, 接触史, 接触过, 工人",
    "travel": "flight, flights, flew, returned from, trips, country, foreign, 出过国, 坐飞机, 回国, travel, travels,"
    " traveled, travelled, traveling, trip, abroad, overseas, recently returned, immigrated, emigrated, camping,"
    " hiking, vacation, 旅行, 旅游, 外出, 出国, 出差, 外地, 疫区, 旅居史",
    "sexual": "sexual, sexually, sexually active, sex, sexual partners, partner, partners, unprotected, condom,"
    " condoms, intercourse, 性生活, 性行为, 性伴侣, 同房, 避孕套, 性接触",
    "living": "boyfriend, girlfriend, stress, stressful, lives alone, 离婚, live, lives, living, live with, home,"
    " social history, lifestyle, married, divorced, pets, pet, cat, dog, animals, diet, exercise, school, eat, ate,"
    " 生活习惯, 个人史, 社会史, 居住, 结婚, 已婚, 离异, 宠物, 饮食, 运动, 压力, 和谁住, 生活方式",
    "obstetric": "menstrual, menstruation, your period, my period, her period, last period, menstrual period, menses,"
    " last menstrual period, menarche, menopause, postmenopausal, pregnant, pregnancy, pregnancies, miscarriage,"
    " gravida, delivery, cycle, cycles, contraception, birth, gestation, trimester, 月经, 末次月经, 停经, 绝经, 怀孕,"
    " 妊娠, 孕, 生育, 流产, 痛经, 例假, 周期, 初潮, 分娩",
    "examination": "listen to, look at your, let me examine, i would like to examine, check your, 听一下, 看一下,"
    " 摸一下, 检查一下, 听听, 叩击, physical exam, physical examination, examination, examine, exam, exam reveals,"
    " examination shows, auscultation, palpation, percussion, vital signs, vitals, blood pressure, pulse, heart rate,"
    " respiratory rate, respirations, temperature, oxygen saturation, body mass index, bmi, mm hg, reflexes, murmur,"
    " murmurs, rales, crackles, tender, tenderness, rebound, guarding, on inspection, inspection, well appearing,"
    " appears ill, breath sounds, bowel sounds, height, weight, pupils, fundoscopy, funduscopic, otoscopic,"
    " pelvic exam, rectal exam, percentile, mental status, 体格检查, 查体, 体检, 听诊, 触诊, 叩诊, 生命体征, 血压,"
    " 脉搏, 心率, 呼吸频率, 体温, 血氧, 血氧饱和度, 压痛, 反跳痛, 肌紧张, 杂音, 啰音, 反射, 身高, 体重, 瞳孔",
    "laboratory": "laboratory, lab, labs, lab results, blood test, blood tests, blood work, bloodwork, serum,"
    " hemoglobin, hematocrit, leukocyte, leukocytes, white blood cell, platelet, platelets, creatinine, sodium,"
    " potassium, glucose, calcium, bilirubin, albumin, urinalysis, urine test, culture, cultures, troponin, antibody,"
    " antibodies, antigen, titer, level, levels, count, complete blood count, cbc, bmp, metabolic panel,"
    " liver function, biopsy, histopathology, histology, pathology, cerebrospinal fluid, csf, gram stain, pcr, esr,"
    " crp, tsh, inr, mean corpuscular volume, lumbar puncture, stool test, smear, mg dl, meq l, electrocardiogram,"
    " ecg, ekg, test results, microscopy, immunofluorescence, arterial blood gas, abg, 化验, 实验室, 血常规, 尿常规,"
    " 生化, 肝功能, 肾功能, 血糖, 白细胞, 血红蛋白, 血小板, 肌酐, 电解质, 培养, 抗体, 检验, 检查结果, 活检, 病理,"
    " 心电图, 脑脊液, 凝血, 抽血, 验血",
    "imaging": "imaging, x ray, xray, x rays, radiograph, radiographs, radiography, ct, ct scan, mri,"
    " computed tomography, magnetic resonance, ultrasound, ultrasonography, echocardiogram, echocardiography, scan,"
    " scans, angiography, angiogram, endoscopy, colonoscopy, mammogram, mammography, doppler, pet scan, dexa,"
    " chest film, barium, sonogram, bronchoscopy, 影像, 片子, 拍片, 胸片, 彩超, 超声, b超, 核磁, 核磁共振, 磁共振,"
    " 造影, 胃镜, 肠镜, 内镜, 超声心动图, 扫描",
    "demographics": "how old, age, years old, year old, years of age, months old, month old, day old, week old,"
    " gender, sex assigned, ethnicity, race, caucasian, african american, hispanic, asian, your name, date of birth,"
    " 多大, 年龄, 岁, 性别, 民族, 几岁, 多大年纪, 多大岁数",
}  # fmt: skip
BODY = (
    "head, face, scalp, forehead, cheek, eye, eyes, ear, ears, nose, mouth, lip, lips, tongue, throat, neck, shoulder,"
    " shoulders, chest, breast, breasts, back, arm, arms, elbow, elbows, forearm, forearms, wrist, wrists, hand, hands,"
    " finger, fingers, fingertips, nail, nails, abdomen, belly, stomach, flank, hip, hips, groin, buttock, buttocks,"
    " penis, scrotum, vagina, vulva, thigh, thighs, leg, legs, knee, knees, calf, shin, shins, ankle, ankles, foot,"
    " feet, toe, toes, trunk, torso, extremity, extremities, skin, quadrant, jaw, palms, soles"
)
_AGO = re.compile(
    r"\b(?:for|past|last|over|since|about|ago|within)\b[^.;]{0,30}\b(?:minute|hour|day|week|month|year|decade)s?\b"
    r"|\b(?:minute|hour|day|week|month|year|decade)s?(?:,)? (?:ago|earlier|prior|before|history|duration)"
    r"|\d[- ](?:minute|hour|day|week|month|year)s?[- ](?!old\b|of age)|\bsince (?:childhood|birth|his|her|the)\b"
    r"|[\d一二两三四五六七八九十半数几][天日周年]|[\d一二两三四五六七八九十半数几]个?(?:小时|星期|礼拜|月|分钟)",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\b(?:on|in|at|over|across|involving|along|around|near|behind|to|of|affecting) "
    rf"(?:(?:his|her|the|my|your|their|both|right|left|bilateral|upper|lower|patient's|dorsal) ){{0,4}}"
    rf"(?:{'|'.join(BODY.split(', '))})\b"
    r"|[左右上下]{1,2}[腹胸肢背肺腿臂]|脐周|[头面颈胸腹背腰臂手腿膝足脚眼耳鼻口唇舌肩肘腕指髋踝臀][部侧上下前后处]",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b[a-z]{3,20}(?:pril|sartan|olol|statin|azole|prazole|cillin|mycin|floxacin|cycline|sone|solone|dipine|semide"
    r"|thiazide|formin|gliptin|parin|xaban|profen|setron|triptan|zepam|zolam|oxetine|traline|mab|tinib|vir|retinoin"
    r"|quine|trexate|terol|lukast|phylline|caine|codone|morphine)\b"
    r"|\b(?:aspirin|insulin|warfarin|ibuprofen|acetaminophen|paracetamol|tylenol|lithium|digoxin|levothyroxine|heparin"
    r"|albuterol|phenytoin|valproate|carbamazepine|estrogen|antacids?|laxatives?|nsaids?|iron supplements?)\b"
    r"|阿司匹林|胰岛素|二甲双胍|布洛芬|对乙酰氨基酚|硝苯地平|头孢|[沙他洛普地西][坦汀尔利平林]片?",
    re.IGNORECASE,
)


def drugs_in(sentence: str) -> frozenset[str]:
    """The drugs that a sentence names."""
    return frozenset([found[0].lower() for found in _TAKEN.finditer(sentence)])


PATTERNS = (("onset", _AGO), ("location", _PLACED), ("medication", _TAKEN))
DOMAINS = tuple(ASKING)
SOCIAL = frozenset({"tobacco", "alcohol", "drugs", "occupation", "travel", "sexual", "living"})
OF_A_SYMPTOM = frozenset({"onset", "course", "character", "severity", "location"})
_WHOLE = {"social history": SOCIAL, "个人史": SOCIAL, "社会史": SOCIAL, "review of systems": frozenset({"symptoms"})}
_INFORMANT = re.compile(
    r"\b(?:mother|father|parents?|mom|dad|sister|brother)\b (?:\w+ ){0,2}(?:reports?|says?|states?|notes?|noted|noticed|brought"
    r"|brings|mentions?|mentioned|is concerned|are concerned|tried|have tried|describes?|denies|deny)\b"
    r"|\b(?:by|with|to) (?:his|her|the|their) (?:mother|father|parents?|mom|dad)\b|(?:母亲|父亲|妈妈|爸爸|家长|家人)(?:代诉|诉|称|带)",
    re.IGNORECASE,
)
"""Who tells, or comes along: nothing is said of the family there."""
_FINDINGS = frozenset("@" + name for name in SYMPTOMS)
_PLACES = frozenset("@" + name for name, wider in BROADER.items() if wider == "pain" and " " in name) | {"@headache"}
"""Pains that say where."""
_ILLNESSES = frozenset("@" + name for name in CONDITIONS)


@lru_cache(maxsize=16384)
def domains_of(sentence: str, language: Language) -> frozenset[str]:
    """The domains of history taking that a sentence touches, by its words; none where it touches none."""
    found = set(named_in(sentence))
    found.update(name for name, pattern in PATTERNS if pattern.search(sentence))
    if "family" in found and _INFORMANT.search(sentence):
        found.discard("family")
    words = said(sentence, language).words
    if words & _PLACES:
        found.add("location")
    if words & _FINDINGS and not found & {"examination", "imaging", "laboratory", "family"}:
        found.add("symptoms")
    if words & _ILLNESSES and "family" not in found:
        found.add("past")
    return frozenset(found)


@lru_cache(maxsize=16384)
def named_in(sentence: str) -> frozenset[str]:
    """The domains that a sentence calls by a word of their own."""
    found = set(_lexicon().names_in(units_of(sentence)))
    small = sentence.lower()
    for phrase, domains in _WHOLE.items():
        if phrase in small:
            found |= domains
    return frozenset(found)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(ASKING)
