"""The prose in which judges, patients and doctors are told what to do: files to be read, one a language."""

from functools import cache
from pathlib import Path

from medeval.records import Language

FOLDER = Path(__file__).parent


@cache
def prose(name: str, language: Language) -> str:
    """Read a text by its name; `{words}` in braces are filled in by whoever asks."""
    return (FOLDER / f"{name}_{language}.md").read_text(encoding="utf-8").strip()
