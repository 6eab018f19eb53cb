"""The page for raters: one file that works offline, runs our script alone, and obeys nothing of what it shows."""

from pathlib import Path

from medeval.pages import environment, hashed, own_folder
from medeval.raters.drawing import Drawn
from medeval.raters.words import GRADES, WORDS, lead, named
from medeval.records import to_json

SPOKEN = (
    "item", "progress", "question", "conversation", "patient", "doctor", "answer", "to_grade", "empty", "open",
    "partly", "done", "next", "finish", "begin", "resume", "all_done", "not_done", "saved", "copied", "kept",
    "not_kept", "name_missing",
)  # fmt: skip
"""Words that the script puts in, beside those that the template holds."""


def rendered(drawn: Drawn, *, nameless: bool = False) -> str:
    """Make the page. What is rated stands in it as data, and is only ever shown as text."""
    from markupsafe import Markup

    key, language = drawn.key, drawn.language
    folder = own_folder()
    style, script = [(folder / "static" / f"rate.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")]
    criteria = [(each.name, *named(each, language)) for each in key.criteria]
    data = {
        "page": key.page, "nameless": nameless, "language": language, "items": drawn.items, "per": key.per,
        "criteria": [each.name for each in key.criteria],
        "words": {word: WORDS[language][word] for word in SPOKEN},
    }  # fmt: skip
    # Put in as they are: our own style sheet and script, and data in which no tag can begin or end.
    return environment().get_template("rate.html").render(
        css=Markup(style), js=Markup(script), data=Markup(inert(to_json(data).decode())),  # noqa: S704
        css_hash=hashed(style), js_hash=hashed(script),
        words=WORDS[language], lead=lead(language, key.per, pair=key.is_pair), criteria=criteria,
        grades=[(grade, GRADES[language][grade]) for grade in key.grades], pair=key.is_pair, nameless=nameless,
        lang="zh-Hans" if language == "zh" else "en", count=len(drawn.items), page=key.page,
    )  # fmt: skip


def key_place(page: Path) -> Path:
    """Where the key lies: beside the page, and never in it."""
    return page.with_name(f"{page.name.removesuffix('.html')}.key.json")


def inert(json: str) -> str:
    """Spell out whatever could end a script, or begin a tag or a comment."""
    for sign in "<>&\u2028\u2029":
        json = json.replace(sign, f"\\u{ord(sign):04x}")
    return json
