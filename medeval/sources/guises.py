"""Files that are no rows, whatever they are called: programs, archives and pages are told by name and first bytes."""

from pathlib import Path, PurePosixPath

PROGRAMS = (
    ".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".joblib", ".npy", ".npz", ".h5", ".py", ".pyc", ".ipynb", ".sh",
    ".so", ".dll", ".exe", ".js",
)  # fmt: skip
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar", ".whl")
HEADS = {
    b"PK\x03\x04": "an archive (zip)", b"PK\x05\x06": "an archive (zip)", b"\x1f\x8b": "an archive (gzip)",
    b"BZh": "an archive (bzip2)", b"\xfd7zXZ\x00": "an archive (xz)", b"7z\xbc\xaf\x27\x1c": "an archive (7z)",
    b"Rar!\x1a\x07": "an archive (rar)", b"\x28\xb5\x2f\xfd": "an archive (zstd)",
    b"\x93NUMPY": "an array of NumPy, which may hold a pickle", b"%PDF-": "a PDF",
}  # fmt: skip
PICKLED = tuple([bytes([0x80, protocol]) for protocol in range(2, 6)])
"""How a pickle of protocols 2 to 5 begins; those before are text, and no rows can be read out of them."""
PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<?xml")
HEAD = 512


def unfit(name: str) -> str:
    """Tell why a file of this name is never opened; empty if it may hold rows."""
    ending = PurePosixPath(name.lower()).suffix
    kinds = {"may hold a program, which opening it would run": PROGRAMS, "is an archive": ARCHIVES}
    kind = next((kind for kind, endings in kinds.items() if ending in endings), "")
    said = f"a file that ends in {ending} {kind}, and is refused. Take rows as JSON, CSV or Parquet"
    return f"{said}, unpacked." if kind == "is an archive" else f"{said}." if kind else ""


def disguised(path: Path, *, page: bool = False) -> str:
    """Tell what a file is, by its first bytes, if it holds no rows; `page`: the server says that it is a page."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(PAGES) or (page and text.startswith(b"<")):
        return "a page (HTML), not data"
    if head.startswith(PICKLED):
        return "a pickle, which is a program and is never opened"
    if head[257:262] == b"ustar":
        return "an archive (tar)"
    return next((what for start, what in HEADS.items() if head.startswith(start)), "")
