"""CMB-Exam: Chinese medical exams of six types and 28 classes; one right letter, or several.

A row: {"id": 1, "exam_type": "医师考试", "exam_class": "规培结业", "exam_subject": "临床病理科", "question": "...",
"question_type": "单项选择题", "option": {"A": "...", ...}}; the answers are a file of their own, joined by id.
"""

import re
from collections.abc import Iterator, Sequence

from medeval import (
    IN_WRITING,
    ChoiceSample,
    Form,
    Hub,
    Local,
    Metric,
    Option,
    Row,
    Style,
    Task,
    Url,
    Walk,
    lettered,
    metrics,
)

REPO = "FreedomIntelligence/CMB"
REVISION = "935fbc09edf1303d89872b21265ff597f426ac0d"
ANSWERS = "https://raw.githubusercontent.com/FreedomIntelligence/CMB/6c8ece46097dae736c6805dd3b831e1a38c08971/data"
SEVERAL = "多项选择题"
PARTS = ("exam_type", "exam_class", "question_type")
STATED = re.compile(r"(?:答案|正确选项)(?:是|：|为|应该是|应该为)(.*?)(?:。|\.|$)", re.DOTALL)


def joined(questions: Sequence[Row], answers: Sequence[Row]) -> Iterator[Row]:
    """Give every question its answer, by id."""
    golds = {row["id"]: row for row in answers}
    for row in questions:
        gold = golds[row["id"]]
        yield {**row, "answer": gold["answer"], "several": gold["question_type"] == SEVERAL}


def to_sample(row: Row) -> ChoiceSample:
    """Read a question with its answer; empty options are none."""
    options = {label: text.strip() for label, text in row["option"].items() if text and text.strip()}
    # In 19 rows a sixth option is a bare digit, nearly always the place of the right one: an answer that leaked.
    if len(options.get("F", "")) == 1 and options["F"].isdigit() and "F" not in row["answer"]:
        del options["F"]
    return sample(row, options)


def as_shown(row: Row) -> ChoiceSample:
    """Read a question as CMB's own code shows it, which leaves options of one character out."""
    return sample(row, {label: text if len(text) > 1 else "" for label, text in row["option"].items() if text})


def sample(row: Row, options: dict[str, str]) -> ChoiceSample:
    """Take what all forms share."""
    return ChoiceSample(
        id=str(row.get("id", row["_id"])),
        language="zh",
        question=row["question"].strip(),
        options=tuple([Option(label=label, text=options[label]) for label in sorted(options)]),
        target=tuple(row["answer"]),
        several=bool(row.get("several", row["question_type"] == SEVERAL)),
        slices={part: row[part] for part in PARTS},
        explanation=row.get("explanation") or "",
    )


def from_single(row: Row) -> ChoiceSample:
    """Read a row of the 2,000 single-answer questions in Apollo's test file, which has lost its exams."""
    texts = re.split(r"^\([A-Z]\) ", row["options"], flags=re.MULTILINE)[1:]
    return ChoiceSample(
        id=row["_id"],
        language="zh",
        question=row["question"].strip(),
        options=lettered([text.strip().removesuffix(".") for text in texts]),
        target=(row["answer"].strip("()"),),
    )


def heading(each: ChoiceSample) -> str:
    """The official first line, as far as it is known what exam a question is from."""
    exam_type, exam_class, question_type = [each.slices.get(part, "") for part in PARTS]
    exam = f"{exam_type}中{exam_class}考试" if exam_type else "医学考试"
    return f"以下是中国{exam}的一道{question_type or '单项选择题'}"


def listed(each: ChoiceSample) -> str:
    """One option a line, but for those of which nothing is shown."""
    return "\n".join([f"{option.label}. {option.text}" for option in each.options if option.text])


def answer_only(each: ChoiceSample) -> str:
    """The official prompt for an answer and nothing else."""
    return f"{heading(each)}，不需要做任何分析和解释，直接输出答案选项。\n{each.question}\n{listed(each)}"


def with_reasons(each: ChoiceSample) -> str:
    """The official prompt for a train of thought."""
    return f"{heading(each)}，请分析每个选项，并最后给出答案。\n{each.question}\n{listed(each)}"


