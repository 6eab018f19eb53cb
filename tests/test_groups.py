"""Groups of tasks: made where their members were asked in one way, and only there."""

from collections.abc import Callable
from pathlib import Path

import medeval
from medeval import groups
from medeval.catalog import Group
from medeval.engines.scripted import Scripted
from medeval.records import Request, Response, Result, Setting
from medeval.reports import RESULT, read

PAIR = Group(name="pair", title="Two", members=("one", "two"))


def right(request: Request) -> Response:
    return Response(logprobs=tuple([-0.1 for _ in request.choices]))


def results(tmp_path: Path, *settings: Setting) -> list[Result]:
    found = medeval.evaluate(model=Scripted(right), tasks="medqa", data="sample", reports=tmp_path, style="letters")
    (result,) = found.results
    from msgspec.structs import replace

    return [replace(result, task=name, setting=setting) for name, setting in zip(PAIR.members, settings, strict=True)]


def test_members_that_were_asked_alike_make_a_group(tmp_path: Path) -> None:
    chosen, notes = groups.alike([PAIR], results(tmp_path, Setting(shots=5), Setting(shots=5)))
    assert chosen == ((PAIR, Setting(shots=5)),)
    assert notes == ()


def test_a_limit_that_left_nothing_out_of_one_member_is_no_other_way(tmp_path: Path) -> None:
    chosen, _ = groups.alike([PAIR], results(tmp_path, Setting(), Setting(limit=9)))
    assert chosen == ((PAIR, Setting(limit=9)),)


def test_members_that_were_asked_otherwise_make_none_and_that_is_told(tmp_path: Path) -> None:
    chosen, notes = groups.alike([PAIR], results(tmp_path, Setting(), Setting(style="written", shots=5)))
    assert chosen == ()
    assert notes == (
        "pair: no mean, because its members were asked in different ways (one letters 0-shot, two written 5-shot).",
    )


def test_a_group_is_made_again_when_a_member_has_changed(tmp_path: Path) -> None:
    asked = {"model": Scripted(right), "tasks": "mmlu_medical", "data": "sample", "label": "x"}
    first = medeval.evaluate(**asked, reports=tmp_path)  # type: ignore[arg-type]
    (before,) = [result for result in first.results if result.task == "mmlu_medical"]
    (path,) = [folder for folder in first.folders if folder.name.startswith("mmlu_medical@")]
    (path / RESULT).unlink()
    made = groups.regrouped(
        path.parent, [(Group(name="mmlu_medical", title="", members=before.members), before.setting)]
    )
    assert made == [(before, path)]
    assert read(path / RESULT, Result) == before


def test_the_mean_of_the_members_and_that_of_all_questions_are_both_there(
    exam: Callable[[int], Path], tmp_path: Path
) -> None:
    found = medeval.evaluate(model=Scripted(right), tasks="mmlu_medical", data="sample", reports=tmp_path)
    (group,) = [result for result in found.results if result.task == "mmlu_medical"]
    members = [result.first for result in found.results if result.task in group.members]
    assert len(members) == 6
    macro, micro = group.estimates
    assert macro.metric == "macro_accuracy"
    assert macro.value == sum(member.value or 0 for member in members) / 6
    hits = sum((member.value or 0) * member.n for member in members)
    assert abs((micro.value or 0) - hits / sum(member.n for member in members)) < 1e-12
