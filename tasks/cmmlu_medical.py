"""CMMLU, the nine medical subjects: Chinese, four options, one right letter; five solved examples a subject.

A row, the first column without a name: 0,肺泡表面活性物质由哪种细胞分泌,杯状细胞,Ⅱ型肺泡上皮细胞,...,B
"""

from msgspec.structs import replace

from medeval import IN_WRITING, ChoiceSample, Form, Row, Task, Url, lettered, metrics, prompts

# The hub has the same files in an archive behind a script, which its own library no longer runs.
FILES = "https://raw.githubusercontent.com/haonan-li/CMMLU/5b17e8b71d07ffac0d5d6f11c325a1e356b6be4b/data"
# By subject: its Chinese name, as lm-eval says it, and its rows.
SUBJECTS = {
    "anatomy": ("解剖学", 148),
    "clinical_knowledge": ("临床知识", 237),
    "college_medical_statistics": ("大学医学统计", 106),
    "college_medicine": ("大学医学", 273),
    "genetics": ("遗传学", 176),
    "nutrition": ("营养学", 145),
    "professional_medicine": ("专业医学", 376),
    "traditional_chinese_medicine": ("中医中药", 185),
    "virology": ("病毒学", 169),
}


def to_sample(row: Row) -> ChoiceSample:
    """Read a row of the makers' CSV."""
    return ChoiceSample(
        id=row["_id"], language="zh", question=row["Question"].strip(),
        options=lettered([row[label].strip() for label in "ABCD"]), target=(row["Answer"].strip(),),
    )  # fmt: skip


def raw(row: Row) -> ChoiceSample:
    """Read its options letter for letter, blanks before them and all, as lm-eval shows them."""
    return replace(to_sample(row), options=lettered([row[label] for label in "ABCD"]))


def stem_options_zh(each: ChoiceSample) -> str:
    """The prompt of lm-eval's cmmlu."""
    return f"{each.question}\n{prompts.options_listed(each)}答案："


def subject(name: str, said: str, rows: int) -> Task:
    """Declare one subject."""
    title = name.replace("_", " ").replace("chinese", "Chinese")
    return Task(
        title=f"CMMLU {title}",
        measures=f"Knowledge of {title} in Chinese, on questions of exams in China.",
        capabilities=("knowledge",),
        paper="arXiv:2306.09212",
        licence="CC BY-NC-SA 4.0",
        language="zh",
        version=1,
        chance=1 / 4,
        rows=rows,
        folder="cmmlu",
        forms=(
            # Unpacked, the archive cmmlu_v1_0_1.zip has the same files at the same places.
            Form(
                name="original",
                files=(Url(url=f"{FILES}/test/{name}.csv", name=f"test/{name}.csv"),),
                to_sample=to_sample,
                exact=raw,
                exemplars=(Url(url=f"{FILES}/dev/{name}.csv", name=f"dev/{name}.csv"),),
            ),
        ),
        wordings={**prompts.with_letters_zh(), "letters": stem_options_zh, "written:plain": stem_options_zh},
        preamble=f"以下是关于{said}的单项选择题，请直接给出正确答案的选项。\n\n",
        # As CMB-Exam, so that both make a mean: letters after a full-width colon merge with it in many vocabularies.
        manners=IN_WRITING,
        protocols=("lm-eval",),
        metrics=(metrics.accuracy,),
        also=metrics.exam("ABCD"),
        tables=metrics.exam_tables("ABCD"),
        traps=(
            "The golds are balanced: over the 1,815 questions of all nine subjects the commonest letter has 25.5 %.",
            "lm-eval puts a blank between the full-width colon and the letter; here only --protocol lm-eval does.",
            "Its makers ask otherwise: 题目： before the question, and 答案是： after the options.",
            "Some golds are wrong: of the nerves with fibres of taste, anatomy names the hypoglossal.",
            "Some questions stand twice, and virology asks about epidemiology as often as about viruses.",
            "Options that say NA or None become no text at all where pandas reads them; here they stay.",
            "The hub's card says CC BY-NC 4.0, the makers' own repository CC BY-NC-SA 4.0.",
        ),
    )


TASKS = {name: subject(name, *facts) for name, facts in SUBJECTS.items()}
