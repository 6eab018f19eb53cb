"""The end of a run: its tables, what is to be noted of it, and where its page is."""

from collections.abc import Sequence
from pathlib import Path

import typer

from medeval.evaluation import Evaluation
from medeval.planning import Prepared


def close(evaluated: Evaluation, prepared: Prepared, task_path: Sequence[Path], *, json: bool) -> None:
    """Tell all of it; leave with 3 where engines failed. Who wants JSON gets nothing else."""
    from medeval.catalog import EXAM
    from medeval.cli.pages import written
    from medeval.cli.say import clean, costs, results
    from medeval.errors import MedevalError
    from medeval.records import to_json

    print(to_json(evaluated.results).decode() if json else results(evaluated.results, evaluated.folders))
    for note in (*evaluated.notes, *costs(evaluated.played, prepared.prices)):
        typer.echo(f"medeval: {note}", err=True)
    if not json:
        try:
            known = dict.fromkeys((*task_path, *[cell.file for cell in prepared.cells if cell.file.suffix == EXAM]))
            print(f"\n{written(evaluated.folders[0].parent, task_path=tuple(known))}")
        except MedevalError as error:
            # The results are there, whatever became of their page.
            typer.echo(f"medeval: there is no page of it: {clean(str(error))}", err=True)
    if evaluated.unsettled:
        typer.echo(f"medeval: {evaluated.unsettled} engine errors; run the same command to ask again.", err=True)
        raise typer.Exit(3)
