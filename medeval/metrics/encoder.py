"""An encoder of texts: a folder of safetensors or a name on the hub, and a vector for each token of a text."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from medeval.errors import RequestError
from medeval.records import Record

CONFIG, ONE, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENIZERS = (
    "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "spm.model", "sentencepiece.bpe.model",
    "spiece.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
)  # fmt: skip
HUB_NAME = r"[\w-][\w.-]*(/[\w.-]+)?"
LAYERS = ("num_hidden_layers", "n_layers", "n_layer")
"""How configurations call the number of their layers."""
LAYER_OF = {
    "albert-xxlarge-v2": 8, "bert-base-cased-finetuned-mrpc": 9, "bert-base-chinese": 8,
    "bert-base-multilingual-cased": 9, "bert-base-uncased": 9, "bert-large-uncased": 18, "deberta-base": 9,
    "deberta-base-mnli": 9, "deberta-large": 16, "deberta-large-mnli": 18, "deberta-v3-base": 9,
    "deberta-v3-large": 12, "deberta-xlarge": 18, "deberta-xlarge-mnli": 40, "distilbert-base-multilingual-cased": 5,
    "distilbert-base-uncased": 5, "distilroberta-base": 5, "mdeberta-v3-base": 10, "roberta-base": 10,
    "roberta-large": 17, "roberta-large-mnli": 19, "scibert_scivocab_cased": 9, "scibert_scivocab_uncased": 8,
    "xlm-roberta-base": 9, "xlm-roberta-large": 17,
}  # fmt: skip
"""The layer whose vectors agree best with people on WMT16: `model2layers` of bert_score 0.3.13."""
UNLIMITED = 1_000_000
"""Tokenizers that know no longest text name a number above it."""


class Encoder(Record, frozen=True, kw_only=True):
    """An encoder that was found to be whole, and the layer whose vectors are taken."""

    name: str
    folder: Path
    content: str
    """Hash of its small files and of its weights' headers and sizes; of what comes from the hub the commit too."""
    layer: int

    @property
    def said(self) -> str:
        """What a number says of it."""
        return f"{self.name} {self.content}, layer {self.layer}"


def opened(named: str, layer: int, *, offline: bool) -> Encoder:
    """Find an encoder, see that it is whole and safe, and choose its layer; no weight is loaded."""
    try:
        version("torch"), version("transformers")
    except PackageNotFoundError as error:
        raise RequestError(
            f"{named}: an encoder needs transformers and torch, which are not installed. "
            "Install them with: pip install 'medeval-harness[hf]'."
        ) from error
    folder = Path(named).expanduser()
    local = folder.is_dir()
    if not local:
        folder = _fetched(named, offline=offline)
    config = _json(folder / CONFIG)
    weights = [*_weights(named, folder)]
    if not any((folder / name).is_file() for name in TOKENIZERS[:7]):
        raise RequestError(f"{named}: no tokenizer; looked for {', '.join(TOKENIZERS[:7])}.")
    if config.get("is_encoder_decoder"):
        raise RequestError(f"{named}: it writes texts as well as reading them. Take an encoder, such as roberta-large.")
    name = folder.resolve().name if local else named
    commit = "" if local else f"@{folder.name[:12]}"
    return Encoder(
        name=name + commit, folder=folder, content=_hashed(folder, weights), layer=_layer(named, name, config, layer)
    )


def _fetched(named: str, *, offline: bool) -> Path:
    """Fetch what an encoder needs from the hub, or find it in the cache."""
    said = f"{named}: no such folder, and no name of a model on the hub."
    if not re.fullmatch(HUB_NAME, named):
        raise RequestError(f"{said} An encoder is a folder with {CONFIG}, a tokenizer and {ONE}.")
    from transformers.utils import cached_file

    def file(name: str) -> Path | None:
        try:
            return Path(cached_file(named, name, local_files_only=offline))
        except OSError:
            return None  # what must be there is looked for later

    config = file(CONFIG)
    if config is None:
        where = "in the cache (offline)" if offline else "on the hub"
        raise RequestError(f"{named}: no such folder, and nothing of that name can be had {where}.")
    for name in TOKENIZERS:
        file(name)
    if file(ONE) is None and (index := file(INDEX)) is not None:
        for name in {*_json(index).get("weight_map", {}).values()}:
            file(name)
    return config.parent


def _weights(named: str, folder: Path) -> Iterator[Path]:
    """The files of the weights, all of which must be there."""
    if (folder / ONE).is_file():
        yield folder / ONE
    elif (folder / INDEX).is_file():
        names = sorted({*_json(folder / INDEX).get("weight_map", {}).values()})
        missing = [name for name in names if not (folder / name).is_file()]
        if missing or not names:
            raise RequestError(f"{named}: of its weights {len(missing)} shards are missing ({', '.join(missing[:3])}).")
        yield from [folder / name for name in names]
    elif pickled := next((path for pattern in PICKLED for path in sorted(folder.glob(pattern))), None):
        raise RequestError(
            f"{named}: only pickled weights ({pickled.name}), which can run code when they are opened. "
            "Convert them to safetensors."
        )
    else:
        raise RequestError(f"{named}: no weights as safetensors; looked for {ONE} and {INDEX}.")


