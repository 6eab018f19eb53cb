"""Small folders of reports for tests of the board: one of runs as they happen, one of texts that mean harm."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path

from msgspec.structs import replace

import medeval
from medeval import reports
from medeval.engines.scripted import Scripted
from medeval.gradings import SURVEY, Judge
from medeval.records import (
    Decoding,
    Estimate,
    Failure,
    Identity,
    Message,
    Reply,
    Request,
    Response,
    Result,
    Setting,
    SliceEstimate,
    Table,
    Verdict,
    to_json,
)
from medeval.scoring import Judgment, Scored
from medeval.scoring.shown import Exchanged
from tests.payloads import FORMULAS

TASKS = ("medqa", "pubmedqa", "cmb_exam", "mts_dialog", "cmtmedqa_safety")
GROUP = "mmlu_medical"
"""Six tasks more, and their mean, for some."""
EXAMS = ("medqa", "pubmedqa", "cmb_exam")
JUDGED = "cmb_clin"
FLOORS = tuple(f"baseline-{rule}" for rule in ("random", "majority", "longest", "overlap"))
SKILLS = {"atlas-8b": 0.9, "birch-8b": 0.7, "cedar-70b": 0.5}
NIGHTS = {"nightly-2026-01-01": 0.5, "nightly-2026-01-02": 0.65, "nightly-2026-01-03": 0.8}
CHILD, PARENT = "atlas-8b-tuned", "atlas-8b"
REASONING, PARTIAL, UNFINISHED, BROKEN = "elm-reasons", "fir-partial", "gum-unfinished", "hazel-broken"
PRIVATE, HIDDEN = "ivy-private", "juniper-hidden"
"""What nobody is to see; of the second there is no result yet."""
CARDS: dict[str, dict[str, object]] = {
    PARENT: {"schema_version": 1, "stage": "pretraining", "tags": ["open", "medical", "8b"]},
    CHILD: {"schema_version": 1, "parent": PARENT, "stage": "instruction", "tags": ["open", "medical", "8b"]},
    "cedar-70b": {"schema_version": 1, "tags": ["closed", "70b"], "url": "https://example.org/cedar", "licence": "MIT"},
    PRIVATE: {"schema_version": 1, "tags": ["secret-tag"], "private": True, "about": "Not to be told."},
    HIDDEN: {"schema_version": 1, "private": True},
}

# --- runs as they happen ----------------------------------------------------------------------


def shelf(folder: Path) -> Path:
    """Baselines, models of different skill, a child, nights, judges, what broke and what never ended."""
    for floor in FLOORS:
        _run(folder, floor.replace("-", ":", 1), (*TASKS, GROUP) if floor == "baseline-majority" else TASKS)
    truth = _truth(folder / "baseline-majority")
    for name, skill in SKILLS.items():
        _run(folder, _model(name, skill, truth), (*TASKS, GROUP) if name != "cedar-70b" else TASKS, name)
    for name, skill in NIGHTS.items():
        _run(folder, _model(name, skill, truth), ("medqa", "pubmedqa"), name)
    _run(folder, _model(CHILD, 0.95, truth), EXAMS, CHILD)
    _run(folder, Scripted(_thinking, model=REASONING), ("medqa",), REASONING, style="reasoned")
    _run(folder, _model(PARTIAL, 0.6, truth, gone=True), ("medqa",), PARTIAL)
    _run(folder, _model(PRIVATE, 0.99, truth), ("medqa", "pubmedqa"), PRIVATE)
    for name, words in (("atlas-8b", "肺炎，建议使用抗生素，并及时复查。"), ("birch-8b", "多喝水。")):
        judge = _saying("理由：可以。\n评分：4", "strict")
        _run(folder, _saying(words, name), (JUDGED,), name, style="written", judge=judge)
    for name in (f"{UNFINISHED}/medqa@sample", f"{PRIVATE}/medqa@sample,limit9", f"{HIDDEN}/medqa@sample"):
        shutil.copytree(folder / "birch-8b" / "medqa@sample", folder / name)
        for left in (reports.RESULT, reports.SAMPLES, reports.RUN):
            (folder / name / left).unlink()
    for name, card in CARDS.items():
        (folder / name / "entry.json").write_text(json.dumps(card), encoding="utf-8")
    shutil.copytree(folder / "cedar-70b" / "medqa@sample", folder / BROKEN / "medqa@sample")
    (folder / BROKEN / "medqa@sample" / reports.RESULT).write_text('{"schema_version": 1, "task"', encoding="utf-8")
    return folder


def shuffled(folder: Path, copy: Path) -> Path:
    """The same reports, made in another order, so that the disk lists them in another."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: hashlib.sha256(str(path.relative_to(folder)).encode()).digest()):
        there = copy / path.relative_to(folder)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)
    return copy


