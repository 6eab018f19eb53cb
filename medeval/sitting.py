"""A task under a setting, with its samples: what is played, and then scored."""

import copy
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self, TypeVar, overload

from msgspec.structs import replace

from medeval.arrange import drawn, limited, rotated, shuffled
from medeval.errors import DataError, RequestError
from medeval.gradings import Grading, Judge
from medeval.metrics.base import Metric
from medeval.prompts import Asking, other_wordings
from medeval.prompts.asking import CHOSEN
from medeval.records import (
    AskedSample,
    CaseSample,
    ChoiceSample,
    Decoding,
    DialogueSample,
    OpenSample,
    Sample,
    Setting,
    Walk,
    to_json,
)
from medeval.sources import Form, Supply
from medeval.talks.base import Talk
from medeval.talks.choose import letters, options
from medeval.talks.compose import composed
from medeval.talks.consult import consulted
from medeval.talks.converse import conversed
from medeval.talks.grade import judged, requests_of
from medeval.talks.repeat import as_given
from medeval.talks.write import written
from medeval.task import Task, Worded, own_exemplars

CHUNK = 1000
"""Samples encoded at once for the fingerprint; another number would give other fingerprints."""

EXACT = ("lm-eval", "cmb-official")
"""Protocols that show a row letter for letter as others do."""

S = TypeVar("S", bound=Sample)


class Take(NamedTuple):
    """One time that a sample is asked about."""

    number: int
    """Of the sample."""
    variant: int
    repeat: int
    sample: Sample
    """As it is shown this time."""


