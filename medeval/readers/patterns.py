r"""The words in which answers are stated, in English and Chinese, and how labels look in a text.

Every pattern starts at a literal word and repeats a bounded number of times, without ways back
(`{0,3}+`), so that the time to search is linear in the text.
"""

import re
from functools import lru_cache
from typing import NamedTuple

# Dress that may surround a label becomes blank, full-width forms become ASCII; lengths stay the same.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
PLAIN |= dict.fromkeys(
    map(ord, '*`$#~"\\“”「」『』【】✅✔☑✓❌✗👉→←➡▶•\u3000\u00a0\u200b\u200c\u200d\u2060\ufe0f\ufeff'), ord(" ")
)
PLAIN |= {ord("’"): ord("'"), ord("–"): ord("-"), ord("—"): ord("-"), ord("．"): ord("."), ord("·"): ord(",")}
TAG = re.compile(r"</?(?:b|strong|i|em|u|p|br|span|code|mark)\b[^<>\n]{0,40}>", re.IGNORECASE)

_AND = r"\s{0,3}+(?:(?:,\s{0,3}+)?(?:and|or|以及|和|与|及|或)|[,、;/&+]|(?=\())\s{0,3}+"
_OPTION = r"(?:(?:(?:[Tt]he )?(?i:(?:correct |right )?(?:options?|choices?|answers?|letters?))|选项|選項|选择|選擇)\s{0,3}+)?+"
_WRAP = r"(?:(?:boxed|text|textbf|mathrm|mathbf)\s?\{|[(\[{<'|]\s?){0,4}+"
_LEFT = r"(?<![A-Za-z0-9_\-'])"
_RIGHT = r"[)\]}>']{0,3}+"
# Not the beginning of a word; in Chinese the next word must belong to an option or begin a reason.
_END = (
    r"(?![A-Za-z0-9_%]|'[a-z]|-[^\W_]"
    r"|[\u4e00-\u9fff](?<![选選项項和与及或以均都正对對因而是为為才最更有符]))"
)

_IS = r"(?:is|are|was|were|would be|should be|must be|will be|has to be|appears to be|seems to be|remains)\b"
_SURELY = (
    r"(?:,?\s{1,3}(?:most likely|likely|probably|clearly|indeed|therefore|thus|definitely|simply|in fact|actually"
    r"|I believe|I think(?: it is| it's)?|a definite|either),?)?+"
)
_MARK = r"(?:\s{0,5}+[:=>\-]){0,2}+\s{0,8}+"
_STATES = rf"(?:,? ?(?:therefore|thus|then|hence),?)?\s{{1,3}}{_IS}{_SURELY}{_MARK}|\s{{0,3}}+[:=>\-]{_MARK}(?:I think (?:it is|it's) )?"

ANSWER_CUES = (
    # The (correct) answer is C. Answer: C. "answer_choice": "C". <answer>C. Final decision: no.
    rf"(?<!incorrect )(?<!wrong )\b(?:final_|correct_)?(?:answers?|ans|decision|selected option)(?:_choice|_letter|_idx)?\b'?\.?(?:{_STATES})",
    rf"\banswers?\b(?! choices?| options?)[^.\n:=]{{1,60}}?\s{_IS}{_SURELY}{_MARK}",
    r"(?:\A|\n)[ >]{0,4}(?:the )?(?:final |correct )?answer {0,4}\n\s{0,8}+",
    # The most likely diagnosis is C. Correct choice - C. Correct: C. The closest is C.
    rf"\b(?:best|correct|right|next|most [a-z]{{3,12}}|closest)(?: [a-z]{{2,15}}){{0,5}}(?:{_STATES})",
    r"\b(?:I|we)(?:'d|'ll|'m| am)?(?: (?:would|will|must|should|therefore|also|still)){0,2}"
    r" (?:choose|chose|pick|select|go with|going with|opt for|went with|lean(?:ing)? towards?|answer)\s{1,3}",
    r"\b(?:it|that|this) should be\s{1,3}(?=(?:option )?\(?[A-Z]\b)",
    rf"\bmy (?:choice|pick|selection|guess)\b(?:{_STATES})",
    r"\bboxed\s?(?=\{)",
    r"\b(?:not|neither)\s[^.\n]{1,30}?,?\s{1,3}but(?: rather)?\s{1,3}",
    # 答案是C. 正确选项为C. 最佳选项为C. 答案不是A，而是C.
    r"(?:(?:答案|(?:最佳|最合适的|最恰当的|本题的?)[选選][项項])(?:不是[^。\n]{1,12}?而)?"
    r"|正[确確]的?(?:[选選][项項])?(?=[是为為有应應:\s]))"
    r"(?:[应應](?:[该該]|当)?)?(?:[选選](?![项項])择?|[是为為有]|包括){0,2}" + _MARK,
    r"(?:[选選](?:[择擇])?)(?![项項])" + _MARK,
    r"我的(?:选择|答案)是" + _MARK,
    r"(?:\A|\n) {0,4}+答 {0,3}+:\s{0,4}+",
)
# So, C. It's C. That leaves us with C. It corresponds to option C. 最可能的诊断是C. 只有C符合
CLOSING_CUES = (
    r"\b(?:so|thus|therefore|hence|conclusion)\b[,:]?\s{1,3}(?:it(?:'s| is| must be) )?",
    r"\b(?:it's|it is|it must be|leaves us with|most likely)\s{1,3}",
    r"\b(?:is|be|are|with|to|as|towards?)\s{1,3}(?=(?:option|choice)s?\s)",
    r"(?:诊断|药物|措施|检查|治疗|方法|处理|病变|部位)(?:应)?[是为]" + _MARK,
    r"\b(?:makes?|making|leaves?|leaving|statement is)\s{1,3}",
    r"只有\s{0,2}",
)
CLOSED = re.compile(
    r"\s{0,3}+(?:[.!\n,;。，；]|\Z|(?:because|since|rather|as the|the (?:only|best|correct|right|most|answer))\b|符合|正[确確])"
)

