"""A model's own tongue: requests to tokens, and tokens to replies; the same whatever computes in between."""

from collections.abc import Sequence

from medeval.engines.base import Ask, Rendered
from medeval.engines.kinds import SWITCHES
from medeval.engines.pretrained import known
from medeval.engines.pretrained.cuts import Cut, Cutter
from medeval.engines.weights import Weights
from medeval.errors import RequestError
from medeval.readers import traces
from medeval.records import Failure, Request, Response


class Tongue:
    """The tokenizer and the chat template of a model, and what ends its texts."""

    def __init__(self, weights: Weights, max_length: int = 0) -> None:
        known.hush()
        self._weights = weights
        self.config = known.config(weights)
        self.tokenizer = known.tokenizer(weights)
        self.ends: Sequence[int] = known.ends(weights.folder, self.config, self.tokenizer)
        longest = known.context(self.config)
        if max_length < 0 or max_length > longest:
            raise RequestError(f"--max-length {max_length}: the model reads at most {longest:,} tokens.")
        self.context = max_length or longest
        self._cutter = Cutter(self.tokenizer)

    def render(self, request: Request) -> Rendered:
        """Apply the chat template, if it is a chat, and cut the text into tokens."""
        if not request.messages:
            text = request.text + request.prefill
            return Rendered(text, tuple(self.tokenizer(text)["input_ids"]))
        said = [{"role": message.role, "content": message.content} for message in request.messages]
        switch, turned = self._weights.nature.switch, {}
        if switch and request.thinking:
            on, off = SWITCHES[switch]
            turned = {switch: on if request.thinking == "on" else off}
        try:
            text = self.tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True, **turned)
        except Exception as error:
            # A template is foreign code, and some refuse what others take, such as a system prompt.
            raise RequestError(f"{self._weights.folder}: the chat template fails ({error}).") from error
        text += request.prefill
        # The template has written the special tokens already.
        return Rendered(text, tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"]))

    def cut(self, ask: Ask) -> Cut | Failure:
        """Cut the choices of a request into tokens, if they can stand behind its prompt."""
        prompt, cut = ask.prompt.ids or (), self._cutter.cut(ask.prompt.text, ask.request.choices)
        if cut.start(prompt) is None:
            return Failure(failure="engine_error", reason="the whole prompt merges with a choice into one token")
        # The last token of a choice is told, and never read.
        if len(prompt) - cut.back + max(len(tail) for tail in cut.tails) - 1 > self.context:
            return Failure(failure="too_long", reason="a choice goes beyond the context")
        return cut

    def too_long(self, ask: Ask) -> Failure | None:
        """See whether the model can read a prompt, and say one token at least."""
        length = len(ask.prompt.ids or ())
        if 0 < length < self.context:
            return None
        return Failure(failure="too_long", reason=f"{length} tokens, and the model reads {self.context}")

    def response(self, ask: Ask, written: Sequence[int]) -> Response:
        """Cut a text where it ends: at an end token, at a stop string, or at its length."""
        end = next((place for place, token in enumerate(written) if token in self.ends), None)
        tokens = list(written if end is None else written[:end])
        # Marks of reasoning are special tokens in some vocabularies: first parted by them, then cleaned of them.
        text = self.tokenizer.decode(tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        places = [text.find(stop) for stop in ask.request.decoding.stop if stop in text]
        text = text[: min(places)] if places else text
        # What a question says of such marks is no trace: only what stands behind the question may open one.
        asked = ask.request.messages[-1].content if ask.request.messages else ask.request.text
        reasoning, text = traces.split(text, opened=traces.opens(ask.prompt.text.rpartition(asked)[2]))
        finish = "stop" if end is not None or places else "length"
        return Response(
            text=self._clean(text), reasoning=self._clean(reasoning), finish=finish,  # type: ignore[arg-type]
            prompt_tokens=len(ask.prompt.ids or ()), completion_tokens=len(tokens) + (end is not None),
        )  # fmt: skip

    def _clean(self, text: str) -> str:
        for token in self.tokenizer.all_special_tokens:
            text = text.replace(token, "")
        return text
