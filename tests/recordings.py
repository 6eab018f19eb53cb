"""Recorded answers, small enough for git: CI scores them again, and nobody has to ask a model.

    python tests/recordings.py     writes tests/replay/ anew; read the diff before you commit it

Options of a question, graded texts, written letters, and log-probabilities of a real (random) model.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PLACE = Path(__file__).parent / "replay"
SMALL_MODELS = Path(__file__).parent / "small_models.py"
RUNS = (
    ("baseline:overlap", "baseline-overlap", "pubmedqa,mts_dialog", 0),
    ("baseline:overlap", "baseline-overlap", "cmb_exam", 12),
    ("models/tiny-base", "tiny-base", "medqa", 12),
)
"""A model, its label, tasks, and how many samples of each; 0: all."""


def command(folder: Path, *words: str | Path) -> None:
    """Run medeval or a script in a folder, where no path of this machine gets into what it writes."""
    subprocess.run([sys.executable, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def record(place: Path) -> None:
    """Ask, pin, and put into place what git keeps: no page of an entry, which is made again from it."""
    with tempfile.TemporaryDirectory() as home:
        folder, reports = Path(home), Path(home) / "reports"
        command(folder, SMALL_MODELS, "models", "base")
        for model, label, tasks, limit in RUNS:
            limited = ("--limit", str(limit)) if limit else ()
            asked = ("--model", model, "--label", label, "--tasks", tasks, "--data", "sample", *limited)
            command(folder, "-m", "medeval", "run", *asked)
        said = ("--name", "overlap", "--tasks", "pubmedqa", "--few", "--reason", "What was recorded is what holds.")
        command(folder, "-m", "medeval", "baseline", "accept", "baseline-overlap", *said)
        for kept in ("baseline-overlap", "tiny-base", "baselines"):
            shutil.rmtree(place / kept, ignore_errors=True)
            ignored = shutil.ignore_patterns("report.html", ".*")
            shutil.copytree(reports / kept, place / kept, ignore=ignored)


if __name__ == "__main__":
    record(PLACE)
