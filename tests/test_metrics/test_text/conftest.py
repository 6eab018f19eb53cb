"""What tests of texts share: a question with its references, and a walk that ends in a text."""

from medeval.records import Answer, Decoding, Exchange, Language, OpenSample, Request, Response, Walk


def asked(*references: str, language: Language = "en", source: str = "") -> OpenSample:
    return OpenSample(id="1", messages=(), references=references, language=language, source=source)


def said(text: str) -> Walk:
    exchange = Exchange(request=Request(decoding=Decoding()), asked="", reply=Response(text=text))
    return Walk(exchanges=(exchange,), answer=Answer())
