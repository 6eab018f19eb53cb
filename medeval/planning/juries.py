"""Judges and patients: the engines that a plan names beside the model, and how each judge is heard."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.engines.base import Engine
from medeval.engines.baseline import Baseline
from medeval.engines.patient import FactSelector
from medeval.errors import RequestError, raise_all
from medeval.gradings import NAMED, Grading, Judge
from medeval.openings import Means, chosen, engine_for
from medeval.planning.plans import Plan
from medeval.protocols import DRAWN
from medeval.records import CaseSample, Decoding, DialogueSample, OpenSample, Record
from medeval.sitting import Sitting

STATED, THOUGHT = Decoding(max_tokens=1024), 8192
"""What a judge may write before it states a grade, without and with thinking."""
BASELINE = "{}: a baseline follows a rule over questions, and can neither judge nor play a patient."
Gradable = OpenSample | DialogueSample | CaseSample


class Jury(Record, frozen=True, kw_only=True):
    """The judges of a run: their engines by name, and by what and in which words they grade."""

    engines: Mapping[str, Engine] = {}
    gradings: tuple[str, ...] = ()
    prose: str = ""

    def panel(self, sitting: Sitting) -> tuple[reports.Sworn, ...]:
        """All who are heard on a task, a judge a grading."""
        wanted = self._gradings(sitting)
        return tuple([
            sworn(_called(name, grading, sitting, self.prose), engine, grading, self.prose)
            for name, engine in self.engines.items()
            for grading in wanted
        ])  # fmt: skip

    def roles(self, panels: Sequence[Sequence[reports.Sworn]]) -> dict[str, Engine]:
        """The engine of every role that the panels have."""
        judges = [each.judge for panel in panels for each in panel]
        return {judge.role: self.engines[re.split(r"[@+]", judge.name)[0]] for judge in judges}

    def _gradings(self, sitting: Sitting) -> list[Grading]:
        own = {each.grading.name: each.grading for each in sitting.task.judged}
        if not self.gradings:
            return [*own.values()][:1]
        if not isinstance(sitting.samples[0], Gradable):
            return []
        known = {**NAMED, **own}
        if strange := [name for name in self.gradings if name not in known]:
            raise RequestError(
                f"{sitting.name}: no grading {strange[0]!r}. There are {', '.join(sorted(known))} for it."
            )
        return [known[name] for name in dict.fromkeys(self.gradings)]


def jury(
    judges: Sequence[str | Engine], gradings: Sequence[str], prose: Path | None, means: Means, *,
    known: dict[str | Engine, Engine] | None = None,
) -> Jury:  # fmt: skip
    """Open the engines of judges; none is opened twice, and the model may be among them."""
    known = {} if known is None else known
    faults: list[RequestError] = []
    if (gradings or prose) and not judges:
        faults.append(RequestError("--grading and --judge-prose without --judge NAME: nobody grades."))
    words = ""
    if prose is not None:
        words, more = _words(prose)
        faults += more
    engines: dict[str, Engine] = {}
    for said in judges:
        name, what = named(said)
        if name in engines:
            faults.append(RequestError(f"--judge: two judges are called {name!r}. Tell them apart: NAME=MODEL."))
            continue
        try:
            engines[name] = beside(what, means, known)
        except RequestError as fault:
            faults += [RequestError(f"--judge {name}: {each}") for each in fault.faults]
    raise_all(faults)
    return Jury(engines=engines, gradings=tuple(gradings), prose=words)


def patient_for(plan: Plan, known: dict[str | Engine, Engine]) -> Engine:
    """Open the patient of a plan: a chat model, or the rules that pick facts of the case."""
    if not plan.patient:
        return FactSelector()
    name, what = named(plan.patient)
    try:
        patient = beside(what, plan.means, known)
    except RequestError as fault:
        raise RequestError(*[f"--patient {name}: {each}" for each in fault.faults]) from fault
    if not patient.abilities.chat:
        raise RequestError(f"--patient {name}: has no chat template, so it cannot be talked to. Name a chat model.")
    return patient


def beside(what: str | Engine, means: Means, known: dict[str | Engine, Engine]) -> Engine:
    """Open an engine that answers beside the model, or take one that is open where it is named again."""
    if isinstance(what, Baseline):
        raise RequestError(BASELINE.format(f"baseline:{what.identity.model}"))
    if what not in known:
        known[what] = _opened(what, means) if isinstance(what, str) else what
    return known[what]


def _opened(what: str, means: Means) -> Engine:
    if what.startswith("baseline:"):
        raise RequestError(BASELINE.format(what))
    ours = Means(engine=means.engine, offline=means.offline, device=means.device, memory=means.memory)
    if chosen(what, means).engine == "http":
        ours = replace(
            Means(), offline=means.offline, key_from=means.key_from, at_once=means.at_once, timeout=means.timeout
        )
    elif chosen(what, means).engine != "vllm":
        ours = replace(ours, memory=0.0)
    return engine_for(what, ours, None, 0)


def unjudged(jury: Jury, sittings: Sequence[Sitting]) -> Iterator[RequestError]:
    """Judges who have nothing to say."""
    if jury.engines and sittings and not any(jury.panel(each) for each in sittings):
        names = ", ".join([each.name for each in sittings])
        what = "Judges grade texts and dialogues." if jury.gradings else "Add --grading survey, cmb or disc."
        yield RequestError(f"--judge: {names}: nothing there is graded by judges. {what}")


def named(said: str | Engine) -> tuple[str, str | Engine]:
    """Part the name of a judge or a patient from what it is; without a name it is called by that."""
    if not isinstance(said, str):
        return reports.slug(said.identity.model), said
    if match := re.fullmatch(r"([\w.-]+)=(.+)", said):
        return reports.slug(match[1]), match[2]
    # Of a server the model's name, of a folder its last part, of the hub what stands behind the organisation.
    last = said.rstrip("/").rpartition("#")[2].rpartition("/")[2]
    return reports.slug(last.partition("@")[0]), said


def _words(path: Path) -> tuple[str, list[RequestError]]:
    try:
        words = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return "", [RequestError(f"--judge-prose {path}: cannot be read ({error}).")]
    missing = [place for place in ("{answer}", "{criterion}", "{closing}") if place not in words]
    if missing:
        return "", [
            RequestError(f"--judge-prose {path}: has no place {' and no place '.join(missing)}. See the house's own.")
        ]
    return words, []


def _called(name: str, grading: Grading, sitting: Sitting, prose: str) -> str:
    """Name a judge by how it grades, where that is not what the benchmark's makers do, and by words of one's own."""
    first = sitting.task.judged[0].grading if sitting.task.judged else None
    asked = f"+{sha256(prose.encode()).hexdigest()[:8]}" if prose else ""
    return name + (f"@{grading.name}" if grading != first else "") + asked


def sworn(name: str, engine: Engine, grading: Grading, prose: str = "") -> reports.Sworn:
    """Decide how a judge is asked: to weigh grades where it can, else to state one."""
    able = engine.abilities
    always_thinks = able.kind == "reasoning" and not able.thinking
    # A server lists a few tokens at most, and many list none: there a grade is stated.
    choosing = able.choices and able.whole and not always_thinks
    decoding = STATED
    if able.kind == "reasoning" and not choosing:
        decoding = replace(able.decoding or DRAWN, max_tokens=THOUGHT)
    judge = Judge(
        name=name, grading=grading, prose=prose, chat=able.chat, choosing=choosing,
        thinking=("off" if choosing else "on") if able.thinking else "", decoding=decoding,
    )  # fmt: skip
    return reports.Sworn(judge=judge, identity=engine.identity)
