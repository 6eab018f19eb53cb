"""What is declared of an entry: read strictly, merged, followed back to its roots, and nights told by their labels."""

import json
import threading
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.entries import (
    CARD,
    LONGEST,
    NOTHING,
    STAGES,
    Card,
    Declaration,
    card_of,
    check,
    declare,
    generations,
    night_of,
    parents,
    wrong,
)  # fmt: skip
from medeval.errors import DataError, ReportError, RequestError

WHOLE = Card(
    parent="qwen3-8b", stage="instruction", tags=("medical", "8b"), about="Tuned on 医学 notes.",
    url="https://example.org/models/ours?v=2", licence="Apache-2.0", private=True,
)  # fmt: skip


def written(folder: Path, text: str | bytes) -> Path:
    """A folder with this card."""
    folder.mkdir(exist_ok=True)
    (folder / CARD).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


# --- reading ---


def test_an_entry_of_which_nobody_said_anything_has_an_empty_card(tmp_path: Path) -> None:
    assert card_of(tmp_path) == card_of(tmp_path / "nowhere") == Card()
    assert Card() == Card(schema_version=1, parent="", stage="", tags=(), about="", url="", licence="", private=False)


def test_a_card_is_read_as_it_was_published(tmp_path: Path) -> None:
    reports.publish(tmp_path / CARD, WHOLE)
    assert card_of(tmp_path) == WHOLE


def test_a_card_written_by_hand_may_leave_out_what_it_does_not_say(tmp_path: Path) -> None:
    assert card_of(written(tmp_path, '{"tags": ["zh"]}')) == Card(tags=("zh",))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Input data was truncated"),
        ("{", "Input data was truncated"),
        (b"\xff\xfe", "JSON is malformed"),
        ("[]", "Expected `object`, got `array`"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        ('{"schema_version": 2}', "Invalid enum value 2 - at `$.schema_version`"),
        ('{"parents": "a"}', "Object contains unknown field `parents`"),
        ('{"stage": "sft"}', "Invalid enum value 'sft' - at `$.stage`"),
        ('{"tags": "zh"}', "Expected `array`, got `str` - at `$.tags`"),
        ('{"private": 1}', "Expected `bool`, got `int` - at `$.private`"),
        ('{"tags": ["Zh"]}', "tags: 'Zh' is no tag."),
        ('{"url": "javascript:alert(1)"}', "url: 'javascript:alert(1)' is no address of the web."),
        ('{"about": "two\\nlines"}', r"about: 'two\nlines' is not one line of at most 300 characters"),
    ],
)
def test_a_broken_card_is_told_by_file_and_fault(text: str | bytes, fault: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        card_of(written(tmp_path / "ours", text))
    assert str(caught.value).startswith(f"{tmp_path / 'ours' / CARD}: {fault}")
    assert caught.value.exit_code == 2


def test_all_faults_of_a_card_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        card_of(written(tmp_path, '{"tags": ["A", "b c"], "url": "ftp://x"}'))
    assert [fault.split(": ")[1:3] for fault in caught.value.faults] == [
        ["tags", "'A' is no tag. Take up to 24 of a-z, 0-9, dot, hyphen and underscore, such as 8b."],
        ["tags", "'b c' is no tag. Take up to 24 of a-z, 0-9, dot, hyphen and underscore, such as 8b."],
        ["url", "'ftp://x' is no address of the web. Say https://HOST/PATH."],
    ]


# --- what can be said ---


@pytest.mark.parametrize("tag", ["open", "8b", "zh", "qwen2.5", "q4_k-m", "a" * 24])
def test_a_small_word_is_a_tag(tag: str) -> None:
    assert list(wrong(Declaration(tags=(tag,)))) == []


@pytest.mark.parametrize(
    "tag", ["", "Open", "two words", "-x", ".x", "_x", "a" * 25, "中文", "a\n", "a,b", "<b>", "a/b"]
)
def test_any_other_word_is_none(tag: str) -> None:
    (fault,) = wrong(Declaration(tags=(tag,)))
    assert str(fault).startswith(f"--tags: {tag!r} is no tag.")


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "https://example.org:8443/a/b.html?x=1&y=%20#z", "https://huggingface.co/Qwen/Qwen3-8B"],
)
def test_an_address_of_the_web_may_be_declared(url: str) -> None:
    assert list(wrong(Declaration(url=url))) == []


@pytest.mark.parametrize(
    "url",
    ["example.org", "//example.org", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https://",
     "https:///x", "https://me:secret@example.org", 'https://x/"onclick="', "https://x/<b>", "https://x/a b",
     "https://x/\n", "https://[::1/", " https://x", "HTTPS://x"],
)  # fmt: skip
def test_no_other_address_may(url: str) -> None:
    assert [str(fault).partition(" ")[0] for fault in wrong(Declaration(url=url))][-1] == "--url:"


