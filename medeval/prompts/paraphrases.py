"""Other wordings for the same question: what hangs on the words of a prompt shows where they change."""

from collections.abc import Mapping

from medeval.prompts import wordings as w
from medeval.prompts.asking import CHOSEN
from medeval.prompts.wordings import Wording
from medeval.records import ChoiceSample, Sample, Setting

Said = tuple[str, str]
"""What stands before the question, and what after its options."""
INTRODUCED = {"en": "The following is a medical question.\n\n", "zh": "下面是一道医学题。\n\n"}
LETTERS: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("{choose}\n\n", "The best option is:"),
        (INTRODUCED["en"], "Correct option:"),
        ("", "Of these options the right one is:"),
    ),
    "zh": (
        ("{choose}\n\n", "最佳选项："),
        (INTRODUCED["zh"], "正确选项："),
        ("", "以上选项中正确的是："),
    ),
}
WORDS: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("{choose}\n\n", "Your decision:"),
        (INTRODUCED["en"], "Answer, as {what}:"),
        ("", "The right answer is:"),
    ),
    "zh": (
        ("{choose}\n\n", "你的判断："),
        (INTRODUCED["zh"], "请用{what}作答："),
        ("", "正确答案是："),
    ),
}
"""Where nothing is listed, because options are words that are their own names."""
REPLIES: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("{choose}\n\n", "Write nothing but {what}."),
        (INTRODUCED["en"], "Only {what}, please, without an explanation."),
        ("", "Reply with {what} and nothing else."),
    ),
    "zh": (
        ("{choose}\n\n", "除{what}外什么都不要写。"),
        (INTRODUCED["zh"], "请只给出{what}，不要解释。"),
        ("", "正确答案是什么？只用{what}作答。"),
    ),
}
WRITTEN: Mapping[str, tuple[Said, ...]] = {
    "en": (
        ("{choose}\n\n", 'Finish with a line of its own, "Answer: X", where X is {what}.'),
        (INTRODUCED["en"], 'Your last line must be "Answer: X", where X stands for {what}.'),
        ("", 'Decide, and close with the line "Answer: X", X being {what}.'),
    ),
    "zh": (
        ("{choose}\n\n", "最后单独一行写“答案：X”，X为{what}。"),
        (INTRODUCED["zh"], "最后一行必须是“答案：X”，其中X是{what}。"),
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
        plain = WORDS if _named(sample) else LETTERS
        said = (REPLIES if setting.chat else plain)[sample.language]
    else:
        said = (WRITTEN if setting.style == "written" else REASONED)[sample.language]
    return tuple([_wording(before, after) for before, after in said])


def _wording(before: str, after: str) -> Wording:
    def worded(sample: ChoiceSample) -> str:
        listed = "" if _named(sample) else f"{w.options_listed(sample)}\n"
        what, choose = _what(sample), _choose(sample)
        head, tail = before.format(what=what, choose=choose), after.format(what=what, choose=choose)
        return f"{head}{w.passage(sample)}{sample.question}\n\n{listed}{tail}"

    return worded


def _named(sample: ChoiceSample) -> bool:
    """Whether options are words that are their own names."""
    return all(option.anchored for option in sample.options)


def _choose(sample: ChoiceSample) -> str:
    if sample.language == "zh":
        return "请选出所有正确选项。" if sample.several else "请作出判断。" if _named(sample) else "请选出最佳选项。"
    return (
        "Choose every right option." if sample.several else "Decide." if _named(sample) else "Choose the best option."
    )


def _what(sample: ChoiceSample) -> str:
    """What an answer is made of: a letter, all right ones, or one of a few words."""
    chinese = sample.language == "zh"
    if _named(sample):
        words = ("、" if chinese else ", ").join(sample.labels)
        return f"{words}之一" if chinese else f"one word of {words}"
    if sample.several:
        return "所有正确选项的字母" if chinese else "the letters of all right options"
    return "正确选项的字母" if chinese else "the letter of the right option"
