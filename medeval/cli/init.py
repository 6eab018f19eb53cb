"""medeval init: files to begin with, which are yours from then on."""

from pathlib import Path
from typing import Annotated

import typer

from medeval.cli import exam

app = typer.Typer(no_args_is_help=True, help="Files to begin with: an exam of your own, a nightly with a gate.")

NEXT = """
Next: fill in `env` in both workflows, and the tasks and margins in gate.toml; then a baseline of three runs:
  medeval run --model MODEL --tasks TASKS --label my-model-1        and the same for -2 and -3
  medeval baseline accept my-model-1 my-model-2 my-model-3 --name my-model --reason "the first one"
  medeval check --gate gate.toml --self-test
and commit reports/baselines/ with the rest."""


@app.callback()
def init() -> None:
    """Files to begin with: an exam of your own, a nightly with a gate."""


app.command("exam")(exam.exam)


@app.command("ci")
def ci(
    folder: Annotated[Path, typer.Option(help="The root of your repository.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,  # noqa: FBT002
) -> None:
    """Write a nightly, a replay of pull requests (both for GitHub Actions) and a gate.

    The nightly runs a model, audits the run, holds it against a pinned baseline and last night, and builds the board.
    The replay scores recorded answers again, without a model or a secret. Exit codes: 0 done, 2 a file is there.
    """
    from medeval.cells import own_version
    from medeval.cli.say import clean
    from medeval.starters import lay

    for place in lay(folder, own_version(), force=force):
        print(clean(str(place)))
    print(NEXT)
