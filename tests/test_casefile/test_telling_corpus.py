"""Questions to invented patients, each with the facts that answer it: how many are found, and what else is."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from medeval.casefile import told_by
from medeval.records import Language

NUMBER = re.compile(r"^\s*(?:\d+\.|-)\s*")
DENIED = re.compile(r"\b(?:denie[sd]|deny)(?: having| experiencing| any)* (.*?)\.?$")
HAD = re.compile(
    r"(?:The |A |This )?(?:patient|man|woman|boy|girl|He|She) (?:has|had|reports|reported|complains of|takes) (.*?)\.?$"
)
Asked = Sequence[tuple[str, tuple[int, ...]]]
STOMACH = (
    "The patient is a 58-year-old woman.",
    "She has had burning pain in the upper abdomen for two months.",
    "The pain is worse after meals and at night.",
    "The pain does not spread to the back.",
    "She has vomited twice this week.",
    "The vomit contained no blood.",
    "Her stools have been black since yesterday.",
    "She denies any weight loss.",
    "She takes ibuprofen daily for knee pain.",
    "She drinks two glasses of wine every evening.",
    "She has never smoked.",
    "Her mother died of stomach cancer.",
    "She works as a school teacher.",
    "She is allergic to sulfa drugs.",
    "Abdominal examination shows tenderness in the epigastrium.",
    "Hemoglobin is 9.8 g/dL.",
    "Upper endoscopy has not been done.",
)
CHEST = (
    "A 34-year-old man comes to the emergency department.",
    "He developed shortness of breath three hours ago.",
    "It began suddenly while he was sitting at his desk.",
    "The pain in his chest is sharp and gets worse when he breathes in.",
    "He rates the pain at 7 out of 10.",
    "He returned from Brazil on a long flight four days ago.",
    "He denies coughing up blood.",
    "His left calf is swollen and painful.",
    "He broke his ankle five weeks ago and wore a cast.",
    "He has no chronic illnesses.",
    "He takes no medications.",
    "His brother had a blood clot in the leg.",
    "He is sexually active with one partner.",
    "Heart rate is 118 per minute, and oxygen saturation is 91%.",
    "The lungs are clear to auscultation.",
    "The electrocardiogram shows sinus tachycardia.",
    "A chest X-ray is normal.",
)
SKIN = (
    "The child is 6 years old.",
    "An itchy rash appeared on both elbows last winter.",
    "The rash comes and goes.",
    "Moisturizing cream helped a little.",
    "The boy has asthma.",
    "His father has hay fever.",
    "The family keeps two cats.",
    "He has had no fever.",
    "All vaccinations are up to date.",
    "Examination reveals dry, scaly plaques in the elbow creases.",
    "A skin scraping was negative for fungi.",
)
KIDNEY = (
    "The patient is a 45-year-old truck driver.",
    "He has severe pain in the left flank that comes in waves.",
    "The pain woke him up four hours ago.",
    "It radiates to the groin.",
    "His urine looks pink.",
    "He feels nauseated but has not vomited.",
    "He denies fever and chills.",
    "He had a kidney stone two years ago.",
    "He has been taking vitamin C supplements.",
    "He drinks little water at work.",
    "He does not use tobacco.",
    "His sister has gout.",
    "No drug allergies are known.",
    "Costovertebral angle tenderness is present on the left.",
    "Urinalysis shows many red blood cells.",
    "A CT scan has not been performed yet.",
)
MOOD = (
    "The patient is a 29-year-old nurse.",
    "She has felt sad and empty for three months.",
    "She wakes up at four in the morning and cannot fall asleep again.",
    "She has no interest in painting anymore.",
    "She has gained four kilograms.",
    "She has thought about ending her life.",
    "She does not hear voices.",
    "Her aunt had bipolar disorder.",
    "She broke up with her boyfriend in spring.",
    "She lives alone.",
    "She smokes marijuana on weekends.",
    "She stopped sertraline on her own last year.",
    "TSH was within normal limits.",
    "Her periods are regular.",
)
COUGH_ZH = (
    "患者，男，62岁。", "咳嗽、咳痰两周，痰为黄色。", "三天前开始发热，最高39度。", "否认咯血。", "活动后气短。",
    "有高血压病史十年。",
    "长期服用氨氯地平。", "对头孢类药物过敏。", "吸烟四十年，每天一包。", "偶尔喝酒。", "父亲死于肺癌。",
    "退休前是矿工。",
    "查体：右下肺可闻及湿啰音。", "血常规：白细胞15.2×10^9/L。", "胸片示右下肺斑片影。", "近期体重无明显变化。",
)  # fmt: skip
BELLY_ZH = (
    "患者，女，26岁。", "右下腹疼痛8小时。", "疼痛开始于脐周，后转移至右下腹。", "疼痛为持续性钝痛，逐渐加重。",
    "恶心，呕吐一次。",
    "无腹泻。", "末次月经为三周前。", "否认性生活史。", "五年前做过扁桃体切除手术。", "未服用任何药物。", "体温37.9℃。",
    "麦氏点压痛和反跳痛阳性。", "尿妊娠试验阴性。", "腹部超声未做。",
)  # fmt: skip
JOINT_ZH = (
    "患者，女，48岁。", "双手小关节肿痛半年。", "早晨起床时手指僵硬，约一小时后缓解。", "无面部皮疹。", "口干，眼干。",
    "近两个月体重下降3公斤。",
    "服用布洛芬后疼痛可减轻。", "母亲患类风湿关节炎。", "否认药物过敏。", "不饮酒。", "职业为会计。", "已绝经两年。",
    "双手近端指间关节压痛。", "类风湿因子阳性。",
    "双手X线未见骨质破坏。",
)  # fmt: skip
ENGLISH: tuple[tuple[Sequence[str], Asked], ...] = (
    (STOMACH, (
        ("How old are you?", (0,)),
        ("Where exactly does it hurt?", (1,)),
        ("How long have you had this stomach pain?", (1,)),
        ("Does anything make the pain worse?", (2,)),
        ("Does the pain radiate to your back?", (3,)),
        ("Have you been throwing up?", (4,)),
        ("Was there any blood when you vomited?", (5,)),
        ("What color are your bowel movements?", (6,)),
        ("Have you lost any weight recently?", (7,)),
        ("Which medicines do you take, including painkillers you buy yourself?", (8,)),
        ("Do you use any NSAIDs such as ibuprofen?", (8,)),
        ("How much alcohol do you drink?", (9,)),
        ("Do you smoke cigarettes?", (10,)),
        ("Does anyone in your family have cancer?", (11,)),
        ("What do you do for a living?", (12,)),
        ("Do you have any allergies?", (13,)),
        ("I would like to examine your abdomen.", (14,)),
        ("TEST: hemoglobin", (15,)),
        ("TEST: upper endoscopy", (16,)),
        ("Have you travelled abroad?", ()),
        ("Do you have any hearing problems?", ()),
    )),
    (CHEST, (
        ("When did the breathing trouble start?", (1, 2)),
        ("Did it come on suddenly or gradually?", (2,)),
        ("Can you describe the chest pain for me?", (3,)),
        ("On a scale from 1 to 10, how bad is the pain?", (4,)),
        ("Have you been on any long trips lately?", (5,)),
        ("Any coughing up of blood?", (6,)),
        ("Is there any swelling in your legs?", (7,)),
        ("Have you had any recent injuries or been immobilized?", (8,)),
        ("Do you have any chronic medical conditions?", (9,)),
        ("Are you on any medication?", (10,)),
        ("Has anyone in your family had blood clots?", (11,)),
        ("Are you sexually active?", (12,)),
        ("What is your heart rate?", (13,)),
        ("I'd like to listen to your lungs.", (14,)),
        ("TEST: ECG", (15,)),
        ("TEST: chest radiograph", (16,)),
        ("Do you feel sick or have you vomited?", ()),
        ("Do you have pain when you urinate?", ()),
    )),
    (SKIN, (
        ("How old is he?", (0,)),
        ("Where on his body is the rash?", (1, 9)),
        ("Does the rash itch?", (1,)),
        ("Is the rash there all the time or does it come and go?", (2,)),
        ("Have you tried any treatments for it?", (3,)),
        ("Does your son have any other medical conditions?", (4,)),
        ("Is there a history of allergies or hay fever in the family?", (5,)),
        ("Do you have any pets at home?", (6,)),
        ("Has he been running a temperature?", (7,)),
        ("Are his immunizations current?", (8,)),
        ("TEST: skin scraping for fungus", (10,)),
        ("Has he been bleeding from the gums?", ()),
    )),
    (KIDNEY, (
        ("Where is the pain located?", (1,)),
        ("When did it begin?", (2,)),
        ("Does the pain go anywhere else?", (3,)),
        ("Have you noticed any blood in your urine?", (4,)),
        ("Any nausea or vomiting?", (5,)),
        ("Have you had chills or felt feverish?", (6,)),
        ("Have you ever had kidney stones before?", (7,)),
        ("What medications or supplements do you take?", (8,)),
        ("How much water do you drink during the day?", (9,)),
        ("Are you a smoker?", (10,)),
        ("Do any of your relatives have similar problems?", (11,)),
        ("Are you allergic to any medicines?", (12,)),
        ("I would like to tap on your back to check for tenderness.", (13,)),
        ("TEST: urinalysis", (14,)),
        ("TEST: CT abdomen and pelvis without contrast", (15,)),
        ("What is your occupation?", (0,)),
        ("Is the pain constant or does it come and go?", (1,)),
        ("Do you have a headache?", ()),
        ("Have you had any surgeries?", ()),
        ("Any recent travel?", ()),
    )),
    (MOOD, (
        ("How long have you been feeling this way?", (1,)),
        ("How is your sleep?", (2,)),
        ("Do you still enjoy your hobbies?", (3,)),
        ("Has your weight changed?", (4,)),
        ("Have you had thoughts of hurting yourself or suicide?", (5,)),
        ("Have you been hearing voices that others do not hear?", (6,)),
        ("Is there a family history of mental illness?", (7,)),
        ("Has anything stressful happened in your life recently?", (8,)),
        ("Who do you live with?", (9,)),
        ("Do you use any recreational drugs?", (10,)),
        ("Are you taking any antidepressants or other medication?", (11,)),
        ("TEST: thyroid function tests", (12,)),
        ("Are your menstrual cycles regular?", (13,)),
        ("Do you have chest pain?", ()),
        ("Have you noticed a skin rash?", ()),
    )),
)  # fmt: skip
CHINESE: tuple[tuple[Sequence[str], Asked], ...] = (
    (COUGH_ZH, (
        ("您今年多大年纪？", (0,)), ("痰是什么颜色的？", (1,)), ("发烧吗？", (2,)), ("从什么时候开始发烧的？", (2,)),
        ("痰里有没有血？", (3,)),
        ("走路的时候会喘不上气吗？", (4,)), ("以前得过什么病吗？", (5,)), ("平时吃什么药？", (6,)),
        ("有没有药物过敏？", (7,)), ("您抽烟吗？", (8,)),
        ("喝酒吗？", (9,)), ("家里人有没有得过肿瘤？", (10,)), ("您是做什么工作的？", (11,)),
        ("我给您听一下肺部。", (12,)),
        ("检查：血常规", (13,)), ("检查：胸部X线", (14,)), ("最近瘦了吗？", (15,)), ("有没有腹泻？", ()),
        ("最近有没有出过国？", ()),
    )),
    (BELLY_ZH, (
        ("哪个部位疼？", (1, 2)), ("疼了多久了？", (1,)), ("疼痛一开始在哪里？", (2,)), ("是什么样的疼？", (3,)),
        ("有没有恶心呕吐？", (4,)),
        ("拉肚子吗？", (5,)), ("上次来月经是什么时候？", (6,)), ("有过性生活吗？", (7,)), ("以前做过手术吗？", (8,)),
        ("最近吃过什么药？", (9,)),
        ("检查：体温", (10,)), ("检查：腹部压痛、反跳痛", (11,)), ("检查：妊娠试验", (12,)), ("检查：腹部B超", (13,)),
        ("有没有头痛？", ()), ("家里有遗传病吗？", ()),
    )),
    (JOINT_ZH, (
        ("您多大了？", (0,)), ("哪些关节疼？", (1,)), ("关节痛有多长时间了？", (1,)), ("早上起来关节僵不僵？", (2,)),
        ("脸上有没有起疹子？", (3,)),
        ("嘴巴干不干？", (4,)), ("体重有变化吗？", (5,)), ("吃过止痛药吗？", (6,)), ("家里有人得过类似的病吗？", (7,)),
        ("对什么药过敏吗？", (8,)),
        ("平时喝酒吗？", (9,)), ("您从事什么职业？", (10,)), ("月经还正常吗？", (11,)), ("检查：关节触诊", (12,)),
        ("检查：类风湿因子", (13,)),
        ("检查：手部X光片", (14,)), ("有没有咳嗽？", ()), ("大便正常吗？", ()), ("做过什么手术吗？", ()),
    )),
)  # fmt: skip


def figures(cases: Sequence[tuple[Sequence[str], Asked]], language: Language) -> tuple[float, float, float]:
    """Share of the questions whose facts are found or that rightly find none; precision and recall of the facts."""
    hits = right = found = wanted = asked = 0
    for facts, questions in cases:
        for question, places in questions:
            told = set(told_by(question, facts, language))
            both = told & set(places)
            hits += bool(both) or not (told or places)
            right, found, wanted, asked = right + len(both), found + len(told), wanted + len(places), asked + 1
    return hits / asked, right / found, right / wanted


@pytest.mark.parametrize(
    ("cases", "language", "floors"), [(ENGLISH, "en", (0.95, 0.8, 0.95)), (CHINESE, "zh", (0.95, 0.85, 0.95))]
)
def test_questions_find_their_facts_and_few_others(
    cases: Sequence[tuple[Sequence[str], Asked]], language: Language, floors: tuple[float, float, float]
) -> None:
    assert sum(len(questions) for _, questions in cases) >= 40
    assert all(value >= floor for value, floor in zip(figures(cases, language), floors, strict=True))


def test_a_question_made_of_a_real_fact_finds_it(real: Path) -> None:
    asked = found = 0
    for file in ("all_craft_md.jsonl", "all_dev_good.jsonl"):
        for line in (real / "mediq" / file).read_text(encoding="utf-8").splitlines():
            facts = [NUMBER.sub("", fact) for fact in json.loads(line)["facts"]]
            for place, fact in enumerate(facts):
                if told := DENIED.search(fact) or HAD.match(fact):
                    asked += 1
                    found += place in told_by(f"Have you had {told[1]}?", facts, "en")
    assert asked > 1500
    assert found / asked > 0.99
