"""The figures of the leaderboard: a large build, what a page weighs, sorting in a browser, the same bytes twice.

--quick tries all of it on small boards; --keep DIR keeps the reports that it makes there, and takes them again.
"""

import argparse
import gzip
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import board_exam
import board_reports
from board_reports import Size
from figures import Figures

import medeval

LARGE, INDEX, SORTED, SMALL = Size(200, 30, 1_000), Size(100, 9, 200), Size(500, 5, 50), Size(10, 5, 60)
"""Nine tasks are eight columns of the first group, and one exam of another."""
QUICK = Size(20, 5, 200)
TURNS = 9
OFTEN = 0.2
"""Seconds between two looks at the memory."""
ROOM = 2_000_000_000
"""Bytes that a site may take beside its reports."""
STATIC = Path(__file__).parents[1] / "leaderboard" / "static"
PROC = Path("/proc")
SORT = """
turns => {
    const table = document.querySelector("table[data-board]");
    const heads = table ? [...table.tHead.rows[0].cells] : [];
    const head = heads.find(each => each.dataset.better && each.querySelector("button"));
    const told = {times: [], orders: [], rows: table ? table.tBodies[0].rows.length : 0};
    for (let turn = 0; head && turn < turns; turn += 1) {
        const begun = performance.now();
        head.querySelector("button").click();
        void document.body.offsetHeight;
        told.times.push(performance.now() - begun);
        told.orders.push(`${head.getAttribute("aria-sort")} ${table.tBodies[0].rows[0].dataset.entry}`);
    }
    return told;
}
"""
"""Click, and have the page laid out again before the clock is looked at."""


class Built(NamedTuple):
    """What a build took."""

    seconds: float
    busy: float
    """Seconds that its processes computed, on all cores together."""
    peak: int
    """Bytes of the command and of all that it began, what they share counted once; 0: the machine does not tell."""


class Shelf:
    """Makes reports, or takes those that an earlier run has kept."""

    def __init__(self, home: Path) -> None:
        self.home = home
        files = (Path(board_exam.__file__), Path(board_reports.__file__))
        self._made_by = hashlib.sha256(b"".join([file.read_bytes() for file in files])).hexdigest()
        self._made_by += f" medeval {medeval.__version__}\n"

    def reports(self, size: Size) -> Path:
        """The reports of a board of this size."""
        folder = self.home / f"board-{size.entries}x{size.tasks}x{size.items}"
        mark = folder / "made-by"
        if mark.is_file() and mark.read_text(encoding="utf-8") == self._made_by:
            return folder / "reports"
        if folder.exists():
            shutil.rmtree(folder)
        board_reports.write(folder / "reports", size)
        mark.write_text(self._made_by, encoding="utf-8")
        return folder / "reports"

    @contextmanager
    def site(self) -> Iterator[Path]:
        """A place for a site that is only looked at."""
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            yield Path(folder) / "site"


