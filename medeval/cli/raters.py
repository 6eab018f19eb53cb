"""medeval raters: a page for human raters, and what came back of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medeval import records
from medeval.cli import options as o

if TYPE_CHECKING:
    from medeval.raters import Summaries

app = typer.Typer(no_args_is_help=True, help="Human raters: a page to rate on, and how they agree, also with judges.")
Bar = Annotated[
    float, typer.Option(min=0, max=1, help="Agreement with raters that admits a judge, on 50 items at least.")
]
Slices = Annotated[bool, typer.Option("--slices", help="Agreement by language and slices too.")]
Entries = Annotated[list[str], typer.Argument(metavar="ENTRY [ENTRY]", help="To be graded, or two to be compared.")]
Page = Annotated[Path, typer.Option(help="The page, FILE.html; the key is written beside it, FILE.key.json.")]
Criteria = Annotated[str, typer.Option(help="survey, cmb, disc, or names of criteria with commas between.")]
Words = Annotated[records.Language | None, typer.Option(help="Of the page's own words. Default: that of the samples.")]
Nameless = Annotated[bool, typer.Option("--rater-name-free", help="Ask for no name; a random code stands for it.")]


@app.command("export")
def export(
    entries: Entries,
    task: Annotated[str, typer.Option(help="The task, or one of its runs: task@what-differs.")],
    out: Page,
    n: Annotated[int, typer.Option("--n", help="Samples, slices in proportion.")] = 50,
    criteria: Criteria = "survey", language: Words = None, seed: o.Seed = 0, nameless: Nameless = False,  # noqa: FBT002
    reports: o.Reports = Path("reports"),
) -> None:  # fmt: skip
    """Write a page on which people rate answers in a browser, without a connection, and without knowing whose they are.

    The page holds samples and answers: whether their licence lets you hand them on is yours to see to. Keep the key
    from raters. Who knows medeval can tell the sides from the seed: take a --seed of your own.
    """
    from medeval import pages
    from medeval.raters import Wanted, draw, key_place, noted, rendered
    from medeval.reports import publish

    pages.check_place(out)
    wanted = Wanted(task=task, count=n, criteria=criteria, language=language, seed=seed, nameless=nameless)
    drawn = draw(entries, reports, wanted)
    pages.publish(out, rendered(drawn, nameless=nameless))
    publish(key_place(out), drawn.key)
    print("\n".join(noted(drawn, out)))


@app.command("import")
def take_in(
    files: Annotated[list[Path], typer.Argument(help="What raters saved.")],
    key: Annotated[Path, typer.Option(help="The key of their page.")],
    reports: o.Reports = Path("reports"), bar: Bar = 0.6, slices: Slices = False, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Keep ratings, tell how raters agree, and hold judges against them.

    Two raters: quadratically weighted kappa; more: Krippendorff's ordinal alpha; a judge: weighted kappa with the
    median of the raters, over all pages that were imported. raters/admissions.json keeps who is admitted.
    """
    from medeval.raters import collected, keep, read_key, told
    from medeval.raters.admissions import publish

    its = read_key(key)
    keep(reports, its, collected(files, its))
    found = told(reports, bar, its.page, by_parts=slices or json)
    publish(reports, found.judges)
    _tell(found, json=json)


@app.command("show")
def show(
    reports: o.Reports = Path("reports"), bar: Bar = 0.6, slices: Slices = False, json: o.Json = False,  # noqa: FBT002
) -> None:  # fmt: skip
    """Tell what raters said on all pages that were imported, and which judges may stand for them."""
    from medeval.raters import told

    _tell(told(reports, bar, by_parts=slices or json), json=json)


def _tell(found: "Summaries", *, json: bool) -> None:
    from medeval.cli.say import clean, table
    from medeval.raters import blocks
    from medeval.records import to_json

    tables = [f"{clean(title)}\n{table(rows, right=right)}" for title, rows, right in blocks(found)]
    print(to_json(found).decode() if json else "\n\n".join(tables))
