"""medeval tasks: filters, what they leave, and what is said where they leave nothing."""

import json
from collections.abc import Callable

from medeval import catalog

Command = Callable[..., tuple[int, str, str]]
KNOWN = catalog.find()


def test_filters_leave_what_is_all_of_that(command: Command) -> None:
    code, out, _ = command("tasks", "--language", "zh", "--kind", "dialogue,open", "--capability", "safety")
    assert code == 0
    names = [line.split()[0] for line in out.splitlines()[1:] if line]
    assert names == [
        name for name, named in KNOWN.tasks.items()
        if named.task.language == "zh" and named.task.kind in ("dialogue", "open")
        and "safety" in named.task.capabilities
    ]  # fmt: skip
    assert "cmtmedqa_safety" in names


def test_the_same_filters_hold_in_json_and_the_facts_tell_kind_and_capabilities(command: Command) -> None:
    facts = json.loads(command("tasks", "--licence-allows", "commercial", "--language", "en", "--json")[1])
    assert "medqa" in facts
    assert "medsafety" not in facts
    assert facts["medqa"]["kind"] == "choice"
    assert facts["medqa"]["capabilities"] == "knowledge, reasoning"


def test_only_groups_that_are_whole_are_listed(command: Command) -> None:
    out = command("tasks", "--language", "en", "--kind", "choice")[1]
    assert "\nexams_en: " in out
    assert "\nexams_zh: " not in out
    assert "\nnotes_en: " not in out


def test_where_nothing_is_left_the_tightest_filter_is_told(command: Command) -> None:
    code, out, err = command("tasks", "--kind", "consultation", "--capability", "documentation", "--language", "en,zh")
    assert (code, out) == (2, "")
    count = sum(named.task.kind == "consultation" for named in KNOWN.tasks.values())
    assert count < sum("documentation" in named.task.capabilities for named in KNOWN.tasks.values())
    assert err == (
        "medeval: No task is all of that: --kind consultation is the tightest: "
        f"alone it lets {count} of {len(KNOWN.tasks)}.\n"
    )


def test_unknown_words_are_told_with_the_list(command: Command) -> None:
    code, _, err = command("tasks", "--kind", "exam,choice", "--licence-allows", "gain")
    assert code == 2
    assert err.splitlines() == [
        "medeval: --kind exam: unknown. There are: choice, open, dialogue, consultation, nlp.",
        "medeval: --licence-allows gain: unknown. There are: commercial, carry, texts.",
    ]


def test_a_card_tells_how_many_items_are_faulty_and_how_files_are_got(command: Command) -> None:
    card = command("tasks", "medmcqa")[1]
    assert "\n  errata: v1: two options with one text: 21\n" in card
    assert "\n  obtain: The original form is the archive that github.com/medmcqa/medmcqa links to" in card
    plain = command("tasks", "mts_dialog")[1]
    assert "\n  errata: none known\n" in plain
    assert "\n  obtain: " not in plain
    assert "(original); two options with one text: 1 (single2000)" in command("tasks", "cmb_exam")[1]
