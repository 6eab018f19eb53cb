"""Ways to put a question.

A wording is a function from a sample to a text. The ones here are plain functions, since every run
calls them for every question; `template` makes one of a Jinja text, in a sandbox.
"""

from collections.abc import Callable

from medeval.errors import TaskError
from medeval.records import ChoiceSample

Wording = Callable[[ChoiceSample], str]
FOREIGN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the expressions of a foreign template may raise, beside Jinja's own errors."""


def options_listed(sample: ChoiceSample) -> str:
    """One option a line: `A. text`."""
    return "".join([f"{option.label}. {option.text}\n" for option in sample.options])


def question_options(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's medqa_4options."""
    return f"Question: {sample.question}\n{options_listed(sample)}Answer:"


def question_choices(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's medmcqa: as medqa's, with a line `Choices:`."""
    return f"Question: {sample.question}\nChoices:\n{options_listed(sample)}Answer:"


def abstract_question(sample: ChoiceSample) -> str:
    """The prompt of lm-eval's pubmedqa; without a context, the question alone."""
    abstract = f"Abstract: {sample.context}\n" if sample.context else ""
    return f"{abstract}Question: {sample.question}\nAnswer:"


def write_a_letter(sample: ChoiceSample) -> str:
    """Ask for the letter of an option, on a last line that can be read without doubt."""
    return (
        f"{_passage(sample)}{sample.question}\n\n{options_listed(sample)}\n"
        'Give the letter of the right option. End with a last line "Answer: X".'
    )


def write_a_word(sample: ChoiceSample) -> str:
    """Ask for one of a few words, such as yes, no and maybe."""
    words = ", ".join(sample.labels)
    return f'{_passage(sample)}{sample.question}\n\nAnswer with one word of: {words}. End with a last line "Answer: X".'


def template(source: str) -> Wording:
    """Make a wording of a Jinja text that sees `question`, `context` and `options`."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # A prompt is plain text for a model, not HTML: escaping would change it.
    # The settings are lm-eval's, so that a template copied from there says the same.
    sandbox = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True)
    try:
        compiled = sandbox.from_string(source)
    except TemplateError as error:
        raise TaskError(f"Prompt template: {error}") from error

    def wording(sample: ChoiceSample) -> str:
        try:
            return compiled.render(question=sample.question, context=sample.context, options=sample.options)
        except (TemplateError, *FOREIGN) as error:
            raise TaskError(f"Prompt template, sample {sample.id!r}: {error}") from error

    return wording


def _passage(sample: ChoiceSample) -> str:
    return f"{sample.context}\n\n" if sample.context else ""
