"""What is written of a verdict, for machines and for people: all of it from the one value."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from medeval import reports
from medeval.gates.telling import HEAD, lost, notes, row
from medeval.gates.verdicts import ORDER, Line, Verdict, Word
from medeval.markdown import plain, table

SUMMARY, COMMENT = 900_000, 60_000
"""Bytes that a step's summary and a comment may have: GitHub cuts them off at 1,024 k and 64 k."""
MOST = 10
"""Annotations of a step that GitHub shows."""
COLOURS: dict[Word, str] = {
    "IMPROVED": "#2f7d32", "NON_INFERIOR": "#2f7d32", "INCONCLUSIVE": "#8a6100", "NOT_COMPARABLE": "#5c5c5c",
    "REGRESSED": "#b3261e",
}  # fmt: skip
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def write(folder: Path, verdict: Verdict) -> list[Path]:
    """Write every form of a verdict into a folder."""
    reports.made(folder)
    reports.publish(folder / "verdict.json", verdict)
    texts = {
        "junit.xml": junit(verdict), "summary.md": summary(verdict), "comment.md": summary(verdict, COMMENT),
        "badge.json": json.dumps(badge(verdict)) + "\n", "badge.svg": drawn(verdict),
    }  # fmt: skip
    for name, text in texts.items():
        reports.put(folder / name, text.encode("utf-8", "replace"))
    return [folder / "verdict.json", *[folder / name for name in texts]]


def junit(verdict: Verdict) -> str:
    """A test case a gate: failed where it is red, an error where it is not comparable, skipped where nobody knows."""
    suite = ET.Element("testsuite", name=_fit(f"medeval check {verdict.entry}"))
    counts = dict.fromkeys(("failure", "error", "skipped"), 0)
    for line in verdict.lines:
        case = ET.SubElement(
            suite, "testcase", classname=_fit(f"{verdict.baseline or 'medeval'}.{line.cell or line.task}"),
            name=_fit(line.metric or line.kind), time="0",
        )  # fmt: skip
        if kind := _outcome(line, strict=verdict.strict):
            counts[kind] += 1
            ET.SubElement(case, kind, message=_fit(f"{line.word}: {line.why}")).text = _fit(_told(line))
    for name, value in (("tests", len(verdict.lines)), ("failures", counts["failure"]), ("errors", counts["error"]), (
            "skipped", counts["skipped"])):  # fmt: skip
        suite.set(name, str(value))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def summary(verdict: Verdict, most: int = SUMMARY) -> str:
    """A page of Markdown, cut off between two lines where it would be too large."""
    said, size = [], 0
    cut = "\n_The rest is in verdict.json._\n"
    for line in _summary(verdict):
        size += len(line.encode("utf-8", "replace")) + 1
        if size > most - len(cut):
            said.append(cut)
            break
        said.append(line)
    return "\n".join(said) + "\n"


def annotations(verdict: Verdict) -> Iterator[str]:
    """Workflow commands that stand beside the lines of the gate file."""
    level = {"REGRESSED": "error", "NOT_COMPARABLE": "error", "INCONCLUSIVE": "error" if verdict.strict else "warning"}
    found = [line for line in verdict.lines if line.word in level]
    for line in sorted(found, key=lambda line: level[line.word])[:MOST]:
        title = _property(f"{line.word} {line.name}")
        yield f"::{level[line.word]} file={_property(verdict.gate)},line={line.at},title={title}::{_data(line.why)}"


def badge(verdict: Verdict) -> dict[str, object]:
    """The JSON of a shields.io endpoint."""
    return {
        "schemaVersion": 1, "label": "medeval", "message": verdict.word.lower().replace("_", " "),
        "color": COLOURS[verdict.word].removeprefix("#"),
    }  # fmt: skip


def drawn(verdict: Verdict) -> str:
    """The same as a picture of our own."""
    word = verdict.word.lower().replace("_", "-")
    left, right = 62, 16 + 7 * len(word)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="medeval: {word}"><title>medeval: {word}</title>'
        f'<rect width="{left}" height="20" rx="3" fill="#333"/>'
        f'<rect x="{left}" width="{right}" height="20" rx="3" fill="{COLOURS[verdict.word]}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left // 2}" y="14">medeval</text><text x="{left + right // 2}" y="14">{word}</text></g></svg>\n'
    )


def _summary(verdict: Verdict) -> Iterator[str]:
    yield from (f"## {plain(verdict.said)}", "")
    # What is red comes first: a reader of a long table may go no further.
    order = sorted(verdict.lines, key=lambda line: ORDER.index(line.word))
    yield from table(HEAD, [row(line) for line in order]) if order else ()
    yield from [f"- {plain(note)}" for note in notes(verdict)]
    yield ""
    if cases := [*lost(verdict)]:
        yield from ("### Samples that were lost", "")
        yield from [f"- {plain(case)}" for case in cases]
        yield ""
    yield f"Gate {plain(verdict.gate)} ({verdict.gate_digest}), medeval {verdict.medeval}."


def _outcome(line: Line, *, strict: bool) -> str:
    if line.word == "INCONCLUSIVE":
        return "failure" if strict else "skipped"
    return {"REGRESSED": "failure", "NOT_COMPARABLE": "error"}.get(line.word, "")


def _told(line: Line) -> str:
    return "\n".join([f"{name}: {value}" for name, value in zip(HEAD, row(line), strict=True)])


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def _data(text: str) -> str:
    """A workflow command ends with its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
