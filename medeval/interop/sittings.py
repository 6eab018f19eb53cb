"""A task of another harness under a setting: what may be said about how it is asked, and what its samples are."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval.engines.base import Abilities
from medeval.errors import RequestError, raise_all
from medeval.interop.lm_eval import PREFIX, Loaded, load
from medeval.interop.marks import Marker
from medeval.protocols import DRAWING, Wish, lacking
from medeval.records import AskedSample, Request, Row, Sample, Setting, Style
from medeval.sitting import Sitting, fingerprint_of, within_limit
from medeval.sources import Form, Local
from medeval.task import Task


class Foreign(NamedTuple):
    """A sitting of a task of another harness, and the file that declares it."""

    sitting: Sitting
    file: Path


def is_foreign(name: str) -> bool:
    """Tell whether a name is that of a task of another harness."""
    return name.startswith(PREFIX)


def sit(  # noqa: PLR0913  everything that a plan says of it
    name: str, wish: Wish, abilities: Abilities, paths: Sequence[Path], *, limit: int, seed: int, offline: bool,
    elsewhere: bool,
) -> Foreign:  # fmt: skip
    """Sit a task as its harness asks it, or tell all that stands in the way."""
    faults = list(_of_no_use(name, wish, elsewhere=elsewhere))
    try:
        loaded = load(name, paths, wish.shots, seed, offline=offline)
        samples = loaded.samples()
        faults += _unable(abilities, loaded, samples)
    except RequestError as fault:
        raise_all([*faults, fault])
        raise
    raise_all(faults)
    requests = [request for sample in samples for request in sample.requests]
    setting = Setting(
        style=_style(requests), shots=loaded.shots, protocol="lm-eval", limit=limit, seed=seed, elsewhere=elsewhere,
        decoding=next((request.decoding for request in requests if not request.choices), None),
    )  # fmt: skip
    return Foreign(_sitting(loaded, samples, setting), loaded.file)


def again(name: str, setting: Setting, paths: Sequence[Path], *, offline: bool) -> Foreign:
    """Sit a task as it was asked before."""
    loaded = load(name, paths, setting.shots, setting.seed, offline=offline)
    return Foreign(_sitting(loaded, loaded.samples(), setting), loaded.file)


def _sitting(loaded: Loaded, samples: tuple[AskedSample, ...], setting: Setting) -> Sitting:
    dotted = f".v{loaded.version}" if loaded.version else ""
    # What the harness and its task are at this moment is part of what the folder is about.
    form = Form(
        name=f"{loaded.harness}:{loaded.output_type}{dotted}#{loaded.content[:8]}",
        files=(Local(path=loaded.file.name),), to_sample=_no_row,
    )  # fmt: skip
    task = Task(
        title=loaded.name, measures="What its makers say.", paper="", licence="", version=_whole(loaded.version),
        chance=0.0, rows=len(samples), folder="", forms=(form,), wordings={}, harness=loaded.harness,
        metrics=Marker(loaded).metrics(),
    )  # fmt: skip
    setting, samples = within_limit(setting, samples)
    return Sitting(loaded.name, task, setting, samples=samples, form=form, data=fingerprint_of(samples))


def _of_no_use(name: str, wish: Wish, *, elsewhere: bool) -> Iterator[RequestError]:
    """What was said about how to ask, though the harness says it."""
    said = {
        "--style": wish.style and not elsewhere, "--chat": wish.chat, "--thinking": wish.thinking,
        "--system": wish.system, "--prefill": wish.prefill, "--shots": elsewhere and wish.shots is not None,
        "--shots-from": wish.shots_from, "--options": wish.options != "given", "--repeats": wish.repeats != 1,
        "--shuffles": wish.shuffles != 1, "--wordings": wish.wordings != 1, "--protocol": wish.protocol != "house",
        **{f"--{each.replace('_', '-')}": getattr(wish, each) is not None for each in DRAWING},
    }  # fmt: skip
    if useless := [option for option, holds in said.items() if holds]:
        yield RequestError(f"{name}: is asked as {PREFIX.rstrip(':')} asks it. Leave {', '.join(useless)} away.")


def _unable(abilities: Abilities, loaded: Loaded, samples: Sequence[AskedSample]) -> Iterator[RequestError]:
    """What a task needs and an engine does not give."""
    chosen = [request for sample in samples for request in sample.requests if request.choices]
    lack = lacking(abilities, _style(chosen)) if chosen else ""
    if not lack and loaded.counts_greedy and not abilities.greedy:
        lack = "This engine does not tell what the model would have written by itself, which is counted."
    if lack:
        yield RequestError(f"{loaded.name}: {lack} Leave the task away, or take an engine over weights.")


def _style(requests: Sequence[Request]) -> Style:
    """The style of ours that requests are most like."""
    if not all(request.choices for request in requests):
        return "written"
    texts = {choice.text.strip() for request in requests for choice in request.choices}
    return "letters" if max(map(len, texts)) <= 1 else "options"


def _whole(version: str) -> int:
    """The number before the first dot; the whole of it stands in the form."""
    number = version.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def _no_row(row: Row) -> Sample:
    raise NotImplementedError  # the harness reads the rows
