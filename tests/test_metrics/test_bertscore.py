"""BERTScore, held against bert_score itself over small random encoders."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from medeval.errors import RequestError
from medeval.metrics.base import Metric
from medeval.metrics.bertscore import bertscore
from medeval.metrics.encoder import LAYER_OF, Loaded
from medeval.records import Answer, Decoding, Exchange, Message, OpenSample, Request, Response, Walk
from tests.model_folders import shard, small_files

pytest.importorskip("transformers")

PAD, UNKNOWN, CLASS, APART = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = [
    "the", "patient", "has", "a", "fever", "and", "cough", "no", "pain", "in", "chest", "was", "given", "aspirin",
    "100", "mg", "daily", "for", "days", "blood", "pressure", "is", "high", "low", "heart", "lung", "liver", "kidney",
    "##s", "##ed", "##ing", ".", ",", "-", "(", ")",
]  # fmt: skip
CHARACTERS = "患者有发热咳嗽胸痛无服用阿司匹林每日两次血压高低心肺肝肾检查结果正常建议复查。，"
LONGEST = 24
PAIRS = [
    ("The patient has a fever.", "The patient has fever and cough."),
    ("no chest pain", "Patient given aspirin 100 mg daily, for 100 days."),
    ("患者发热，咳嗽。", "患者有发热和咳嗽，无胸痛。"),
    ("建议复查血压", "The blood pressure is high. 血压高。"),
    ("aspirin", "aspirin"),
    ("", "The heart is low."),
    ("the heart", ""),
    ("", ""),
    ("  heart and lungs \n", "heart and lungs"),
    ("high low " * 30, "low blood pressure " * 4),
    ("the liver [SEP] the kidney", "the kidney"),
]


def word_pieces(limit: int) -> Any:
    """A tokenizer of BERT's kind over a few words and characters."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    known = dict.fromkeys([*SPECIAL, *letters, *[f"##{letter}" for letter in letters], *WORDS, *CHARACTERS])
    vocabulary = {word: number for number, word in enumerate(known)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single=f"{CLASS} $A {APART}", special_tokens=[(each, vocabulary[each]) for each in (CLASS, APART)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=PAD, unk_token=UNKNOWN, cls_token=CLASS, sep_token=APART,
        model_max_length=limit, clean_up_tokenization_spaces=False,
    )  # fmt: skip


def tiny_bert(folder: Path, layers: int) -> Path:
    """A small random encoder of BERT's kind."""
    import torch
    from transformers import BertConfig, BertModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = word_pieces(LONGEST)
    torch.manual_seed(7)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=layers, num_attention_heads=4,
            intermediate_size=48, max_position_embeddings=LONGEST, initializer_range=0.3,
        )
    ).save_pretrained(folder)  # fmt: skip
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("encoders") / "tiny-bert", layers=3)


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that cuts bytes, counts places from behind its padding, and whose tokenizer knows no longest text."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizer

    folder = tmp_path_factory.mktemp("encoders") / "tiny-roberta"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *alphabet])}
    vocabulary["Ġa"] = len(vocabulary)
    tokenizer = RobertaTokenizer(vocab=vocabulary, merges=[("Ġ", "a")])
    torch.manual_seed(8)
    RobertaModel(
        RobertaConfig(
            vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=24, max_position_embeddings=LONGEST + 2, initializer_range=0.3, pad_token_id=1,
        )
    ).save_pretrained(folder)  # fmt: skip
    tokenizer.save_pretrained(folder)
    return folder


def published(folder: Path, pairs: Sequence[tuple[str, Any]], layer: int, before: str = "") -> list[tuple[float, ...]]:
    """What bert_score gives, text by text: beside a longer text it takes a likeness below 0 for 0."""
    reference = pytest.importorskip("bert_score")

    def cut(tokenizer: Any, text: str) -> Any:
        # As its own, in words of transformers 5: there is no way to build an empty text, nor add_prefix_space.
        bare = text.strip()
        return tokenizer(before + bare if bare else "", truncation=True, max_length=LONGEST)["input_ids"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["bert_score.utils"], "sent_encode", cut)
        found = reference.score(
            [text for text, _ in pairs], [references for _, references in pairs], model_type=str(folder),
            num_layers=layer, device="cpu", batch_size=1,
        )  # fmt: skip
    return list(zip(*[each.tolist() for each in found], strict=True))


