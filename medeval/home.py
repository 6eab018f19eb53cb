"""Where the project's own files are: in the wheel, or beside the package in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def tasks() -> Path | None:
    """Find the folder of the project's own tasks, and of what is said about them."""
    packed, beside = PACKAGE / "_tasks", PACKAGE.parent
    if packed.is_dir():
        return packed
    # Some other project's tasks/ folder may lie in the same place: only our checkout counts.
    project = beside / "pyproject.toml"
    ours = project.is_file() and 'name = "medeval-harness"' in project.read_text(encoding="utf-8")
    return beside / "tasks" if ours else None
