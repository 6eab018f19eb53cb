"""A suite fits what was asked for and the time; more time never shows less."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medeval import catalog, licences
from medeval.catalog import Catalog
from medeval.errors import RequestError
from medeval.records import Kind, Language, to_json
from medeval.suggesting import (
    APPLICATIONS,
    ASKED_OF,
    Application,
    Choice,
    Purpose,
    Suite,
    Wish,
    duration,
    seconds_of,
    suggest,
    telling,
)

KNOWN = catalog.find()
HOUR = 3600.0
applications = st.lists(st.sampled_from(APPLICATIONS), min_size=1, max_size=3, unique=True).map(tuple)
tongues: st.SearchStrategy[tuple[Language, ...]] = st.sampled_from([("en",), ("zh",), ("en", "zh")])
wishes = st.builds(
    Wish, applications=applications, languages=tongues, kind=st.sampled_from(["base", "chat", "reasoning"]),
    licence=st.sampled_from(["commercial", "research", "any"]), seconds=st.floats(1, 400 * HOUR),
    rate=st.floats(1, 50_000), see=st.sampled_from([0.0, 0.02, 0.05, 0.1]), offline=st.booleans(),
)  # fmt: skip
here = st.sets(st.sampled_from(sorted(KNOWN.tasks)), max_size=20)
often = settings(max_examples=40, deadline=None)


def members(choice: Choice) -> list[str]:
    return [*KNOWN.groups[choice.name].members] if choice.name in KNOWN.groups else [choice.name]


def of(*names: Application, seconds: float | None = None, kind: Kind = "chat", **fields: object) -> Suite:
    return suggest(KNOWN, Wish(applications=names, seconds=seconds, kind=kind, **fields))  # type: ignore[arg-type]


@often
@given(wishes, here)
def test_every_task_that_is_named_exists_and_is_what_was_asked_for(wish: Wish, there: set[str]) -> None:
    for choice in suggest(KNOWN, wish, here=there).choices:
        for name in members(choice):
            task = KNOWN.tasks[name].task
            assert task.language in wish.languages
            assert name in there or not wish.offline
            if wish.licence == "commercial":
                assert licences.of(task.licence).commercial == "yes"
            for application, capability in choice.purposes.items():
                assert application in wish.applications
                assert capability in task.capabilities
                assert capability in ASKED_OF[application]


@often
@given(wishes, here)
def test_a_suite_never_takes_more_than_its_time(wish: Wish, there: set[str]) -> None:
    suite = suggest(KNOWN, wish, here=there)
    assert suite.seconds <= (wish.seconds or 0.0) * (1 + 1e-9)
    assert suite.seconds == sum(choice.seconds for choice in suite.choices)


@often
@given(wishes, here)
def test_of_what_was_begun_one_task_at_most_is_short_of_its_goal_and_that_is_told(wish: Wish, there: set[str]) -> None:
    suite = suggest(KNOWN, wish, here=there)
    blunt = [each.name for each in suite.choices if each.sees > (wish.see or 0.05) and each.n < each.rows]
    assert len(blunt) <= 1
    if blunt:
        assert suite.short
        assert suite.short.name == blunt[0]
        assert f"too short for {blunt[0]}, which sees" in telling.short(suite)


@often
@given(wishes, here)
def test_with_the_time_that_a_short_suite_names_it_sees_what_it_says(wish: Wish, there: set[str]) -> None:
    suite = suggest(KNOWN, wish, here=there)
    if suite.short is None:
        return
    (time,) = re.findall(r"--time ([\d.]+[mh])", telling.short(suite))
    longer = suggest(KNOWN, replace(wish, seconds=seconds_of(time)), here=there)
    (choice,) = [each for each in longer.choices if each.name == suite.short.name]
    assert choice.sees <= suite.short.could
    assert choice.n == choice.rows or choice.sees <= (wish.see or 0.05)


@often
@given(wishes, here, st.floats(1, 20))
def test_more_time_never_shows_less_and_drops_nothing(wish: Wish, there: set[str], times: float) -> None:
    little = {choice.name: choice for choice in suggest(KNOWN, wish, here=there).choices}
    longer = replace(wish, seconds=(wish.seconds or 0.0) * times)
    much = {choice.name: choice for choice in suggest(KNOWN, longer, here=there).choices}
    assert {*little} <= {*much}
    for name, choice in little.items():
        assert much[name].n >= choice.n
        assert much[name].sees <= choice.sees


@often
@given(wishes, here)
def test_every_task_is_chosen_or_left_out_with_a_reason_and_never_both(wish: Wish, there: set[str]) -> None:
    suite = suggest(KNOWN, wish, here=there)
    chosen = [name for choice in suite.choices for name in members(choice)]
    left = [name for each in suite.left for name in (KNOWN.groups[each.name].members if each.name in KNOWN.groups
                                                     else [each.name])]  # fmt: skip
    assert sorted([*chosen, *left]) == sorted(KNOWN.tasks)
    assert all(each.why.endswith(".") for each in suite.left)


@often
@given(wishes)
def test_a_suite_is_the_same_every_time(wish: Wish) -> None:
    assert to_json(suggest(KNOWN, wish)) == to_json(suggest(catalog.find(), wish))


@often
@given(wishes)
def test_commands_name_every_chosen_task_once_with_its_number_of_questions(wish: Wish) -> None:
    suite = suggest(KNOWN, wish)
    told = {}
    for command in suite.commands:
        words = command.split()
        limit = int(words[words.index("--limit") + 1]) if "--limit" in words else 0
        told.update(dict.fromkeys(words[words.index("--tasks") + 1].split(","), limit))
        assert command.startswith(f"medeval run --model MODEL --kind {wish.kind} --tasks ")
        assert ("--seed 0" in command) == bool(limit)
        assert ("--offline" in words) == wish.offline
    assert told == {choice.name: choice.limit for choice in suite.choices}


# --- literal cases ------------------------------------------------------------------------------


def test_what_stands_nearest_sees_five_points_before_the_next_task_begins() -> None:
    found = of("education", languages=("en",), seconds=2 * HOUR)
    assert [(each.name, each.n) for each in found.choices][:2] == [("medqa", 626), ("medmcqa", 626)]
    assert [each.name for each in found.choices][2:] == ["mmlu_medical"]
    # A question takes 4.1 s, so there are 34 minutes for the third, and 43 would do.
    assert telling.short(found) == (
        "The time is too short for mmlu_medical, which sees 5.7 points here and 5.0 with --time 2.2h; the other 2 "
        "tasks see 5 points, or have no more questions."
    )
    longer = {each.name: each.n for each in of("education", languages=("en",), seconds=4 * HOUR).choices}
    assert [*longer][:3] == ["medqa", "medmcqa", "mmlu_medical"]
    assert longer["mmlu_medical"] >= 626
    assert not {"healthbench", "k_qa", "medec"} & {*longer}


def test_what_papers_report_goes_before_what_is_as_near() -> None:
    names = [each.name for each in of("education", languages=("en",)).choices]
    assert names[:3] == ["medqa", "medmcqa", "mmlu_medical"]
    assert names.index("mmlu_medical") < names.index("headqa") < names.index("healthbench")
    assert [each.name for each in of("education", languages=("zh",)).choices][:2] == ["cmb_exam", "cmexam"]


def test_languages_and_applications_take_turns() -> None:
    both = {each.name for each in of("education", seconds=HOUR).choices}
    assert {"medqa", "cmb_exam"} <= both
    served = {use for each in of("safety", "diagnosis", seconds=HOUR / 3).choices for use in each.purposes}
    assert served == {"safety", "diagnosis"}


def test_the_first_application_is_the_users() -> None:
    first = of("safety", "diagnosis", languages=("zh",)).choices[0]
    other = of("diagnosis", "safety", languages=("zh",)).choices[0]
    assert (first.name, other.name) == ("cmtmedqa_safety", "cmb_clin")


def test_where_there_is_no_time_for_anything_it_says_how_much_would_do() -> None:
    suite = of("documentation", languages=("en",), seconds=60)
    assert not suite.choices
    assert telling.short(suite) == (
        "The time is too short for any task: notes_en, the nearest, sees 5.2 points with --time 5m."
    )  # fmt: skip
    assert telling.short(suite).replace("_", "\\_") in telling.page(suite)


def test_what_is_much_the_same_as_a_task_says_whether_that_one_is_in_the_suite() -> None:
    for seconds, said in ((None, "part of it"), (1.0, "left out as well")):
        (why,) = [each.why for each in of("diagnosis", seconds=seconds).left if each.name == "cmb_clin_gold"]
        assert why == f"Much the same as cmb_clin, which is {said}."


def test_without_a_bound_every_question_is_asked() -> None:
    suite = of("documentation")
    assert {(choice.name, choice.n, choice.limit) for choice in suite.choices} >= {("notes_en", 120, 0)}
    assert "aci_bench_valid" in {each.name for each in suite.left}


def test_letters_of_a_base_model_are_a_single_pass_and_reasons_are_as_long_as_they_may_be() -> None:
    letters = {choice.name: choice for choice in of("education", kind="base").choices}["medqa"]
    reasons = {choice.name: choice for choice in of("education").choices}["medqa"]
    thought = {choice.name: choice for choice in of("education", kind="reasoning").choices}["medqa"]
    assert (letters.written, reasons.written, thought.written) == (1273, 1273 * 4096, 1273 * 32_768)
    assert letters.asked.startswith("letters, plain text")
    assert reasons.asked.startswith("reasoned, chat")


def test_a_difference_to_be_seen_bounds_the_questions() -> None:
    # Connor: 20 % discordant, 5 points, 80 % power, 5 % two-sided: (1.96 √0.2 + 0.8416 √0.1975)² / 0.05² = 625.6.
    found = {choice.name: choice for choice in of("education", see=0.05).choices}
    assert found["medmcqa"].n == 626
    assert found["medmcqa"].sees <= 0.05
    assert found["pubmedqa"].n == 500  # all of them, and they show less
    assert found["pubmedqa"].sees > 0.05


def test_parts_of_one_benchmark_stand_together_and_share_the_questions() -> None:
    found = {choice.name: choice for choice in of("education", see=0.1).choices}["mmlu_medical"]
    assert found.rows == 1089
    assert 6 * found.limit >= found.n >= 155
    assert "mmlu_medical_anatomy" not in {choice.name for choice in of("education").choices}


def test_files_that_only_hands_can_get_are_left_out_with_the_way_to_get_them_until_they_are_here() -> None:
    wish = Wish(applications=("education",), languages=("zh",))
    without = suggest(KNOWN, wish)
    (why,) = [each.why for each in without.left if each.name == "medqa_mainland"]
    assert "github.com/jind11/MedQA" in why
    assert "medqa_mainland" in {choice.name for choice in suggest(KNOWN, wish, here={"medqa_mainland"}).choices}


@pytest.mark.parametrize(
    ("licence", "has", "lacks"),
    [
        ("any", {"medsafety", "cmtmedqa_safety"}, set[str]()),
        ("research", {"medsafety", "cmtmedqa_safety"}, set[str]()),
        ("commercial", {"cmtmedqa_safety"}, {"medsafety"}),
    ],
)
def test_a_licence_that_does_not_clearly_allow_it_bars_a_task(licence: Purpose, has: set[str], lacks: set[str]) -> None:
    names = {choice.name for choice in of("safety", licence=licence).choices}
    assert has <= names
    assert not lacks & names


def test_a_task_without_sample_rows_is_left_out_with_its_reason() -> None:
    medqa = KNOWN.tasks["medqa"]
    alone = Catalog(tasks={"medqa": replace(medqa, file=Path("nowhere") / "medqa.py")}, groups={})
    suite = suggest(alone, Wish(applications=("education",)))
    assert not suite.choices
    assert [each.why for each in suite.left] == ["It has no sample rows that its prompts could be measured on."]


def test_a_time_is_a_number_with_its_unit() -> None:
    assert [seconds_of(text) for text in ("90s", "30m", "2h", "1.5h", "1d")] == [90, 1800, 7200, 5400, 86_400]
    told = [duration(seconds) for seconds in (5, 90, 5400, 7200, 259_200, 86_400_000)]
    assert told == ["5 s", "2 min", "90 min", "2.0 h", "3.0 days", "1,000 days"]
    for wrong in ("", "h", "2", "-1h", "0m", "infh", "nanh", "2 weeks"):
        with pytest.raises(RequestError, match="--time"):
            seconds_of(wrong)


def test_a_page_of_markdown_has_the_table_the_reasons_and_the_commands() -> None:
    suite = of("safety", seconds=HOUR)
    page = telling.page(suite)
    assert page.count("| ") > len(suite.choices)
    assert "## Why" in page
    assert "## Left out" in page
    for command in suite.commands:
        assert f"\n{command}\n" in page
    assert "an estimate" in telling.totals(suite)


def test_points_are_rounded_up_since_less_is_not_seen() -> None:
    assert [telling.points(each) for each in (0.0501, 0.05, 0.1)] == ["5.1", "5.0", "10.0"]
