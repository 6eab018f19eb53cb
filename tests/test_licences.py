"""What licences allow: every one that a task names is known, and one that nobody has read allows nothing."""

from pathlib import Path

import pytest

from medeval import catalog, home
from medeval.errors import TaskError
from medeval.licences import known, of

SHOWN_BEFORE = {
    "MIT", "Apache-2.0", "BSD-3-Clause", "CC0-1.0", "CC BY 4.0", "CC-BY-4.0", "CC BY-SA 4.0", "CC-BY-SA-4.0",
}  # fmt: skip
"""Those under which boards have always shown texts."""


def test_every_task_of_our_own_names_a_licence_that_is_known() -> None:
    named = {name: each.task.licence for name, each in catalog.find().tasks.items()}
    assert {name: licence for name, licence in named.items() if licence not in known()} == {}


def test_texts_are_shown_under_the_licences_under_which_they_were() -> None:
    assert {name for name, licence in known().items() if licence.texts} == {*SHOWN_BEFORE, "public domain"}


@pytest.mark.parametrize("name", ["", "mit", "CC BY 5.0", "all mine"])
def test_a_licence_that_nobody_has_read_allows_nothing(name: str) -> None:
    found = of(name)
    assert (found.carry, found.texts, found.commercial, found.known) == ("no", False, "unclear", False)
    assert "does not know it" in found.note


def test_by_its_own_words_noncommercial_is_not_for_gain() -> None:
    for name, licence in known().items():
        if "-NC" in name:
            assert licence.commercial == "no"
            assert licence.carry == "yes"  # CC BY-NC 4.0, section 2 (a) (1): shared for purposes without gain
    # PhysioNet Credentialed Health Data License 1.5.0, 4: access is not shared with anyone else.
    assert of("PhysioNet Credentialed Health Data License 1.5.0").carry == "no"


def test_what_is_passed_on_to_anybody_names_where_its_words_are() -> None:
    assert [name for name, licence in known().items() if licence.carry == "yes" and not licence.url] == []
    assert [name for name, licence in known().items() if not licence.note.endswith(".")] == []


def test_what_nobody_may_show_nobody_carries_far() -> None:
    assert [name for name, licence in known().items() if licence.texts and licence.carry != "yes"] == []


@pytest.mark.parametrize(
    "text",
    ['["X"]\ntitle = "x"', '["X"]\ntitle = "x"\ncarry = "maybe"', "[X", '["X"]\nkind = 1', "title = 1", b"\xff"],
)
def test_a_list_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | bytes
) -> None:
    place = tmp_path / "licences.toml"
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr(home, "tasks", lambda: tmp_path)
    with pytest.raises(TaskError, match=r"licences\.toml: "):
        known.__wrapped__()


def test_a_list_that_is_missing_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "PACKAGE", tmp_path / "somewhere" / "medeval")
    with pytest.raises(TaskError, match=r"licences\.toml is missing"):
        known.__wrapped__()
