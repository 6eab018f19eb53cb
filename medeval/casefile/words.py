"""What a sentence says: its content words, and which of them it denies."""

from functools import lru_cache
from itertools import pairwise

from medeval.casefile.findings import CONDITIONS, SYMPTOMS
from medeval.casefile.units import HAN, MARKS, STOPS, Lexicon, units_of
from medeval.records import Language, Record

SILENT = (
    "a, an, the, and, or, of, to, in, on, at, by, for, with, from, as, that, this, these, those, there, it, its, is,"
    " are, was, were, be, been, being, am, has, have, had, having, do, does, did, will, would, can, could, may, might,"
    " should, shall, he, she, they, i, you, we, his, her, hers, him, my, your, their, our, me, them, us, who, whom,"
    " which, what, when, where, why, how, if, whether, any, some, other, else, also, then, than, so, such, about, into,"
    " during, while, after, before, between, up, out, over, very, more, most, just, ever, yes, okay, ok, please, s, d,"
    " ll, ve, m, re, one, thing, anything, something, anyone, someone, both, all, each, per, only, well, now, still,"
    " patient, patients, man, woman, boy, girl, male, female, doctor, dr, mr, mrs, ms, person, individual, present,"
    " presents, presented, presenting, report, reports, reported, state, states, stated, complain, complains,"
    " complained, note, notes, noted, notice, noticed, describe, describes, described, mention, mentions, mentioned,"
    " endorse, endorses, say, says, said, tell, told, reveal, reveals, revealed, show, shows, showed, shown,"
    " demonstrate, demonstrates, demonstrated, identify, identified, find, found, see, seen, observe, observed, appear,"
    " appears, experience, experiences, experienced, experiencing, feel, feels, felt, feeling, get, gets, got, getting,"
    " suffer, suffers, suffering, become, becomes, became, know, think, include, includes, including, like, let, want,"
    " need, ask, been having, evidence, sign, signs, history of, has had, locate, located, give, given, go, 的, 了, 吗,"
    " 呢, 吧, 啊, 呀, 嘛, 么, 您, 你, 我, 他, 她, 它, 们, 我们, 患者, 病人, 医生, 大夫, 是, 是否, 有, 有没有, 是不是,"
    " 会不会, 能不能, 请问, 请, 问, 问一下, 想, 想问, 什么, 怎么, 怎么样, 怎样, 哪些, 哪里, 哪儿, 多少, 几, 这, 那,"
    " 这个, 那个, 一个, 一下, 一些, 有些, 目前, 现在, 最近, 近期, 平时, 以前, 曾经, 曾, 过, 在, 和, 与, 及, 或, 或者,"
    " 以及, 还, 还有, 也, 都, 就, 很, 比较, 感到, 感觉, 觉得, 出现, 表现, 表现为, 伴, 伴有, 存在, 发现, 见, 可见, 提示,"
    " 显示, 进行, 为, 于, 其, 等, 其他, 其它, 任何, 情况, 症状, 告诉, 说, 描述, 先生, 女士, 男性, 女性, 男, 女, 嗯,"
    " 好的, 对, 能, 会, 要, 可以, 并, 且, 伴随, 给, 让, 把, 被, 从, 到, 上, 里, 中, 下"
)
DENYING = (
    "no, not, never, without, deny, denies, denied, denying, negative, none, neither, nor, absent, absence, lack,"
    " lacks, lacking, nothing, nobody, cannot, 无, 没, 没有, 未, 否认, 不, 不是, 并无, 并未, 从未, 未见, 无明显, 从不,"
    " 从来没有, 阴性, 未发现"
)
PLAIN = (
    "not only, no doubt, 不适, 不舒服, 不断, 不停, 不规则, 不稳, 不清, 不久, 不同, 不全, 不足, 不一, 不明, 不良, 无力,"
    " 无名, 没劲, 没力气, 没胃口, 食欲不振, 差不多, 未婚, 不孕, 不整, 不齐, 吐不出, 未来"
)
"""Phrases with a denying word that deny nothing."""
TURNING = "but, however, although, though, except, yet, instead, rather, 但, 但是, 不过, 然而, 只是, 却, 可是"
ANEW = frozenset(
    (
        *"i he she they we it there his her my their has have had is are wa were report".split(),
        *"有 伴 出 但 仍 近 今 后".split(),
    )
)
"""What begins a statement of its own after a comma or an `and`."""
FAR = frozenset({"否 认"})
"""Denies what follows a comma in Chinese too, where others deny no further than that."""

