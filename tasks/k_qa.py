"""K-QA: what patients ask, with an answer by physicians, taken apart into statements that an answer must or may imply.

A row: {"Question": "...", "Free_form_answer": "...", "Must_have": ["...", ...], "Nice_to_have": ["...", ...],
"Sources": "...", "ICD_10_diag": "..."}
"""

from medeval import Criterion, Decoding, Form, Grading, Judged, Message, Row, RubricSample, Task, Url, in_texts, metrics

MUST, NICE = "must_have", "nice_to_have"
SHORT = Decoding(max_tokens=1024)


def to_sample(row: Row) -> RubricSample:
    """Read a question with its answer and the statements in it."""
    return RubricSample(
        id=row["_id"],
        messages=(Message(role="user", content=row["Question"].strip()),),
        references=(row["Free_form_answer"].strip(),),
        criteria=tuple([
            Criterion(text=text.strip(), tags=(tag,))
            for tag, texts in ((MUST, row["Must_have"]), (NICE, row["Nice_to_have"]))
            for text in texts
            if text.strip()
        ]),
    )  # fmt: skip


def question(sample: RubricSample) -> str:
    """The patient's question as it is."""
    return sample.messages[-1].content


def plain_question(sample: RubricSample) -> str:
    """The same in plain text."""
    return f"Question: {question(sample)}\nAnswer:"


GRADING = Grading(
    name="k_qa",
    version=1,
    about="Whether an answer implies, contradicts or leaves open each statement of the physicians (arXiv:2401.14493).",
    prose="stance",
    grades=("contradicted", "neutral", "entailed"),
    empty="neutral",
    judge="gpt-4",
)

TASK = Task(
    title="K-QA",
    measures="Questions of patients, answered freely: what must be said is said, and nothing against it.",
    kind="open",
    capabilities=("hallucination", "knowledge", "communication"),
    paper="arXiv:2401.14493",
    licence="MIT",
    version=1,
    chance=0.0,
    rows=201,
    folder="k_qa",
    forms=(
        Form(
            name="original",
            files=(
                Url(
                    url="https://raw.githubusercontent.com/Itaymanes/K-QA/main/dataset/questions_w_answers.jsonl",
                    sha256="1d4204665e2c9e50c3c348b8ad1de2ddf5d90205c3efaea0eb38135192272c6f",
                ),
            ),
            to_sample=to_sample,
        ),
    ),
    wordings={"written": question, "written:plain": plain_question},
    manners=in_texts(SHORT, base=Decoding(max_tokens=1024, stop=("\nQuestion:",))),
    # First by words: statements may come in any order, which every ROUGE of long runs punishes.
    metrics=(*[metric for metric in metrics.TEXT if metric.name == "token_f1"], *metrics.ROUGE),
    also=metrics.texts(),
    judged=(Judged(grading=GRADING, metrics=metrics.statements(MUST), also=metrics.statements_beside(MUST)),),
    traps=(
        "Words shared with the physicians' answer say little: K-QA is known by completeness and hallucination.",
        "Completeness is over the statements that must be there; contradictions are counted over these and the others.",
        "Hallucination is a number of statements an answer and no share: an answer may contradict several.",
        "The makers ask twice, for implied and for contradicted; here one question has three answers, so none is both.",
        "An empty answer counts: it implies nothing. The makers' normed numbers leave it out, so that silence is free.",
        "Of the 1,589 statements that the makers count three are empty; they are left out here.",
        "Physicians themselves agree on the three stances with a Fleiss kappa of 0.72.",
    ),
)  # fmt: skip
