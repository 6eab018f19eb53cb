"""The words of the pages, in English and in Chinese: one catalogue a language."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from medeval.errors import ReportError
from medeval.pages import own_folder

if TYPE_CHECKING:
    from markupsafe import Markup

Tongue = Literal["en", "zh"]
TONGUES: tuple[Tongue, ...] = get_args(Tongue)
LANG: Mapping[Tongue, str] = {"en": "en", "zh": "zh-Hans"}
_FLAGS = (
    (re.compile(r"sample data"), "flag_sample"),
    (re.compile(r"private"), "flag_private"),
    (re.compile(r"not ranked"), "flag_unranked"),
    (re.compile(r"partial: (?P<count>\d+) not measured"), "flag_partial"),
    (re.compile(r"truncated: (?P<share>[\d.]+) %"), "flag_truncated"),
    (re.compile(r"letter mass (?P<mass>[\d.]+)"), "flag_mass"),
    (re.compile(r"limited to (?P<count>\d+)"), "flag_limited"),
    (re.compile(r"judge coverage (?P<share>[\d.]+) %"), "flag_coverage"),
    (re.compile(r"the judge is the model itself"), "flag_itself"),
    (re.compile(r"the judge is of the model's family \((?P<family>[^)]*)\)"), "flag_family"),
    (re.compile(r"patient fidelity (?P<share>[\d.]+) %"), "flag_fidelity"),
)


class Words:
    """What a page says in one language; a text is looked up by its key and filled in."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.lang = LANG[tongue]
        self.texts = _texts(tongue)
        self._marked: dict[str, Markup] = {}

    def __call__(self, key: str, **values: object) -> "Markup":
        """Fill a text; what is filled in is escaped, unless it is markup already."""
        from markupsafe import Markup

        if key not in self._marked:
            # The catalogue is ours, and the only text on a page that may hold marks of emphasis.
            self._marked[key] = Markup(self.texts[key])  # noqa: S704
        return self._marked[key].format(**values) if values else self._marked[key]

    def said(self, key: str, **values: object) -> str:
        """Fill a text that goes where no markup can."""
        return self.texts[key].format(**values)

    def for_scripts(self) -> Mapping[str, str]:
        """What scripts say, which fill in and show it as text."""
        return {key.removeprefix("js_"): text for key, text in self.texts.items() if key.startswith("js_")}

    def flag(self, flag: str) -> str:
        """Say a result's flag; one that nobody here knows stands as it is."""
        for pattern, key in _FLAGS:
            if found := pattern.fullmatch(flag):
                return self.said(key, **found.groupdict())
        return flag

    def listed(self, names: Sequence[str]) -> "Markup":
        """Several names in one sentence, each in bold."""
        from markupsafe import Markup

        bold = [Markup('<b dir="auto">{}</b>').format(name) for name in names]
        if len(bold) < 2:
            return Markup().join(bold)
        return self("list_and", first=self("list_comma").join(bold[:-1]), last=bold[-1])


@cache
def _texts(tongue: Tongue) -> Mapping[str, str]:
    path = own_folder() / "words" / f"{tongue}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ReportError(f"medeval's own words cannot be read ({path.name}: {error}). Install it again.") from error
