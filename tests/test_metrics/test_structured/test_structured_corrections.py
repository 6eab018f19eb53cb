"""Verdicts on numbered texts, read out of replies as models write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.structured.corrections import read_correction

SAID = "The patient is given penicillin."
FINE, NOTHING, THIRD = "fine", "nothing", (3, SAID)

REPLIES: list[tuple[str, str | tuple[int, str]]] = [
    ("CORRECT", FINE),
    ("CORRECT.", FINE),
    ("correct", FINE),
    ("**CORRECT**", FINE),
    ('"CORRECT"', FINE),
    ("Output: CORRECT", FINE),
    ("The answer is: CORRECT", FINE),
    ("**Answer:** CORRECT", FINE),
    ("CORRECT. All 12 sentences are consistent.", FINE),
    ("CORRECT\n\n1. The dose is right.\n2. The organism fits.", FINE),
    ("CORRECT\n\n0 A man coughs.\n1 He is given rest.", FINE),
    ("0 A man coughs. 1 He is given rest. CORRECT", FINE),
    ("0 A man coughs.\n1 He is given rest.\n\nCORRECT", FINE),
    ("There is no error.", FINE),
    ("No errors were found in the text.", FINE),
    ("The text is correct.", FINE),
    ("The note does not contain any medical errors.", FINE),
    ("-1", FINE),
    ("-1 NA", FINE),
    ("NA", NOTHING),
    ("", NOTHING),
    ("I am not sure.", NOTHING),
    ("The diagnosis is INCORRECT.", NOTHING),
    (f"3 {SAID}", THIRD),
    (f"3|{SAID}", THIRD),
    (f"3 | {SAID}", THIRD),
    (f"3: {SAID}", THIRD),
    (f"3. {SAID}", THIRD),
    (f"3) {SAID}", THIRD),
    (f"3 - {SAID}", THIRD),
    (f"0: {SAID}", (0, SAID)),
    (f"[3] {SAID}", THIRD),
    (f"Sentence 3: {SAID}", THIRD),
    (f"**Sentence 3:** {SAID}", THIRD),
    (f"**3** {SAID}", THIRD),
    (f"Answer: 3 {SAID}", THIRD),
    (f"**Answer:** 3 {SAID}", THIRD),
    (f"Final answer:\n3 {SAID}", THIRD),
    (f'3 "{SAID}"', THIRD),
    (f"```\n3 {SAID}\n```", THIRD),
    (f"- 3 {SAID}", THIRD),
    (f"Sentence ID: 3\nCorrected sentence: {SAID}", THIRD),
    (f"**Error sentence ID:** 3\n**Corrected sentence:** {SAID}", THIRD),
    (f"Corrected sentence: 3 {SAID}", THIRD),
    (f"INCORRECT. 3 {SAID}", THIRD),
    (f"1. The history fits.\n2. The organism does not.\n\n3 {SAID}", THIRD),
    (f"0 A man coughs. - fine\n1 He has strep. - fine\n\n3 {SAID}", THIRD),
    (f"3 {SAID}\n\nExplanation: amoxicillin is no choice here, 500 mg or not.", THIRD),
    (f"3 The patient is given vancomycin. 3 {SAID}", THIRD),
    (f"3 The patient is given vancomycin should be corrected to: 3 {SAID}", THIRD),
    (f"3 The patient is given vancomycin -> {SAID}", THIRD),
    (f"The error is in sentence 3.\nCorrected sentence: {SAID}", THIRD),
    (f'Sentence 3 contains an error. It should read: "{SAID}"', THIRD),
    (f"The error is in sentence 3. The sentence should be: {SAID}", THIRD),
    (f"Sentence 3 has an error; no other errors were found. Corrected sentence: {SAID}", THIRD),
    (f'{{"error_flag": 1, "error_sentence_id": 3, "corrected_sentence": "{SAID}"}}', THIRD),
    (f'```json\n{{"sentence_id": "3", "correction": "{SAID}"}}\n```', THIRD),
    ('{"error_flag": 0, "error_sentence_id": -1, "corrected_sentence": "NA"}', FINE),
    ('{"answer": "CORRECT"}', FINE),
    ('{"has_error": false}', FINE),
    ("3", (3, "")),
    ("Sentence 3", (3, "")),
    (f"99 {SAID}", (99, SAID)),
    ("12 mmHg, pulse is 80/min.", (12, "mmHg, pulse is 80/min.")),
    (f"Let me check. The dose of 500 mg is fine.\nThe text is correct.\n\nAnswer: 3 {SAID}", THIRD),
    (f"3 mg of morphine is too much, so\n\n5 {SAID}", (5, SAID)),
    ("7 120/70 mm", (7, "120/70 mm")),
    (f"The text is not CORRECT. Sentence 3 is wrong. Correction: {SAID}", THIRD),
    (f"Answer: 3 {SAID}\nExplanation: 4 days are enough.", THIRD),
    (f"12 hours later the pain came back, which is odd.\n\nThe error is in sentence 3. It should read: {SAID}", THIRD),
    (f"3. {SAID}\n\nThe rest contains no errors.", THIRD),
    ("- CORRECT", FINE),
    (f"1. A man coughs.\n2. He has strep.\n3. {SAID}", NOTHING),
    (f"Sentence 3 is wrong; it should be: {SAID}", THIRD),
    ("The error is in sentence 3: the drug is wrong.", (3, "")),
    (f"CORRECT VERSION: 3 {SAID}", THIRD),
    (f"Error sentence: 3\nCorrection: {SAID}", THIRD),
    (f"3\n{SAID}", THIRD),
    (f'{{"answer": "3 {SAID}"}}', THIRD),
    ("6 The patient should be started on rifampin.", (6, "The patient should be started on rifampin.")),
    ("10 He must be admitted. Blood pressure is 120/70.", (10, "He must be admitted. Blood pressure is 120/70.")),
    ("0 A 29-year-old man has 3 Osler nodes.", (0, "A 29-year-old man has 3 Osler nodes.")),
    ("0 A man coughs.\n1 He is fine.\n2 He goes home.", NOTHING),
    ("0 A man coughs.\n1 He is fine.", NOTHING),
    ("0|A man coughs.\n1|He is fine.\n2|He goes home.", NOTHING),
    ("- 0: A man coughs.\n- 1: he is fine.\n- 2: He goes home.", NOTHING),
    ("0 A man coughs.\n\n1 He is fine.\n\n2 He goes home.", NOTHING),
    ("Sentence 0: A man coughs.\nSentence 1: He is fine.\nSentence 2: He goes home.", NOTHING),
    ("0 A man coughs. 1 He is fine. 2 He goes home.", NOTHING),
    ("Answer:\n0 A man coughs.\n1 He is fine.\n2 He goes home.", NOTHING),
    ("Answer: 0 A man coughs. 1 He is fine. 2 He goes home.", NOTHING),
    ("4 A man coughs.\n5 He is fine.\n6 He goes home.", NOTHING),
    (f"0 A man coughs.\n1 He has strep.\n2 He is ill.\n3 He is given rest.\n\n3 {SAID}", THIRD),
    (f"0 A man coughs.\n1 He has strep.\n2 He is ill.\n\n3 {SAID}", THIRD),
    (f"3 {SAID}\n\n0 A man coughs.\n1 He has strep.\n2 He is ill.\n3 {SAID}", THIRD),
    (f"0 A man coughs.\n1 He has strep.\n2 He is ill.\n\nAnswer: 3 {SAID}", THIRD),
    ("0 A man coughs.\n1 He is fine.\n2 He goes home.\n\nThe text is correct.", FINE),
    ("3 He takes aspirin. 4 tablets a day are too many.", (3, "He takes aspirin. 4 tablets a day are too many.")),
]
"""Some are those of the makers' own baseline: the sentence quoted before it is corrected, the whole note repeated."""


