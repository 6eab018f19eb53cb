"""Options that several verbs share, with one help text each."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from medeval import records

Data = Annotated[
    str,
    typer.Option(
        envvar="MEDEVAL_DATA",
        help="Folder with the original files in DIR/<task's folder>/, or 'sample'; what is missing is fetched, pinned.",
    ),
]
Offline = Annotated[bool, typer.Option("--offline", envvar="MEDEVAL_OFFLINE", help="Open no connection at all.")]
Reports = Annotated[Path, typer.Option(help="Folder of results.")]
Label = Annotated[
    str, typer.Option(help="Name of the entry; default: the model's name, or the name of the file of predictions.")
]
Kind = Annotated[
    records.Kind | None,
    typer.Option(
        help="What the model is; default: told from its chat template and its end tokens. Decides how it is asked."
    ),
]
Style = Annotated[
    records.Style | None,
    typer.Option(
        help="letters: log-probability of each option's letter; options: of each option's text, by its length; "
        "written: write, then read; reasoned: think step by step, then read. Default: by the kind of the model."
    ),
]
Chat = Annotated[
    bool | None,
    typer.Option("--chat/--no-chat", help="Ask through the chat template, or in plain text. Default: by kind."),
]
Thinking = Annotated[str, typer.Option(help="on or off, where the model's template has a switch. Default: by kind.")]
System = Annotated[str, typer.Option(help="A system prompt; in plain text it stands first. Default: none.")]
Prefill = Annotated[str, typer.Option(help="The first words of the reply, put into the model's mouth.")]
Shots = Annotated[
    int | None, typer.Option(min=0, help="Solved examples before the question. Default: by kind and task.")
]
ShotsFrom = Annotated[
    str, typer.Option(help="Where they come from, if not from the task's own: a file of rows of its form, or 'sample'.")
]
Options = Annotated[
    records.Order,
    typer.Option(help="Order of the options: as given, shuffled by seed, or circular: every turn of them is asked."),
]
Shuffles = Annotated[int, typer.Option(min=1, help="Shuffle so often, each a variant: consistency and worst variant.")]
Wordings = Annotated[
    int, typer.Option(min=1, help="Ask in so many wordings: how far numbers hang on the words of a prompt.")
]
Repeats = Annotated[
    int, typer.Option(min=1, help="Ask so often; the mean of each sample, and its majority (self-consistency).")
]
Protocol = Annotated[
    records.Protocol,
    typer.Option(
        help="Ask and read as others do, to stand beside their numbers: lm-eval (0.4.13), cmb-official, "
        "mirage (its fallback 'A' included)."
    ),
]
MaxTokens = Annotated[int | None, typer.Option(min=1, help="The longest reply. Default: by kind and style.")]
Temperature = Annotated[float | None, typer.Option(min=0, help="0: the likeliest token, always. Default: by kind.")]
TopP = Annotated[
    float | None, typer.Option(min=0, max=1, help="Draw from the likeliest tokens that make up this share.")
]
TopK = Annotated[int | None, typer.Option(min=0, help="Draw from so many likeliest tokens; 0: from all.")]
Limit = Annotated[int, typer.Option(min=0, help="Draw N samples by seed, slices in proportion; 0: all.")]
Seed = Annotated[int, typer.Option(help="Seed of everything that is drawn.")]
Dtype = Annotated[str, typer.Option(help="bfloat16, float16 or float32. Default: bfloat16 on a GPU, float32 on a CPU.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or cuda:N. Default: the GPU, if torch sees one.")]
Engine = Annotated[
    Literal["auto", "vllm", "hf"],
    typer.Option(help="What runs weights; auto: vLLM where it can be used, else transformers. Changes no prompt."),
]
TensorParallel = Annotated[int, typer.Option(min=1, help="GPUs that hold every layer together (vLLM).")]
PipelineParallel = Annotated[int, typer.Option(min=1, help="Groups of GPUs that hold the layers in turn (vLLM).")]
DataParallel = Annotated[int, typer.Option(min=1, help="Copies of the model, which share the questions (vLLM).")]
Memory = Annotated[float, typer.Option(help="Share of a GPU's memory that vLLM takes. Default: its own.")]
MaxLength = Annotated[int, typer.Option(min=0, help="The longest prompt and reply together. Default: the model's own.")]
Lora = Annotated[str, typer.Option(help="Folder of a LoRA adapter (vLLM).")]
EngineArg = Annotated[
    list[str] | None, typer.Option(help="NAME=VALUE, any argument of vLLM's engine; may be repeated.")
]
Patience = Annotated[float, typer.Option(help="Seconds without progress, after which vLLM is begun anew.")]
KeyFrom = Annotated[str, typer.Option(help="Environment variable that holds a server's key; never kept or printed.")]
Concurrency = Annotated[int, typer.Option(min=1, help="The most requests before a server at once.")]
Timeout = Annotated[float, typer.Option(help="Seconds that a server may take over one request.")]
Price = Annotated[
    str, typer.Option(help="IN,OUT: what a server takes for a million tokens, read and written; kept in run.json.")
]
Verify = Annotated[bool, typer.Option("--verify-weights", help="Tell the model by the whole content of its files.")]
RemoteCode = Annotated[
    str, typer.Option(help="Run the Python code that comes with the model, if it is the code of this hash or commit.")
]
Field = Annotated[str, typer.Option(help="The field of the text; default: output, outputs[0], text, answer, note.")]
Probabilities = Annotated[
    str, typer.Option(help="Instead of a text: the field of the options' probabilities, a list or by label.")
]
ByOrder = Annotated[bool, typer.Option("--by-order", help="No ids: one row a sample, in order.")]
Metric = Annotated[
    list[str] | None,
    typer.Option(
        help="Tell more: evaluate:PATH[#KEY], bertscore:ENCODER[#LAYER], or a metric of texts; may be repeated. "
        "Scored again, they are told again; `none` leaves them away."
    ),
]
Judge = Annotated[
    list[str] | None,
    typer.Option(
        help="MODEL or NAME=MODEL, who grades texts and dialogues: named as --model is; may be repeated. "
        "The model itself may judge, and is warned of."
    ),
]
Grading = Annotated[
    list[str] | None,
    typer.Option(
        help="By what: survey (seven words), cmb, disc, or one of the task's own; may be repeated. "
        "Default: what the benchmark's makers do."
    ),
]
JudgeProse = Annotated[
    Path | None,
    typer.Option(help="A file with the words in which judges are asked, with places {answer}, {criterion}, {closing}."),
]
Patient = Annotated[
    str,
    typer.Option(
        help="MODEL or NAME=MODEL, a chat model that plays the patient of consultations. "
        "Default: rules that answer with facts of the case."
    ),
]
TaskPath = Annotated[
    list[Path] | None,
    typer.Option(help="A task file or folder of your own, or a folder of YAML files of lm-eval; may be repeated."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Render everything, ask nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
