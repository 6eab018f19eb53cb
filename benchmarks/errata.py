"""Finds the faulty items of benchmarks that their own files prove, and prints tasks/errata.toml as it should be.

Nothing is judged here: two options with one text, one question with two keys, a key that contradicts another word of
its own row. Whether a key is medically right takes a physician, and is in no list of ours.

python benchmarks/errata.py --data DIR     the original files, as `medeval run --data` takes them
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from medeval import errata
from medeval.catalog import find
from medeval.errata import Errata, Item
from medeval.records import ChoiceSample, Row, Sample
from medeval.sources import Form, Supply, read_rows
from medeval.task import Task

HEAD = """\
# Items that are known to be faulty, by task. Nobody takes them out: a run tells its numbers of the others apart.
#
# Every id here is proven by the files of its benchmark alone: `python benchmarks/errata.py --data DIR` finds them and
# prints this file, and a test compares. What a loader repairs, such as the sixth options of CMB-Exam that give an
# answer away, is no erratum of what is asked here; nor is a key whose letters are unsorted.
"""
TWINS = "Two of its options are the same text, so that no answer in words names one of them."
KEYS = "The same question with the same options stands there again, with another key."
ONE = "It asks for several letters, and its key is a single one."
ROW = "The row names its answer twice: by a letter, and in words that are those of another option."
ANSWERS = "CMB-test-choice-answer.json"


def twins(samples: Sequence[ChoiceSample]) -> list[str]:
    """Questions that have the same option twice."""
    return [each.id for each in samples if len({option.text for option in each.options}) < len(each.options)]


def keyed_apart(samples: Sequence[ChoiceSample]) -> list[str]:
    """Questions that stand there several times, and not with one key."""
    by: dict[object, list[ChoiceSample]] = defaultdict(list)
    for each in samples:
        facts = getattr(each, "facts", ())
        by[_plain(each.context), _plain(each.question), facts, frozenset(map(_plain, _texts(each)))].append(each)
    return [each.id for alike in by.values() if len({*map(_key, alike)}) > 1 for each in alike]


def one_letter(rows: Sequence[Row]) -> list[str]:
    """Questions of CMB-Exam for several letters, whose key is one."""
    return [str(row["id"]) for row in rows if row["question_type"] == "多项选择题" and len(row["answer"]) == 1]


def named_otherwise(rows: Sequence[Row]) -> list[str]:
    """Rows of MediQ whose answer in words is another option than that of their letter."""
    found = []
    for row in rows:
        texts = {label: _plain(text) for label, text in row["options"].items()}
        said = _plain(row["answer"])
        if said in texts.values() and said != texts[row["answer_idx"]]:
            found.append(str(row["id"]))
    return found


RAW: Mapping[str, tuple[str, str, errata.Fault, str, Callable[[Sequence[Row]], list[str]]]] = {
    "cmb_exam": ("original", ANSWERS, "key and type disagree", ONE, one_letter),
    "mediq": ("", "all_craft_md.jsonl", "key and answer disagree", ROW, named_otherwise),
}
"""What only the rows show: form, file, fault, words, and what finds it."""
SHARED = ("medmcqa",)
"""Tasks whose ids come with the rows, so that all forms have the same."""


def items(name: str, task: Task, data: Path) -> tuple[Item, ...]:
    """Everything that the files of a task prove."""
    supply, found = Supply.only(data), []
    for form in task.forms:
        if not all(supply.find(task.folder, source) for source in form.files):
            continue
        samples = [each for each in _read(task, form, supply) if isinstance(each, ChoiceSample)]
        # Ids that only one form has are those of that form.
        only = form.name if len(task.forms) > 1 and name not in SHARED else ""
        faults: list[tuple[errata.Fault, str, list[str]]] = [
            ("two options with one text", TWINS, twins(samples)), ("ambiguous", KEYS, keyed_apart(samples)),
        ]  # fmt: skip
        found += [Item(kind=kind, why=why, form=only, ids=tuple(ids)) for kind, why, ids in faults if ids]
    if name in RAW:
        form_name, file, kind, why, finder = RAW[name]
        path = data / task.folder / file
        ids = finder([*read_rows(path)]) if path.is_file() else []
        found += [Item(kind=kind, why=why, form=form_name, ids=tuple(ids))] if ids else []
    # What every form of a task has is said once.
    return tuple(sorted(dict.fromkeys(found), key=lambda item: (item.form, item.kind)))


def lists(data: Path) -> Iterator[tuple[str, Errata]]:
    """The list of every task that needs one."""
    for name, named in sorted(find().tasks.items()):
        if found := items(name, named.task, data):
            before = errata.known().get(name)
            version = 1 if before is None else before.version + (before.items != found)
            yield name, Errata(version=version, source=_source(named.task, data, name), items=found)


def printed(name: str, listed: Errata) -> str:
    """A list as the file has it."""
    lines = [f"[{name}]", f"version = {listed.version}", f'source = "{listed.source}"']
    for item in listed.items:
        lines += ["", f"[[{name}.items]]", f'kind = "{item.kind}"', f'why = "{item.why}"']
        lines += [f'form = "{item.form}"'] if item.form else []
        lines += ["ids = [", *_packed(item.ids), "]"]
    return "\n".join(lines)


def _read(task: Task, form: Form, supply: Supply) -> list[Sample]:
    tables = [read_rows(supply.fetch(task.folder, source), source.columns) for source in form.files]
    return [form.to_sample(row) for row in form.join(*tables)]


def _source(task: Task, data: Path, name: str) -> str:
    """Name the files that were read."""
    paths = [source.path for form in task.forms for source in form.files]
    paths += [RAW[name][1]] if name in RAW else []
    return ", ".join(dict.fromkeys([path for path in paths if (data / task.folder / path).is_file()]))


def _packed(ids: Sequence[str]) -> Iterator[str]:
    line = ""
    for each in ids:
        said = f'"{each}",'
        if len(line) + len(said) > 115:
            yield f"    {line.strip()}"
            line = ""
        line += f"{said} "
    yield f"    {line.strip()}"


def _texts(sample: ChoiceSample) -> list[str]:
    return [option.text for option in sample.options]


def _key(sample: ChoiceSample) -> tuple[str, ...]:
    return tuple(sorted(_plain(option.text) for option in sample.options if option.label in sample.target))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def main() -> None:
    """Print the file as the data have it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    print("\n\n".join([HEAD.rstrip(), *[printed(name, found) for name, found in lists(parser.parse_args().data)]]))


if __name__ == "__main__":
    main()
