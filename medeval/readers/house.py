r"""The house reader: from the surest sign to the weakest, and never a guess.

    stated        "The answer is C", "答案是C", "\boxed{C}", {"answer": "C"}: the last one wins, and one
                  outright wins over asides ("if she were pregnant, the answer would be A")
    named         "C is correct", "only C fits", "so, C."
    alone         the whole reply, or its first line, is a label in some dress: "**(C)**"
    opening       the reply begins with a label and a mark: "C. Ceftriaxone ..."
    ending        its last line or sentence is a label in some dress, or ends in "(C)."
    marked        of the options listed line by line, one is marked as right
    option text   the whole reply is the text of one option

Only the labels of the item count, and what stands in a reasoning trace is not read.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from medeval.readers import patterns as p
from medeval.readers import traces
from medeval.readers.base import Reader
from medeval.records import Answer, ChoiceSample, Option, Response

LONGEST = 20_000
"""Characters that are read, from the end; more than the longest default reply."""
CUES_TRIED = 200
"""Of so many cues at the end of a text a statement is looked for; more than that is no prose."""


class Found(NamedTuple):
    """Labels, and where they stand."""

    picked: tuple[str, ...]
    start: int
    end: int


def read_stated(reply: Response, sample: ChoiceSample) -> Answer:
    """Read the options that a reply states."""
    begin = traces.begin(reply.text)
    if begin is None:
        return Answer(rule="unclosed reasoning", status="truncated")
    begin = max(begin, len(reply.text) - LONGEST)
    cut = reply.finish == "length"
    raw = reply.text[begin:]
    page = _Page(raw, sample)
    rule, found = "", None
    if run_on := p.RUN_ON.search(page.text, 1):
        # A base model goes on and invents the next question: what stands before it is the answer.
        rule, found = _Page(raw[: run_on.start()], sample).surest(cut=False)
    if found is None:
        rule, found = page.surest(cut=cut)
    if found is None or not found.picked:
        if cut:
            return Answer(status="truncated")
        return Answer(status="refused" if p.REFUSAL.search(page.text) else "unread")
    return Answer(picked=found.picked, rule=rule, span=(begin + found.start, begin + found.end))


HOUSE = Reader(name="house", version=1, read=read_stated)


class _Page:
    """A text to read, and what is looked for in it."""

    def __init__(self, raw: str, sample: ChoiceSample) -> None:
        self.raw = raw
        bare = p.TAG.sub(lambda tag: " " * len(tag[0]), raw) if "<" in raw else raw
        self.text = bare.translate(p.PLAIN)
        self.options: Sequence[Option] = sample.options
        self.labels = sample.labels
        self.known = p.patterns_for(sample.labels, sample.several)

    def surest(self, *, cut: bool) -> tuple[str, Found | None]:  # noqa: PLR0911  one rule, one return
        """Try the rules in their order; of a reply that was cut off, the end is no conclusion."""
        outright, asides = self._stated()
        if outright:
            return "stated", outright
        if named := self._named():
            return "named", named
        if asides and not cut:
            return "stated", asides
        lines = [line for line in self.text.split("\n") if line.strip()]
        if not cut and len(lines) == 1 and (whole := self._whole_option()):
            return "option text", whole
        if len(self.known.option_line.findall(self.text)) > 1:
            # Options listed line by line: to take the first or the last of them would be a guess.
            return "marked", None if cut else self._marked()
        if lines and not cut and (found := self._dressed(lines[0], self.text.index(lines[0]))):
            return "alone", found
        if opening := self.known.opening.match(self.text) or self._glued():
            return "opening", self._labels_in(*opening.span(1))
        return "ending", None if cut or not lines else self._ending(lines[-1])

    # --- statements ---

    def _stated(self) -> tuple[Found | None, Found | None]:
        """The last answer given outright, and the last one given as an aside."""
        outright = aside = None
        for cue in deque(self.known.cue.finditer(self.text), maxlen=CUES_TRIED):
            if p.NEGATED.search(self.text, max(0, cue.start() - 12), cue.start()):
                continue
            found = self._after_cue(cue.start(), cue.end())
            if found is None:
                continue
            sentence = self._sentence(cue.start(), found.end)
            if not p.ASIDE.search(sentence):
                outright = found
            elif not p.SUPPOSED.search(sentence):
                aside = found
        return outright, aside

    def _after_cue(self, start: int, end: int) -> Found | None:
        """What a cue announces: an option's text, labels, or an option named later in the sentence."""
        if found := self._option_text(end):
            return found
        listed = self.known.listed.match(self.text, end)
        doubtful = listed is None or (
            self.known.letters and (listed.end() - listed.start() == 1) and p.DOUBTFUL.match(self.text, listed.end())
        )
        if doubtful and (later := self.known.named_later.search(self.text, end, self._sentence_end(end))):
            return self._labels_in(*later.span())
        if listed and not p.ARTICLE.match(self.text, listed.start()):
            low, high = listed.span()
            if p.VERB.match(self.text, high):
                # "The answer is A, B is wrong": the last label begins a clause of its own.
                high = self._without_last(low, high)
            return self._labels_in(low, high)
        if self.raw[max(0, start - 1) : start] == '"':
            small = p.SMALL_IN_JSON.match(self.text, end) if self.known.letters else None
            if small and small[1].upper() in self.labels:
                return self._labels_in(*small.span(1))
            # {"answer": "none of these"} is the last word too, and it names no option.
            return Found((), end, end)
        return None

    def _named(self) -> Found | None:
        """The last option that is called right, or named in a conclusion."""
        best: tuple[int, Found] | None = None
        for predicate in deque(p.PREDICATE.finditer(self.text), maxlen=CUES_TRIED):
            window = max(0, predicate.start() - p.BEFORE_PREDICATE), predicate.start()
            subject = self.known.subject.search(self.text, *window)
            if subject is None:
                continue
            before = max(0, subject.start() - 16), subject.start()
            aside = p.ASIDE.search(self._sentence(*predicate.span()))
            if not (aside or p.NEGATED.search(self.text, *before) or p.NAMED.search(self.text, *before)):
                best = subject.start(), self._subject_labels(*subject.span(1))
        for cue in deque(self.known.closing.finditer(self.text), maxlen=CUES_TRIED):
            listed = self.known.listed.match(self.text, cue.end())
            if listed and p.CLOSED.match(self.text, listed.end()) and not p.ARTICLE.match(self.text, listed.start()):
                aside = p.ASIDE.search(self._sentence(cue.start(), listed.end()))
                if not aside and (best is None or cue.start() > best[0]):
                    best = cue.start(), self._labels_in(*listed.span())
        return best[1] if best else None

    def _subject_labels(self, start: int, end: int) -> Found:
        """Read the labels before a predicate; in "between A and B, A is better" only the last is meant."""
        places = [match.start() for match in self.known.label.finditer(self.text, start, end)]
        named = [self.text[place] for place in places]
        again = self.known.letters and len(named) > len(set(named))
        return self._labels_in(places[-1] if again else start, end)

    # --- places ---

    def _ending(self, line: str) -> Found | None:
        if found := self._dressed(line, self.text.rindex(line)):
            return found
        start = max((end.end() for end in p.SENTENCE_END.finditer(self.text.rstrip(" .!。\n"))), default=0)
        if start and (found := self._dressed(self.text[start:], start)):
            return found
        last = self.known.at_the_end.search(self.text, max(0, len(self.text) - 40))
        return self._labels_in(*last.span(1)) if last else None

    def _dressed(self, line: str, offset: int) -> Found | None:
        """Read a line that holds labels and nothing else but their dress."""
        match = self.known.dressed.fullmatch(line.strip())
        if match is None:
            return None
        start = offset + len(line) - len(line.lstrip())
        return self._labels_in(start + match.start(1), start + match.end(1))

    def _marked(self) -> Found | None:
        """The one option of a list that is marked as right."""
        right = []
        for line in self.known.option_line.finditer(self.text):
            end = self.raw.find("\n", line.end())
            said = self.raw[line.end() : end if end >= 0 else len(self.raw)]
            if p.RIGHT_MARKS.search(said) and not p.WRONG_MARKS.search(said):
                right.append(self._labels_in(*line.span()))
        return right[0] if len(right) == 1 else None

    def _glued(self) -> re.Match[str] | None:
        """A label right before the text of its own option, as Chinese writes it: C头孢曲松."""
        start = self.text.lstrip()
        for option in self.options:
            glued = option.label + option.text.translate(p.PLAIN)
            if len(glued) > len(option.label) + 1 and start.startswith(glued):
                return re.compile(rf"\s*({re.escape(option.label)})").match(self.text)
        return None

    def _whole_option(self) -> Found | None:
        found = self._option_text(len(self.text) - len(self.text.lstrip()))
        return found if found and not self.text[found.end :].strip(" .。!！\n") else None

    def _option_text(self, start: int) -> Found | None:
        """Find the option whose whole text stands here; a text that two options share names neither."""
        piece = self.text[start : start + 400].split("\n", 1)[0]
        line = piece.lstrip(" '([{").removeprefix("text{").casefold()
        start += len(piece) - len(line)
        best: list[str] = []
        longest = 0
        for option in self.options:
            wanted = option.text.translate(p.PLAIN).strip(" .。").casefold()
            if len(wanted) >= max(longest, 1) and line.startswith(wanted) and p.END_OF_TEXT.match(line, len(wanted)):
                best = [*best, option.label] if len(wanted) == longest else [option.label]
                longest = len(wanted)
        return Found((best[0],), start, start + longest) if len(best) == 1 else None

    # --- small things ---

    def _labels_in(self, start: int, end: int) -> Found:
        """Name the labels in a stretch of text, in the order of the options."""
        words = [match[0] for match in p.WORD.finditer(self.text, start, end)]
        if not self.known.letters:
            seen = {word.lower() for word in words}
        else:
            # Runs such as ABD, and single small letters; "and" and "options" are neither.
            runs = [word for word in words if set(word) <= set(self.labels)]
            seen = set("".join(runs)) or {word.upper() for word in words if len(word) == 1}
        return Found(tuple([label for label in self.labels if label in seen]), start, end)

    def _without_last(self, start: int, end: int) -> int:
        places = [match.start() for match in self.known.label.finditer(self.text, start, end)]
        return places[-1] if len(places) > 1 else end

    def _sentence_end(self, place: int) -> int:
        end = p.SENTENCE_END.search(self.text, place, place + 300)
        return end.start() if end else min(len(self.text), place + 300)

    def _sentence(self, start: int, end: int) -> str:
        """The sentence around a stretch, as far as 200 characters to each side."""
        low = max(0, start - 200)
        before: Iterator[int] = (match.end() for match in p.SENTENCE_END.finditer(self.text, low, start))
        return self.text[max(before, default=low) : min(self._sentence_end(end), end + 200)]
