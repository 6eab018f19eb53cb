"""Names of what patients have and take, with the words for each in English and Chinese."""

SYMPTOMS = {
    "fever": "running a temperature, temperature been up, feverish, 发过烧, 烧, fever, febrile, pyrexia,"
    " high temperature, 发热, 发烧, 高热, 低热, 高烧, 低烧, 体温升高",
    "chills": "chills, rigors, shivering, 寒战, 畏寒, 发冷, 怕冷, 寒颤",
    "night sweats": "night sweats, drenching sweats, sweats at night, 盗汗, 夜间出汗, 晚上出汗",
    "sweating": "sweating, diaphoresis, diaphoretic, sweaty, sweats, 出汗, 大汗, 多汗, 冷汗",
    "weight loss": "dropped weight, pounds lighter, 瘦, 体重掉, 掉秤, weight loss, lost weight, losing weight,"
    " loss of weight, lose weight, unintentional weight loss, 体重减轻, 体重下降, 消瘦, 变瘦, 瘦了",
    "weight gain": "weight gain, gained weight, gaining weight, 体重增加, 变胖",
    "fatigue": "fatigue, tired, tiredness, exhausted, exhaustion, lethargy, lethargic, malaise, low energy, 乏力,"
    " 疲劳, 疲倦, 疲乏, 没力气, 累",
    "appetite": "appetite, anorexia, poor appetite, loss of appetite, eating well, 食欲, 胃口, 纳差, 食欲不振,"
    " 食欲减退, 没胃口",
    "chest pain": "chest pain, chest pains, chest discomfort, chest tightness, chest pressure, pain in the chest,"
    " pain in her chest, pain in his chest, pain in my chest, pain in your chest, angina, substernal pain,"
    " retrosternal pain, pressure in my chest, chest hurts, 胸痛, 胸闷, 胸口痛, 胸口疼, 胸部疼痛, 心绞痛, 胸骨后痛",
    "palpitations": "palpitations, racing heart, heart racing, heart beating fast, pounding heart, 心悸, 心慌",
    "dyspnea": "breathing trouble, out of breath, 上不来气, dyspnea, shortness of breath, short of breath, breathless,"
    " breathlessness, difficulty breathing, trouble breathing, breathing difficulty, difficulty in breathing,"
    " breathing problems, problems breathing, respiratory distress, catch my breath, orthopnea, hard to breathe,"
    " air hunger, 呼吸困难, 气短, 气促, 气喘, 喘不过气, 喘不上气, 憋气, 气急, 喘憋",
    "wheezing": "wheezing, wheeze, wheezes, 喘息, 哮鸣",
    "cough": "cough, coughs, coughing, coughed, 咳嗽, 咳",
    "sputum": "sputum, phlegm, mucus, 咳痰, 痰, 有痰",
    "hemoptysis": "痰里有没有血, 痰中有血, 痰有血, 痰里有血丝, 痰里带血, 咳出血, blood when you cough,"
    " blood when coughing, hemoptysis, coughing up blood, coughs up blood, coughed up blood, cough up blood,"
    " bloody sputum, blood in the sputum, blood tinged sputum, blood in your sputum, 咯血, 咳血, 痰中带血, 痰里有血,"
    " 血痰",
    "sore throat": "sore throat, throat pain, throat hurts, 咽痛, 咽喉痛, 喉咙痛, 嗓子疼, 嗓子痛",
    "runny nose": "runny nose, rhinorrhea, nasal discharge, nasal congestion, stuffy nose, blocked nose, 流涕, 鼻塞,"
    " 流鼻涕, 鼻子不通",
    "nosebleed": "nosebleed, nosebleeds, epistaxis, nose bleeds, 鼻出血, 流鼻血, 鼻衄",
    "nausea": "sick to my stomach, feel sick, nausea, nauseous, nauseated, queasy, sick to your stomach, 恶心, 想吐",
    "vomiting": "vomiting, vomit, vomits, vomited, emesis, throwing up, threw up, throw up, 呕吐, 吐",
    "hematemesis": "blood when you vomited, blood when you vomit, blood in the vomit, vomit contained blood,"
    " hematemesis, vomiting blood, vomited blood, vomit blood, throwing up blood, bloody vomit, coffee ground emesis,"
    " coffee ground vomit, bloody emesis, 呕血, 吐血, 咖啡样呕吐物, 咖啡色呕吐物",
    "melena": "melena, black stool, black stools, tarry stool, tarry stools, black tarry stools,"
    " black bowel movements, 黑便, 柏油样便, 柏油便, 大便发黑, 大便黑",
    "blood in stool": "hematochezia, bloody stool, bloody stools, blood in stool, blood in the stool,"
    " blood in your stool, blood in my stool, blood in her stool, blood in his stool, rectal bleeding,"
    " bloody diarrhea, bloody bowel movements, 便血, 血便, 大便带血, 大便有血",
    "diarrhea": "diarrhea, loose stools, watery stools, loose stool, 腹泻, 拉肚子, 稀便, 水样便",
    "constipation": "constipation, constipated, hard stools, 便秘, 大便干",
    "stool": "stool, stools, bowel movement, bowel movements, bowel habits, bowels, 大便, 排便",
    "heartburn": "heartburn, acid reflux, acid regurgitation, 烧心, 反酸, 反流, 胃灼热",
    "dysphagia": "dysphagia, difficulty swallowing, trouble swallowing, swallowing difficulty, hard to swallow,"
    " odynophagia, pain with swallowing, 吞咽困难, 吞咽疼痛, 咽不下, 吞咽",
    "abdominal pain": "abdominal pain, stomach pain, belly pain, stomach ache, stomachache, tummy pain, tummy ache,"
    " abdominal cramps, abdominal cramping, abdominal discomfort, epigastric pain, pain in the abdomen,"
    " pain in your abdomen, pain in your belly, pain in your stomach, stomach hurts, belly hurts, abdomen hurts, 腹痛,"
    " 肚子疼, 肚子痛, 腹部疼痛, 胃痛, 上腹痛, 下腹痛, 上腹疼痛, 胃疼, 腹部绞痛",
    "bloating": "bloating, bloated, abdominal distension, abdominal distention, 腹胀, 肚子胀",
    "jaundice": "jaundice, jaundiced, icterus, icteric, yellow eyes, yellowing of the skin, yellow skin, 黄疸,"
    " 皮肤发黄, 眼睛发黄, 巩膜黄染",
    "headache": "headache, headaches, head pain, head hurts, migraine, migraines, 头痛, 头疼, 偏头痛",
    "thunderclap": "thunderclap, thunderclap headache, worst headache of her life, worst headache of his life,"
    " worst headache of my life, worst headache of your life, worst headache, sudden severe headache, 雷击样头痛,"
    " 突发剧烈头痛, 突发性剧烈头痛, 一生中最严重的头痛, 最剧烈的头痛",
    "stiff neck": "neck stiffness, stiff neck, nuchal rigidity, meningismus, neck is stiff, 颈强直, 颈项强直,"
    " 脖子僵硬, 颈部僵硬, 脖子发硬",
    "photophobia": "photophobia, sensitivity to light, light bothers, light sensitivity, light hurts, 畏光, 怕光",
    "dizziness": "dizziness, dizzy, lightheaded, lightheadedness, light headed, light headedness, vertigo, 头晕, 眩晕,"
    " 头昏, 晕",
    "syncope": "syncope, syncopal, fainting, fainted, faint, faints, passed out, passing out, pass out,"
    " loss of consciousness, lost consciousness, lose consciousness, blacked out, black out, collapsed, collapse,"
    " 晕厥, 昏倒, 晕倒, 意识丧失, 失去意识, 昏厥",
    "seizure": "seizure, seizures, convulsion, convulsions, epileptic fit, 抽搐, 癫痫发作, 惊厥, 痫性发作",
    "confusion": "confusion, confused, disoriented, disorientation, altered mental status, delirium, delirious,"
    " obtunded, unresponsive, stupor, stuporous, comatose, 意识模糊, 意识障碍, 神志不清, 嗜睡, 昏迷, 谵妄, 糊涂",
    "memory": "forgetful, forgetfulness, memory loss, memory problems, memory, 健忘, 记忆力下降, 记忆力, 记性",
    "weakness": "weakness, weak, paralysis, paralyzed, hemiparesis, hemiplegia, paresis, paraplegia, 无力, 瘫痪, 偏瘫,"
    " 肢体无力, 没劲",
    "facial droop": "facial droop, facial drooping, drooping face, face drooping, facial weakness, facial palsy,"
    " 口角歪斜, 面瘫, 嘴歪, 口眼歪斜",
    "speech": "slurred speech, aphasia, dysarthria, trouble speaking, difficulty speaking, speech difficulty,"
    " 言语不清, 口齿不清, 失语, 说话不清, 构音障碍",
    "numbness": "numbness, numb, tingling, paresthesia, paresthesias, pins and needles, loss of sensation,"
    " decreased sensation, 麻木, 发麻, 刺痛, 感觉减退, 感觉异常, 麻",
    "saddle anesthesia": "saddle anesthesia, saddle numbness, numbness in the groin, numbness around the anus,"
    " perianal numbness, perineal numbness, numbness in the saddle area, 鞍区麻木, 会阴部麻木, 鞍区感觉减退,"
    " 马鞍区麻木",
    "incontinence": "incontinence, incontinent, loss of bladder control, loss of bowel control, bladder control,"
    " bowel control, 失禁, 大小便失禁, 尿失禁",
    "urinary retention": "urinary retention, unable to urinate, cannot urinate, unable to void, 尿潴留, 排尿困难,"
    " 尿不出",
    "visual disturbance": "blurred vision, blurry vision, double vision, diplopia, visual changes, blind spots,"
    " 视力下降, 视物模糊, 复视, 看不清, 视物不清",
    "vision": "vision, visual, eyesight, 视力",
    "blindness": "sudden vision loss, sudden loss of vision, sudden blindness, vision loss, loss of vision,"
    " visual loss, amaurosis, 突然失明, 视力丧失, 失明, 视力骤降",
    "hearing loss": "hearing loss, lost hearing, tinnitus, ringing in the ears, deafness, 听力下降, 耳鸣, 耳聋",
    "hearing": "hearing, hear well, 听力",
    "ear pain": "ear pain, earache, otalgia, ear discharge, 耳痛, 耳朵疼, 耳朵痛",
    "eye pain": "eye pain, red eye, red eyes, eye redness, 眼痛, 眼红, 眼睛疼",
    "back pain": "back pain, backache, low back pain, back hurts, flank pain, 背痛, 腰痛, 腰疼, 背疼, 腰背痛",
    "joint pain": "joint pain, joint pains, arthralgia, arthralgias, arthritis, swollen joints, joint swelling,"
    " painful joints, 关节痛, 关节疼, 关节疼痛, 关节肿痛, 关节肿胀",
    "muscle pain": "muscle pain, myalgia, myalgias, muscle aches, body aches, muscle ache, 肌肉酸痛, 肌痛, 肌肉疼,"
    " 全身酸痛",
    "edema": "edema, swelling, swollen, puffiness, 水肿, 浮肿, 肿胀, 肿",
    "rash": "rash, rashes, skin eruption, eruption, exanthem, skin lesion, skin lesions, lesion, lesions, macules,"
    " papules, plaques, plaque, papule, macule, spots, bumps, hives, urticaria, 皮疹, 疹子, 红疹, 皮损, 斑疹, 丘疹,"
    " 荨麻疹, 风团",
    "petechiae": "petechiae, purpura, petechial, purpuric, 瘀点, 紫癜, 出血点, 瘀斑",
    "itching": "itch, itching, itchy, pruritus, pruritic, 瘙痒, 痒, 发痒",
    "bruising": "bruise, bruises, bruising, ecchymosis, easy bruising, 淤青, 青紫, 容易瘀青",
    "bleeding": "bleeding, bleed, bleeds, hemorrhage, 出血, 流血",
    "dysuria": "pain when you urinate, hurt when you urinate, hurts when you pee, hurt when you pee,"
    " pain when you pee, pain passing urine, dysuria, burning on urination, pain on urination, painful urination,"
    " pain when urinating, pain during urination, burning with urination, burning when you urinate,"
    " pain with urination, burns when i pee, burning when you pee, 尿痛, 排尿疼痛, 小便痛, 小便疼, 尿道灼痛",
    "frequency": "urinary frequency, frequent urination, urinating often, urinate often, polyuria, nocturia, urgency,"
    " urinary urgency, 尿频, 尿急, 多尿, 夜尿, 小便次数多",
    "hematuria": "hematuria, blood in urine, blood in the urine, blood in your urine, blood in my urine, bloody urine,"
    " blood in his urine, blood in her urine, red urine, 血尿, 尿血, 尿里有血",
    "urine": "urine, urination, urinate, urinating, pee, voiding, 尿, 小便, 排尿",
    "thirst": "thirst, thirsty, polydipsia, 口渴, 多饮",
    "discharge": "discharge, vaginal discharge, urethral discharge, penile discharge, 分泌物, 白带",
    "vaginal bleeding": "vaginal bleeding, vaginal spotting, bleeding from the vagina, 阴道出血, 阴道流血, 见红",
    "lump": "lump, lumps, mass, masses, nodule, nodules, swelling in the neck, 肿块, 包块, 结节, 肿物",
    "lymph nodes": "lymph node, lymph nodes, lymphadenopathy, swollen glands, glands, adenopathy, 淋巴结",
    "hair loss": "hair loss, alopecia, losing hair, 脱发, 掉头发",
    "tremor": "tremor, tremors, shaking, shaky, 震颤, 手抖, 发抖",
    "gait": "gait, trouble walking, difficulty walking, unsteady, balance, 步态, 走路不稳, 行走困难, 平衡, 跌倒",
    "sleep": "fall asleep, asleep, wakes, wake up, woke up, awake, sleepless, 睡, 入睡, 睡得, 早醒, 夜里醒, sleep,"
    " sleeping, insomnia, 睡眠, 失眠, 睡觉",
    "depression": "depressed, depression, low mood, sad mood, hopeless, 抑郁, 情绪低落, 心情低落",
    "anxiety": "anxiety, anxious, nervous, panic, 焦虑, 紧张, 惊恐",
    "hallucination": "hallucination, hallucinations, hearing voices, hears voices, hear voices, delusions, 幻觉, 幻听,"
    " 妄想",
    "suicide": "suicidal, suicide, suicidal ideation, kill herself, kill himself, kill myself, killing yourself,"
    " kill yourself, end her life, end his life, end my life, end your life, hurting yourself, hurt yourself,"
    " harming yourself, self harm, wants to die, want to die, thoughts of death, 自杀, 轻生, 不想活, 想死, 自伤, 自残,"
    " 结束生命",
    "choking": "stridor, choking, airway obstruction, drooling, throat closing, throat swelling, throat tightness,"
    " 喘鸣, 窒息, 喉头水肿, 气道梗阻, 流涎",
    "lip swelling": "lip swelling, swollen lips, tongue swelling, swollen tongue, facial swelling, angioedema,"
    " swelling of the lips, swelling of the face, swelling of the tongue, 嘴唇肿胀, 舌头肿胀, 面部肿胀, 血管性水肿,"
    " 嘴唇肿",
    "cyanosis": "cyanosis, cyanotic, blue lips, turned blue, turning blue, 发绀, 紫绀, 嘴唇发紫",
    "leg pain": "leg pain, calf pain, claudication, leg cramps, pain in the leg, calf swelling, 腿痛, 腿疼, 小腿痛,"
    " 间歇性跛行",
    "tenderness": "tenderness, tender, rebound, rebound tenderness, 压痛, 反跳痛",
    "stiffness": "stiffness, stiff, morning stiffness, joint stiffness, stiff joints, 僵硬, 发僵, 晨僵, 僵",
    "dry mouth": "dry mouth, mouth is dry, mouth dry, 口干, 嘴巴干, 嘴干",
    "loss of interest": "loss of interest, no interest, lost interest, anhedonia, enjoy, hobbies, hobby, interests,"
    " 兴趣, 爱好, 没兴趣",
    "pain": "pain, painful, ache, aches, aching, hurt, hurts, sore, soreness, 疼痛, 疼, 痛",
    "trauma": "injuries, broke, broken, fracture, fractured, sprain, sprained, 骨折, 扭伤, 跌倒, 摔倒, trauma, injury,"
    " injured, accident, head injury, head trauma, 外伤, 受伤, 摔, 撞",
}  # fmt: skip
CONDITIONS = {
    "hypertension": "hypertension, high blood pressure, hypertensive, 高血压, 血压高",
    "diabetes": "diabetes, diabetic, diabetes mellitus, high blood sugar, 糖尿病, 血糖高",
    "hyperlipidemia": "hyperlipidemia, high cholesterol, hypercholesterolemia, dyslipidemia, 高脂血症, 高血脂, 血脂高",
    "heart disease": "heart disease, coronary artery disease, heart attack, myocardial infarction, heart failure,"
    " cardiac disease, atrial fibrillation, heart problems, heart condition, 冠心病, 心脏病, 心肌梗死, 心梗, 心衰,"
    " 房颤, 心力衰竭",
    "stroke": "stroke, transient ischemic attack, cerebrovascular accident, 中风, 脑卒中, 脑梗死, 脑梗, 脑出血",
    "asthma": "asthma, asthmatic, 哮喘",
    "lung disease": "chronic obstructive pulmonary disease, copd, emphysema, lung disease, 慢阻肺, 肺气肿, 肺病",
    "tuberculosis": "tuberculosis, 结核, 肺结核",
    "cancer": "cancer, cancers, carcinoma, malignancy, tumor, lymphoma, leukemia, melanoma, 癌, 癌症, 恶性肿瘤, 肿瘤,"
    " 白血病, 淋巴瘤",
    "kidney disease": "kidney disease, renal disease, chronic kidney disease, kidney problems, 肾病, 肾脏病, 肾炎",
    "liver disease": "liver disease, cirrhosis, hepatitis, 肝病, 肝硬化, 肝炎, 乙肝",
    "thyroid": "thyroid, hypothyroidism, hyperthyroidism, thyroid disease, 甲状腺, 甲亢, 甲减",
    "epilepsy": "epilepsy, epileptic, 癫痫",
    "immunosuppressed": "immunosuppressed, immunocompromised, immunosuppression, immunosuppressive, immunodeficiency,"
    " chemotherapy, transplant, hiv, hiv positive, weak immune system, 免疫抑制, 免疫缺陷, 化疗, 移植, 艾滋病,"
    " 免疫力低下",
    "vaccination": "vaccination, vaccinations, vaccinated, vaccine, vaccines, immunization, immunizations, immunized,"
    " 疫苗, 接种, 预防针",
    "surgery": "surgery, surgeries, surgical, operation, operations, operated, appendectomy, cholecystectomy,"
    " hysterectomy, tonsillectomy, 手术, 开刀, 切除",
    "pregnant": "pregnant, pregnancy, gravida, gestation, weeks gestation, 怀孕, 妊娠, 孕, 停经",
}  # fmt: skip
THINGS = {
    "pets": "pet, pets, cat, cats, dog, dogs, animal, animals, 宠物, 猫, 狗, 动物",
    "travel": "travel, travels, traveled, travelled, traveling, trip, trips, abroad, overseas, flight, flights, flew,"
    " returned from, 旅行, 旅游, 出国, 出过国, 坐飞机, 回国, 外地",
    "lung": "lung, lungs, 肺, 肺部, 双肺",
    "heart": "heart, 心脏",
    "abdomen": "abdomen, 腹, 腹部, 肚子",
    "chest": "chest, 胸, 胸部",
    "head": "head, 头, 头部, 头颅",
    "skin": "skin, 皮肤",
    "knee": "knee, knees, 膝, 膝盖, 膝关节",
    "leg": "leg, legs, 腿, 下肢, lower extremity, lower extremities, calf, shin, 小腿",
    "arm": "arm, arms, 手臂, 上肢, upper extremity, upper extremities, forearm",
}  # fmt: skip
"""What else has several words: places of the body, and what a history asks for."""
BROADER = {
    **dict.fromkeys(
        (
            "chest pain", "abdominal pain", "headache", "thunderclap", "back pain", "joint pain", "muscle pain", "leg pain",
            "ear pain", "eye pain", "sore throat", "dysuria", "tenderness",
        ),
        "pain",
    ),
    **dict.fromkeys(("hemoptysis", "nosebleed", "vaginal bleeding"), "bleeding"),
    **dict.fromkeys(("melena", "blood in stool", "diarrhea", "constipation"), "stool"),
    **dict.fromkeys(("hematuria", "frequency", "urinary retention"), "urine"),
    "hematemesis": "vomiting", "petechiae": "rash", "blindness": "vision", "visual disturbance": "vision", "hearing loss": "hearing", "lip swelling": "edema", "sputum": "cough",
    "weight loss": "weight", "weight gain": "weight",
}  # fmt: skip
"""What a question asks for that has the wider word: whoever is asked for pain tells of a headache."""
