"""medeval raters: a page from a run, what came back of it, and every fault a sentence."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import medeval
from medeval import cli
from medeval.engines.scripted import Scripted


def raters(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["raters", *[str(word) for word in words]], catch_exceptions=False)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What the command says where it ends with exit code 2."""
    monkeypatch.setattr(sys, "argv", ["medeval", "raters", *[str(word) for word in words]])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    return capsys.readouterr().err.strip()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Two entries' notes of the project's own conversations."""
    for label, note in (("Wise-7B", "I, Wise-7B, saw a patient with a cough."), ("Plain", "Cough. Rest.")):
        engine = Scripted(lambda request, note=note: note, model=label)  # type: ignore[misc]
        medeval.evaluate(model=engine, tasks="aci_bench", data="sample", reports=tmp_path / "r", label=label)
    return tmp_path / "r"


def back(page: Path, rater: str, grade: str) -> Path:
    """Rate everything on a page alike, as its script would save it."""
    data = json.loads(page.read_text(encoding="utf-8").partition('id="data">')[2].partition("</script>")[0])
    ratings = [
        {"item": item["id"], "grades": dict.fromkeys(data["criteria"], grade), "comment": ""} for item in data["items"]
    ]
    path = page.with_name(f"{rater}.json")
    told = {"schema_version": 1, "page": data["page"], "rater": rater, "ratings": ratings}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_a_page_is_made_rated_and_told(reports: Path, tmp_path: Path) -> None:
    page, key = tmp_path / "page.html", tmp_path / "page.key.json"
    said = raters("export", "Wise-7B", "--task", "aci_bench", "--n", "4", "--out", page, "--reports", reports)
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        f"{page}: 4 samples to rate by 7 criteria.",
        f"{key}: the key, which `medeval raters import` wants. Keep it from raters.",
        "Names of entries are blacked out in 4 samples.",
    ]
    assert "wise" not in page.read_text(encoding="utf-8").lower()
    files = [back(page, rater, grade) for rater, grade in (("AB", "4"), ("CD", "5"))]
    said = raters("import", *files, "--key", key, "--reports", reports)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0].endswith(": Wise-7B (wise-7b/aci_bench@written,sample)")
    assert [line.split() for line in lines[1:4]] == [
        ["rater", "rated", "begun", "items"], ["AB", "4", "0", "4"], ["CD", "4", "0", "4"],
    ]  # fmt: skip
    assert ["safe", "4.50", "4.50", "to", "4.50", "4"] in [line.split() for line in lines]
    assert json.loads((reports / "raters" / "admissions.json").read_text()) == {}
    assert raters("show", "--reports", reports, "--bar", "0.9").stdout == said.stdout
    parts = raters("show", "--reports", reports, "--slices").stdout
    assert parts.count("weighted kappa") > said.stdout.count("weighted kappa") == 7
    assert "safe              recorded " in parts
    told = json.loads(raters("show", "--reports", reports, "--json").stdout)
    assert [each["rater"] for each in told["pages"][0]["raters"]] == ["AB", "CD"]


def test_two_entries_are_compared(reports: Path, tmp_path: Path) -> None:
    page = tmp_path / "pair.html"
    made = ("export", "Wise-7B", "Plain", "--task", "aci_bench", "--n", "6", "--criteria", "safe", "--language", "zh")
    assert raters(*made, "--out", page, "--reports", reports, "--rater-name-free").exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert 'id="rater"' not in html
    assert 'id="code"' in html
    files = [back(page, "AB", "tie")]
    said = raters("import", *files, "--key", page.with_suffix(".key.json"), "--reports", reports)
    assert "Wise-7B against Plain" in said.stdout
    rows = [line.split() for line in said.stdout.splitlines() if line.startswith(("safe", "overall"))]
    assert [row[:5] for row in rows] == [["safe", "0", "6", "0", "50.00"], ["overall", "0", "6", "0", "50.00"]]


def test_a_fault_is_a_sentence_and_exit_2(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, key = tmp_path / "page.html", tmp_path / "page.key.json"
    assert refused(
        monkeypatch, capsys, "export", "Nobody", "--task", "aci_bench", "--out", page, "--reports", reports
    ) == (
        f"medeval: {reports / 'Nobody'}: no run of aci_bench there. "
        "`medeval run` makes one; --reports says where entries are."
    )
    assert not page.exists()
    assert refused(monkeypatch, capsys, "show", "--reports", reports) == (
        f"medeval: {reports}: no ratings there. `medeval raters import` brings them in."
    )
    raters("export", "Plain", "--task", "aci_bench", "--out", page, "--reports", reports)
    file = back(page, "AB", "6")
    said = refused(monkeypatch, capsys, "import", file, "--key", key, "--reports", reports)
    assert said.splitlines()[0].endswith("professional: grade '6' is none of 1, 2, 3, 4, 5.")
    assert not (reports / "raters").exists()
    assert raters("import", back(page, "AB", "3"), "--key", key, "--reports", reports, "--bar", "2").exit_code == 2
    assert not (reports / "raters").exists()