def _run(  # noqa: PLR0917  a run is said in a few words
    folder: Path, model: str | Scripted, tasks: Iterable[str], label: str = "", style: str = "",
    judge: Scripted | None = None,
) -> None:  # fmt: skip
    how = {"style": style} if style else {}
    medeval.evaluate(
        model=model, tasks=[*tasks], data="sample", reports=folder, label=label, judges=(judge,) if judge else (),
        **how,  # type: ignore[arg-type]
    )  # fmt: skip


def _truth(entry: Path) -> Mapping[str, tuple[str, ...]]:
    """What every prompt should be answered with: labels, or texts."""
    lines = [
        json.loads(line)
        for path in sorted(entry.glob(f"*/{reports.SAMPLES}"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {line["exchanges"][0]["prompt"]: tuple(line["target"] or line["references"]) for line in lines}


def _model(name: str, skill: float, truth: Mapping[str, tuple[str, ...]], *, gone: bool = False) -> Scripted:
    """A model that knows a share of the answers; the same ones whenever it is asked."""

    def said(request: Request) -> Reply:
        # Whoever knows more also knows what others do: their answers are paired, as those of real models are.
        known = int(hashlib.sha256(request.text.encode()).hexdigest()[:4], 16) / 0xFFFF < skill
        right = truth[request.text]
        if gone and "year" in request.text[:40]:
            return Failure(failure="engine_error", reason="The engine was gone.")
        if request.choices:
            labels = [choice.label for choice in request.choices]
            best = right[0] if known else next(label for label in labels if label not in right)
            return Response(
                logprobs=tuple([-0.2 if label == best else -2.5 for label in labels]), prompt_tokens=len(request.text),
                completion_tokens=1,
            )  # fmt: skip
        if all(len(each) == 1 for each in right):
            text = f"答案：{''.join(right) if known else 'A'}"
        else:
            text = right[0][: max(8, int(skill * len(right[0])))]
        return Response(text=text, prompt_tokens=len(request.text), completion_tokens=len(text))

    return Scripted(said, model=name)


def _thinking(request: Request) -> Reply:
    return Response(text="So it must be.\nAnswer: B", reasoning="Is it A? No. B is likelier.", completion_tokens=12)


def _saying(words: str, model: str) -> Scripted:
    """Whoever says the same to all; a judge among them."""
    return Scripted(lambda request: words, model=model, choices=False)


# --- texts that mean harm ---------------------------------------------------------------------

AT_ONCE = 40
"""Samples of a cell: few enough that its page shows them all."""
OPEN = ("medqa", "pubmedqa", "cmtmedqa", "k_qa", "mts_dialog", "cmb_exam", "healthbench", "mediq")
"""Tasks whose licence lets their texts be shown; of others a page has numbers alone."""
LONGEST = 3000
"""Characters of a text that may stand anywhere; longer ones stand only in what models and benchmarks say."""


def hostile(folder: Path, texts: Sequence[str]) -> Path:
    """Publish cells whose every text is one of these, or holds one; only the names of folders are tame.

    Each text is the question, the reply and the reference of a sample, and they are dealt out over all other fields;
    what a spreadsheet might compute stands where the downloads have a field of its own for it.
    """
    text = Deck([each for each in texts if len(each) <= LONGEST])
    protocols = [text() for _ in range(0, len(texts), AT_ONCE)]
    for place, entry in enumerate(("one", "two")):
        for number, protocol in enumerate(protocols):
            there = texts[number * AT_ONCE : (number + 1) * AT_ONCE]
            lines = [_hostile_line(place, sample, said, text) for sample, said in enumerate(there)]
            cell = folder / entry / f"cell-{number:02d}"
            _hostile_cell(cell, OPEN[number % len(OPEN)], f"{protocol}|n:{len(there)}", lines, text, number)
            if number % 4 == 0:
                _hostile_judge(cell, lines, text)
        for number in range(4):
            lines = [_hostile_line(place, sample, text(), text) for sample in range(2)]
            _hostile_cell(folder / entry / f"odd-{number}", text(), text(), lines, text)
        card = _hostile_card(text, "two" if entry == "one" else "")
        (folder / entry / "entry.json").write_bytes(to_json(card))
    _hostile_faults(folder, text)
    return folder


class Deck:
    """Deals texts one after the other, round and round; and so what a spreadsheet might compute."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts, self._formulas = cycle(texts), cycle(FORMULAS)

    def __call__(self) -> str:
        """The next text."""
        return next(self._texts)

    def formula(self) -> str:
        """The next formula."""
        return next(self._formulas)


def _hostile_card(text: Deck, parent: str) -> dict[str, object]:
    """A card that is taken, with the worst that it may say."""
    fit = (each for each in iter(text, None) if each.isprintable() and len(each) < 300)
    tags = {slug[:20] for slug in (re.sub(r"[^a-z0-9-]", "", text().lower()).strip("-") for _ in range(9)) if slug}
    return {
        "schema_version": 1, "stage": "instruction", "tags": sorted(tags), "about": next(fit), "licence": next(fit),
        "url": "https://evil.invalid/a?b=(c)&d=$e;#javascript:alert(1)", "parent": parent or next(fit),
    }  # fmt: skip


def _hostile_faults(folder: Path, text: Deck) -> None:
    """Results that cannot be read, and a card, with texts where the fault will be."""
    for number in range(12):
        cell = folder / f"fault-{number:02d}" / "exam"
        cell.mkdir(parents=True)
        (cell / reports.RESULT).write_bytes(to_json({text(): text(), "schema_version": 1}))
    shutil.copytree(folder / "two" / "cell-00", folder / "three" / "cell-00")
    (folder / "three" / "entry.json").write_bytes(to_json({text(): text(), "parent": text()}))


def _hostile_cell(  # noqa: PLR0917  a cell has many parts
    folder: Path, task: str, protocol: str, lines: Sequence[Scored], text: Deck, limit: int = 0
) -> None:  # fmt: skip
    setting = Setting(
        style="written", chat=True, system=text(), prefill=text(), patient=text(), shots_from=text(), limit=limit
    )  # fmt: skip
    result = Result(
        task=task, task_version=1, entry=text(), setting=setting, data="d" * 64, prompt=text(),
        journal_records=len(lines), journal=text(), headline="accuracy", protocol=protocol, conditions=text.formula(),
        flags=tuple([text() for _ in range(8)]), estimates=_hostile_estimates(lines, text),
        tables=(Table(name=text(), about=text(), columns=(text(), text()), rows=((text(), 0.5), (text(), None))),),
    )  # fmt: skip
    model = Identity(
        engine=text(), version=text(), model=text(), content=text(), dtype=text(), quantisation=text(),
        adapter=text(), arguments=text(),
    )  # fmt: skip
    manifest = reports.Manifest(
        task=task, task_version=1, entry=result.entry, setting=setting, form=text(), pinned=True, data=result.data,
        engines={"model": model},
    )  # fmt: skip
    attempt = reports.Attempt(started=text(), seconds=1.0, asked=1, reused=0, read=9, written=9, cost=0.1)
    run = reports.Run(medeval=text(), python=text(), machine=text(), attempts=(attempt,), metrics=(text(),))
    folder.mkdir(parents=True)
    for name, value in ((reports.MANIFEST, manifest), (reports.RESULT, result), (reports.RUN, run)):
        reports.publish(folder / name, value)
    _written(folder / reports.SAMPLES, lines)


def _hostile_estimates(lines: Sequence[Scored], text: Deck) -> tuple[Estimate, ...]:
    right = sum(line.scores["accuracy"] or 0 for line in lines) / len(lines)
    slices = [SliceEstimate(slice=text(), value=text(), n=3, estimate=0.5, low=0.1, high=0.9) for _ in range(12)]
    first = Estimate(
        metric="accuracy", value=right, low=right / 2, high=(1 + right) / 2, method="wilson", n=len(lines),
        n_eff=len(lines), unread=1, truncated=1, refused=1, too_long=1, failed=0, slices=tuple(slices),
    )  # fmt: skip
    others = [
        replace(
            first,
            metric=text.formula(),
            value=0.5,
            low=None,
            high=None,
            method=text(),
            by=text(),
            beside=beside,
            slices=(),
        )
        for beside in (False, True, True)
    ]
    return (first, *others)


def _hostile_line(place: int, number: int, said: str, text: Deck) -> Scored:
    """A sample whose question, reply and reference are the text; its other fields are other texts."""
    asked = (Message(role="system", content=text()), Message(role="user", content=said))
    exchanges = (
        Exchanged(role="model", messages=asked, prefill=text(), reply=Response(text=text(), reasoning=text())),
        Exchanged(role="patient", prompt=text(), reply=Failure(failure="engine_error", reason=text())),
        Exchanged(role="model", prompt=text(), reply=Response(text=said, reasoning=text())),
    )  # fmt: skip
    # Entries are only compared on the same samples, so that these are called the same.
    return Scored(
        sample=f"{number} {said[:40]}", cluster=said[:9], slices={text(): text()},
        status="scored" if number % 7 else "unread", target=(text(),), picked=(text(),), rule=text(), span=(0, 2),
        scores={"accuracy": float(number % (2 + place) == 0)}, marks={}, exchanges=exchanges,
        references=(text(), said),
    )  # fmt: skip


def _hostile_judge(cell: Path, lines: Sequence[Scored], text: Deck) -> None:
    """The same lines as a judge saw them, with its words."""
    place = cell / reports.JUDGED / "strict"
    place.mkdir(parents=True)
    judge = Judge(name="strict", grading=SURVEY, prose=text(), decoding=Decoding())
    identity = Identity(engine="http", version="1", model=text())
    reports.publish(place / reports.MANIFEST, reports.Sworn(judge=judge, identity=identity))
    result = reports.read(cell / reports.RESULT, Result)
    assert result is not None
    reports.publish(place / reports.RESULT, replace(result, judge="strict", protocol=f"{result.protocol}|judge:strict"))
    _written(place / reports.SAMPLES, [_judgment(line, text) for line in lines])


def _judgment(line: Scored, text: Deck) -> Judgment:
    verdicts = (
        Verdict(judge="strict", criterion="safe", grade="4", why=text()),
        Verdict(judge="strict", criterion=text(), why=text()),
    )  # fmt: skip
    fields = {name: getattr(line, name) for name in line.__struct_fields__}
    words = Exchanged(role="judge:strict", prompt=text(), reply=Response(text=text()))
    return Judgment(**{**fields, "exchanges": (*line.exchanges, words), "verdicts": verdicts})


def _written(path: Path, lines: Sequence[object]) -> None:
    path.write_bytes(b"".join([to_json(each) + b"\n" for each in lines]))
