"""What the doctor finds, and what it says to do."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from medeval import doctor
from medeval.doctor import Finding, findings, shadows
from medeval.engines.vllm import arguments
from medeval.errors import RequestError


def by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {each.about: each for each in found}


def test_what_is_installed_is_told_by_its_version() -> None:
    found = by_subject(list(findings()))
    assert found["huggingface_hub"].found == version("huggingface_hub")
    assert found["medeval"].found.endswith(str(Path(doctor.__file__).parent))


def test_what_is_not_installed_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_torch(name: str) -> str:
        if name in ("torch", "transformers"):
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(doctor, "version", no_torch)
    found = by_subject(list(findings()))
    assert found["torch"].found == "not installed (runs weights)"
    assert found["torch"].advice == "pip install 'medeval-harness[hf]'"
    assert found["engine"].found == "none for weights: only baselines, recordings and servers"
    assert "constraints/cpu.txt" in found["engine"].advice


def test_a_card_that_torch_does_not_see_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(doctor, "_driver", lambda: ["A card, 80 GiB"])
    found = by_subject(list(findings()))
    assert found["GPU"].found == "none"
    assert found["GPU"].advice.startswith("A card, 80 GiB is there, but torch")
    assert "on the CPU in float32, because no GPU is seen" in found["engine"].found


def test_it_is_told_why_vllm_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "installed", lambda: "")
    monkeypatch.setattr(doctor, "installed", lambda: "")
    found = by_subject(list(findings()))
    assert found["vLLM"].found == "not usable: vLLM is not installed"
    assert "medeval-harness[vllm]" in found["vLLM"].advice


def test_it_is_told_what_vllm_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (arguments, doctor):
        monkeypatch.setattr(module, "installed", lambda: "0.32.0+cpu")
    found = by_subject(list(findings()))
    assert found["vLLM"].found.startswith("0.32.0+cpu: on the CPU in float32, and 1 to 8 GiB")
    assert found["engine"].found == "vllm, because vLLM 0.32.0+cpu is installed"


def test_another_package_with_our_name_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(shadows(["medeval-harness"])) == []
    (other,) = shadows(["medeval", "medeval-harness"])
    assert other.found == "the import name 'medeval' also belongs to medeval"
    assert other.advice == "pip uninstall medeval, and install medeval-harness again"


def test_a_folder_that_python_would_take_for_us_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "medeval").mkdir()
    monkeypatch.chdir(tmp_path)
    (folder,) = shadows([])
    assert folder.found == f"{tmp_path / 'medeval'} would be taken for medeval by 'python -m medeval'"


def test_the_data_folder_of_the_environment_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDEVAL_DATA", str(tmp_path / "gone"))
    assert by_subject(list(findings()))["data"].found.endswith("gone, which is not there")


def test_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no config\.json"):
        list(findings(str(tmp_path)))


def test_a_model_is_told_with_how_it_would_be_asked(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama", "eos_token_id": 0}', encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text('{"added_tokens": [{"id": 0, "content": "</s>"}]}', encoding="utf-8")
    # The smallest safetensors file there is: a header of two bytes, and no tensor.
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    found = by_subject(list(findings(str(tmp_path))))
    assert "base, because it has no chat template" in found["model"].found
    assert found["asked"].found == "letters, plain text, 0-shot, unless a task or an option says otherwise"
