"""A folder of reports to which cells are published by hand, and the pages drawn from it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.raters import Drawn, Wanted, draw, rendered
from medeval.records import Identity, Setting
from medeval.scoring import Scored
from tests.test_raters.rated import Cell, Page, written


@pytest.fixture
def cell(tmp_path: Path) -> Cell:
    """Publish a cell of the task `talk`."""

    def make(label: str, lines: Sequence[Scored], *, name: str = "talk", data: str = "d1", **setting: object) -> Path:
        folder = tmp_path / "reports" / reports.slug(label) / name
        model = Identity(engine="scripted", version="1", model=f"/models/{label}")
        manifest = reports.Manifest(
            task="talk", task_version=1, entry=label, setting=Setting(style="written", chat=True), form="original",
            pinned=True, data=data, engines={"model": model},
        )  # fmt: skip
        written(folder / reports.SAMPLES, lines)
        reports.publish(folder / reports.MANIFEST, replace(manifest, setting=replace(manifest.setting, **setting)))
        return folder

    return make


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Draw a page from what was published, and render it."""

    def make(*entries: str, **wanted: object) -> tuple[Drawn, str]:
        drawn = draw(entries, tmp_path / "reports", replace(Wanted(task="talk"), **wanted))
        return drawn, rendered(drawn)

    return make
