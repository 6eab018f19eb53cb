"""Case studies of real runs: consultations, dialogues in fixed turns, exams asked several times, judges."""

from collections.abc import Callable
from pathlib import Path

import medeval
from medeval.engines.scripted import Scripted
from medeval.records import Reply, Request, Response
from medeval.studies import Page, Wanted, chosen, html_of, markdown_of, page_of
from medeval.studies.pages import Column
from medeval.studies.transcripts import Part


def entry(
    folder: Path, name: str, script: Callable[[Request], Reply | str], task: str = "mediq", **how: object
) -> None:  # fmt: skip
    settings = {"style": "written", "chat": True, **how}
    medeval.evaluate(
        model=Scripted(script, model=name, choices=False), tasks=[task], data="sample", reports=folder, label=name,
        **settings,  # type: ignore[arg-type]
    )  # fmt: skip


def concluding(label: str, before: str = "") -> Callable[[Request], str]:
    return lambda request: f"{before}Answer: {label}"


def asking(request: Request) -> Reply | str:
    if request.role != "model":
        return "Answer: B"
    asked = f"{request.text}{request.messages}"
    if "any fever" in asked:
        return "Now I know.\nAnswer: A"
    return Response(text="Have you any fever?", reasoning="I need the course.")


def page(folder: Path, *names: str, task: str = "mediq", **wanted: object) -> Page:
    return page_of(chosen(names, task, folder, Wanted(**wanted)), "0")  # type: ignore[arg-type]


def said(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in parts]


def conversation(folder: Path, name: str) -> Column:
    (column,) = page(folder, name, most="lowest", count=1).sections[0].columns
    return column


def test_a_consultation_shows_the_patient_and_what_was_asked_beside_it_apart(tmp_path: Path) -> None:
    entry(tmp_path, "asker", asking)
    column = conversation(tmp_path, "asker")
    assert [part.kind for part in column.parts] == ["model", "patient", "model"]
    assert column.parts[0].reasoning == "I need the course."
    assert column.parts[1].text
    assert (column.parts[2].before, column.parts[2].read) == ("Now I know.\nAnswer: ", "A")
    assert [(part.who, part.text) for part in column.beside] == [
        ("Knowing all facts at once", "Answer: B"), ("Knowing the opening alone", "Answer: B"),
        ("Made to conclude after reply 1", "Answer: B"),
    ]  # fmt: skip


def test_a_consultation_in_plain_text_reads_the_same_as_one_in_a_chat(tmp_path: Path) -> None:
    entry(tmp_path, "chat", asking)
    entry(tmp_path, "plain", asking, chat=False)
    chat, plain = [conversation(tmp_path, name) for name in ("chat", "plain")]
    assert said(chat.parts) == said(plain.parts)
    assert said(chat.beside) == said(plain.beside)


def test_where_questions_are_used_up_the_demand_to_conclude_stands_behind_the_last_reply(tmp_path: Path) -> None:
    entry(tmp_path, "curious", lambda request: "And then?" if request.role == "model" else "Answer: A")
    column = conversation(tmp_path, "curious")
    assert [part.kind for part in column.parts] == ["model", "patient"] * 10 + ["asked", "model"]
    assert column.parts[-3].text not in column.parts[-2].text


def test_later_questions_of_a_dialogue_stand_between_its_answers(tmp_path: Path) -> None:
    for name, chat in (("chat", True), ("plain", False)):
        entry(tmp_path, name, lambda request: "肺炎。", task="cmb_clin", chat=chat)
        (section,) = page(tmp_path, name, task="cmb_clin", ids=("0",)).sections
        (column,) = section.columns
        assert [part.kind for part in column.parts] == ["model", "asked", "model", "asked", "model"]
        assert column.parts[1].text == "还需与哪些疾病鉴别？"
        assert {part.lang for part in (*section.asked, *column.parts)} == {"zh-Hans"}


def test_answers_of_the_benchmark_that_are_carried_on_are_told_from_those_of_the_model(tmp_path: Path) -> None:
    entry(tmp_path, "one", lambda request: "肺炎。", task="cmb_clin_gold")
    (column,) = page(tmp_path, "one", task="cmb_clin_gold", ids=("0",)).sections[0].columns
    assert [part.kind for part in column.parts] == ["model", "given", "asked", "model", "given", "asked", "model"]
    assert column.parts[1].who == "The benchmark's answer, put in its place"
    assert column.parts[1].text not in ("", "肺炎。")


def test_an_exam_asked_several_times_shows_the_first_time_whole_and_the_others_in_a_line(tmp_path: Path) -> None:
    drawn = {0: "Answer: A", 1: "Answer: B", 2: "It cannot be known."}
    seen: dict[str, int] = {}

    def script(request: Request) -> str:
        asked = request.messages[-1].content
        seen[asked] = seen.get(asked, -1) + 1
        return drawn[seen[asked]]

    entry(tmp_path, "one", script, task="medqa", repeats=3, temperature=0.7)
    (column,) = page(tmp_path, "one", task="medqa", most="highest", count=1).sections[0].columns
    assert [part.text for part in column.parts] == ["Answer: A"]
    assert column.mark
    assert (column.mark.sign, column.mark.word) == ("◐", "right 1 of 3 times")
    assert [when for when, _ in column.others] == ["variant 1, repeat 2", "variant 1, repeat 3"]
    assert [what for _, what in column.others] == ["✗ wrong, read B", "✗ wrong, nothing could be read"]


def test_letters_are_weighed_and_nothing_is_written(tmp_path: Path) -> None:
    medeval.evaluate(
        model="baseline:majority", tasks=["medqa"], data="sample", reports=tmp_path, label="floor", style="letters"
    )  # fmt: skip
    (column,) = page(tmp_path, "floor", task="medqa", count=1).sections[0].columns
    assert column.parts[0].text == ""
    assert column.parts[0].note.startswith("Wrote nothing; log-probabilities of the options, in their order: ")


def test_verdicts_of_a_judge_stand_with_its_words_under_the_answer(tmp_path: Path) -> None:
    judge = Scripted(lambda request: "大体符合。\n评分：4", model="strict", choices=False)
    entry(tmp_path, "one", lambda request: "肺炎。", task="cmb_clin", judges=(judge,))
    made = page(tmp_path, "one", task="cmb_clin", ids=("1",))
    ((name, mean, grades),) = made.sections[0].columns[0].judges
    assert (name, mean) == ("strict", "4")
    assert len(grades) == 2 * 4
    assert {(grade.grade, grade.words) for grade in grades} == {("4 of 5", "大体符合。\n评分：4")}
    assert grades[0].criterion.endswith(", turn 1")
    assert not [part for part in made.sections[0].columns[0].beside if "评分" in part.text]
    assert "4 of 5" in html_of(made)
    assert "| 4 of 5 | 大体符合。 评分：4 |" in markdown_of(made)


def test_the_same_cases_give_the_same_bytes(tmp_path: Path) -> None:
    entry(tmp_path, "one", concluding("A"))
    entry(tmp_path, "two", concluding("B"))
    first, second = [page(tmp_path, "one", "two") for _ in range(2)]
    assert (html_of(first), markdown_of(first)) == (html_of(second), markdown_of(second))
    assert {section.signs for section in first.sections} <= {"✓✗", "✗✓"}
    assert {section.summary for section in first.sections} == {"1 of 2 right"}
