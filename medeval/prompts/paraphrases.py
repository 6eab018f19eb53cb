"""Other wordings for the same question: what hangs on the words of a prompt shows where they change."""

from collections.abc import Mapping

from medeval.prompts import wordings as w
from medeval.prompts.asking import CHOSEN
from medeval.prompts.wordings import Wording
from medeval.records import ChoiceSample, Sample, Setting

Said = tuple[str, str]
"""What stands before the question, and what after its options."""
LETTERS: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("Choose the best option.\n\n", "The best option is:"),
        ("The following is a question from a medical exam.\n\n", "Correct option:"),
        ("", "Of these options the right one is:"),
    ),
    "zh": (
        ("请选出最佳选项。\n\n", "最佳选项："),
        ("下面是一道医学考试题。\n\n", "正确选项："),
        ("", "以上选项中正确的是："),
    ),
}
REPLIES: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("Choose the best option.\n\n", "Write nothing but {what}."),
        ("The following is a question from a medical exam.\n\n", "Only {what}, please, without an explanation."),
        ("", "Which is right? Answer with {what} alone."),
    ),
    "zh": (
        ("请选出最佳选项。\n\n", "除{what}外什么都不要写。"),
        ("下面是一道医学考试题。\n\n", "请只给出{what}，不要解释。"),
        ("", "哪一项正确？只用{what}作答。"),
    ),
}
WRITTEN: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("Choose the best option.\n\n", 'Finish with a line of its own, "Answer: X", where X is {what}.'),
        (
            "The following is a question from a medical exam.\n\n",
            'Your last line must be "Answer: X"; X stands for {what}.',
        ),
        ("", 'Decide, and close with the line "Answer: X", X being {what}.'),
    ),
    "zh": (
        ("请选出最佳选项。\n\n", "最后单独一行写“答案：X”，X为{what}。"),
        ("下面是一道医学考试题。\n\n", "最后一行必须是“答案：X”，其中X是{what}。"),
        ("", "请作出判断，并以“答案：X”一行结尾，X即{what}。"),
    ),
}
REASONED: Mapping[str, tuple[Said, ...]] = {
    "en": tuple([(before, f"Reason before you answer. {after}") for before, after in WRITTEN["en"]]),
    "zh": tuple([(before, f"请先推理再作答。{after}") for before, after in WRITTEN["zh"]]),
}


def other_wordings(sample: Sample, setting: Setting) -> tuple[Wording, ...]:
    """Wordings of the house for questions with options, beside the task's own; none for texts."""
    if not isinstance(sample, ChoiceSample) or setting.style == "options":
        return ()
    if setting.style in CHOSEN:
        said = (REPLIES if setting.chat else LETTERS)[sample.language]
    else:
        said = (WRITTEN if setting.style == "written" else REASONED)[sample.language]
    return tuple([_wording(before, after) for before, after in said])


def _wording(before: str, after: str) -> Wording:
    def worded(sample: ChoiceSample) -> str:
        listed = "" if all(option.anchored for option in sample.options) else f"{w.options_listed(sample)}\n"
        return f"{before}{w.passage(sample)}{sample.question}\n\n{listed}{after.format(what=_what(sample))}"

    return worded


def _what(sample: ChoiceSample) -> str:
    """What an answer is made of: a letter, or one of a few words."""
    chinese = sample.language == "zh"
    if all(option.anchored for option in sample.options):
        words = ("、" if chinese else ", ").join(sample.labels)
        return f"{words}之一" if chinese else f"one word of {words}"
    return "正确选项的字母" if chinese else "the letter of the right option"
