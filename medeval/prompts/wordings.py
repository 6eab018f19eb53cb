"""The house's wordings: plain functions from a sample to a text, since every run calls them for every question."""

from collections.abc import Callable
from typing import Any

from medeval.records import ChoiceSample, DialogueSample, OpenSample

Wording = Callable[[Any], str]
"""For samples of one kind, which the function names."""


def options_listed(sample: ChoiceSample) -> str:
    """One option a line: `A. text`."""
    return "".join([f"{option.label}. {option.text}\n" for option in sample.options])


def question_options(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's medqa_4options."""
    return f"Question: {sample.question}\n{options_listed(sample)}Answer:"


def question_choices(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's medmcqa: as medqa's, with a line `Choices:`."""
    return f"Question: {sample.question}\nChoices:\n{options_listed(sample)}Answer:"


def stem_options(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's mmlu: as medqa's, without the word before the question."""
    return f"{sample.question}\n{options_listed(sample)}Answer:"


def abstract_question(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's pubmedqa; without a context, the question alone."""
    abstract = f"Abstract: {sample.context}\n" if sample.context else ""
    return f"{abstract}Question: {sample.question}\nAnswer:"


def write_a_letter(sample: ChoiceSample) -> str:
    """Ask for the letter of an option, on a last line that can be read without doubt."""
    return (
        f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\n"
        'Give the letter of the right option. End with a last line "Answer: X".'
    )


def write_a_word(sample: ChoiceSample) -> str:
    """Ask for one of a few words, such as yes, no and maybe."""
    words = ", ".join(sample.labels)
    return f'{passage(sample)}{sample.question}\n\nAnswer with one word of: {words}. End with a last line "Answer: X".'


def question_only(sample: ChoiceSample) -> str:
    """The question without its options, for scoring each option's own text."""
    return f"Question: {passage(sample)}{sample.question}\nAnswer:"


def reply_with_a_letter(sample: ChoiceSample) -> str:
    """Ask for nothing but the letter."""
    return f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\nReply with the letter only."


def reply_with_a_word(sample: ChoiceSample) -> str:
    """Ask for nothing but one of a few words."""
    return f"{passage(sample)}{sample.question}\n\nReply with one word of: {', '.join(sample.labels)}. Nothing else."


def reason_to_a_letter(sample: ChoiceSample) -> str:
    """Ask for a train of thought, and the letter of an option on the last line."""
    return (
        f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\n"
        'Think step by step. End with a last line "Answer: X", where X is the letter of the right option.'
    )


def reason_to_a_word(sample: ChoiceSample) -> str:
    """Ask for a train of thought, and one of a few words on the last line."""
    words = ", ".join(sample.labels)
    return (
        f"{passage(sample)}{sample.question}\n\n"
        f'Think step by step. End with a last line "Answer: X", where X is one word of: {words}.'
    )


def last_turn(sample: OpenSample) -> str:
    """What was asked last, as it is."""
    return sample.messages[-1].content


def first_turn(sample: DialogueSample) -> str:
    """What is asked first, after what there is to read."""
    return "\n".join(filter(None, [sample.context, sample.turns[0].asked]))


# --- Chinese ------------------------------------------------------------------------------


def question_options_zh(sample: ChoiceSample) -> str:
    """A question with its options, and nothing after the colon."""
    return f"{passage(sample)}题目：{sample.question}\n{options_listed(sample)}答案："


def question_only_zh(sample: ChoiceSample) -> str:
    """The question without its options, for scoring each option's own text."""
    return f"{passage(sample)}题目：{sample.question}\n答案："


def reply_with_a_letter_zh(sample: ChoiceSample) -> str:
    """Ask for nothing but the letter."""
    return f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\n只回答正确选项的字母。"


def write_a_letter_zh(sample: ChoiceSample) -> str:
    """Ask for the letter of an option, on a last line that can be read without doubt."""
    return (
        f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\n请给出正确选项的字母，最后一行写“答案：X”。"
    )


def reason_to_a_letter_zh(sample: ChoiceSample) -> str:
    """Ask for a train of thought, and the letter of an option on the last line."""
    return (
        f"{passage(sample)}{sample.question}\n\n{options_listed(sample)}\n"
        "请一步一步地分析，最后一行写“答案：X”，X为正确选项的字母。"
    )


# --- sets, by style; `style:chat` and `style:plain` stand before `style` ----------------------


def with_letters(letters: Wording) -> dict[str, Wording]:
    """Every style for an English exam with lettered options; `letters` is its published prompt."""
    return {
        "letters": letters, "letters:chat": reply_with_a_letter, "options": question_only,
        "written": write_a_letter, "reasoned": reason_to_a_letter,
    }  # fmt: skip


def with_words(letters: Wording) -> dict[str, Wording]:
    """Every style for questions that are answered by one of a few words, which are their own texts."""
    return {
        "letters": letters, "letters:chat": reply_with_a_word,
        "written": write_a_word, "reasoned": reason_to_a_word,
    }  # fmt: skip


def with_letters_zh() -> dict[str, Wording]:
    """Every style for a Chinese exam with lettered options."""
    return {
        "letters": question_options_zh, "letters:chat": reply_with_a_letter_zh, "options": question_only_zh,
        "written": write_a_letter_zh, "written:plain": question_options_zh, "reasoned": reason_to_a_letter_zh,
    }  # fmt: skip


def passage(sample: ChoiceSample) -> str:
    """What a question is about, where it stands apart."""
    return f"{sample.context}\n\n" if sample.context else ""