class _Once(Sequence[Take]):
    """Every sample as it is, asked once: made when looked at, since a run may have a hundred thousand of them."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, place: int) -> Take: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Take]: ...
    def __getitem__(self, place: int | slice) -> Take | Sequence[Take]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        return Take(number, 0, 0, self._samples[number])


class Sitting:
    """A task under a setting; what it is made of never changes."""

    def __init__(  # noqa: PLR0913  everything that a sitting is
        self, name: str, task: Task, setting: Setting, *, samples: Sequence[Sample], form: Form, data: str,
        pool: Sequence[Worded] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.task = task
        self.setting = setting
        self.samples: tuple[Sample, ...] = tuple(samples)
        self.form = form.name
        self.pinned = form.pinned
        self.data = data
        """Fingerprint of the samples before any of their options changes places."""
        self._judges: tuple[Judge, ...] = ()
        self._walks: Mapping[tuple[int, int, int], Walk] | None = None
        self._pool = pool
        self._fits: dict[str, list[Worded]] = {}
        self._askings: dict[tuple[str | int, ...], Asking] = {}
        for sample in self.samples:
            if isinstance(sample, Worded):
                self._shown(sample)  # too few are told before anything is asked
        once = setting.order == "given" and setting.repeats == setting.wordings == 1
        self.takes: Sequence[Take] = _Once(self.samples) if once else tuple([
            Take(number, variant, repeat, shown)
            for number, sample in enumerate(self.samples)
            for variant, shown in enumerate(_variants(name, sample, setting))
            for repeat in range(setting.repeats)
        ])  # fmt: skip

    def before(self, judges: Sequence[Judge]) -> Self:
        """Bring every answer before judges, as soon as it is there."""
        return self._with(_judges=tuple(judges))

    def heard_again(self, judges: Sequence[Judge], walks: Mapping[tuple[int, int, int], Walk]) -> Self:
        """Bring answers that were given before judges, and ask the model nothing."""
        return self._with(_judges=tuple(judges), _walks=walks)

    def judged_as(self, grading: Grading) -> Self:
        """The same samples, marked by the verdicts of a grading."""
        by = self.task.judged_as(grading)
        return self._with(task=replace(self.task, metrics=by.metrics, also=by.also, tables=()))

    def _with(self, **changed: object) -> Self:
        other = copy.copy(self)
        for kept in ("named", "metrics"):
            other.__dict__.pop(kept, None)  # of other metrics
        other.__dict__.update(changed)
        return other

    def talk(self, take: Take) -> Talk:
        """Begin a talk about one of the samples, and about its answer where there are judges."""
        if self._walks is not None:
            return _hearing(self._judges, take.sample, self._walks[take[:3]])
        talk = self._talk(take)
        return judged(talk, take.sample, self._judges) if self._judges else talk

    def _talk(self, take: Take) -> Talk:
        sample, setting = take.sample, self.setting
        if isinstance(sample, AskedSample):
            return as_given(sample, self._seed(take))
        assert isinstance(sample, Worded)  # noqa: S101  our own mistake: there is no other kind yet
        asking = self._asking(sample, take.variant % setting.wordings)
        if isinstance(sample, OpenSample):
            return composed(sample, asking, self._decoding_for(take))
        if isinstance(sample, DialogueSample):
            return conversed(sample, asking, self._decoding_for(take))
        if setting.style in CHOSEN:
            return (letters if setting.style == "letters" else options)(sample, asking)
        reader, decoding = self.task.reader_for(setting), self._decoding_for(take)
        if isinstance(sample, CaseSample):
            return consulted(sample, asking, reader, decoding, self.task.budget)
        return written(sample, asking, reader, decoding)

    @cached_property
    def named(self) -> tuple[Metric, ...]:
        """The metrics that the task is known by, less those over slices that these samples do not have."""
        has = {part for sample in self.samples for part in sample.slices}
        return tuple([metric for metric in self.task.metrics if has.issuperset(metric.over)])

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """Those, and what is told beside them: each name once, and only what this style of asking gives."""
        style = self.setting.style
        beside = [metric for metric in self.task.also if not metric.styles or style in metric.styles]
        found: dict[str, Metric] = {}
        for metric in (*self.named, *beside):
            found.setdefault(metric.name, metric)
        return tuple(found.values())

    @cached_property
    def decoding(self) -> Decoding:
        """How texts are drawn, but for the seed."""
        return self.setting.decoding or Decoding(max_tokens=512)

    def _decoding_for(self, take: Take) -> Decoding:
        if not self.decoding.temperature:
            return self.decoding
        return replace(self.decoding, seed=self._seed(take))

    def _seed(self, take: Take) -> int:
        """A seed of its own for every text: the same whatever else is asked, and in whatever order."""
        drawn_from = f"{self.setting.seed}\n{self.name}\n{take.sample.id}\n{take.variant}\n{take.repeat}"
        return zlib.crc32(drawn_from.encode("utf-8", "surrogatepass"))

    def _asking(self, sample: Worded, number: int) -> Asking:
        shown = self._shown(sample)
        ids: tuple[str | int, ...] = (number, sample.language, *[each.id for each in shown])
        if ids not in self._askings:
            setting, task = self.setting, self.task
            wording = (task.wording(setting.style, chat=setting.chat), *other_wordings(sample, setting))[number]
            assert wording is not None  # noqa: S101  `sit` has seen to it
            preamble = task.preamble if setting.style == "letters" else ""
            self._askings[ids] = Asking(
                wording, setting, shown, preamble=preamble, between=task.between, solution=task.solution
            )
        return self._askings[ids]

    def _shown(self, sample: Worded) -> Sequence[Worded]:
        """The solved examples before a sample: one fixed list, and never the sample itself."""
        shots, by = self.setting.shots, self.task.exemplars_by
        if not shots:
            return ()
        part = sample.slices.get(by, "") if by else ""
        if part not in self._fits:
            self._fits[part] = [each for each in self._pool if not part or each.slices.get(by, "") == part]
        shown = list(islice((each for each in self._fits[part] if each.stem != sample.stem), shots))
        if len(shown) < shots:
            among = f" for {by} {part!r}" if by else ""
            raise DataError(
                f"{self.name}: {shots} solved examples are wanted and {len(shown)} are there{among}. "
                "Ask for fewer --shots, or name more with --shots-from FILE."
            )
        return shown


def _hearing(judges: Sequence[Judge], sample: Sample, walk: Walk) -> Talk:
    """Ask judges alone; there may be nothing to ask."""
    yield tuple([request for judge in judges for request in requests_of(judge, sample, walk)])
    return walk.answer


def sit(name: str, task: Task, setting: Setting, supply: Supply, shots: Path | Supply | None = None) -> Sitting:
    """Load a task's samples, and choose and arrange them as a setting says; `shots` is where else examples are."""
    if task.wording(setting.style, chat=setting.chat) is None:
        has = ", ".join(sorted({way.partition(":")[0] for way in task.wordings}))
        raise RequestError(f"{name}: it has no wording for style {setting.style!r}; it has {has}.")
    if setting.shots and task.budget:
        raise RequestError(f"{name}: a consultation is led without solved examples. Leave --shots out.")
    sample = setting.data == "sample"
    samples, form = task.load(name, supply, sample=sample, exact=setting.protocol in EXACT)
    setting, samples = within_limit(setting, samples)
    if setting.order != "given":
        _may_move(name, setting, samples)
    if setting.shuffles > 1 and setting.order != "shuffled":
        raise RequestError(f"--shuffles {setting.shuffles} goes with --options shuffled.")
    if setting.wordings > (most := 1 + min(len(other_wordings(sample, setting)) for sample in samples)):
        there = f"{most} wordings" if most > 1 else "one wording"
        raise RequestError(f"{name}: has {there} here, not {setting.wordings}. Ask for fewer --wordings.")
    pool = _pool(name, task, setting, form, shots or supply) if setting.shots else ()
    return Sitting(name, task, setting, samples=samples, form=form, data=fingerprint_of(samples), pool=pool)


