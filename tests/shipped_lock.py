"""tasks/tasks.lock, made of what the tasks declare and of the original files where they are: `make lock`.

A file that is not here keeps what was found of it before, as long as its task pins the same content.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from medeval.catalog import find as find_tasks
from medeval.catalog import own_folder
from medeval.sources import LOCK, Locked, Source, content, count_rows, line_of, lock_text, place, read_lock
from medeval.sources.files import Read

PATH = own_folder() / LOCK
HEAD = """# Every file that a task of medeval may read: what its task pins, what is known of it. `make lock` makes it.
# Bytes and rows are those of the file, and stand here where the very file was read."""


def declared() -> list[tuple[str, Source, Read | None]]:
    """Every file of every form of our own tasks, each once: its folder, and how it is read."""
    found = [
        (named.task.folder, source, form.read)
        for named in find_tasks().tasks.values()
        for form in named.task.forms
        for source in (*form.files, *form.exemplars)
        if named.file.parent == own_folder()
    ]
    return list({line_of(*each[:2]).key: each for each in found}.values())


def made(real: Path) -> Iterator[Locked]:
    """What the lock must say, line by line."""
    known = read_lock(PATH)
    for folder, source, read in declared():
        line, path = line_of(folder, source), place(real, folder, source)
        old = known.get(line.key, line)
        if path.is_file() and content(path) == line.sha256:
            rows = len(read(path)) if read else count_rows(path, source.columns)
            yield replace(line, bytes=path.stat().st_size, rows=rows)
        else:
            yield replace(line, bytes=old.bytes, rows=old.rows) if old.sha256 == line.sha256 else line


if __name__ == "__main__":
    where = Path(*sys.argv[1:2])  # without one, what is known already is kept
    for its_folder, each, _ in declared():
        its_path = place(where, its_folder, each)
        if its_path.is_file() and content(its_path) != each.sha256:
            print(f"{its_path}: sha256 is {content(its_path)}; the task pins {each.sha256 or 'nothing'}.")
    PATH.write_text(lock_text(made(where), HEAD), encoding="utf-8")
    print(f"{PATH}: {len(read_lock(PATH))} files.")
