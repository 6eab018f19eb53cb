"""A task under a setting, with its samples: what is played, and then scored."""

import hashlib
import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar, overload

from msgspec.structs import replace

from medeval.arrange import drawn, limited, rotated, shuffled
from medeval.errors import DataError, RequestError
from medeval.metrics.base import Metric
from medeval.prompts import Asking
from medeval.records import AskedSample, ChoiceSample, Decoding, Sample, Setting, to_json
from medeval.sources import Form, Supply
from medeval.talks.base import Talk
from medeval.talks.choose import letters, options
from medeval.talks.repeat import as_given
from medeval.talks.write import written
from medeval.task import Task, own_exemplars

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
        pool: Sequence[ChoiceSample] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.task = task
        self.setting = setting
        self.samples: tuple[Sample, ...] = tuple(samples)
        self.form = form.name
        self.pinned = form.pinned
        self.data = data
        """Fingerprint of the samples before any of their options changes places."""
        self._pool = pool
        self._fits: dict[str, list[ChoiceSample]] = {}
        self._askings: dict[tuple[str, ...], Asking] = {}
        for sample in self.samples:
            if isinstance(sample, ChoiceSample):
                self._shown(sample)  # too few are told before anything is asked
        once = setting.order == "given" and setting.repeats == 1
        self.takes: Sequence[Take] = _Once(self.samples) if once else tuple([
            Take(number, variant, repeat, shown)
            for number, sample in enumerate(self.samples)
            for variant, shown in enumerate(_arranged(name, sample, setting))
            for repeat in range(setting.repeats)
        ])  # fmt: skip

    def talk(self, take: Take) -> Talk:
        """Begin a talk about one of the samples."""
        sample, setting = take.sample, self.setting
        if isinstance(sample, AskedSample):
            return as_given(sample, self._seed(take))
        assert isinstance(sample, ChoiceSample)  # noqa: S101  our own mistake: there is no other kind yet
        asking = self._asking(sample)
        if setting.style == "letters":
            return letters(sample, asking)
        if setting.style == "options":
            return options(sample, asking)
        return written(sample, asking, self.task.reader_for(setting), self._decoding_for(take))

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of the task, less those over slices that these samples do not have."""
        has = {part for sample in self.samples for part in sample.slices}
        return tuple([metric for metric in self.task.metrics if has.issuperset(metric.over)])

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

    def _asking(self, sample: ChoiceSample) -> Asking:
        shown = self._shown(sample)
        ids = tuple([each.id for each in shown])
        if ids not in self._askings:
            setting, task = self.setting, self.task
            wording = task.wording(setting.style, chat=setting.chat)
            assert wording is not None  # noqa: S101  `sit` has seen to it
            preamble = task.preamble if setting.style == "letters" else ""
            self._askings[ids] = Asking(
                wording, setting, shown, preamble=preamble, between=task.between, solution=task.solution
            )
        return self._askings[ids]

    def _shown(self, sample: ChoiceSample) -> Sequence[ChoiceSample]:
        """The solved examples before a sample: one fixed list, and never the sample itself."""
        shots, by = self.setting.shots, self.task.exemplars_by
        if not shots:
            return ()
        part = sample.slices.get(by, "") if by else ""
        if part not in self._fits:
            self._fits[part] = [each for each in self._pool if not part or each.slices.get(by, "") == part]
        shown = list(islice((each for each in self._fits[part] if each.question != sample.question), shots))
        if len(shown) < shots:
            among = f" for {by} {part!r}" if by else ""
            raise DataError(
                f"{self.name}: {shots} solved examples are wanted and {len(shown)} are there{among}. "
                "Ask for fewer --shots, or name more with --shots-from FILE."
            )
        return shown


def sit(name: str, task: Task, setting: Setting, supply: Supply, shots: Path | Supply | None = None) -> Sitting:
    """Load a task's samples, and choose and arrange them as a setting says; `shots` is where else examples are."""
    if task.wording(setting.style, chat=setting.chat) is None:
        has = ", ".join(sorted({way.partition(":")[0] for way in task.wordings}))
        raise RequestError(f"{name}: it has no wording for style {setting.style!r}; it has {has}.")
    sample = setting.data == "sample"
    samples, form = task.load(name, supply, sample=sample, exact=setting.protocol in EXACT)
    setting, samples = within_limit(setting, samples)
    if setting.order != "given" and all(option.anchored for sample in samples for option in sample.options):
        raise RequestError(f"{name}: its options are words with no order; leave --options {setting.order} off for it.")
    pool = _pool(name, task, setting, form, shots or supply) if setting.shots else ()
    return Sitting(name, task, setting, samples=samples, form=form, data=fingerprint_of(samples), pool=pool)


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


def _arranged(name: str, sample: Sample, setting: Setting) -> Sequence[Sample]:
    if not isinstance(sample, ChoiceSample):
        return (sample,)
    if setting.order == "shuffled":
        return (shuffled(sample, f"{setting.seed} {name}"),)
    return rotated(sample) if setting.order == "circular" else (sample,)


def _pool(name: str, task: Task, setting: Setting, form: Form, shots: Path | Supply) -> Sequence[ChoiceSample]:
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
