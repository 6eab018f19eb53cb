"""Draws the figures of versus_lm_eval.py as bars, by hand: text stays text, and it reads on light and dark pages.

python benchmarks/plot.py FIGURES.json OUT.svg
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

WIDTH, LABELS, RIGHT, ROW, TOP, FOOT = 760, 254, 144, 34, 64, 52
"""Pixels: all, left and right of the bars, a row, above and below the rows."""
NAMES = {
    "MedQA: engine time a question, times faster": "Engine, MedQA 0-shot",
    "MedQA 5-shot: engine time a question, times faster": "Engine, MedQA 5-shot",
    "MedQA: prompt tokens computed, times fewer": "Tokens computed, 0-shot",
    "MedQA 5-shot: prompt tokens computed, times fewer": "Tokens computed, 5-shot",
    "MedQA: whole process, times faster": "Whole command, MedQA 0-shot",
    "mixed load: at once, times faster": "Four exams at once",
}
GENERATION = "generation: time over bare LLM.generate"
STYLE = """
svg{font:13px/1.4 system-ui,sans-serif}
.page{fill:#fff;stroke:#d8dee4}.ink{fill:#1f2328}.soft{fill:#59636e}.bar{fill:#2f6f8f}.one{stroke:#59636e}
.must{stroke:#b35900;stroke-width:2}.number{font-weight:600;font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117;stroke:#3d444d}.ink{fill:#e6edf3}.soft{fill:#9da7b3}.bar{fill:#6bb3d6}.one{stroke:#9da7b3}
.must{stroke:#f0a050}}
"""


def draw(figures: Path, out: Path) -> None:
    """Draw what a file of figures tells."""
    told = json.loads(figures.read_text(encoding="utf-8"))
    found = {row["name"]: row for row in told["figures"]}
    rows = [{**found[name], "label": label} for name, label in NAMES.items() if name in found]
    notes = [
        f"Thin line: 1 ×, lm-eval; in the last row, one exam after another. Tick: what it must be. {told['machine']}."
    ]
    if GENERATION in found:
        notes.append(f"Generation takes {found[GENERATION]['value']:.2f} × the time of bare vLLM on the same prompts.")
    out.write_text("\n".join(_picture(rows, notes)) + "\n", encoding="utf-8")


def _picture(rows: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> Iterator[str]:
    height = TOP + ROW * len(rows) + FOOT
    said = "; ".join([f"{row['label']}: {row['value']:.1f} times" for row in rows])
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="t d">'
    )
    yield f'<title id="t">medeval beside lm-eval on the same vLLM</title><desc id="d">{escape(said)}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>'
    yield '<text class="ink number" x="20" y="30">medeval beside lm-eval 0.4.13</text>'
    said = "the same vLLM, model, questions and prompts; how many times faster, or fewer"
    yield f'<text class="soft" x="20" y="49">{said}</text>'
    most = max([1.0, *[max(row["value"], row["limit"]) for row in rows]])
    scale = (WIDTH - LABELS - RIGHT) / most
    for number, row in enumerate(rows):
        yield from _bar(row, TOP + ROW * number, scale)
    bottom, one = TOP + ROW * len(rows), LABELS + scale
    yield f'<line class="one" x1="{one:.1f}" x2="{one:.1f}" y1="{TOP}" y2="{bottom}" stroke-dasharray="2 3"/>'
    for number, note in enumerate(notes):
        yield f'<text class="soft" x="20" y="{bottom + 20 + 18 * number}" font-size="11">{escape(note)}</text>'
    yield "</svg>"


def _bar(row: Mapping[str, Any], top: int, scale: float) -> Iterator[str]:
    middle, length, limit = top + 21, row["value"] * scale, LABELS + row["limit"] * scale
    yield f'<text class="ink" x="20" y="{middle}">{escape(row["label"])}</text>'
    yield f'<rect class="bar" x="{LABELS}" y="{top + 7}" width="{length:.1f}" height="20" rx="2"/>'
    yield f'<line class="must" x1="{limit:.1f}" x2="{limit:.1f}" y1="{top + 3}" y2="{top + 31}"/>'
    end = max(LABELS + length, limit) + 8
    yield f'<text class="ink number" x="{end:.1f}" y="{middle}">{row["value"]:.1f} ×</text>'
    yield f'<text class="soft" x="{end + 58:.1f}" y="{middle}" font-size="11">must be {row["limit"]:g}</text>'


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
