"""What a task can see, in words."""

from medeval.cli.say import clean, percent, table
from medeval.power import POINTS, Sight


def told(found: Sight) -> str:
    """Two tables: of one result, and of two."""
    aim = found.aim
    worth = "" if found.n_eff == found.n else f", worth {found.n_eff:.0f} independent ones"
    widths = [(percent(accuracy), f"± {percent(half)}") for accuracy, half in found.widths]
    apart = "marks correlate" if found.graded else "disagree on"
    head = (apart, "smallest difference", *[f"samples for {100 * points:g}" for points in POINTS], "")
    rows = [
        (
            f"{row.between:.2f}" if found.graded else f"{percent(row.between)} %",
            percent(row.seen),
            *["-" if n is None else f"{n:,}" for n in row.wanted],
            row.why,
        )
        for row in found.rows
    ]
    asked = (
        f"Two models on the same samples, {'one' if aim.one_sided else 'two'}-sided at {aim.alpha:g}, "
        f"seen {aim.power:.0%} of the time (differences in points):"
    )
    return "\n".join([
        clean(f"{found.task}: {found.n:,} samples{worth}"), "",
        table([(found.metric, "95 % interval"), *widths], right=(0, 1)), "",
        asked, "",
        table([head, *rows], right=range(5)), "",
        "What is smaller is not seen; and that nothing is seen does not mean that there is nothing.",
    ])  # fmt: skip
