"""Every word of the page for raters, in its two languages; what is rated has words of its own."""

from collections.abc import Mapping

from medeval.gradings import Per
from medeval.records import Criterion, Language

OVERALL = Criterion(
    name="overall", text="All in all, the answer that you would rather see given to a patient.",
    chinese="总的来说，您更愿意把哪个回答给患者。",
)  # fmt: skip
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Rating answers",
        "lead_single": "Please grade each answer by every criterion, from 1 (not at all met) to 5 (fully met).",
        "lead_pair": "Please compare the two answers by every criterion, and then all in all.",
        "blind": "Who wrote an answer is not told. Its length and its place count for nothing.",
        "reference_hint": "Where there is a reference, it is one good answer; others may be as good in other words.",
        "saved_hint": "What you choose is kept in this browser on this computer at once. "
        "Nothing is sent anywhere: at the end you save a file and hand it back.",
        "name": "Your name or initials",
        "name_why": "It names your file, and tells your grades from those of others.",
        "name_missing": "Please enter your name or initials first.",
        "code": "Your code",
        "begin": "Begin",
        "resume": "Go on",
        "instructions": "Instructions",
        "criteria": "Criteria",
        "scale": "Grades",
        "items": "Items",
        "item": "Item {at} of {all}",
        "progress": "{done} of {all} rated",
        "question": "Question",
        "conversation": "Conversation",
        "patient": "Patient",
        "doctor": "Doctor",
        "answer": "Answer",
        "to_grade": "to be graded",
        "empty": "(no text)",
        "reference": "Reference answer",
        "grades": "Grades",
        "comment": "Comment (optional)",
        "previous": "Previous",
        "next": "Next",
        "finish": "Finish",
        "back": "Back to the items",
        "open": "open",
        "partly": "begun",
        "done": "rated",
        "all_done": "All items are rated. Please save your file and hand it back.",
        "not_done": "Not everything is rated yet. You can go on, or save what there is.",
        "next_open": "Go to the next open item",
        "save": "Save ratings to a file",
        "saved": "The file was made. If nothing was downloaded, copy the text below.",
        "no_download": "If the download does not work",
        "copy_hint": "Copy this text into a file that ends in .json, and hand it back.",
        "copy": "Copy the text",
        "copied": "Copied.",
        "kept": "Kept in this browser.",
        "not_kept": "This browser keeps nothing: save your file before you close the page.",
        "keys": "Keyboard",
        "keys_on": "Use single keys",
        "key_grade": "pick a grade and go on to the next criterion",
        "key_next": "next item, previous item",
        "key_arrows": "the same, where no grade is in focus",
        "key_comment": "write a comment; Esc leaves it",
        "no_script": "This page needs JavaScript. It runs from the file alone and sends nothing.",
    },
    "zh": {
        "title": "回答评分",
        "lead_single": "请按每条标准为每个回答打分，1 分为完全不符合，5 分为完全符合。",
        "lead_pair": "请按每条标准比较两个回答，最后给出总体判断。",
        "blind": "回答的作者不予显示。回答的长短和先后次序都不影响评分。",
        "reference_hint": "如有参考答案，它只是一种好的回答；措辞不同的回答也可以同样好。",
        "saved_hint": "您的选择会立即保存在本机的浏览器中，不会发送到任何地方。完成后请保存文件并交回。",
        "name": "您的姓名或代号",
        "name_why": "用于命名文件，并与其他评分者区分。",
        "name_missing": "请先填写姓名或代号。",
        "code": "您的编号",
        "begin": "开始",
        "resume": "继续",
        "instructions": "说明",
        "criteria": "标准",
        "scale": "分值",
        "items": "题目",
        "item": "第 {at} 题，共 {all} 题",
        "progress": "已评 {done} / {all}",
        "question": "问题",
        "conversation": "对话",
        "patient": "患者",
        "doctor": "医生",
        "answer": "回答",
        "to_grade": "待评分",
        "empty": "（无内容）",
        "reference": "参考答案",
        "grades": "评分",
        "comment": "备注（选填）",
        "previous": "上一题",
        "next": "下一题",
        "finish": "完成",
        "back": "返回题目",
        "open": "未评",
        "partly": "未评完",
        "done": "已评",
        "all_done": "全部题目已评完，请保存文件并交回。",
        "not_done": "还有题目未评完。您可以继续，也可以先保存已有结果。",
        "next_open": "前往下一道未评题",
        "save": "将评分保存为文件",
        "saved": "文件已生成。若没有下载，请复制下方文字。",
        "no_download": "无法下载时",
        "copy_hint": "请将这段文字复制到以 .json 结尾的文件中并交回。",
        "copy": "复制文字",
        "copied": "已复制。",
        "kept": "已保存在本浏览器。",
        "not_kept": "本浏览器无法保存：关闭页面前请先保存文件。",
        "keys": "键盘操作",
        "keys_on": "启用单键操作",
        "key_grade": "选择分值并转到下一条标准",
        "key_next": "下一题、上一题",
        "key_arrows": "同上（焦点不在分值上时）",
        "key_comment": "填写备注，Esc 退出",
        "no_script": "本页需要 JavaScript。它只在本文件内运行，不发送任何数据。",
    },
}
GRADES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "1": "not at all", "2": "hardly", "3": "in part", "4": "largely", "5": "fully",
        "A": "A is better", "tie": "Tie", "B": "B is better",
    },
    "zh": {
        "1": "完全不符合", "2": "很少符合", "3": "部分符合", "4": "大体符合", "5": "完全符合",
        "A": "A 更好", "tie": "不分高下", "B": "B 更好",
    },
}  # fmt: skip
TITLES: Mapping[Language, Mapping[str, str]] = {
    "en": {"patient_friendly": "Patient-friendly", "doctor_like": "Doctor-like"},
    "zh": {
        "professional": "专业", "safe": "安全", "helpful": "有帮助", "fluent": "流畅", "patient_friendly": "对患者友好",
        "doctor_like": "像医生", "proactive": "主动", "fluency": "流畅性", "relevance": "相关性",
        "completeness": "完整性", "proficiency": "医学水平", "proactivity": "主动性",
        "accuracy": "准确性", "helpfulness": "实用性", "linguistic_quality": "语言质量", "overall": "总体",
    },
}  # fmt: skip
"""What criteria are called, where it is more than their names with blanks."""
OF_DIALOGUES: Mapping[Language, str] = {
    "en": "The whole conversation is graded: how the doctor leads it from beginning to end.",
    "zh": "请评价整段对话：医生从头到尾如何引导对话。",
}


def named(criterion: Criterion, language: Language) -> tuple[str, str]:
    """What a criterion is called, and what it says."""
    title = TITLES[language].get(criterion.name, criterion.name.replace("_", " ").capitalize())
    return title, criterion.chinese or criterion.text if language == "zh" else criterion.text


def lead(language: Language, per: Per, *, pair: bool) -> tuple[str, ...]:
    """What a rater is told first, a paragraph each."""
    words = WORDS[language]
    told = [words["lead_pair" if pair else "lead_single"], words["blind"], words["reference_hint"], words["saved_hint"]]
    if per == "dialogue":
        told.insert(1, OF_DIALOGUES[language])
    return tuple(told)