@pytest.mark.parametrize("field", ["parent", "about", "licence"])
@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31m", "\u202eabc", "a\u2028b", "\ud800", " a", "a\t", "x" * 301])
def test_a_text_is_one_short_line(field: str, text: str) -> None:
    (fault,) = wrong(replace(NOTHING, **{field: text}))
    assert str(fault).startswith(f"--{field}: {text[:LONGEST]!r} is not one line of at most 300 characters")


def test_a_text_may_be_of_any_language_and_just_so_long() -> None:
    said = Declaration(about="基于 Qwen3 的中文医疗模型。", parent="Qwen/Qwen3-8B", licence="x" * 300)
    assert list(wrong(said)) == []


def test_a_stage_is_one_of_eight_words_or_none() -> None:
    assert STAGES == ("base", "pretraining", "instruction", "alignment", "merge", "quantisation", "other")
    assert [list(wrong(Declaration(stage=stage))) for stage in ("", *STAGES)] == [[]] * 8
    (fault,) = wrong(Declaration(stage="sft"))
    assert str(fault) == f"--stage: 'sft' is no stage. Say one of {', '.join(STAGES)}."


# --- declaring ---


def test_what_is_said_is_published_whole(tmp_path: Path) -> None:
    said = Declaration(
        parent="qwen3-8b", stage="instruction", tags=("medical", "8b", "medical"), about="Tuned on 医学 notes.",
        url="https://example.org/models/ours?v=2", licence="Apache-2.0", private=True,
    )  # fmt: skip
    assert declare(tmp_path, said) == card_of(tmp_path) == WHOLE
    assert names(tmp_path) == [CARD]
    assert json.loads((tmp_path / CARD).read_text(encoding="utf-8")) == {
        "schema_version": 1, "parent": "qwen3-8b", "stage": "instruction", "tags": ["medical", "8b"],
        "about": "Tuned on 医学 notes.", "url": "https://example.org/models/ours?v=2", "licence": "Apache-2.0",
        "private": True,
    }  # fmt: skip


def test_only_what_is_said_now_changes(tmp_path: Path) -> None:
    declare(tmp_path, Declaration(parent="a", tags=("zh", "open"), private=True))
    assert declare(tmp_path, Declaration(stage="merge")) == Card(
        parent="a", tags=("zh", "open"), private=True, stage="merge"
    )
    assert declare(tmp_path, Declaration(tags=("en",))).tags == ("en",)
    assert declare(tmp_path, Declaration(parent="", tags=(), private=False)) == Card(stage="merge")
    assert card_of(tmp_path) == Card(stage="merge")


def test_what_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    assert declare(tmp_path, NOTHING) == declare(tmp_path, Declaration(parent="", tags=())) == Card()
    assert names(tmp_path) == []
    declare(tmp_path, Declaration(parent="a"))
    before = (tmp_path / CARD).stat().st_ino
    declare(tmp_path, Declaration(parent="a"))
    assert (tmp_path / CARD).stat().st_ino == before


def test_what_cannot_be_is_refused_and_leaves_the_card_as_it_was(tmp_path: Path) -> None:
    declare(tmp_path, Declaration(parent="a"))
    with pytest.raises(RequestError) as caught:
        declare(tmp_path, Declaration(parent="b", stage="sft", tags=("A",), url="x"))
    assert [fault.split()[0] for fault in caught.value.faults] == ["--stage:", "--tags:", "--url:"]
    assert card_of(tmp_path) == Card(parent="a")


