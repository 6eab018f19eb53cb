"""What a number says about itself: flags, and the two halves of its signature."""

from collections.abc import Sequence

from medeval.prompts.asking import CHOSEN
from medeval.records import ORIGINS, ChoiceSample, Decoding, Estimate, Identity
from medeval.sitting import Sitting

TRUNCATED_FLAGGED = 0.01
TRUNCATED_NOT_RANKED = 0.05
LETTER_MASS_FLAGGED = 0.5
FIDELITY, FIDELITY_BAR = "patient_fidelity", 0.95
"""The share of a patient's replies without a fault, below which consultations are shown and not ranked."""


def flags(sitting: Sitting, estimates: Sequence[Estimate], mass: float | None = None) -> tuple[str, ...]:
    """What a reader of the numbers must know at once."""
    headline = estimates[0]
    faithful = next((each.value for each in estimates if each.metric == FIDELITY), None)
    unfaithful = faithful is not None and faithful < FIDELITY_BAR
    cut = headline.truncated / len(sitting.takes)
    said = {
        f"partial: {headline.failed} not measured": headline.failed > 0,
        f"truncated: {100 * cut:.1f} %": cut > TRUNCATED_FLAGGED,
        f"patient fidelity {100 * (faithful or 0):.1f} %": unfaithful,
        "not ranked": cut > TRUNCATED_NOT_RANKED or unfaithful,
        f"letter mass {mass or 0:.2f}": mass is not None and mass < LETTER_MASS_FLAGGED,
        "sample data": sitting.setting.data == "sample",
        "private": sitting.setting.data == "own",
        f"limited to {len(sitting.samples)}": sitting.setting.limit > 0,
    }
    return tuple([words for words, holds in said.items() if holds])


def protocol_line(sitting: Sitting, prompt: str, n: int) -> str:
    """The half of the signature on which two results must agree to share a column."""
    task, setting = sitting.task, sitting.setting
    reader = task.reader_for(setting)
    reads = setting.style not in CHOSEN and not task.harness and isinstance(sitting.samples[0], ChoiceSample)
    asked_how = setting.style + ("" if setting.order == "given" else f"-{setting.order}")
    asked_how += str(setting.shuffles) if setting.shuffles > 1 else ""
    asked_how += f"-wordings{setting.wordings}" if setting.wordings > 1 else ""
    parts = [
        f"{sitting.name}.v{task.version}",
        sitting.form if task.harness else asked_how,
        "?-shot" if setting.elsewhere else f"{setting.shots}-shot",
        f"n:{n}",
        f"data:{sitting.data[:8]}" + ORIGINS.get(setting.data, "" if sitting.pinned else "(unpinned)"),
        f"prompt:{prompt[:9] if prompt == 'elsewhere' else prompt[:8]}",
        *([f"patient:{setting.patient or 'facts'}", f"budget:{task.budget}"] if task.budget else []),
        *([f"reader:{reader.name}.v{reader.version}"] if reads else []),
        *[f"{metric.name}:v{metric.version}" for metric in sitting.named],
    ]
    return "|".join(parts)


def conditions_line(sitting: Sitting, engine: Identity, version: str) -> str:
    """The half that stands beside a number and never splits a column."""
    setting = sitting.setting
    asked_with = [
        f"chat:{'yes' if setting.chat else 'no'}",
        f"think:{setting.thinking or 'no'}",
        f"seed:{setting.seed}",
    ]
    if setting.style in CHOSEN:
        asked_with.append("T:0")
    else:
        plain, drawn = Decoding(), sitting.decoding
        asked_with.append(f"T:{drawn.temperature:g}")
        asked_with += [
            f"{name}:{getattr(drawn, name):g}"
            for name in ("top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty")
            if getattr(drawn, name) != getattr(plain, name)
        ]
        asked_with.append(f"max:{drawn.max_tokens}")
    if setting.repeats > 1:
        asked_with.append(f"repeats:{setting.repeats}")
    parts = [
        # Of texts made elsewhere nobody here knows how they were asked for.
        *(["elsewhere"] if setting.elsewhere else asked_with),
        f"{engine.engine}-{engine.version}",
        *([engine.dtype] if engine.dtype else []),
        f"medeval-{version}",
    ]
    return "|".join(parts)
