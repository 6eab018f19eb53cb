"""The picture of the README: the first screen of a built board, as a browser shows it.

python benchmarks/picture.py SITE FILE
"""

import shutil
import sys
from pathlib import Path

WIDE, TALL = 1360, 900


def taken(site: Path, file: Path) -> Path:
    """Open the board's first page, and take a picture of what fits on a screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDE, "height": TALL}, color_scheme="light")
        page.goto((site / "index.html").resolve().as_uri())
        page.screenshot(path=file)
        browser.close()
    return file


if __name__ == "__main__":
    print(taken(Path(sys.argv[1]), Path(sys.argv[2])))
