"""How a benchmark tells its figures: a line each, with what it must be; exit 1 where one falls short."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path


class Figures:
    """Figures as they are measured."""

    def __init__(self) -> None:
        parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
        parser.add_argument("--json", type=Path, help="write the figures to this file")
        self._file: Path | None = parser.parse_args().json
        self._rows: list[dict[str, str | float | bool]] = []
        self._notes: list[str] = []

    def at_most(self, name: str, value: float, limit: float, unit: str) -> None:
        """Tell a figure that must not be larger."""
        self._tell(name, value, limit, unit, "at most", value <= limit)

    def at_least(self, name: str, value: float, limit: float, unit: str) -> None:
        """Tell a figure that must not be smaller."""
        self._tell(name, value, limit, unit, "at least", value >= limit)

    def note(self, text: str) -> None:
        """Tell what the figures rest on."""
        print(f"      {text}", flush=True)
        self._notes.append(text)

    def end(self) -> None:
        """Write the file, and leave with 1 if a figure fell short."""
        if self._file:
            machine = (
                f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
            )
            self._file.write_text(
                json.dumps({"machine": machine, "figures": self._rows, "notes": self._notes}, indent=1) + "\n",
                encoding="utf-8",
            )
        sys.exit(0 if all(row["held"] for row in self._rows) else 1)

    def _tell(self, name: str, value: float, limit: float, unit: str, bound: str, held: bool) -> None:  # noqa: FBT001, PLR0913, PLR0917
        mark = "ok  " if held else "FAIL"
        print(f"{mark}  {name:<58} {value:>12,.4g} {unit:<12} ({bound} {limit:,g})", flush=True)
        self._rows.append({"name": name, "value": value, "unit": unit, "bound": bound, "limit": limit, "held": held})