QUALITY = (
    r"(?:correct|right|best|better|true|answer|most (?:likely|appropriate|accurate|suitable|probable|effective))\b"
    # Correct as a choice, not "the best initial test, but …" or "correct statements about …".
    r"(?= ?(?:[.,;:!\n)]|\Z|answer|choice|option|one\b|here|diagnosis|because|since|as\b|given|next step|explanation))"
)
# What makes labels right that stand before it: "C is correct", "A、B均正确". Found first, since it is rarer.
PREDICATE = re.compile(
    rf"(?:(?<=\s)|(?<=[)\]}}'.]))(?i:is|are)(?: (?:the|an?|indeed|clearly|therefore|both|all|also)){{0,2}}+ (?i:{QUALITY})"
    r"(?! (?:answer |choice |option )?(?:when|if|only|for|in)\b)"
    r"|\bbest (?:explains|describes|fits|matches|accounts)\b"
    r"|(?:[选選][项項]|[项項])?(?:均|都)?(?:是|为|為)?(?:正[确確](?!的?处理|[,，]?但)|对的|對的|最?符合(?:题意|该)|最符合)"
    r"|才(?:是|正[确確])"
)
BEFORE_PREDICATE = 80

NEGATED = re.compile(
    r"(?:不|勿|非|没|別|别|误|誤|易|错|錯)[应應该該能可宜要得会]{0,2}$|\b(?:not|n't|never|neither|nor|which of|whether)\s{0,3}(?:both )?$",
    re.IGNORECASE,
)
# Nouns that take a letter as part of their name: "vitamin D is the best treatment" states nothing.
NAMED = re.compile(
    r"(?:\b(?:vitamins?|hepatitis|type|group|grade|class|stage|factor|influenza|protein|phase|category|virus|ig|cox)[\s-]{1,2}"
    r"|维生素|乙肝|甲肝|丙肝|型|组)$",
    re.IGNORECASE,
)
# What another patient would need, what others might think: no answer beside one that is given outright.
ASIDE = re.compile(
    r"\b(?:if|unless|might|instead|initially|at first|tempting|would argue|some|one may|only for)\b"
    r"|^\s{0,9}(?:while|although|whereas)\b"
    r"|若|如果|假如|假设|误选|誤選|易错|易误|考生|很多|部分",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    r"\bif (?!i had to)[^.\n]{0,120}\bwould\b|\bif\b[^.\n]{0,60}\bwere\b|(?:若|如果|假如)[^。\n]{0,60}则", re.IGNORECASE
)
SENTENCE_END = re.compile(r"[.!?](?=\s)|[\n。！？；]")
VERB = re.compile(
    r"[)\]}>]{0,2}+\s{1,3}+(?:is|are|was|were|would|has|have|can|does|may|might)\b"
    r"|[)\]}>]{0,2}+\s{0,2}+(?:选项|選項|项|項)?(?:错|錯|不|[为為]|是|[见見]|属|则|的)"
)
# "A patient", "I think", "B cells", "C. difficile": the letter may belong to what follows it.
DOUBTFUL = re.compile(r"\.? (?:[a-z]{3,}|\d)")
WORD = re.compile(r"[A-Za-z]+")
ARTICLE = re.compile(
    r"[AI] (?!(?:because|since|as|and|or|rather|not|which|for|due|but|is|with|given|in|on|by|from|that)\b)[a-z0-9]"
)
NAMED_LATER = r"(?:\((?:[Oo]ption |[Cc]hoice )?({label})\)|\b[Oo]ption ({label})(?![A-Za-z]))"
END_OF_TEXT = re.compile(r"[\s)\]}'>]{0,6}+(?:[.,;!。，；！|(（]|\Z)")
RUN_ON = re.compile(
    r"\n {0,4}+(?:(?:Question|Q|Problem|Exercise)\s?\d{0,3}\s?[:.]|(?:User|Human|Assistant)\s?:|### |(?:##? )?Follow-up exercise"
    r"|Instruction|(?:题目|问题)\s?\d{0,3}[:：]|\d{1,3}[.、]\s?[^\n]{6,300}\n {0,4}A[.、])",
    re.IGNORECASE,
)
RIGHT_MARKS = re.compile(r"✅|✔|√|☑|(?<![a-z])(?<!in)correct(?:\s|\W|$)|正[确確]", re.IGNORECASE)
WRONG_MARKS = re.compile(r"❌|×|✗|incorrect|not correct|wrong|不正[确確]|错", re.IGNORECASE)
REFUSAL = re.compile(
    r"\b(?:cannot|can't|can not|not able to|unable to|won't)(?: \w{1,12}){0,2}"
    r" (?:provide|answer|help|assist|give|offer|diagnose|comply)"
    r"|\bI'm sorry\b|\bas an AI\b|抱歉|对不起|作为(?:一个)?(?:人工智能|AI)|(?:无法|不能|不便)(?:回答|提供|给出|作答)",
    re.IGNORECASE,
)


