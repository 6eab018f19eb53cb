"""The Hugging Face hub: files of data sets and folders of models, by its own client and in the client's own cache."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from medeval.errors import DataError, RequestError
from medeval.sources import reach
from medeval.sources.files import Hub, Pin
from medeval.sources.guises import disguised

TRUE = ("1", "on", "yes", "true")
SAFE = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.tiktoken", "*.txt")
"""What a model is made of. Never *.bin or *.pt: a pickle is a program, and opening it runs it."""
LOG_IN = "set HF_TOKEN, or run `hf auth login`"


class Wanted(NamedTuple):
    """What is asked of the hub, as far as a sentence about it needs to know."""

    said: str
    kind: Literal["dataset", "model"]
    repo: str
    revision: str
    otherwise: str
    """What to do where the hub cannot be reached."""

    @property
    def page(self) -> str:
        """Where people look at the repository."""
        return f"{_endpoint()}/{'datasets/' if self.kind == 'dataset' else ''}{self.repo}"


def no_network() -> bool:
    """Tell whether the environment forbids to use the network."""
    names = ("MEDEVAL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").lower() in TRUE for name in names)


def repo_folder(kind: str, repo: str) -> Path:
    """Name the folder of a repository in the client's cache."""
    return _cache() / f"{kind}s--{repo.replace('/', '--')}"


def cached(source: Hub) -> Path:
    """Name the file in the client's cache that is a source's, or would be."""
    # The layout is the client's public one. It is read by hand, because the client asks the hub for a list
    # of its own before it looks, even with local_files_only.
    folder, revision = repo_folder("dataset", source.repo), source.revision or "main"
    ref = folder / "refs" / revision
    commit = ref.read_text(encoding="utf-8").strip() if ref.is_file() else revision
    return folder / "snapshots" / commit / source.path


def fetched(source: Hub, pin: Pin, otherwise: str) -> Path:
    """Download a file of a data set into the client's cache; content that is not the one held is not left there."""
    wanted = Wanted(source.said, "dataset", source.repo, source.revision or "main", otherwise)
    if how := reach.asked(_endpoint()):
        raise DataError(f"{wanted.said}: {_unreachable(how, wanted)}")  # the client itself would ask seven times
    # The first time the client may hand out a damaged or an outdated file of its cache, the second time it must not.
    for force in (False, True):
        with _told(wanted, DataError):
            from huggingface_hub import hf_hub_download

            path = Path(
                hf_hub_download(
                    source.repo, source.path, repo_type="dataset", revision=wanted.revision,
                    cache_dir=_cache(), endpoint=_endpoint(), force_download=force,
                )
            )  # fmt: skip
        what, other = disguised(path), pin.other(path)
        if not what and not other:
            return path
    with _told(wanted, DataError):
        _forget(path)
    wrong = f"is {what}" if what else f"is not the pinned file: its {other}"
    raise DataError(
        f"{source.said}: what the hub gives {wrong}; it was not kept. "
        f"Look at {wanted.page}: has the file changed? {pin.renew or otherwise}"
    )


def model_folder(name: str, revision: str = "", *, offline: bool = False, code: bool = False) -> Path:
    """Find or download the folder of a model, named `org/name`; its Python files come along only with `code`."""
    said = f"Model {name!r}" + (f" at {revision}" if revision else "")
    again = f"hf download {name}" + (f" --revision {revision}" if revision else "")
    here = repo_folder("model", name)
    otherwise = f"On a machine with a network run `{again}`, and copy {here.name} of its cache to {here} here."
    wanted = Wanted(said, "model", name, revision or "main", otherwise)
    with _told(wanted, RequestError):
        from huggingface_hub import snapshot_download

        return Path(
            snapshot_download(
                name, revision=wanted.revision, cache_dir=_cache(), endpoint=_endpoint(),
                local_files_only=offline or no_network(), allow_patterns=[*SAFE, *(["*.py"] if code else [])],
            )
        )  # fmt: skip


