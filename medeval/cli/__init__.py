"""The command: words to calls, one file a verb; the only place that prints or exits."""

import os
import sys
from typing import Annotated

import typer

from medeval.cli import data, run, score, show, tasks
from medeval.errors import MedevalError

EPILOG = (
    "Exit codes: 0 done, 2 the request is wrong, 3 the run broke (start it again to go on), "
    "75 interrupted by a signal (the same command goes on)."
)

# Plain help: rich would cost a tenth of a second at every start.
app = typer.Typer(
    name="medeval", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, epilog=EPILOG
)
app.command("run")(run.run)
app.command("tasks")(tasks.tasks)
app.command("show")(show.show)
app.command("score")(score.score)
app.add_typer(data.app, name="data")


def _version(wanted: bool) -> None:  # noqa: FBT001  the shape of a typer callback
    if wanted:
        from importlib.metadata import version

        print(f"medeval {version('medeval-harness')}")
        raise typer.Exit


@app.callback()
def face(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell it.")] = False,  # noqa: FBT002
    debug: Annotated[bool, typer.Option("--debug", help="Show where a fault comes from.")] = False,  # noqa: FBT002
) -> None:
    """Evaluate medical language models: honest numbers, runs that go on where they stopped, static boards."""
    if debug:
        os.environ["MEDEVAL_DEBUG"] = "1"


def main() -> None:
    """Run the command; every fault is one sentence and an exit code."""
    try:
        app()
    except MedevalError as error:
        _tell(error.faults, error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone; Python must not stumble over it again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the last place where anything can still be said well
        _tell((f"{type(error).__name__}: {error}. This is a fault of medeval itself; --debug shows where.",), error)
        sys.exit(3)


def _tell(faults: tuple[str, ...], error: Exception) -> None:
    from medeval.cli.say import clean

    if os.environ.get("MEDEVAL_DEBUG"):
        raise error
    for fault in faults:
        print(f"medeval: {clean(fault)}", file=sys.stderr)
