"""What people call the columns of an exam, in English and Chinese."""

import re
from collections.abc import Mapping

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "q", "stem", "question text", "item", "prompt",
        "题干", "题目", "试题", "问题", "试题内容", "题目内容", "题干内容", "考题",
    ),
    "answer": (
        "answer", "answers", "correct", "correct answer", "right answer", "key", "answer key", "gold", "label",
        "correct option", "correct choice", "solution", "cop",
        "答案", "正确答案", "标准答案", "参考答案", "正确选项", "答案选项",
    ),
    "references": (
        "reference", "references", "model answer", "reference answer", "expected answer", "ideal answer",
        "sample answer", "参考回答", "参考解答", "标准回答", "参考答案要点",
    ),
    "criteria": (
        "criteria", "rubric", "scoring points", "marking scheme", "评分标准", "评分要点", "得分点", "采分点",
    ),
    "options": ("options", "choices", "alternatives", "选项", "备选答案", "候选项"),
    "id": (
        "id", "no", "no.", "number", "nr", "uid", "qid", "question id", "item id", "#",
        "编号", "题号", "序号", "试题编号",
    ),
    "context": (
        "case", "context", "passage", "vignette", "scenario", "patient", "history",
        "病例", "材料", "背景", "共用题干", "病历", "案例", "病史",
    ),
    "explanation": (
        "explanation", "rationale", "reason", "comment", "discussion",
        "解析", "答案解析", "试题解析", "说明", "解释",
    ),
    "several": ("type", "question type", "item type", "kind", "题型", "试题类型", "题目类型", "类型"),
}  # fmt: skip
NUMERALS = str.maketrans("一二三四五六", "123456")
_OPTION = re.compile(
    r"(?:option|choice|opt|op|answer|选项|备选答案|备选)?[\s_.-]{0,2}[(（]?(?P<mark>[a-j]|10|[1-9]|[一二三四五六])[)）]?[.、:：]?(?:选项)?",
    re.IGNORECASE,
)


def means(heading: str) -> str:
    """What a column of this name usually is; empty: nobody knows."""
    said = plain(heading)
    return next((word for word, names in HEADINGS.items() if said in names), "")


def option_of(heading: str) -> str:
    """The letter or number of the option whose texts stand below a heading; empty: no option."""
    match = _OPTION.fullmatch(plain(heading))
    return match["mark"].upper().translate(NUMERALS) if match else ""


def plain(heading: str) -> str:
    """A heading in the form in which two are compared: no case, no underscores, no remark in brackets."""
    bare = re.sub(r"[(（\[](?:s|.{2,30})[)）\]]$", "", heading.strip()) or heading
    return " ".join(bare.replace("_", " ").casefold().split()).strip(" :：*＊")