def plain_answer_only(each: ChoiceSample) -> str:
    """The official frame for plain text, around the same."""
    return f"问：{answer_only(each)}\n答："


def plain_with_reasons(each: ChoiceSample) -> str:
    """The official frame for plain text, around the same."""
    return f"问：{with_reasons(each)}\n答："


def solution(each: ChoiceSample, style: Style) -> str:
    """What a solved example says."""
    stated = f"答案是{''.join(each.target)}。"
    return f"{each.explanation}所以{stated}" if style == "reasoned" else stated


def match_choice(text: str) -> str:
    """Read letters as CMB's own code does: from the first statement, else every capital from A to G."""
    stated = STATED.search(text)
    return "".join(re.findall("[A-G]", stated[1] if stated else text))


def official_mark(each: ChoiceSample, walk: Walk) -> float:
    """Compare the letters as they stand, as score.py does; four golds are unsorted."""
    said = match_choice(getattr(walk.exchanges[-1].reply, "text", ""))
    return float((said if each.several else said[:1]) == "".join(each.target))


OFFICIAL = Metric(
    name="official",
    about="CMB's own score: its reader, and letters compared as a text, order included.",
    version=1,
    mark=official_mark,
    voted=False,
)

TASK = Task(
    title="CMB-Exam (test)",
    measures="Breadth of medical knowledge in Chinese: the exams of physicians, nurses, pharmacists and technicians.",
    capabilities=("knowledge",),
    paper="arXiv:2308.08833",
    licence="Apache-2.0",
    obtain="The whole is fetched. For single2000, save the rows of CMB-Exam in metadata/test/zh.json of "
    "github.com/FreedomIntelligence/Apollo as cmb/cmb_single_2000.json.",
    language="zh",
    version=1,
    chance=0.18,
    rows=11_200,
    folder="cmb",
    forms=(
        Form(
            name="original",
            files=(
                Hub(
                    repo=REPO,
                    path="CMB-Exam/CMB-test/CMB-test-choice-question-merge.json",
                    revision=REVISION,
                    sha256="99e6e858dd1955fe2b27fd1da75a7be8fbf6d27059fdb8cf61bc28383a68129c",
                ),
                Url(
                    url=f"{ANSWERS}/CMB-test-choice-answer.json",
                    sha256="42130b20f7660a83dd92f3c005eb6a8ef1221c98d9b27d3351204143944b532f",
                ),
            ),
            join=joined,
            to_sample=to_sample,
            exact=as_shown,
            exemplars=(Hub(repo=REPO, path="CMB-Exam/CMB-val/CMB-val-merge.json", revision=REVISION),),
        ),
        Form(
            name="single2000",
            files=(
                Local(
                    path="cmb_single_2000.json",
                    sha256="4114390fc3e00ca2c7ecd5089980243a338dda8c64d47bc95976aedcf167c127",
                ),
            ),
            to_sample=from_single,
            rows=2000,
        ),
    ),
    wordings={
        "written": answer_only, "written:plain": plain_answer_only,
        "reasoned": with_reasons, "reasoned:plain": plain_with_reasons,
    },
    solution=solution,
    between="\n",
    exemplars_by="exam_class",
    manners=IN_WRITING,
    protocols=("cmb-official",),
    metrics=(
        metrics.accuracy,
        metrics.mean_over(metrics.accuracy, "mean_of_types", "exam_type", "exam_class"),
        OFFICIAL,
        metrics.mean_over(OFFICIAL, "official_mean_of_types", "exam_type", "exam_class"),
        metrics.partial_credit,
    ),
    also=metrics.exam("ABCDEF"),
    tables=metrics.exam_tables("ABCDEF"),
    slices=PARTS,
    traps=(
        "1,190 questions want several letters, all of them and no other; 25 of these have one letter all the same.",
        "Four golds are unsorted (EB, EC, DB, CA): compared as texts, a sorted answer to them is wrong.",
        "The official score has a mean of classes for every exam type and nothing overall; the mean of types is ours.",
        "CMB's own code drops options of one character, some of them real; --protocol cmb-official does so too.",
        "In 19 questions a sixth option is a bare digit that gives the answer away; here it is left out.",
        "The single2000 form has other questions in it than the whole: its numbers stand in a column of their own.",
    ),
)  # fmt: skip
