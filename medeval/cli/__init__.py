"""The command: words to calls, one file a verb; the only place that prints or exits."""

import os
import sys
import traceback
from typing import Annotated

import typer

from medeval.cli import (
    audit,
    baseline,
    board,
    bundle,
    cases,
    check,
    compare,
    data,
    declare,
    doctor,
    duel,
    init,
    judge,
    parity,
    power,
    raters,
    report,
    run,
    score,
    show,
    suggest,
    tasks,
    verify,
)
from medeval.errors import Interrupted, MedevalError

EPILOG = (
    "Exit codes: 0 done, 2 the request is wrong, 3 the run broke (start it again to go on), "
    "75 interrupted by a signal (the same command goes on). Of check, compare, parity, verify, audit and baseline: "
    "1 worse, 4 not comparable or not as it was written, 5 nothing was compared, 6 inconclusive (see their --help)."
)

# Plain help: rich would cost a tenth of a second at every start.
app = typer.Typer(
    name="medeval", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, epilog=EPILOG
)
app.command("run")(run.run)
app.command("tasks")(tasks.tasks)
app.command("suggest")(suggest.suggest)
app.command("show")(show.show)
app.command("score")(score.score)
app.command("judge")(judge.judge)
app.command("duel")(duel.duel)
app.command("cases")(cases.cases)
app.command("compare")(compare.compare)
app.command("check")(check.check)
app.command("verify")(verify.verify)
app.command("audit")(audit.audit)
app.command("board")(board.board)
app.command("declare")(declare.declare)
app.command("report")(report.report)
app.command("parity")(parity.parity)
app.command("power")(power.power)
app.add_typer(data.app, name="data")
app.add_typer(bundle.app, name="bundle")
app.add_typer(raters.app, name="raters")
app.add_typer(baseline.app, name="baseline")
app.add_typer(init.app, name="init")
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:  # noqa: FBT001  the shape of a typer callback
    if wanted:
        from medeval.cells import own_version

        print(f"medeval {own_version()}")
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
        code = app(standalone_mode=False) or 0
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; Python must not stumble over it again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except SystemExit as error:
        # The parser takes a closed pipe for a failure of the command; for `medeval tasks | head` it is none.
        code = 0 if isinstance(error.__context__, BrokenPipeError) else error.code if isinstance(error.code, int) else 3
    except MedevalError as error:
        code = _tell(error, error.faults, error.exit_code)
    except KeyboardInterrupt as error:
        code = _tell(error, ("Interrupted before anything was asked.",), Interrupted.exit_code)
    except Exception as error:  # noqa: BLE001  the last place where anything can still be said well
        code = _told_by_typer(error) or _tell(
            error, (f"{type(error).__name__}: {error}. This is a fault of medeval itself; --debug shows where.",), 3
        )
    sys.exit(code)


def _told_by_typer(error: Exception) -> int:
    """Let the parser tell what is wrong with the words of a command; 0 if the fault is none of its own."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", 0)
    if callable(show):
        show()
        return int(code)
    return Interrupted.exit_code if type(error).__name__ == "Abort" else 0


def _tell(error: BaseException, faults: tuple[str, ...], code: int) -> int:
    from medeval.cli.say import clean

    if os.environ.get("MEDEVAL_DEBUG"):
        traceback.print_exception(error)
    for fault in faults:
        print(f"medeval: {clean(fault)}", file=sys.stderr)
    return code