def taken(metric: Metric, text: str, references: Sequence[str]) -> Any:
    sample = OpenSample(id="1", messages=(Message(role="user", content="?"),), references=tuple(references))
    asked = Exchange(request=Request(text="?", decoding=Decoding()), asked="", reply=Response(text=text))
    return metric.mark(sample, Walk(exchanges=(asked,), answer=Answer()))


def settled(metrics: Sequence[Metric], pairs: Sequence[tuple[str, str]]) -> Any:
    assert metrics[0].settle is not None
    return metrics[0].settle([taken(metrics[0], text, [reference]) for text, reference in pairs])


def close(found: Any, truth: Any, within: float = 1e-5) -> None:
    assert len(found) == len(truth) > 0
    for one, other in zip(found, truth, strict=True):
        assert one == pytest.approx(other, rel=0, abs=within)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_every_layer_gives_what_bert_score_gives(encoder: Path, layer: int) -> None:
    close(settled(bertscore(str(encoder), layer=layer), PAIRS), published(encoder, PAIRS, layer))


def test_an_encoder_that_cuts_bytes_gives_what_bert_score_gives(roberta: Path) -> None:
    pairs = [("a cat", "a cat and a dog"), ("咳嗽", "发热"), ("", "a"), ("a" * 60, "b a" * 40)]
    found = settled(bertscore(str(roberta)), pairs)
    close(found, published(roberta, pairs, 2, before=" "))
    # A word at the start of a text is cut otherwise without the space that bert_score puts there.
    assert found[0] != pytest.approx(published(roberta, pairs[:1], 2)[0], abs=1e-3)


def test_an_empty_text_is_worth_nothing_and_counts(encoder: Path) -> None:
    # bert_score gives no number for a text of nothing but tokens of separation.
    texts = [("", "the heart"), ("the heart", "  "), ("[SEP]", "the heart"), ("aspirin", "aspirin")]
    found = settled(bertscore(str(encoder)), texts)
    assert found[:3] == [(0.0, 0.0, 0.0)] * 3
    assert found[3] == pytest.approx((1, 1, 1))


def test_of_several_references_the_best_counts_as_in_bert_score(encoder: Path) -> None:
    metrics = bertscore(str(encoder))
    references = ["The patient has fever and cough.", "fever", "患者有发热"]
    cases = [("patient has a fever", references), ("发热", references[1:]), ("", references)]
    assert metrics[2].settle is not None
    found: Any = metrics[2].settle([taken(metrics[2], text, texts) for text, texts in cases])
    close(found, published(encoder, cases, 3))
    alone = settled(metrics, [(cases[0][0], reference) for reference in references])
    assert found[0][2] == max(each[2] for each in alone)
    assert len({each[2] for each in alone}) == 3