def _may_move(name: str, setting: Setting, samples: Sequence[Sample]) -> None:
    """Refuse to deal out options where there are none that could change places."""
    options = [option for sample in samples if isinstance(sample, ChoiceSample) for option in sample.options]
    if all(option.anchored for option in options):
        what = "its options are words with no order" if options else "its questions have no options"
        raise RequestError(f"{name}: {what}; leave --options {setting.order} off for it.")


def within_limit(setting: Setting, samples: tuple[S, ...]) -> tuple[Setting, tuple[S, ...]]:
    """Draw the part of the samples that a setting wants; a limit that leaves nothing out is none."""
    if setting.limit >= len(samples):
        return replace(setting, limit=0), samples
    return setting, limited(samples, setting.limit, setting.seed) if setting.limit else samples


def fingerprint_of(samples: Sequence[Sample]) -> str:
    """Take the fingerprint of samples."""
    digest = hashlib.sha256()
    for first in range(0, len(samples), CHUNK):
        digest.update(to_json(samples[first : first + CHUNK]))
    return digest.hexdigest()


def _variants(name: str, sample: Sample, setting: Setting) -> list[Sample]:
    """A sample as it is shown in every variant: each arrangement of its options in each wording."""
    return [shown for shown in _arranged(name, sample, setting) for _ in range(setting.wordings)]


def _arranged(name: str, sample: Sample, setting: Setting) -> Sequence[Sample]:
    if not isinstance(sample, ChoiceSample):
        return (sample,)
    if setting.order == "shuffled":
        seeds = [f"{setting.seed} {name}" + (f" {time}" if time else "") for time in range(setting.shuffles)]
        return tuple([shuffled(sample, seed) for seed in seeds])
    return rotated(sample) if setting.order == "circular" else (sample,)


def _pool(name: str, task: Task, setting: Setting, form: Form, shots: Path | Supply) -> Sequence[Worded]:
    """Find the solved examples, in the order in which they are shown."""
    exact = setting.protocol in EXACT
    if isinstance(shots, Path):
        return own_exemplars(shots, form, exact=exact)
    if setting.shots_from == "sample":
        form = task.form_in(shots)
    own = "sample" in (setting.data, setting.shots_from)
    instead = "Name some with --shots-from FILE, or take the project's own with --shots-from sample."
    if not form.exemplars:
        raise RequestError(f"{name}: its form {form.name!r} has no solved examples to show. {instead}")
    try:
        pool = task.exemplars(form, shots, sample=own, exact=exact)
    except DataError as error:
        raise DataError(*[f"{name}, its solved examples: {fault} {instead}" for fault in error.faults]) from error
    return drawn(pool, str(setting.seed)) if form.drawn else pool
