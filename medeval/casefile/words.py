"""What a sentence says: its content words, and which of them it denies."""

from functools import lru_cache
from itertools import pairwise

from medeval.casefile.findings import CONDITIONS, SYMPTOMS, THINGS
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
GENERAL = (
    "medicine, medicines, medication, medications, prescription, drug, drugs, take, takes, taking, taken, use, using,"
    " history, medical, past, test, tests, result, results, examination, examine, physical, exam, lab, labs,"
    " laboratory, imaging, symptom, symptoms, problem, problems, trouble, condition, conditions, illness, illnesses,"
    " disease, diseases, chronic, family, relatives, allergy, allergies, allergic, social, long, often, start, started,"
    " begin, began, onset, current, currently, regularly, recent, recently, lately, exactly, habit, habits, health,"
    " time, times, first, work, living, old, age, bad, scale, worse, better, make, makes, bring, brings, today, check,"
    " perform, order, listen, look, come, gone, kind, type, color, colour, change, changes, run, running, tried, try,"
    " able, known, done, thank, thanks, hope, worry, worried, hello, hi, sorry, sure, maybe, really, lot, little, bit,"
    " serious, scared, much, quite, actually, remember, help, happen, happened, usually, normally, yourself, himself,"
    " herself, son, daughter, child, home, body, concern, concerns, treatment, treatments, 谢谢, 担心, 害怕, 希望,"
    " 不好意思, 病史, 既往史, 疾病, 什么病, 得过, 患过, 病, 慢性病, 药, 药物, 什么药, 治疗, 吃药, 用药, 服药, 服用,"
    " 过敏, 过敏史, 家族史, 家族, 家里人, 家里, 家人, 部位, 性质, 程度, 多久, 多长时间, 时间, 什么时候, 时候, 开始,"
    " 一开始, 工作, 职业, 检查, 结果, 化验, 查体, 做过, 做, 吃, 喝, 用, 听一下, 听, 看一下, 看, 今年, 上次, 次, 颜色,"
    " 什么样, 样, 没做, 查, 变化, 明显, 出过, 去过, 来"
)
"""Words that only name a domain, or nothing at all: a question that has no others is a wide one."""
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
    "i he she they we it there his her my their has have had is are wa were report 有 伴 出 但 仍 近 今 后".split()
)
"""What begins a statement of its own after a comma or an `and`."""
FAR = frozenset({"否 认"})
"""Denies what follows a comma in Chinese too, where others deny no further than that."""


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
    signed = _told(text)
    if not signed:  # such as "The patient is a man.", whose words say nothing elsewhere
        signed = [(unit, True) for unit in units_of(text) if unit not in MARKS]
    return Said(
        affirmed=frozenset([word for word, affirmed in signed if affirmed]),
        denied=frozenset([word for word, affirmed in signed if not affirmed]),
    )


def tells(text: str) -> bool:
    """Whether a text has content of its own, as "No, never." has not."""
    return bool(_told(text))


def _told(text: str) -> list[tuple[str, bool]]:
    return [each for clause in _clauses(text) for each in _signed(clause)]


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
        elif name in {"", "!general"} and phrase not in MARKS:
            found.append((phrase, affirmed))
        elif name and not name.startswith("!"):
            found.append((name, affirmed))
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
    findings = {"@" + name: phrases for name, phrases in (SYMPTOMS | CONDITIONS).items()}
    things = {"#" + name: phrases for name, phrases in THINGS.items()}
    rest = {"!plain": PLAIN, "!denying": DENYING, "!turning": TURNING, "!silent": SILENT, "!general": GENERAL}
    return Lexicon(findings, things, rest)


@lru_cache(maxsize=1)
def general() -> frozenset[str]:
    """What a question says without asking for it in particular."""
    return frozenset([" ".join(units_of(phrase)) for phrase in GENERAL.split(", ")])
