"""How a worded question is brought before a model: as plain text or as a chat, behind solved examples."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from medeval.prompts.wordings import Wording
from medeval.records import (
    Choice,
    ChoiceSample,
    Decoding,
    DialogueSample,
    Language,
    Message,
    OpenSample,
    Request,
    Setting,
    Style,
)

Worded = ChoiceSample | OpenSample | DialogueSample

CHOSEN: tuple[Style, ...] = ("letters", "options")
"""Styles in which nothing is written."""
COLONS = (":", "：")
SPEAKERS: dict[Language, tuple[str, str]] = {"en": ("Patient:", "Doctor:"), "zh": ("患者：", "医生：")}
"""Who asks and who answers, where a dialogue is put in plain text."""
_OPENS = (" ", "\n", "：", "（", "(")


def glue(before: str) -> str:
    """What stands between a text and the answer that goes on with it: a blank, unless the text ends in one."""
    # At the very beginning of a turn there is nothing to part from, and Chinese parts by full-width marks.
    return "" if not before or before.endswith(_OPENS) else " "


def solved(sample: Worded, question: str, style: Style) -> str:
    """The answer that a solved example shows; it goes on with a question that ends in a colon."""
    if isinstance(sample, OpenSample):
        return sample.references[0]
    if isinstance(sample, DialogueSample):
        return sample.turns[0].reference
    labels = "".join(sample.target) if sample.several else ", ".join(sample.target)
    if style == "options":
        labels = ", ".join([option.text for option in sample.options if option.label in sample.target])
    if question.endswith(COLONS) or style in CHOSEN:
        return labels
    if sample.language == "zh":
        return f"{sample.explanation}\n答案：{labels}".lstrip("\n")
    return f"{sample.explanation}\nAnswer: {labels}".lstrip("\n")


class Asking:
    """A wording, and everything that stands around it: made once, asked for every sample."""

    def __init__(  # noqa: PLR0913  everything that stands around a question
        self, wording: Wording, setting: Setting, shown: Sequence[Worded] = (), *, preamble: str = "",
        between: str = "\n\n", solution: Callable[[Worded, Style], str] | None = None,
    ) -> None:  # fmt: skip
        self._wording = wording
        self._setting = setting
        self._blank = setting.protocol == "lm-eval"  # it parts by a blank, whatever stands before
        self._before: tuple[Message, ...] = ()
        self._preamble = ""
        questions = [wording(each) for each in shown]
        answers = [
            solution(each, setting.style) if solution else solved(each, question, setting.style)
            for each, question in zip(shown, questions, strict=True)
        ]
        if setting.chat:
            turns = [Message(role="system", content=setting.system)] if setting.system else []
            for question, answer in zip(questions, answers, strict=True):
                turns.append(Message(role="user", content=question))
                turns.append(Message(role="assistant", content=answer))
            self._before = tuple(turns)
            return
        parts = [f"{setting.system}\n\n" if setting.system else "", preamble]
        for question, answer in zip(questions, answers, strict=True):
            joint = self.glue(question) if question.endswith(COLONS) else "\n\n"
            parts.append(f"{question}{joint}{answer}{between}")
        self._preamble = "".join(parts)

    def question(self, sample: Worded) -> str:
        """Word the question about a sample."""
        return self._wording(sample)

    @property
    def prefill(self) -> str:
        """What is put into the model's mouth."""
        return self._setting.prefill

    def glue(self, question: str) -> str:
        """What stands between what is asked and the model's own first word."""
        return " " if self._blank else glue(self._setting.prefill or ("" if self._setting.chat else question))

    @property
    def plain(self) -> bool:
        """Whether it is plain text, and no chat."""
        return not self._setting.chat

    @staticmethod
    def own_turn_only(decoding: Decoding, language: Language) -> Decoding:
        """In plain text a model would go on with the other's turn."""
        return replace(decoding, stop=tuple(dict.fromkeys((*decoding.stop, f"\n{SPEAKERS[language][0]}"))))

    def request(
        self, question: str, decoding: Decoding, choices: tuple[Choice, ...] = (), before: tuple[Message, ...] = (),
        spoken: Language | None = None,
    ) -> Request:  # fmt: skip
        """Bring a question before the model, after what was said before it; `spoken`: as a turn of a dialogue."""
        setting = self._setting
        if setting.chat:
            return Request(
                messages=(*self._before, *before, Message(role="user", content=question)),
                prefill=setting.prefill, choices=choices, decoding=decoding, thinking=setting.thinking,
            )  # fmt: skip
        if spoken:
            question = _transcript((*before, Message(role="user", content=question)), spoken)
        said = "".join([f"{turn.content}\n\n" for turn in before]) if not spoken else ""
        return Request(
            text=self._preamble + said + question, prefill=setting.prefill, choices=choices, decoding=decoding
        )


def _transcript(turns: Sequence[Message], language: Language) -> str:
    """What was said, a line a turn, up to the word of the one who speaks next."""
    asks, answers = SPEAKERS[language]
    blank = glue(answers)
    said = [f"{asks if turn.role == 'user' else answers}{blank}{turn.content}\n" for turn in turns]
    return "".join(said) + answers