def _layer(named: str, name: str, config: Mapping[str, Any], wanted: int) -> int:
    """Choose the layer: the wanted one, the one recommended for this model, or the last."""
    count = next((config[key] for key in LAYERS if isinstance(config.get(key), int)), 0)
    if not count:
        raise RequestError(f"{named}: its {CONFIG} does not tell how many layers it has.")
    if not wanted:
        return min(LAYER_OF.get(name.rpartition("/")[2], count), count)
    if not 1 <= wanted <= count:
        raise RequestError(f"{named}: there is no layer {wanted}; it has 1 to {count}.")
    return wanted


def _hashed(folder: Path, weights: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for name in (CONFIG, *TOKENIZERS):
        if (folder / name).is_file():
            digest.update(f"{name}\n{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    for path in weights:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            digest.update(f"{path.name}\n{path.stat().st_size}\n".encode() + file.read(min(length, 100_000_000)))
    return digest.hexdigest()[:12]


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RequestError(f"{path.parent}: no {path.name}, so this is no folder of an encoder.") from error
    except (OSError, ValueError) as error:
        raise RequestError(f"{path}: cannot be read as JSON ({error}).") from error
    if not isinstance(value, dict):
        raise RequestError(f"{path}: found {value!r:.40}, not an object.")
    return value


class Loaded:
    """An encoder's weights up to its layer, and its tokenizer."""

    def __init__(self, encoder: Encoder, device: str) -> None:
        import torch
        from transformers import AutoConfig, AutoModel, AutoTokenizer, GPT2Tokenizer, RobertaTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        where = device or ("cuda" if torch.cuda.is_available() else "cpu")
        safely = {"local_files_only": True, "trust_remote_code": False}
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(encoder.folder, **safely)
            config = AutoConfig.from_pretrained(encoder.folder, **safely)
            config.num_hidden_layers = encoder.layer  # what is above is not even read
            model, told = AutoModel.from_pretrained(
                encoder.folder, config=config, dtype=torch.float32, use_safetensors=True, output_loading_info=True,
                **safely,
            )  # fmt: skip
            self.model = model.to(where).eval()
        except Exception as error:
            said = str(error).strip().partition("\n")[0]
            raise RequestError(f"{encoder.folder}: the encoder cannot be loaded on {where} ({said}).") from error
        # Transformers would draw them at random and go on; a pooler is not asked.
        if missing := sorted(name for name in told["missing_keys"] if "pooler" not in name):
            raise RequestError(f"{encoder.folder}: {len(missing)} tensors are missing, the first is {missing[0]}.")
        if self.tokenizer.cls_token_id is None or self.tokenizer.sep_token_id is None:
            raise RequestError(f"{encoder.folder}: its tokenizer has no tokens of class and separation, as BERT's has.")
        # Words are cut alike at the start of a text and within it, as the slow tokenizers of bert_score do it.
        self._before = " " if isinstance(self.tokenizer, GPT2Tokenizer | RobertaTokenizer) else ""
        self._limit = _longest(self.tokenizer, self.model)

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Cut texts into tokens, with those that stand before and after; of a long text its beginning."""
        bare = [text.strip() for text in texts]
        cut: list[list[int]] = self.tokenizer(
            [self._before + text if text else "" for text in bare],
            truncation=self._limit is not None, max_length=self._limit,
        )["input_ids"]  # fmt: skip
        return cut

    def counts(self, tokens: Sequence[int]) -> list[bool]:
        """Which tokens count: all but those of class and separation."""
        apart = (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id)
        return [token not in apart for token in tokens]

    def vectors(self, rows: Sequence[Sequence[int]], batch: int) -> Iterator[Any]:
        """Vectors of length 1, a matrix for each row of tokens; rows of like length stand beside each other."""
        import torch

        for first in range(0, len(rows), batch):
            part = [torch.tensor(row) for row in rows[first : first + batch]]
            padded = torch.nn.utils.rnn.pad_sequence(
                part, batch_first=True, padding_value=self.tokenizer.pad_token_id or 0
            )
            mask = torch.arange(padded.shape[1]) < torch.tensor([len(row) for row in part])[:, None]
            with torch.inference_mode():
                found = self.model(
                    input_ids=padded.to(self.model.device), attention_mask=mask.long().to(self.model.device)
                )[0]
                found = found / found.norm(dim=-1, keepdim=True)
            for row, vectors in zip(part, found, strict=True):
                yield vectors[: len(row)]


loaded = lru_cache(maxsize=1)(Loaded)
"""The same for the next cell."""


def _longest(tokenizer: Any, model: Any) -> int | None:
    """The tokens that a text may have: what the tokenizer says, and never more than there are places for."""
    places = getattr(model.config, "max_position_embeddings", None) or UNLIMITED
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    if (padding := getattr(table, "padding_idx", None)) is not None:
        places -= padding + 1  # RoBERTa counts from there
    limit = min(tokenizer.model_max_length, places)
    return int(limit) if limit < UNLIMITED else None
