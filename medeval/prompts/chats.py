"""Chat templates, looked at before a model is loaded; the model's own tokenizer renders what is asked."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from medeval.errors import RequestError


class ChatTemplate:
    """A chat template as it came with a model: foreign code, so it runs in the sandbox."""

    def __init__(self, source: str) -> None:
        from jinja2 import TemplateError, meta, nodes
        from jinja2.ext import Extension, loopcontrols
        from jinja2.parser import Parser
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        class Generation(Extension):
            """`{% generation %}` marks what a model is trained on; here it means nothing."""

            tags = {"generation"}  # noqa: RUF012  as Jinja declares it

            def parse(self, parser: Parser) -> list[nodes.Node]:
                next(parser.stream)
                return parser.parse_statements(("name:endgeneration",), drop_needle=True)

        # As transformers compiles it, so that what is seen here is what the model gets to see.
        sandbox = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, autoescape=False, extensions=[Generation, loopcontrols]
        )
        sandbox.filters["tojson"] = _to_json
        sandbox.globals["raise_exception"] = _refuse
        sandbox.globals["strftime_now"] = lambda form: dt.datetime.now().strftime(form)  # noqa: DTZ005  the day where the model runs
        try:
            self._template = sandbox.from_string(source)
            self.variables = frozenset(meta.find_undeclared_variables(sandbox.parse(source)))
        except TemplateError as error:
            raise RequestError(f"the chat template is not valid ({error}).") from error
        self.source = source

    def render(self, messages: Sequence[Mapping[str, str]], *, answer: bool, **variables: Any) -> str:
        """Render messages; `answer` adds the head of the model's own turn."""
        return self._template.render(
            messages=messages, tools=None, documents=None, add_generation_prompt=answer, **variables
        )


def _to_json(  # the parameters of transformers' own filter, in its order
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _refuse(message: str) -> None:
    raise RequestError(f"the chat template refuses: {message}")
