"""Cases as a page and as Markdown: what is common once, then a column an entry."""

import re
from collections.abc import Sequence

from medeval.board.pages import rendered
from medeval.records import Record, Response, Verdict
from medeval.scoring import Scored
from medeval.scoring.shown import Exchanged
from medeval.studies.choosing import Case

BESIDE = {
    "model:full": "with all facts at once", "model:none": "from the opening alone", "model:probe": "held at this turn",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
RIGHT, WRONG = "✓ right", "✗ wrong"


class Part(Record, frozen=True, kw_only=True):
    """A piece of a conversation: who speaks, what, and whether it stands apart."""

    who: str
    text: str
    lang: str
    reasoning: str = ""
    before: str = ""
    """Of a text in which something was read: what stands before that."""
    read: str = ""
    after: str = ""


class Column(Record, frozen=True, kw_only=True):
    """What one entry made of a case."""

    entry: str
    word: str
    kind: str
    picked: str
    rule: str
    scores: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    beside: tuple[Part, ...]
    verdicts: tuple[tuple[str, str], ...]


class Sheet(Record, frozen=True, kw_only=True):
    """One case."""

    id: str
    slices: str
    asked: tuple[Part, ...]
    target: str
    references: tuple[Part, ...]
    columns: tuple[Column, ...]


class Page(Record, frozen=True, kw_only=True):
    """All cases."""

    task: str
    entries: tuple[str, ...]
    sheets: tuple[Sheet, ...]


def page_of(task: str, cases: Sequence[Case]) -> Page:
    """Lay cases out."""
    entries = tuple([seen.entry for seen in cases[0].seen]) if cases else ()
    return Page(task=task, entries=entries, sheets=tuple([_sheet(case) for case in cases]))


def html_of(page: Page) -> str:
    """One page that needs nothing else; whatever models said is text in it."""
    return rendered("cases.html", "cases.css", page)


def markdown_of(page: Page) -> str:
    """The same for a report or a review."""
    lines = [f"# Cases of {_plain(page.task)}", ""]
    for sheet in page.sheets:
        lines += [f"## {_plain(sheet.id)}", "", *([_plain(sheet.slices), ""] if sheet.slices else [])]
        for part in sheet.asked:
            lines += [f"**{part.who}**", "", *_fenced(part.text), ""]
        if sheet.target:
            lines += [f"Right: {_plain(sheet.target)}", ""]
        for part in sheet.references:
            lines += [f"**{part.who}**", "", *_fenced(part.text), ""]
        for column in sheet.columns:
            said = [column.word, f"read {column.picked}" if column.picked else "", f"rule {column.rule}"]
            said += [f"{name} {value}" for name, value in column.scores]
            lines += [f"### {_plain(column.entry)}", "", _plain(", ".join(filter(None, said))), ""]
            for part in (*column.parts, *column.beside):
                lines += [f"**{_plain(part.who)}**", "", *_fenced(part.text), ""]
            lines += [f"- {_plain(who)}: {_plain(grade)}" for who, grade in column.verdicts]
            lines += [""] if column.verdicts else []
    return "\n".join(lines)


def _sheet(case: Case) -> Sheet:
    first = case.seen[0].line
    return Sheet(
        id=case.id, slices=", ".join([f"{name}: {value}" for name, value in sorted(first.slices.items())]),
        asked=_asked(first), target=", ".join(first.target),
        references=tuple([_part("reference", text) for text in first.references]),
        columns=tuple([_column(seen.entry, seen.line, seen.verdicts) for seen in case.seen]),
    )  # fmt: skip


def _asked(line: Scored) -> tuple[Part, ...]:
    """What stood before the model's first word."""
    first = next((each for each in line.exchanges if each.role == "model"), None)
    if first is None:
        return ()
    if first.messages:
        names = {"user": "asked", "assistant": "answered before", "system": "system"}
        return tuple([_part(names[turn.role], turn.content) for turn in first.messages])
    return (_part("asked", first.prompt),)


def _column(entry: str, line: Scored, verdicts: Sequence[Verdict]) -> Column:
    word, kind = str(line.status), "other"
    if line.status == "scored" and line.target:
        right = set(line.picked) == set(line.target)
        word, kind = (RIGHT, "right") if right else (WRONG, "wrong")
    return Column(
        entry=entry, word=word if word != "scored" else "", kind=kind, picked=", ".join(line.picked), rule=line.rule,
        scores=tuple([(name, f"{value:.3f}") for name, value in line.scores.items() if value is not None][:6]),
        parts=tuple(_turns(line)),
        beside=tuple([
            _part(BESIDE.get(each.role, each.role), _text(each.reply)) for each in line.exchanges
            if each.role.startswith("model:")
        ]),
        verdicts=tuple([
            (f"{each.judge}, {each.criterion}" + (f", turn {each.turn + 1}" if each.turn else ""),
             each.grade or f"no verdict ({each.why})")
            for each in verdicts
        ]),
    )  # fmt: skip


def _turns(line: Scored) -> list[Part]:
    """The conversation from the model's first word on; later questions that were put to it stand between."""
    said: list[Part] = []
    spoken = [each for each in line.exchanges if each.role in ("model", "patient")]
    models = [each for each in spoken if each.role == "model"]
    for each in spoken:
        if each.role == "patient":
            said.append(_part("patient", _text(each.reply)))
            continue
        number = models.index(each)
        if number and said[-1].who != "patient":
            said.append(_part("asked", _asked_next(models[number - 1], each)))
        reasoning = each.reply.reasoning if isinstance(each.reply, Response) else ""
        said.append(_part("model", _text(each.reply), reasoning, line.span if each is models[-1] else None))
    return said


def _asked_next(before: Exchanged, now: Exchanged) -> str:
    """What was asked after an answer: the last turn, or what a transcript has more than the one before."""
    if now.messages:
        return now.messages[-1].content
    return now.prompt.removeprefix(before.prompt).strip().removeprefix(_text(before.reply).strip()).strip()


def _part(who: str, text: str, reasoning: str = "", span: tuple[int, int] | None = None) -> Part:
    start, end = span or (0, 0)
    return Part(
        who=who, text=text, lang="zh-Hans" if CHINESE.search(text) else "en", reasoning=reasoning, before=text[:start],
        read=text[start:end], after=text[end:],
    )  # fmt: skip


def _text(reply: object) -> str:
    return reply.text if isinstance(reply, Response) else f"[{getattr(reply, 'failure', 'nothing')}]"


def _plain(text: str) -> str:
    """A line in which Markdown sees no mark."""
    return re.sub(r"([\\`*_{}\[\]()<>#|!~])", r"\\\1", " ".join(text.split()))


def _fenced(text: str) -> list[str]:
    """A text between fences that are longer than any in it."""
    longest = max([len(run) for run in re.findall(r"`+", text)], default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.splitlines(), fence]
