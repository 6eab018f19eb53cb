"""medeval check: what it prints and writes, how it ends, and one sentence for what cannot be."""

import json
import re
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

import medeval
from medeval.comparing.sides import PRIVATE
from medeval.engines.scripted import Scripted
from medeval.gates import Proof, Verdict
from medeval.records import Request, Response
from tests.nights import GATE, SETTING, marked, night, of_counts, pinned

Said = Callable[..., tuple[int, str, str]]
LABEL = "m-2026-11-27"
FILES = {"verdict.json", "junit.xml", "summary.md", "comment.md", "badge.json", "badge.svg"}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, command: Said) -> Said:
    """Run the verb in the folder of the test."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return partial(command, "check")


def made(  # noqa: PLR0917
    root: Path, b: int = 20, c: int = 25, margin: float = 0.015, before: str = "", n: int = 1_273
) -> None:
    """A baseline, a night, and a gate file."""
    base, new = of_counts(b, c, n)
    night(root / "reports", "base", base)
    night(root / "reports", LABEL, new)
    pinned(root / "reports", "base")
    gate(root, margin, before)


def gate(root: Path, margin: float = 0.015, before: str = "") -> None:
    text = f'baseline = "base"\n{before}{GATE.format(margin=margin)}'
    (root / "gate.toml").write_text(text, encoding="utf-8")


CODES = [
    ((20, 25), 0.015, "", 0, "NON_INFERIOR"),
    ((40, 12), 0.015, "", 0, "IMPROVED"),
    ((12, 40), 0.015, "", 1, "REGRESSED"),
    ((20, 25), 0.010, "", 0, "INCONCLUSIVE"),
    ((20, 25), 0.010, 'on_inconclusive = "fail"\n', 6, "INCONCLUSIVE"),
    ((20, 25), 0.015, 'required = ["pubmedqa"]\n', 4, "NOT_COMPARABLE"),
]


@pytest.mark.parametrize(("counts", "margin", "before", "code", "word"), CODES)
def test_what_is_printed_is_what_is_written_and_how_it_ends(  # noqa: PLR0917
    said: Said, tmp_path: Path, counts: tuple[int, int], margin: float, before: str, code: int, word: str
) -> None:
    made(tmp_path, *counts, margin, before)
    ended, out, err = said(LABEL, "--out", "out")
    assert (ended, err) == (code, "")
    last = out.rstrip("\n").splitlines()[-1]
    assert last.startswith(f"{word} (exit {code}): {LABEL} against base.001; ")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    verdict = msgspec.json.decode((tmp_path / "out" / "verdict.json").read_bytes(), type=Verdict)
    assert (verdict.said, verdict.word, verdict.exit_code) == (last, word, code)
    (suite,) = ET.parse(tmp_path / "out" / "junit.xml").getroot()  # noqa: S314  of our own making
    assert (int(suite.attrib["failures"]) + int(suite.attrib["errors"]) > 0) == (code > 0)
    ended, out, err = said(LABEL, "--json")
    assert (ended, err) == (code, "")
    assert json.loads(out) == json.loads((tmp_path / "out" / "verdict.json").read_text())


def test_the_table_tells_the_numbers_of_a_gate(said: Said, tmp_path: Path) -> None:
    made(tmp_path, 12, 40)
    out = said(LABEL)[1]
    head, row = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines()[:2]]
    told = dict(zip(head, row, strict=True))
    wanted = {
        "gate": "medqa", "number": "accuracy", "change": "−2.20", "interval": "−3.19 to −1.30", "margin": "1.50",
        "n": "1,273", "b": "12", "c": "40", "p": "<0.0001", "word": "REGRESSED", "why": "surely worse",
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    assert "medqa accuracy: lost medqa/0012, medqa/0013" in out
    assert "and 30 more" in out


def test_a_baseline_may_be_named_instead_of_the_files(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    night(tmp_path / "reports", "other", of_counts(0, 90, 1_273)[0])
    pinned(tmp_path / "reports", "other")
    assert "against other.001" in said(LABEL, "--baseline", "other")[1]
    assert "against base.001" in said(LABEL, "--baseline", "base.001")[1]
    code, _, err = said(LABEL, "--baseline", "base.002")
    assert code == 2
    assert err.startswith("medeval: Baseline 'base.002': not in reports/baselines (there: ")


def test_what_is_wrong_with_a_request_is_two_and_a_sentence(said: Said, tmp_path: Path) -> None:
    code, out, err = said(LABEL)
    assert (code, out) == (2, "")
    assert err == "medeval: gate.toml: cannot be read (No such file or directory). `medeval init ci` writes one.\n"
    made(tmp_path, margin=0.005)
    code, out, err = said(LABEL)
    assert (code, out) == (2, "")
    assert "cannot see what it asks for" in err
    assert re.search(r"n≈[\d,]+", err)
    gate(tmp_path)
    for words, wanted in (
        (("nobody",), "no results there"),
        ((), "Name the ENTRY"),
        ((LABEL, "--self-test"), "--self-test needs a baseline"),
        ((LABEL, "--last", "nobody"), "--last nobody: no such entry"),
    ):
        code, out, err = said(*words)
        assert (code, out) == (2, ""), words
        assert wanted in err
        assert err.count("\n") == 1


def test_many_faults_of_a_file_are_as_many_lines(said: Said, tmp_path: Path) -> None:
    made(tmp_path, margin=0.005, before='treatment = ["weather"]\nfamily_alpha = 2\n')
    code, _, err = said(LABEL)
    assert code == 2
    assert err.count("medeval: gate.toml: ") == err.count("\n") == 2


def test_an_empty_gate_is_five(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "gate.toml").write_text("")
    code, out, err = said(LABEL)
    assert (code, err) == (5, "")
    assert out.rstrip().endswith("nothing was compared")


def test_a_byte_of_the_baseline_is_four_and_nothing_is_said_of_the_night(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "reports" / "baselines" / "base.001.json"
    path.write_bytes(path.read_bytes().replace(b'"takes": 1', b'"takes": 2'))
    code, out, err = said(LABEL, "--out", "out")
    assert (code, out) == (4, "")
    assert "was changed after it was accepted" in err
    assert not (tmp_path / "out").exists()


def test_github_gets_notes_beside_the_lines_and_a_summary(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, 12, 40)
    page = tmp_path / "summary.md"
    page.write_text("# What was there\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    code, out, _ = said(LABEL)
    assert code == 1
    notes = [line for line in out.splitlines() if line.startswith("::error")]
    assert notes == ["::error file=gate.toml,line=2,title=REGRESSED medqa accuracy::surely worse"]
    text = page.read_text()
    assert text.startswith("# What was there\n## REGRESSED")
    assert "| REGRESSED |" in text
    _, out, _ = said(LABEL, "--json")
    assert json.loads(out)["word"] == "REGRESSED", "where JSON is asked for, nothing else is printed"
    assert page.read_text().count("## REGRESSED") == 2


def test_a_summary_that_cannot_be_written_does_not_hide_the_verdict(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, 12, 40)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "summary.md"))
    code, out, _ = said(LABEL)
    assert code == 1
    assert "REGRESSED (exit 1)" in out


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_checked(said: Said, tmp_path: Path) -> None:
    made(tmp_path, 12, 40)
    (tmp_path / "out").write_text("a file")
    code, _, err = said(LABEL, "--out", "out")
    assert code in (2, 3)
    assert "out" in err
    assert not (tmp_path / "reports" / LABEL / "verdict.json").exists()


@pytest.mark.parametrize("github", [False, True])
def test_nothing_that_anybody_named_makes_a_line_of_its_own(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, github: bool
) -> None:
    """A sample, a label and a system prompt that would forge a verdict, steer a terminal, or order a runner about."""
    bad = "x\n::add-mask::secret\r\nNON_INFERIOR (exit 0): \x1b[2J\u202e"
    base, new = of_counts(0, 60, 1_273)
    names = [f"{bad}{place}" for place in range(1_273)]
    night(tmp_path / "reports", "base", base, ids=names, entry=bad)
    night(tmp_path / "reports", LABEL, new, ids=names, entry=bad)
    night(tmp_path / "reports", "m-2026-11-28", new, ids=names, setting=medeval.records.Setting(system=bad))
    pinned(tmp_path / "reports", "base", name="base")
    gate(tmp_path)
    if github:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for label, code in ((LABEL, 1), ("m-2026-11-28", 4)):
        ended, out, err = said(label)
        assert (ended, err) == (code, "")
        assert "\x1b" not in out
        assert "\u202e" not in out
        lines = [line.strip() for line in re.split(r"[\n\r\v\f\x85\u2028\u2029]", out) if line.strip()]
        commands = [
            line for line in lines if line.startswith("::") and not re.match(r"::(error|stop-commands|\w{8,}::)", line)
        ]
        assert commands == []
        assert not [line for line in lines if line.startswith("NON_INFERIOR")]


def test_the_runner_obeys_nothing_between_two_lines_that_nobody_can_guess(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner takes ##[…] for an order wherever it stands in a line."""
    base, new = of_counts(0, 60, 1_273)
    names = [f"##[add-path]/tmp/{place}" for place in range(1_273)]
    night(tmp_path / "reports", "base", base, ids=names)
    night(tmp_path / "reports", LABEL, new, ids=names)
    pinned(tmp_path / "reports", "base")
    gate(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    tokens = []
    for _ in range(2):
        lines = said(LABEL)[1].splitlines()
        found = re.fullmatch(r"::stop-commands::(\w{16,})", lines[0])
        assert found is not None
        tokens.append(found[1])
        end = lines.index(f"::{found[1]}::")
        orders = [place for place, line in enumerate(lines) if "##[" in line]
        assert orders
        assert max(orders) < end
        assert [line.partition(" ")[0] for line in lines[end + 1 :]] == ["::error"]
    assert tokens[0] != tokens[1]


def test_the_self_test_is_green_and_red_as_it_must_be(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    code, out, err = said("--self-test")
    assert (code, err) == (0, "")
    assert out.rstrip().endswith("The gate holds: the same passes, and a loss of 5 % does not.")
    assert "NON_INFERIOR (exit 0): the baseline's own first take against base.001" in out
    assert "REGRESSED (exit 1): the same with 5 % lost against base.001" in out
    code, out, _ = said("--self-test", "--json")
    proof = msgspec.json.decode(out, type=Proof)
    assert (code, proof.holds) == (0, True)
    assert not (tmp_path / "reports" / "base" / "verdict.json").exists()


def test_a_gate_that_is_too_blind_for_five_per_cent_is_one(said: Said, tmp_path: Path) -> None:
    night(tmp_path / "reports", "base", marked(75, 100))
    pinned(tmp_path / "reports", "base")
    gate(tmp_path, 0.06)
    code, out, err = said("--self-test")
    assert code == 1
    assert "The gate does not hold." in out
    assert "Of a loss of 5 % these see nothing: medqa accuracy." in out
    assert err == "medeval: the gate does not see what it is there for. Take more samples, or fewer gates.\n"


def test_a_self_test_needs_a_baseline(said: Said, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text(GATE.format(margin=0.02))
    code, _, err = said("--self-test")
    assert code == 2
    assert "needs a baseline" in err


def test_last_night_is_told_beside(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    assert "There is no night before this one" in said(LABEL, "--last", "auto")[1]
    night(tmp_path / "reports", "m-2026-11-26", of_counts(0, 60, 1_273)[1])
    assert "medqa accuracy against m-2026-11-26: " in said(LABEL, "--last", "auto")[1]


def test_chinese_labels_are_checked_and_told(said: Said, tmp_path: Path) -> None:
    made(tmp_path)
    night(tmp_path / "reports", "华佗-2026-11-27", of_counts(20, 25, 1_273)[1])
    code, out, _ = said("华佗-2026-11-27", "--out", "输出")
    assert code == 0
    assert out.rstrip().splitlines()[-1].startswith("NON_INFERIOR (exit 0): 华佗-2026-11-27 against base.001")
    assert "华佗-2026-11-27" in (tmp_path / "输出" / "junit.xml").read_text(encoding="utf-8")


def knowing(right: int) -> Scripted:
    """A model that knows the answers to the first so many questions."""

    def answer(request: Request) -> Response:
        number = int(re.findall(r"Question (\d+)\?", request.text)[0])
        best = (number + (number >= right)) % 4
        return Response(logprobs=tuple([-0.1 if place == best else -3.0 for place in range(4)]))

    return Scripted(answer, model="m")


@pytest.mark.parametrize(
    ("second", "code", "told"), [(82, 1, "the loss came out again"), (109, 0, "the loss did not come out again")]
)
def test_red_tasks_are_run_once_more_where_a_model_is_named(  # noqa: PLR0917
    said: Said, exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch, second: int, code: int, told: str
) -> None:
    root = exam(120)
    paths = (root / "exam.py",)
    for label, right in (("base", 110), (LABEL, 80)):
        medeval.evaluate(
            model=knowing(right), tasks=["exam"], data=root / "data", reports=root / "reports", label=label,
            task_paths=paths,
        )  # fmt: skip
    pinned(root / "reports", "base")
    (root / "gate.toml").write_text('baseline = "base"\n[[gate]]\ntask = "exam"\nmargin = 0.06\n')
    engine = knowing(second)
    monkeypatch.setattr("medeval.planning.preparing.engine_for", lambda *_: engine)
    words = (LABEL, "--task-path", "exam.py", "--data", "data")
    assert said(*words)[0] == 1
    assert engine.asked == 0
    ended, out, err = said(*words, "--confirm", "m", "--out", "out")
    assert (ended, err) == (code, "")
    assert told in out
    assert engine.asked == 120
    verdict = json.loads((root / "out" / "verdict.json").read_text())
    assert verdict["lines"][0]["second"]["confirmed"] == (code == 1)
    assert told in (root / "out" / "summary.md").read_text()


def test_a_baseline_has_one_number_whichever_verb_tells_it(said: Said, command: Said, tmp_path: Path) -> None:
    """Of macro F1 the mean of three takes is not what all their answers come to together."""
    for label in "abcd":

        def pick(request: Request, label: str = label) -> Response:
            dice = zlib.crc32(f"{label}{request.text}".encode())
            return Response(logprobs=tuple([-0.2 if place == dice % 3 else -2.5 for place in range(3)]))

        medeval.evaluate(
            model=Scripted(pick, model="many minds"), tasks=["pubmedqa"], data="sample", reports=tmp_path / "reports",
            label=label,
        )  # fmt: skip
    accepted = command("baseline", "accept", "a", "b", "c", "--reason", "Three.", "--name", "three")[1]
    shown = command("baseline", "show", "three")[1]
    for metric in ("accuracy", "macro_f1"):
        (tmp_path / "gate.toml").write_text(
            f'baseline = "three"\n[[gate]]\ntask = "pubmedqa"\nmetric = "{metric}"\nmargin = 0.9\n', encoding="utf-8"
        )
        checked = said("d", "--gate", "gate.toml")[1]
        rows = [
            next(cells for row in out.splitlines() if metric in (cells := re.split(r"\s{2,}", row.strip())))
            for out in (accepted, shown, checked)
        ]  # fmt: skip
        told = {cells[cells.index(metric) + 1] for cells in rows}
        takes = [float(value) for value in rows[0][rows[0].index(metric) + 2].split(", ")]
        assert len(takes) == 3
        assert len(told) == 1, metric
        assert float(next(iter(told))) == pytest.approx(sum(takes) / 3, abs=0.011)


@pytest.mark.parametrize("own", [True, False])
def test_a_verdict_on_an_exam_of_ones_own_says_so(said: Said, tmp_path: Path, *, own: bool) -> None:
    setting = replace(SETTING, data="own" if own else "real")
    for label in ("base", LABEL):
        night(tmp_path / "reports", label, marked(900, 1_273), setting=setting)
    pinned(tmp_path / "reports", "base")
    gate(tmp_path)
    assert (PRIVATE in said(LABEL, "--gate", "gate.toml")[1].splitlines()) is own
    (tmp_path / "reports" / LABEL / "medqa" / "result.json").unlink()
    night(tmp_path / "reports", LABEL, marked(900, 1_273), "pubmedqa")
    told = said(LABEL, "--gate", "gate.toml")[1]
    assert "NOT_COMPARABLE" in told
    assert (PRIVATE in told.splitlines()) is own, "the baseline's cell is named"
