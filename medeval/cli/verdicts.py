"""A verdict on a terminal, in files, and where GitHub runs, where it shows such things."""

import os
import secrets
from pathlib import Path

import typer

from medeval.cli.say import clean, table
from medeval.gates import Proof, Verdict, annotations, summary, write
from medeval.gates.telling import HEAD, RIGHT, lost, notes, row


def tell(found: Verdict, out: Path | None, *, json: bool) -> int:
    """Tell all of it, and give the exit code."""
    from medeval.records import to_json

    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if json:
        print(to_json(found).decode())
    elif on_github:
        # What other people named may look like an order to the runner; between these two lines none is obeyed.
        token = secrets.token_hex(16)
        print(f"::stop-commands::{token}\n{_told(found)}\n::{token}::")
        print("\n".join(map(clean, annotations(found))))
    else:
        print(_told(found))
    if out is not None:
        write(out, found)
    if on_github and (file := os.environ.get("GITHUB_STEP_SUMMARY")):
        try:
            with open(file, "a", encoding="utf-8", errors="replace") as page:
                page.write(summary(found))
        except OSError as error:
            typer.echo(f"medeval: {file}: the summary cannot be written ({error.strerror}).", err=True)
    return found.exit_code


def proof(found: Proof, *, json: bool) -> int:
    """Tell what the gate says of both nights; 0 if it is as it must be."""
    from medeval.records import to_json

    if json:
        print(to_json(found).decode())
    else:
        print(f"{_told(found.same)}\n\n{_told(found.degraded)}\n")
        print(
            "The gate holds: the same passes, and a loss of 5 % does not." if found.holds else "The gate does not hold."
        )
        if found.blind:
            print(_line(f"Of a loss of 5 % these see nothing: {', '.join(found.blind)}."))
    if not found.holds:
        typer.echo("medeval: the gate does not see what it is there for. Take more samples, or fewer gates.", err=True)
    return 0 if found.holds else 1


def _told(found: Verdict) -> str:
    rows = [HEAD, *[[_line(cell) for cell in row(line)] for line in found.lines]]
    parts = [table(rows, right=RIGHT)] if found.lines else []
    parts += ["\n".join(said)] if (said := [_line(each) for each in (*notes(found), *lost(found))]) else []
    return "\n\n".join([*parts, _line(found.said)])


def _line(text: str) -> str:
    """A text in one line, whatever it is made of: nothing in it looks like a line of ours."""
    return " ".join(clean(text).split())