@pytest.mark.parametrize("parent", ["ours-8b", "Ours/8B", "ours 8b"])
def test_no_entry_is_its_own_parent_by_whatever_name_of_its_folder(
    parent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ours-8b"
    for place in (folder, folder / ".." / "ours-8b"):
        with pytest.raises(RequestError) as caught:
            check(place, Declaration(parent=parent))
        assert str(caught.value) == f"--parent: {parent!r} is the entry itself. Name what it was made from."
    folder.mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(RequestError, match="is the entry itself"):
        declare(Path(), Declaration(parent=parent))
    assert declare(Path(), Declaration(parent="ours-8b-base")).parent == "ours-8b-base"


def test_a_broken_card_is_not_written_over(tmp_path: Path) -> None:
    written(tmp_path, "{")
    for wanted in (check, declare):
        with pytest.raises(DataError, match=CARD):
            wanted(tmp_path, Declaration(parent="a"))
    assert (tmp_path / CARD).read_text(encoding="utf-8") == "{"
    check(tmp_path, NOTHING)  # who says nothing is not stopped by it


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as caught:
        declare(tmp_path / "gone", Declaration(parent="a"))
    assert str(caught.value) == f"{tmp_path / 'gone'}: cannot be opened (No such file or directory)."


def test_runs_that_declare_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    lost: list[object] = []

    def keep_saying(field: str) -> None:
        said = ""
        for count in range(25):
            if (found := getattr(card_of(tmp_path), field)) != said:
                lost.append((field, said, found))
            said = f"{field} {count}"
            try:
                declare(tmp_path, replace(NOTHING, **{field: said}))
            except (ReportError, DataError) as error:
                lost.append(error)

    threads = [threading.Thread(target=keep_saying, args=(field,)) for field in ("parent", "about", "licence")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    assert card_of(tmp_path) == Card(parent="parent 24", about="about 24", licence="licence 24")


# --- lineage ---


def family(**said: str) -> dict[str, Card]:
    """Cards by label, each with its parent."""
    return {label: Card(parent=parent) for label, parent in said.items()}


def test_chains_run_from_roots_to_leaves() -> None:
    found = generations(family(base="", tuned="base", aligned="tuned", small="tuned", other=""))
    assert found.chains == (("base", "tuned", "aligned"), ("base", "tuned", "small"), ("other",))
    assert found.faults == ()


def test_a_parent_without_results_is_a_root_by_its_name() -> None:
    found = generations(family(tuned="somebody/base", merged="somebody/base"))
    assert found.chains == (("somebody/base", "merged"), ("somebody/base", "tuned"))
    assert found.faults == ()


def test_a_parent_may_be_called_by_the_name_of_its_model() -> None:
    cards = {"qwen-qwen3-8b": Card(), "ours": Card(parent="Qwen/Qwen3-8B"), "theirs": Card(parent="Qwen/Qwen3-4B")}
    assert parents(cards) == {"ours": "qwen-qwen3-8b", "theirs": "Qwen/Qwen3-4B"}
    assert generations(cards).chains == (("Qwen/Qwen3-4B", "theirs"), ("qwen-qwen3-8b", "ours"))


def test_a_circle_is_told_and_its_entries_are_roots() -> None:
    found = generations(family(a="c", b="a", c="b", child="b", grandchild="child", apart="base"))
    assert found.faults == (
        "A circle of parents: a from c, c from b, b from a. Each counts as a root until `medeval declare` mends one.",
    )
    assert found.chains == (("a",), ("b", "child", "grandchild"), ("base", "apart"), ("c",))


def test_every_circle_is_told_once_however_it_is_come_by() -> None:
    found = generations(family(alone="alone", below="x", first="below", x="y", y="x"))
    assert [fault.partition(". ")[0] for fault in found.faults] == [
        "A circle of parents: alone from alone", "A circle of parents: x from y, y from x",
    ]  # fmt: skip
    assert found.chains == (("alone",), ("x", "below", "first"), ("y",))


def test_long_lines_are_followed_to_their_end() -> None:
    cards = {"0": Card()} | {str(number): Card(parent=str(number - 1)) for number in range(1, 5000)}
    assert generations(cards).chains == (tuple(map(str, range(5000))),)
    assert len(generations(cards | {"0": Card(parent="4999")}).faults) == 1


def test_nothing_declared_is_no_line() -> None:
    assert generations({}).chains == ()
    assert generations(family(a="", b="")).chains == (("a",), ("b",))


# --- nights ---


@pytest.mark.parametrize(
    ("label", "series"),
    [
        ("qwen3-8b-2026-11-27", "qwen3-8b"),
        ("qwen3-8b-20261127", "qwen3-8b"),
        ("qwen3-8b_2026-11-27", "qwen3-8b"),
        ("qwen3-8b@20261127", "qwen3-8b"),
        ("Qwen 3 2026-11-27", "Qwen 3"),
        ("夜-2026-11-27", "夜"),
        ("a--2026-11-27", "a"),
        ("x-2026-11-26-2026-11-27", "x-2026-11-26"),
    ],
)
def test_a_label_that_ends_in_a_date_is_a_night_of_a_series(label: str, series: str) -> None:
    assert night_of(label) == (series, date(2026, 11, 27))


def test_a_leap_day_is_a_night_in_a_leap_year_only() -> None:
    assert night_of("x-20280229") == ("x", date(2028, 2, 29))
    assert night_of("x-20260229") is None


@pytest.mark.parametrize(
    "label",
    ["qwen3-8b", "", "2026-11-27", "20261127", "-2026-11-27", "_20261127", "x-2026-13-40", "x-20261340",
     "x-2026-11-31", "x-2026-1127", "x-202611-27", "x-2026-11", "x-2026-11-27b", "x-2026-11-27-", "x2026-11-27",
     "x-120261127", "x-202611270", "step-10001024", "x-1999-11-27", "x-\uff12\uff10\uff12\uff16-11-27",
     "x-2026-11-27\n"],
)  # fmt: skip
def test_any_other_label_is_none(label: str) -> None:
    assert night_of(label) is None
