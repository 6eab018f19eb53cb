"""The papers of a bundle: what people read who decide whether it may come in, and what they may do with it."""

from collections.abc import Iterator

from medeval import licences
from medeval.bundles.names import LOCK
from medeval.catalog import Named
from medeval.errors import DataError
from medeval.gradings import Grading
from medeval.records import to_json
from medeval.reports import slug
from medeval.sources import Form, Locked, Supply, lock_text
from medeval.talks.prose import FOLDER

Texts = dict[str, str]
"""By their path in the bundle."""
LOCK_HEAD = "# The files of this bundle, as the task declares each, with its content as it was packed.\n"


def papers(named: Named, form: Form) -> Texts:
    """Write everything that goes with the files of a task."""
    return {
        f"licences/{named.name}.txt": _licence(named, form),
        **{f"prompts/{named.name}/{way.replace(':', '-')}.txt": text for way, text in _prompts(named)},
        **{path: text for each in named.task.judged for path, text in _judge(each.grading)},
    }


def lock(lines: Iterator[Locked]) -> Texts:
    """Write down what the data files are."""
    return {LOCK: lock_text(lines, LOCK_HEAD)}


def _licence(named: Named, form: Form) -> str:
    task, licence = named.task, licences.of(named.task.licence)
    sources = dict.fromkeys(source.said for source in (*form.files, *form.exemplars))
    may = {"yes": "to anybody", "inside": "within one's own organisation", "no": "to nobody"}[licence.carry]
    facts = {
        "title": task.title, "measures": task.measures, "questions": form.rows or task.rows, "language": task.language,
        "version of the task": task.version, "form": form.name, "paper": task.paper, "licence": task.licence,
        "that is": " ".join(filter(None, (licence.title, licence.url))), "note": licence.note,
        "may be passed on": may, "for gain": licence.commercial,
        "on public pages": "yes" if licence.texts else "no",
        "how to obtain": task.obtain or "from the sources below", "sources": "; ".join(sources),
    }  # fmt: skip
    return "".join([f"{named.name}\n", *[f"  {name}: {value}\n" for name, value in facts.items()]])


def _prompts(named: Named) -> Iterator[tuple[str, str]]:
    """Word the first of the project's own sample rows in every style: no text of the benchmark is among them."""
    try:
        samples, _ = named.task.load(named.name, Supply.only(named.samples), sample=True)
    except DataError:
        return  # tasks of one's own may have no sample rows
    for way, wording in named.task.wordings.items():
        yield way, wording(samples[0]) + "\n"


def _judge(grading: Grading) -> Iterator[tuple[str, str]]:
    """The words in which judges are asked, and what is filled into them."""
    home = f"judges/{slug(grading.name)}"
    yield f"{home}/grading.json", to_json(grading).decode() + "\n"
    for file in sorted(FOLDER.glob(f"{grading.prose}_*.md")):
        yield f"{home}/{file.name}", file.read_text(encoding="utf-8")
