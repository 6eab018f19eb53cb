"""What is wrong with a sample: a task file is Python, and its types are seen to here and nowhere after."""

from medeval.records import CaseSample, ChoiceSample, DialogueSample, OpenSample, RubricSample

Worded = ChoiceSample | OpenSample | DialogueSample
"""Samples whose questions we word ourselves."""


def problem(sample: Worded) -> str:
    """Tell what is wrong with a sample; empty if nothing is."""
    if isinstance(sample, OpenSample):
        said = _open_problem(sample)
    elif isinstance(sample, DialogueSample):
        said = _dialogue_problem(sample)
    else:
        said = _choice_problem(sample) or (_case_problem(sample) if isinstance(sample, CaseSample) else "")
    for name, value in sample.slices.items():
        if not _is_text(value):
            said = said or f"the slice {name!r} is {value!r}, not a text"
    return said


def _open_problem(sample: OpenSample) -> str:
    said = ""
    if not _is_text(sample.id):
        said = f"its id must be a text, found {sample.id!r}"
    elif not sample.messages or sample.messages[-1].role != "user" or not sample.stem.strip():
        said = "nothing is asked: the last message must be the user's"
    elif not _is_tuple(sample.references) or not all(map(_is_text, sample.references)):
        said = f"the references {sample.references!r:.60} are not a tuple of texts"
    elif isinstance(sample, RubricSample):
        if not sample.criteria or not all(each.text.strip() for each in sample.criteria):
            said = "it has no criterion, or an empty one"
    elif not any(map(str.strip, sample.references)):
        said = "it has no reference"
    return said


def _dialogue_problem(sample: DialogueSample) -> str:
    if not _is_text(sample.id):
        return f"its id must be a text, found {sample.id!r}"
    if not sample.turns or not all(_is_text(turn.asked) and turn.asked.strip() for turn in sample.turns):
        return "nothing is asked: a dialogue has one turn at least, and each asks something"
    if sample.carried == "gold" and not all(turn.reference.strip() for turn in sample.turns):
        return "its own answers are to stand before later questions, and one of them is missing"
    return ""


def _case_problem(sample: CaseSample) -> str:
    if not _is_text(sample.opening) or not sample.opening.strip():
        return "the patient says nothing to begin with"
    if not _is_tuple(sample.facts) or not sample.facts or not all(map(_is_text, sample.facts)):
        return f"the facts {sample.facts!r:.60} are not a tuple of texts"
    return ""


def _choice_problem(sample: ChoiceSample) -> str:
    labels, target = sample.labels, sample.target
    said = ""
    if not (_is_text(sample.id) and _is_text(sample.question)):
        said = f"its id and question must be texts, found {sample.id!r} and {sample.question!r:.60}"
    elif sample.question.isspace() or not sample.question:
        said = "the question is empty"
    elif len(set(labels)) < max(len(labels), 2):
        said = f"the options are {labels!r}, there must be two at least, and no label twice"
    elif not _is_tuple(target):
        said = f"the right answer {target!r} is not a tuple of labels"
    elif not target or any(label not in labels for label in target):
        said = f"the right answer {target!r} is not among the options {labels!r}"
    return said


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)