Signed = tuple[tuple[str, bool], ...]


class Said(Record, frozen=True, kw_only=True):
    """The content words of a text, those that it affirms and those that it denies."""

    affirmed: frozenset[str]
    denied: frozenset[str]

    @property
    def words(self) -> frozenset[str]:
        """All of them."""
        return self.affirmed | self.denied


@lru_cache(maxsize=16384)
def said(text: str, language: Language) -> Said:
    """Read a text: findings under one name each, stems of other words, pairs of other characters of Chinese."""
    signed = [each for clause in _clauses(text) for each in _signed(clause)]
    if not signed:  # such as "The patient is a man.", whose words say nothing elsewhere
        signed = [(unit, True) for unit in units_of(text) if unit not in MARKS]
    return Said(
        affirmed=frozenset([word for word, affirmed in signed if affirmed]),
        denied=frozenset([word for word, affirmed in signed if not affirmed]),
    )


def _clauses(text: str) -> list[list[tuple[str, str]]]:
    """What stands between full stops and turning words, phrase by phrase."""
    clauses: list[list[tuple[str, str]]] = [[]]
    for phrase, name in _lexicon().spans(units_of(text)):
        if phrase in STOPS or name == "!turning":
            clauses.append([])
        else:
            clauses[-1].append((phrase, name))
    return clauses


def _signed(clause: list[tuple[str, str]]) -> list[tuple[str, bool]]:
    """The content of a clause, each with whether it is affirmed."""
    found: list[tuple[str, bool]] = []
    run: list[str] = []
    affirmed, cue, since = True, "", 0

    def close() -> None:
        found.extend([(word, affirmed) for word in _pairs(run)])
        run.clear()

    for place, (phrase, name) in enumerate(clause):
        if name in {"", "!plain"} and HAN.match(phrase):
            run += phrase.split(" ")
            continue
        close()
        if name == "!denying":
            affirmed, cue, since = False, phrase, len(found)
        elif not affirmed and _ends(clause, place, cue):
            found, affirmed = _turned(found, since), True
        elif name == "" and phrase not in MARKS:
            found.append((phrase, affirmed))
        elif name and not name.startswith("!"):
            found.append(("@" + name, affirmed))
    close()
    return found if affirmed else _turned(found, since)


def _ends(clause: list[tuple[str, str]], place: int, cue: str) -> bool:
    """Whether a denial goes no further than here."""
    phrase = clause[place][0]
    if phrase not in {",", "and", ":", "("}:
        return False
    if HAN.match(cue) and cue not in FAR:
        return phrase != "and"
    return phrase in {":", "("} or any(each in ANEW for each, _ in clause[place + 1 : place + 2])


def _turned(found: list[tuple[str, bool]], since: int) -> list[tuple[str, bool]]:
    """Deny what stands before, where nothing followed the denial: "fever was absent"."""
    return found if len(found) > since else [(word, False) for word, _ in found]


def _pairs(run: list[str]) -> list[str]:
    return [first + second for first, second in pairwise(run)] or run.copy()


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    # Findings first: their names win over what else a phrase may be.
    return Lexicon(SYMPTOMS, CONDITIONS, {"!plain": PLAIN, "!denying": DENYING, "!turning": TURNING, "!silent": SILENT})