def _endpoint() -> str:
    # Read when it is needed, as are the folders below: the client reads them once, when it is imported.
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def _cache() -> Path:
    xdg = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("HF_HOME", f"{xdg}/huggingface")
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or f"{home}/hub"
    return Path(os.path.expandvars(cache)).expanduser()


def _forget(path: Path) -> None:
    """Take a file out of the client's cache: the name in the snapshot, and the content that it points to."""
    content = path.parent / path.readlink() if path.is_symlink() else path
    path.unlink(missing_ok=True)
    content.unlink(missing_ok=True)


@contextmanager
def _told(wanted: Wanted, kind: type[RequestError]) -> Iterator[None]:
    """Say in a sentence what the client raises."""
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import disable_progress_bars

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its retries are its own affair; what comes of them is said in one sentence
    # The client warns where its own variable says otherwise.
    if not sys.stderr.isatty() and "HF_HUB_DISABLE_PROGRESS_BARS" not in os.environ:
        disable_progress_bars()
    try:
        yield
    except Exception as error:
        # The client and what it stands on are foreign code, and may fail in any way.
        raise kind(f"{wanted.said}: {_sentence(error, wanted)}") from error


def _unreachable(how: str, wanted: Wanted) -> str:
    return f"the hub at {_endpoint()} cannot be reached ({how}). Check the network and the proxy. {wanted.otherwise}"


def _sentence(error: BaseException, wanted: Wanted) -> str:
    from huggingface_hub import errors

    wrapped = isinstance(error, (errors.LocalEntryNotFoundError, ValueError))
    if wrapped and error.__cause__ and not isinstance(error, errors.HfHubHTTPError):
        error = error.__cause__  # what kept the client from looking
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
    number = error.errno if isinstance(error, OSError) else None
    what = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    # The client stands on httpx or httpx2, by its version: their errors are known by name.
    transport = any(each.__name__ == "TransportError" for each in type(error).__mro__)
    cases = (
        (
            isinstance(error, errors.HFValidationError),
            f"{wanted.repo!r} is no name on the hub. One looks like org/name.",
        ),
        (
            isinstance(error, errors.GatedRepoError),
            f"its makers ask for consent. Accept the conditions at {wanted.page}, then {LOG_IN}.",
        ),
        (
            isinstance(error, errors.RevisionNotFoundError),
            f"the repository has no revision {wanted.revision!r}. Look for it at {wanted.page}/commits/main.",
        ),
        (
            isinstance(error, errors.RemoteEntryNotFoundError),
            f"there is no such file at this revision. Look for it at {wanted.page}/tree/{wanted.revision}.",
        ),
        (
            isinstance(error, errors.RepositoryNotFoundError),
            f"no such repository, or a private one. Check its name at {wanted.page}; if it is private, {LOG_IN}.",
        ),
        (status in (401, 403), f"the hub refuses access ({status}). If {wanted.page} opens for you, {LOG_IN}."),
        (status > 0, f"the hub at {_endpoint()} answers {status}. Try again later. {wanted.otherwise}"),
        (
            isinstance(error, errors.FileMetadataError),
            f"what answers at {_endpoint()} is no hub. Check HF_ENDPOINT and the proxy. {wanted.otherwise}",
        ),
        (
            isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled),
            f"it is not whole on this machine, and nothing may be downloaded. {wanted.otherwise}",
        ),
        (
            transport and (wrapped or "Connect" in what),
            _unreachable(what, wanted),
        ),
        (
            transport or "Consistency check" in what,
            f"the transfer broke off, and nothing of it was kept. Try again. {wanted.otherwise}",
        ),
        (
            number in (errno.ENOSPC, errno.EDQUOT),
            f"the disk of {_cache()} is full. Make room, or name a folder on another disk with HF_HOME.",
        ),
        (
            number in (errno.EACCES, errno.EPERM, errno.EROFS),
            f"{_cache()} cannot be written. Name a folder of your own with HF_HOME.",
        ),
        (True, f"the hub's client fails ({what}). {wanted.otherwise}"),
    )
    return next(sentence for holds, sentence in cases if holds)
