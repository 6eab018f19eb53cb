"""How tasks that want something in writing are asked, by the kind of the model."""

from collections.abc import Mapping

from medeval.records import Decoding, Kind, Manner

IN_WRITING: Mapping[Kind, Manner] = {
    "base": Manner(style="written", shots=5, decoding=Decoding(max_tokens=32, stop=("\n",))),
    "chat": Manner(style="written", chat=True, decoding=Decoding(max_tokens=512)),
    "reasoning": Manner(style="written", chat=True, thinking="on"),
}
"""For exams whose answer is a few letters, written at once: a base model is shown how, and stops at the line's end."""


def in_texts(decoding: Decoding, *, base: Decoding | None = None, shots: int = 0) -> Mapping[Kind, Manner]:
    """For answers that are texts: written at once; a base model may be shown how, or be stopped elsewhere."""
    return {
        "base": Manner(style="written", shots=shots, decoding=base or decoding),
        "chat": Manner(style="written", chat=True, decoding=decoding),
        "reasoning": Manner(style="written", chat=True, thinking="on"),
    }