SMALL_IN_JSON = re.compile(r"\s{0,3}([a-j])\s")


class Patterns(NamedTuple):
    """What depends on the labels of the item, and on whether several may be right."""

    letters: bool
    listed: re.Pattern[str]
    label: re.Pattern[str]
    cue: re.Pattern[str]
    closing: re.Pattern[str]
    subject: re.Pattern[str]
    dressed: re.Pattern[str]
    opening: re.Pattern[str]
    option_line: re.Pattern[str]
    named_later: re.Pattern[str]
    at_the_end: re.Pattern[str]


@lru_cache(maxsize=64)
def patterns_for(labels: tuple[str, ...], several: bool) -> Patterns:  # noqa: FBT001  part of a cache key
    """Compile the patterns for a set of labels."""
    words = "|".join(map(re.escape, labels))
    letters = all(len(label) == 1 for label in labels)
    if letters:
        row = "".join(map(re.escape, labels))
        core = rf"[{row}]{{1,{len(labels)}}}+{_END}{_RIGHT}"
        one = rf"{_WRAP}{_OPTION}(?:[(\[{{]\s?)?+{core}"
        # A small letter is an article unless it is in brackets, ends its line, or opens an item.
        small = row.lower()
        one += rf"|{_WRAP}{_OPTION}(?:\([{small}]\)|[{small}](?=[.)\]}}']{{0,3}}\s{{0,3}}(?:\n|\Z|i\.e\.)|[.)] [a-z]{{3}}|\) [A-Z]))"
        first = rf"{core}|\([{small}]\)"
        bare = rf"{_WRAP}{_OPTION}(?:[(\[{{]\s?)?+[{row}]{_END}"
        label = re.compile(rf"(?<![A-Za-z])[{row}{small}](?![a-z])")
        flags = re.RegexFlag(0)
    else:
        core = rf"(?:{words})\b{_RIGHT}"
        one = _WRAP + core
        first, bare = core, one
        label = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
        flags = re.IGNORECASE
    joined = _AND
    if several and letters:
        # A. Fever, C. Cough; a bullet a line; A B D.
        text = r"[.:)]\s?[^\n,，、;；]{1,40}[\n,，、;；]\s{0,4}+-?\s{0,3}+" + rf"(?=[{row}]\s{{0,2}}[.:)])"
        joined = rf"(?:{_AND}|{text}|\s{{1,3}}+(?=[{row}](?:\s|\Z|[.,。，])))"
    listed = rf"(?:{one})(?:{joined}(?:{one})){{0,9}}+"
    subject = rf"{_LEFT}((?:{first})(?:{_AND}(?:{one})){{0,9}}+)\s{{0,3}}+\Z"
    return Patterns(
        letters=letters,
        listed=re.compile(listed, flags),
        label=label,
        cue=re.compile("|".join(f"(?:{cue})" for cue in ANSWER_CUES), re.IGNORECASE),
        closing=re.compile("|".join(f"(?:{cue})" for cue in CLOSING_CUES), re.IGNORECASE),
        subject=re.compile(subject, flags),
        dressed=re.compile(rf"[^\w(\[{{]{{0,9}}+({listed})[^\w]{{0,9}}+", flags),
        opening=re.compile(
            rf"[^\w(\[{{]{{0,9}}+({bare})\s{{0,3}}+(?:[.):、\]](?!\s?(?:{words})\W)|,(?=\s?[a-z\u4e00-\u9fff])|;|!|-|(?=\s(?:because|since|as)\b))",
            flags,
        ),
        option_line=re.compile(rf"^[^\w\n]{{0,9}}+(?:{bare})\s?[.):、|\]-]", flags | re.MULTILINE),
        named_later=re.compile(NAMED_LATER.format(label=words), flags),
        at_the_end=re.compile(rf"\(\s?(?:[Oo]ption )?({words})\s?\)[\s.。]{{0,9}}\Z", flags),
    )
