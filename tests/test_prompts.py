"""Prompts, letter for letter those of lm-eval 0.4.13, and templates that can do nothing but write text."""

import pytest

from medeval import prompts
from medeval.arrange import lettered, words
from medeval.errors import TaskError
from medeval.prompts import Wording, template
from medeval.records import ChoiceSample

VIGNETTE = ChoiceSample(
    id="q7",
    question='A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?',
    options=lettered(["Ampicillin", "<b>Ceftriaxone</b>", "Doxycycline & rest", "{% raw %}"]),
    target=("D",),
)
STUDY = ChoiceSample(
    id="21645374",
    question="Do mitochondria play a role?",
    context="Leaves die.\nMitochondria were seen.",
    options=words("yes", "no", "maybe"),
    target=("yes",),
)


def test_question_options_is_the_prompt_of_medqa_4options() -> None:
    assert prompts.question_options(VIGNETTE) == (
        'Question: A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?\n'
        "A. Ampicillin\nB. <b>Ceftriaxone</b>\nC. Doxycycline & rest\nD. {% raw %}\nAnswer:"
    )


def test_question_choices_is_the_prompt_of_medmcqa() -> None:
    assert prompts.question_choices(VIGNETTE) == (
        'Question: A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?\nChoices:\n'
        "A. Ampicillin\nB. <b>Ceftriaxone</b>\nC. Doxycycline & rest\nD. {% raw %}\nAnswer:"
    )


def test_abstract_question_is_the_prompt_of_pubmedqa() -> None:
    assert prompts.abstract_question(STUDY) == (
        "Abstract: Leaves die.\nMitochondria were seen.\nQuestion: Do mitochondria play a role?\nAnswer:"
    )


def test_abstract_question_without_an_abstract_is_the_question_alone() -> None:
    assert prompts.abstract_question(VIGNETTE).startswith("Question: A 5")


def test_write_a_letter_asks_for_a_last_line_under_the_options() -> None:
    assert prompts.write_a_letter(VIGNETTE) == (
        'A 5 < 6 & "so on"; it\'s {{ 7 * 7 }}: which drug?\n\n'
        "A. Ampicillin\nB. <b>Ceftriaxone</b>\nC. Doxycycline & rest\nD. {% raw %}\n\n"
        'Give the letter of the right option. End with a last line "Answer: X".'
    )


def test_write_a_word_shows_the_passage_and_names_the_words() -> None:
    assert prompts.write_a_word(STUDY) == (
        "Leaves die.\nMitochondria were seen.\n\nDo mitochondria play a role?\n\n"
        'Answer with one word of: yes, no, maybe. End with a last line "Answer: X".'
    )


# The question and options hold HTML and Jinja: equal texts mean that neither is escaped nor rendered.
@pytest.mark.parametrize("sample", [VIGNETTE, STUDY])
@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (
            "Question: {{ question }}\n{% for o in options %}{{ o.label }}. {{ o.text }}\n{% endfor %}Answer:",
            prompts.question_options,
        ),
        (
            "Question: {{ question }}\nChoices:\n{% for o in options %}{{o.label}}. {{o.text}}\n{% endfor %}Answer:",
            prompts.question_choices,
        ),
        (
            "{% if context %}Abstract: {{ context }}\n{% endif %}Question: {{ question }}\nAnswer:",
            prompts.abstract_question,
        ),
    ],
)
def test_a_template_gives_the_same_text_as_the_equal_function(
    source: str, plain: Wording, sample: ChoiceSample
) -> None:
    assert template(source)(sample) == plain(sample)


@pytest.mark.parametrize("source", ["{{ questoin }}", "{{ question.stem }}", "{{ options[9].text }}", "{{ target }}"])
def test_an_undefined_name_is_an_error_of_the_task_that_names_the_sample(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


@pytest.mark.parametrize("source", ["{{ question", "{% for %}", "{% raise %}", "{{ question | shorten }}"])
def test_a_template_with_a_syntax_error_is_refused_before_any_sample(source: str) -> None:
    with pytest.raises(TaskError, match="Prompt template"):
        template(source)


@pytest.mark.parametrize(
    "source",
    [
        '{{ "".__class__.__mro__ }}',
        "{{ question.__class__ }}",
        "{{ options[0].__class__.__init__.__globals__ }}",
        '{{ options | attr("__class__") }}',
        '{{ "{0.__class__}".format(question) }}',
        "{{ cycler.__init__.__globals__ }}",
        "{{ options.append(1) }}",
        "{{ [].append(1) }}",
        "{{ {}.update(a=1) }}",
    ],
)
def test_the_sandbox_refuses_ways_out(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


@pytest.mark.parametrize(
    "source",
    [
        "{{ question + 1 }}",
        "{{ 1 / 0 }}",
        "{{ question() }}",
        "{{ range(10**9) | list }}",
        '{% include "/etc/passwd" %}',
    ],
)
def test_a_template_that_fails_on_a_sample_is_an_error_of_the_task(source: str) -> None:
    wording = template(source)
    with pytest.raises(TaskError, match="'q7'"):
        wording(VIGNETTE)


def test_a_template_keeps_its_last_line_end() -> None:
    assert template("Answer:\n")(VIGNETTE) == "Answer:\n"
