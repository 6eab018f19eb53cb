"""Names of another harness's tasks: what is found, what is refused and in which words, and what a folder is about."""

import json
import os
import random
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest
from msgspec.structs import replace

import medeval
from medeval.engines.scripted import Scripted
from medeval.errors import DataError, RequestError, TaskError
from medeval.evaluation import Evaluation, rescore, score_predictions
from medeval.interop import lm_eval
from medeval.interop.seclusion import OFFLINE, secluded
from medeval.openings import Means
from medeval.planning import Plan
from medeval.records import Decoding, Failure, Reply, Request, Response
from medeval.reports import SAMPLES
from tests.test_interop.conftest import TASKS, write_task


@pytest.fixture(autouse=True)
def _a_small_index(tasks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that lm-eval has be the small tasks: its own index takes four seconds."""
    monkeypatch.setattr(lm_eval, "_everything", lambda: lm_eval._manager("tiny_told", [tasks]))


def likely(request: Request) -> Reply:
    """Take the last choice for the likeliest and for greedy, or say a word."""
    if not request.choices:
        return Response(text=" produce this\nand more")
    count = len(request.choices)
    return Response(logprobs=tuple([float(place - count) for place in range(count)]), greedy=(count - 1,))


def evaluate(
    root: Path, *names: str, script: Callable[[Request], Reply] | Scripted = likely, paths: Sequence[Path] = (),
    **how: Any,
) -> Evaluation:  # fmt: skip
    engine = script if isinstance(script, Scripted) else Scripted(script)
    named = [name if ":" in name or name == "exam" else f"lm-eval:{name}" for name in names]
    return medeval.evaluate(model=engine, tasks=named, reports=root / "reports", task_paths=paths, offline=True, **how)


def refused(root: Path, *names: str, **how: Any) -> tuple[str, ...]:
    with pytest.raises(RequestError) as fault:
        evaluate(root, *names, **how)
    assert not (root / "reports").exists()
    return fault.value.faults


def made(folder: Path, tasks: Path, name: str, like: str, **other: Any) -> Path:
    """Write a task like another one, but for some fields."""
    folder.mkdir(exist_ok=True)
    write_task(folder, name, {**TASKS[like], **other}, tasks / "rows")
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- names --------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_the_nearest_one_and_the_way_to_ones_own(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, "tiny_chosn")
    assert said == (
        "Unknown task 'lm-eval:tiny_chosn': lm-eval 0.4.13 has none of that name. Did you mean 'lm-eval:tiny_chosen'? "
        "A folder of YAML files of your own is named with --task-path."
    )


def test_a_group_and_a_tag_are_refused_with_the_names_of_their_tasks(tmp_path: Path) -> None:
    assert refused(tmp_path, "tiny_group", "tiny_tag") == (
        "lm-eval:tiny_group is a group of lm-eval's. Name its tasks: lm-eval:tiny_chosen, lm-eval:tiny_told.",
        "lm-eval:tiny_tag is a group of lm-eval's. Name its tasks: lm-eval:tiny_marked, lm-eval:tiny_shown.",
    )


def test_without_lm_eval_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    monkeypatch.setitem(sys.modules, "lm_eval.api.task", None)
    (said,) = refused(tmp_path, "tiny_told")
    assert said.startswith("lm-eval:tiny_told: tasks of lm-eval need the package lm-eval, which cannot be imported (")
    assert said.endswith("Install it with: pip install 'medeval-harness[interop]'.")


def test_without_such_a_name_nothing_of_lm_eval_is_looked_for(
    exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    home = exam(3)
    assert (
        evaluate(home, "exam", paths=[home / "exam.py"], data=home / "data", style="letters").results[0].task == "exam"
    )


def test_our_tasks_and_theirs_are_asked_in_one_run(exam: Callable[[int], Path], tasks: Path) -> None:
    home = exam(6)
    found = evaluate(
        home, "tiny_told", "exam", "tiny_told", "tiny_marked", paths=[home / "exam.py", tasks], data=home / "data"
    )
    assert [folder.name for folder in found.folders] == ["exam", "lm-eval-tiny_told", "lm-eval-tiny_marked"]
    assert all(result.first.n == result.journal_records for result in found.results)


# --- what is said about how to ask --------------------------------------------------------


def test_whatever_is_said_about_how_to_ask_is_refused_at_once(tmp_path: Path) -> None:
    how: dict[str, Any] = {
        "style": "letters", "chat": True, "system": "Be brief.", "prefill": "Well", "options": "circular",
        "repeats": 2, "shuffles": 2, "wordings": 2, "protocol": "mirage", "max_tokens": 5,
        "temperature": 0.5, "shots_from": "sample",
    }  # fmt: skip
    said = refused(tmp_path, "tiny_told", "tiny_chosen", **how, data="sample")
    options = (
        "--style, --chat, --system, --prefill, --shots-from, --options, --repeats, --shuffles, --wordings, "
        "--protocol, --max-tokens, --temperature"
    )
    assert said == tuple([
        sentence
        for name in ("tiny_told", "tiny_chosen")
        for sentence in (
            f"lm-eval:{name}: finds its rows by itself. Leave --data sample away.",
            f"lm-eval:{name}: is asked as lm-eval asks it. Leave {options} away.",
        )
    ])  # fmt: skip


def test_data_of_ones_own_are_refused_where_nothing_would_read_them(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, "tiny_told", data=str(tmp_path))
    assert said == f"lm-eval:tiny_told: finds its rows by itself. Leave --data {tmp_path} away."


def test_data_that_the_environment_names_are_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", str(tmp_path))
    assert evaluate(tmp_path, "tiny_told", data=str(tmp_path)).results[0].first.n == 16


def test_plain_text_may_be_said_since_it_is_what_is_done(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "tiny_told", chat=False).results[0].setting.chat is False


def test_a_limit_draws_by_seed_and_changes_no_prompt_behind_examples(tmp_path: Path) -> None:
    whole = evaluate(tmp_path, "tiny_shown", shots=2)
    part = evaluate(tmp_path, "tiny_shown", shots=2, limit=5)
    assert part.folders[0].name == "lm-eval-tiny_shown@2shot,limit5"
    assert (part.results[0].first.n, part.results[0].flags) == (5, ("limited to 5",))
    every, few = [
        {row["sample"]: row["exchanges"] for row in lines(each.folders[0] / SAMPLES)} for each in (whole, part)
    ]
    assert few == {sample: every[sample] for sample in few}
    assert {*few} != {*list(every)[:5]}


def test_another_seed_shows_other_examples(tmp_path: Path) -> None:
    one, other = [evaluate(tmp_path, "tiny_shown", shots=2, seed=seed, label=f"{seed}").results[0] for seed in (0, 7)]
    assert one.prompt != other.prompt


# --- what cannot be asked -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("like", "other", "said"),
    [
        ("tiny_told", {"output_type": "loglikelihood_rolling"}, "it asks for loglikelihood_rolling, which no engine"),
        ("tiny_told", {"doc_to_text": ""}, "it asks what goes on with an empty text (acc_mutual_info does), which no"),
        ("tiny_chosen", {"metrics": {"acc_mutual_info": "mean"}}, "it asks what goes on with an empty text"),
        ("tiny_written", {"repeats": 4}, "it asks everything 4 times, which is not done here."),
        ("tiny_written", {"unsafe_code": True}, "it runs code that a model has written, and nothing of a model is run"),
        ("tiny_written", {"generation_kwargs": {"until": "x", "num_beams": 3}}, "its generation_kwargs have num_beams"),
        (
            "tiny_shown",
            {"num_fewshot": 0},
            "its num_fewshot is 0, which lm-eval does not overrule. Leave --shots away.",
        ),
    ],
)
def test_what_is_not_done_here_is_refused_with_its_reason(
    tmp_path: Path, tasks: Path, like: str, other: dict[str, Any], said: str
) -> None:
    folder = made(tmp_path / "own", tasks, "own", like, **other)
    (fault,) = refused(tmp_path, "own", paths=[folder], shots=2 if like == "tiny_shown" else None)
    assert fault.startswith(f"lm-eval:own: {said}")


def test_a_task_that_cannot_be_loaded_is_one_sentence(tmp_path: Path, tasks: Path) -> None:
    folder = made(tmp_path / "own", tasks, "own", "tiny_told", doc_to_text="{{nothing.at.all}}")
    (fault,) = refused(tmp_path, "own", paths=[folder])
    assert fault.startswith("lm-eval:own: lm-eval cannot load it (UndefinedError: ")
    assert fault.endswith(" With --offline its data must be in the cache of `datasets`.")
    assert "\n" not in fault


def test_a_baseline_has_nothing_to_go_by(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as fault:
        medeval.evaluate(model="baseline:random", tasks="lm-eval:tiny_told", reports=tmp_path, offline=True)
    assert fault.value.faults == (
        "lm-eval:tiny_told: a baseline follows the options of a question, and here it would see none.",
    )


@pytest.mark.parametrize(
    ("name", "lacks", "said"),
    [
        ("tiny_chosen", "choices", "This engine gives no log-probabilities, which style 'options' needs."),
        (
            "tiny_chosen",
            "whole",
            "This engine gives log-probabilities of single tokens only, and style 'options' needs",
        ),
        ("tiny_told", "greedy", "This engine does not tell what the model would have written by itself, which is"),
        ("tiny_chosen", "greedy", "This engine does not tell what the model would have written by itself, which is"),
    ],
)
def test_an_engine_that_cannot_do_it_is_told_so(tmp_path: Path, name: str, lacks: str, said: str) -> None:
    engine = Scripted(likely)
    engine.abilities = replace(engine.abilities, **{lacks: False})
    (fault,) = refused(tmp_path, name, script=engine)
    assert fault.startswith(f"lm-eval:{name}: {said}")


@pytest.mark.parametrize(("name", "lacks"), [("tiny_written", "choices"), ("tiny_blank", "greedy")])
def test_nothing_is_wanted_of_an_engine_that_a_task_does_not_need(tmp_path: Path, name: str, lacks: str) -> None:
    engine = Scripted(likely)
    engine.abilities = replace(engine.abilities, **{lacks: False})
    assert evaluate(tmp_path, name, script=engine).results


def test_letters_are_wanted_of_an_engine_that_knows_single_tokens_only(tmp_path: Path, tasks: Path) -> None:
    folder = made(tmp_path / "own", tasks, "own", "tiny_blank", doc_to_choice=["A", "B"], target_delimiter=" ")
    engine = Scripted(likely)
    engine.abilities = replace(engine.abilities, whole=False)
    (result,) = evaluate(tmp_path, "own", paths=[folder], script=engine).results
    assert result.setting.style == "letters"
    assert result.letter_mass == pytest.approx(0.5032, abs=1e-4)


# --- marks --------------------------------------------------------------------------------


def test_a_prompt_that_is_too_long_is_wrong_and_has_no_part_in_what_knows_no_wrong(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return Failure(failure="too_long", reason="") if "liver" in request.text else likely(request)

    (result,) = evaluate(tmp_path, "tiny_told", script=script).results
    perplexity, acc = result.estimates
    assert (perplexity.n, acc.n, acc.too_long, acc.value) == (15, 16, 1, 15 / 16)
    assert perplexity.value == pytest.approx(2.718281828459045)


def test_an_engine_error_is_not_measured(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return Failure(failure="engine_error", reason="") if "liver" in request.text else likely(request)

    found = evaluate(tmp_path, "tiny_chosen", script=script)
    assert [(each.n, each.failed) for each in found.results[0].estimates] == [(15, 1)] * 4
    assert found.unsettled == 1


def test_marks_that_nobody_told_of_are_not_passed_over(tmp_path: Path, tasks: Path) -> None:
    folder = made(tmp_path / "own", tasks, "own", "tiny_marked", process_results="!function ours.marks")
    (folder / "ours.py").write_text("def marks(doc, results):\n    return {doc['answer']: 1.0}\n")
    with pytest.raises(TaskError, match=r"marks sample '0001' by '\w+', of which neither its metric_list nor"):
        evaluate(tmp_path, "own", paths=[folder])


def test_code_that_fails_over_a_row_is_told_with_its_sample(tmp_path: Path, tasks: Path) -> None:
    folder = made(tmp_path / "own", tasks, "own", "tiny_marked", process_results="!function ours.marks")
    (folder / "ours.py").write_text(
        "def marks(doc, results):\n    return {'length': 1 / len(results[0].strip('p '))}\n"
    )
    with pytest.raises(TaskError, match=r"lm-eval:own: lm-eval cannot mark sample '0000' \(ZeroDivisionError: "):
        evaluate(tmp_path, "own", paths=[folder], script=lambda _: Response(text="p"))


def test_a_text_that_is_drawn_has_a_seed_of_its_own(tmp_path: Path, tasks: Path) -> None:
    how = {
        "until": ["\n", ""],
        "max_new_tokens": 9,
        "do_sample": True,
        "temperature": 0.7,
        "top_p": 0.9,
        "num_beams": 1,
    }
    folder = made(tmp_path / "own", tasks, "own", "tiny_written", generation_kwargs=how)
    asked: list[Decoding] = []

    def script(request: Request) -> Reply:
        asked.append(request.decoding)
        return likely(request)

    (result,) = evaluate(tmp_path, "own", paths=[folder], script=script).results
    assert len({decoding.seed for decoding in asked}) == len(asked)
    wanted = Decoding(max_tokens=9, temperature=0.7, top_p=0.9, stop=("\n",))
    assert {replace(decoding, seed=0) for decoding in asked} == {wanted}
    assert result.setting.decoding == wanted


# --- folders ------------------------------------------------------------------------------


def test_a_task_that_has_changed_since_is_not_scored_again(tmp_path: Path, tasks: Path) -> None:
    folder = made(tmp_path / "own", tasks, "own", "tiny_told")
    found = evaluate(tmp_path, "own", paths=[folder])
    made(folder, tasks, "own", "tiny_told", metrics={"acc": "mean"})
    with pytest.raises(RequestError, match=r"cannot be scored again \(the task was lm-eval-.*, is now lm-eval-"):
        rescore(found.folders[0], task_paths=[folder], means=Means(offline=True))
    with pytest.raises(RequestError, match=r"holds another run \(form was 'lm-eval-.*Choose another --label"):
        evaluate(tmp_path, "own", paths=[folder])


def test_texts_made_elsewhere_are_cut_filtered_and_marked_as_any_others(tmp_path: Path, tasks: Path) -> None:
    rows = lines(tasks / "rows" / "written.jsonl")
    file = tmp_path / "said.jsonl"
    texts = [f" {row['answer']} 1\n{row['answer']}" for row in rows]
    file.write_text(
        "".join([json.dumps({"id": f"{number:04d}", "output": text}) + "\n" for number, text in enumerate(texts)])
    )
    plan = Plan(
        model="", tasks=("lm-eval:tiny_written",), reports=tmp_path / "reports", label="elsewhere", style="written",
        task_paths=(tasks,), elsewhere=True,
    )  # fmt: skip
    (result,) = score_predictions(plan, file).results
    known = {estimate.metric: estimate.value for estimate in result.estimates}
    assert (known["exact_match_first_word"], known["exact_match_as_said"]) == (1.0, 0.0)
    assert result.prompt == "elsewhere"


def test_a_recording_is_replayed_as_it_was_asked(tmp_path: Path) -> None:
    first = evaluate(tmp_path, "tiny_shown", shots=2, seed=3)
    again = medeval.evaluate(
        model=f"recorded:{first.folders[0]}", tasks="lm-eval:tiny_shown", reports=tmp_path / "again", offline=True
    )
    assert again.results[0].estimates == first.results[0].estimates
    assert again.results[0].prompt == first.results[0].prompt


# --- foreign code at rest -----------------------------------------------------------------


def test_offline_opens_no_connection(tmp_path: Path, tasks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dialled(*_: object) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", dialled)
    monkeypatch.setattr(socket, "getaddrinfo", dialled)
    folder = made(tmp_path / "own", tasks, "own", "tiny_told", dataset_path="nobody/nothing")
    with pytest.raises(DataError, match=r"lm-eval:own: lm-eval cannot load it \((?!AssertionError)"):
        lm_eval.load("lm-eval:own", [folder], None, 0, offline=True)
    assert lm_eval.load("lm-eval:tiny_told", [tasks], None, 0, offline=True).samples()


def test_foreign_code_leaves_nothing_behind(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFFLINE[0], "0")
    before = random.getstate()
    with secluded(offline=True):
        print("something")
        assert [os.environ[name] for name in OFFLINE] == ["1"] * 3
        first = random.random()
    with secluded():
        assert random.random() == first
    assert random.getstate() == before
    assert [os.environ.get(name) for name in OFFLINE] == ["0", None, None]
    assert capfd.readouterr() == ("", "")


def test_of_all_that_lm_eval_has_a_task_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(DataError, match=r"lm-eval:medqa_4options: lm-eval cannot load it \(.*With --offline its data"):
        lm_eval.load("lm-eval:medqa_4options", [], None, 0, offline=True)