def read(text: str) -> str | tuple[int, str]:
    found = read_correction(text)
    if not found.rule:
        assert (found.flagged, found.sentence, found.said) == (False, -1, "")
        return NOTHING
    return (found.sentence, found.said) if found.flagged else FINE


@pytest.mark.parametrize(("text", "wanted"), REPLIES)
def test_a_reply_is_read_as_a_reader_would(text: str, wanted: str | tuple[int, str]) -> None:
    assert read(text) == wanted


def test_the_replies_are_of_many_kinds() -> None:
    texts = [text for text, _ in REPLIES]
    assert len({*texts}) == len(texts) > 80
    assert {read_correction(text).rule for text in texts} == {"", "answer", "correct", "item", "json", "line", "prose"}


@pytest.mark.parametrize("text", ['{"error": true}', '[{"has_error": "yes", "correction": ""}]'])
def test_an_error_without_a_sentence_is_one_all_the_same(text: str) -> None:
    assert read(text) == (-1, "")


@given(st.integers(0, 199), st.sampled_from([" ", "|", ": ", " | ", ". ", ") ", " - "]))
@settings(max_examples=200, deadline=None)
def test_a_number_and_a_sentence_are_read_whatever_stands_between(number: int, sign: str) -> None:
    assert read(f"{number}{sign}{SAID}") == (number, SAID)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_is_not(text: str) -> None:
    found = read_correction(text)
    assert found.rule or found.sentence == -1
    assert found.flagged or (found.sentence, found.said) == (-1, "")
    assert read_correction(text) == found


FLOODS = (
    "3 ", "CORRECT ", "sentence 3 ", "error ", "3|", "answer: ", "answer:\n", "correction: ", "no a b c ", "\n3 The a",
    '{"id":3}', "should be ", "error sentence ", "3 A. 3 A. ", "3 A. 4 A. ",
    "0 A\n1 A\n", "->", "*", '"', "corrected sentence: 3 x\n", "- ",
    "the final ", "sentence 3 should be ", "does not contain a b ", "\n", "|", "[3] ", "should read ",
)  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_read_as_its_first_part_would_be_or_as_nothing_at_all(flood: str) -> None:
    # A reader whose steps grow with the square of the length would not come back from this one.
    found = read_correction(flood * (2_000_000 // len(flood)))
    assert found.sentence in {-1, 3}
