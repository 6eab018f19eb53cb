"""A folder of weights, looked at before anything of it is loaded: is it whole, is it safe, and what is it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from medeval.engines.kinds import Files, Nature, nature
from medeval.errors import RequestError
from medeval.records import Kind, Record

CONFIG, GENERATION, TEMPLATE = "config.json", "generation_config.json", "chat_template.jinja"
ONE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tokenizer_config.json")
IDENTITY = (CONFIG, GENERATION, TEMPLATE, *TOKENIZERS, "merges.txt", "special_tokens_map.json", "added_tokens.json")
"""Small files that could change a reply."""
VOCABULARIES = ("*.model", "*.tiktoken")
"""The same, under names that families chose for themselves."""
LONGEST_HEADER = 100_000_000
"""As in the safetensors library itself."""


class Weights(Record, frozen=True, kw_only=True):
    """A model's folder that was found to be whole."""

    folder: Path
    content: str
    """Hash of whatever could change a reply: the small files, and the weights' headers and sizes or all of them."""
    nature: Nature
    code: bool
    """Whether Python code that lies in the folder may be run."""


def opened(folder: Path, *, kind: Kind | None = None, code: str = "", verify: bool = False) -> Weights:
    """See that a folder holds a whole model, and tell what it is."""
    config = _configuration(folder)
    shards = [(path, _header(path)) for path in _shards(folder)]
    allowed = _allowed(folder, config, code)
    try:
        found = nature(_files(folder, config), kind)
    except RequestError as error:
        raise RequestError(f"{folder}: {error.faults[0]}") from error
    except Exception as error:
        # A chat template is foreign code, and may fail in any way.
        raise RequestError(f"{folder}: the chat template fails ({type(error).__name__}: {error}).") from error
    if found.kind is None:
        raise RequestError(f"{folder}: what kind of model is it? {found.why}. Say --kind base, chat or reasoning.")
    content = f"{'full' if verify else 'headers'}:{_hashed(folder, shards, allowed, verify=verify)[:32]}"
    return Weights(folder=folder, content=content, nature=found, code=bool(allowed))


def _configuration(folder: Path) -> dict[str, Any]:
    """Read the configuration of what looks like a model."""
    if not folder.is_dir():
        said = f"A model is a folder with {CONFIG}, a tokenizer and *.safetensors."
        raise RequestError(f"{folder}: no such folder. {said}")
    config = _object(folder / CONFIG)
    if config is None:
        is_adapter = (folder / "adapter_config.json").is_file()
        what = " It is an adapter: merge it into its model first." if is_adapter else ""
        raise RequestError(f"{folder}: no {CONFIG}, so this is no folder of a model.{what}")
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise RequestError(f"{folder}: no tokenizer. Copy tokenizer.json and tokenizer_config.json beside {CONFIG}.")
    if "transformers_weights" in config:
        raise RequestError(f"{folder}: its configuration names other weights (transformers_weights). Take that out.")
    return config


