"""Which tasks are of a kind: by language, by what is asked, by what is measured, by what their licence allows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from medeval import licences
from medeval.catalog import Named
from medeval.errors import RequestError, raise_all
from medeval.records import Language, Record
from medeval.task import Capability, TaskKind

Allowed = Literal["commercial", "carry", "texts"]
"""What a licence may have to allow: use for gain, passing files on, showing texts on a board."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "language": get_args(Language), "kind": get_args(TaskKind), "capability": get_args(Capability),
    "licence-allows": get_args(Allowed),
}  # fmt: skip
"""By filter, the words that it knows."""
HOLDS: Mapping[str, Callable[[Named, str], bool]] = {
    "language": lambda named, word: named.task.language == word,
    "kind": lambda named, word: named.task.kind == word,
    "capability": lambda named, word: word in named.task.capabilities,
    "licence-allows": lambda named, word: allows(named.task.licence, word),
}


class Sieve(Record, frozen=True, kw_only=True):
    """What was asked for: by filter, words of which one must hold; of what a licence allows, every one."""

    wanted: Mapping[str, tuple[str, ...]]

    def passed(self, tasks: Iterable[Named]) -> list[Named]:
        """The tasks that pass every filter."""
        return [named for named in tasks if all(self.holds(each, named) for each in self.wanted)]

    def holds(self, each: str, named: Named) -> bool:
        """Whether a task passes one of the filters."""
        found = [HOLDS[each](named, word) for word in self.wanted[each]]
        return all(found) if each == "licence-allows" else any(found)

    def tightest(self, tasks: Sequence[Named]) -> str:
        """Of filters that let nothing pass together, the one that alone lets the fewest pass, in words."""
        counts = {each: sum(self.holds(each, named) for named in tasks) for each in self.wanted}
        name = min(counts, key=lambda each: (counts[each], each))
        return f"--{name} {','.join(self.wanted[name])} is the tightest: alone it lets {counts[name]} of {len(tasks)}"


def sieve(said: Mapping[str, str]) -> Sieve:
    """Read filters; several words stand with commas between them, and all unknown ones are told."""
    wanted = {name: words(text) for name, text in said.items() if words(text)}
    raise_all(fault for name, found in wanted.items() for fault in unknown(f"--{name}", found, WORDS[name]))
    return Sieve(wanted=wanted)


def words(text: str) -> tuple[str, ...]:
    """Words with commas between them, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def unknown(option: str, found: Iterable[str], known: Sequence[str]) -> Iterator[RequestError]:
    """Tell every word that is none of those known."""
    for word in found:
        if word not in known:
            yield RequestError(f"{option} {word}: unknown. There are: {', '.join(known)}.")


def allows(licence: str, what: str) -> bool:
    """Whether a licence clearly allows something."""
    terms = licences.of(licence)
    if what == "commercial":
        return terms.commercial == "yes"
    return terms.carry == "yes" if what == "carry" else terms.texts
