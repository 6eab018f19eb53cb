"""Judges for tests: a small task of dialogues with two gradings, a model and judges that follow a script."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import medeval
from medeval import evaluation
from medeval.engines.base import Engine
from medeval.engines.scripted import Scripted
from medeval.evaluation import Evaluation
from medeval.openings import Means
from medeval.planning import jury
from medeval.records import Failure, Reply, Request, Response, Result
from medeval.reports import JOURNAL, RUN

TASK = """
from medeval import Criterion, DialogueSample, Form, Grading, Judged, Local, Metric, Row, Task, Turn, metrics, prompts

TWO = Grading(
    name="two", version=1, about="Two words.", prose="grade", per="turn",
    criteria=(
        Criterion(name="safe", text="It is safe.", chinese="安全。"), Criterion(name="kind", text="It is kind."),
    ),
)
WHOLE = Grading(
    name="whole", version=1, about="The whole.", prose="dialogue", per="dialogue",
    criteria=(Criterion(name="led", text="It is well led."),),
)
WORDS = Metric(name="words", about="Words.", version=1, mark=lambda sample, walk: float(len(walk.text.split())))

def to_sample(row: Row) -> DialogueSample:
    turns = tuple([Turn(asked=asked, reference="Rest.") for asked in row["asked"]])
    return DialogueSample(id=row["_id"], context=row["case"], turns=turns)

TASK = Task(
    title="Small talks", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=0.0, rows=ROWS,
    folder="talks", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"written": prompts.first_turn}, metrics=(WORDS,),
    judged=tuple([
        Judged(grading=each, metrics=metrics.graded(each), also=metrics.graded_beside(each)) for each in (TWO, WHOLE)
    ]),
)
"""
GONE = Failure(failure="engine_error", reason="gone")
Say = Callable[[Request], Reply | str]


def home(root: Path, rows: int = 4) -> Path:
    """Make `talks.py` and its data: dialogue i is about case i, and has two turns."""
    (root / "data" / "talks").mkdir(parents=True, exist_ok=True)
    (root / "talks.py").write_text(TASK.replace("ROWS", str(rows)), encoding="utf-8")
    lines = [
        json.dumps({"case": f"Case {number} of many.", "asked": [f"What ails {number}?", f"What helps {number}?"]})
        for number in range(rows)
    ]
    (root / "data" / "talks" / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def answers(request: Request) -> str:
    """Answer by the last question, so that every turn has an answer of its own."""
    return f"So it is with {request.messages[-1].content.rpartition(' ')[2]}"


def shown(request: Request, name: str) -> str:
    """What a judge is shown in one of the fences, if it is there."""
    text = request.text or request.messages[0].content
    found = re.search(rf"(?ms)^===== {name} (\w+) begins =====\n(.*?)\n===== {name} \1 ends =====$", text)
    return found[2] if found else ""


def case(request: Request) -> int:
    """The number of the case that a judge is shown."""
    return int(re.sub(r"\D", "", shown(request, "case")))


def stating(request: Request) -> str:
    """Grade by the case and the criterion: 1 and more for being kind, 5 and less for all else."""
    number = case(request) % 5
    return f"So it seems.\nGrade: {1 + number if 'kind' in shown(request, 'criterion') else 5 - number}"


def judge(say: Say = stating, model: str = "strict") -> Scripted:
    """A judge that states its grades."""
    return Scripted(say, model=model, choices=False)


def weighing(request: Request) -> Reply:
    """A judge that gives every grade a probability."""
    return Response(logprobs=(-3.0, -2.0, -1.0, -2.0, -3.0), prompt_tokens=7, completion_tokens=1)


def evaluated(
    root: Path, model: Engine | Say, *judges: str | Engine, gradings: Sequence[str] = (), limit: int = 0,
    repeats: int = 1,
) -> Evaluation:  # fmt: skip
    """Run the task, before judges if there are some."""
    return medeval.evaluate(
        model=Scripted(model) if callable(model) else model, tasks="talks", data=root / "data",
        reports=root / "reports", task_paths=[root / "talks.py"], style="written", chat=True, judges=judges,
        gradings=tuple(gradings), limit=limit, repeats=repeats, temperature=0.7 if repeats > 1 else None,
    )  # fmt: skip


def rejudged(
    root: Path, *judges: str | Engine, gradings: Sequence[str] = (), prose: Path | None = None, entry: str = "scripted"
) -> Evaluation:
    """Bring what is recorded before judges."""
    return evaluation.judge(
        root / "reports" / entry, lambda: jury(judges, gradings, prose, Means()), str(root / "data"),
        [root / "talks.py"],
    )  # fmt: skip


def rescored(root: Path, entry: str = "scripted") -> Evaluation:
    """Derive everything again from journals."""
    return evaluation.rescore(root / "reports" / entry, str(root / "data"), [root / "talks.py"])


def derived(folder: Path) -> dict[str, bytes]:
    """All that is derived below a folder, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (JOURNAL, RUN)
    }


def values(result: Result) -> dict[str, float | None]:
    """Every number of a result."""
    return {each.metric: each.value for each in result.estimates}


def of_judges(found: Evaluation) -> list[Result]:
    """The results that are of verdicts."""
    return [each for each in found.results if each.judge]
