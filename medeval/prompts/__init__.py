"""Ways to put a question: wordings, templates of others, and how either is brought before a model."""

from medeval.prompts.asking import Asking
from medeval.prompts.paraphrases import other_wordings
from medeval.prompts.templates import template
from medeval.prompts.wordings import (
    Wording,
    abstract_question,
    first_turn,
    last_turn,
    options_listed,
    question_choices,
    question_only,
    question_only_zh,
    question_options,
    question_options_zh,
    reason_to_a_letter,
    reason_to_a_letter_zh,
    reason_to_a_word,
    reply_with_a_letter,
    reply_with_a_letter_zh,
    reply_with_a_word,
    stem_options,
    with_letters,
    with_letters_zh,
    with_words,
    write_a_letter,
    write_a_letter_zh,
    write_a_word,
)

__all__ = [
    "Asking", "Wording", "abstract_question", "first_turn", "last_turn", "options_listed", "other_wordings",
    "question_choices", "question_only", "question_only_zh", "question_options", "question_options_zh",
    "reason_to_a_letter", "reason_to_a_letter_zh", "reason_to_a_word", "reply_with_a_letter",
    "reply_with_a_letter_zh", "reply_with_a_word", "stem_options", "template", "with_letters", "with_letters_zh",
    "with_words", "write_a_letter", "write_a_letter_zh", "write_a_word",
]  # fmt: skip
