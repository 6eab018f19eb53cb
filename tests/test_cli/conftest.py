"""What tests of several verbs need: the command, run here, and what it said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import cli


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run a verb in the folder of the test, and tell how it ended and what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["medeval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert "fault of medeval itself" not in told.err
        return int(end.value.code or 0), told.out, told.err

    return run