def _hashed(folder: Path, shards: Sequence[tuple[Path, bytes]], code: str, *, verify: bool) -> str:
    """Hash whatever could change a reply."""
    digest = hashlib.sha256()
    vocabularies = [path.name for pattern in VOCABULARIES for path in sorted(folder.glob(pattern))]
    for name in [name for name in dict.fromkeys((*IDENTITY, *vocabularies)) if (folder / name).is_file()]:
        digest.update(f"{name}\n{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    digest.update(code.encode())
    for path, header in shards:
        digest.update(f"{path.name}\n{path.stat().st_size}\n".encode() + header)
        if verify:
            with open(path, "rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _files(folder: Path, config: Mapping[str, Any]) -> Files:
    tokenizer = _object(folder / "tokenizer_config.json") or {}
    listed = tokenizer.get("added_tokens_decoder")
    tokens = {int(each): str(token["content"]) for each, token in (listed or {}).items()}
    tokens |= {token.id: token.content for token in _added(folder / "tokenizer.json")}
    template = folder / TEMPLATE
    return Files(
        name=_name(folder), config=config, tokenizer_config=tokenizer, generation_config=_object(folder / GENERATION),
        chat_template=template.read_text(encoding="utf-8") if template.is_file() else "", added_tokens=tokens,
    )  # fmt: skip


class _Token(Record, frozen=True, kw_only=True):
    id: int
    content: str


class _Vocabulary(Record, frozen=True, kw_only=True):
    """What is wanted of a tokenizer's file; its words and merges are passed over, which saves a hundred megabytes."""

    added_tokens: tuple[_Token, ...] = ()


def _added(path: Path) -> tuple[_Token, ...]:
    if not path.is_file():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Vocabulary).added_tokens
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{path}: cannot be read as a tokenizer ({error}).") from error


def _name(folder: Path) -> str:
    """Name a model by its folder; one in the hub's cache by its repository."""
    cached = re.fullmatch(r"models--(.+)", folder.resolve().parent.parent.name)
    return cached[1].replace("--", "/") if cached else folder.resolve().name


def _object(path: Path) -> dict[str, Any] | None:
    """Read a small JSON file, if it is there."""
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError(f"{path}: cannot be read as JSON ({error}).") from error
    if not isinstance(value, dict):
        raise RequestError(f"{path}: found {value!r:.40}, not an object.")
    return value


def _shards(folder: Path) -> Iterator[Path]:
    """The files of the weights, all of which must be there; one whole file stands before an index, as when loading."""
    index = _object(folder / INDEX)
    if (folder / ONE).is_file():
        yield folder / ONE
    elif index is not None:
        listed = index.get("weight_map")
        if not isinstance(listed, dict) or not listed:
            raise RequestError(f"{folder / INDEX}: its weight_map names no shards. Download it again.")
        names = sorted({*map(str, listed.values())})
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            said = ", ".join(missing[:5])
            raise RequestError(f"{folder}: {len(missing)} of {len(names)} shards are missing ({said}). Download again.")
        yield from [folder / name for name in names]
    elif pickled := next((path for pattern in PICKLED for path in sorted(folder.glob(pattern))), None):
        raise RequestError(
            f"{folder}: only pickled weights ({pickled.name}), which can run code when they are opened. "
            "Convert them to safetensors."
        )
    else:
        raise RequestError(f"{folder}: no weights; looked for {ONE} and {INDEX}.")


def _header(path: Path) -> bytes:
    """Read the header of a shard, and see that the file is as long as it says."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(length) if length <= min(LONGEST_HEADER, size) else b""
    try:
        tensors = json.loads(header)
        ends = [each["data_offsets"][1] for name, each in tensors.items() if name != "__metadata__"]
        whole = 8 + length + max(ends, default=0)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise RequestError(
            f"{path}: no whole safetensors file (its header cannot be read). Download it again."
        ) from error
    if size != whole:
        what = f"{whole - size:,} bytes are missing" if size < whole else f"{size - whole:,} bytes too many"
        raise RequestError(f"{path}: the shard is damaged ({what}). Download it again.")
    return header


def _allowed(folder: Path, config: Mapping[str, Any], pin: str) -> str:
    """Give the hash of the code of the model's own that may be run: only if a pin names this very code."""
    named = [config, _object(folder / "tokenizer_config.json") or {}]
    wanted = sorted({str(value) for each in named for value in _flat(each.get("auto_map"))})
    if not wanted:
        return ""
    if any("--" in value for value in wanted):
        raise RequestError(
            f"{folder}: its configuration names code of another repository ({wanted[0]}). "
            "Put that code into the folder, and name it so."
        )
    files = sorted(folder.rglob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes() + b"\n")
    code = digest.hexdigest()[:40]
    commit = folder.resolve().name if folder.resolve().parent.name == "snapshots" else code
    if pin and pin in (code, commit):
        return code
    was = f"The pin {pin} is not that of this code. " if pin else ""
    raise RequestError(
        f"{folder}: this model comes with Python code ({', '.join(path.name for path in files) or 'missing'}), "
        f"which is not run unless it is named. {was}Read it, and then add --remote-code {code}."
    )


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _flat(each)
    elif isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif value:
        yield value
