"""How an exam is put: in the house's words, in the language of each question, or in its owner's own."""

from collections.abc import Iterator, Mapping, Sequence

from medeval import prompts
from medeval.errors import TaskError
from medeval.exams.declared import Exam
from medeval.prompts import Wording
from medeval.prompts.wordings import passage
from medeval.records import ChoiceSample, Language, OpenSample

LETTERS: Mapping[Language, str] = {
    "en": 'Give the letters of all right options; one or several may be right. End with a last line "Answer: X, Y".',
    "zh": "请给出所有正确选项的字母（可能有一个或多个），最后一行写“答案：XY”。",
}
THINK: Mapping[Language, str] = {"en": "Think step by step.\n", "zh": "请一步一步地分析。\n"}
OPEN: Mapping[Language, tuple[str, str]] = {"en": ("Question: ", "\nAnswer:"), "zh": ("问题：", "\n回答：")}
WORDED = {**prompts.with_letters(prompts.question_options), "written:plain": prompts.question_options}


def wordings_of(exam: Exam, *, several: bool) -> dict[str, Wording]:
    """The wording of every style in which the exam can be put."""
    own = _own(exam, several=several)
    if exam.kind != "choice":
        return {"written": prompts.last_turn, "written:plain": _asked_plainly, **own}
    zh = prompts.with_letters_zh()
    both: dict[str, Mapping[Language, Wording]] = {
        style: {"en": _after_passage(worded) if style in PLAIN else worded, "zh": zh[style]}
        for style, worded in WORDED.items()
    }
    if several:
        # Letters one by one have no probabilities that would say which of them belong together.
        house = {style: _all_letters(both[style], think=style == "reasoned") for style in ("written", "reasoned")}
    else:
        house = {style: _by_language(worded) for style, worded in both.items()}
    return {**house, **own}


PLAIN = ("letters", "written:plain")
"""Styles whose English prompt is lm-eval's, which knows of nothing to read first."""


def unshown(wordings: Mapping[str, Wording], questions: Sequence[ChoiceSample | OpenSample]) -> Iterator[str]:
    """Own words that fail, or never show what is asked; of each the first question that they fail."""
    for wording in dict.fromkeys(wordings.values()):
        for each in questions:
            try:
                said = _letters(wording(each))
            except TaskError as error:
                yield error.faults[0]
                break
            if _letters(each.question if isinstance(each, ChoiceSample) else each.stem) not in said:
                yield f"the prompt does not show question {each.id!r}. Write {{{{ question }}}} where it is to stand."
                break


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _own(exam: Exam, *, several: bool) -> dict[str, Wording]:
    """The owner's words: one text for every style in which options are shown, or a text for each style."""
    if isinstance(exam.prompt, str):
        styles = ("letters", "written", "reasoned")[several:] if exam.kind == "choice" else ("written",)
        texts = dict.fromkeys(styles, exam.prompt) if exam.prompt else {}
    else:
        texts = exam.prompt
    made = {text: prompts.template(text) for text in texts.values()}
    return {way: made[text] for style, text in texts.items() for way in (style, f"{style}:chat", f"{style}:plain")}


def _by_language(worded: Mapping[Language, Wording]) -> Wording:
    def wording(sample: ChoiceSample) -> str:
        return worded[sample.language](sample)

    return wording


def _after_passage(worded: Wording) -> Wording:
    def wording(sample: ChoiceSample) -> str:
        return f"{passage(sample)}{worded(sample)}"

    return wording


def _all_letters(one: Mapping[Language, Wording], *, think: bool) -> Wording:
    """Ask for all right options, where a question does not say that there is one only."""

    def wording(sample: ChoiceSample) -> str:
        if not sample.several:
            return one[sample.language](sample)
        asked = f"{passage(sample)}{sample.question}\n\n{prompts.options_listed(sample)}\n"
        return asked + (THINK[sample.language] if think else "") + LETTERS[sample.language]

    return wording


def _asked_plainly(sample: OpenSample) -> str:
    before, after = OPEN[sample.language]
    return f"{before}{sample.messages[-1].content}{after}"
