"""Templates: texts of others, rendered in a sandbox, in which they can do nothing but write text."""

from collections.abc import Mapping

from medeval.errors import TaskError
from medeval.prompts.wordings import Wording
from medeval.records import ChoiceSample, OpenSample

FOREIGN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the expressions of a foreign template may raise, beside Jinja's own errors."""


def template(source: str) -> Wording:
    """Make a wording of a Jinja text that sees `question`, `context`, `options`, `language` and `slices`."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # A prompt is plain text for a model, not HTML: escaping would change it.
    # The settings are lm-eval's, so that a template copied from there says the same.
    sandbox = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True)
    try:
        compiled = sandbox.from_string(source)
    except TemplateError as error:
        raise TaskError(f"Prompt template: {str(error).rstrip('.')}.") from error

    def wording(sample: ChoiceSample | OpenSample) -> str:
        try:
            return compiled.render(_seen(sample))
        except (TemplateError, *FOREIGN) as error:
            raise TaskError(f"Prompt template, sample {sample.id!r}: {str(error).rstrip('.')}.") from error

    return wording


def _seen(sample: ChoiceSample | OpenSample) -> Mapping[str, object]:
    """What a template sees of a sample."""
    seen: dict[str, object] = {"language": sample.language, "slices": sample.slices}
    if isinstance(sample, OpenSample):
        return {**seen, "question": sample.messages[-1].content, "context": "", "options": ()}
    return {**seen, "question": sample.question, "context": sample.context, "options": sample.options}