def test_neither_the_batch_nor_the_order_nor_the_part_changes_a_score(
    encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(3)
    words = [*WORDS, *CHARACTERS]
    texts = [" ".join(dice.choices(words, k=dice.randrange(1, 30))) for _ in range(60)]
    pairs = [(dice.choice(texts), dice.choice(texts)) for _ in range(90)]
    truth = settled(bertscore(str(encoder), batch=64), pairs)
    shuffled = dice.sample(range(90), 90)
    found = settled(bertscore(str(encoder), batch=7), [pairs[place] for place in shuffled])
    close(found, [truth[place] for place in shuffled])
    monkeypatch.setattr("medeval.metrics.bertscore.HELD", 100)
    close(settled(bertscore(str(encoder), batch=1), pairs), truth)


def test_what_is_held_at_once_is_bounded(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    vectors = Loaded.vectors

    def counted(self: Any, rows: Sequence[Sequence[int]], batch: int) -> Any:
        held.append(sum(map(len, rows)))
        return vectors(self, rows, batch)

    monkeypatch.setattr(Loaded, "vectors", counted)
    monkeypatch.setattr("medeval.metrics.bertscore.HELD", 100)
    settled(bertscore(str(encoder)), [(f"heart {number}", "the liver") for number in range(100)])
    assert max(held) <= 100
    # The reference is encoded once in each part, not once a pair: 2,000 tokens would take 500 more.
    assert sum(held) < 100 * 6 + 10 * 4 * len(held)


def test_a_text_that_several_pairs_share_is_encoded_once(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    vectors = Loaded.vectors

    def counted(self: Any, rows: Sequence[Sequence[int]], batch: int) -> Any:
        encoded.append(len(rows))
        return vectors(self, rows, batch)

    monkeypatch.setattr(Loaded, "vectors", counted)
    settled(bertscore(str(encoder)), [("heart", "lung"), ("lung", "heart"), ("heart", "lung"), ("heart", "heart")])
    assert encoded == [2]


def test_the_metrics_share_their_marks_and_say_what_computes_them(encoder: Path) -> None:
    metrics = bertscore(str(encoder), layer=2)
    assert [metric.name for metric in metrics] == ["bertscore_precision", "bertscore_recall", "bertscore_f1"]
    assert [metric.part for metric in metrics] == [0, 1, 2]
    assert len({metric.mark for metric in metrics}) == len({metric.settle for metric in metrics}) == 1
    assert metrics[0].by.startswith("tiny-bert ")
    assert metrics[0].by.endswith(", layer 2")
    assert bertscore(str(encoder))[0].mark is not metrics[0].mark


def test_a_sample_without_references_has_no_part(encoder: Path) -> None:
    assert taken(bertscore(str(encoder))[0], "aspirin", []) is None


def test_another_tokenizer_is_another_encoder(encoder: Path, tmp_path: Path) -> None:
    same = shutil.copytree(encoder, tmp_path / "same" / encoder.name)
    other = shutil.copytree(encoder, tmp_path / "other" / encoder.name)
    text = (other / "tokenizer.json").read_text(encoding="utf-8").replace('"lowercase": true', '"lowercase": false')
    (other / "tokenizer.json").write_text(text, encoding="utf-8")
    one, again, changed = [bertscore(str(folder))[0].by for folder in (encoder, same, other)]
    assert one == again != changed


@pytest.mark.parametrize(
    ("name", "layers", "layer"),
    [
        ("bert-base-chinese", 12, 8), ("roberta-large", 24, 17), ("bert-base-uncased", 12, 9),
        ("deberta-xlarge-mnli", 48, 40), ("distilbert-base-uncased", 6, 5), ("xlm-roberta-large", 24, 17),
        ("of-my-own", 12, 12), ("roberta-large", 3, 3),
    ],
)  # fmt: skip
def test_known_encoders_have_the_layer_of_bert_score_and_others_their_last(
    tmp_path: Path, name: str, layers: int, layer: int
) -> None:
    assert bertscore(str(hollow(tmp_path / name, layers)))[0].by.endswith(f", layer {layer}")


def test_every_layer_of_the_table_is_that_of_bert_score() -> None:
    pytest.importorskip("bert_score")
    table = sys.modules["bert_score.utils"].model2layers
    layers = {name.rpartition("/")[2]: layer for name, layer in table.items()}
    assert {name: layers[name] for name in LAYER_OF} == LAYER_OF


def hollow(folder: Path, layers: int) -> Path:
    """A folder that looks like an encoder's."""
    small_files(folder, {"config.json": {"model_type": "bert", "num_hidden_layers": layers}, "tokenizer.json": {}})
    shard(folder / "model.safetensors")
    return folder


def cached(root: Path, name: str, encoder: Path) -> str:
    """Lay an encoder where the hub's client keeps what it has fetched."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = root / f"models--{name.replace('/', '--')}"
    shutil.copytree(encoder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    return commit


def test_a_name_on_the_hub_is_found_in_the_cache_when_offline(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers.utils.hub

    commit = cached(tmp_path, "someone/roberta-large", encoder)
    plain = transformers.utils.hub.cached_file
    monkeypatch.setattr(
        "transformers.utils.cached_file", lambda *args, **how: plain(*args, cache_dir=str(tmp_path), **how)
    )
    metrics = bertscore("someone/roberta-large", offline=True)
    assert metrics[0].by.startswith(f"someone/roberta-large@{commit[:12]} ")
    assert metrics[0].by.endswith(", layer 3")
    close(settled(metrics, PAIRS), published(encoder, PAIRS, 3))


# --- what may be wrong ---


def breaks(change: Callable[[Path], object], said: str) -> Any:
    return pytest.param(change, said, id=said)


def with_config(folder: Path, **config: Any) -> None:
    known = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    small_files(folder, {"config.json": known | config})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        breaks(lambda folder: (folder / "config.json").unlink(), "no config.json"),
        breaks(lambda folder: (folder / "config.json").write_text("{"), "cannot be read as JSON"),
        breaks(lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer"),
        breaks(lambda folder: (folder / "model.safetensors").unlink(), "no weights as safetensors"),
        breaks(lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "only pickled"),
        breaks(lambda folder: with_config(folder, is_encoder_decoder=True), "it writes texts"),
        breaks(lambda folder: with_config(folder, num_hidden_layers=None), "how many layers"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_in_one_sentence(
    tmp_path: Path, change: Callable[[Path], object], said: str
) -> None:
    folder = hollow(tmp_path / "broken", 2)
    change(folder)
    with pytest.raises(RequestError, match=said) as fault:
        bertscore(str(folder))
    assert len(fault.value.faults) == 1
    assert "\n" not in fault.value.faults[0]


@pytest.mark.parametrize("layer", [-1, 4])
def test_a_layer_that_there_is_not_is_refused(encoder: Path, layer: int) -> None:
    with pytest.raises(RequestError, match=rf"no layer {layer}; it has 1 to 3"):
        bertscore(str(encoder), layer=layer)


def test_a_folder_that_there_is_not_is_refused() -> None:
    with pytest.raises(RequestError, match="no such folder, and no name of a model on the hub"):
        bertscore("/no/such/encoder")
    with pytest.raises(RequestError, match="nothing of that name can be had in the cache"):
        bertscore("nobody/no-such-encoder", offline=True)


def test_weights_of_another_model_are_refused(tmp_path: Path, encoder: Path) -> None:
    folder = shutil.copytree(encoder, tmp_path / "strange")
    shard(folder / "model.safetensors")
    metrics = bertscore(str(folder))
    with pytest.raises(RequestError, match="tensors are missing, the first is"):
        settled(metrics, PAIRS[:1])


def test_code_that_lies_beside_the_weights_is_not_run(tmp_path: Path, encoder: Path) -> None:
    folder = shutil.copytree(encoder, tmp_path / "coded")
    with_config(folder, model_type="nurse", auto_map={"AutoConfig": "nurse.Config", "AutoModel": "nurse.Model"})
    (folder / "nurse.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    with pytest.raises(RequestError, match="cannot be loaded"):
        settled(bertscore(str(folder)), PAIRS[:1])
    assert not (tmp_path / "ran").exists()


def test_a_device_that_there_is_not_is_refused(encoder: Path) -> None:
    with pytest.raises(RequestError, match="cannot be loaded on abacus"):
        settled(bertscore(str(encoder), device="abacus"), PAIRS[:1])


def test_without_its_libraries_it_says_how_to_get_them(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("medeval.metrics.encoder.version", absent)
    with pytest.raises(RequestError, match=r"pip install 'medeval-harness\[hf\]'"):
        bertscore(str(encoder))


def test_declaring_it_loads_no_heavy_library(encoder: Path) -> None:
    code = (
        "import sys; from medeval.metrics.bertscore import bertscore; bertscore(sys.argv[1]); "
        "print(sorted({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(encoder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