class Family:
    """A process and its descendants, looked at now and then."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.peak = 0
        self._ticks: dict[int, int] = {}

    @property
    def busy(self) -> float:
        """Seconds that they have computed, as far as they were seen."""
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def look(self) -> None:
        """See who is there, what each holds, and how long it has computed."""
        told: dict[int, list[str]] = {}
        for stat in PROC.glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile; so below
                # The name in brackets may have brackets and blanks of its own.
                said = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
                told[int(stat.parent.name)] = said.split()
        there, held = {self._first}, 0
        while more := {each for each, fields in told.items() if int(fields[1]) in there} - there:
            there |= more
        for each in there & {*told}:
            self._ticks[each] = int(told[each][11]) + int(told[each][12])
            with suppress(OSError):
                rolled = (PROC / str(each) / "smaps_rollup").read_text(encoding="utf-8")
                held += 1024 * sum(int(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:"))
        self.peak = max(self.peak, held)


def build(reports: Path, out: Path, seed: str = "random") -> Built:
    """Run the command, and watch it and whatever it starts."""
    words = [sys.executable, "-m", "medeval", "board", "--reports", str(reports), "--out", str(out)]
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            words, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        family = Family(process.pid)
        while process.returncode is None:
            try:
                process.wait(OFTEN)
            except subprocess.TimeoutExpired:
                family.look()
        seconds = time.perf_counter() - begun
        if process.returncode:
            said.seek(0)
            sys.exit(f"{said.read()[-4000:].decode()}\nmedeval board ended with {process.returncode}.")
    return Built(seconds, family.busy, family.peak)


def large(figures: Figures, shelf: Shelf, size: Size) -> None:
    """The whole board, from reports to pages."""
    begun = time.perf_counter()
    folder = shelf.reports(size)
    figures.note(f"reports ready in {time.perf_counter() - begun:.0f} s")
    with shelf.site() as out:
        took = build(folder, out)
        files = [path for path in out.rglob("*") if path.is_file()]
        weight = sum(path.stat().st_size for path in files)
    what = f"{size.entries} entries x {size.tasks} tasks x {size.items:,} items"
    figures.note(f"{what}: {len(files):,} files, {weight / 1e6:.0f} MB; {took.busy:.0f} s of computing")
    figures.at_most(f"build, {what}, ranks too", took.seconds, 60, "s")
    if took.peak:
        figures.at_most("  peak memory of all its processes", took.peak / 1e9, 1.5, "GB")
    else:
        figures.note("this machine does not tell what processes hold, so peak memory was not measured")


def weights(figures: Figures, shelf: Shelf, size: Size) -> None:
    """What goes over the wire for the first page, and the parts that are ours."""
    with shelf.site() as out:
        build(shelf.reports(size), out)
        page = (out / "en" / "index.html").read_bytes()
    columns = page.count(b"data-better=")
    figures.note(f"index of {size.entries} entries: {columns} columns, {len(page) / 1e3:.0f} kB as it is")
    figures.at_most(f"index of {size.entries} entries, gzipped", _gzipped(page), 60, "kB")
    for name in ("site.js", "site.css"):
        figures.at_most(f"  {name}, gzipped", _gzipped((STATIC / name).read_bytes()), 8, "kB")


def _gzipped(data: bytes) -> float:
    return len(gzip.compress(data, 9)) / 1e3


def sorting(figures: Figures, shelf: Shelf, size: Size) -> None:
    """Sort the page of all results by a column, there and back, in a real browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None or find_spec("playwright") is None:
        figures.note("Chromium or the package playwright is not here, so sorting was not measured")
        return
    from playwright.sync_api import sync_playwright

    with shelf.site() as out, sync_playwright() as driver:
        build(shelf.reports(size), out)
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((out / "en" / "all.html").as_uri())
        told: dict[str, Any] = page.evaluate(SORT, TURNS)
        cells = page.locator("table[data-board] td").count()
        version = browser.version
        browser.close()
    # A click that does nothing is fast.
    if told["rows"] != size.entries or len({*told["orders"]}) != 2:
        sys.exit(f"all.html: {told['rows']} rows, and clicks led to {told['orders']}: nothing was sorted.")
    each = ", ".join([f"{turn:.1f}" for turn in told["times"]])
    figures.note(f"Chromium {version}, {cells:,} cells, ms click by click: {each}")
    figures.at_most(f"sort of {size.entries} rows, laid out again", median(told["times"]), 50, "ms")


def same(figures: Figures, shelf: Shelf, size: Size) -> None:
    """Build one board twice, in processes that hash differently."""
    sites = []
    for seed in ("1", "2"):
        with shelf.site() as out:
            build(shelf.reports(size), out, seed)
            sites.append({
                path.relative_to(out): hashlib.sha256(path.read_bytes()).digest()
                for path in out.rglob("*") if path.is_file()
            })  # fmt: skip
    one, other = sites
    differ = [path for path in one | other if one.get(path) != other.get(path)]
    figures.note(f"same reports, same bytes: {'no, ' + str(differ[0]) if differ else 'yes'}; {len(one):,} files")
    figures.at_most("same reports, other bytes", len(differ), 0, "files")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path)
    # What the figures themselves are told is read by them.
    chosen, sys.argv[1:] = parser.parse_known_args()
    figures = Figures()
    if chosen.quick:
        figures.note("quick: small boards, whose figures say nothing of large ones")
    figures.note(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    boards = (QUICK,) * 3 if chosen.quick else (LARGE, INDEX, SORTED)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        home = chosen.keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        needed, free = sum(size.bytes for size in boards) + ROOM, shutil.disk_usage(home).free
        if free < needed:
            sys.exit(f"{home}: {needed / 1e9:.0f} GB are needed there, and {free / 1e9:.1f} GB are free. Try --quick.")
        shelf = Shelf(home)
        for measure, size in zip((large, weights, sorting, same), (*boards, SMALL), strict=True):
            measure(figures, shelf, size)
    figures.end()


if __name__ == "__main__":
    main()
