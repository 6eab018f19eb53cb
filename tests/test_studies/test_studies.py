"""Case studies: which cases are shown, and that what models said is text and nothing else."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.records import Request
from medeval.studies import Case, Wanted, chosen, html_of, markdown_of, page_of

TASK = "mediq"
NASTY = "<script>alert(1)</script> {{ 7 * 7 }} </style><img src=x onerror=alert(1)> ``` | # **x** <|im_start|>"


def entry(folder: Path, name: str, script: Callable[[Request], str], task: str = TASK, **how: object) -> None:
    medeval.evaluate(
        model=Scripted(script, model=name, choices=False), tasks=[task], data="sample", reports=folder, style="written",
        chat=True, label=name, **how,  # type: ignore[arg-type]
    )  # fmt: skip


def concluding(label: str, before: str = "") -> Callable[[Request], str]:
    return lambda request: f"{before}Answer: {label}"


def asking(request: Request) -> str:
    asked = any(turn.role == "assistant" for turn in request.messages)
    return "Answer: A" if asked or request.role != "model" else "How old are you?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry(tmp_path, "one", concluding("A"))
    entry(tmp_path, "two", concluding("B"))
    return tmp_path


def cases(folder: Path, *names: str, task: str = TASK, **wanted: object) -> tuple[Case, ...]:
    return chosen(names, task, folder, Wanted(**wanted))  # type: ignore[arg-type]


def scores(case: Case) -> list[float | None]:
    return [seen.line.scores["accuracy"] for seen in case.seen]


def test_those_are_shown_on_which_entries_differ_most(folder: Path) -> None:
    found = cases(folder, "one", "two", count=4)
    assert len(found) == 4
    assert all(sorted(map(str, scores(case))) == ["0.0", "1.0"] for case in found)
    assert [case.id for case in found] == sorted(case.id for case in found)


def test_of_one_entry_the_worst_or_the_best_are_shown(folder: Path) -> None:
    assert [scores(case) for case in cases(folder, "one", most="lowest", count=2)] == [[0.0], [0.0]]
    assert [scores(case) for case in cases(folder, "one", most="highest", count=2)] == [[1.0], [1.0]]


def test_named_cases_are_shown_in_their_order_and_an_unknown_one_is_told(folder: Path) -> None:
    first, second = [case.id for case in cases(folder, "one", "two", count=2)]
    assert [case.id for case in cases(folder, "one", "two", ids=(second, first))] == [second, first]
    with pytest.raises(RequestError, match="no sample 'nobody'"):
        cases(folder, "one", "two", ids=("nobody",))


def test_what_was_chosen_by_lot_is_the_same_again(folder: Path) -> None:
    lots = [[case.id for case in cases(folder, "one", most="random")] for _ in range(2)]
    assert lots[0] == lots[1]
    assert lots[0] != [case.id for case in cases(folder, "one", most="lowest")]


def test_texts_without_a_score_of_their_own_are_chosen_by_how_far_they_are_apart(tmp_path: Path) -> None:
    entry(tmp_path, "one", lambda request: "肺炎。", task="cmb_clin")
    odd = "案例分析-缺铁性贫血"
    entry(
        tmp_path, "two", lambda request: "完全不同的话" if odd in str(request.messages) else "肺炎。", task="cmb_clin"
    )  # fmt: skip
    (case,) = cases(tmp_path, "one", "two", task="cmb_clin", count=1)
    assert odd in case.seen[0].line.exchanges[0].messages[0].content
    with pytest.raises(RequestError, match="have no rouge1"):
        cases(tmp_path, "one", task="cmb_clin", most="lowest")


def test_other_questions_cannot_stand_side_by_side(folder: Path) -> None:
    entry(folder, "three", concluding("A"), limit=5)
    with pytest.raises(RequestError, match="answered other questions"):
        cases(folder, "one", "three")


def test_all_that_is_wrong_with_the_names_is_told_at_once(folder: Path) -> None:
    with pytest.raises(RequestError) as raised:
        cases(folder, "nobody", "one", task="medqa")
    assert [fault.partition(":")[0] for fault in raised.value.faults] == ["nobody", "one"]


def test_several_cells_of_a_task_are_told_apart_by_their_whole_name(folder: Path) -> None:
    entry(folder, "one", concluding("A"), limit=5)
    with pytest.raises(RequestError, match="several cells of 'mediq': name one of mediq@written,sample"):
        cases(folder, "one")
    assert len(cases(folder, "one", task="mediq@written,sample,limit5", count=9, most="lowest")) == 5


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names += [name for name, _ in attrs]


def test_whatever_a_model_says_is_text_on_the_page(tmp_path: Path) -> None:
    entry(tmp_path, "nasty", concluding("A", f"{NASTY}\n"))
    entry(tmp_path, "plain", concluding("B"))
    page = html_of(page_of(TASK, cases(tmp_path, "nasty", "plain", count=2)))
    seen = _Tags()
    seen.feed(page)
    assert not {"script", "img"} & {*seen.tags}
    assert not [name for name in seen.names if name.startswith("on")]
    assert "default-src 'none'" in page
    assert "{{ 7 * 7 }}" in page
    assert seen.tags.count("article") == 4
    assert page.count("<mark>") == 4, "what was read is marked"


def test_right_and_wrong_are_told_by_sign_and_word(folder: Path) -> None:
    page = html_of(page_of(TASK, cases(folder, "one", "two", count=1)))
    assert re.findall(r'class="word (?:right|wrong)">(. \w+)<', page) in (
        ["✓ right", "✗ wrong"],
        ["✗ wrong", "✓ right"],
    )


def test_markdown_has_fences_that_nothing_in_them_can_close(tmp_path: Path) -> None:
    entry(tmp_path, "nasty", concluding("A", f"````\n{NASTY}\n````\n"))
    said = markdown_of(page_of(TASK, cases(tmp_path, "nasty", count=1, most="lowest")))
    fences = re.findall(r"^(`{3,})text$", said, re.MULTILINE)
    assert "`````" in fences
    assert said.count("`````text") == said.count("`````") / 2


def test_a_consultation_shows_the_patient_and_what_was_asked_beside_it_apart(tmp_path: Path) -> None:
    entry(tmp_path, "asker", asking)
    page = page_of(TASK, cases(tmp_path, "asker", count=1, most="lowest"))
    (column,) = page.sheets[0].columns
    assert [part.who for part in column.parts] == ["model", "patient", "model"]
    assert {part.who for part in column.beside} == {
        "with all facts at once", "from the opening alone", "held at this turn",
    }  # fmt: skip


def test_later_questions_of_a_dialogue_stand_between_its_answers(tmp_path: Path) -> None:
    entry(tmp_path, "one", lambda request: "肺炎。", task="cmb_clin")
    (case,) = cases(tmp_path, "one", task="cmb_clin", ids=("0",))
    (column,) = page_of("cmb_clin", [case]).sheets[0].columns
    assert [part.who for part in column.parts] == ["model", "asked", "model", "asked", "model"]
    assert column.parts[1].text == "还需与哪些疾病鉴别？"


def test_the_same_cases_give_the_same_bytes(folder: Path) -> None:
    first, second = [page_of(TASK, cases(folder, "one", "two")) for _ in range(2)]
    assert (html_of(first), markdown_of(first)) == (html_of(second), markdown_of(second))
