"""How a patient speaks who does not know, and who no longer is a patient."""

import re

from medeval.records import Language

IGNORANT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:don't|do not|didn't|not|can't|cannot) (?:know|sure|remember|recall|tell|say|aware|certain|think of)"
        r"|no idea"
        r"|not been (?:told|tested|checked|done)|never been (?:told|tested|checked)"
        r"|(?:haven't|have not|hasn't) (?:had|been) [\w ]{0,30}(?:test|scan|checked|tested|told|done)"
        r"|not know|unsure|hard to say",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"不清楚|不知道|不记得|记不清|没查过|没做过|没检查过|不确定|说不清|不太清楚|不了解|没注意"),
}  # fmt: skip
OUT_OF_ROLE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bas an? (?:ai|language model|assistant|large language)\b|\bi(?: am|'m) (?:just )?an? (?:ai|language model)\b"
        r"|\b(?:case|patient) (?:file|description|record|vignette)\b|\baccording to the (?:case|facts|information)\b"
        r"|\bthe (?:facts|information) (?:provided|given|above)\b"
        r"|\b(?:i|we)(?: would|'d)? (?:strongly )?(?:recommend|diagnose|prescribe|advise)\b"
        r"|\byou (?:should|need to|must|ought to) (?:diagnose|consider|order|prescribe|see|take|get|try|seek|go|have"
        r"|avoid|rest|start|stop)\b"
        r"|\b(?:let's|let us|we should|we need to|i will|i'll) (?:order|start|prescribe|schedule|run|rule out)\b"
        r"|\byour (?:symptoms|condition|diagnosis|presentation|test results)\b|\bdifferential diagnos"
        r"|\b(?:most )?likely diagnosis\b|\bconsistent with a diagnosis\b"
        r"|\bthe (?:correct|right) (?:answer|diagnosis|option)\b|^\W{0,3}(?:doctor|dr|physician|assistant)\s?:",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"作为(?:一个|一名)?(?:人工智能|AI|语言模型|助手|医生)|我是(?:一个|一名)?(?:人工智能|AI|语言模型|医生)"
        r"|病例(?:资料|描述|中)|根据(?:病例|资料|以上|上述|提供)"
        r"|建议[您你]|(?:建议|应|需要?)(?:尽快|及时|进一步)(?:就医|检查|完善)"
        r"|[您你](?:应该|应当|需要|可能(?:是|患|得)|很可能)|[您你]的(?:症状|病情|情况|检查)"
        r"|(?:初步|最可能的|可能的|首先考虑的?)诊断|首先考虑"
        r"|正确(?:答案|诊断|选项)|^\W{0,3}(?:医生|大夫|助手)\s?[:：]",
        re.IGNORECASE,
    ),
}  # fmt: skip
