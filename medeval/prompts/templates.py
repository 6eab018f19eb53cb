"""Templates: texts of others, rendered in a sandbox, in which they can do nothing but write text."""

from medeval.errors import TaskError
from medeval.prompts.wordings import Wording
from medeval.records import ChoiceSample

FOREIGN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the expressions of a foreign template may raise, beside Jinja's own errors."""


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
